package upstream

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// bulkhead bounds how many requests of clients wait for one subgraph at the same time, so that one that hangs does not hold up those
// that need nothing of it. As many again wait until there is room, with nothing that others need (Origin.GiveWay). It comes before
// sharing, since who waits for another one's request waits as well. The calls of one request count once.
func bulkhead(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		r := c.target.room
		if err := r.enter(ctx, c.origin); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			c.target.observer.Crowded()
			return nil, gqlerr.New(gqlerr.SubrequestOverloaded,
				"Subgraph %q is not called, since too many requests wait for it", c.target.name)
		}
		defer r.leave(c.origin)
		return next(ctx, c)
	}
}

// roomWait is how long a request waits at most until there is room: a client that was told so can do something else.
const roomWait = 10 * time.Second

// room is that of one subgraph.
type room struct {
	most int
	wait time.Duration

	mu     sync.Mutex
	within map[*Origin]int // requests, with how many calls
	queue  []*waiter
}

// waiter is a call that waits for room.
type waiter struct {
	origin *Origin
	in     chan struct{} // closed when it is let in
}

// newRoom returns an empty room, endless if most is 0.
func newRoom(most int) *room {
	return &room{most: most, wait: roomWait, within: map[*Origin]int{}}
}

// errCrowded is for who finds no room.
var errCrowded = gqlerr.New(gqlerr.SubrequestOverloaded, "there is no room")

// enter waits for room; leave must follow. The error is errCrowded, or that of ctx.
func (r *room) enter(ctx context.Context, o *Origin) error {
	if r.most == 0 {
		return nil
	}
	r.mu.Lock()
	if r.within[o] > 0 || len(r.within) < r.most {
		r.within[o]++
		r.mu.Unlock()
		return nil
	}
	if len(r.queue) >= r.most {
		r.mu.Unlock()
		return errCrowded
	}
	w := &waiter{origin: o, in: make(chan struct{})}
	r.queue = append(r.queue, w)
	r.mu.Unlock()
	if o.GiveWay != nil {
		o.GiveWay()
	}
	return r.await(ctx, w)
}

// await waits until w is let in.
func (r *room) await(ctx context.Context, w *waiter) error {
	timer := time.NewTimer(r.wait)
	defer timer.Stop()
	err := error(errCrowded)
	select {
	case <-w.in:
		return nil
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.queue, w)
	if i < 0 {
		return nil // it was let in at the same moment
	}
	r.queue = slices.Delete(r.queue, i, i+1)
	return err
}

// leave makes room, for those first who came first. Nobody waits while there is room.
func (r *room) leave(o *Origin) {
	if r.most == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.within[o]--; r.within[o] > 0 {
		return
	}
	delete(r.within, o)
	for len(r.queue) > 0 && (len(r.within) < r.most || r.within[r.queue[0].origin] > 0) {
		first := r.queue[0]
		r.queue = slices.Delete(r.queue, 0, 1)
		r.within[first.origin]++
		close(first.in)
	}
}
