package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// lateWays are the ways for a need that were found after the entry whose need it is: entries are found in rounds, each by
// what earlier ones bring. They serve where they are there already, or cost less.
func (p *planning) lateWays(n *branch) []*way {
	if n.lateKnown {
		return n.late
	}
	n.lateKnown = true
	ways := p.lateArrivals(n.site)
	if !n.closed {
		for _, w := range n.site.ways {
			if w.round > 0 && !slices.Contains(n.ways, w) {
				ways = append(slices.Clip(ways), w)
			}
		}
	}
	for _, w := range ways {
		if !slices.ContainsFunc(n.types, func(t *supergraph.Type) bool { return !p.candidate(w, t, n.use, anyRound) }) {
			n.late = append(n.late, w)
		}
	}
	p.spend(1 + len(n.site.ways))
	return n.late
}

// lateArrivals are the ways by which the objects of a site arrive through late ways of those above, where they bring what the
// others do.
func (p *planning) lateArrivals(s *site) []*way {
	if s.through == nil || s.lateKnown {
		return s.late
	}
	s.lateKnown = true
	for _, above := range p.lateWays(s.through) {
		w := p.follow(above, s.through)
		w.site = s
		p.spend(4)
		if slices.ContainsFunc(s.arrivals(), func(o *way) bool { return o.iface == w.iface && o.types.equal(w.types) }) {
			s.late = append(s.late, w)
		}
	}
	return s.late
}
