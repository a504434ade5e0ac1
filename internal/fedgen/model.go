package fedgen

import (
	"slices"
	"strings"
)

// kind is what a type is to the generator.
type kind uint8

const (
	scalar kind = iota
	enum
	input
	value  // an object type without keys
	entity // an object type with keys
	iface
	union
	root
)

func (k kind) leaf() bool     { return k == scalar || k == enum }
func (k kind) abstract() bool { return k == iface || k == union }

// typ is a type of the uncut schema.
type typ struct {
	name   string
	kind   kind
	fields []*field
	// values of an enum.
	values []string
	// keys by which subgraphs may know an entity.
	keys []*key
	// members of a union, implementations of an interface.
	members []*typ
	// in says, by subgraph, how the subgraph knows the type; nil where it does not.
	in []*typeIn
	// core are the keys by which subgraphs can be asked, each with its subgraph. Whoever knows one of these keys can reach them all.
	core []coreKey
	// faces are the fields that a subgraph has of a split value type; nil when every subgraph has all of them.
	faces map[int][]*field
	// hub is the subgraph that has a key of the interface itself, -1 when none has; opaque are the subgraphs to which the
	// interface is an object (@interfaceObject), and that therefore know none of its members.
	hub    int
	opaque map[int]bool
	// nullKeys: the leaves of its keys may be null.
	nullKeys bool
	hidden   bool // @inaccessible
	// hiddenValue of an enum is @inaccessible; "" without one.
	hiddenValue string
	// faced are the interfaces of an object type that have a hub.
	faced []*typ
}

func (t *typ) field(name string) *field {
	for _, f := range t.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// commonFields are the fields of an interface that its members have, too: not its key, and not what subgraphs add to
// which it is an object. There is at least one.
func (t *typ) commonFields() []*field {
	var list []*field
	for _, f := range t.fields {
		if f.common {
			list = append(list, f)
		}
	}
	return list
}

// knownWhole tells whether the subgraph knows every object of the type: else it could not provide what others resolve.
func (t *typ) knownWhole(s int) bool {
	return !t.kind.abstract() || t.opaque[s] || len(t.in[s].members) == len(t.members)
}

// isAlone tells whether no other subgraph knows the type.
func (t *typ) isAlone(s int) bool {
	for other, in := range t.in {
		if in != nil && other != s {
			return false
		}
	}
	return true
}

// key is a candidate. One through an interface is only for subgraphs to which the interface is an object: elsewhere composition
// takes no interface in a key.
type key struct {
	sel     selection
	through *typ
}

type coreKey struct {
	subgraph int
	key      *key
}

// typeIn is how a subgraph knows a type.
type typeIn struct {
	keys     []*keyIn
	members  []*typ
	contexts []string // that the type sets
	supers   []*typ   // that an interface implements
	form     form
}

// isSimple tells whether there is one key, of one leaf.
func (in *typeIn) isSimple() bool {
	return len(in.keys) == 1 && len(in.keys[0].key.sel) == 1 && len(in.keys[0].key.sel[0].sub) == 0
}

type keyIn struct {
	key        *key
	resolvable bool
	words      wording
}

// field is a field of the uncut schema, or an input field.
type field struct {
	name string
	of   *typ
	typ  *typ
	wrap string // with a %, for the name of the type
	args []*arg
	in   []*fieldIn
	// common marks a field of an object type that an interface has, too.
	common bool
	hidden bool // @inaccessible
}

// fieldIn is how a subgraph knows a field.
type fieldIn struct {
	role      role
	shareable bool
	requires  selection
	words     wording // of what it requires
	provides  selection
	override  string
	label     string // of the override
	nullable  nulls
	narrow    *typ // what the field is of here, nil where it is of its type
}

// nulls says what may be null in one subgraph, although it is not in others.
type nulls uint8

const (
	nullValue nulls = 1 << iota
	nullItems       // of a list
)

// role says whether a subgraph that declares a field answers it.
type role uint8

const (
	resolved role = iota
	external
	overridden // another subgraph took the field
)

// resolves tells whether the subgraph answers the field.
func (f *field) resolves(s int) bool {
	return f.in[s] != nil && f.in[s].role == resolved
}

// owners are the subgraphs that answer the field.
func (f *field) owners() []int {
	var list []int
	for s := range f.in {
		if f.resolves(s) {
			list = append(list, s)
		}
	}
	return list
}

// declaredIn are the subgraphs that declare the field.
func (f *field) declaredIn() []int {
	var list []int
	for s, in := range f.in {
		if in != nil {
			list = append(list, s)
		}
	}
	return list
}

// everywhere tells whether every subgraph defines the field.
func (f *field) everywhere() bool {
	return !slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in == nil })
}

// overlaps tells whether some type of values is known to all subgraphs that resolve the field.
func (f *field) overlaps() bool {
	if !f.typ.kind.abstract() {
		return true
	}
	for _, m := range f.typ.members {
		known := true
		for _, s := range f.owners() {
			known = known && (f.typ.opaque[s] || slices.Contains(f.typ.in[s].members, m))
		}
		if known {
			return true
		}
	}
	return false
}

