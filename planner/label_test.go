package planner_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// TestPlansWithLabels is TestPlans for testdata/<case>/labels/<name>.graphql: override labels are on that the query's comment
// names (# labels: percent(50)). The queries beside the supergraph are planned with all labels off.
func TestPlansWithLabels(t *testing.T) {
	cases, err := filepath.Glob("testdata/*/labels/*.graphql")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range cases {
		t.Run(caseName(file), func(t *testing.T) {
			schema := load(t, caseFolder(file))
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(labelsOf(document)) == 0 {
				t.Fatal("no # labels: line")
			}
			var text string
			plan, err := planner.New(schema).Plan(context.Background(), permitLabelled(t, schema, document))
			if err != nil {
				text = "error: " + err.Error() + "\n"
			} else {
				text = plan.String()
				if err := planner.Check(plan); err != nil {
					t.Errorf("%v\n%s", err, plan)
				}
			}
			golden.Assert(t, strings.TrimSuffix(file, ".graphql")+".plan", text)
		})
	}
}
