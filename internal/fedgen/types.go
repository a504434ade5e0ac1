package fedgen

import (
	"fmt"
	"slices"
	"strings"
)

// leaves makes scalars, enums and inputs.
func (g *generator) leaves() {
	for _, name := range []string{"String", "Int", "ID", "Boolean", "Float", "Date", "Json"} {
		g.scalars = append(g.scalars, g.newType(name, scalar))
	}
	for _, name := range []string{"Color", "Status"}[:g.between(1, 2)] {
		g.enums = append(g.enums, g.enum(name))
	}
	if g.chance(50) {
		g.differences.outputs = []*typ{g.enum("Grade")}
	}
	if g.chance(50) {
		g.differences.inputs = []*typ{g.enum("Mode")}
	}
	for i, name := range []string{"Filter", "Range"}[:g.n(3)] {
		t := g.newType(name, input)
		for j := range g.between(1, 4) {
			f := g.newField(t, fmt.Sprintf("%s%d", []string{"min", "text", "flag", "any"}[j], i), g.argType(), g.argWrap(false))
			if i > 0 && g.chance(30) {
				f.typ, f.wrap = g.inputs[0], "%"
			}
			if g.chance(15) {
				f.wrap += "!"
			}
			if f.typ.kind.leaf() && f.wrap[0] == '%' && g.chance(20) {
				f.wrap += " = " + g.literal(f.typ, f.wrap, 0)
			}
		}
		g.inputs = append(g.inputs, t)
	}
}

func (g *generator) enum(name string) *typ {
	e := g.newType(name, enum)
	for i := range g.between(2, 4) {
		e.values = append(e.values, fmt.Sprintf("%c%d", name[0], i))
	}
	return e
}

func (g *generator) scalar(name string) *typ {
	for _, t := range g.scalars {
		if t.name == name {
			return t
		}
	}
	panic(name)
}

// leaf returns a scalar or an enum type.
func (g *generator) leaf() *typ {
	if g.chance(15) {
		return pick(&g.random, slices.Concat(g.enums, g.differences.outputs))
	}
	return pick(&g.random, g.scalars)
}

// wraps are the ways to put lists and non-null around a type.
var wraps = []string{"%", "%", "%", "%", "%!", "%!", "%!", "[%]", "[%!]", "[%!]!", "[%]!", "[[%]]", "[[%!]!]!"}

func (g *generator) wrap() string { return pick(&g.random, wraps) }

// words are names of fields; types share them, so that one response name can mean different fields.
var words = []string{"name", "title", "size", "count", "flag", "owner", "parts", "next", "state", "note", "rank", "tags", "about", "extra"}

// freeName returns a name that the types do not have yet.
func (g *generator) freeName(types ...*typ) string {
	for i := 0; ; i++ {
		name := pick(&g.random, words)
		if i > 8 {
			name = fmt.Sprintf("%s%d", name, i)
		}
		taken := false
		for _, t := range types {
			taken = taken || t.field(name) != nil
			for _, i := range t.faced {
				taken = taken || i.field(name) != nil
			}
		}
		if !taken {
			return name
		}
	}
}

// values makes object types without keys.
func (g *generator) values() {
	for _, name := range []string{"Money", "Place", "Note", "Size"}[:g.between(1, 4)] {
		t := g.newType(name, value)
		for range g.between(2, 4) {
			ft := g.leaf()
			if len(g.valueTypes) > 0 && g.chance(20) {
				ft = pick(&g.random, g.valueTypes)
			}
			g.addArgs(g.newField(t, g.freeName(t), ft, g.wrap()), 10)
		}
		g.valueTypes = append(g.valueTypes, t)
	}
}

// entities makes object types with keys, and lets values refer to them.
func (g *generator) entities() {
	for _, name := range []string{"User", "Product", "Order", "Review", "Store"}[:g.between(2, 5)] {
		t := g.newType(name, entity)
		t.nullKeys = g.chance(25)
		g.addKey(t)
		for range g.n(3) {
			g.addKey(t)
		}
		g.entityTypes = append(g.entityTypes, t)
	}
	for _, t := range g.valueTypes {
		if g.chance(40) && len(g.keyPaths(t)) == 0 {
			g.newField(t, g.freeName(t), pick(&g.random, g.entityTypes), g.wrap())
		}
	}
	if n := len(g.valueTypes); n > 1 && g.chance(40) {
		g.split(g.valueTypes[n-1])
	}
}

