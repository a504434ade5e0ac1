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
	p.spend(1 + len(ways))
	u := &use{def: f}
	for _, w := range ways {
		if w.iface != nil || !w.types.hasAll(types) || !p.takesOfAll(w, types, u) {
			return false
		}
	}
	if !f.Type.Named.IsComposite() {
		return true
	}
	p.spend(len(ways) * len(types))
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

// offer is a field of objects of some types in a subgraph; the set is known by its first type and its length.
type offer struct {
	subgraph *supergraph.Subgraph
	field    *supergraph.Field
	types    **supergraph.Type
	n        int
}

// takesOfAll tells whether a way, on which objects are seen as what they are, takes a field of all of them. Without grants that is
// the same for every way into the subgraph, and remembered: a thousand types may be asked about at every level of an operation.
func (p *planning) takesOfAll(w *way, types typeSet, u *use) bool {
	if len(types) < manyTypes || len(w.provided) > 0 {
		return p.takesOfEach(w, types, u)
	}
	of := offer{w.subgraph, u.def, &types[0], len(types)}
	if !p.offered[of] {
		p.offered[of] = p.takesOfEach(w, types, u)
	}
	return p.offered[of]
}

func (p *planning) takesOfEach(w *way, types typeSet, u *use) bool {
	p.spend(len(types))
	for _, t := range types {
		if !p.takes(w, t, u) {
			return false
		}
	}
	return true
}

// manyTypes is from how many types on looking up what is known of them is faster than looking at each.
const manyTypes = 4

func (p *planning) bringsAll(ways []*way, scope typeSet, wants []want) bool {
	for _, w := range wants {
		if w.field == nil {
			if !p.bringsAll(ways, scope.and(w.on.Possible), w.sub) {
				return false
			}
			continue
		}
		if types := scope.and(w.field.Parent.Possible); len(types) > 0 && !p.brings(ways, types, w.field, w.sub) {
			return false
		}
	}
	return true
}
