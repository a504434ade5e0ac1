package upstream

import (
	"context"
	"sync"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// circuitBreaker refuses calls to a subgraph that has been failing, so that clients do not wait for what will not come and the
// subgraph can recover. It opens when in the window enough calls were made and enough of them failed, each with all its tries.
// After the cooldown one call is let through to see, and another one after each further cooldown; the first answer closes it.
// Callers who give up, answers with errors in them and statuses below 500 say nothing against a subgraph.
//
// What was too slow, broke the connection, or ended with a status such as 500 and nothing of GraphQL may be the doing of the one who
// asked: a client that sends such queries must not shut the subgraph for all others. So these failures count only while the subgraph
// answers nothing at all.
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
	probing // a call is on its way to see
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
	// epoch counts how often it closed, and opened from being closed: what a call says that began in another epoch is not counted.
	epoch   uint64
	retryAt time.Time // when the next call is let through, unless it is closed
	counts  [parts]tally
	at      int64 // the part of time that was counted last
}

// tally counts calls by their outcome. Doubtful failures may be those of who asked.
type tally struct{ answered, unavailable, doubtful int }

// pass is what a call is let through with.
type pass struct{ epoch uint64 }

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
	if b.state != closed {
		now := b.now()
		if now.Before(b.retryAt) {
			return pass{}, false
		}
		b.retryAt = now.Add(b.cooldown) // one that hangs is not waited for
		b.enter(probing)
	}
	return pass{b.epoch}, true
}

// record notes what became of a call that was admitted.
func (b *breaker) record(p pass, o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case p.epoch != b.epoch:
	case b.state == closed:
		b.count(o)
	case o == answered:
		b.counts, b.at = [parts]tally{}, 0
		b.epoch++
		b.enter(closed)
		b.count(o) // it answers something
	case o == abandoned:
		b.retryAt = b.now()
		b.enter(open)
	default:
		b.retryAt = b.now().Add(b.cooldown)
		b.enter(open)
	}
}

func (b *breaker) enter(s breakerState) {
	if b.state == s {
		return
	}
	b.state = s
	b.entered([...]string{closed: "closed", open: "open", probing: "half-open"}[s])
}

// count adds a call to the window, and opens when that makes too many failures.
func (b *breaker) count(o outcome) {
	if o == abandoned {
		return
	}
	part := b.now().UnixNano() / max(1, int64(b.window)/parts)
	for n := max(b.at+1, part-parts+1); n <= part; n++ {
		b.counts[n%parts] = tally{}
	}
	b.at = max(b.at, part)
	now := &b.counts[b.at%parts]
	switch {
	case o == unavailable:
		now.unavailable++
	case o.fails():
		now.doubtful++
	default:
		now.answered++
		return
	}
	var sum tally
	for _, c := range b.counts {
		sum.answered, sum.unavailable, sum.doubtful = sum.answered+c.answered, sum.unavailable+c.unavailable, sum.doubtful+c.doubtful
	}
	calls, failures := sum.answered+sum.unavailable+sum.doubtful, sum.unavailable
	if sum.answered == 0 {
		failures = calls
	}
	if calls >= b.least && failures*100 >= calls*b.percent {
		b.retryAt = b.now().Add(b.cooldown)
		b.epoch++
		b.enter(open)
	}
}
