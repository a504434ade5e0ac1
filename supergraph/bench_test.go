package supergraph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// header links what the tests use; graphs follow.
const header = `schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/tag/v0.3")
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
{ query: Query }
`

// generate writes a supergraph of at least size bytes over 40 subgraphs: entities in three subgraphs each, with
// interfaces, unions, enums, inputs, arguments, descriptions and rules.
func generate(size int) []byte {
	const graphs = 40
	var b strings.Builder
	b.WriteString(header)
	b.WriteString("enum join__Graph {\n")
	for i := range graphs {
		fmt.Fprintf(&b, "  G%d @join__graph(name: \"g%d\", url: \"http://g%d\")\n", i, i, i)
	}
	b.WriteString("}\nscalar Date")
	for i := range graphs {
		fmt.Fprintf(&b, " @join__type(graph: G%d)", i)
	}
	var queries strings.Builder
	for n := 0; b.Len()+queries.Len() < size; n++ {
		generateEntity(&b, n, fmt.Sprintf("G%d", n%graphs), fmt.Sprintf("G%d", (n+1)%graphs), fmt.Sprintf("G%d", (n+2)%graphs))
		fmt.Fprintf(&queries, "  entity%d(id: ID!, filter: Filter%d): Entity%d @join__field(graph: G%d)\n", n, n, n, n%graphs)
	}
	b.WriteString("\ntype Query")
	for i := range graphs {
		fmt.Fprintf(&b, " @join__type(graph: G%d)", i)
	}
	return []byte(b.String() + " {\n" + queries.String() + "}\n")
}

func generateEntity(b *strings.Builder, n int, g0, g1, g2 string) {
	r := strings.NewReplacer("{n}", fmt.Sprint(n), "{i}", fmt.Sprint(n/10*10), "{next}", fmt.Sprint(n/2), "G0", g0, "G1", g1, "G2", g2)
	if n%10 == 0 {
		_, _ = r.WriteString(b, "\ninterface Node{n}")
		for i := range 40 {
			fmt.Fprintf(b, " @join__type(graph: G%d)", i)
		}
		b.WriteString(" {\n  id: ID!\n}\n")
	}
	_, _ = r.WriteString(b, `
"""
Entity {n}, of the generated graph.

  - with some text
"""
type Entity{n} implements Node{i}
  @join__implements(graph: G0, interface: "Node{i}")
  @join__implements(graph: G1, interface: "Node{i}")
  @join__type(graph: G0, key: "id")
  @join__type(graph: G0, key: "sku owner { id }")
  @join__type(graph: G1, key: "id", extension: true)
  @join__type(graph: G2, key: "sku owner { id }", resolvable: false)
{
  id: ID! @join__field(graph: G0) @join__field(graph: G1, external: true)
  sku: String! @join__field(graph: G0) @join__field(graph: G2)
  owner: Entity{next} @join__field(graph: G0) @join__field(graph: G2)
  "Of the thing."
  name(language: String = "en", fallback: [String!] = ["de", "fr"]): String @join__field(graph: G0) @deprecated(reason: "use \"title\"")
  price: Float @join__field(graph: G0) @join__field(graph: G1, external: true) @requiresScopes(scopes: [["a", "b"], ["c"]])
  shipping: Float @join__field(graph: G1, requires: "price owner { id }")
  status: Status{n} @join__field(graph: G0)
  related(first: Int = 10): [Any{n}!]! @join__field(graph: G1) @authenticated
  changed: Date @join__field(graph: G1, override: "g0")
}

union Any{n} @join__type(graph: G1) @join__unionMember(graph: G1, member: "Entity{n}") = Entity{n}

enum Status{n} @join__type(graph: G0) {
  OPEN @join__enumValue(graph: G0)
  CLOSED @join__enumValue(graph: G0)
  LOST @join__enumValue(graph: G0) @inaccessible
}

input Filter{n} @join__type(graph: G0) {
  text: String = "x"
  status: [Status{n}!] = [OPEN]
  secret: Int @inaccessible
}
`)
}

func BenchmarkParse10MB(b *testing.B) {
	sdl := generate(10 << 20)
	b.SetBytes(int64(len(sdl)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := supergraph.Parse(sdl); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse1MB(b *testing.B) {
	sdl := generate(1 << 20)
	b.SetBytes(int64(len(sdl)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := supergraph.Parse(sdl); err != nil {
			b.Fatal(err)
		}
	}
}
