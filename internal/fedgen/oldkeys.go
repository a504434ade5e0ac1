package fedgen

import "slices"

// requireOldKeys lets subgraphs of Federation 1 say that a field requires the key of what they extend, too: to them it is @external like
// all else of others. Federation 2 does not take it. Who else answers the field requires the same, or nothing: a value depends on it.
func (g *generator) requireOldKeys() {
	for s := range g.names {
		for _, t := range g.entityTypes {
			if !g.extendsIn(s, t) || t.in[s] == nil || !t.in[s].isSimple() {
				continue
			}
			for _, f := range t.fields {
				if f.in[s] != nil && f.in[s].requires != nil && len(f.owners()) == 1 && g.chance(35) {
					f.in[s].requires = append(slices.Clip(f.in[s].requires), t.in[s].keys[0].key.sel...)
				}
			}
		}
	}
}
