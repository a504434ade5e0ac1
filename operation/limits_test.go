package operation

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// nested is a query with fields in one another.
func nested(depth int) string {
	return "{ dog { " + strings.Repeat("mother { ", depth-2) + "name" + strings.Repeat(" }", depth-2) + " } }"
}

// bomb is a query whose fragments double with each level.
func bomb(levels int) string {
	var b strings.Builder
	b.WriteString("{ dog { ...F0 } }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Dog { mother { ...F%d } a%d: mother { ...F%d } }", i, i+1, i, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Dog { name }", levels)
	return b.String()
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limits := Limits{Tokens: 2000, Depth: 6, Aliases: 3, RootFields: 4, Fields: 20}
	p := loaded(t, "testdata/rules.graphql", limits)
	for name, tc := range map[string]struct {
		document string
		want     gqlerr.Code
	}{
		"tokens":            {"{" + strings.Repeat(" __typename", 1998) + "}", gqlerr.QueryRootFieldLimitExceeded},
		"tokens, one more":  {"{" + strings.Repeat(" __typename", 1999) + "}", gqlerr.QueryTokenLimitExceeded},
		"comments are free": {"{ __typename }" + strings.Repeat("#\n", 5000), ""},
		"depth":             {nested(6), ""},
		"depth, one more":   {nested(7), gqlerr.QueryDepthLimitExceeded},
		"depth in fragments": {
			"{ dog { ...A } } fragment A on Dog { mother { mother { mother { ...B } } } } fragment B on Dog { mother { mother { name } } }", gqlerr.QueryDepthLimitExceeded,
		},
		"inline fragments are no depth": {"{ dog { " + strings.Repeat("... { ", 50) + "name" + strings.Repeat("}", 50) + "} }", ""},
		"aliases":                       {"{ dog { a: name b: name c: name } }", ""},
		"aliases, one more":             {"{ dog { a: name b: name c: name d: name } }", gqlerr.QueryAliasLimitExceeded},
		"aliases in fragments": {
			"{ dog { ...F mother { ...F } } } fragment F on Dog { a: name b: nickname }", gqlerr.QueryAliasLimitExceeded,
		},
		"root fields":           {"{ dog { name } cat { name } dog { name } __typename }", ""},
		"root fields, one more": {"{ ...F ...F dog { name } } fragment F on Query { dog { name } cat { name } }", gqlerr.QueryRootFieldLimitExceeded},
		"fields":                {"{ dog { " + strings.Repeat("name ", 19) + "} }", ""},
		"fields, one more":      {"{ dog { " + strings.Repeat("name ", 20) + "} }", gqlerr.QueryFieldLimitExceeded},
		"bomb":                  {bomb(60), gqlerr.QueryFieldLimitExceeded},
		"values":                {"{ args { ints(v: [" + strings.Repeat("1 ", 1000) + "]) } }", gqlerr.QueryFieldLimitExceeded},
		"operations together": {
			strings.Repeat("query A { dog { ...F } } ", 5) + "fragment F on Dog { " + strings.Repeat("name ", 19) + "}", gqlerr.QueryFieldLimitExceeded,
		},
		"introspection": {"{ __schema { types { fields { args { name } } } } }", ""},
		"introspection, one more": {
			"{ __schema { types { fields { type { ofType { fields { name } } } } } } }", gqlerr.QueryDepthLimitExceeded,
		},
		"introspection in fragments": {
			"{ __type(name: \"Dog\") { ...F } } fragment F on __Type { fields { type { ...G } } } fragment G on __Type { fields { args { type { interfaces { name } } } } }",
			gqlerr.IntrospectionLimitExceeded,
		},
	} {
		_, err := p.Prepare(t.Context(), []byte(tc.document), "")
		if tc.want == "" && err != nil || tc.want != "" && !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
}
