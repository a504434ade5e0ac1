package fedgen

// dropUnused removes @external fields that nothing uses: composition does not want them.
func (g *generator) dropUnused() {
	for s := range g.names {
		used := g.mentioned(s)
		for _, t := range g.abstractTypes {
			for _, f := range t.fields {
				if f.in[s] == nil {
					continue
				}
				for _, m := range t.in[s].members {
					used[m.field(f.name)] = true
				}
			}
		}
		for _, t := range g.composites() {
			for _, f := range t.fields {
				if f.in[s] != nil && f.in[s].role == external && !used[f] {
					f.in[s] = nil
				}
			}
		}
	}
}

// mentioned are the fields that directives of a subgraph select, except those of its keys.
func (g *generator) mentioned(s int) map[*field]bool {
	used := map[*field]bool{}
	for _, t := range g.composites() {
		for _, f := range t.fields {
			if f.in[s] != nil {
				mention(used, f.in[s].requires)
				mention(used, f.in[s].provides)
				for _, sel := range f.contextual() {
					mention(used, sel)
				}
			}
		}
	}
	return used
}

func mention(used map[*field]bool, sel selection) {
	for _, e := range sel {
		if e.field != nil {
			used[e.field] = true
			for _, m := range e.field.of.members { // a field of an interface: those that implement it
				used[m.field(e.field.name)] = true
			}
		}
		mention(used, e.sub)
	}
}
