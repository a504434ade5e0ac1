package budget_test

import (
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
)

func TestLease(t *testing.T) {
	t.Parallel()
	b := budget.New(1 << 20)
	one, other := b.Lease(), b.Lease()
	for i, c := range []struct {
		lease *budget.Lease
		bytes int64
		want  bool
		used  int64
	}{
		{&one, 100, true, 0},
		{&one, budget.Free, true, 0},
		{&one, 600 << 10, true, 640 << 10},
		{&one, 100, true, 640 << 10},
		{&other, 600 << 10, false, 640 << 10},
		{&other, 300 << 10, true, 960 << 10},
		{&one, 1 << 20, false, 960 << 10},
		{&one, 700 << 10, true, 1024 << 10},
	} {
		if got := c.lease.Hold(c.bytes); got != c.want || b.Used() != c.used {
			t.Errorf("%d: got %t, %d used", i, got, b.Used())
		}
	}
	one.Release()
	one.Release()
	other.Release()
	if b.Used() != 0 {
		t.Errorf("%d used", b.Used())
	}
	endless := (*budget.Budget)(nil).Lease()
	if !endless.Hold(1 << 60) {
		t.Error("an endless budget has an end")
	}
	endless.Release()
}

// TestManyHolders: nothing is lost or made up when many hold and release at once.
func TestManyHolders(t *testing.T) {
	t.Parallel()
	b := budget.New(10 << 20)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range int64(1000) {
				l := b.Lease()
				if l.Hold(i<<14) && b.Used() > 8*(10<<20) {
					t.Error("more is held than there is")
				}
				l.Hold(i << 15)
				l.Release()
			}
		})
	}
	group.Wait()
	if b.Used() != 0 {
		t.Errorf("%d used", b.Used())
	}
}

// TestShare: a share has a bound of its own, and takes from the whole.
func TestShare(t *testing.T) {
	t.Parallel()
	whole := budget.New(1 << 20)
	share := whole.Share(512 << 10)
	part, other := share.Lease(), share.Lease()
	if !part.Hold(512<<10) || other.Hold(128<<10) || whole.Used() != 512<<10 {
		t.Errorf("a share of half holds %d of the whole %d", share.Used(), whole.Used())
	}
	rest := whole.Lease()
	if !rest.Hold(512 << 10) {
		t.Error("the other half is not left")
	}
	part.Release()
	if whole.Used() != 512<<10 || share.Used() != 0 {
		t.Errorf("%d and %d are held", whole.Used(), share.Used())
	}
	last := whole.Lease()
	if !last.Hold(512<<10) || part.Hold(128<<10) || share.Used() != 0 {
		t.Error("a share has more than the whole")
	}
}
