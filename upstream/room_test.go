package upstream

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// newTestRoom returns a room for some, with a clock of its own that stands still, and where who waits waits for ever.
func newTestRoom(most int) (r *room, pass func(time.Duration)) {
	r = newRoom(most)
	r.wait = time.Hour
	now := time.Unix(1764000000, 0)
	r.now = func() time.Time { return now }
	return r, func(d time.Duration) {
		r.mu.Lock()
		defer r.mu.Unlock()
		now = now.Add(d)
	}
}

// waiting returns how many wait.
func (r *room) waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.queue)
}

// TestRoomIsForRequests: the calls of one request take one place, until the last one is over.
func TestRoomIsForRequests(t *testing.T) {
	t.Parallel()
	r, pass := newTestRoom(1)
	one, other := &Origin{}, &Origin{}
	for range 3 {
		if err := r.enter(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	pass(time.Minute) // nobody was let in lately, so nobody may wait
	for range 2 {
		r.leave(one)
		if err := r.enter(t.Context(), other); !errors.Is(err, errCrowded) {
			t.Fatalf("got %v", err)
		}
	}
	r.leave(one)
	if err := r.enter(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	r.leave(other)
	if len(r.within) != 0 {
		t.Errorf("%d are still there", len(r.within))
	}
}

// TestRoomQueue: as many wait as were let in within the last second, the first who came is the first who gets in, and who gives up
// takes no place.
func TestRoomQueue(t *testing.T) {
	t.Parallel()
	r, pass := newTestRoom(2)
	within := []*Origin{{}, {}}
	for _, o := range within {
		if err := r.enter(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	pass(900 * time.Millisecond)
	gone, giveUp := context.WithCancel(t.Context())
	var order []int
	var got [2]error
	var group sync.WaitGroup
	inside := make(chan struct{}, len(got))
	for i, ctx := range []context.Context{gone, t.Context()} {
		group.Go(func() {
			o := &Origin{}
			if got[i] = r.enter(ctx, o); got[i] == nil {
				order = append(order, i)
				inside <- struct{}{}
			}
		})
		for r.waiting() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	if err := r.enter(t.Context(), &Origin{}); !errors.Is(err, errCrowded) {
		t.Fatalf("a third waits: %v", err)
	}
	giveUp()
	for r.waiting() > 1 {
		time.Sleep(time.Millisecond)
	}
	r.leave(within[0])
	<-inside
	group.Wait()
	if !errors.Is(got[0], context.Canceled) || len(order) != 1 || order[0] != 1 {
		t.Errorf("got %v in the order %v", got, order)
	}
	pass(2 * time.Second)
	if err := r.enter(t.Context(), &Origin{}); !errors.Is(err, errCrowded) {
		t.Errorf("where nobody was let in lately, somebody waits: %v", err)
	}
}

// TestRoomWaitsForALittle: where the others do not leave, who waits is refused.
func TestRoomWaitsForALittle(t *testing.T) {
	t.Parallel()
	r, _ := newTestRoom(1)
	r.wait = time.Millisecond
	if err := r.enter(t.Context(), &Origin{}); err != nil {
		t.Fatal(err)
	}
	if err := r.enter(t.Context(), &Origin{}); !errors.Is(err, errCrowded) || r.waiting() != 0 {
		t.Errorf("got %v, and %d wait", err, r.waiting())
	}
}

// TestRoomUnderChurn: many come, go and give up; in the end all places are free, and there were never more than there are.
func TestRoomUnderChurn(t *testing.T) {
	t.Parallel()
	r := newRoom(3)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*time.Millisecond)
			defer cancel()
			for range 20 {
				o := &Origin{}
				if r.enter(ctx, o) != nil {
					return
				}
				r.mu.Lock()
				within := len(r.within)
				r.mu.Unlock()
				if within > 3 {
					t.Errorf("%d are in", within)
				}
				r.leave(o)
			}
		})
	}
	group.Wait()
	if len(r.within) != 0 || r.waiting() != 0 {
		t.Errorf("%d are in and %d wait", len(r.within), r.waiting())
	}
}
