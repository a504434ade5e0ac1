package fedgen

import "slices"

// leadBack adds, sometimes, a field that leads back to Query. The Guild's composer finds no way from there to the root fields of other
// subgraphs, so that one that has the field mostly has all of them. It comes when the root fields are settled.
func (g *generator) leadBack() {
	if s := g.n(len(g.names)); g.chance(15) && (g.ownRoot(s) || g.chance(6)) {
		for range g.between(1, 2) {
			g.leadBackIn(s)
		}
	}
}

// ownRoot lets a subgraph have all root fields of queries; false when it may not.
func (g *generator) ownRoot(s int) bool {
	for _, f := range g.query.fields {
		switch {
		case f.typ.faces != nil:
			return false
		case f.resolves(s):
		case f.in[s] != nil || len(f.owners()) == 0 || f.isContextual() || f.isOverridden() || !g.mayOwn(s, f):
			return false
		default:
			if g.own(s, f); !f.overlaps() || f.everywhere() && f.provides() {
				f.in[s] = nil
				return false
			}
		}
	}
	return true
}

// provides tells whether a subgraph provides something below the field: see mayProvide.
func (f *field) provides() bool {
	return slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in != nil && in.provides != nil })
}

// isOverridden tells whether a subgraph took the field from another one.
func (f *field) isOverridden() bool {
	for _, in := range f.in {
		if in != nil && (in.override != "" || in.role == overridden) {
			return true
		}
	}
	return false
}

// leadBackIn adds a field in a subgraph that has some root field.
func (g *generator) leadBackIn(s int) {
	rooted := false
	for _, f := range g.query.fields {
		rooted = rooted || f.resolves(s)
	}
	var list []*typ
	for _, t := range g.objects() {
		if t.kind == root || t.in[s] != nil && (t.kind == entity || t.isAlone(s)) {
			list = append(list, t)
		}
	}
	of := pick(&g.random, list)
	if g.mutation != nil && g.chance(30) {
		of = g.mutation
	}
	if rooted {
		wrap := pick(&g.random, []string{"%", "%", "%!", "%!", "[%]", "[%!]!"})
		g.own(s, g.newField(of, g.freeName(of), g.query, wrap))
	}
}
