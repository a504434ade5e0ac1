package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// admission bounds how many requests are executed at the same time. Of those beyond it some wait, the first come first.
type admission struct {
	slots, queue chan struct{}
	// aside are those that wait until their operation is prepared or planned: they take no place of those that need nothing of
	// the kind, so that a flood of new operations stops new operations only.
	aside chan struct{}
	// longest is maxWait.
	longest time.Duration
}

// maxWait is how long a request waits at most: a client that was told so can go elsewhere.
const maxWait = 10 * time.Second

func newAdmission(l Limits) *admission {
	return &admission{
		slots:   make(chan struct{}, l.ConcurrentRequests),
		queue:   make(chan struct{}, l.QueuedRequests),
		aside:   make(chan struct{}, l.ConcurrentRequests+l.QueuedRequests),
		longest: maxWait,
	}
}

// place is a request's place among those that are executed. It belongs to one goroutine, but for giveBack.
type place struct {
	of   *admission
	held atomic.Bool
}

// take waits for a place, as enter does.
func (p *place) take(ctx context.Context) error {
	err := p.of.enter(ctx)
	p.held.Store(err == nil)
	return err
}

// giveBack gives the place back, if there is one. A request that waits until a subgraph has room for it gives its place to others and needs
// none any more: the subgraph bounds how many of these there are.
func (p *place) giveBack() {
	if p.held.CompareAndSwap(true, false) {
		p.of.leave()
	}
}

// away gives the place to others while work waits for somebody who bounds how many do so, and takes one again afterwards.
func (p *place) away(ctx context.Context, work func()) error {
	p.giveBack()
	work()
	return p.take(ctx)
}

// aside gives the place to others while work is done that many may wait for, and takes one again afterwards. The error is that
// of work, or SERVICE_UNAVAILABLE when too many are aside already, or one of take.
func (p *place) aside(ctx context.Context, work func() error) error {
	select {
	case p.of.aside <- struct{}{}:
		defer func() { <-p.of.aside }()
	default:
		return overloaded()
	}
	p.giveBack()
	if err := work(); err != nil {
		return err
	}
	return p.take(ctx)
}

// enter waits until the request may be executed; leave must follow. The error is SERVICE_UNAVAILABLE when too many wait
// already or it has waited too long, or the context's.
func (a *admission) enter(ctx context.Context) error {
	select {
	case a.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case a.queue <- struct{}{}:
		defer func() { <-a.queue }()
	default:
		return overloaded()
	}
	timer := time.NewTimer(a.longest)
	defer timer.Stop()
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-timer.C:
		return overloaded()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *admission) leave() { <-a.slots }

// overloaded is the error for a request that cannot be taken on now.
func overloaded() error {
	return gqlerr.New(gqlerr.ServiceUnavailable, "The gateway is overloaded: try again later")
}

// ended makes the error of a context that has ended one for clients; others stay.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	message := "The request was cancelled"
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		message = "The request took too long"
	}
	return gqlerr.New(gqlerr.RequestTimeout, "%s", message).Wrap(err)
}
