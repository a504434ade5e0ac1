package planner_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestPlans holds every testdata/<case>/<name>.graphql against <name>.plan, over the case's supergraph.graphql (the shop's
// is that of the example subgraphs). Run with -update to write the plans anew.
func TestPlans(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/*.graphql")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	schemas := map[string]*supergraph.Schema{}
	for _, file := range cases {
		dir, name := filepath.Split(file)
		if name == "supergraph.graphql" || strings.HasSuffix(name, ".subgraph.graphql") {
			continue
		}
		if schemas[dir] == nil {
			schemas[dir] = load(t, dir)
		}
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".graphql"), func(t *testing.T) {
			plan := planFile(t, schemas[dir], file)
			golden.Assert(t, strings.TrimSuffix(file, ".graphql")+".plan", plan)
		})
	}
}

func load(tb testing.TB, dir string) *supergraph.Schema {
	tb.Helper()
	file := filepath.Join(dir, "supergraph.graphql")
	if strings.HasSuffix(dir, "/shop/") {
		file = "../examples/subgraphs/supergraph-open.graphql"
	}
	sdl, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

func planFile(t *testing.T, schema *supergraph.Schema, file string) string {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner.New(schema).Plan(context.Background(), permit(t, schema, document))
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	if err := planner.Check(plan); err != nil {
		t.Errorf("%v\n%s", err, plan)
	}
	if again, err := planner.New(schema).Plan(context.Background(), permit(t, schema, document)); err != nil || again.String() != plan.String() {
		t.Errorf("planned again: %v\n%s", err, again)
	}
	return plan.String()
}

func permit(tb testing.TB, schema *supergraph.Schema, document []byte) operation.Permitted {
	tb.Helper()
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	op, err := preparer.Prepare(tb.Context(), document, "")
	if err != nil {
		tb.Fatal(err)
	}
	return operation.Filter(op, operation.Bits{}, operation.KeepAll)
}

// TestMap wants the package comment to name the files that there are.
func TestMap(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`[a-z]+\.go`).FindAllString(string(doc), -1)
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") && file != "doc.go" && !slices.Contains(named, file) {
			t.Errorf("doc.go does not name %s", file)
		}
	}
	for _, file := range named {
		if !slices.Contains(files, file) {
			t.Errorf("doc.go names %s, which is not there", file)
		}
	}
}
