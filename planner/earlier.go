package planner

import "slices"

// hasten lets every need be met as early as it can be by what is there: nothing waits for what it could have had before.
func (a *activation) hasten() {
	order := slices.Clone(a.order)
	slices.SortStableFunc(order, func(x, y *entry) int { return a.levels[x.id] - a.levels[y.id] })
	for _, e := range order {
		level := 0
		for i, t := range a.needs[e.id] {
			if w := a.earliest(t); w != nil {
				a.needs[e.id][i].way = w
			}
			level = max(level, a.levels[a.needs[e.id][i].way.entry.id])
		}
		a.levels[e.id] = level + 1
	}
}

// earliest is the way by which a need is met before the way that meets it; nil when that is the earliest.
func (a *activation) earliest(t taken) (chosen *way) {
	level := a.levels[t.way.entry.id]
	for _, ways := range [][]*way{t.branch.ways, a.planning.lateWays(t.branch)} {
		a.planning.spend(1 + len(ways)/4)
		for _, w := range ways {
			if l := a.levels[w.entry.id]; l > 0 && l < level {
				chosen, level = w, l
			}
		}
	}
	return chosen
}

// takeEarlier lets the client have its leaves from where an earlier fetch brings them for the sake of what something needs, if only
// under another response key, so that no lookup asks for them once more.
func (a *activation) takeEarlier() {
	type field struct {
		way        *way
		name, args string
	}
	fieldOf := func(w *way, u *use) field { return field{w, u.def.Name, argsText(u.args)} }
	brought := map[field]bool{}
	for t := range a.needed() {
		brought[fieldOf(t.way, t.branch.use)] = true
	}
	for i, t := range a.picks {
		level := a.levels[t.way.entry.id]
		a.planning.spend(1 + len(t.branch.ways)/4)
		for _, w := range t.branch.ways {
			if l := a.levels[w.entry.id]; l > 0 && l < level && brought[fieldOf(w, t.branch.use)] {
				a.picks[i].way, level = w, l
			}
		}
	}
}
