package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// nestedQuery is a supergraph in which fields below the root are of the query type.
const nestedQuery = `schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
{ query: Query mutation: Mutation }
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
scalar join__FieldSet
enum join__Graph { A @join__graph(name: "a", url: "http://a") }
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
type Query @join__type(graph: A) { self: Query node: Box a: String secret: String @authenticated }
type Mutation @join__type(graph: A) { m: Payload }
type Payload @join__type(graph: A) { query: Query ok: Boolean }
type Box @join__type(graph: A) { query: Query! list: [Query!] }
`

// TestNestedIntrospection: what is decided about introspection holds wherever the query type is reached, not at the root alone.
func TestNestedIntrospection(t *testing.T) {
	t.Parallel()
	handlers := map[string]http.Handler{"a": write("application/json", `{"data":{"self":{"__typename":"Query","a":"x"},`+
		`"m":{"query":{"__typename":"Query"},"ok":true},"node":{"query":{"__typename":"Query"},"list":[{"__typename":"Query"}]}}}`)}
	for _, introspection := range []string{"off", "filtered", "full"} {
		g := gatewaytest.New(t, nestedQuery, handlers, func(c *gateway.Config) { c.Authorization.Introspection = introspection })
		if _, got := g.Post(t, ask(`{self{a}}`)); got != `{"data":{"self":{"a":"x"}}}` {
			t.Fatal(got)
		}
		for _, document := range []string{
			`{__type(name:"Query"){fields{name}}}`,
			`{self{__type(name:"Query"){fields{name}}}}`,
			`{node{query{a:__type(name:"Query"){fields{name}}}}}`,
			`{node{list{...on Query{__schema{types{fields{name}}}}}}}`,
			`{node{...F}} fragment F on Box{list{__schema{types{fields{name}}}}}`,
			`mutation{m{query{__schema{types{fields{name}}}}}}`,
			`query($b:Boolean=true){self{self{__typename}...on Query@include(if:$b){__schema{types{fields{name}}}}}}`,
		} {
			_, got := g.Post(t, ask(document))
			shown := strings.Contains(got, `{"name":"self"}`)
			if shown != (introspection != "off") || strings.Contains(got, "INTROSPECTION_DISABLED") == shown ||
				strings.Contains(got, `{"name":"secret"}`) != (introspection == "full") {
				t.Errorf("%s: %s: got %s", introspection, document, got)
			}
		}
	}
}

// TestManyIntrospections: introspection costs no request to a subgraph, but at many places it counts as if it did.
func TestManyIntrospections(t *testing.T) {
	t.Parallel()
	g := gatewaytest.New(t, nestedQuery, map[string]http.Handler{"a": write("application/json", `{"data":{"self":{"__typename":"Query","self":{"__typename":"Query"}}}}`)},
		func(c *gateway.Config) { c.Limits.Fetches = 2 })
	const asks = `__schema{queryType{name}}`
	if _, got := g.Post(t, ask(`{`+asks+` self{`+asks+`}}`)); got != `{"data":{"__schema":{"queryType":{"name":"Query"}},"self":{"__schema":{"queryType":{"name":"Query"}}}}}` {
		t.Errorf("two places: %s", got)
	}
	if _, got := g.Post(t, ask(`{`+asks+` self{`+asks+` self{`+asks+`}}}`)); !strings.Contains(got, "needs 3 requests to subgraphs, more than 2") {
		t.Errorf("three places: %s", got)
	}
}
