package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// admission bounds how many requests are executed at the same time. Of those beyond it some wait, the first come first.
type admission struct {
	slots, queue chan struct{}
}

// maxWait is how long a request waits at most: a client that was told so can go elsewhere.
const maxWait = 10 * time.Second

func newAdmission(l Limits) *admission {
	return &admission{slots: make(chan struct{}, l.ConcurrentRequests), queue: make(chan struct{}, l.QueuedRequests)}
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
	timer := time.NewTimer(maxWait)
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
	return gqlerr.New(gqlerr.ServiceUnavailable, "The gateway has too much to do: try again later")
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
