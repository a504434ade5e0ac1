package planner

import (
	"context"
	"errors"
	"testing"
)

// TestAtMost: what may stay undone is stopped after its work, and nothing else changes; what ends all of planning ends that, too.
func TestAtMost(t *testing.T) {
	t.Parallel()
	forever := func(b *budget) func() {
		return func() {
			for {
				b.spend(1)
			}
		}
	}
	b := newBudget(context.Background())
	b.spend(1000)
	b.atMost(5000, forever(&b))
	if b.spent != 6001 || b.limit != maxWork {
		t.Errorf("spent %d of %d", b.spent, b.limit)
	}
	b.spend(maxWork - b.spent)

	ended := func(b *budget) (err error) {
		defer b.end(&err)
		b.atMost(5000, forever(b))
		return nil
	}
	if err := ended(&b); !errors.Is(err, errTooComplex) {
		t.Errorf("work that nothing is left for: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b = newBudget(ctx)
	if err := ended(&b); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	b = newBudget(context.Background())
	defer func() {
		if p := recover(); p != "a defect" || b.limit != maxWork {
			t.Errorf("panic %v, limit %d", p, b.limit)
		}
	}()
	b.atMost(5000, func() { panic("a defect") })
}
