package planner_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// wide is a supergraph with a size: entity types, each known to every subgraph, with fields that each live in a few of the
// subgraphs, and links from type to type; Node is an interface of all of them.
type wide struct{ subgraphs, types, fields, owners int }

func (w wide) sdl() string {
	var b strings.Builder
	b.WriteString(`schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
`)
	for g := range w.subgraphs {
		fmt.Fprintf(&b, "  G%d @join__graph(name: \"g%d\", url: \"http://127.0.0.1/%d\")\n", g, g, g)
	}
	b.WriteString("}\ntype Query ")
	w.everywhere(&b, "")
	b.WriteString("{\n")
	for t := range w.types {
		fmt.Fprintf(&b, "  t%d: T%d @join__field(graph: G%d)\n", t, t, t%w.subgraphs)
	}
	b.WriteString("  node: Node @join__field(graph: G0)\n}\ninterface Node ")
	w.everywhere(&b, "")
	b.WriteString("{ id: ID! next: Node @join__field(graph: G0) }\n")
	for t := range w.types {
		w.entity(&b, t)
	}
	return b.String()
}

func (w wide) everywhere(b *strings.Builder, extra string) {
	for g := range w.subgraphs {
		fmt.Fprintf(b, "@join__type(graph: G%d%s) ", g, extra)
	}
}

func (w wide) entity(b *strings.Builder, t int) {
	fmt.Fprintf(b, "type T%d implements Node ", t)
	for g := range w.subgraphs {
		fmt.Fprintf(b, "@join__implements(graph: G%d, interface: \"Node\") ", g)
	}
	w.everywhere(b, `, key: "id"`)
	b.WriteString("{\n  id: ID!\n  next: Node @join__field(graph: G0)\n")
	fmt.Fprintf(b, "  link: T%d @join__field(graph: G%d)\n", (t+1)%w.types, (t+7)%w.subgraphs)
	for f := range w.fields {
		fmt.Fprintf(b, "  f%d: String", f)
		for o := range w.owners {
			fmt.Fprintf(b, " @join__field(graph: G%d)", (t+f*w.owners+o*3)%w.subgraphs)
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
}

// nested selects leaves fields on each of depth linked objects.
func nested(depth, leaves int) string {
	var b strings.Builder
	b.WriteString("{t0")
	for range depth {
		b.WriteByte('{')
		for f := range leaves {
			fmt.Fprintf(&b, "f%d ", f)
		}
		b.WriteString("link")
	}
	return b.String() + "{id}" + strings.Repeat("}", depth+1)
}

// abstract selects leaves on several types below each of depth interface fields.
func abstract(depth, types, leaves int) string {
	var b strings.Builder
	b.WriteString("{node")
	for range depth {
		b.WriteByte('{')
		for t := range types {
			fmt.Fprintf(&b, "...on T%d{", t)
			for f := range leaves {
				fmt.Fprintf(&b, "f%d ", f)
			}
			b.WriteByte('}')
		}
		b.WriteString("next")
	}
	return b.String() + "{id}" + strings.Repeat("}", depth+1)
}

var scales = []struct {
	name, query string
	wide        wide
}{
	{"1000 leaves of 10 objects, 50 subgraphs, one owner", nested(10, 100), wide{50, 200, 100, 1}},
	{"1000 leaves of 10 objects, 50 subgraphs, 30 owners", nested(10, 100), wide{50, 200, 100, 30}},
	{"900 leaves of 10 types, 6 interfaces deep", abstract(6, 10, 15), wide{50, 200, 100, 3}},
	{"200 leaves of one object, 20 subgraphs", nested(1, 200), wide{20, 20, 200, 5}},
}

func (w wide) permitted(tb testing.TB, query string) (*supergraph.Schema, operation.Permitted) {
	tb.Helper()
	return permittedWithin(tb, operation.DefaultLimits(), w.sdl(), query)
}

func TestScale(t *testing.T) {
	for _, s := range scales {
		t.Run(s.name, func(t *testing.T) {
			s.wide.types = 12 // the benchmark has them all
			schema, op := s.wide.permitted(t, s.query)
			plan, err := planner.New(schema).Plan(context.Background(), op)
			if err != nil {
				t.Fatal(err)
			}
			if err := planner.Check(plan); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d fetches", len(plan.Fetches))
		})
	}
}

func BenchmarkScale(b *testing.B) {
	for _, s := range scales {
		b.Run(s.name, func(b *testing.B) {
			schema, op := s.wide.permitted(b, s.query)
			p := planner.New(schema)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Plan(context.Background(), op); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