// keyPaths are the nested keys that go through the type.
func (g *generator) keyPaths(t *typ) []*key {
	var list []*key
	for _, e := range g.entityTypes {
		for _, k := range e.keys {
			for _, s := range k.sel {
				if s.field.typ == t {
					list = append(list, k)
				}
			}
		}
	}
	return list
}

// split lets two or three subgraphs have different fields of a value type. What returns it must be resolved by all of them.
func (g *generator) split(t *typ) {
	if len(g.keyPaths(t)) > 0 {
		return
	}
	n := 2
	if len(g.names) > 2 && len(t.fields) > 2 && g.chance(40) {
		n = 3
	}
	sides := some(&g.random, g.indexes(), n)
	t.faces = map[int][]*field{}
	for i, f := range t.fields {
		own := g.n(n)
		if i < n {
			own = i // each side has one of its own
		}
		for side, s := range sides {
			if side == own || i >= n && g.chance(20) {
				t.faces[s] = append(t.faces[s], f)
			}
		}
	}
}

// indexes are those of all subgraphs.
func (g *generator) indexes() []int {
	list := make([]int, len(g.names))
	for i := range list {
		list[i] = i
	}
	return list
}

// addKey gives the entity one more candidate for a key.
func (g *generator) addKey(t *typ) {
	leaf := func() *selected { return &selected{field: g.keyField(t)} }
	switch n := g.n(10); {
	case n < 5 || len(t.keys) == 0 && n < 7:
		t.keys = append(t.keys, &key{sel: selection{leaf()}})
	case n < 8:
		t.keys = append(t.keys, &key{sel: selection{leaf(), leaf()}})
	default:
		sel := selection{g.nestedKey(t)}
		if g.chance(50) {
			sel = append(sel, leaf())
		}
		t.keys = append(t.keys, &key{sel: sel})
	}
}

// keyTypes are the types of the leaves of keys.
var keyTypes = []string{"ID", "ID", "ID", "ID", "String", "String", "Int", "Int", "Float", "Date"}

// keyField makes a leaf field for a key.
func (g *generator) keyField(t *typ) *field {
	names := []string{"id", "sku", "code", "zone", "serial", "batch", "slot", "mark"}
	wrap := "%!"
	if t.nullKeys {
		wrap = "%"
	}
	for _, name := range names {
		if t.field(name) == nil {
			return g.newField(t, name, g.scalar(pick(&g.random, keyTypes)), wrap)
		}
	}
	return g.newField(t, g.freeName(t), g.scalar("ID"), wrap)
}

// nestedKey makes a composite field for a key, of a value type or of another entity. Of what subgraphs know in part it is a leaf.
func (g *generator) nestedKey(t *typ) *selected {
	wrap := pick(&g.random, []string{"%!", "%!", "[%!]!", "%!", "%!", "[%!]!", "[[%!]!]!"})
	if t.nullKeys && g.chance(50) {
		wrap = strings.TrimSuffix(wrap, "!")
	}
	if len(g.entityTypes) > 0 && g.chance(60) {
		other := pick(&g.random, g.entityTypes)
		return &selected{field: g.newField(t, g.freeName(t), other, wrap), sub: pick(&g.random, other.keys).sel}
	}
	v := pick(&g.random, g.valueTypes)
	if v.faces != nil {
		return &selected{field: g.keyField(t)}
	}
	sel := selection{g.innerKey(v, "ref")}
	if g.chance(30) {
		sel = append(sel, g.innerKey(v, "lot"))
	}
	return &selected{field: g.newField(t, g.freeName(t), v, wrap), sub: sel}
}

// innerKey selects a field of a value type in a key: all that know a value know all of it.
func (g *generator) innerKey(v *typ, name string) *selected {
	inner := v.field(name)
	if inner == nil {
		inner = g.newField(v, name, g.scalar("ID"), "%!")
		for s, in := range v.in {
			if in != nil {
				g.own(s, inner)
			}
		}
	}
	return &selected{field: inner}
}
