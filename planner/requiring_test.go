package planner_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestOutOfACircle: fields that require each other can be had where one of them can be had in another way, whichever is asked
// for first: what could not be had for one of them on the way around the circle can be had all the same. It is no case in
// testdata, since no composer comes to an end with it.
func TestOutOfACircle(t *testing.T) {
	schema, err := supergraph.Parse([]byte(joinHeader(4) + `
type Query @join__type(graph: G0) @join__type(graph: G1) @join__type(graph: G2) @join__type(graph: G3) { product: Product @join__field(graph: G0) }
type Product
  @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") @join__type(graph: G2, key: "id") @join__type(graph: G3, key: "id") {
  id: ID!
  size: Int @join__field(graph: G0, external: true) @join__field(graph: G1, requires: "weight")
  weight: Int @join__field(graph: G0, requires: "size") @join__field(graph: G1, external: true) @join__field(graph: G2, requires: "count")
  count: Int @join__field(graph: G2, external: true) @join__field(graph: G3)
}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"{product{size}}", "{product{size weight}}", "{product{weight size}}", "{product{weight} more:product{size}}"} {
		plan, err := planner.New(schema).Plan(t.Context(), permit(t, schema, []byte(query)))
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if err := planner.Check(plan); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if strings.Contains(plan.String(), "by Product{id size}") {
			t.Errorf("%s goes around the circle:\n%s", query, plan)
		}
	}
}
