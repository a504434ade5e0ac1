package upstream

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// share lets identical queries that are in flight at the same time share one request. Identical means: the same
// subgraph, the same headers, the same bytes; a hash only finds candidates. The request runs under a context of its own,
// which ends when all who wait for it have left, so a caller that gives up fails nobody else. An answer that sets
// cookies is for one caller: the others ask again, each for itself.
func share(on bool) step {
	return func(next handler) handler {
		if !on {
			return next
		}
		return func(ctx context.Context, c *call) (*Response, error) {
			if !c.query {
				return next(ctx, c)
			}
			f, own := c.target.flights.join(ctx, c)
			if f == nil {
				return next(ctx, c)
			}
			leads := own != nil
			if leads {
				go f.run(own, c.forFlight(), next)
			}
			select {
			case <-f.done:
			case <-ctx.Done():
				f.leave(leads)
				return nil, ctx.Err()
			}
			if f.alone && !leads {
				return next(ctx, c)
			}
			return f.answer()
		}
	}
}

// forFlight returns a copy of c that may outlive the caller who made it.
func (c *call) forFlight() *call {
	own := *c
	own.origin = nil // it belongs to one of the callers
	return &own
}

// flights are the shared requests to one subgraph that are in flight.
type flights struct {
	mu     sync.Mutex
	seed   maphash.Seed
	byHash map[uint64]*flight
}

// flight is one shared request.
type flight struct {
	owner  *flights
	hash   uint64
	header http.Header
	body   []byte // as the callers compare it: without what later steps append
	cancel context.CancelFunc
	done   chan struct{} // closed when response, err and alone are final

	response *Response
	err      error
	alone    bool // only the leader may have the response

	// The rest is guarded by owner.mu.
	waiting    int
	leaderLeft bool
}

// newFlights returns an empty set.
func newFlights() *flights {
	return &flights{seed: maphash.MakeSeed(), byHash: map[uint64]*flight{}}
}

// join returns the flight for c. The first caller leads it: that one gets a context too, and has to run the flight under
// it. The flight is nil when another request happens to have the same hash.
func (s *flights) join(ctx context.Context, c *call) (f *flight, own context.Context) {
	hash := maphash.Bytes(s.seed, c.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f = s.byHash[hash]; f != nil {
		if !bytes.Equal(f.body, c.body) || !sameHeader(f.header, c.header) {
			return nil, nil
		}
		f.waiting++
		return f, nil
	}
	f = &flight{owner: s, hash: hash, header: c.header, body: c.body, done: make(chan struct{}), waiting: 1}
	own, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.byHash[hash] = f
	return f, own
}

// run makes the request and hands its answer to those who still wait.
func (f *flight) run(ctx context.Context, c *call, next handler) {
	defer f.cancel()
	f.finish(f.call(ctx, c, next))
}

// call makes the request. A panic in this goroutine would end the process, so it becomes an error.
func (f *flight) call(ctx context.Context, c *call, next handler) (response *Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			response, err = nil, gqlerr.New(gqlerr.InternalServerError, "Internal server error").Wrap(fmt.Errorf("panic: %v", p))
		}
	}()
	return next(ctx, c)
}

// finish ends the flight.
func (f *flight) finish(response *Response, err error) {
	s := f.owner
	s.mu.Lock()
	defer s.mu.Unlock()
	f.remove()
	f.response, f.err = response, err
	if response != nil {
		holders := f.waiting
		if f.alone = len(response.Header["Set-Cookie"]) > 0; f.alone {
			holders = 1
			if f.leaderLeft {
				holders = 0
			}
		}
		response.buffer.refs.Add(int32(holders))
		response.Release() // the flight's own hold
	}
	close(f.done)
}

// leave is what a caller does that waits no longer.
func (f *flight) leave(leads bool) {
	s := f.owner
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-f.done: // the answer came in the same moment, and one hold on it is ours
		if f.response != nil && (leads || !f.alone) {
			f.response.Release()
		}
		return
	default:
	}
	f.leaderLeft = f.leaderLeft || leads
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
