package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// batches solves the operation: a query as a whole; mutations root field by root field, so that each is done, with all that
// is fetched below it, before the next begins (GraphQL section 6.2.2). Neighbours that go to one subgraph share a request,
// in which the subgraph keeps their order, as long as nothing has to be fetched between them.
func (p *planning) batches() ([]*batch, error) {
	if p.op.TooComplex() {
		return nil, errTooComplex
	}
	wants := clientWants(p.op.Selections())
	if p.op.Operation().Kind != operation.Mutation {
		b, _, err := p.solve(wants)
		return []*batch{b}, err
	}
	fields := slices.DeleteFunc(rootFields(wants), func(w want) bool { return w.field.IsTypename() })
	sent := make([][]*sending, len(fields))
	for i, w := range fields {
		var err error
		if sent[i], err = p.sendings(w); err != nil {
			return nil, err
		}
	}
	var solved []*batch
	for _, run := range p.runs(fields, sent) {
		solved = append(solved, run...)
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

// sending is a mutation as it is sent to one subgraph, with what is fetched below it.
type sending struct {
	subgraph *supergraph.Subgraph
	batch    *batch
	cost     cost
	// total is the least cost of all mutations up to this one, when this one is sent so, and before the sending of the
	// one before it.
	total  cost
	before *sending
}

// sendings solves one mutation for each subgraph that resolves it.
func (p *planning) sendings(w want) ([]*sending, error) {
	defer func() { p.only = nil }()
	var all []*sending
	var firstErr error
	for _, g := range p.subgraphs {
		if !p.resolves(w.field.In[g.Index]) {
			continue
		}
		p.only = g
		b, c, err := p.solve([]want{w})
		switch {
		case err == nil:
			all = append(all, &sending{subgraph: g, batch: b, cost: c})
		case firstErr == nil:
			firstErr = err
		}
	}
	if len(all) == 0 && firstErr == nil {
		firstErr = planError(&gap{use: &use{def: w.field, key: w.key}, types: p.root.types})
	}
	if len(all) == 0 {
		return nil, firstErr
	}
	return all, nil
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

// runs chooses a subgraph for each mutation, so that all together cost least, and solves those that share a request as one.
func (p *planning) runs(fields []want, sent [][]*sending) [][]*batch {
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
	if len(sent) == 0 {
		return nil
	}
	chosen := make([]*sending, len(sent))
	last := slices.MinFunc(sent[len(sent)-1], func(a, b *sending) int { return a.total.compare(b.total) })
	for i := len(sent) - 1; i >= 0; i-- {
		chosen[i], last = last, last.before
	}
	var runs [][]*batch
	for from := 0; from < len(chosen); {
		to := from + 1
		for to < len(chosen) && chosen[to].joins(chosen[to-1]) {
			to++
		}
		runs = append(runs, p.run(fields[from:to], chosen[from:to]))
		from = to
	}
	return runs
}

// run is mutations that share a request, as one batch; when that does not bring all but the last in the first request,
// each as its own.
func (p *planning) run(fields []want, chosen []*sending) []*batch {
	alone := make([]*batch, len(chosen))
	for i, s := range chosen {
		alone[i] = s.batch
	}
	if len(chosen) == 1 {
		return alone
	}
	defer func() { p.only = nil }()
	p.only = chosen[0].subgraph
	b, _, err := p.solve(fields)
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
