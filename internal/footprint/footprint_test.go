package footprint_test

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/footprint"
)

type schema struct{ _ [1 << 16]byte }

type node struct {
	name   string
	schema *schema
	next   *node
	any    any
	list   []node
	byName map[string]*node
	bytes  []byte
	call   func()
}

func TestOf(t *testing.T) {
	t.Parallel()
	ring := &node{}
	ring.next = ring
	one := &node{name: "0123456789abcdef"}
	size := int64(reflect.TypeFor[node]().Size()+15) / 16 * 16
	meter := footprint.NewMeter(reflect.TypeFor[schema]())
	for name, c := range map[string]struct {
		value any
		want  int64
	}{
		"nil":               {nil, 0},
		"a nil pointer":     {(*node)(nil), 0},
		"a pointer":         {&node{}, size},
		"a ring":            {ring, size},
		"a string":          {one, size + 16},
		"twice the same":    {[]*node{one, one}, 16 + size + 16},
		"shared":            {&node{schema: &schema{}}, size},
		"capacity":          {&node{bytes: make([]byte, 0, 100)}, size + 112},
		"a number in any":   {&node{any: int64(7)}, size + 16},
		"a pointer in any":  {&node{any: &node{}}, 2 * size},
		"a slice of values": {&node{list: make([]node, 2)}, size + (2*int64(reflect.TypeFor[node]().Size())+15)/16*16},
		"a function":        {&node{call: func() {}}, size},
		"a map":             {&node{byName: map[string]*node{"0123456789abcdef": {}}}, 2*size + 16 + 96},
	} {
		if got := meter.Of(c.value); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// TestAgainstHeap compares with what the runtime says.
func TestAgainstHeap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	root := &node{byName: map[string]*node{}}
	for i := range 50_000 {
		name := fmt.Sprintf("some node %d", i)
		root.byName[name] = &node{name: name, list: make([]node, i%3), bytes: make([]byte, i%200), any: i}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	heap, got := int64(after.HeapAlloc-before.HeapAlloc), footprint.NewMeter().Of(root)
	if got < heap*7/10 || got > heap*14/10 {
		t.Errorf("estimated %d of %d bytes", got, heap)
	}
	runtime.KeepAlive(root)
}
