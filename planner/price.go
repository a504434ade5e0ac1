package planner

// The prices of an entry: as a fetch of its own, and where a fetch of the same subgraph is there already, with which it may
// share a request.
const (
	wholePrice  = 4
	sharedPrice = 1
	impossible  = 1 << 20
)

// price counts the entries that would have to be added for this one; entries that several needs have in common count
// for each. What is impossible while something else is being priced may be possible afterwards: when entries are banned, it is
// tried again for as long as that finds a price for more of them.
func (a *activation) price(e *entry) int {
	for {
		a.pass++
		before := a.priced
		if price := a.priceInPass(e); price < impossible || a.banned == nil || a.priced == before {
			return price
		}
	}
}

func (a *activation) priceInPass(e *entry) int {
	switch a.levels[e.id] {
	case out:
	case settling:
		return impossible
	default:
		return 0
	}
	switch known := a.prices[e.id]; {
	case known > 0:
		return known
	case known == -a.pass, a.isBanned(e):
		return impossible
	}
	a.levels[e.id] = settling
	total := wholePrice
	if a.sharing && !e.root && a.lookups[e.subgraph.Index] > 0 {
		total = sharedPrice
	}
	for _, n := range e.needs {
		lowest := a.lowest(n.ways)
		if lowest >= impossible && a.banned != nil {
			lowest = a.lowest(a.planning.lateWays(n))
		}
		if total += lowest; total >= impossible {
			total = impossible
			break
		}
	}
	a.levels[e.id] = out
	switch {
	case total < impossible:
		a.prices[e.id] = total
		a.priced++
	case a.banned == nil:
		a.prices[e.id] = impossible
	default:
		a.prices[e.id] = -a.pass
	}
	return total
}

// lowest is the lowest price of some ways in this pass.
func (a *activation) lowest(ways []*way) int {
	a.planning.spend(1 + len(ways)/4)
	lowest := impossible
	for _, w := range ways {
		lowest = min(lowest, a.priceInPass(w.entry))
	}
	return lowest
}

// cheapest is the way with the lowest price for a need of an entry; nil when all are impossible. What the entry needs cannot share
// a request with it, so that another entry into the same subgraph costs a whole one.
func (a *activation) cheapest(e *entry, ways []*way) (chosen *way, lowest int) {
	lowest = impossible
	for _, w := range ways {
		price := a.price(w.entry)
		if w.entry.subgraph == e.subgraph && (a.apart || w.entry.site.place == e.site.place) && !w.entry.root {
			price += wholePrice
		}
		if price < lowest {
			chosen, lowest = w, price
		}
	}
	return chosen, lowest
}
