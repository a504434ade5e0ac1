package fedgen

import "slices"

// nameRoots lets some subgraphs have root types of other names. Where a field leads back to one, The Guild's composer throws ("Not
// implemented path"), and @fromContext may say the usual names.
func (g *generator) nameRoots() {
	g.differences.ownRoots = make([]bool, len(g.names))
	for s := range g.names {
		g.differences.ownRoots[s] = g.chance(7) && g.mayNameRoots(s)
	}
}

func (g *generator) mayNameRoots(s int) bool {
	if g.old[s] || !slices.ContainsFunc(g.query.fields, func(f *field) bool { return f.in[s] != nil }) {
		return false
	}
	return !slices.ContainsFunc(append(g.objects(), g.abstractTypes...), func(t *typ) bool {
		setsContext := t.in[s] != nil && len(t.in[s].contexts) > 0
		return setsContext || slices.ContainsFunc(t.fields, func(f *field) bool { return f.in[s] != nil && f.typ.kind == root })
	})
}

// name is how the subgraph calls a type.
func (p *printer) name(t *typ) string {
	if t.kind == root && p.differences.ownRoots[p.s] {
		return ownRoot + t.name
	}
	return t.name
}

// ownRoot is before the names of such root types.
const ownRoot = "Our"

// schema says which the root types are, where they have names of their own.
func (p *printer) schema() string {
	if !p.differences.ownRoots[p.s] {
		return ""
	}
	text := "schema { query: " + p.name(p.query)
	if p.mutation != nil && slices.ContainsFunc(p.mutation.fields, func(f *field) bool { return f.in[p.s] != nil }) {
		text += " mutation: " + p.name(p.mutation)
	}
	return text + " }\n"
}
