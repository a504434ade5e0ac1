package planner

import (
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Plan is a fetch graph: what to ask which subgraph, in which order, and where the answers go. It is read-only and safe
// for concurrent use.
type Plan struct {
	Kind operation.Kind
	// Root is the layout of the response's data.
	Root *Object
	// Fetches in an order in which every fetch stands behind those it needs; Fetches[i].ID == i+1.
	Fetches []*Fetch
	// Op is what was planned.
	Op operation.Permitted
}

// Object is the layout of the objects at one position of the response: every value that any fetch brings there, or that
// the client reads there, has a slot, whatever the run-time type of the object.
type Object struct {
	// Types are the object types that objects here can have at run time, sorted by name.
	Types []*supergraph.Type
	// Visible are those of Types that the client may see; an object of another type is null for the client. Below objects of
	// some types it may see fewer of them (Slot.Visible).
	// It is the same slice as Types as a rule.
	Visible []*supergraph.Type
	// Typename is the index of the slot that tells the run-time type, or -1 when there is exactly one type.
	Typename int
	Slots    []*Slot
}

// Slot is the place of one value in an object.
type Slot struct {
	// Key is the client's response key, "" for a slot that only the plan reads.
	Key operation.ResponseKey
	// Name is the field's name, Args its arguments as canonical text, "" without any.
	Name, Args string
	// Type is the field's type in the supergraph (of the first of the fields that share the slot: they agree in list
	// depth and, for leaves, in the named type).
	Type supergraph.TypeRef
	// Object is the layout below; nil for leaves.
	Object *Object
	// Narrower has the types of objects of which the client may see fewer types in this slot than Object.Visible, with
	// those that it may see; nil as a rule.
	Narrower map[*supergraph.Type][]*supergraph.Type
	// Hides has the types of objects below which an object in this slot can be of a type that the client may not see. Of others, what
	// Object.Types has more than Visible cannot be there.
	Hides map[*supergraph.Type]bool
}

// Visible are the types of objects in the slot that the client may see below an object of the given type.
func (s *Slot) Visible(above *supergraph.Type) []*supergraph.Type {
	if types, ok := s.Narrower[above]; ok {
		return types
	}
	return s.Object.Visible
}

// Label names the slot in paths: the response key, or the field's name.
func (s *Slot) Label() string {
	if s.Key != "" {
		return string(s.Key)
	}
	return s.Name
}

// Fetch is one request to one subgraph.
type Fetch struct {
	ID       int
	Subgraph *supergraph.Subgraph
	// Needs are the IDs of the fetches that must be done before, ascending.
	Needs []int
	Kind  operation.Kind
	// Document is the exact text that the subgraph gets.
	Document string
	// Variables are the client's variables that the document uses, as indexes into Operation.Variables, and Definitions what it
	// says of each: $first:Int=5.
	Variables   []int
	Definitions []string
	// Root is what a fetch of root fields brings, and Path where its data goes: the steps from the response's root to
	// the objects it belongs to; empty for the response itself. Root is nil for an entity fetch.
	Root *Selection
	Path []Step
	// Entities are the entity lookups of an entity fetch, each with its own alias and variable.
	Entities []*Lookup
}

// Lookup is one _entities field of a fetch. Where a subgraph is asked the same about the objects of several places, these
// share a lookup, so that an entity that stands at more than one of them is asked for once.
type Lookup struct {
	// Alias is the response key of the _entities field, Variable the name of its variable.
	Alias, Variable string
	// Targets are the places; the answers to the representations of each go to that place.
	Targets []*Target
	// Contexts are its variables that are filled from above, nil as a rule. Where objects have different values the lookup is
	// made once for each, under an alias and with variables of its own. The document of the fetch has it once.
	Contexts []*Context
	// Text is, in a fetch with contexts, the selection behind _entities(...), cut where their variables stand; Between says
	// which ones, and Variables, as those of a fetch, which of the client's it uses.
	Text      []string
	Between   []int
	Variables []int
}

// Step leads from an object to what lies in one of its slots.
type Step struct {
	Slot int
	// Types are the run-time types of the objects from which this step is taken; nil for all.
	Types []*supergraph.Type
}

// Target is a place of objects that are looked up.
type Target struct {
	// Path are the steps from the response's root to these objects; lists on the way are walked.
	Path []Step
	// Object is the layout of these objects.
	Object *Object
	// Representations say how an object is described to the subgraph, by its run-time type: the first whose Types has
	// it. An object of a type that none has is not looked up.
	Representations []*Representation
	// Selection is what an answer has for them. The keys are those of the other targets; the slots are this place's own.
	Selection *Selection
	// Contexts are the sources of each of the lookup's contexts, the nearest first. Where no object that sets the context
	// lies above, the value is null.
	Contexts [][]*ContextSource
}

// Representation is a template for the representation of an object.
type Representation struct {
	// Types of objects it describes.
	Types []*supergraph.Type
	// Typename is the __typename to send.
	Typename string
	Fields   []*RepresentationField
}

// RepresentationField is one member of a representation, or of an object within one.
type RepresentationField struct {
	// Name in the representation.
	Name string
	// Slot to read in the object.
	Slot int
	// Types of objects that have the member; nil for all.
	Types []*supergraph.Type
	// Object is the layout below and Fields its members; both nil for leaves. A member named __typename reads the
	// run-time type and has Slot -1 where that is static.
	Object *Object
	Fields []*RepresentationField
	// Key marks members without which the representation is not sent: one that is missing or null drops the object.
	// Required fields (of @requires) may be null.
	Key bool
}

// Selection says what an answer has at one object, and into which slots it goes.
type Selection struct {
	Object *Object
	// Fields in the order of the document. No two of them have the same Key.
	Fields []*SelectionField
}

// SelectionField is one member of an object of an answer.
type SelectionField struct {
	// Key in the answer.
	Key string
	// Slot in Selection.Object.
	Slot int
	// Sub is what lies below; nil for leaves.
	Sub *Selection
	// Def and Args are the field that is asked; the introspection fetch is answered from them.
	Def  *supergraph.Field
	Args []supergraph.Argument
}

// Slot returns the index of the slot that holds a field of the operation, or -1: __typename has none of its own, nor has a
// field of types that cannot occur here.
func (o *Object) Slot(f *operation.Field) int {
	if f.Def.IsTypename() {
		return -1
	}
	return o.slot(f.Def, argsText(f.Args), func(key operation.ResponseKey) bool { return key == f.Key })
}

// Context is a variable of a lookup that is filled from what lies above the objects (@fromContext).
type Context struct {
	// Variable is its name, Type its type as GraphQL text; it is nullable.
	Variable, Type string
}

// ContextSource is a place where the value of a Context may come from.
type ContextSource struct {
	// Up is how many steps of the target's path lead from the root to the objects that set the context.
	Up int
	// Types are the run-time types of the objects that set it; nil for all.
	Types []*supergraph.Type
	// Object is the layout of these objects, and Fields lead to the value: of those that an object has, the first.
	Object *Object
	Fields []*RepresentationField
}
