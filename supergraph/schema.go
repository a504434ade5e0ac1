// Package supergraph is what the graph offers: it reads a composed Federation 2 supergraph (SDL with join and
// link directives) into a Schema. It is the only door for SDL: no other package sees a schema document.
//
// A Schema and everything it points to is read-only once Parse has returned it, and safe for concurrent use.
package supergraph

import "slices"

// SubgraphName is the name of a subgraph as composition knows it: the name argument of @join__graph.
type SubgraphName string

// Coordinate names a type ("User") or a field ("User.email") of the supergraph.
type Coordinate string

// Schema is a loaded supergraph.
type Schema struct {
	// Subgraphs in the order of the join__Graph enum; Subgraphs[i].Index == i.
	Subgraphs []*Subgraph
	// Introspection is the subgraph that does not exist: it owns __schema, __type and the types below them, so that
	// planning needs no special case for them; the query type has a TypeIn for it, too. It is not in Subgraphs; its
	// Index is len(Subgraphs).
	Introspection *Subgraph
	// Types are all types but the introspection types, sorted by name; inaccessible ones and the built-in scalars
	// included, federation machinery (join__*, link__*) left out.
	Types []*Type
	// Query is never nil; Mutation and Subscription are nil when the graph has none.
	Query, Mutation, Subscription *Type
	// Directives are the directives that clients see, sorted by name: GraphQL's own (skip, include, deprecated,
	// specifiedBy, oneOf) and executable ones that the supergraph defines.
	Directives []*Directive
	// Trusts are the sets of doubts to plan with, from the empty one on: as few kinds of doubtful fields as possible are to be
	// trusted. See FieldIn.Doubt.
	Trusts []uint8
	// API is the SDL that clients see: no federation machinery, nothing inaccessible.
	API string
	// Description is that of the schema definition.
	Description string
	// Hash is the SHA-256 of the supergraph's text.
	Hash [32]byte

	byName map[string]*Type
}

// Type returns the type of that name, introspection types included, or nil.
func (s *Schema) Type(name string) *Type { return s.byName[name] }

// Subgraph is one service of the graph.
type Subgraph struct {
	Index int
	Name  SubgraphName
	// Enum is the value that stands for the subgraph in join directives (PRODUCTS).
	Enum string
	// URL is the routing URL of the supergraph; it may be empty, configuration then has to give one.
	URL string
}

// Kind is the kind of a type.
type Kind uint8

// The kinds of types.
const (
	Scalar Kind = iota
	Object
	Interface
	Union
	Enum
	InputObject
)

// Type is a named type of the supergraph.
type Type struct {
	Name        string
	Kind        Kind
	Description string
	// Fields of an object or interface type, in the order of the SDL. __typename, __schema and __type are not among
	// them; Field finds these too.
	Fields []*Field
	// Interfaces that an object or interface type implements in the supergraph, transitive ones included, by name.
	Interfaces []*Type
	// Possible are the object types that a value may have at run time, sorted by name, inaccessible ones included: the
	// type itself for an object type, implementations, union members; empty for other kinds.
	Possible []*Type
	// EnumValues of an enum type, InputFields of an input object type.
	EnumValues  []*EnumValue
	InputFields []*InputValue
	// In says, by Subgraph.Index, what the subgraph knows of the type; nil where it does not know it.
	// The slice has one element more than Schema.Subgraphs, for Schema.Introspection.
	In []*TypeIn
	// Inaccessible types are hidden from clients but not from the planner.
	Inaccessible bool
	// Introspection marks __Schema and the types below it.
	Introspection bool
	// Rule is what @authenticated, @requiresScopes and @policy on the type demand; nil without them.
	Rule *Rule
	// OneOf marks an input object with @oneOf. SpecifiedBy is the URL of @specifiedBy on a scalar.
	OneOf       bool
	SpecifiedBy string
	// Order is the type's place among all types by name, for sets that are sorted as Possible is. It is not 0.
	Order int

	fields map[string]*Field
}

