package planner

import (
	"maps"
	"slices"
)

// improve looks for a better plan than the best: among all combinations where there are few, and then step by step for as long
// as that succeeds.
func (s *search) improve() {
	if combinations(s.decisions) <= maxCombinations {
		s.exhaust(make([]int, len(s.decisions)), 0)
	}
	for better := true; better; {
		better = !s.isMinimal() && s.withoutOne() || s.withOther() || s.withNeeded() || !s.isMinimal() && s.withOtherNeed()
	}
}

// withoutOne looks for a better plan that does without one of the fetches of the best: the best of those.
func (s *search) withoutOne() bool {
	from := s.best
	if len(from.activation.order) == len(s.certain) {
		return false
	}
	for _, n := range from.graph.nodes {
		if slices.ContainsFunc(n.entries, func(e *entry) bool { return slices.Contains(s.certain, e) }) {
			continue
		}
		banned := make([]bool, len(s.entries))
		copy(banned, from.limits.banned)
		for _, e := range n.entries {
			banned[e.id] = true
		}
		for _, without := range variants {
			without.banned, without.forced = banned, from.limits.forced
			if s.try(s.greedy(slices.Clone(from.pick), without), without) {
				break
			}
		}
	}
	return s.best != from
}

// withOther looks for a better plan in which one decision is another.
func (s *search) withOther() bool {
	better := false
	for at, d := range s.decisions {
		for i := range d.ways {
			if i != s.best.pick[at] {
				pick := slices.Clone(s.best.pick)
				pick[at] = i
				better = s.try(pick, s.best.limits) || better
			}
		}
	}
	return better
}

// withNeeded looks for a better plan in which the client's leaves are had where something needs them anyway: several decisions
// at once, since the same leaf of objects of several types costs as much as of one.
func (s *search) withNeeded() bool {
	needed := map[leaf]bool{}
	for t := range s.best.activation.needed() {
		needed[t.leaf()] = true
	}
	pick := slices.Clone(s.best.pick)
	for at, d := range s.decisions {
		s.spend(1 + len(d.ways)/4)
		isNeeded := func(w *way) bool {
			return slices.ContainsFunc(d.goals, func(g *branch) bool { return g.use.slot >= 0 && needed[leaf{w, g.use.slot}] })
		}
		if i := slices.IndexFunc(d.ways, isNeeded); i >= 0 && !isNeeded(d.ways[pick[at]]) {
			pick[at] = i
		}
	}
	return !slices.Equal(pick, s.best.pick) && s.try(pick, s.best.limits)
}

// withOtherNeed looks for a better plan in which one need of an entry is met in another way.
func (s *search) withOtherNeed() bool {
	for t := range s.best.activation.needed() {
		for _, w := range slices.Concat(t.branch.ways, s.lateWays(t.branch)) {
			if w.entry == t.way.entry || s.best.limits.isBanned(w.entry) {
				continue
			}
			other := s.best.limits
			other.forced = maps.Clone(other.forced)
			if other.forced == nil {
				other.forced = map[*branch]*way{}
			}
			other.forced[t.branch] = w
			if s.try(slices.Clone(s.best.pick), other) {
				return true
			}
		}
	}
	return false
}
