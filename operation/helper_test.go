package operation

import (
	"os"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// loaded is a Preparer over the supergraph in a file.
func loaded(t testing.TB, file string, limits Limits) *Preparer {
	t.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(schema, limits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shop is over the example supergraph, zoo over one that has something for each rule.
func shop(t testing.TB) *Preparer {
	t.Helper()
	return loaded(t, "../examples/subgraphs/supergraph.graphql", Limits{})
}

func zoo(t testing.TB) *Preparer { t.Helper(); return loaded(t, "testdata/rules.graphql", Limits{}) }
