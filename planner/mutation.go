package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// batches solves the operation: a query as a whole; mutations root field by root field, so that each is done, with all that
// is fetched below it, before the next begins (GraphQL section 6.2.2). Neighbours that go to one subgraph and need
// nothing else share a request, in which the subgraph keeps their order.
func (p *planning) batches() ([]*batch, error) {
	wants := clientWants(p.op.Selections())
	if p.op.Operation().Kind != operation.Mutation {
		b, _, err := p.solve(wants)
		return []*batch{b}, err
	}
	var solved []*batch
	var run []want // the wants of the last batch
	for _, w := range rootFields(wants) {
		if w.field.IsTypename() {
			continue
		}
		if b := p.together(run, w, solved); b != nil {
			run = append(run, w)
			solved[len(solved)-1] = b
			continue
		}
		b, err := p.alone(w)
		if err != nil {
			return nil, err
		}
		run, solved = []want{w}, append(solved, b)
	}
	return solved, nil
}

// rootFields opens the fragments around root fields: all are on the root type.
func rootFields(wants []want) []want {
	var fields []want
	for _, w := range wants {
		switch w.field {
		case nil:
			fields = append(fields, rootFields(w.sub)...)
		default:
			fields = merged(fields, w)
		}
	}
	return fields
}

// merged adds a root field, or its selections to the field of the same key: it is executed once.
func merged(fields []want, w want) []want {
	for i, f := range fields {
		if f.key == w.key {
			fields[i].sub = slices.Concat(f.sub, w.sub)
			return fields
		}
	}
	return append(fields, w)
}

// alone solves one mutation: in the subgraph for which the whole costs least.
func (p *planning) alone(w want) (*batch, error) {
	defer func() { p.only = nil }()
	var best *batch
	var bestCost cost
	var firstErr error
	for _, g := range p.subgraphs {
		if !p.resolves(w.field.In[g.Index]) {
			continue
		}
		p.only = g
		b, c, err := p.solve([]want{w})
		switch {
		case err != nil && firstErr == nil:
			firstErr = err
		case err == nil && (best == nil || c.compare(bestCost) < 0):
			best, bestCost = b, c
		}
	}
	if best == nil && firstErr == nil {
		return nil, planError(&gap{use: &use{def: w.field, key: w.key}, types: p.root.types})
	}
	if best == nil {
		return nil, firstErr
	}
	return best, nil
}

// together solves a mutation with the batch before it; nil when one request does not carry both.
func (p *planning) together(run []want, w want, solved []*batch) *batch {
	if len(run) == 0 {
		return nil
	}
	last := solved[len(solved)-1].graph
	g := last.nodes[0].entries[0].subgraph
	if len(last.nodes) != 1 || !p.resolves(w.field.In[g.Index]) {
		return nil
	}
	defer func(before *supergraph.Subgraph) { p.only = before }(p.only)
	p.only = g
	b, _, err := p.solve(append(slices.Clip(run), w))
	if err != nil || len(b.graph.nodes) != 1 {
		return nil
	}
	return b
}
