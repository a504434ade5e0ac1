package fedgen

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

// borrows tells whether the subgraph says of the key of an entity that it is @external.
func (p *printer) borrows(t *typ) bool {
	return p.extendsIn(p.s, t) && t.in[p.s].isSimple() || t.in[p.s] != nil && t.in[p.s].form.borrowed
}

func (g *generator) extendsIn(s int, t *typ) bool {
	if !g.old[s] || t.kind != entity {
		return false
	}
	for other := range s { // some other subgraph has the type itself
		if t.in[other] != nil {
			return true
		}
	}
	return false
}

// oldExtension is how an old subgraph extends a type.
func (p *printer) oldExtension(t *typ) string {
	switch {
	case t.kind == root && p.chance(40):
		return extendType // Federation 1 lets everybody extend the root
	case !p.extendsIn(p.s, t):
		return ""
	case p.chance(35):
		return atExtends
	default:
		return extendType
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
