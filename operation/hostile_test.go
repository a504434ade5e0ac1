package operation

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// What one document may cost at most: bytes beside a few copies of the document, and allocations.
const (
	hostileBytes  = 40 << 20
	hostileCopies = 20
	hostileAllocs = 300_000
)

// hostile are documents that are made to cost much, and how they end: "" for accepted.
var hostile = map[string]struct {
	document string
	want     gqlerr.Code
}{
	"2 MB of fields":            {"{" + strings.Repeat("name ", 400<<10) + "}", gqlerr.QueryTokenLimitExceeded},
	"2 MB string":               {`{ args { string(v: "` + strings.Repeat("x", 2<<20) + `") } }`, ""},
	"2 MB of escapes":           {`{ args { string(v: "` + strings.Repeat(`\n`, 1<<20) + `") } }`, ""},
	"2 MB block string":         {`{ args { string(v: """` + strings.Repeat(" \n", 1<<20) + `""") } }`, ""},
	"2 MB comment":              {"{ __typename } #" + strings.Repeat("é", 1<<20), ""},
	"2 MB of white space":       {strings.Repeat(" \n", 1<<20), gqlerr.ParseFailed},
	"2 MB of one name":          {strings.Repeat("a", 2<<20), gqlerr.ParseFailed},
	"10,000 deep":               {"{" + strings.Repeat("a{", 10000) + "b" + strings.Repeat("}", 10001), gqlerr.QueryDepthLimitExceeded},
	"10,000 deep, never closed": {"{" + strings.Repeat("a{", 10000), gqlerr.QueryDepthLimitExceeded},
	"10,000 deep list":          {"{ args { any(v: " + strings.Repeat("[", 10000) + ") } }", gqlerr.QueryDepthLimitExceeded},
	"10,000 deep object":        {"{ args { any(v: " + strings.Repeat("{a:", 10000) + ") } }", gqlerr.QueryDepthLimitExceeded},
	"10,000 deep type":          {"query ($a: " + strings.Repeat("[", 10000) + "Int) { __typename }", gqlerr.QueryDepthLimitExceeded},
	"a long type, deep": {
		"query ($a: " + strings.Repeat("[", 240) + strings.Repeat("T", 1<<20) + strings.Repeat("]", 240) + ") { args { any(v: $a) } }", gqlerr.ValidationFailed,
	},
	"bomb":                      {bomb(12), gqlerr.QueryAliasLimitExceeded},
	"long bomb":                 {bomb(400), gqlerr.QueryDepthLimitExceeded},
	"cycle of 1,000 fragments":  {cycle(1000), gqlerr.ValidationFailed},
	"1,000 cycles":              {manyCycles(1000), gqlerr.ValidationFailed},
	"fragments that spread all": {spreadAll(100), gqlerr.QueryFieldLimitExceeded},
	"3,000 equal fields":        {"{ dog { " + strings.Repeat("name ", 3000) + "} }", gqlerr.QueryFieldLimitExceeded},
	"500 equal composites":      {"{ dog { " + strings.Repeat("mother { name barks } ", 500) + "} }", ""},
	"2,400 equal composites":    {"{ dog { " + strings.Repeat("mother { name } ", 2400) + "} }", gqlerr.QueryFieldLimitExceeded},
	"different fields":          {different(100), ""},
	"1,800 operations":          {operations(1800), gqlerr.OperationResolutionFailure},
	"operations of many fragments": {
		many("query Q%d { ...F0 } ", 1200) + chain(900), gqlerr.QueryFieldLimitExceeded,
	},
	"operations with many variables": {
		many("query Q%d($a: Int) { ...F } ", 600) + "fragment F on Query { args { any(v: [" + strings.Repeat("$a ", 3700) + "]) } }", gqlerr.QueryFieldLimitExceeded,
	},
	"a long name in every error": {
		"query " + strings.Repeat("N", 1<<20) + " { args { any(v: [" + many("$u%d ", 5000) + "]) } }", gqlerr.ValidationFailed,
	},
	"a long variable in every error": {
		many("query Q%d { ...F } ", 200) + "fragment F on Query { args { int(v: $" + strings.Repeat("v", 1<<20) + ") } }", gqlerr.ValidationFailed,
	},
	"long values, spread often": {
		"{ " + many("a%d: args { ...F } ", 99) + " } fragment F on Arguments { string(v: \"" + strings.Repeat("x", 1<<20) + "\") }", gqlerr.QueryFieldLimitExceeded,
	},
	"long arguments, compared often": {
		"{ " + strings.Repeat("...F ", 100) + strings.Repeat("args { string(v: \""+strings.Repeat("x", 1<<17)+"\") } ", 10) + "} fragment F on Query { args { string(v: \"" +
			strings.Repeat("x", 1<<17) + "\") } }", gqlerr.QueryFieldLimitExceeded,
	},
	"10,000 unknown fields":      {"{ args { " + many("u%d ", 4900) + "} }", gqlerr.ValidationFailed},
	"7,000 unknown variables":    {"{ args { any(v: [" + many("$u%d ", 7000) + "]) } }", gqlerr.ValidationFailed},
	"3,700 variables":            {"query (" + many("$u%d: Int ", 3700) + ") { __typename }", gqlerr.ValidationFailed},
	"2,400 used variables":       {"query (" + many("$u%d: Int ", 2400) + ") { args { any(v: [" + many("$u%d ", 2400) + "]) } }", ""},
	"4,900 members":              {"{ args { any(v: {" + many("a%d: 1 ", 4900) + "}) } }", ""},
	"14,000 values":              {"{ args { any(v: [" + strings.Repeat("1 ", 14000) + "]) } }", ""},
	"arguments spread often":     {"{ args { ...F } } fragment F on Arguments { " + many("... { ...G }", 1000) + " } fragment G on Arguments { any(v: [" + many("%d ", 5000) + "]) }", gqlerr.QueryFieldLimitExceeded},
	"many values, spread often":  {"{ " + many("a%d: args { ...F } ", 99) + "} fragment F on Arguments { any(v: [" + strings.Repeat("1 ", 480) + "]) }", ""},
	"many fields, spread often":  {"{ " + many("d%d: dog { ...F } ", 99) + "} fragment F on Dog { mother { ...G mother { ...G mother { ...G mother { ...G } } } } } fragment G on Dog { name nickname barks barkVolume volume tags }", ""},
	"abstract beside concrete":   {ladder(40, 60), gqlerr.QueryFieldLimitExceeded},
	"different paths":            {"{ dog { " + tree(8) + "} }", ""},
	"many types on each level":   {"{ pet { " + kinds(4) + "} }", ""},
	"pairs of equal sets":        {equalPairs(9), gqlerr.OperationResolutionFailure},
	"pairs of different sets":    {"{ pet { " + differentPairs(5) + "} }", ""},
	"2,100 directives":           {"{ dog { name " + many("@note(text: \"\") ", 2100) + "} }", ""},
	"every fragment conditional": {"query ($b: Boolean!) { dog { " + many("... @skip(if: $b) { name } ", 500) + "} }", ""},
	"conditions in one another":  {conditions(120, 10), ""},
	"wide: each type":            {"{ node { " + many("...on T%[1]d { f%[1]d } ", 1000) + "} }", ""},
	"wide: interfaces in one another, spread often": {
		"{ " + many("a%d: node { ...F } ", 18) + "} fragment F on Other { " + strings.Repeat(strings.Repeat("...on Other{...on Node{", 100)+"id"+strings.Repeat("}}", 100), 12) + "}", "",
	},
	"300 conditions": {manyConditions(300), gqlerr.ValidationFailed},
}

