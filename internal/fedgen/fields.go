package fedgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// output returns a type for a field of an entity or of a root.
func (g *generator) output() *typ {
	switch n := g.n(100); {
	case n < 50:
		return g.leaf()
	case n < 66:
		return pick(&g.random, g.valueTypes)
	case n < 85 || len(g.abstractTypes) == 0:
		return pick(&g.random, g.entityTypes)
	default:
		return pick(&g.random, g.abstractTypes)
	}
}

// grow gives entities their fields.
func (g *generator) grow() {
	for _, t := range g.entityTypes {
		for range g.between(2, 6) {
			f := g.newField(t, g.freeName(t), g.output(), g.wrap())
			g.addArgs(f, 20)
			g.place(f)
		}
	}
}

// place chooses the owners of a field.
func (g *generator) place(f *field) {
	if f.typ.faces != nil {
		owners := slices.DeleteFunc(g.indexes(), func(s int) bool { return f.typ.faces[s] == nil })
		if !slices.ContainsFunc(owners, func(s int) bool { return !g.mayOwn(s, f) }) {
			for _, s := range owners {
				g.own(s, f)
			}
			return
		}
		f.typ = g.leaf()
	}
	if g.narrow(f) || g.mix(f) {
		return
	}
	if g.subgraphFor(f) < 0 {
		f.typ = g.leaf()
	}
	s := g.subgraphFor(f)
	if s < 0 { // no subgraph may know the type that has it
		return
	}
	g.own(s, f)
	for g.chance(20) && (!f.typ.kind.abstract() || g.chance(50)) {
		s := g.subgraphFor(f)
		if f.in[s] != nil {
			continue
		}
		g.own(s, f)
		if !f.overlaps() {
			f.in[s] = nil
			break
		}
	}
	if owners := f.owners(); len(owners) > 1 && strings.HasSuffix(f.wrap, "!") && g.chance(40) {
		f.in[pick(&g.random, owners)].nullable = nullValue
	}
}

// roots makes the fields of Query, and maybe of Mutation. No field leads back to Query: The Guild's composer finds no way from there to
// the root fields of other subgraphs.
func (g *generator) roots() {
	types := append(append([]*typ{}, g.entityTypes...), g.abstractTypes...)
	for _, t := range types {
		if g.chance(80) {
			g.addRoot(g.query, t)
		}
	}
	for range g.between(1, 4) {
		g.addRoot(g.query, g.output())
	}
	if !g.chance(30) {
		return
	}
	g.mutation = g.newType("Mutation", root)
	for range g.between(1, 4) {
		if t := g.output(); t.faces == nil { // a mutation goes to one subgraph
			g.addRoot(g.mutation, t)
		}
	}
}

func (g *generator) addRoot(of, t *typ) {
	name := strings.ToLower(t.name[:1]) + t.name[1:]
	if of != g.query {
		name = "set" + t.name
	}
	for i := 2; of.field(name) != nil; i++ {
		name = fmt.Sprintf("%s%d", strings.TrimRight(name, "0123456789"), i)
	}
	f := g.newField(of, name, t, g.wrap())
	g.addArgs(f, 30)
	g.place(f)
}

// addArgs gives a field arguments, with a probability in percent.
func (g *generator) addArgs(f *field, percent int) {
	for i := 0; i < 2 && g.chance(percent); i++ {
		a := &arg{name: []string{"by", "of"}[i], typ: g.argType(), wrap: g.argWrap(true)}
		if len(g.inputs) > 0 && g.chance(30) {
			a.typ = pick(&g.random, g.inputs)
		}
		if g.chance(25) {
			a.def = g.literal(a.typ, a.wrap, 0)
		}
		f.args = append(f.args, a)
	}
}

func (g *generator) argType() *typ {
	if g.chance(20) {
		return pick(&g.random, slices.Concat(g.enums, g.differences.inputs))
	}
	return g.scalar(pick(&g.random, []string{"Int", "String", "Boolean", "ID", "Float", "Date", "Json"}))
}

func (g *generator) argWrap(required bool) string {
	if required && g.chance(15) {
		return "%!"
	}
	return pick(&g.random, []string{"%", "%", "%", "[%]", "[%!]"})
}

// literal returns a value as GraphQL text.
func (g *generator) literal(t *typ, wrap string, depth int) string {
	wrap, _, _ = strings.Cut(wrap, " = ")
	if !strings.HasSuffix(wrap, "!") && g.chance(6) {
		return "null"
	}
	if inner, ok := strings.CutPrefix(wrap, "["); ok {
		inner = inner[:strings.LastIndex(inner, "]")]
		items := make([]string, g.n(3))
		for i := range items {
			items[i] = g.literal(t, inner, depth)
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	switch t.kind {
	case enum:
		return pick(&g.random, t.values)
	case input:
		var members []string
		for _, f := range t.fields {
			if f.hidden {
				continue
			}
			if strings.HasSuffix(f.wrap, "!") || g.chance(50) && depth < 2 {
				members = append(members, f.name+": "+g.literal(f.typ, f.wrap, depth+1))
			}
		}
		return "{" + strings.Join(members, ", ") + "}"
	default:
		return g.scalarLiteral(t.name)
	}
}

func (g *generator) scalarLiteral(name string) string {
	switch name {
	case "Int":
		return strconv.Itoa(g.n(10))
	case "Float":
		return fmt.Sprintf("%d.5", g.n(10))
	case "Boolean":
		return pick(&g.random, []string{"true", "false"})
	case "Json":
		return pick(&g.random, []string{`{a: [1, "x"], b: null}`, `{}`, `[true, {c: 0.5}]`, `"text"`, `7`})
	default:
		return fmt.Sprintf("%q", pick(&g.random, []string{"a", "b", "c d", `d"e`, `ü\{`}))
	}
}
