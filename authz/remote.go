package authz

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// What Startup may be.
const (
	startupWait    = "wait"
	startupFail    = "fail"
	startupDegrade = "degrade"
)

const (
	// usualFreshness is for how long a key set counts as fresh that says nothing about it.
	usualFreshness = 5 * time.Minute
	// firstRetry and lastRetry bound the time to the next try after a failure, which doubles with each.
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// remoteKeys is a key set that is fetched, again and again, by one goroutine: that of run. So there is never more than one
// fetch at a time, however many ask for one.
type remoteKeys struct {
	name        string
	startup     string
	least, most time.Duration // between two fetches
	fetch       func(context.Context) (fetched, error)
	env         environment
	observer    Observer

	set   atomic.Pointer[keySet]
	first chan struct{} // closed when there are keys for the first time
	wake  chan struct{} // holds one wish for a fetch

	mu     sync.Mutex
	flight chan struct{} // closed at the end of the fetch that runs or was asked for; nil if there is none
	asked  time.Time     // when renew last asked for a fetch
	last   refreshState
	ended  bool // nothing is fetched any more
}

// refreshState is how the last fetch went.
type refreshState struct {
	succeeded time.Time // of the last that did
	problem   error     // of the last one, nil if it succeeded
	failures  int       // in a row
}

// fetched is what a fetch found.
type fetched struct {
	keys  *keySet       // nil if they are as before
	fresh time.Duration // how long they count as fresh, less than 0 if nobody said
}

// newRemoteKeys returns a key set without keys; run gets them.
func newRemoteKeys(p Provider, env environment, observer Observer) *remoteKeys {
	r := &remoteKeys{
		name: p.Name, startup: p.Startup, env: env, observer: observer,
		first: make(chan struct{}), wake: make(chan struct{}, 1),
		fetch: newFetcher(p.KeySource, env, p.algorithms()).fetch,
	}
	if r.startup == "" {
		r.startup = startupWait
	}
	r.least, r.most = p.refresh()
	return r
}

// run fetches the keys until ctx ends.
func (r *remoteKeys) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer r.retire()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-r.wake:
		}
		r.begin()
		bounded, cancel := context.WithTimeout(ctx, r.env.fetchTimeout)
		found, err := r.fetch(bounded)
		cancel()
		timer.Reset(r.end(found, err))
	}
}

// retire lets go of those who wait for a fetch that never comes.
func (r *remoteKeys) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.flight != nil {
		close(r.flight)
	}
}

// begin notes that a fetch starts. Who asks from now on waits for this one.
func (r *remoteKeys) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flight == nil {
		r.flight = make(chan struct{})
	}
	select {
	case <-r.wake:
	default:
	}
}

// end notes how a fetch went and returns the time to the next. After a failure the old keys stay, for however long it takes.
func (r *remoteKeys) end(found fetched, err error) time.Duration {
	r.mu.Lock()
	result := "unchanged"
	r.last.problem = err
	switch {
	case err != nil:
		result = "error"
		r.last.failures++
	case found.keys != nil:
		result = "changed"
		if r.set.Swap(found.keys) == nil {
			close(r.first)
		}
	}
	if err == nil {
		r.last.succeeded, r.last.failures = r.env.now(), 0
	}
	delay := r.delay(found.fresh, r.last.failures)
	close(r.flight)
	r.flight = nil
	r.mu.Unlock()
	r.observer.Refreshed(r.name, result, err)
	return delay
}

// delay returns the time to the next fetch. A tenth of it is left to chance, so that many gateways that started together do
// not ask together for ever; the bounds hold anyway.
func (r *remoteKeys) delay(fresh time.Duration, failures int) time.Duration {
	least := r.least
	var d time.Duration
	switch {
	case failures > 0:
		least = min(firstRetry, r.most)
		d = min(firstRetry<<min(failures-1, 10), max(lastRetry, r.least), r.most)
	case fresh < 0:
		d = usualFreshness
	default:
		d = fresh
	}
	d = min(max(d, least), r.most)
	return max(d-time.Duration(r.env.random()*float64(d)/10), least)
}

// current implements keyring.
func (r *remoteKeys) current() *keySet { return r.set.Load() }

// renew implements keyring: it joins the fetch that runs, or starts one unless it did so less than r.least ago. Without that
// anybody could make the gateway ask for keys as often as they send tokens with a "kid" of their own making.
func (r *remoteKeys) renew(ctx context.Context) {
	r.mu.Lock()
	flight := r.flight
	if flight == nil {
		now := r.env.now()
		if r.ended || now.Sub(r.asked) < r.least {
			r.mu.Unlock()
			return
		}
		r.asked = now
		flight = make(chan struct{})
		r.flight = flight
		r.wake <- struct{}{}
	}
	r.mu.Unlock()
	select {
	case <-flight:
	case <-ctx.Done():
	}
}

// state returns how the last fetch went, and whether there are keys.
func (r *remoteKeys) state() (last refreshState, hasKeys bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.set.Load() != nil
}
