package planner_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// circleCases are supergraphs of three subgraphs: the fields of T, which each of them can look up, and other types.
var circleCases = []struct {
	name, fields, types string
	// want are the lines, without the words that all of them have.
	want []string
	// partly are fields that can be resolved, but not here.
	partly string
}{
	{"nothing is required", `a: Int @join__field(graph: G0)`, "", nil, ""},
	{
		"a chain", `a: Int @join__field(graph: G0) @join__field(graph: G1, external: true)
b: Int @join__field(graph: G1, requires: "a")`, "", nil, "",
	},
	{
		"a circle of two, and what hangs on it", `a: Int @join__field(graph: G0, requires: "b") @join__field(graph: G1, external: true)
b: Int @join__field(graph: G1, requires: "a") @join__field(graph: G0, external: true) @join__field(graph: G2, external: true)
c: Int @join__field(graph: G2, requires: "b")
d: Int @join__field(graph: G2)`, "",
		[]string{"T.a: it requires T.b, which requires T.a", "T.b: it requires T.a, which requires T.b", "T.c: it requires T.b, which requires T.a, which requires T.b"}, "",
	},
	{
		"another subgraph requires nothing", `a: Int @join__field(graph: G0, requires: "b") @join__field(graph: G2) @join__field(graph: G1, external: true)
b: Int @join__field(graph: G1, requires: "a") @join__field(graph: G0, external: true)`, "", nil, "",
	},
	{
		"another subgraph requires it, too", `a: Int @join__field(graph: G0, requires: "b") @join__field(graph: G2, requires: "b") @join__field(graph: G1, external: true)
b: Int @join__field(graph: G1, requires: "a") @join__field(graph: G0, external: true)`, "",
		[]string{"T.a: it requires T.b, which requires T.a", "T.b: it requires T.a, which requires T.b"}, "",
	},
	{
		"through an object", `a: Int @join__field(graph: G0, requires: "o { x }")
o: O @join__field(graph: G1)`,
		`type O @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") @join__type(graph: G2, key: "id") { id: ID!
t: T @join__field(graph: G1) @join__field(graph: G2, external: true)
x: Int @join__field(graph: G0, external: true) @join__field(graph: G2, requires: "t { a }") }`,
		[]string{"O.x: it requires T.a, which requires O.x", "T.a: it requires O.x, which requires T.a"}, "",
	},
	{
		"through an interface, of which nobody returns one member", `a: Int @join__field(graph: G0, requires: "i { x }")
i: I @join__field(graph: G1)`,
		`interface I @join__type(graph: G0) @join__type(graph: G1) @join__type(graph: G2) { x: Int }
type M implements I @join__implements(graph: G0, interface: "I") @join__implements(graph: G1, interface: "I") @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") { id: ID! x: Int @join__field(graph: G0, external: true) @join__field(graph: G1) }
type N implements I @join__implements(graph: G0, interface: "I") @join__implements(graph: G2, interface: "I") @join__type(graph: G0, key: "id") @join__type(graph: G2, key: "id") { id: ID! t: T @join__field(graph: G2) x: Int @join__field(graph: G0, external: true) @join__field(graph: G2, requires: "t { a }") }`,
		nil, "",
	},
	{
		"through an interface", `a: Int @join__field(graph: G0, requires: "i { ... on N { x } }")
i: I @join__field(graph: G1)`,
		`interface I @join__type(graph: G0) @join__type(graph: G1) @join__type(graph: G2) { x: Int }
type N implements I @join__implements(graph: G0, interface: "I") @join__implements(graph: G1, interface: "I") @join__implements(graph: G2, interface: "I") @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") @join__type(graph: G2, key: "id") { id: ID! t: T @join__field(graph: G2) x: Int @join__field(graph: G0, external: true) @join__field(graph: G2, requires: "t { a }") }`,
		[]string{"N.x: it requires T.a, which requires N.x", "T.a: it requires N.x, which requires T.a"}, "",
	},
	{
		"provided elsewhere", `a: Int @join__field(graph: G0, requires: "b") @join__field(graph: G1, external: true) @join__field(graph: G2, external: true)
b: Int @join__field(graph: G1, requires: "a") @join__field(graph: G0, external: true)
o: O @join__field(graph: G2)`,
		`type O @join__type(graph: G2) { t: T @join__field(graph: G2, provides: "a") }`, nil, "a b",
	},
	{
		"it requires itself", `a: Int @join__field(graph: G0, requires: "a")`, "", []string{"T.a: it requires T.a"}, "",
	},
}

// TestCircles: what is said of the fields of a supergraph is what their plans say.
func TestCircles(t *testing.T) {
	t.Parallel()
	for _, c := range circleCases {
		sdl := joinHeader(3) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T ` + each(3, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID!\n" + c.fields + "\n}\n" + c.types
		schema, err := supergraph.Parse([]byte(sdl))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want := ""
		for _, w := range c.want {
			want += "no subgraph can resolve " + w + "\n"
		}
		if got := strings.Join(append(planner.Circles(schema), ""), "\n"); got != want {
			t.Errorf("%s: got\n%swant\n%s", c.name, got, want)
		}
		for _, f := range schema.Type("T").Fields {
			if f.Type.Named.IsComposite() || slices.Contains(strings.Fields(c.partly), f.Name) {
				continue
			}
			_, err := planner.New(schema).Plan(t.Context(), permit(t, schema, []byte("{t{"+f.Name+"}}")))
			if said := strings.Contains(want, string(f.Coordinate())+": it"); said != (err != nil) {
				t.Errorf("%s: %s is said to be impossible: %t; its plan: %v", c.name, f.Coordinate(), said, err)
			}
		}
	}
}

// TestNoCircles: nothing is said of the supergraphs that others test with: all of their fields have plans.
func TestNoCircles(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"testdata/*/supergraph.graphql", "../internal/rulebook/testdata/*/*.graphql", "../internal/fedgen/testdata/corpus/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no supergraphs", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, sdl, found := strings.Cut(string(text), "\n-- supergraph --\n"); found {
				sdl, _, _ = strings.Cut(sdl, "\n-- ")
				text = []byte(sdl)
			}
			schema, err := supergraph.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if lines := planner.Circles(schema); len(lines) > 0 {
				t.Errorf("%s: %q", file, lines)
			}
		}
	}
}
