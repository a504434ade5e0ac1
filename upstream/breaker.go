package upstream

import (
	"context"
	"sync"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// circuitBreaker refuses calls to a subgraph that has been failing, so that clients do not wait for what will not come and the
// subgraph can recover. It opens when in the window enough calls were made and enough of them failed, each with all its tries.
// After the cooldown one call is let through to see; it closes or opens again as that one says. Callers who give up, answers with
// errors in them and statuses below 500 say nothing against a subgraph.
func circuitBreaker(config Config) step {
	return func(next handler) handler {
		if !config.CircuitBreaker.Enabled {
			return next
		}
		return func(ctx context.Context, c *call) (*Response, error) {
			b := c.target.breaker
			pass, ok := b.admit()
			if !ok {
				return nil, gqlerr.New(gqlerr.SubrequestCircuitOpen, "Subgraph %q is not called, since it has been failing", c.target.name)
			}
			verdict := abandoned // also of a call that panics
			defer func() { b.record(pass, verdict) }()
			response, err := next(ctx, c)
			verdict, _ = judge(ctx, response, err)
			return response, err
		}
	}
}

// breakerState is where a breaker is.
type breakerState uint8

const (
	closed breakerState = iota
	open
	probing // one call is on its way to see
)

// parts is in how many parts the window is counted, so that it moves in small steps.
const parts = 10

// breaker is that of one subgraph.
type breaker struct {
	window, cooldown time.Duration
	percent, least   int
	now              func() time.Time
	entered          func(state string)

	mu    sync.Mutex
	state breakerState
	// changed counts the changes of state: what a call that began before the last one says is not counted.
	changed uint64
	retryAt time.Time
	counts  [parts]struct{ calls, failures int }
	at      int64 // the part of time that was counted last
}

// pass is what a call is let through with.
type pass struct{ changed uint64 }

// newBreaker returns one that is closed. The func is told of each change.
func newBreaker(config Config, entered func(state string)) *breaker {
	c := config.CircuitBreaker
	return &breaker{
		window: c.Window, cooldown: c.Cooldown, percent: c.FailurePercent, least: c.MinRequests, now: time.Now, entered: entered,
	}
}

// admit tells whether a call may be made.
func (b *breaker) admit() (pass, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == probing, b.state == open && b.now().Before(b.retryAt):
		return pass{}, false
	case b.state == open:
		b.enter(probing)
	}
	return pass{b.changed}, true
}

// record notes what became of a call that was admitted.
func (b *breaker) record(p pass, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	failed := o == unavailable || o == failing
	switch {
	case p.changed != b.changed:
	case b.state == probing && o == answered:
		b.counts, b.at = [parts]struct{ calls, failures int }{}, 0
		b.enter(closed)
	case b.state == probing:
		if failed {
			b.retryAt = b.now().Add(b.cooldown)
		}
		b.enter(open)
	case o != abandoned:
		b.count(failed)
	}
}

func (b *breaker) enter(s breakerState) {
	b.state, b.changed = s, b.changed+1
	b.entered([...]string{closed: "closed", open: "open", probing: "half-open"}[s])
}

// count adds a call to the window, and opens when that makes too many failures.
func (b *breaker) count(failed bool) {
	part := b.now().UnixNano() / max(1, int64(b.window)/parts)
	for n := max(b.at+1, part-parts+1); n <= part; n++ {
		b.counts[n%parts] = struct{ calls, failures int }{}
	}
	b.at = max(b.at, part)
	now := &b.counts[b.at%parts]
	now.calls++
	if !failed {
		return
	}
	now.failures++
	calls, failures := 0, 0
	for _, c := range b.counts {
		calls, failures = calls+c.calls, failures+c.failures
	}
	if calls >= b.least && failures*100 >= calls*b.percent {
		b.retryAt = b.now().Add(b.cooldown)
		b.enter(open)
	}
}
