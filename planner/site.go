package planner

import (
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
	// requiring are the ways with required fields, which serve only the fields that require them (requiring.go).
	requiring map[string]*way
	// failures are the requiring ways that could not be had, each with the fields that were being resolved and stood in the way,
	// once for each time that it was tried.
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

// mustPick tells whether objects of these types have to be picked out from among others, and nobody knows yet which they are.
func (s *site) mustPick(types typeSet) bool { return s.opaque() && !types.hasAll(s.wanted) }

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

// arrivals are the ways by which the objects of a site arrive: those of round 0, which stand before all others.
func (s *site) arrivals() []*way {
	n := slices.IndexFunc(s.ways, func(w *way) bool { return w.round > 0 })
	if n < 0 {
		n = len(s.ways)
	}
	return s.ways[:n:n]
}

// has tells whether one of the ways shows objects of the type in that view; if entered, only ways by an entry count.
func (s *site) has(v view, t *supergraph.Type, entered bool) bool {
	return slices.ContainsFunc(s.ways, func(w *way) bool {
		return w.view == v && w.types.has(t) && (!entered || w.round > 0)
	})
}

// knows tells whether a way of an earlier round sees objects of the type as what they are.
func (s *site) knows(t *supergraph.Type, round int) bool {
	return slices.ContainsFunc(s.ways, func(w *way) bool { return w.round < round && w.iface == nil && w.types.has(t) })
}
