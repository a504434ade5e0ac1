package executor

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime/debug"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// run is one execution. The goroutine that called Execute owns it; others only touch the state whose call they make,
// between being started and reporting on done.
type run struct {
	exec    *Executor
	program *Program
	request *Request
	tree    tree
	states  []state
	// queue are the fetches whose needs are done, ready those that have a request to be sent.
	queue, ready []int
	done         chan int
	collector    collector
	failures     failures
	stopped      bool
	calls        int
	// pathSteps counts what was visited to find paths of errors.
	pathSteps int
	memory    memory
	out       *output
}

// memory is what a run holds: requests are the bytes that it holds in requests, introspected those that introspection has had so far.
type memory struct {
	lease        budget.Lease
	requests     int64
	introspected int
}

// state is what one run knows of one fetch.
type state struct {
	outcome outcome
	// waits is how many needs are not done.
	waits    int
	request  upstream.Request
	response *upstream.Response
	err      error
	body     []byte
	foreign  []upstream.Span
	// lookups are those that are made: the fetch's own, or one for each value of their contexts.
	lookups []*lookup
	// batches of the lookups; a root fetch has one, for the objects it belongs to.
	batches []batch
}

// outcome is how a fetch ended.
type outcome uint8

const (
	// fine: whatever it left null is null.
	fine outcome = iota
	// tainted: a fetch that it needs has failed, which explains what it left unset.
	tainted
	// failed: an error about it explains what it left null or unset.
	failed
)

func (e *Executor) newRun(p *Program, req *Request) *run {
	r, _ := e.runs.Get().(*run)
	if r == nil {
		r = &run{exec: e, done: make(chan int, 16)}
		r.collector.seed = maphash.MakeSeed()
		r.collector.tree = &r.tree
		r.collector.vanish, r.collector.lost = r.vanishBelow, r.lost
		r.tree.room = r.mayHold
		r.memory.lease = e.options.Memory.Lease()
		r.collector.limits = collectorLimits{e.options.MaxRepresentations, e.options.MaxBody}
	}
	r.program, r.request, r.out = p, req, e.newOutput()
	r.tree.limit = max(e.options.MaxValues, 1+len(p.root.slots))
	r.tree.separate = p.contextual
	r.tree.slab = slices.Grow(r.tree.slab, 1+len(p.root.slots)) // so that there is room for the root at least
	r.tree.object(p.root)
	for len(r.tree.bufs) < len(p.fetches) {
		r.tree.bufs = append(r.tree.bufs, nil)
	}
	if cap(r.states) < len(p.fetches) {
		r.states = append(r.states[:cap(r.states)], make([]state, len(p.fetches)-cap(r.states))...)
	}
	r.states = r.states[:len(p.fetches)]
	for i, f := range p.fetches {
		r.states[i].waits = len(f.needs)
	}
	return r
}

// fetch runs the fetch graph: a fetch starts when those it needs are done. One fetch alone is made by this goroutine,
// several at a time by others.
func (r *run) fetch(ctx context.Context) {
	r.queue = append(r.queue, r.program.first...)
	for running := 0; ; {
		r.prepareReady(ctx)
		if running == 0 && len(r.ready) == 0 {
			return
		}
		var i int
		if running == 0 && len(r.ready) == 1 {
			i = r.ready[0]
			r.call(ctx, i)
		} else {
			for _, i := range r.ready {
				running++
				go r.callAndReport(ctx, i)
			}
			i = <-r.done
			running--
		}
		r.ready = r.ready[:0]
		r.merge(ctx, i)
		r.complete(i)
	}
}

// prepareReady prepares the requests of all fetches whose needs are done. What needs no request is complete at once.
func (r *run) prepareReady(ctx context.Context) {
	for len(r.queue) > 0 {
		i := r.queue[0]
		r.queue = append(r.queue[:0], r.queue[1:]...)
		if r.prepare(ctx, i) {
			r.ready = append(r.ready, i)
		} else {
			r.complete(i)
		}
	}
}

// complete queues the fetches for which i was the last need.
func (r *run) complete(i int) {
	for _, n := range r.program.fetches[i].then {
		s := &r.states[n]
		if r.states[i].outcome != fine {
			s.outcome = max(s.outcome, tainted)
		}
		if s.waits--; s.waits == 0 {
			r.queue = append(r.queue, n)
		}
	}
}

func (r *run) callAndReport(ctx context.Context, i int) {
	r.call(ctx, i)
	r.done <- i
}

// call makes the call of a fetch. A panic of the doer is an error of the fetch.
func (r *run) call(ctx context.Context, i int) {
	s := &r.states[i]
	defer func() {
		if p := recover(); p != nil {
			s.response, s.err = nil, fmt.Errorf("panic in a call: %v\n%s", p, debug.Stack())
			s.body = nil // who panicked may still hold it
		}
	}()
	s.response, s.err = r.exec.doer.Do(ctx, &s.request)
}

// merge decodes the answer of a fetch into the tree.
func (r *run) merge(ctx context.Context, i int) {
	s := &r.states[i]
	r.calls++
	switch {
	case s.err != nil && ctx.Err() != nil && !isPublic(s.err):
		r.states[i].outcome = failed
		r.stop(ctx)
	case s.err != nil:
		for _, e := range gqlerr.Public(s.err) {
			r.fail(i, e)
		}
	case s.response == nil:
		r.fail(i, malformed(r.program.fetches[i], "Subgraph %q gave no answer"))
	default:
		r.decode(i, s.response.Body)
	}
}

