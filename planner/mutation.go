package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// mutations solves a mutation root field by root field, so that each is done, with all that is fetched below it, before the
// next begins (GraphQL section 6.2.2). Neighbours that go to one subgraph share a request, in which the subgraph keeps their
// order, as long as nothing has to be fetched between them.
func (p *planning) mutations(wants []want) ([]*batch, error) {
	var sent [][]*sending
	for _, w := range wants { // normalised: no fragments, and each field once
		if w.field.IsTypename() {
			continue
		}
		sendings, err := p.sendings(w)
		if err != nil {
			return nil, err
		}
		sent = append(sent, sendings)
	}
	var batches []*batch
	for run := cheapest(sent); len(run) > 0; {
		n := 1
		for n < len(run) && run[n].joins(run[n-1]) {
			n++
		}
		batches = append(batches, p.together(run[:n])...)
		run = run[n:]
	}
	return batches, nil
}

// sending is a mutation as it is sent to one subgraph, with what is fetched below it.
type sending struct {
	*batch

	field    want
	subgraph *supergraph.Subgraph
	// total is the least cost of all mutations up to this one, when this one is sent so, and before the sending of the
	// one before it.
	total  cost
	before *sending
}

// sendings solves one mutation for each subgraph that resolves it.
func (p *planning) sendings(field want) ([]*sending, error) {
	var all []*sending
	var failed []error
	for _, g := range p.subgraphs {
		if !p.resolves(field.field.In[g.Index]) {
			continue
		}
		b, err := p.solve([]want{field}, []*supergraph.Subgraph{g})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		all = append(all, &sending{batch: b, field: field, subgraph: g})
	}
	switch {
	case len(all) > 0:
		return all, nil
	case len(failed) > 0:
		return nil, failed[0]
	}
	return nil, planError(&gap{use: &use{def: field.field, key: field.key}, types: p.root.types})
}

// joins tells whether a mutation can be sent in one request with the one before it: to the same subgraph, and with nothing
// to be fetched between the two.
func (s *sending) joins(before *sending) bool {
	return before.subgraph == s.subgraph && before.cost.fetches == 1
}

// after is the cost of all up to this one, behind a given one.
func (s *sending) after(before *sending) cost {
	total := cost{before.total.fetches + s.cost.fetches, before.total.depth + s.cost.depth, before.total.fields + s.cost.fields}
	if s.joins(before) {
		total.fetches--
		total.depth--
	}
	return total
}

// cheapest chooses a subgraph for each mutation, so that all together cost least.
func cheapest(sent [][]*sending) []*sending {
	if len(sent) == 0 {
		return nil
	}
	for i := range sent {
		for _, s := range sent[i] {
			s.total = s.cost
			if i == 0 {
				continue
			}
			for _, before := range sent[i-1] {
				if total := s.after(before); s.before == nil || total.compare(s.total) < 0 {
					s.total, s.before = total, before
				}
			}
		}
	}
	chosen := make([]*sending, len(sent))
	last := slices.MinFunc(sent[len(sent)-1], func(a, b *sending) int { return a.total.compare(b.total) })
	for i := len(sent) - 1; i >= 0; i-- {
		chosen[i], last = last, last.before
	}
	return chosen
}

// together solves mutations that can share a request: as one batch or, where planned together any but the last would need more
// than that request, each as its own.
func (p *planning) together(run []*sending) []*batch {
	alone := make([]*batch, len(run))
	fields := make([]want, len(run))
	for i, s := range run {
		alone[i], fields[i] = s.batch, s.field
	}
	if len(run) == 1 {
		return alone
	}
	b, err := p.solve(fields, []*supergraph.Subgraph{run[0].subgraph})
	if err != nil {
		return alone
	}
	last := fields[len(fields)-1].key
	for _, t := range b.activation.picks {
		if !t.way.entry.root && t.branch.rootKey() != last {
			return alone
		}
	}
	return []*batch{b}
}

// rootKey is the response key of the root field that a branch lies below.
func (b *branch) rootKey() operation.ResponseKey {
	for b.site.through != nil {
		b = b.site.through
	}
	return b.use.key
}
