package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// answer is one object of a subgraph's answer: which JSON key goes to which slot.
type answer struct {
	out    *Selection
	shapes []string  // by field: the type as the subgraph has it, as far as it matters for merging
	below  []*answer // by field
}

// selection is one selection set of a subgraph's document while it grows.
type selection struct {
	subgraph *supergraph.Subgraph
	place    *place
	// static is the type of the selection set; nil for that of _entities.
	static *supergraph.Type
	// types are the run-time types that objects can have here in this subgraph.
	types typeSet
	// opaque: the subgraph sees an interface object and cannot tell the run-time type.
	opaque bool
	// typename: __typename is selected.
	typename bool
	answer   *answer
	items    []*item
	// byField finds an item, inserted those that a step has led to: leaves share most of their way.
	byField  map[fieldOn]*item
	inserted map[step][]*item
	budget   *budget
}

// fieldOn is a field of a selection set, by its slot, under a fragment type.
type fieldOn struct {
	on   *supergraph.Type
	slot int
}

// item is a field of a selection set, for objects that are an on.
type item struct {
	on   *supergraph.Type
	def  *supergraph.Field
	args []supergraph.Argument
	key  string
	slot int
	sub  *selection
}

func (p *planning) newSelection(g *supergraph.Subgraph, at *place, static *supergraph.Type, types typeSet) *selection {
	s := &selection{subgraph: g, place: at, static: static, types: types, answer: newAnswer(at), budget: &p.budget}
	s.look()
	return s
}

func newAnswer(at *place) *answer { return &answer{out: &Selection{Object: at.layout}} }

// look decides what the static type says about the objects.
func (s *selection) look() {
	s.byField, s.inserted = map[fieldOn]*item{}, map[step][]*item{}
	if s.static == nil {
		return
	}
	known := s.static.In[s.subgraph.Index]
	s.opaque = known != nil && known.InterfaceObject
	s.typename = s.place.layout.Typename >= 0 && !s.opaque
	if !s.opaque && known != nil {
		s.types = known.Possible
	}
}

// step is one field on the way to a leaf.
type step struct {
	branch *branch
	way    *way
}

// insert adds the fields of a way, from the selection set of its entry down to the leaf.
func (s *selection) insert(steps []step) {
	first := steps[0]
	if first.branch.use.def.IsTypename() {
		s.typename = true
		return
	}
	items, known := s.inserted[first]
	if !known {
		for _, printed := range s.spell(first.branch.use, first.branch.types.and(first.way.types)) {
			items = append(items, s.item(first.branch, printed))
		}
		s.inserted[first] = items
	}
	s.budget.spend(1 + len(items)/8)
	if len(steps) > 1 {
		for _, it := range items {
			it.sub.insert(steps[1:])
		}
	}
}

// spelling is a fragment type under which a field is selected.
type spelling struct {
	on    *supergraph.Type
	types typeSet
}

// spell finds the shortest way to select a field for objects of the given types and no others: on the static type itself,
// on an interface that the subgraph knows, or on each object type. There is none where the objects here are of other types: those of
// one field below an interface can be of fewer types than those of another.
func (s *selection) spell(u *use, types typeSet) []spelling {
	wanted := types.and(s.types)
	if !s.opaque && len(wanted) == 0 {
		return nil
	}
	if s.opaque || s.static != nil && s.static.Kind == supergraph.Object {
		return []spelling{{on: s.static, types: types}}
	}
	s.budget.spend(len(types) / 2)
	for _, t := range []*supergraph.Type{s.static, u.def.Parent} {
		if t == nil || t.Kind != supergraph.Interface {
			continue
		}
		known := t.In[s.subgraph.Index]
		if known == nil || (view{subgraph: s.subgraph}).fieldOf(t, u.def.Name) == nil || !takes(t.Field(u.def.Name), u.args) {
			continue
		}
		if wanted.equal(s.types.and(known.Possible)) {
			return []spelling{{on: t, types: types}}
		}
	}
	each := make([]spelling, len(wanted))
	for i, t := range wanted {
		each[i] = spelling{on: t, types: wanted[i : i+1]}
	}
	return each
}

