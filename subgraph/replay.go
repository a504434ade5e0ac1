package subgraph

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ReplayCache remembers the nonces of accepted requests. It is used by many goroutines at once.
type ReplayCache interface {
	// Remember stores a nonce, at least until the time given. It returns nil when the nonce was not there, ErrReplayed when it
	// was, and another error, upon which the request is refused with status 503, when it cannot tell or cannot store it.
	// Asking and storing is one step: of two calls with one nonce at most one returns nil.
	Remember(ctx context.Context, nonce [16]byte, until time.Time) error
}

// ReplayCacheFunc makes a function a ReplayCache.
type ReplayCacheFunc func(ctx context.Context, nonce [16]byte, until time.Time) error

// Remember calls the function.
func (f ReplayCacheFunc) Remember(ctx context.Context, nonce [16]byte, until time.Time) error {
	return f(ctx, nonce, until)
}

// ErrReplayed is what a ReplayCache returns for a nonce that it has.
var ErrReplayed = errors.New("the nonce was used before")

var (
	errCacheFull = errors.New("the nonce cache is full")
	errTooLong   = errors.New("the nonce cache does not remember for that long")
)

const (
	// defaultNonces is enough for 30,000 requests a second, and takes some 80 MB when it is full.
	defaultNonces = 1 << 20
	// horizon is how many seconds ahead nonces can be remembered: more than any signature and skew needs.
	horizon = 128
)

// nonceCache is a ReplayCache in memory.
type nonceCache struct {
	limit int
	now   func() time.Time

	mu   sync.Mutex
	seen map[[16]byte]struct{}
	due  [horizon][][16]byte // by the second, modulo horizon, after which they can be forgotten
	next int64               // the first second that has not been forgotten
}

// NewNonceCache returns a ReplayCache in the memory of this process. It holds up to limit nonces, about a million when
// limit is 0; when it is full it refuses, rather than forget one that could still be replayed.
func NewNonceCache(limit int) ReplayCache {
	if limit <= 0 {
		limit = defaultNonces
	}
	return &nonceCache{limit: limit, now: time.Now, seen: map[[16]byte]struct{}{}}
}

// Remember stores a nonce.
func (c *nonceCache) Remember(_ context.Context, nonce [16]byte, until time.Time) error {
	second := until.Add(time.Second - time.Nanosecond).Unix() // rounded up
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now().Unix()
	c.forget(now)
	if _, ok := c.seen[nonce]; ok {
		return ErrReplayed
	}
	if second >= c.next+horizon {
		return errTooLong
	}
	if len(c.seen) >= c.limit {
		return errCacheFull
	}
	c.seen[nonce] = struct{}{}
	bucket := &c.due[max(second, c.next)%horizon]
	*bucket = append(*bucket, nonce)
	return nil
}

// forget drops what was due before the second now. A clock that goes back forgets nothing.
func (c *nonceCache) forget(now int64) {
	if c.next == 0 || now-c.next >= horizon && len(c.seen) == 0 {
		c.next = now
	}
	for end := min(now, c.next+horizon); c.next < end; c.next++ {
		bucket := &c.due[c.next%horizon]
		for _, nonce := range *bucket {
			delete(c.seen, nonce)
		}
		*bucket = (*bucket)[:0]
	}
	c.next = max(c.next, now)
}
