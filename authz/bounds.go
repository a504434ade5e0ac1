package authz

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// programTime is how long a request waits for a decision of the program's own code. The sources of the configuration have
	// times of their own.
	programTime = 5 * time.Second
	// mostDecisions is how many decisions run at the same time, in the program or in one source, those included that nobody waits
	// for any longer. As many again wait until others are done.
	mostDecisions = 1024
)

// bounds keep somebody who decides and does not answer from holding requests, and from gathering goroutines for ever. Each source,
// and the program, has bounds of its own: when one hangs, the others still decide.
type bounds struct {
	time          time.Duration
	places, queue chan struct{}
}

func newBounds(time time.Duration) *bounds {
	return &bounds{time, make(chan struct{}, mostDecisions), make(chan struct{}, mostDecisions)}
}

// errCrowded is in the error of within when there was no place.
var errCrowded = errors.New("too many decisions are still running")

// enter waits for a place, which must be given back.
func (b *bounds) enter(ctx context.Context) error {
	select {
	case b.places <- struct{}{}:
		return nil
	default:
	}
	select {
	case b.queue <- struct{}{}:
		defer func() { <-b.queue }()
	default:
		return errCrowded
	}
	select {
	case b.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errCrowded, context.Cause(ctx))
	}
}

// within calls ask and waits for it until the time is up, which is the time for a place, too, or ctx ends. A panic is an error.
//
// Nothing can stop a goroutine from outside: a call that nobody waits for any longer goes on, and keeps its place until it
// returns. So the goroutines that are left over never are more than there are places, and when all places are taken by such
// calls, every further question fails.
func within[T any](ctx context.Context, b *bounds, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, b.time)
	defer cancel()
	var none T
	if err := b.enter(ctx); err != nil {
		return none, err
	}
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		a := answer{err: errors.New("it ended without an answer")}
		defer func() {
			if r := recover(); r != nil {
				a.err = fmt.Errorf("panicked: %v", r)
			}
			<-b.places
			answered <- a
		}()
		a.value, a.err = ask(ctx)
	}()
	select {
	case a := <-answered:
		if a.err != nil {
			return none, a.err
		}
		return a.value, context.Cause(ctx)
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
