package authz

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// programTime is how long a request waits for a decision of the program's own code. The sources of the configuration
	// have limits of their own.
	programTime = 5 * time.Second
	// programCalls is how many such decisions run at the same time, those included that nobody waits for any longer.
	programCalls = 1024
)

// bounds keep code of the program's that does not answer from holding requests, and from gathering goroutines for ever.
type bounds struct {
	time   time.Duration
	places chan struct{}
}

func newBounds() *bounds { return &bounds{programTime, make(chan struct{}, programCalls)} }

// errCrowded is in the error of within when there was no place.
var errCrowded = errors.New("too many decisions of the program are still running")

// within calls ask and waits for it until the time is up or ctx ends. A panic is an error.
//
// Nothing can stop a goroutine from outside: a call that nobody waits for any longer goes on, and keeps its place until it
// returns. So the goroutines that are left over never are more than there are places, and when all places are taken by such
// calls, every further question fails.
func within[T any](ctx context.Context, b *bounds, ask func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, b.time)
	defer cancel()
	var none T
	select {
	case b.places <- struct{}{}:
	case <-ctx.Done():
		return none, fmt.Errorf("%w: %w", errCrowded, context.Cause(ctx))
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
