package planner

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// comesAlong tells whether a use needs no thought: in whatever way the objects arrive, all that is wanted comes along. Whoever
// enters another subgraph from here has come by one of these ways, so that an entry can never save a fetch. Most of what an
// operation asks is of this kind, and the search that follows never sees another way for it.
func (p *planning) comesAlong(s *site, u *use) bool {
	return p.brings(s.arrivals(), u.scope, u.def, u.sub)
}

// brings tells whether each of some ways brings a field, and all below it, of objects of the types, and the ways agree
// on the types of what lies below.
func (p *planning) brings(ways []*way, types typeSet, f *supergraph.Field, sub []want) bool {
	if len(ways) == 0 {
		return false
	}
	p.spend(1 + len(ways)*len(types)/4)
	u := &use{def: f}
	for _, w := range ways {
		if w.iface != nil || !w.types.hasAll(types) {
			return false
		}
		for _, t := range types {
			if !p.takes(w, t, u) {
				return false
			}
		}
	}
	if !f.Type.Named.IsComposite() {
		return true
	}
	below := make([]*way, len(ways))
	b := &branch{use: u, types: types}
	for i, w := range ways {
		below[i] = p.follow(w, b)
		if below[i].iface != nil || !below[i].types.equal(below[0].types) {
			return false
		}
	}
	return p.bringsAll(below, below[0].types, sub)
}

func (p *planning) bringsAll(ways []*way, scope typeSet, wants []want) bool {
	for _, w := range wants {
		if w.field == nil {
			if inner := scope.and(w.on.Possible); len(inner) > 0 && !p.bringsAll(ways, inner, w.sub) {
				return false
			}
			continue
		}
		if !p.brings(ways, scope.and(w.field.Parent.Possible), w.field, w.sub) {
			return false
		}
	}
	return true
}
