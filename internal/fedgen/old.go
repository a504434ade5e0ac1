package fedgen

import "slices"

// age lets some subgraphs be of Federation 1: they have no @link, say "extend type" of entities of others, with @external
// keys, and need no @shareable.
func (g *generator) age() {
	g.old = make([]bool, len(g.names))
	if !g.chance(25) {
		return
	}
	all := g.chance(30)
	for s := range g.old {
		g.old[s] = all || g.chance(50)
	}
}

// extendsIn tells whether an old subgraph extends an entity: one that some subgraph before has.
func (g *generator) extendsIn(s int, t *typ) bool {
	if !g.old[s] || t.kind != entity {
		return false
	}
	return slices.ContainsFunc(t.in[:s], func(in *typeIn) bool { return in != nil })
}

// wordOld chooses how an old subgraph extends a type.
func (g *generator) wordOld(s int, t *typ) {
	form := &t.in[s].form
	switch {
	case g.extendsIn(s, t):
		form.extends, form.borrowed = pick(&g.random, extensions), t.in[s].isSimple()
	case t.kind == root && g.chance(40):
		form.extends = extendType // Federation 1 lets everybody extend the root
	}
}

// remember lets old subgraphs say @external of fields that they do not use, as composition permits only them.
func (g *generator) remember() {
	for s := range g.names {
		for _, t := range g.entityTypes {
			if t.in[s] == nil || !g.extendsIn(s, t) || !g.chance(30) {
				continue
			}
			for _, f := range t.fields {
				special := f.common || f.isKey() || f.isContextual()
				if f.in[s] == nil && f.typ.kind.leaf() && !special && len(f.owners()) > 0 && g.chance(30) {
					f.in[s] = &fieldIn{role: external}
				}
			}
		}
	}
}