func isPublic(err error) bool {
	var e *gqlerr.Error
	return errors.As(err, &e)
}

// decode decodes an answer. It returns false for what is no GraphQL response, which leaves no trace in the tree.
func (r *run) decode(i int, body []byte) bool {
	const most = 1<<32 - 1
	f, s := r.program.fetches[i], &r.states[i]
	r.tree.bufs[i] = body
	r.tree.begin(uint16(i))
	d := decoder{
		Scanner: jsonscan.Scanner{Src: body, Depth: r.exec.options.MaxDepth},
		tree:    &r.tree, buf: uint16(i), known: r.exec.objects, again: maxAgain * r.exec.options.MaxResponse,
	}
	if len(body) > most {
		r.fail(i, malformed(f, "Subgraph %q gave too large an answer"))
		return false
	}
	out, ok := d.response(f, s)
	if !ok {
		r.tree.rollback()
		r.tree.bufs[i] = nil
		r.fail(i, r.undecoded(f))
		return false
	}
	r.inspect(i, out)
	return true
}

// undecoded says why an answer was not decoded.
func (r *run) undecoded(f *fetch) *gqlerr.Error {
	switch r.tree.shortage {
	case tooManyValues:
		return malformed(f, "Subgraph %q gave an answer with too many values")
	case noMemory:
		return gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the answer of subgraph %q", string(f.subgraph.Name))
	case noShortage:
	}
	return malformed(f, "Subgraph %q gave an answer that is not a GraphQL response")
}

// stop notes that ctx has ended: the first time with an error, then silently.
func (r *run) stop(ctx context.Context) {
	if r.stopped {
		return
	}
	r.stopped = true
	message := "The request was cancelled"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		message = "The request took too long"
	}
	r.add(len(r.states), gqlerr.New(gqlerr.RequestTimeout, "%s", message).Wrap(ctx.Err()))
}

// lost tells whether a slot has the value v, which is unset, because a fetch failed or had nothing to ask with. That something else
// failed, on which a fetch depends, says nothing of an object for which it had an answer.
func (r *run) lost(l *layout, slot int, v value) bool {
	for _, i := range l.slots[slot].filledBy {
		if o := r.states[i].outcome; o == failed || o == tainted && v.buf != nobody {
			return true
		}
	}
	return false
}

// finish writes the response.
func (r *run) finish(ctx context.Context) *Result {
	out := r.out
	r.out = nil
	w := newWriter(r, append(out.text[:0], responseHead...), out, ctx.Done())
	out.text = w.data(r.program.shape)
	switch w.end {
	case noRoom:
		r.add(ofResponse, gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the response"))
	case tooLong:
		r.add(ofResponse, gqlerr.New(gqlerr.ResponseTooLarge, "The response has more than %d bytes", w.limit))
	case cancelled:
		r.stop(ctx)
	case goesOn:
	}
	data := out.text[len(responseHead):]
	r.dropUnasked(string(data) == "null")
	return &Result{Data: data, Errors: r.errors(), Calls: r.calls, run: r, out: out, exec: r.exec}
}

// giveUp gives back the memory of a run that did not finish: a panic must not cost others their share.
func (r *run) giveUp() {
	if r.out == nil {
		return
	}
	r.memory.lease.Release()
	r.out.lease.Release()
}

// mayHold tells whether the run may hold so many bytes more than it does.
func (r *run) mayHold(more int64) bool {
	return r.memory.lease.Hold(r.tree.size() + r.memory.requests + more)
}

// Buffers and lists above these sizes are not kept for the next run.
const (
	keepBytes = 256 << 10
	keepItems = 16 << 10
)

// release puts the run back for the next request.
func (r *run) release() {
	for i := range r.states {
		s := &r.states[i]
		if s.response != nil {
			s.response.Release()
		}
		batches, body, foreign := s.batches[:cap(s.batches)], s.body, s.foreign
		kept := len(batches)
		for n := range batches {
			kept += cap(batches[n].sought) + cap(batches[n].asked)
		}
		if kept > 2*keepItems { // all together: with contexts a request may have thousands
			batches = nil
		}
		if cap(body) > keepBytes {
			body = nil
		}
		if cap(foreign) > keepItems {
			foreign = nil
		}
		*s = state{batches: batches[:0], body: body, foreign: foreign}
	}
	if cap(r.collector.table) > 4*keepItems {
		r.collector.table = nil
	}
	clear(r.failures.list)
	r.failures.list = r.failures.list[:0]
	r.queue, r.ready = r.queue[:0], r.ready[:0]
	r.program, r.request = nil, nil
	r.collector.target, r.collector.batch, r.collector.body = nil, nil, nil
	r.collector.foreign = foreign{}
	r.stopped, r.calls, r.pathSteps, r.failures.bytes, r.memory.requests, r.memory.introspected = false, 0, 0, 0, 0, 0
	r.memory.lease.Release()
	r.tree.reset()
	r.exec.runs.Put(r)
}
