package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// keysOfKeys is a supergraph in which x of T0 is looked up by x of a T1, that by x of a T2, and so on, each in another subgraph.
func keysOfKeys(depth int) string {
	var b strings.Builder
	b.WriteString(joinHeader(depth+1) + "type Query @join__type(graph: G0) { t: T0 @join__field(graph: G0) }\n")
	for i := range depth {
		fmt.Fprintf(&b, `type T%[1]d @join__type(graph: G0) @join__type(graph: G%[2]d, key: "o { x }")`, i, i+1)
		external := ""
		if i > 0 {
			fmt.Fprintf(&b, ` @join__type(graph: G%d)`, i)
			external = fmt.Sprintf(` @join__field(graph: G%d, external: true)`, i)
		}
		fmt.Fprintf(&b, " { o: T%[1]d @join__field(graph: G0) @join__field(graph: G%[1]d) x: Int @join__field(graph: G%[1]d)%[2]s }\n", i+1, external)
	}
	fmt.Fprintf(&b, "type T%[1]d @join__type(graph: G0) @join__type(graph: G%[1]d) { x: Int @join__field(graph: G0) @join__field(graph: G%[1]d, external: true) }\n", depth)
	return b.String()
}

// TestKeysOfKeys: what a key is made of is fetched by other keys, as deep as docs/federation.md says, and no deeper.
func TestKeysOfKeys(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 2, 6, 7} {
		schema, err := supergraph.Parse([]byte(keysOfKeys(depth)))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := planner.New(schema).Plan(t.Context(), permit(t, schema, []byte("{t{x}}")))
		switch {
		case depth > 6 && err == nil:
			t.Errorf("%d levels of keys have a plan:\n%s", depth, plan)
		case depth <= 6 && err != nil:
			t.Errorf("%d levels of keys: %v", depth, err)
		case err == nil && len(plan.Fetches) != depth+1:
			t.Errorf("%d levels of keys: got\n%s", depth, plan)
		}
	}
}
