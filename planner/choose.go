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
}

// cost of a plan; less is better, compared in this order.
type cost struct {
	fetches, depth, fields int
}

func (c cost) compare(o cost) int {
	return cmp.Or(cmp.Compare(c.fetches, o.fetches), cmp.Compare(c.depth, o.depth), cmp.Compare(c.fields, o.fields))
}

// maxEvaluations bounds the search: how many whole assignments are priced for one operation.
const maxEvaluations = 512

// choose is the second stage: one way for each leaf, so that together they cost least. Small searches are exhaustive;
// otherwise a greedy start is improved one decision at a time.
func (p *planning) choose(goals []*branch) *activation {
	decisions := groupGoals(goals)
	pick := p.greedy(decisions)
	best, bestCost := p.evaluate(decisions, pick)
	try := func(candidate []int) bool {
		a, c := p.evaluate(decisions, candidate)
		if a == nil || best != nil && c.compare(bestCost) >= 0 {
			return false
		}
		best, bestCost = a, c
		copy(pick, candidate)
		return true
	}
	if combinations(decisions) <= maxEvaluations {
		exhaust(decisions, make([]int, len(decisions)), 0, func(c []int) { try(slices.Clone(c)) })
	} else {
		improve(decisions, pick, try)
	}
	return best
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

// combinations of picks, or more than maxEvaluations.
func combinations(decisions []decision) int {
	n := 1
	for _, d := range decisions {
		if n *= len(d.ways); n > maxEvaluations {
			break
		}
	}
	return n
}

func exhaust(decisions []decision, pick []int, at int, try func([]int)) {
	if at == len(decisions) {
		try(pick)
		return
	}
	for i := range decisions[at].ways {
		pick[at] = i
		exhaust(decisions, pick, at+1, try)
	}
}

// improve changes one decision at a time while that helps.
func improve(decisions []decision, pick []int, try func([]int) bool) {
	for left, better := maxEvaluations, true; better; {
		better = false
		for at, d := range decisions {
			for i := range d.ways {
				if i == pick[at] {
					continue
				}
				if left--; left < 0 {
					return
				}
				candidate := slices.Clone(pick)
				candidate[at] = i
				better = try(candidate) || better
			}
		}
	}
}

// greedy decides those with the fewest candidates first, each for the way that needs the fewest new fetches.
func (p *planning) greedy(decisions []decision) []int {
	order := make([]int, len(decisions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(decisions[a].ways), len(decisions[b].ways)) })
	pick := make([]int, len(decisions))
	a := newActivation(p)
	for _, i := range order {
		lowest := impossible
		for j, w := range decisions[i].ways {
			if price := a.price(w.entry); price < lowest {
				lowest, pick[i] = price, j
			}
		}
		chosen := decisions[i].ways[pick[i]].entry
		a.add(chosen)
		a.settle(chosen)
	}
	return pick
}

// evaluate activates what the picks need and prices it; nil when the picks cannot be carried out.
func (p *planning) evaluate(decisions []decision, pick []int) (*activation, cost) {
	count := 0
	for _, d := range decisions {
		count += len(d.goals)
	}
	a := newActivation(p)
	for i, d := range decisions {
		a.add(d.ways[pick[i]].entry)
	}
	for i := range len(a.order) {
		if a.settle(a.order[i]) < 0 {
			return nil, cost{}
		}
	}
	a.picks = make([]taken, count)
	for i, d := range decisions {
		for n, g := range d.goals {
			a.picks[d.at[n]] = taken{branch: g, way: d.ways[pick[i]]}
		}
	}
	g := a.merged()
	return a, cost{fetches: len(g.nodes), depth: g.depth(), fields: a.fields()}
}

// taken is a leaf with the way chosen for it.
type taken struct {
	branch *branch
	way    *way
}

// activation is a set of entries that are carried out, with a way for each of their needs.
type activation struct {
	planning *planning
	order    []*entry
	state    []int     // by entry: 0 out, active, settling, or settled at level state-1
	needs    [][]taken // by entry
	picks    []taken   // of the client's leaves
	// prices are those found since the last change, by entry: 0 for not known.
	prices []int
}

const (
	active     = 1
	settling   = -1
	impossible = 1 << 20
)

func newActivation(p *planning) *activation {
	n := len(p.entries)
	return &activation{planning: p, state: make([]int, n), needs: make([][]taken, n), prices: make([]int, n)}
}

func (a *activation) add(e *entry) {
	if a.state[e.id] == 0 {
		a.state[e.id] = active
		a.order = append(a.order, e)
		clear(a.prices)
	}
}

// price counts the entries that would have to be added for this one; entries that several needs have in common count
// for each.
func (a *activation) price(e *entry) int {
	switch a.state[e.id] {
	case 0:
	case settling:
		return impossible
	default:
		return 0
	}
	if known := a.prices[e.id]; known != 0 {
		return known
	}
	a.state[e.id] = settling
	total := 1
	for _, n := range e.needs {
		lowest := impossible
		for _, w := range n.ways {
			lowest = min(lowest, a.price(w.entry))
		}
		if total += lowest; total >= impossible {
			total = impossible
			break
		}
	}
	a.state[e.id] = 0
	a.prices[e.id] = total
	return total
}

// settle chooses a way for each need of an active entry and returns its level: 1 for a fetch that needs none. It is
// negative when a need has no way but through the entry itself.
func (a *activation) settle(e *entry) int {
	if s := a.state[e.id]; s != active {
		return s - 1
	}
	a.state[e.id] = settling
	level := 1
	for _, n := range e.needs {
		w, below := a.wayFor(n)
		if w == nil {
			return settling
		}
		a.needs[e.id] = append(a.needs[e.id], taken{branch: n, way: w})
		level = max(level, below+1)
	}
	a.state[e.id] = level + 1
	return level
}

// wayFor chooses among the ways of a need: the earliest of those that are active anyway, else the cheapest.
func (a *activation) wayFor(n *branch) (chosen *way, level int) {
	lowest := impossible
	for _, w := range n.ways {
		if a.state[w.entry.id] == 0 || a.state[w.entry.id] == settling {
			continue
		}
		if l := a.settle(w.entry); l > 0 && l < lowest {
			chosen, lowest = w, l
		}
	}
	if chosen != nil {
		return chosen, lowest
	}
	for _, w := range n.ways {
		if price := a.price(w.entry); price < lowest {
			chosen, lowest = w, price
		}
	}
	if chosen == nil {
		return nil, 0
	}
	a.add(chosen.entry)
	if level = a.settle(chosen.entry); level < 0 {
		return nil, 0
	}
	return chosen, level
}

// fields counts the fields that are selected on the way to the leaves and the leaves themselves, each once.
func (a *activation) fields() int {
	a.planning.stamp++
	leaves := make(map[leaf]bool, len(a.picks))
	n := 0
	count := func(t taken) {
		l := leaf{t.way, t.branch.use.slot}
		if !leaves[l] && (l.slot >= 0 || t.way.from == nil) { // below a field, __typename is there where it is needed
			leaves[l] = true
			n++
		}
		for w := t.way; w.from != nil && w.stamp != a.planning.stamp; w = w.from {
			w.stamp = a.planning.stamp
			n++
		}
	}
	for _, t := range a.picks {
		count(t)
	}
	for _, e := range a.order {
		for _, t := range a.needs[e.id] {
			count(t)
		}
	}
	return n
}

// leaf is a leaf as one way selects it.
type leaf struct {
	way  *way
	slot int
}
