package authz

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// TestManyPathsOfTypes: where types meet fragments on interfaces in every combination, a short document has millions of paths
// on which different fields meet. To find out what is null there ends, and the operation is refused.
func TestManyPathsOfTypes(t *testing.T) {
	t.Parallel()
	const interfaces = 6
	var b strings.Builder
	b.WriteString("type Query { b: Base }\ninterface Base { f: Base s: String! @authenticated }\n")
	for i := range interfaces {
		fmt.Fprintf(&b, "interface I%d { f: Base s: String! @authenticated }\n", i)
	}
	for set := range 1 << interfaces {
		fmt.Fprintf(&b, "type T%d implements Base", set)
		for i := range interfaces {
			if set>>i&1 == 1 {
				fmt.Fprintf(&b, " & I%d", i)
			}
		}
		b.WriteString(" { f: Base s: String! }\n")
	}
	schema := schemaOf(t, b.String())
	a := authorizer(t, schema, AuthorizationConfig{})
	selection := "s"
	for levels := 1; levels <= 3; levels++ {
		var all strings.Builder
		for i := range interfaces {
			fmt.Fprintf(&all, "... on I%d { f { %s } } ", i, selection)
		}
		selection = all.String()
		permitted, _ := decided(t, a, prepared(t, schema, "{ b { "+selection+"} }"), "{}", Identity{})
		if permitted.TooComplex() != (levels > 2) || permitted.TooComplex() && permitted.Selections() != nil {
			t.Errorf("%d levels: too complex is %v", levels, permitted.TooComplex())
		}
		if !permitted.TooComplex() {
			continue
		}
		_, err := planner.New(schema).Plan(t.Context(), permitted)
		var public *gqlerr.Error
		if !errors.As(err, &public) || public.Code != gqlerr.QueryPlanTooComplex {
			t.Errorf("%d levels: planned, %v", levels, err)
		}
	}
	plain, _ := decided(t, a, prepared(t, schema, "{ b { "+selection+"} }"), "{}", as(t, "-"))
	if plain.TooComplex() || plain.Operation().Kind != operation.Query {
		t.Error("too complex although nothing is denied")
	}
}
