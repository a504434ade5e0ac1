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

// extends tells whether an old subgraph prints a type as an extension.
func (p *printer) extends(t *typ) bool {
	if !p.old[p.s] || t.kind != entity {
		return false
	}
	for s := range p.s { // some other subgraph has the type itself
		if t.in[s] != nil {
			return true
		}
	}
	return false
}
