package planner

import (
	"cmp"
	"iter"
	"slices"
)

// taken is a leaf with the way chosen for it.
type taken struct {
	branch *branch
	way    *way
}

// leaf is what one way selects: a leaf of objects of several types, for which there are several branches, is one.
type leaf struct {
	way  *way
	slot int
}

func (t taken) leaf() leaf { return leaf{t.way, t.branch.use.slot} }

// activation is a set of entries that are carried out, with a way for each of their needs.
type activation struct {
	limits

	planning *planning
	order    []*entry
	levels   []int     // by entry: 1 for a fetch that needs none, and so on; or out, active, settling
	needs    [][]taken // by entry
	picks    []taken   // of the client's leaves
	// prices are those found since the last change, by entry: 0 where none was, and -pass where that pass found the entry to be
	// impossible. A pass is one walk from an entry to all that it may need; priced counts the prices that were ever found.
	prices       []int
	pass, priced int
	// lookups counts the active entity entries that are not being settled, by subgraph.
	lookups []int
}

// What stands for the level of an entry that has none.
const (
	out      = 0  // not carried out
	active   = -1 // carried out, but how its needs are met is not decided yet
	settling = -2 // that is being decided
)

// limits are what a search imposes.
type limits struct {
	// banned entries are not used, by id; nil for none.
	banned []bool
	// forced are the ways that some needs must have.
	forced map[*branch]*way
	// sharing makes what may share a request with another cheaper.
	sharing bool
	// apart makes what cannot share a request with what needs it dearer, wherever it is.
	apart bool
}

func (l limits) isBanned(e *entry) bool { return l.banned != nil && l.banned[e.id] }

// variants are the limits with which a search begins. No way to price entries is best for all operations: each is tried.
var variants = []limits{{}, {sharing: true}, {apart: true}, {sharing: true, apart: true}}

func newActivation(p *planning, l limits) *activation {
	n := len(p.entries)
	p.spend(n / 4)
	return &activation{
		planning: p, levels: make([]int, n), needs: make([][]taken, n), prices: make([]int, n), limits: l,
		lookups: make([]int, len(p.subgraphs)),
	}
}

func (a *activation) add(e *entry) {
	if a.levels[e.id] == out {
		a.levels[e.id] = active
		a.order = append(a.order, e)
		clear(a.prices)
		if !e.root {
			a.lookups[e.subgraph.Index]++
		}
	}
}

// settle chooses a way for each need of an active entry, and returns the level of the entry. It is not positive when a need
// has no way but through the entry itself, nor for an entry that is not active.
func (a *activation) settle(e *entry) int {
	if level := a.levels[e.id]; level != active {
		return level
	}
	a.levels[e.id] = settling
	if !e.root { // what it needs cannot go with it
		a.lookups[e.subgraph.Index]--
		clear(a.prices)
		defer func() { a.lookups[e.subgraph.Index]++ }()
	}
	level := 1
	needs := make([]taken, len(e.needs))
	for _, i := range e.fewestFirst() {
		w, below := a.wayFor(e, e.needs[i])
		if w == nil {
			a.levels[e.id] = active
			return active
		}
		needs[i] = taken{branch: e.needs[i], way: w}
		level = max(level, below+1)
	}
	a.needs[e.id] = needs
	a.levels[e.id] = level
	return level
}

// wayFor chooses among the ways of a need of an entry: the earliest of those whose fetch is there anyway, else the cheapest. There
// is none when all of them wait for what is being settled.
func (a *activation) wayFor(e *entry, n *branch) (chosen *way, level int) {
	if w := a.forced[n]; w != nil && !a.isBanned(w.entry) {
		if level = a.take(w); level <= 0 {
			return nil, 0
		}
		return w, level
	}
	// What is there anyway costs nothing. What came late is not settled for this, since it may need what is being settled.
	lowest := impossible
	a.planning.spend(1 + len(n.ways)/4)
	for _, w := range n.ways {
		if l := a.settle(w.entry); l > 0 && l < lowest {
			chosen, lowest = w, l
		}
	}
	late := a.planning.lateWays(n)
	for _, w := range late {
		if l := a.levels[w.entry.id]; l > 0 && l < lowest {
			chosen, lowest = w, l
		}
	}
	if chosen != nil {
		return chosen, lowest
	}
	chosen, price := a.cheapest(e, n.ways)
	if len(late) > 0 && price > 0 {
		clear(a.prices) // those of entries that are being settled do not hold later
		other, below := a.cheapest(e, late)
		clear(a.prices)
		if below < price {
			if level = a.take(other); level > 0 { // it may need, at a distance, what is being settled
				return other, level
			}
		}
	}
	if chosen == nil {
		return nil, 0
	}
	if level = a.take(chosen); level <= 0 {
		return nil, 0
	}
	return chosen, level
}

// take adds the entry of a way and settles it.
func (a *activation) take(w *way) int {
	a.add(w.entry)
	return a.settle(w.entry)
}

// fewestFirst is the order in which needs are settled: what has the fewest ways decides for the others.
func (e *entry) fewestFirst() []int {
	if e.byWays == nil {
		e.byWays = byWays(len(e.needs), func(i int) int { return len(e.needs[i].ways) })
	}
	return e.byWays
}

// byWays orders indexes by how many ways there are for each.
func byWays(n int, ways func(i int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ways(a), ways(b)) })
	return order
}

// taken are all leaves that are fetched, with their ways: the client's own, and what entries need.
func (a *activation) taken() iter.Seq[taken] {
	return func(yield func(taken) bool) {
		for _, t := range a.picks {
			if !yield(t) {
				return
			}
		}
		a.needed()(yield)
	}
}

// needed are the leaves that entries need, with their ways.
func (a *activation) needed() iter.Seq[taken] {
	return func(yield func(taken) bool) {
		for _, e := range a.order {
			for _, t := range a.needs[e.id] {
				if !yield(t) {
					return
				}
			}
		}
	}
}

// fields counts the fields that are selected on the way to the leaves and the leaves themselves, each once.
func (a *activation) fields() int {
	a.planning.stamp++
	leaves := make(map[leaf]bool, len(a.picks))
	n := 0
	for t := range a.taken() {
		a.planning.spend(1)
		l := t.leaf()
		if !leaves[l] && (l.slot >= 0 || t.way.from == nil) { // below a field, __typename is there where it is needed
			leaves[l] = true
			n++
		}
		for w := t.way; w.from != nil && w.stamp != a.planning.stamp; w = w.from {
			w.stamp = a.planning.stamp
			n++
		}
	}
	return n
}
