package planner

import (
	"cmp"
	"maps"
	"slices"
)

// decision is a set of leaves of one site with the same candidate ways: what is best for one is best for all.
type decision struct {
	goals []*branch
	at    []int // where each goal stands among all
	ways  []*way
	open  int // how many of the ways, from the first on, can save fetches
}

// cost of a plan; less is better, compared in this order.
type cost struct {
	fetches, depth, fields int
}

func (c cost) compare(o cost) int {
	return cmp.Or(cmp.Compare(c.fetches, o.fetches), cmp.Compare(c.depth, o.depth), cmp.Compare(c.fields, o.fields))
}

const (
	// maxCombinations is how many assignments an exhaustive search may have.
	maxCombinations = 512
	// maxSearch bounds the work on making a plan better that is there already.
	maxSearch = maxWork / 32
)

// search looks for one way for each leaf, so that together they cost least.
type search struct {
	*planning
	decisions []decision
	// certain are the entries that every plan has.
	certain []*entry
	goals   int
	best    *choice
	until   int // the work at which the search ends
}

// choice is one way for each decision, and what follows from it.
type choice struct {
	pick []int
	// limits under which the needs were settled.
	limits     limits
	activation *activation
	graph      *graph
	cost       cost
	counted    bool // cost.fields
}

// choose is the second stage. Small searches are exhaustive; otherwise a greedy start is improved step by step. It returns
// nil when there is no plan.
func (p *planning) choose(goals []*branch) *choice {
	s := &search{planning: p, decisions: groupGoals(goals), goals: len(goals), until: p.spent + maxSearch}
	s.settleCertain()
	for _, l := range variants {
		s.try(s.greedy(make([]int, len(s.decisions)), l), l)
	}
	if s.best != nil && combinations(s.decisions) <= maxCombinations {
		s.exhaust(make([]int, len(s.decisions)), 0)
	}
	for better := s.best != nil; better; {
		better = !s.least() && s.withoutOne() || s.withOther() || s.withNeeded() || !s.least() && s.withOtherNeed()
	}
	if s.best != nil {
		s.best.activation.takeEarlier()
	}
	return s.best
}

func groupGoals(goals []*branch) []decision {
	var decisions []decision
	at := map[*site][]int{}
next:
	for n, g := range goals {
		for _, i := range at[g.site] {
			if d := &decisions[i]; slices.Equal(d.ways, g.ways) {
				d.goals, d.at = append(d.goals, g), append(d.at, n)
				continue next
			}
		}
		at[g.site] = append(at[g.site], len(decisions))
		decisions = append(decisions, decision{goals: []*branch{g}, at: []int{n}, ways: g.ways})
	}
	return decisions
}

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
		if arrivals := d.goals[0].site.arrivals(); len(arrivals) > 0 {
			note(arrivals) // what it is about comes from somewhere
		}
	}
	for i := 0; i < len(s.certain); i++ { //nolint:intrange // it grows
		if arrivals := s.certain[i].site.arrivals(); !s.certain[i].root && len(arrivals) > 0 {
			note(arrivals)
		}
		for _, n := range s.certain[i].needs {
			s.spend(1)
			own := func(w *way) bool { return w.entry == s.certain[i] }
			if !slices.ContainsFunc(s.lateWays(n), func(w *way) bool { return !own(w) }) {
				note(n.ways)
			}
		}
	}
	for i, d := range s.decisions {
		ways := slices.Clone(d.ways)
		slices.SortStableFunc(ways, func(a, b *way) int { return oneIf(certain[b.entry.id]) - oneIf(certain[a.entry.id]) })
		sure := slices.IndexFunc(ways, func(w *way) bool { return !certain[w.entry.id] })
		if sure <= 0 {
			sure = len(ways)
		}
		s.decisions[i].ways, s.decisions[i].open = ways, sure
	}
}

// arrivals are the ways by which the objects of a site arrive.
func (s *site) arrivals() []*way {
	var ways []*way
	for _, w := range s.ways {
		if w.round == 0 {
			ways = append(ways, w)
		}
	}
	return ways
}

