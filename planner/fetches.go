package planner

import "slices"

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

// graph is where the third stage begins: a node for each entry, with the nodes of what it needs.
func (a *activation) graph() *graph {
	nodes := make([]*node, len(a.levels))
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

func (g *graph) cost() cost { return cost{fetches: len(g.nodes), depth: g.depth()} }

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
