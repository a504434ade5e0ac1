package planner

import "slices"

// node is a fetch to be: entries that go in one request.
type node struct {
	entries []*entry
	// needs are the nodes that must be done before.
	needs []*node
	level int
	mark  int
}

// graph is the fetch graph of an activation.
type graph struct {
	nodes []*node
	marks int
}

// graph is the third stage: a node for each entry, with the nodes of what it needs.
func (a *activation) graph() *graph {
	nodes := make([]*node, len(a.state))
	g := &graph{nodes: make([]*node, 0, len(a.order))}
	byID := slices.SortedFunc(slices.Values(a.order), func(x, y *entry) int { return x.id - y.id })
	for _, e := range byID {
		nodes[e.id] = &node{entries: []*entry{e}}
		g.nodes = append(g.nodes, nodes[e.id])
	}
	for _, e := range byID {
		n := nodes[e.id]
		for _, t := range a.needs[e.id] {
			if need := nodes[t.way.entry.id]; !slices.Contains(n.needs, need) {
				n.needs = append(n.needs, need)
			}
		}
	}
	g.depth()
	return g
}

// merged is the fetch graph of an activation after its passes. Where the usual passes cost depth, others that avoid that
// first are tried, too.
func (a *activation) merged() *graph {
	g := a.graph()
	flat := g.depth()
	g.merge(passes)
	if g.depth() == flat {
		return g
	}
	other := a.graph()
	other.merge(flatPasses)
	if other.cost().compare(g.cost()) < 0 {
		return other
	}
	return g
}

func (g *graph) cost() cost { return cost{fetches: len(g.nodes), depth: g.depth()} }

// passes over the graph, in this order: what must be asked of one subgraph at one place is one lookup before lookups of
// several places share a request.
var passes = []func(*graph){mergeSamePlace, mergeSameSubgraph}

// flatPasses merge what makes the plan no deeper first.
var flatPasses = []func(*graph){mergeSamePlaceFlat, mergeSameSubgraph, mergeSamePlace, mergeSameSubgraph}

func (g *graph) merge(passes []func(*graph)) {
	for _, pass := range passes {
		pass(g)
	}
}

// mergeSamePlace joins lookups of one subgraph at one place, unless one needs the other.
func mergeSamePlace(g *graph) { g.mergeAll(meet, false) }

// mergeSamePlaceFlat does so where that makes the plan no deeper.
func mergeSamePlaceFlat(g *graph) { g.mergeAll(meet, true) }

// mergeSameSubgraph joins lookups of one subgraph at different places, where that makes the plan no deeper.
func mergeSameSubgraph(g *graph) {
	g.mergeAll(func(*node, *node) bool { return true }, true)
}

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
	for i := 0; i < len(g.nodes); i++ {
		for j := i + 1; j < len(g.nodes); j++ {
			a, b := g.nodes[i], g.nodes[j]
			if !sameTarget(a, b) || !fit(a, b) {
				continue
			}
			if a.level != b.level && (len(g.nodes) > maxPairwise && keepDepth || g.leads(a, b) || g.leads(b, a)) {
				continue
			}
			if keepDepth && a.level != b.level && g.depthIfMerged(a, b) > depth {
				continue
			}
			g.join(a, b)
			g.nodes = slices.Delete(g.nodes, j, j+1)
			j--
			depth = g.depth()
		}
	}
}

func sameTarget(a, b *node) bool {
	x, y := a.entries[0], b.entries[0]
	return x.subgraph == y.subgraph && !x.root && !y.root
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
		return slices.ContainsFunc(n.needs, walk)
	}
	return walk(b)
}

// join makes b part of a.
func (g *graph) join(a, b *node) {
	a.entries = append(a.entries, b.entries...)
	for _, n := range b.needs {
		if !slices.Contains(a.needs, n) {
			a.needs = append(a.needs, n)
		}
	}
	for _, n := range g.nodes {
		i := slices.Index(n.needs, b)
		switch {
		case i < 0:
		case slices.Contains(n.needs, a):
			n.needs = slices.Delete(n.needs, i, i+1)
		default:
			n.needs[i] = a
		}
	}
}

// depth sets the level of every node, one more than the highest of its needs, and returns the highest.
func (g *graph) depth() int {
	for _, n := range g.nodes {
		n.level = 0
	}
	deepest := 0
	for _, n := range g.nodes {
		deepest = max(deepest, n.setLevel())
	}
	return deepest
}

func (n *node) setLevel() int {
	if n.level == 0 {
		level := 1
		for _, need := range n.needs {
			level = max(level, need.setLevel()+1)
		}
		n.level = level
	}
	return n.level
}

// depthIfMerged is what depth would be with a and b as one node, neither of which leads to the other.
func (g *graph) depthIfMerged(a, b *node) int {
	g.marks++
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
			l = max(l, level(need)+1)
		}
		levels[n] = l
		return l
	}
	for _, n := range g.nodes {
		deepest = max(deepest, level(n))
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
