package planner

import (
	"slices"
)

// assembly is one fetch while its document and lookups are put together.
type assembly struct {
	planning *planning
	node     *node
	root     *selection // nil for an entity fetch
	lookups  []*lookup
	leaves   [][]step // from the entry down
	// needs are the fetches that are done before, tells where this one tells the types of objects, once that was asked.
	needs []*assembly
	tells map[*Object]bool
}

// assemble is the last stage: the nodes of a fetch graph become fetches with documents.
func (p *planning) assemble(b *batch, plan *Plan) {
	nodes, a := b.graph.ordered(), b.activation
	assemblies := make(map[*entry]*assembly, len(a.order))
	ids := make(map[*node]int, len(nodes))
	all := make([]*assembly, len(nodes))
	for i, n := range nodes {
		ids[n] = len(plan.Fetches) + i + 1
		all[i] = p.open(n)
		for _, e := range n.entries {
			assemblies[e] = all[i]
		}
	}
	insert := func(t taken) { assemblies[t.way.entry].insert(t) }
	for _, t := range a.picks {
		insert(t)
	}
	for _, n := range nodes {
		for _, e := range n.entries {
			for _, t := range a.needs[e.id] {
				insert(t)
			}
		}
	}
	for i, n := range nodes {
		for _, need := range n.needs {
			all[i].needs = append(all[i].needs, assemblies[need.entries[0]])
		}
		f := all[i].close()
		f.ID = ids[n]
		for _, need := range n.needs {
			f.Needs = append(f.Needs, ids[need])
		}
		slices.Sort(f.Needs)
		plan.Fetches = append(plan.Fetches, f)
	}
}

// open starts a fetch.
func (p *planning) open(n *node) *assembly {
	f := &assembly{planning: p, node: n}
	if first := n.entries[0]; first.root {
		f.root = p.newSelection(first.subgraph, first.site.place, first.way.static, first.types)
	}
	return f
}

func (f *assembly) insert(t taken) {
	steps := []step{{branch: t.branch, way: t.way}}
	for w := t.way; w.from != nil; w = w.from {
		steps = append(steps, step{branch: w.through, way: w.from})
	}
	slices.Reverse(steps)
	if f.root != nil {
		f.root.insert(steps)
		return
	}
	f.leaves = append(f.leaves, steps)
}

// close prints the document and lists what the fetch needs to run.
func (f *assembly) close() *Fetch {
	first := f.node.entries[0]
	fetch := &Fetch{Subgraph: first.subgraph, Path: []Step{}}
	uses := usedVariables{}
	if f.root != nil {
		f.root.finish()
		f.root.addVariables(uses)
		if first.site.place.parent == nil {
			fetch.Kind = f.planning.op.Operation().Kind
		}
		fetch.Root, fetch.Path = f.root.answer.out, first.site.path()
	}
	f.makeLookups()
	for _, l := range f.lookups {
		l.selection.finish()
		l.selection.addVariables(uses)
	}
	fetch.Variables = f.planning.variableIndexes(uses)
	for _, i := range fetch.Variables {
		fetch.Definitions = append(fetch.Definitions, f.planning.definition(i, uses, fetch.Subgraph))
	}
	groups := f.group()
	f.nameLookups(fetch, groups, uses)
	fetch.Document = f.document(fetch, groups)
	return fetch
}
