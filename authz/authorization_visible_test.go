package authz

import (
	"strconv"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestViewsDoNotWaitForOthers: while one view is computed, others are there for those who want them; those who want the same wait and
// get the same.
func TestViewsDoNotWaitForOthers(t *testing.T) {
	t.Parallel()
	v := &views{}
	began, goOn := make(chan struct{}), make(chan struct{})
	slow := func() map[supergraph.Coordinate]bool {
		close(began) // twice would panic
		<-goOn
		return map[supergraph.Coordinate]bool{"slow": true}
	}
	answers := make(chan map[supergraph.Coordinate]bool)
	go func() { answers <- v.get("slow", slow) }()
	<-began
	go func() { answers <- v.get("slow", slow) }()
	quick := v.get("quick", func() map[supergraph.Coordinate]bool { return map[supergraph.Coordinate]bool{"quick": true} })
	if !quick["quick"] {
		t.Errorf("got %v", quick)
	}
	close(goOn)
	for range 2 {
		if got := <-answers; !got["slow"] {
			t.Errorf("got %v", got)
		}
	}
}

// TestViewsAreBounded: many outcomes push out some views and never all.
func TestViewsAreBounded(t *testing.T) {
	t.Parallel()
	v := &views{}
	for i := range 3 * maxViews {
		v.get(strconv.Itoa(i), func() map[supergraph.Coordinate]bool { return nil })
		if got := len(v.byOutcome); got != min(i+1, maxViews) {
			t.Fatalf("after %d outcomes %d views are remembered", i+1, got)
		}
	}
}
