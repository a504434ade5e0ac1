package planner

import (
	"fmt"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// site is a selection set that has to be resolved for the objects that arrive through one branch. Several sites can share
// a place, where their values lie.
type site struct {
	place *place
	// through is the branch through which the objects arrive; nil for the root.
	through *branch
	// types are the run-time types that objects can have here, wanted those that somebody asks about.
	types, wanted typeSet
	// ways in the order of discovery: those through the parent first (round 0), then those by entry.
	ways []*way
	// late are ways by which the objects arrive that were found after the site itself; see lateArrivals, which sets lateKnown.
	late      []*way
	lateKnown bool
	// requiring are the ways with required fields, which serve only the fields that require them.
	requiring map[string]*way
	// failures are the ways that could not be had, each with the fields that were being explored and stood in the way.
	failures map[string][][]*supergraph.Field
}

func newSite(at *place, through *branch) *site {
	return &site{place: at, through: through, requiring: map[string]*way{}, failures: map[string][][]*supergraph.Field{}}
}

// opaque tells whether objects of several types may arrive as interface objects, so that nobody knows which is which before
// another fetch.
func (s *site) opaque() bool {
	return len(s.types) > 1 && s.arriveFaceless()
}

// arriveFaceless tells whether some objects arrive as interface objects.
func (s *site) arriveFaceless() bool {
	return slices.ContainsFunc(s.arrivals(), func(w *way) bool { return w.iface != nil })
}

// narrow tells whether a use is about some types only, of objects whose types are not known yet.
func (s *site) narrow(types typeSet) bool { return s.opaque() && !types.hasAll(s.wanted) }

// path returns the steps from the root to the site's objects. The types of places must be final (narrow).
func (s *site) path() []Step {
	if s.through == nil {
		return []Step{}
	}
	step := Step{Slot: s.place.slot}
	if from := s.through.site.place.types; !s.through.types.hasAll(from) {
		step.Types = s.through.types.and(from)
	}
	return append(s.through.site.path(), step)
}

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
	child *site
	// closed: the leaf comes along with the objects (comesAlong), and entries found later are no use to it.
	closed bool
	// late are the ways that were found after the branch; see lateWays, which sets lateKnown.
	late      []*way
	lateKnown bool
}

// takes tells whether a field of objects of type t can be selected on this way, without another fetch. A @provides is a
// grant of external fields; one that a label has moved away is on the path of a grant, and not brought back by it.
func (p *planning) takes(w *way, t *supergraph.Type, u *use) bool {
	if u.def.IsTypename() {
		return w.iface == nil
	}
	in := w.fieldOf(t, u.def.Name)
	if in == nil {
		return false
	}
	if p.resolves(in) && demand(in) == "" {
		return true
	}
	return !p.elsewhere(in) && providedField(w.provided, t, u.def.Name) != nil
}

// providedText tells apart the types for which a field leads to different provided fields.
func providedText(w *way, t *supergraph.Type, u *use) string {
	if len(u.sub) == 0 {
		return ""
	}
	text := w.fieldOf(t, u.def.Name).Provides.Text
	if nested := providedField(w.provided, t, u.def.Name); nested != nil {
		text += fmt.Sprintf(" %p", nested)
	}
	return text
}

// providedField finds a field in a @provides selection, through fragments that fit the type.
func providedField(provided []supergraph.FieldSelection, t *supergraph.Type, name string) *supergraph.FieldSelection {
	for i := range provided {
		s := &provided[i]
		switch {
		case s.Field != nil && s.Field.Name == name:
			return s
		case s.Field == nil && typeSet(s.On.Possible).has(t):
			if found := providedField(s.Sub, t, name); found != nil {
				return found
			}
		}
	}
	return nil
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
		if nested := providedField(w.provided, t, b.use.def.Name); nested != nil {
			next.provided = append(next.provided, nested.Sub...)
		}
		if w.iface != nil {
			break // one field of the interface object stands for all types
		}
	}
	return next
}

// arrivals are the ways by which the objects of a site arrive: those of round 0, which stand before all others.
func (s *site) arrivals() []*way {
	n := slices.IndexFunc(s.ways, func(w *way) bool { return w.round > 0 })
	if n < 0 {
		n = len(s.ways)
	}
	return s.ways[:n:n]
}

// has tells whether a way of the site looks at objects of the type with that view; after a jump, when entered.
func (s *site) has(v view, t *supergraph.Type, entered bool) bool {
	return slices.ContainsFunc(s.ways, func(w *way) bool {
		return w.view == v && w.types.has(t) && (!entered || w.round > 0)
	})
}

// tells tells whether a way of an earlier round sees objects of the type as what they are.
func (s *site) tells(t *supergraph.Type, round int) bool {
	return slices.ContainsFunc(s.ways, func(w *way) bool { return w.round < round && w.iface == nil && w.types.has(t) })
}
