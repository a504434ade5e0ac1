package operation

import (
	"os"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// loaded is a Preparer over the supergraph in a file.
func loaded(tb testing.TB, file string, limits Limits) *Preparer {
	tb.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := New(schema, limits)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// shop is over the example supergraph, zoo over one that has something for each rule.
func shop(tb testing.TB) *Preparer {
	tb.Helper()
	return loaded(tb, "../examples/subgraphs/supergraph.graphql", Limits{})
}

func zoo(tb testing.TB) *Preparer { tb.Helper(); return loaded(tb, "testdata/rules.graphql", Limits{}) }
