package upstream

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// share lets identical queries that are in flight at the same time share one request. Identical means: the same
// subgraph, the same headers, the same bytes; a hash only finds candidates. The request runs under a context of its own,
// which ends when all who wait for it have left, so a caller that gives up fails nobody else. An answer that sets
// cookies, or has another header that is for one caller (Config.Personal), is for one: the others ask again, each for itself.
//
// Nobody joins a request that began before a mutation, of whatever subgraph, was over: who has seen the answer to a mutation
// must not get what was read before it.
//
// The first caller makes the request in its own goroutine: another one for each call would cost a fifth of the call. So a
// first caller that gives up returns when the request ends, at the latest after its timeout, if others still wait for it.
func share(on bool) step {
	return func(next handler) handler {
		if !on {
			return next
		}
		return func(ctx context.Context, c *call) (*Response, error) {
			switch {
			case !c.repeatable:
				defer c.target.flights.effects.note()
				return next(ctx, c)
			case !c.shareable:
				return next(ctx, c)
			}
			f, own := c.target.flights.join(ctx, c)
			switch {
			case f == nil:
				return next(ctx, c)
			case own != nil:
				return f.lead(ctx, own, c, next)
			}
			return f.follow(ctx, c, next)
		}
	}
}

// effects counts, for all subgraphs of a client, the calls with effects that are over.
type effects struct{ over atomic.Uint64 }

// note is what happens when a call with effects is over, well or not.
func (e *effects) note() { e.over.Add(1) }

// flights are the shared requests to one subgraph that are in flight.
type flights struct {
	effects *effects
	// personal are headers that are for one caller, besides cookies, in canonical form.
	personal []string
	mu       sync.Mutex
	seed     maphash.Seed
	byHash   map[uint64]*flight
}

// flight is one shared request.
type flight struct {
	owner  *flights
	hash   uint64
	began  uint64 // what effects were over
	header http.Header
	body   []byte // as the callers compare it: without what later steps append
	cancel context.CancelFunc
	// done is closed when response, err and alone are final; it is nil as long as nobody follows.
	done     chan struct{}
	response *Response
	err      error
	alone    bool // only the leader may have the response

	// The rest is guarded by owner.mu: how many callers wait, and where the flight is.
	waiting int
	phase   phase
}

// phase is where a flight is.
type phase uint8

const (
	led      phase = iota // its leader waits
	deserted              // its leader has left, others wait
	finished              // nobody waits any more
)

// newFlights returns an empty set.
func newFlights(e *effects, personal []string) *flights {
	return &flights{effects: e, personal: personal, seed: maphash.MakeSeed(), byHash: map[uint64]*flight{}}
}

// isPersonal tells whether an answer has a header that is for one caller.
func (s *flights) isPersonal(answer http.Header) bool {
	if len(answer["Set-Cookie"]) > 0 {
		return true
	}
	return slices.ContainsFunc(s.personal, func(name string) bool { return len(answer[name]) > 0 })
}

// join returns the flight for c. The first caller leads it: that one gets a context too, and has to run the flight under
// it. The flight is nil when another request happens to have the same hash.
func (s *flights) join(ctx context.Context, c *call) (f *flight, own context.Context) {
	hash := s.hash(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	over := s.effects.over.Load()
	if f = s.byHash[hash]; f != nil && f.began == over {
		if !bytes.Equal(f.body, c.body) || !sameHeader(f.header, c.header) {
			return nil, nil
		}
		f.waiting++
		if f.done == nil {
			f.done = make(chan struct{})
		}
		return f, nil
	}
	f = &flight{owner: s, hash: hash, began: over, header: c.header, body: c.body, waiting: 1}
	own, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.byHash[hash] = f
	return f, own
}

// hash returns what finds candidates for c. Headers are in it as far as they differ from call to call, so that callers with
// the same body do not stand in each other's way; order does not matter to it.
func (s *flights) hash(c *call) uint64 {
	hash := maphash.Bytes(s.seed, c.body)
	if !c.target.header.varies(c.origin) {
		return hash
	}
	for name, values := range c.header {
		entry := maphash.String(s.seed, name)
		for _, value := range values {
			entry = entry*31 + maphash.String(s.seed, value)
		}
		hash ^= entry
	}
	return hash
}

// lead makes the request under the flight's own context and hands its answer to those who wait.
func (f *flight) lead(ctx, own context.Context, c *call, next handler) (*Response, error) {
	defer f.cancel()
	stop := context.AfterFunc(ctx, func() { f.leave(true) })
	f.finish(f.call(own, c, next))
	if !stop() {
		return nil, ctx.Err()
	}
	return f.answer()
}

// call makes the request. A panic must not keep the others waiting, so it becomes an error for all.
func (f *flight) call(ctx context.Context, c *call, next handler) (response *Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			response = nil
			err = gqlerr.New(gqlerr.InternalServerError, "Internal server error").Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return next(ctx, c)
}

// follow waits for the answer of another caller's request.
func (f *flight) follow(ctx context.Context, c *call, next handler) (*Response, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
		f.leave(false)
		return nil, ctx.Err()
	}
	if f.alone {
		return next(ctx, c)
	}
	return f.answer()
}

// finish ends the flight. Every caller that still waits gets a hold on the response.
func (f *flight) finish(response *Response, err error) {
	s := f.owner
	s.mu.Lock()
	defer s.mu.Unlock()
	f.remove()
	f.response, f.err = response, err
	if response != nil {
		holders := f.waiting
		if f.alone = s.isPersonal(response.Header); f.alone {
			holders = 0
			if f.phase == led {
				holders = 1
			}
		}
		response.buffer.refs.Add(int32(holders))
		response.Release() // the flight's own hold
	}
	f.phase = finished
	if f.done != nil {
		close(f.done)
	}
}

// leave is what happens when a caller waits no longer.
func (f *flight) leave(leads bool) {
	s := f.owner
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.phase == finished { // the answer came in the same moment, and one hold on it is the caller's
		if f.response != nil && (leads || !f.alone) {
			f.response.Release()
		}
		return
	}
	if leads {
		f.phase = deserted
	}
	f.waiting--
	if f.waiting == 0 {
		f.remove() // nobody may join a request that is being given up
		f.cancel()
	}
}

// remove takes f out of the set. The caller holds the lock.
func (f *flight) remove() {
	if f.owner.byHash[f.hash] == f {
		delete(f.owner.byHash, f.hash)
	}
}

// answer returns what one caller gets of a finished flight.
func (f *flight) answer() (*Response, error) {
	if f.err != nil {
		return nil, f.err
	}
	if f.done == nil {
		return f.response, nil
	}
	own := *f.response
	return &own, nil
}

// sameHeader tells whether two calls send the same headers.
func sameHeader(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name, values := range a {
		others, ok := b[name]
		if !ok || len(values) != len(others) {
			return false
		}
		for i := range values {
			if values[i] != others[i] {
				return false
			}
		}
	}
	return true
}
