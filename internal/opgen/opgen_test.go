package opgen_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func schema(tb testing.TB) *supergraph.Schema {
	tb.Helper()
	sdl, err := os.ReadFile("../../examples/subgraphs/supergraph.graphql")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := supergraph.Parse(sdl)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestValid: everything that is generated can be prepared, coerced and filtered.
func TestValid(t *testing.T) {
	t.Parallel()
	s := schema(t)
	p, err := operation.New(s, operation.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for seed := range uint64(5000) {
		document, variables := opgen.New(s, seed, opgen.Options{Mutations: 20, Nulls: true}).Next()
		op, err := p.Prepare(t.Context(), []byte(document), "")
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, document)
		}
		values, err := op.Coerce(variables)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, document, variables)
		}
		operation.Filter(op, op.Evaluate(values, nil), operation.KeepAll)
		for _, feature := range []string{
			"mutation", "fragment ", "... on", "... {", "... @", "@skip", "@include", "a1: ", "$v0", "__typename", "= ", "[", ": {",
		} {
			if strings.Contains(document, feature) {
				seen[feature]++
			}
		}
	}
	if len(seen) < 13 {
		t.Errorf("only these are generated: %v", seen)
	}
	t.Log(seen)
}

// TestDeterminism: a seed says everything.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	s := schema(t)
	a, b := opgen.New(s, 7, opgen.Options{Mutations: 50}), opgen.New(s, 7, opgen.Options{Mutations: 50})
	for range 100 {
		d1, v1 := a.Next()
		d2, v2 := b.Next()
		if d1 != d2 || string(v1) != string(v2) {
			t.Fatalf("%s\n%s", d1, d2)
		}
	}
}