// Field returns the field of that name, the meta fields __typename, __schema and __type included where they exist, or nil.
func (t *Type) Field(name string) *Field { return t.fields[name] }

// IsKnown tells whether a subgraph knows the type: all know the built-in scalars.
func (t *Type) IsKnown(g *Subgraph) bool { return builtInScalars[t.Name] || t.In[g.Index] != nil }

// IsComposite tells whether values of the type have selections: object, interface and union types.
func (t *Type) IsComposite() bool { return t.Kind == Object || t.Kind == Interface || t.Kind == Union }

// Has tells whether values of the type can be objects of that type.
func (t *Type) Has(object *Type) bool {
	i, found := slices.BinarySearchFunc(t.Possible, object.Order, func(p *Type, order int) int { return p.Order - order })
	return found && t.Possible[i] == object
}

// Implies tells whether every value of the type is one of type of by declaration: the same type, an interface that it
// implements, or a union that it is a member of.
func (t *Type) Implies(of *Type) bool {
	return t == of || slices.Contains(t.Interfaces, of) || of.Kind == Union && t.Kind == Object && of.Has(t)
}

// IsAbstract tells whether the type is an interface or a union.
func (t *Type) IsAbstract() bool { return t.Kind == Interface || t.Kind == Union }

// TypeIn is what one subgraph knows of a type.
type TypeIn struct {
	Subgraph *Subgraph
	Type     *Type
	// Keys by which the subgraph knows entities of the type, in the order of the SDL.
	Keys []*Key
	// InterfaceObject: the subgraph sees this interface as an object type (@interfaceObject).
	InterfaceObject bool
	// Implements are the interfaces of an object or interface type in this subgraph, by name.
	Implements []*Type
	// Possible are the object types a value of the type can have in an answer of this subgraph, sorted by name. For an
	// interface object it is empty: the subgraph does not know the real types.
	Possible []*Type
	// Contexts are the names of @context on the type in this subgraph.
	Contexts []string
}

// Key is one @key of a type in one subgraph.
type Key struct {
	Fields FieldSet
	// Resolvable: the subgraph answers _entities for this key. Otherwise it only has the fields.
	Resolvable bool
}

// Field is a field of an object or interface type.
type Field struct {
	Name        string
	Parent      *Type
	Type        TypeRef
	Args        []*InputValue
	Description string
	Deprecated  *string // the reason, nil when not deprecated
	// In says, by Subgraph.Index, how the subgraph knows the field; nil where it does not.
	// The slice has one element more than Schema.Subgraphs, for Schema.Introspection. __typename is in no subgraph.
	In           []*FieldIn
	Inaccessible bool
	Rule         *Rule
}

// Coordinate returns "Type.field".
func (f *Field) Coordinate() Coordinate { return Coordinate(f.Parent.Name + "." + f.Name) }

// IsTypename tells whether the field is the meta field __typename.
func (f *Field) IsTypename() bool { return f.Name == "__typename" }

