package planner

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// way is one way to look at the objects of a site: in a subgraph, as a static type.
type way struct {
	view

	site *site
	// static is the type the subgraph sees. For an entity it is the interface that representations name, or nil when each names
	// the type of its object.
	static *supergraph.Type
	// types are the run-time types of the objects that can be looked at in this way.
	types typeSet
	// provided is what @provides on the way here makes resolvable.
	provided []supergraph.FieldSelection
	// from and through say that the objects are reached by a field: from is the way at the site of the branch through. Nil for
	// an entry's own way.
	from    *way
	through *branch
	// entry is the fetch that this way is part of.
	entry *entry
	// round counts the jumps between the arrival of the objects and this way.
	round int
	// stamp marks ways that a count has seen.
	stamp int
}

// entry starts a fetch: of root fields, or of entities by a key.
type entry struct {
	site     *site
	subgraph *supergraph.Subgraph
	id       int
	// root: fields of the root type; otherwise entities.
	root  bool
	types typeSet
	// by is the text of key and required fields, for people.
	by string
	// key and requires are what a representation holds; needs are the leaves of both and what else must be there first.
	key, requires []want
	// contexts are the arguments that are filled from above.
	contexts []contextual
	needs    []*branch
	// byWays are the indexes of needs, those with the fewest ways first.
	byWays []int
	way    *way
}

// branch is a field of a site together with the types for which its candidate ways are the same: a leaf that has to be
// chosen, or the way to a child site.
type branch struct {
	site  *site
	use   *use
	types typeSet
	ways  []*way
	// closed: the leaf comes along with the objects (comesAlong), and entries found later are no use to it.
	closed bool
	// late are the ways that were found after the branch; see lateWays, which sets lateKnown.
	late      []*way
	lateKnown bool
}

// below are the types that objects can have in a field of the named type; opaque: the subgraph sees an interface object.
func (w *way) below(named *supergraph.Type) (types typeSet, opaque bool) {
	known := named.In[w.subgraph.Index]
	switch {
	case known == nil:
		return nil, false
	case known.InterfaceObject:
		return named.Possible, true
	}
	return known.Possible, false
}

// follow is the way that a field leads to, for objects of the given types of its parent. The result's types are what the
// subgraph can answer there.
func (p *planning) follow(w *way, b *branch) *way {
	next := &way{view: view{subgraph: w.subgraph}, from: w, through: b, entry: w.entry}
	for _, t := range b.types.and(w.types) {
		in := w.fieldOf(t, b.use.def.Name)
		named := in.Type.Named
		if next.static == nil {
			next.static = named
		}
		types, opaque := w.below(named)
		if next.types = next.types.or(types); opaque {
			next.iface = named
		}
		next.provided = append(next.provided, in.Provides.Selections...)
		for grant := range grants(w.provided, t, b.use.def.Name) {
			next.provided = append(next.provided, grant.Sub...)
		}
		if w.iface != nil {
			break // one field of the interface object stands for all types
		}
	}
	return next
}
