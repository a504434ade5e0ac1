package executor

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// shapeGraph has types of the test supergraph's subgraphs.
func shapeGraph(tb testing.TB, types string) *graph {
	tb.Helper()
	return graphBelow(tb, "testdata/supergraph.graphql", types)
}

// graphBelow has these types in the place of those of a supergraph.
func graphBelow(tb testing.TB, file, types string) *graph {
	tb.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	head, _, _ := strings.Cut(string(whole), "type Query")
	head = strings.Replace(head, "  mutation: Mutation\n", "", 1)
	if !strings.Contains(head, "  C @join__graph") {
		head = strings.Replace(head, "  B @join__graph", "  C @join__graph(name: \"c\", url: \"http://c.test/graphql\")\n  B @join__graph", 1)
	}
	schema, err := supergraph.Parse([]byte(head + types))
	if err != nil {
		tb.Fatal(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return &graph{schema, preparer, planner.New(schema)}
}

// TestUntold: an object whose type nobody has told is written where all that can be there, there, are written alike, and null
// elsewhere; what has to be known is asked for.
func TestUntold(t *testing.T) {
	t.Parallel()
	const member = `@join__type(graph: PRODUCTS, key: "id") @join__implements(graph: PRODUCTS, interface: `
	const object = `@join__type(graph: ACCOUNTS, key: "id", isInterfaceObject: true) @join__type(graph: PRODUCTS, key: "id") `
	two := `type Query @join__type(graph: ACCOUNTS) { p: P @join__field(graph: ACCOUNTS) }
interface P @join__type(graph: ACCOUNTS) { z: Int }
type PA implements P @join__implements(graph: ACCOUNTS, interface: "P") @join__type(graph: ACCOUNTS) { z: Int x: I }
type PB implements P @join__implements(graph: ACCOUNTS, interface: "P") @join__type(graph: ACCOUNTS) { z: Int x: J }
interface I ` + object + `{ id: ID! }
interface J ` + object + `{ id: ID! }
type X implements I ` + member + `"I") { id: ID! }
type Y implements I & J ` + member + `"I") @join__implements(graph: PRODUCTS, interface: "J") { id: ID! }
type Z implements J ` + member + `"J") { id: ID! }`
	one := `type Query @join__type(graph: ACCOUNTS) { n: N @join__field(graph: ACCOUNTS) }
interface N ` + object + `{ id: ID }
type A implements N ` + member + `"N") { id: ID! }
type B implements N ` + member + `"N") `
	for _, tc := range []struct {
		name, types, query string
		fetches            int
		shown              bool
	}{
		{"different types below objects of different types", two, "{p{...on PA{x{id}} ...on PB{x{id}}}}", 1, true},
		{"one type is hidden", strings.Replace(two, "Y implements I & J", "Y implements I & J @inaccessible", 1), "{p{...on PA{x{id}} ...on PB{x{id}}}}", 2, false},
		{"the same field", one + "{ id: ID! }", "{n{id}}", 1, true},
		{"a field that must not be null for some types", one + "{ id: ID }", "{n{id}}", 2, false},
	} {
		g := shapeGraph(t, tc.types)
		plan := g.plan(t, tc.query)
		p, err := New(g.schema, nil, Options{}).Compile(plan)
		if err != nil {
			t.Fatal(err)
		}
		s := p.shape.uniform.fields[0].sub
		if s.layout.types[0].def.Name == "PA" {
			s = s.byType[0].fields[0].sub
		}
		if len(plan.Fetches) != tc.fetches || (s.uniform != nil) != tc.shown {
			t.Errorf("%s: shown %v\n%s", tc.name, s.uniform != nil, plan)
		}
	}
}

// manyTypesGraph has an interface Node with n implementations, each with a Node below it.
func manyTypesGraph(tb testing.TB, n int) *graph {
	tb.Helper()
	var sdl strings.Builder
	sdl.WriteString("type Query @join__type(graph: ACCOUNTS) @join__type(graph: PRODUCTS) @join__type(graph: REVIEWS) { node: Node @join__field(graph: ACCOUNTS) }\n")
	sdl.WriteString("interface Node @join__type(graph: ACCOUNTS) { id: ID next: Node }\n")
	for i := range n {
		fmt.Fprintf(&sdl, "type T%d implements Node @join__type(graph: ACCOUNTS) @join__implements(graph: ACCOUNTS, interface: \"Node\") { id: ID next: Node own%d: Int }\n", i, i)
	}
	return shapeGraph(tb, sdl.String())
}

// TestShapesAreShared: many types at many nested positions do not multiply.
func TestShapesAreShared(t *testing.T) {
	t.Parallel()
	g := manyTypesGraph(t, 100)
	e := New(g.schema, nil, Options{})
	plan := g.plan(t, `{ node { id next { id next { id ... on T1 { own1 } next { __typename id ... on Node { next { id } } } } } } }`)
	p, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	shapes, lists := map[*objectShape]bool{}, map[*fieldList]bool{}
	count(p.shape, shapes, lists)
	if len(shapes) > 6 || len(lists) > 7 {
		t.Errorf("%d shapes with %d lists of fields", len(shapes), len(lists))
	}
}

func count(s *objectShape, shapes map[*objectShape]bool, lists map[*fieldList]bool) {
	if s == nil || shapes[s] {
		return
	}
	shapes[s] = true
	for _, l := range s.byType {
		lists[l] = true
		for i := range l.fields {
			count(l.fields[i].sub, shapes, lists)
		}
	}
}

// TestManyTypes: with many types, names are found by a map; whichever the answer has.
func TestManyTypes(t *testing.T) {
	t.Parallel()
	g := manyTypesGraph(t, 30)
	got := g.execute(t, `{ node { __typename ... on T7 { own7 } next { __typename ... on T29 { own29 } next { id } } } }`, "",
		script(`accounts: {"data":{"node":{"__typename":"T7","own7":7,"next":{"__typename":"T29","own29":29,"next":{"__typename":"T30","id":"x"}}}}}`), Options{})
	same(t, got, `{"data":{"node":{"__typename":"T7","own7":7,"next":{"__typename":"T29","own29":29,"next":null}}},"errors":[`+
		`{"message":"A subgraph gave an unknown type for T29.next","path":["node","next","next"],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}]}`)
}

// crossedGraph has n interfaces, and for each choice of them a type that implements these.
func crossedGraph(tb testing.TB, n int) *graph {
	tb.Helper()
	small, err := os.ReadFile("testdata/supergraph.graphql")
	if err != nil {
		tb.Fatal(err)
	}
	head, _, _ := strings.Cut(string(small), "type Query")
	var sdl strings.Builder
	sdl.WriteString(strings.Replace(head, "  mutation: Mutation\n", "", 1))
	sdl.WriteString("type Query @join__type(graph: ACCOUNTS) { node: Node }\ninterface Node @join__type(graph: ACCOUNTS) { id: ID next: Node }\n")
	for i := range n {
		fmt.Fprintf(&sdl, "interface I%d @join__type(graph: ACCOUNTS) { id: ID next: Node }\n", i)
	}
	for t := range 1 << n {
		interfaces, joins := "Node", `@join__implements(graph: ACCOUNTS, interface: "Node")`
		for i := range n {
			if t>>i&1 == 1 {
				interfaces += fmt.Sprintf(" & I%d", i)
				joins += fmt.Sprintf(` @join__implements(graph: ACCOUNTS, interface: "I%d")`, i)
			}
		}
		fmt.Fprintf(&sdl, "type T%d implements %s @join__type(graph: ACCOUNTS) %s { id: ID next: Node }\n", t, interfaces, joins)
	}
	schema, err := supergraph.Parse([]byte(sdl.String()))
	if err != nil {
		tb.Fatal(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return &graph{schema, preparer, planner.New(schema)}
}

// crossed selects, at each of some levels, something below fragments on n interfaces: objects of each type meet others of them.
func crossed(n, levels int) string {
	query := "{ node { ...F0 } }"
	for level := range levels {
		query += fmt.Sprintf(" fragment F%d on Node {", level)
		for i := range n {
			query += fmt.Sprintf(" ...on I%d { next { ...F%d } }", i, level+1)
		}
		query += "}"
	}
	return query + fmt.Sprintf(" fragment F%d on Node { id }", levels)
}

// TestCrossedFragments: a short operation that has another shape on each of a million paths of types is refused.
func TestCrossedFragments(t *testing.T) {
	t.Parallel()
	g := crossedGraph(t, 5)
	e := New(g.schema, nil, Options{})
	if _, err := e.Compile(g.plan(t, crossed(5, 2))); err != nil {
		t.Error(err)
	}
	_, err := e.Compile(g.plan(t, crossed(5, 4)))
	if e, ok := errors.AsType[*gqlerr.Error](err); !ok || e.Code != gqlerr.QueryPlanTooComplex {
		t.Errorf("got %v", err)
	}
}

func BenchmarkCompileManyTypes(b *testing.B) {
	g := manyTypesGraph(b, 500)
	e := New(g.schema, nil, Options{})
	plan := g.plan(b, `{ node { id next { id next { id ... on T1 { own1 } next { __typename id } } } } }`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Compile(plan); err != nil {
			b.Fatal(err)
		}
	}
}

// TestRequiredOfLostType: what is required of objects of some types is not left out of a representation because the types are lost.
func TestRequiredOfLostType(t *testing.T) {
	t.Parallel()
	g := shapeGraph(t, `type Query @join__type(graph: ACCOUNTS) { users: [User] @join__field(graph: ACCOUNTS, provides: "rank { id }") }
type User @join__type(graph: ACCOUNTS, key: "id") @join__type(graph: PRODUCTS, key: "id") {
  id: ID!
  rank: M @join__field(graph: ACCOUNTS, external: true) @join__field(graph: PRODUCTS)
  size: Int @join__field(graph: ACCOUNTS, requires: "rank { id }")
}
interface M @join__type(graph: ACCOUNTS, key: "id", isInterfaceObject: true) @join__type(graph: PRODUCTS, key: "id") @join__type(graph: REVIEWS, key: "id") { id: ID! }
type A implements M @join__type(graph: PRODUCTS, key: "id") @join__type(graph: REVIEWS, key: "id")
  @join__implements(graph: PRODUCTS, interface: "M") @join__implements(graph: REVIEWS, interface: "M") { id: ID! }
type B implements M @join__type(graph: REVIEWS, key: "id") @join__implements(graph: REVIEWS, interface: "M") { id: ID! }`)
	const users = `accounts: {"data":{"users":[{"id":"1","rank":{"id":"a"}},{"id":"2","rank":{"id":"b"}}]}}`
	a := script(users, `products: {"data":{"_entities":[{"rank":{"__typename":"A"}},{"rank":{"__typename":"A"}}]}}`, `accounts: {"data":{"_entities":[{"size":1},{"size":2}]}}`)
	same(t, g.execute(t, `{ users { size } }`, "", a, Options{}), `{"data":{"users":[{"size":1},{"size":2}]}}`)
	const representations = `[{"__typename":"User","id":"1","rank":{"id":"a"}},{"__typename":"User","id":"2","rank":{"id":"b"}}]`
	if len(a.sent["accounts"]) != 2 || !strings.Contains(a.sent["accounts"][1], representations) {
		t.Error(a.sent)
	}
	a = script(users, `products: {"errors":[{"message":"down"}]}`)
	same(t, g.execute(t, `{ users { size } }`, "", a, Options{}), `{"data":{"users":[{"size":null},{"size":null}]},"errors":[`+
		subgraphError("down", `["users"]`, "DOWNSTREAM_SERVICE_ERROR", "products")+`]}`)
}

// TestContextOfLostType: the same of values of contexts.
func TestContextOfLostType(t *testing.T) {
	t.Parallel()
	g := graphBelow(t, "../planner/testdata/context/supergraph.graphql", `type Query @join__type(graph: A) { users: [User] @join__field(graph: A, provides: "rank { id }") }
type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @context(name: "a__user") {
  id: ID!
  rank: M @join__field(graph: A, external: true) @join__field(graph: B)
  book: Book @join__field(graph: A)
}
type Book @join__type(graph: A, key: "id") {
  id: ID!
  size: Int @join__field(graph: A, contextArguments: [{context: "a__user", name: "rank", type: "ID", selection: " { rank { id } }"}])
}
interface M @join__type(graph: A, key: "id", isInterfaceObject: true) @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") { id: ID! }
type X implements M @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") @join__implements(graph: B, interface: "M") @join__implements(graph: C, interface: "M") { id: ID! }
type Y implements M @join__type(graph: C, key: "id") @join__implements(graph: C, interface: "M") { id: ID! }`)
	const users = `a: {"data":{"users":[{"id":"1","book":{"id":"2"},"rank":{"id":"r"}}]}}`
	a := script(users, `c: {"data":{"_entities":[{"__typename":"X"}]}}`, `a: {"data":{"_entities":[{"size":1}]}}`)
	same(t, g.execute(t, `{ users { book { size } } }`, "", a, Options{}), `{"data":{"users":[{"book":{"size":1}}]}}`)
	if len(a.sent["a"]) != 2 || !strings.Contains(a.sent["a"][1], `:"r"`) {
		t.Error(a.sent)
	}
	a = script(users, `c: {"errors":[{"message":"down"}]}`)
	same(t, g.execute(t, `{ users { book { size } } }`, "", a, Options{}), `{"data":{"users":[{"book":{"size":null}}]},"errors":[`+
		subgraphError("down", `["users",0]`, "DOWNSTREAM_SERVICE_ERROR", "c")+`]}`)
}

// TestSetterOfLostType: what sets a context, or not, when its type is lost has no value that is known.
func TestSetterOfLostType(t *testing.T) {
	t.Parallel()
	g := graphBelow(t, "../planner/testdata/context/supergraph.graphql", `type Query @join__type(graph: B) { owners: [Owner] @join__field(graph: B) }
interface Owner @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID! book: Book @join__field(graph: B) }
type User implements Owner @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "Owner") @context(name: "a__user") { id: ID! name: String book: Book @join__field }
type Firm implements Owner @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "Owner") { id: ID! book: Book @join__field }
type Book @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  size: Int @join__field(graph: A, contextArguments: [{context: "a__user", name: "name", type: "String", selection: " { name }"}])
}`)
	const owners = `b: {"data":{"owners":[{"id":"1","book":{"id":"2"}},{"id":"3","book":{"id":"4"}}]}}`
	a := script(owners, `a: {"data":{"_entities":[{"__typename":"User","name":"N"},{"__typename":"Firm"}]}}`,
		`a: {"data":{"_entities_0":[{"size":1}],"_entities_1":[{"size":2}]}}`)
	same(t, g.execute(t, `{ owners { book { size } } }`, "", a, Options{}), `{"data":{"owners":[{"book":{"size":1}},{"book":{"size":2}}]}}`)
	a = script(owners, `a: {"errors":[{"message":"down"}]}`)
	same(t, g.execute(t, `{ owners { book { size } } }`, "", a, Options{}), `{"data":{"owners":[{"book":{"size":null}},{"book":{"size":null}}]},"errors":[`+
		subgraphError("down", `["owners"]`, "DOWNSTREAM_SERVICE_ERROR", "a")+`]}`)
	if len(a.sent["a"]) != 1 {
		t.Error(a.sent)
	}
}