// takes tells whether a field has all of the arguments: a type may have more of them than its interface.
func takes(f *supergraph.Field, args []supergraph.Argument) bool {
	return !slices.ContainsFunc(args, func(a supergraph.Argument) bool {
		return f.Arg(a.Name) == nil
	})
}

// item returns the item for a field under a fragment type, made on first use.
func (s *selection) item(b *branch, on spelling) *item {
	u := b.use
	at := fieldOn{on.on, u.slot}
	if it := s.byField[at]; it != nil {
		return it
	}
	s.budget.spend(itemWork)
	def := on.on.Field(u.def.Name)
	in := def.In[s.subgraph.Index]
	it := &item{on: on.on, def: def, args: s.contextArgs(u.args, in), slot: u.slot}
	var below *answer
	it.key, below = s.answer.member(s.place, u, def, in)
	if child := s.place.children[u.slot]; child != nil {
		it.sub = &selection{subgraph: s.subgraph, place: child, static: in.Type.Named, answer: below, budget: s.budget}
		it.sub.look()
	}
	s.items, s.byField[at] = append(s.items, it), it
	return it
}

// itemWork is what a field of a document costs until it is printed. What one interface selects may have to be selected on each of
// its types, and below each of these again.
const itemWork = 20

// member returns the JSON key for a slot, and what lies below it. Fields that GraphQL would not merge get keys of their own.
func (a *answer) member(at *place, u *use, def *supergraph.Field, in *supergraph.FieldIn) (string, *answer) {
	shape := answerShape(in.Type)
	wanted := at.layout.Slots[u.slot].Label()
	for i, f := range a.out.Fields {
		if f.Slot == u.slot && a.shapes[i] == shape {
			return f.Key, a.below[i]
		}
	}
	key := wanted
	for n := 1; key == "__typename" || slices.ContainsFunc(a.out.Fields, func(f *SelectionField) bool { return f.Key == key }); n++ {
		key = fmt.Sprintf("%s_%d", strings.TrimLeft(wanted, "_"), n)
	}
	f := &SelectionField{Key: key, Slot: u.slot, Def: def, Args: u.args}
	var below *answer
	if child := at.children[u.slot]; child != nil {
		below = newAnswer(child)
		f.Sub = below.out
	}
	a.out.Fields = append(a.out.Fields, f)
	a.shapes, a.below = append(a.shapes, shape), append(a.below, below)
	return key, below
}

// answerShape is what two fields must have in common to be one member of an answer (GraphQL section 5.3.2,
// SameResponseShape).
func answerShape(t supergraph.TypeRef) string {
	if !t.Named.IsComposite() {
		return t.String()
	}
	leaf := t.Named.Name
	text := t.String()
	i := strings.Index(text, leaf)
	return text[:i] + text[i+len(leaf):]
}

// finish gives the run-time type its slot in the answers.
func (s *selection) finish() {
	s.items = slices.DeleteFunc(s.items, s.redundant)
	if len(s.items) == 0 {
		s.typename = true
	}
	slot := s.place.layout.Typename
	fields := s.answer.out.Fields
	if s.typename && slot >= 0 && (len(fields) == 0 || fields[0].Key != "__typename") {
		on := s.static // no type need be possible there
		if on == nil {
			on = s.place.types[0]
		}
		typename := &SelectionField{Key: "__typename", Slot: slot, Def: on.Field("__typename")}
		s.answer.out.Fields = slices.Insert(fields, 0, typename)
	}
	for _, it := range s.items {
		if it.sub != nil {
			it.sub.finish()
		}
	}
}

// redundant tells whether a leaf in a fragment is selected on the static type, too.
func (s *selection) redundant(it *item) bool {
	if it.sub != nil || it.on == s.static {
		return false
	}
	o := s.byField[fieldOn{s.static, it.slot}]
	return o != nil && o.key == it.key
}
