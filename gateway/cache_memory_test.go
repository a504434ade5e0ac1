package gateway

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// heap returns how much memory is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// expanding returns a document of less than 1 KB whose fragments spread to about 2,000 fields.
func expanding(n int) string {
	const levels = 8
	var b strings.Builder
	fmt.Fprintf(&b, "{a%d:feed{...F0}}", n)
	for i := range levels {
		fmt.Fprintf(&b, "fragment F%d on Review{author{reviews{...F%d}} product{reviews{...F%d}}}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "fragment F%d on Review{body rating}", levels)
	return b.String()
}

// TestCacheMemory: what is kept for many small documents with large plans stays near the budget, and weighs what it holds.
func TestCacheMemory(t *testing.T) {
	const documents, budget = 60, 8 << 20
	s := open(t).state.Load()
	s.caches = newCaches(budget)
	fill := func(n int) (weight int64) {
		op, err := s.prepare(t.Context(), &params{query: []byte(expanding(n))})
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.variant(t.Context(), op, op.Evaluate(nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		return int64(op.weight) + int64(v.weight)
	}
	before := heap()
	total, n := int64(0), 0
	for {
		held := heap()
		one := fill(n)
		held = heap() - held
		total, n = total+one, n+1
		if one >= held/2 && one <= 2*held {
			break
		}
		if n == 5 { // once it may be something else of the process that comes or goes
			t.Fatalf("an entry weighs %d bytes and holds %d", one, held)
		}
	}
	for ; n < documents; n++ {
		total += fill(n)
	}
	s.caches.prepared.CleanUp()
	s.caches.variants.CleanUp()
	if grown := heap() - before; total < 5*budget || grown > 2*budget {
		t.Errorf("%d bytes are kept of %d", grown, total)
	}
	if n := s.caches.variants.EstimatedSize(); n == 0 {
		t.Error("nothing is kept")
	}
	runtime.KeepAlive(s)
}
