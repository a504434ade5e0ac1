package planner

import (
	"cmp"
	"slices"
)

// decision is a set of leaves of one site with the same candidate ways: what is best for one is best for all.
type decision struct {
	goals []*branch
	at    []int // where each goal stands among all
	ways  []*way
	open  int // how many of the ways, from the first on, are worth a choice: those through certain entries, if there are any
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

// choose is the second stage: the best of several greedy starts, and of all combinations where there are few, is made better step
// by step for as long as that succeeds. It returns nil when there is no plan.
func (p *planning) choose(goals []*branch) *choice {
	s := &search{planning: p, decisions: groupGoals(goals), goals: len(goals)}
	s.settleCertain()
	for _, l := range variants {
		s.try(s.greedy(make([]int, len(s.decisions)), l), l)
	}
	if s.best != nil {
		s.atMost(maxSearch, s.improve)
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
		pick[at] = i
		s.exhaust(pick, at+1)
	}
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
		if a.settle(e) <= 0 {
			return nil
		}
	}
	for _, i := range open {
		lowest := impossible
		for j, w := range s.decisions[i].ways {
			s.spend(1)
			if price := a.price(w.entry); price < lowest {
				lowest, pick[i] = price, j
			}
		}
		if lowest == impossible {
			return nil
		}
		chosen := s.decisions[i].ways[pick[i]].entry
		if a.add(chosen); a.settle(chosen) <= 0 {
			return nil
		}
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
		if a.settle(a.order[i]) <= 0 {
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
