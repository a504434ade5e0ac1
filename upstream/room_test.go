package upstream

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// newTestRoom returns a room for some, where who waits waits for ever.
func newTestRoom(most int) *room {
	r := newRoom(most)
	r.wait = time.Hour
	return r
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
	r := newTestRoom(1)
	r.wait = time.Millisecond
	one, other := &Origin{}, &Origin{}
	for range 3 {
		if err := r.enter(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
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

// TestRoomQueue: as many wait as there are places, the first who came is the first who gets in, who gives up takes no place, and who
// waits gives way.
func TestRoomQueue(t *testing.T) {
	t.Parallel()
	r := newTestRoom(2)
	within := []*Origin{{}, {}}
	for _, o := range within {
		if err := r.enter(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	gone, giveUp := context.WithCancel(t.Context())
	var got [2]error
	var gaveWay atomic.Int32
	var group sync.WaitGroup
	for i, ctx := range []context.Context{gone, t.Context()} {
		group.Go(func() { got[i] = r.enter(ctx, &Origin{GiveWay: func() { gaveWay.Add(1) }}) })
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
	group.Wait()
	if !errors.Is(got[0], context.Canceled) || got[1] != nil || gaveWay.Load() != 2 {
		t.Errorf("got %v, and %d gave way", got, gaveWay.Load())
	}
	if len(r.within) != 2 || r.waiting() != 0 {
		t.Errorf("%d are in and %d wait", len(r.within), r.waiting())
	}
}

// TestRoomWaitsForALittle: where the others do not leave, who waits is refused.
func TestRoomWaitsForALittle(t *testing.T) {
	t.Parallel()
	r := newTestRoom(1)
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
