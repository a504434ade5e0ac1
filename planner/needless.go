package planner

import "slices"

// dropNeedless takes out entries that bring only what others bring anyway, no later. Such an entry stays behind where it met a
// need when nothing else did, and where the search made something wait for no reason.
func (s *search) dropNeedless(a *activation, pick []int) {
	for {
		e := s.needless(a, pick)
		if e == nil {
			return
		}
		a.order = slices.DeleteFunc(a.order, func(o *entry) bool { return o == e })
		for i, d := range s.decisions {
			if d.ways[pick[i]].entry == e {
				pick[i] = slices.Index(d.ways, a.instead(e, d.ways))
			}
		}
		for _, user := range a.order {
			for i, t := range a.needs[user.id] {
				if t.way.entry == e {
					a.needs[user.id][i].way = a.insteadFor(t)
				}
			}
		}
		a.levels[e.id] = out
	}
}

// needless is an entry, the last of them, of which nothing is left when everything else serves as well; nil when there is none.
func (s *search) needless(a *activation, pick []int) *entry {
	needed := make([]bool, len(a.levels))
	for _, e := range s.certain {
		needed[e.id] = true
	}
	for i, d := range s.decisions {
		if e := d.ways[pick[i]].entry; !needed[e.id] && !a.spares(e, d.ways) {
			needed[e.id] = true
		}
	}
	for t := range a.needed() {
		if e := t.way.entry; !needed[e.id] && !a.spares(e, t.branch.ways) && !a.spares(e, a.planning.lateWays(t.branch)) {
			needed[e.id] = true
		}
	}
	var last *entry
	for _, e := range a.order {
		if !needed[e.id] && (last == nil || a.levels[e.id] > a.levels[last.id]) {
			last = e
		}
	}
	return last
}

// spares tells whether one of some ways serves instead of those of an entry.
func (a *activation) spares(e *entry, ways []*way) bool {
	for i, w := range ways {
		if a.serves(w, e) {
			a.planning.spend(i / 4)
			return true
		}
	}
	a.planning.spend(1 + len(ways)/4)
	return false
}

// serves tells whether a way is there no later than an entry and is not part of it.
func (a *activation) serves(w *way, e *entry) bool {
	l := a.levels[w.entry.id]
	return w.entry != e && l > 0 && l <= a.levels[e.id]
}

// insteadFor is the way that meets a need without the entry that does; nil when there is none.
func (a *activation) insteadFor(t taken) *way {
	if w := a.instead(t.way.entry, t.branch.ways); w != nil {
		return w
	}
	return a.instead(t.way.entry, a.planning.lateWays(t.branch))
}

// instead is the earliest of some ways that serves instead of those of an entry; nil when there is none.
func (a *activation) instead(e *entry, ways []*way) (chosen *way) {
	a.planning.spend(1 + len(ways)/4)
	for _, w := range ways {
		if a.serves(w, e) && (chosen == nil || a.levels[w.entry.id] < a.levels[chosen.entry.id]) {
			chosen = w
		}
	}
	return chosen
}