// TestHostile: documents that are made to cost much are refused, or prepared, filtered and printed with little work. Work is
// counted, not timed: what is allocated, and in TestOverlapSteps the steps of the one check that does not allocate in proportion.
func TestHostile(t *testing.T) {
	narrow, wide := zoo(t), wideSchema(t, 1000)
	for name, tc := range hostile {
		p := narrow
		if strings.HasPrefix(name, "wide: ") {
			p = wide
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		op, err := p.Prepare(t.Context(), []byte(tc.document), "")
		if op != nil {
			_ = Filter(op, Bits{}, KeepAll).Text() + Filter(op, Bits{}, func(f *Field) bool { return f.Def.Name != "name" }).Text()
		}
		runtime.ReadMemStats(&after)
		bytes, allocs := after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
		if most := hostileBytes + hostileCopies*uint64(len(tc.document)); bytes > most || allocs > hostileAllocs {
			t.Errorf("%s: %d MB in %d allocations", name, bytes>>20, allocs)
		}
		if tc.want == "" && err != nil || tc.want != "" && !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
		said := 0
		for _, e := range gqlerr.Public(err) {
			said += len(e.Message)
		}
		if len(gqlerr.Public(err)) > maxErrors || said > 1000*maxErrors {
			t.Errorf("%s: %d errors of %d bytes", name, len(gqlerr.Public(err)), said)
		}
		t.Logf("%-30s %8d bytes %3d MB %6d allocations, %d errors: %v", name, len(tc.document), bytes>>20, allocs, len(gqlerr.Public(err)), tc.want)
	}
}

// TestOverlapSteps: what merged fields cost to compare is in proportion to what a document has, not to what it repeats.
func TestOverlapSteps(t *testing.T) {
	t.Parallel()
	p := loaded(t, "testdata/rules.graphql", Limits{Fields: 1000})
	for name, tc := range map[string]struct {
		document string
		most     int
		want     gqlerr.Code
	}{
		"nothing":         {"{ __typename }", 10, ""},
		"equal sets":      {equalPairs(40), 7 * 40 * 20, ""},
		"different sets":  {"{ pet { " + differentPairs(4) + "} }", 10_000, ""},
		"too many":        {"{ pet { " + differentPairs(5) + "} }", p.limits.totalNodes() + 1, gqlerr.QueryFieldLimitExceeded},
		"spread in pairs": {"{ " + many("d%d: dog { ...F } ", 50) + "} fragment F on Dog { mother { mother { name } owner { name } } }", 50 * 30, ""},
	} {
		doc, errs := parse(tc.document, p.limits)
		if errs != nil {
			t.Fatal(name, errs)
		}
		c := p.newChecker(t.Context(), doc)
		c.link()
		errs = c.check()
		if c.steps > tc.most || c.steps == 0 {
			t.Errorf("%s: %d steps, want %d at most", name, c.steps, tc.most)
		}
		if tc.want == "" && len(errs) > 0 || tc.want != "" && !errors.Is(errs, tc.want) {
			t.Errorf("%s: got %v", name, errs)
		}
	}
}

// TestPrepareEnds: when nobody waits any more, preparing stops.
func TestPrepareEnds(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Prepare(ctx, []byte("{ dog { name } }"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	doc, errs := parse("{ pet { "+differentPairs(5)+"} }", p.limits)
	if errs != nil {
		t.Fatal(errs)
	}
	c := p.newChecker(t.Context(), doc)
	c.ended = func() error {
		if c.steps >= 3*stepsPerLook {
			return context.Canceled
		}
		return nil
	}
	c.link()
	_ = c.check()
	if c.steps < 3*stepsPerLook || c.steps > 4*stepsPerLook {
		t.Errorf("it stopped after %d steps", c.steps)
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

// chain are n fragments, each of which spreads the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Query { ...F%d } ", i, i+1)
	}
	fmt.Fprintf(&b, "fragment F%d on Query { __typename }", n)
	return b.String()
}

// manyCycles are n fragments in a chain, each of which spreads the first, too.
func manyCycles(n int) string {
	var b strings.Builder
	b.WriteString("{ dog { ...F0 } } fragment F0 on Dog { ...F1 } ")
	for i := range n {
		fmt.Fprintf(&b, "fragment F%d on Dog { ...F0 ...F%d } ", i+1, i+2)
	}
	fmt.Fprintf(&b, "fragment F%d on Dog { name }", n+1)
	return b.String()
}

// equalPairs has on each level the same fragment below an interface and below each of its types.
func equalPairs(levels int) string {
	var b strings.Builder
	for i := range 7 {
		fmt.Fprintf(&b, "query Q%d { pet { ...F%d } } ", i, levels)
	}
	b.WriteString("fragment F0 on Pet { name }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment F%d on Pet { owner { pets { ...F%d } } ... on Dog { owner { pets { ...F%d } } } }", i+1, i, i)
	}
	return b.String()
}

// differentPairs has on each level other nodes below an interface and below each of its types.
func differentPairs(levels int) string {
	if levels == 0 {
		return "name "
	}
	below := "owner { pets { " + differentPairs(levels-1) + "} } "
	return below + "... on Dog { " + below + "} ... on Cat { " + below + "} "
}

// conditions are fragments with conditions in one another, with fields that come up again and again.
func conditions(n, width int) string {
	var variables, b strings.Builder
	for i := range n {
		fmt.Fprintf(&variables, "$c%d: Boolean! ", i)
		fmt.Fprintf(&b, "__typename mother { name } mother { barks } ... @skip(if: $c%d) { ", i)
	}
	leaf := strings.Repeat("name barks nickname volume mother { name } mother { barks } ", width)
	return "query (" + variables.String() + ") { dog { " + b.String() + leaf + strings.Repeat("} ", n) + "} }"
}

func manyConditions(n int) string {
	return "query (" + many("$c%d: Boolean! ", n) + ") { dog { " + many("name @skip(if: $c%d) ", n) + "} }"
}

// wideSchema has n object types that implement two interfaces.
func wideSchema(tb testing.TB, n int) *Preparer {
	tb.Helper()
	var b strings.Builder
	b.WriteString(`schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a.example/graphql") }
type Query @join__type(graph: A) { node: Node must: Node! }
interface Node @join__type(graph: A) { id: ID! node: Node must: Node! name: String }
interface Other @join__type(graph: A) { id: ID! node: Node must: Node! name: String }
`)
	for i := range n {
		fmt.Fprintf(&b, `type T%d implements Node & Other @join__implements(graph: A, interface: "Node") @join__implements(graph: A, interface: "Other") @join__type(graph: A) { id: ID! node: Node must: Node! name: String f%d: Int }
`, i, i)
	}
	s, err := supergraph.Parse([]byte(b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := New(s, Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