// isProvidable tells whether a subgraph may provide the field: one that no override moved.
func (f *field) isProvidable(s int) bool {
	for _, o := range f.owners() {
		if f.in[o].override != "" {
			return false
		}
	}
	return f.in[s] == nil || f.in[s].role == external
}

// isKey tells whether the field is part of a key of its type.
func (f *field) isKey() bool {
	for _, k := range f.of.keys {
		for _, s := range k.sel {
			if s.field == f {
				return true
			}
		}
	}
	return false
}

// isKeyIn tells whether the field is part of a key in a subgraph, and so may be resolved by others without saying so.
func (f *field) isKeyIn(s int) bool {
	if f.of.in[s] == nil {
		return false
	}
	for _, k := range f.of.in[s].keys {
		for _, e := range k.key.sel {
			if e.field == f {
				return true
			}
		}
	}
	return false
}

// typeText is the type of the field as a subgraph says it. Where it does not resolve the field, that is as nullable as any says.
func (f *field) typeText(s int) string {
	text := strings.Replace(f.wrap, "%", f.at(s).name, 1)
	for other, in := range f.in {
		if in == nil || other != s && (f.in[s] == nil || f.in[s].role == resolved) {
			continue
		}
		if in.nullable&nullValue != 0 {
			text = strings.TrimSuffix(text, "!")
		}
		if in.nullable&nullItems != 0 {
			text = strings.Replace(text, "!]", "]", 1)
		}
	}
	return text
}

// arg is an argument; def is its default, "" without one.
type arg struct {
	name, def string
	typ       *typ
	wrap      string
	hidden    bool // @inaccessible
	// context is where the value comes from; nil when clients give it.
	context *contextual
}

// selection is what a key, @requires or @provides selects.
type selection []*selected

// selected is a field, or, without one, a fragment.
type selected struct {
	field *field
	args  string
	on    *typ
	sub   selection
}

func (s selection) String() string {
	parts := make([]string, len(s))
	for i, e := range s {
		if e.field != nil {
			parts[i] = e.field.name + e.args
		} else {
			parts[i] = "... on " + e.on.name
		}
		if len(e.sub) > 0 {
			parts[i] += " { " + e.sub.String() + " }"
		}
	}
	return strings.Join(parts, " ")
}

// fields are all fields of a selection, of an interface those of its members.
func (s selection) fields() []*field {
	var list []*field
	for _, e := range s {
		if e.field != nil {
			list = append(list, e.field)
			if e.field.of.kind.abstract() {
				for _, m := range e.field.of.members {
					if f := m.field(e.field.name); f != nil {
						list = append(list, f)
					}
				}
			}
		}
		list = append(list, e.sub.fields()...)
	}
	return list
}

// generator holds what has been generated.
type generator struct {
	random
	names []string // of the subgraphs
	old   []bool   // those of Federation 1
	query *typ
	// types by kind, in the order in which they came to be.
	scalars, enums, inputs, valueTypes, entityTypes, abstractTypes []*typ
	mutation                                                       *typ
	// above are the interfaces that interfaces implement in some subgraphs.
	above       map[*typ]*typ
	targets     []contextTarget
	differences differences
	// plain is on while only fields without arguments may be selected.
	plain bool
}

func newGenerator(seed uint64) *generator {
	// The seed is scrambled: seeds of which the numbers are the same, one step apart, would soon make the same federations.
	g := &generator{random: random{state: (&random{seed}).next()}}
	n := pick(&g.random, []int{2, 2, 3, 3, 3, 4, 4, 5, 6})
	g.names = []string{"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}[:n]
	g.above = map[*typ]*typ{}
	g.age()
	g.query = g.newType("Query", root)
	for s := range g.names {
		g.query.in[s] = &typeIn{}
	}
	return g
}

func (g *generator) newType(name string, k kind) *typ {
	return &typ{name: name, kind: k, in: make([]*typeIn, len(g.names)), hub: -1}
}

func (g *generator) newField(of *typ, name string, t *typ, wrap string) *field {
	f := &field{name: name, of: of, typ: t, wrap: wrap, in: make([]*fieldIn, len(g.names))}
	of.fields = append(of.fields, f)
	return f
}

// objects are all object types.
func (g *generator) objects() []*typ {
	list := append([]*typ{g.query}, g.entityTypes...)
	list = append(list, g.valueTypes...)
	if g.mutation != nil {
		list = append(list, g.mutation)
	}
	return list
}

// composites are all types that have fields, or members.
func (g *generator) composites() []*typ { return append(g.objects(), g.abstractTypes...) }

// subgraphFor returns one at random that may own the field, -1 when none may.
func (g *generator) subgraphFor(f *field) int {
	var list []int
	for s := range g.names {
		if g.mayOwn(s, f) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return pick(&g.random, list)
}