// least tells whether there cannot be fewer fetches or waves: each subgraph of what is certain is asked at least once.
func (s *search) least() bool {
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

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// over tells whether the search has taken long enough.
func (s *search) over() bool { return s.spent > s.until }

// combinations of picks, or more than maxCombinations.
func combinations(decisions []decision) int {
	n := 1
	for _, d := range decisions {
		if n *= d.open; n > maxCombinations {
			break
		}
	}
	return n
}

func (s *search) exhaust(pick []int, at int) {
	if at == len(s.decisions) {
		s.try(slices.Clone(pick), s.best.limits)
		return
	}
	for i := range s.decisions[at].open {
		if !s.over() {
			pick[at] = i
			s.exhaust(pick, at+1)
		}
	}
}

// withoutOne looks for a better plan that does without one of the fetches of the best: the best of those.
func (s *search) withoutOne() bool {
	from := s.best
	if len(from.activation.order) == len(s.certain) {
		return false
	}
	for _, n := range from.graph.nodes {
		if s.over() {
			break
		}
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
			if s.over() {
				return false
			}
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
	if s.over() {
		return false
	}
	needed := map[leaf]bool{}
	for _, e := range s.best.activation.order {
		for _, t := range s.best.activation.needs[e.id] {
			needed[leaf{t.way, t.branch.use.slot}] = true
		}
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
	for _, e := range s.best.activation.order {
		for _, t := range s.best.activation.needs[e.id] {
			for _, w := range slices.Concat(t.branch.ways, s.lateWays(t.branch)) {
				if s.over() {
					return false
				}
				if w.entry == t.way.entry || s.best.limits.isBanned(w.entry) {
					continue
				}
				other := s.best.limits
				other.forced = maps.Clone(other.forced)
				if other.forced == nil {
					other.forced = map[*branch]*way{}
				}
				other.forced[t.branch] = w
				if s.try(s.best.pick, other) {
					return true
				}
			}
		}
	}
	return false
}

// greedy decides those with the fewest candidates first, each for the way that needs the fewest new fetches. With banned
// entries only what relied on these is decided anew. It returns nil when something has no way.
func (s *search) greedy(pick []int, l limits) []int {
	a := newActivation(s.planning, l)
	for _, e := range s.certain {
		a.add(e)
	}
	var open []int
	for _, i := range byWays(len(s.decisions), func(i int) int { return len(s.decisions[i].ways) }) {
		if e := s.decisions[i].ways[pick[i]].entry; l.banned == nil || a.price(e) >= impossible {
			open = append(open, i)
		} else {
			a.add(e)
		}
	}
	for _, e := range slices.Clone(a.order) {
		a.settle(e)
	}
	for _, i := range open {
		lowest := impossible
		for j, w := range s.decisions[i].ways {
			s.spend(1)
			if price := a.price(w.entry); price < lowest {
				lowest, pick[i] = price, j
			}
		}
		if lowest == impossible && l.banned != nil {
			return nil
		}
		chosen := s.decisions[i].ways[pick[i]].entry
		a.add(chosen)
		a.settle(chosen)
	}
	return pick
}

// try evaluates picks, and keeps them when they are better than the best so far.
func (s *search) try(pick []int, l limits) bool {
	if pick == nil {
		return false
	}
	c := s.evaluate(pick, l)
	if c == nil || s.best != nil && !c.less(s.best) {
		return false
	}
	s.best = c
	return true
}

// less compares costs; fields are counted where nothing else tells.
func (c *choice) less(o *choice) bool {
	if c.cost.fetches == o.cost.fetches && c.cost.depth == o.cost.depth {
		c.count()
		o.count()
	}
	return c.cost.compare(o.cost) < 0
}

func (c *choice) count() {
	if !c.counted {
		c.cost.fields, c.counted = c.activation.fields(), true
	}
}

// evaluate activates what the picks need and prices it; nil when the picks cannot be carried out.
func (s *search) evaluate(pick []int, l limits) *choice {
	a := newActivation(s.planning, l)
	for _, e := range s.certain {
		a.add(e)
	}
	for i, d := range s.decisions {
		e := d.ways[pick[i]].entry
		if a.isBanned(e) {
			return nil
		}
		a.add(e)
	}
	for i := range len(a.order) {
		if a.settle(a.order[i]) < 0 {
			return nil
		}
	}
	s.dropNeedless(a, pick)
	a.hasten()
	a.picks = make([]taken, s.goals)
	for i, d := range s.decisions {
		for n, g := range d.goals {
			a.picks[d.at[n]] = taken{branch: g, way: d.ways[pick[i]]}
		}
	}
	most := len(s.entries)
	if s.best != nil {
		most = s.best.cost.fetches
	}
	g := a.merged(most)
	return &choice{pick: pick, limits: l, activation: a, graph: g, cost: g.cost()}
}
