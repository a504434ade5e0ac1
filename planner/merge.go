package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// merged is the fetch graph of an activation after its passes: the best of what several orders of them make. Those that cannot
// make a better one are not tried, nor those for fewer fetches when there must be more than most, so that nobody wants it.
func (a *activation) merged(most int) *graph {
	g := a.graph()
	depth, least := g.depth(), g.least()
	g.merge(usual)
	for _, o := range orders {
		worth := g.depth() > depth
		if o.fewer {
			worth = (worth || len(g.nodes) > least && least <= most) && len(g.nodes) <= maxPairwise
		}
		if !worth {
			continue
		}
		other := a.graph()
		other.merge(o.passes)
		if other.cost().compare(g.cost()) < 0 {
			g = other
		}
	}
	return g
}

// least is how few nodes there can be when all that can share a request does.
func (g *graph) least() int {
	n := 0
	for _, node := range g.nodes {
		if node.entries[0].root {
			n++
		}
	}
	return n + len(g.bySubgraph())
}

// usual is the order of passes over a graph: what must be asked of one subgraph at one place is one lookup before lookups of
// several places share a request.
var usual = []func(*graph){mergeSamePlace, mergeSameSubgraph}

// orders are others. The first ones keep the passes from making the plan deeper: they begin with what makes it no deeper, or
// with what is fetched at the same time anyway. The rest (fewer) may also save fetches: what may wait goes with what has to,
// and in the end even what makes the plan deeper.
var orders = []struct {
	fewer  bool
	passes []func(*graph)
}{
	{false, []func(*graph){mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeSameSubgraph}},
	{false, []func(*graph){mergeSameLevel, mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeSameSubgraph}},
	{true, []func(*graph){mergeSameLatest, mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeDeep}},
	{true, []func(*graph){mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeDeep}},
	{true, []func(*graph){mergeSameLevel, mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeDeep}},
}

func (g *graph) merge(passes []func(*graph)) {
	for _, pass := range passes {
		pass(g)
	}
}

// mergeSamePlace joins lookups of one subgraph at one place, unless one needs the other.
func mergeSamePlace(g *graph) { g.mergeAll(meet, false) }

// mergeSamePlaceFlat does so where that makes the plan no deeper.
func mergeSamePlaceFlat(g *graph) { g.mergeAll(meet, true) }

// mergeSameLevel joins lookups of one subgraph that run at the same time.
func mergeSameLevel(g *graph) { g.mergeAll(func(a, b *node) bool { return a.level == b.level }, true) }

// mergeSameLatest joins lookups of one subgraph that can wait equally long.
func mergeSameLatest(g *graph) {
	g.setLatest()
	g.mergeAll(func(a, b *node) bool { return a.latest == b.latest }, true)
}

// mergeSameSubgraph joins lookups of one subgraph at different places, where that makes the plan no deeper.
func mergeSameSubgraph(g *graph) {
	g.mergeAll(func(*node, *node) bool { return true }, true)
}

// mergeDeep joins all lookups of one subgraph of which none needs the other.
func mergeDeep(g *graph) { g.mergeAll(func(*node, *node) bool { return true }, false) }

// meet tells whether two nodes look something up at one place.
func meet(a, b *node) bool {
	for _, x := range a.entries {
		for _, y := range b.entries {
			if x.site.place == y.site.place {
				return true
			}
		}
	}
	return false
}

// maxPairwise is the number of nodes above which a pass that must keep the depth merges only within one level, where it never harms.
const maxPairwise = 64

func (g *graph) mergeAll(fit func(a, b *node) bool, keepDepth bool) {
	depth := g.depth()
	large := len(g.nodes) > maxPairwise
	for _, nodes := range g.bySubgraph() {
		for i, a := range nodes {
			for _, b := range nodes[i+1:] {
				g.budget.spend(1)
				if a.into != nil || b.into != nil || !fit(a, b) {
					continue
				}
				if a.level == b.level {
					g.join(a, b)
					continue
				}
				if keepDepth && large || g.leads(a, b) || g.leads(b, a) || keepDepth && g.depthIfMerged(a, b) > depth {
					continue
				}
				g.join(a, b)
				depth = g.depth()
			}
		}
	}
	g.nodes = slices.DeleteFunc(g.nodes, func(n *node) bool { return n.into != nil })
	for _, n := range g.nodes {
		needs := n.needs
		n.needs = nil
		for _, need := range needs {
			n.need(need.self())
		}
	}
}

// bySubgraph are the nodes that look up entities, by subgraph.
func (g *graph) bySubgraph() [][]*node {
	var all [][]*node
	at := map[*supergraph.Subgraph]int{}
	for _, n := range g.nodes {
		first := n.entries[0]
		if first.root {
			continue
		}
		i, ok := at[first.subgraph]
		if !ok {
			i = len(all)
			at[first.subgraph] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], n)
	}
	return all
}

// leads tells whether b needs a, at any distance.
func (g *graph) leads(a, b *node) bool {
	g.marks++
	var walk func(n *node) bool
	walk = func(n *node) bool {
		if n == a {
			return true
		}
		if n.mark == g.marks || n.level <= a.level {
			return false
		}
		n.mark = g.marks
		g.budget.spend(1 + len(n.needs))
		return slices.ContainsFunc(n.needs, func(need *node) bool { return walk(need.self()) })
	}
	return walk(b)
}

// join makes b part of a.
func (g *graph) join(a, b *node) {
	a.entries = append(a.entries, b.entries...)
	a.needs = append(a.needs, b.needs...)
	b.into = a
}

// depthIfMerged is what depth would be with a and b as one node, neither of which leads to the other.
func (g *graph) depthIfMerged(a, b *node) int {
	g.budget.spend(2 * len(g.nodes))
	merged := max(a.level, b.level)
	levels := map[*node]int{a: merged, b: merged}
	deepest := merged
	var level func(n *node) int
	level = func(n *node) int {
		if l, ok := levels[n]; ok {
			return l
		}
		l := 1
		for _, need := range n.needs {
			l = max(l, level(need.self())+1)
		}
		levels[n] = l
		return l
	}
	for _, n := range g.nodes {
		deepest = max(deepest, level(n.self()))
	}
	return deepest
}
