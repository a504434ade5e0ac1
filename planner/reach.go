package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// reach makes the entries through which a site's uses can be resolved in subgraphs where the objects do not arrive anyway.
// It goes in rounds: an entry of round n needs only what ways of earlier rounds resolve, so that no entry can wait for
// itself. Subgraphs that resolve nothing wanted are entered only when a wanted one cannot be reached directly.
func (p *planning) reach(s *site, uses []*use) {
	targets := p.targets(s, uses)
	hop := false
	for round := s.lastRound() + 1; ; round++ {
		progress := false
		for _, g := range p.subgraphs {
			t := targets[g.Index]
			if hop {
				t.types = growing{typeSet: s.types}
			}
			progress = p.enter(s, g, t, round) || progress
		}
		switch {
		case progress && !hop: // the next round may get further
		case hop && !progress, p.reached(s, uses, targets):
			return
		default: // from now on, through any subgraph
			hop = true
		}
	}
}

// lastRound is the highest round so far: what comes next may need all that is there.
func (s *site) lastRound() int {
	last := 0
	for _, w := range s.ways {
		last = max(last, w.round)
	}
	return last
}

// target is a subgraph that resolves a wanted field for some types. These must enter where that takes a representation even
// of objects that are in the subgraph already.
type target struct {
	types growing
	must  bool
}

func (p *planning) targets(s *site, uses []*use) []target {
	targets := make([]target, len(p.subgraphs))
	for _, u := range uses {
		if u.def.IsTypename() {
			p.typenameTargets(s, u, targets)
			continue
		}
		p.spend(len(u.scope) * len(p.subgraphs) / 2)
		for _, t := range u.scope {
			for _, g := range p.subgraphs {
				in, v := p.resolver(t, u, g)
				if in != nil {
					typed := v.iface != nil && u.key != "" && s.mustPick(u.scope) && !v.isHarmless(t, u)
					targets[g.Index].types.add(typeSet{t})
					targets[g.Index].must = targets[g.Index].must || typed || demand(in) != ""
				}
			}
		}
	}
	return targets
}

// typenameTargets: where objects arrive as interface objects only, any subgraph that knows the real types will do.
func (p *planning) typenameTargets(s *site, u *use, targets []target) {
	if !slices.ContainsFunc(u.scope, func(t *supergraph.Type) bool { return !s.knows(t, anyRound) }) {
		return
	}
	for _, t := range u.scope {
		for _, g := range p.subgraphs {
			if t.In[g.Index] != nil {
				targets[g.Index].types.add(typeSet{t})
			}
		}
	}
}

// reached tells whether no detour is worth trying: every subgraph that resolves a use can be entered. That one of them can
// is not enough, since another, behind a detour, may have to be asked for something else anyway.
func (p *planning) reached(s *site, uses []*use, targets []target) bool {
	for _, u := range uses {
		p.spend(len(u.scope) * len(p.subgraphs) / 2)
		for _, t := range u.scope {
			for _, g := range p.subgraphs {
				if target := targets[g.Index]; target.types.has(t) && !p.arrived(s, g, t, u, target.must) {
					return false
				}
			}
		}
	}
	return true
}

// arrived tells whether there is a way to look at objects of the type in the subgraph, in every view that resolves the use.
func (p *planning) arrived(s *site, g *supergraph.Subgraph, t *supergraph.Type, u *use, entered bool) bool {
	some := false
	for v := range views(t, g) {
		there := s.has(v, t, entered)
		some = some || there
		if !there && !u.def.IsTypename() && p.resolvesUse(v, t, u) {
			return false
		}
	}
	return some
}
