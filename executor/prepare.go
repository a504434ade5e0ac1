package executor

import (
	"context"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// prepare makes the request of a fetch; false when there is nothing to send: nobody to look up, too many, or the gateway
// itself has the answer.
func (r *run) prepare(ctx context.Context, i int) bool {
	f, s := r.program.fetches[i], &r.states[i]
	if ctx.Err() != nil {
		r.states[i].outcome = failed
		r.stop(ctx)
		return false
	}
	if f.root != nil {
		r.collector.begin(r.batches(s, 1, 0))
		if !r.collector.find(f.path) {
			r.fail(i, r.collector.problem())
			return false
		}
		if len(s.batches[0].sought) == 0 {
			return false
		}
	}
	if f.local {
		r.introspect(ctx, i)
		return false
	}
	write := r.body
	if f.contextual != nil {
		write = r.contextualBody
	}
	send := write(i)
	if send && !r.holdRequest(s) {
		s.body = nil
		r.fail(i, noMemoryFor(f))
		return false
	}
	s.request = upstream.Request{
		Subgraph: f.subgraph, Repeatable: f.repeatable, Shareable: f.repeatable && r.program.shareable, Origin: r.request.Origin,
		Body: s.body, Foreign: s.foreign,
	}
	return send
}

// noMemoryFor is the error of a request that there is no room for.
func noMemoryFor(f *fetch) *gqlerr.Error {
	return gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the request to subgraph %q", string(f.subgraph.Name))
}

// Bytes of what is known of an object and of a representation.
const (
	soughtSize = 12
	askedSize  = 40
)

// holdRequest asks for the memory of a request: its body, of which the call makes a copy, and who is looked up.
func (r *run) holdRequest(s *state) bool {
	r.memory.requests += 2 * int64(cap(s.body))
	for i := range s.batches {
		r.memory.requests += soughtSize*int64(cap(s.batches[i].sought)) + askedSize*int64(cap(s.batches[i].asked))
	}
	return r.mayHold(0)
}

// batches gives a state n batches and returns the one with index i.
func (r *run) batches(s *state, n, i int) *batch {
	s.batches = slices.Grow(s.batches[:0], n)[:n]
	return &s.batches[i]
}

// body writes the body of a fetch, without the closing brace. It returns false when no object is looked up.
func (r *run) body(i int) bool {
	f, s := r.program.fetches[i], &r.states[i]
	c := &r.collector
	c.start()
	c.body = append(s.body[:0], f.head...) //nolint:gocritic // it goes back to s when it is written
	c.foreign = foreign{s.foreign[:0], f.inputs.canonical}
	defer func() { s.body, s.foreign = c.body, c.foreign.spans }()
	send := f.root != nil
	if s.lookups = f.lookups; len(f.lookups) > 0 {
		r.batches(s, len(f.lookups), 0)
	}
	separator := `,"variables":{`
	for _, in := range f.inputs.list {
		if in.lookup < 0 && r.request.Values[in.index] == nil {
			continue
		}
		c.body = append(c.body, separator...)
		c.body = append(c.body, in.prefix...)
		separator = ","
		if in.lookup < 0 {
			c.foreignValue(r.request.Values[in.index])
			continue
		}
		b := &s.batches[in.lookup]
		if !r.collect(i, f.lookups[in.lookup], b) {
			r.fail(i, c.problem())
			return false
		}
		c.body = append(c.body, ']')
		send = send || len(b.asked) > 0
	}
	if separator == "," {
		c.body = append(c.body, '}')
	}
	return send
}

// collect gathers the representations of a lookup, of one target after the other.
func (r *run) collect(i int, l *lookup, b *batch) bool {
	r.collector.begin(b)
	return r.collectTargets(i, l)
}

func (r *run) collectTargets(i int, l *lookup) bool {
	for at, t := range l.targets {
		if !r.collector.collect(t, at) {
			return false
		}
		r.spoilt(i)
	}
	return true
}

// introspect answers a fetch from the schema.
func (r *run) introspect(ctx context.Context, i int) {
	s, known := &r.states[i], r.exec.introspection
	limit := min(known.limit, r.exec.options.MaxResponse)
	in := introspector{
		introspection: known,
		growth:        growth{limit: limit - r.memory.introspected, holder: r, done: ctx.Done()},
		dst:           s.body[:0],
		values:        r.request.Values,
		vars:          r.program.variables,
		shows:         r.request.Visible,
	}
	s.body = nil
	in.answer(r.program.fetches[i].asked)
	r.memory.introspected += len(in.dst)
	switch in.end {
	case goesOn:
		r.memory.requests += int64(cap(in.dst))
		if !r.decode(i, in.dst) {
			r.memory.requests -= int64(cap(in.dst))
			return
		}
		s.body = in.dst // the tree points into it
	case tooLong:
		r.fail(i, gqlerr.New(gqlerr.ResponseTooLarge, "The introspection result has more than %d bytes", limit))
	case noRoom:
		r.fail(i, gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the introspection result"))
	case cancelled:
		s.outcome = failed
		r.stop(ctx)
	}
}
