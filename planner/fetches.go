package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// node is a fetch to be: entries that go in one request.
type node struct {
	entries []*entry
	// needs are the nodes that must be done before.
	needs []*node
	// into is the node that this one has become part of; nil as long as it is itself.
	into  *node
	level int
	// latest is the highest level that makes the plan no deeper.
	latest int
	mark   int
}

// self is what has become of a node.
func (n *node) self() *node {
	for n.into != nil {
		n = n.into
	}
	return n
}

// graph is the fetch graph of an activation.
type graph struct {
	nodes  []*node
	marks  int
	budget *budget
}

// graph is the third stage: a node for each entry, with the nodes of what it needs.
func (a *activation) graph() *graph {
	nodes := make([]*node, len(a.state))
	g := &graph{nodes: make([]*node, 0, len(a.order)), budget: &a.planning.budget}
	g.budget.spend(len(nodes)/4 + len(a.order))
	byID := slices.SortedFunc(slices.Values(a.order), func(x, y *entry) int { return x.id - y.id })
	for _, e := range byID {
		nodes[e.id] = &node{entries: []*entry{e}}
		g.nodes = append(g.nodes, nodes[e.id])
	}
	for _, e := range byID {
		n := nodes[e.id]
		for _, t := range a.needs[e.id] {
			n.need(nodes[t.way.entry.id])
		}
	}
	return g
}

func (n *node) need(o *node) {
	if !slices.Contains(n.needs, o) {
		n.needs = append(n.needs, o)
	}
}

// merged is the fetch graph of an activation after its passes: the best of what several orders of them make, unless there
// can be nothing better than the first, nor anything with as few fetches as most.
func (a *activation) merged(most int) *graph {
	g := a.graph()
	depth, least := g.depth(), g.least()
	g.merge(passes)
	for _, o := range orders {
		flat := g.depth() == depth
		if flat && (!o.fewer || len(g.nodes) == least || least > most) || o.fewer && len(g.nodes) > maxPairwise {
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

func (g *graph) cost() cost { return cost{fetches: len(g.nodes), depth: g.depth()} }

// passes over the graph, in this order: what must be asked of one subgraph at one place is one lookup before lookups of
// several places share a request.
var passes = []func(*graph){mergeSamePlace, mergeSameSubgraph}

// orders are others. The first ones avoid that the passes make the plan deeper: they begin with what makes it no deeper, or with
// what is fetched at the same time anyway. The others may have fewer fetches, too: what may wait goes with what has to, and
// at last even what makes the plan deeper.
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

// maxPairwise bounds the pairs that a pass tries; larger graphs merge only within one level, where it never harms.
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

// depth sets the level of every node, one more than the highest of its needs, and returns the highest.
func (g *graph) depth() int {
	g.budget.spend(len(g.nodes))
	for _, n := range g.nodes {
		n.level = 0
	}
	deepest := 0
	for _, n := range g.nodes {
		deepest = max(deepest, n.self().setLevel())
	}
	return deepest
}

// setLatest sets the levels, and the latest ones, of nodes of which none has become part of another.
func (g *graph) setLatest() {
	depth := g.depth()
	nodes := slices.Clone(g.nodes)
	slices.SortFunc(nodes, func(a, b *node) int { return b.level - a.level })
	for _, n := range nodes {
		n.latest = depth
	}
	for _, n := range nodes {
		for _, need := range n.needs {
			need.latest = min(need.latest, n.latest-1)
		}
	}
}

func (n *node) setLevel() int {
	if n.level == 0 {
		level := 1
		for _, need := range n.needs {
			level = max(level, need.self().setLevel()+1)
		}
		n.level = level
	}
	return n.level
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

// ordered returns the nodes so that each stands behind those it needs: by level, then as they were found.
func (g *graph) ordered() []*node {
	g.depth()
	nodes := slices.Clone(g.nodes)
	slices.SortStableFunc(nodes, func(a, b *node) int {
		if a.level != b.level {
			return a.level - b.level
		}
		return a.entries[0].id - b.entries[0].id
	})
	return nodes
}
