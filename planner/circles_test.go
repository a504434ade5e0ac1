package planner_test

import (
	"fmt"
	"math/rand/v2"
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

// TestRandomCircles: of random requirements between the fields of a type that every subgraph can look up, those are in a circle that have no plan.
func TestRandomCircles(t *testing.T) {
	t.Parallel()
	said := 0
	for seed := range uint64(150) {
		schema, err := supergraph.Parse([]byte(randomRequirements(rand.New(rand.NewPCG(seed, 1)))))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Join(planner.Circles(schema), "\n")
		for _, f := range schema.Type("T").Fields {
			circle := strings.Contains(lines, string(f.Coordinate())+": it")
			_, err := planner.New(schema).Plan(t.Context(), permit(t, schema, []byte("{t{"+f.Name+"}}")))
			if circle != (err != nil) {
				t.Errorf("seed %d: %s is in a circle: %t; its plan: %v", seed, f.Coordinate(), circle, err)
			}
			if circle {
				said++
			}
		}
	}
	if said < 50 {
		t.Errorf("only %d fields are in circles", said)
	}
}

// randomRequirements is a supergraph in which each of six fields has one owner or two among four subgraphs, which may require
// others of the fields.
func randomRequirements(r *rand.Rand) string {
	const subgraphs, fields = 4, 6
	var b strings.Builder
	b.WriteString(joinHeader(subgraphs) + "type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }\ntype T " + each(subgraphs, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID!\n")
	var requires [fields][subgraphs]string
	var owned [fields][subgraphs]bool
	for f := range fields {
		for range 1 + r.IntN(2) {
			owned[f][r.IntN(subgraphs)] = true
		}
	}
	for f := range fields {
		for g := range subgraphs {
			for n := range fields {
				if n != f && owned[f][g] && !owned[n][g] && r.IntN(4) == 0 {
					requires[f][g] += fmt.Sprintf("f%d ", n)
				}
			}
		}
	}
	for f := range fields {
		fmt.Fprintf(&b, "f%d: Int", f)
		for g := range subgraphs {
			needed := slices.ContainsFunc(requires[:], func(by [subgraphs]string) bool { return strings.Contains(by[g], fmt.Sprintf("f%d ", f)) })
			switch {
			case owned[f][g] && requires[f][g] != "":
				fmt.Fprintf(&b, " @join__field(graph: G%d, requires: %q)", g, strings.TrimSpace(requires[f][g]))
			case owned[f][g]:
				fmt.Fprintf(&b, " @join__field(graph: G%d)", g)
			case needed:
				fmt.Fprintf(&b, " @join__field(graph: G%d, external: true)", g)
			}
		}
		b.WriteString("\n")
	}
	return b.String() + "}\n"
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

// TestCirclesWide: how much there is to look at grows with the types and with the depth of what is required, not with the one to the
// power of the other.
func TestCirclesWide(t *testing.T) {
	t.Parallel()
	const deep = "up { up { up { up { up { up { id } } } } } }"
	schema, err := supergraph.Parse([]byte(joinHeader(2) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
interface N @join__type(graph: G0) @join__type(graph: G1) { up: N id: ID! }
type T @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") { id: ID! up: N @join__field(graph: G0) @join__field(graph: G1, external: true)
  x: Int @join__field(graph: G1, requires: "` + deep + `") }
` + each(100, `type N%d implements N @join__type(graph: G0) @join__type(graph: G1) @join__implements(graph: G0, interface: "N") @join__implements(graph: G1, interface: "N") {
  id: ID! @join__field(graph: G0) @join__field(graph: G1, external: true) up: N @join__field(graph: G0) @join__field(graph: G1, external: true) }
`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := planner.Circles(schema); len(got) > 0 {
		t.Error(got)
	}
}
