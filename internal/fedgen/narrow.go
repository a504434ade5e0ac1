package fedgen

import "strings"

// narrow places a field that one subgraph says is of an interface or union, and others say is an object of one of its
// types; these may not know the interface at all. It tells whether it did: most fields are the same everywhere. Of root fields
// the composer does not write the types that subgraphs say.
func (g *generator) narrow(f *field) bool {
	if f.of.kind != entity || !f.typ.kind.abstract() || !g.chance(35) {
		return false
	}
	wide := g.n(len(g.names))
	if !g.mayOwn(wide, f) || f.typ.opaque[wide] { // an object is not narrower than what is an object, too
		return false
	}
	g.know(wide, f.typ)
	m := g.narrower(wide, f)
	if m == nil {
		return false
	}
	var narrow []int
	for s, name := range g.names {
		if name > g.names[wide] && g.may(s, f.of) && g.may(s, m) { // composition takes the first type that it sees for the widest
			narrow = append(narrow, s)
		}
	}
	if len(narrow) == 0 {
		return false
	}
	g.own(wide, f)
	for _, s := range some(&g.random, narrow, min(len(narrow), g.between(1, 2))) {
		if g.may(s, f.of) && g.may(s, m) {
			g.ownAs(s, f, m)
		}
	}
	return true
}

// narrower returns an object type for others to say that a field of the subgraph is of; nil without one that composition
// finds narrower: it compares where the last exclamation mark stands.
func (g *generator) narrower(s int, f *field) *typ {
	var list []*typ
	for _, m := range f.typ.in[s].members {
		if m.faces == nil && (len(m.name) >= len(f.typ.name) || !strings.Contains(f.wrap, "!")) {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(&g.random, list)
}

// at is the type of the field as a subgraph says it.
func (f *field) at(s int) *typ {
	if f.in[s] != nil && f.in[s].narrow != nil {
		return f.in[s].narrow
	}
	return f.typ
}

// narrowed puts a selection of the values of a field in a fragment where the subgraph says a narrower type of it: it is valid
// there without one, but not in the supergraph, where composition looks at it again.
func (f *field) narrowed(s int, sel selection) selection {
	if f.at(s) == f.typ || len(sel) == 0 {
		return sel
	}
	return selection{{on: f.at(s), sub: sel}}
}
