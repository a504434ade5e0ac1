package planner

import (
	"cmp"
	"slices"
)

// settleCertain finds the entries that every plan has, since something has no other way. What can be had through one of
// these is: it costs no fetch, and nobody waits for it.
func (s *search) settleCertain() {
	certain := make([]bool, len(s.entries))
	note := func(ways []*way) {
		e := ways[0].entry
		if certain[e.id] || slices.ContainsFunc(ways, func(w *way) bool { return w.entry != e }) {
			return
		}
		certain[e.id] = true
		s.certain = append(s.certain, e)
	}
	for _, d := range s.decisions {
		note(d.ways)
		note(d.goals[0].site.arrivals()) // what it is about comes from somewhere
	}
	for i := 0; i < len(s.certain); i++ { //nolint:intrange // it grows
		note(s.certain[i].site.arrivals())
		for _, n := range s.certain[i].needs {
			s.spend(1)
			own := func(w *way) bool { return w.entry == s.certain[i] }
			if !slices.ContainsFunc(s.lateWays(n), func(w *way) bool { return !own(w) }) {
				note(n.ways)
			}
		}
	}
	for i, d := range s.decisions {
		var sure, other []*way
		for _, w := range d.ways {
			if certain[w.entry.id] {
				sure = append(sure, w)
			} else {
				other = append(other, w)
			}
		}
		s.decisions[i].ways, s.decisions[i].open = slices.Concat(sure, other), cmp.Or(len(sure), len(other))
	}
}

// isMinimal tells whether there cannot be fewer fetches or waves: each subgraph of what is certain is asked at least once.
func (s *search) isMinimal() bool {
	type target struct {
		subgraph int
		root     bool
	}
	targets := map[target]bool{}
	waves := 1
	for _, e := range s.certain {
		targets[target{e.subgraph.Index, e.root}] = true
		if !e.root {
			waves = 2
		}
	}
	return s.best.cost.fetches <= max(1, len(targets)) && s.best.cost.depth <= waves
}