// Arg returns the argument of that name, or nil.
func (f *Field) Arg(name string) *InputValue {
	for _, a := range f.Args {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// FieldIn is how one subgraph knows a field.
type FieldIn struct {
	Subgraph *Subgraph
	// Type in this subgraph; it may differ from the supergraph's in nullability and, for abstract types, be narrower.
	Type TypeRef
	// External: the subgraph does not resolve the field, save where a @provides says so. Key fields that only Federation 1
	// made external are resolved normally and have External false. A field that @override took away and that the
	// subgraph still uses in keys or requirements (usedOverridden) is external too.
	External bool
	// Doubt says why External is to be doubted, since composers leave things out, and add some: a bit for the reason; 0 without.
	Doubt uint8
	// Requires must be in the representation before the subgraph can resolve the field; Provides is what it resolves
	// below this field although external. Both empty as a rule.
	Requires, Provides FieldSet
	// OverrideFrom is the subgraph the field is taken from, "" without @override (an unknown subgraph counts as none).
	// With a label the override holds only for requests for which the label is on; without one the loader has already
	// removed the field from the other subgraph.
	OverrideFrom  SubgraphName
	OverrideLabel string
	// OverriddenBy is set on the losing side of a labelled override: when that label is on, this subgraph does not
	// resolve the field.
	OverriddenBy string
	// ContextArgs are the arguments that @fromContext fills.
	ContextArgs []ContextArg
}

// ContextArg is an argument of a subgraph's field that @fromContext fills; clients do not see it.
type ContextArg struct {
	Context, Name, Type string
	// Selection is the selection on the type that sets the context, as text with its braces.
	Selection string
	// From are the types that set the context in the subgraph, with the selection on each. The selection leads to one leaf
	// for objects of a type; it may do so by fragments.
	From []ContextSource
}

// ContextSource is a type that sets a context, with what is selected on it.
type ContextSource struct {
	Type   *Type
	Fields FieldSet
}

// FieldSet is a parsed selection of a federation directive: of a key, @requires or @provides.
type FieldSet struct {
	// Text is the canonical form: one space between names, as given otherwise. "" for the empty set.
	Text       string
	Selections []FieldSelection
}

// Empty tells whether nothing is selected.
func (s FieldSet) Empty() bool { return len(s.Selections) == 0 }

// FieldSelection is one selection of a FieldSet: a field, or, when Field is nil, an inline fragment on On.
type FieldSelection struct {
	Field *Field
	Args  []Argument
	On    *Type
	Sub   []FieldSelection
}

// Argument is an argument with its value as canonical GraphQL text.
type Argument struct {
	Name string
	// Value is the printed value: one space after commas and colons, none elsewhere; block strings as plain strings.
	Value string
	// Variables are those in Value, each once, in order.
	Variables []VariableUse
}

// VariableUse is a variable in the value of an argument.
type VariableUse struct {
	// Name is its name without $.
	Name string
	// Inside is the custom scalar inside whose value the variable stands: there it may be of any type, of one that the subgraph does
	// not know, too. Nil where it stands in a place that has a type.
	Inside *Type
}

// TypeRef is a type with its list and non-null wrappers.
type TypeRef struct {
	// Named is the innermost type; never nil in a loaded schema.
	Named *Type
	// Elem is the element type of a list; nil when this is not a list.
	Elem *TypeRef
	// NonNull says so of the outermost type.
	NonNull bool
}

// String prints the reference as GraphQL does: [Product!]!.
func (r TypeRef) String() string {
	text := ""
	switch {
	case r.Elem != nil:
		text = "[" + r.Elem.String() + "]"
	case r.Named != nil:
		text = r.Named.Name
	}
	if r.NonNull {
		text += "!"
	}
	return text
}

// InputValue is an argument or an input field.
type InputValue struct {
	Name        string
	Type        TypeRef
	Description string
	// Default is the default value as GraphQL text, nil without one.
	Default      *string
	Deprecated   *string
	Inaccessible bool
}

// EnumValue is a value of an enum type.
type EnumValue struct {
	Name         string
	Description  string
	Deprecated   *string
	Inaccessible bool
	// In are the subgraphs that know the value.
	In []*Subgraph
}

// Directive is the definition of a directive that clients see.
type Directive struct {
	Name        string
	Description string
	Args        []*InputValue
	Locations   []string
	Repeatable  bool
}

// Rule is what the auth directives on one element demand; all parts that are present must hold.
type Rule struct {
	// Authenticated: the caller must be authenticated. Scopes imply it, Policies do not.
	Authenticated bool
	// Scopes and Policies are disjunctions of conjunctions; nil without the directive. An empty list, or an empty inner
	// list, is satisfied by nobody.
	Scopes, Policies [][]string
}
