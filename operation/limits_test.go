package operation

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

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
		_, err := p.Prepare([]byte(tc.document), "")
		if tc.want == "" && err != nil || tc.want != "" && !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
}

// TestHostile: documents that are made to cost much are refused or prepared in milliseconds. The bound is for what
// explodes, on a busy machine with the race detector.
func TestHostile(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	deep := strings.Repeat("a{", 10000)
	for name, document := range map[string]string{
		"10 MB of fields":            "{" + strings.Repeat("name ", 2<<20) + "}",
		"10 MB string":               `{ args { string(v: "` + strings.Repeat("x", 10<<20) + `") } }`,
		"10 MB comment":              "{ __typename } #" + strings.Repeat("é", 5<<20),
		"10 MB of white space":       strings.Repeat(" \n", 5<<20),
		"10 MB of one name":          strings.Repeat("a", 10<<20),
		"10,000 deep":                "{" + deep + "b" + strings.Repeat("}", 10001),
		"10,000 deep, never closed":  "{" + deep,
		"10,000 deep list":           "{ args { any(v: " + strings.Repeat("[", 10000) + ") } }",
		"10,000 deep object":         "{ args { any(v: " + strings.Repeat("{a:", 10000) + ") } }",
		"10,000 deep type":           "query ($a: " + strings.Repeat("[", 10000) + "Int) { __typename }",
		"bomb":                       bomb(12),
		"long bomb":                  bomb(400),
		"cycle of 1,000 fragments":   cycle(1000),
		"fragments that spread all":  spreadAll(100),
		"3,000 equal fields":         "{ dog { " + strings.Repeat("name ", 3000) + "} }",
		"3,000 equal composites":     "{ dog { " + strings.Repeat("mother { name } ", 2400) + "} }",
		"4,900 different fields":     different(100),
		"5,000 operations":           operations(1800),
		"10,000 unknown fields":      "{" + many("u%d ", 10000) + "}",
		"7,000 unknown variables":    "{ args { any(v: [" + many("$u%d ", 7000) + "]) } }",
		"3,000 variables":            "query (" + many("$u%d: Int ", 3700) + ") { __typename }",
		"arguments spread often":     "{ args { ...F } } fragment F on Arguments { " + many("... { ...G }", 1000) + " } fragment G on Arguments { any(v: [" + many("%d ", 5000) + "]) }",
		"abstract beside concrete":   ladder(40, 60),
		"2,500 different paths":      "{ dog { " + tree(8) + "} }",
		"many types on each level":   "{ pet { " + kinds(4) + "} }",
		"5,000 directives":           "{ dog { name " + many("@note(text: \"\") ", 2100) + "} }",
		"every fragment conditional": "query ($b: Boolean!) { dog { " + many("... @skip(if: $b) { name } ", 1000) + "} }",
	} {
		start := time.Now()
		op, err := p.Prepare([]byte(document), "")
		took := time.Since(start)
		if most := 15 * time.Second; took > most {
			t.Errorf("%s took %s", name, took)
		}
		if len(gqlerr.Public(err)) > maxErrors {
			t.Errorf("%s: %d errors", name, len(gqlerr.Public(err)))
		}
		first := "accepted"
		if op == nil {
			first = gqlerr.Public(err)[0].Error()
		}
		t.Logf("%-28s %8s  %s", name, took.Round(10*time.Microsecond), clip(first))
	}
}

// many repeats a format with numbers.
func many(format string, n int) string {
	var b strings.Builder
	for i := range n {
		if strings.Contains(format, "%") {
			fmt.Fprintf(&b, format, i)
			continue
		}
		b.WriteString(format)
	}
	return b.String()
}

// cycle is a cycle of n fragments.
func cycle(n int) string {
	var b strings.Builder
	b.WriteString("{ dog { ...F0 } }")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Dog { ...F%d }", i, (i+1)%n)
	}
	return b.String()
}

// spreadAll are n fragments, each of which spreads all that follow.
func spreadAll(n int) string {
	var b strings.Builder
	b.WriteString("{ dog { ...F0 } }")
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Dog { name ", i)
		for j := i + 1; j < n; j++ {
			fmt.Fprintf(&b, "...F%d ", j)
		}
		b.WriteString("}")
	}
	return b.String()
}

// different are n aliases at each of many places.
func different(n int) string {
	return "{ dog { " + strings.Repeat("mother { ", 40) + many("a%d: name ", n) + strings.Repeat("}", 40) + many("name ", 400) + " } }"
}

func operations(n int) string {
	return many("query Q%d { ...F } ", n) + "fragment F on Query { " + many("dog { name } ", 3) + "}"
}

// ladder has on each level a field on an interface beside the same on each of its types.
func ladder(depth, width int) string {
	level := "name"
	for range depth {
		level = "friends { " + level + " } " + strings.Repeat("friends { __typename } ", width)
		level = "... on Dog { " + level + " } ... on Cat { friends { name } } owner { name }"
	}
	return "{ pet { " + level + " } }"
}

// tree selects different paths that double with each level.
func tree(levels int) string {
	if levels == 0 {
		return "name barks "
	}
	return "name nickname barkVolume barks mother { " + tree(levels-1) + "} owner { name dogs { " + tree(levels-1) + "} } "
}

// kinds selects the same through fragments on different types, in one another.
func kinds(levels int) string {
	if levels == 0 {
		return "name "
	}
	below := "friends { " + kinds(levels-1) + "} "
	return "name ... on Dog { " + below + "} ... on Cat { " + below + "} ... on Being { ... on Dog { " + below + "} ... on Pet { ... on Cat { " + below + "} } } "
}
