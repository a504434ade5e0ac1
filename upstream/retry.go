package upstream

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// retry makes calls without effects again that found the subgraph unavailable: no connection, a connection that broke, 502, 503
// or 504. Timeouts are not repeated: what was too slow once is not helped by more of it. The first repetition after a broken
// connection is immediate, since it is most likely that an idle one was just being closed; others wait, longer each time, by
// chance less, and as long as the subgraph says (Retry-After) within that bound. No try begins later than the time limit of one
// after the first. A budget keeps repetitions from multiplying the load on a subgraph that is in trouble.
func retry(config Config) step {
	return func(next handler) handler {
		if config.Retry.Attempts == 0 {
			return next
		}
		return func(ctx context.Context, c *call) (*Response, error) {
			c.target.budget.earn()
			if !c.repeatable {
				return next(ctx, c)
			}
			first, began := c.unsigned(), time.Now()
			for n := 0; ; n++ {
				response, err := next(ctx, c)
				wait, again := config.again(ctx, n, response, err)
				if !again || time.Since(began)+wait > c.target.timeout || !c.target.budget.spend() {
					return response, err
				}
				if response != nil {
					response.Release()
				}
				if !pause(ctx, wait) {
					return nil, ctx.Err()
				}
				c.restore(first)
				c.target.observer.Retried()
			}
		}
	}
}

// again tells whether a call is made again after its try n, and how long it waits before.
func (c Config) again(ctx context.Context, n int, response *Response, err error) (wait time.Duration, again bool) {
	o, retryAfter := judge(ctx, response, err)
	if !o.mayBeRepeated() || n >= c.Retry.Attempts {
		return 0, false
	}
	if n == 0 && isBroken(err) {
		return 0, true
	}
	longest := c.Retry.MaxDelay
	backoff := min(c.Retry.Delay<<min(n, 16), longest)    //nolint:mnd // beyond that the bound holds anyway
	wait = time.Duration(rand.Int64N(int64(backoff) + 1)) //nolint:gosec // when to try again is no secret
	if asked := parseRetryAfter(retryAfter, time.Now()); asked > longest {
		return 0, false
	} else if asked > 0 {
		wait = asked + wait/2
	}
	return wait, true
}

// parseRetryAfter returns how long to wait (RFC 9110, section 10.2.3), 0 when the header says nothing that can be read.
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// pause waits; false when ctx ends before.
func pause(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// unsigned is a call as it was before it was signed.
type unsigned struct {
	header http.Header
	body   []byte
	braces int
}

// unsigned returns what every try begins with.
func (c *call) unsigned() unsigned { return unsigned{c.header, c.body, c.braces} }

// restore makes c what it was. The body is a copy: net/http may still be reading that of the try before.
func (c *call) restore(u unsigned) {
	c.header, c.braces = u.header, u.braces
	c.body = slices.Grow(slices.Clone(u.body), spareBody)
}

// budget is how many repetitions a subgraph may get: a share of its calls, and a few at once.
type budget struct {
	// saved is in hundredths of a repetition.
	saved   atomic.Int64
	percent int64
}

const (
	oneRetry = 100
	maxSaved = 10 * oneRetry
)

// newBudget returns one that has saved all it can.
func newBudget(percent int) *budget {
	b := &budget{percent: int64(percent)}
	b.saved.Store(maxSaved)
	return b
}

// earn adds the share of one call.
func (b *budget) earn() {
	for {
		saved := b.saved.Load()
		if saved >= maxSaved || b.saved.CompareAndSwap(saved, min(saved+b.percent, maxSaved)) {
			return
		}
	}
}

// spend takes one repetition, if there is one.
func (b *budget) spend() bool {
	for {
		saved := b.saved.Load()
		if saved < oneRetry {
			return false
		}
		if b.saved.CompareAndSwap(saved, saved-oneRetry) {
			return true
		}
	}
}
