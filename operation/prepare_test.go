package operation

import (
	"os"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// shop is a Preparer over the example supergraph.
func shop(t testing.TB) *Preparer {
	t.Helper()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(schema, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSmoke(t *testing.T) {
	p := shop(t)
	t.Log(p.schema.API)
	for _, q := range []string{
		`{ __typename }`,
		`query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description isOneOf fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`,
		`{ nope a: nope2(x: 1) }`,
	} {
		op, err := p.Prepare([]byte(q), "")
		if err != nil {
			t.Log(err)
			continue
		}
		t.Log(op.Text())
	}
}
