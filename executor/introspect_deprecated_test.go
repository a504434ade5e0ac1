package executor

import (
	"strings"
	"testing"
)

// TestIntrospectDeprecated: what is deprecated shows only where it is asked for, wherever @deprecated may stand (GraphQL, September
// 2025, sections 3.13.3 and 4.2), and so do @oneOf and @specifiedBy.
func TestIntrospectDeprecated(t *testing.T) {
	t.Parallel()
	g := loadGraph(t, "testdata/deprecated.graphql")
	for name, c := range map[string]struct{ query, vars, want string }{
		"fields": {
			`{ __type(name: "Query") { a: fields { name } b: fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }`, "",
			`{"data":{"__type":{"a":[{"name":"find"}],"b":[{"name":"find","isDeprecated":false,"deprecationReason":null},{"name":"old","isDeprecated":true,"deprecationReason":"No longer supported"}]}}}`,
		},
		"arguments of fields": {
			`{ __type(name: "Query") { fields { a: args { name } b: args(includeDeprecated: true) { name isDeprecated deprecationReason defaultValue } } } }`, "",
			`{"data":{"__type":{"fields":[{"a":[{"name":"by"}],"b":[{"name":"by","isDeprecated":false,"deprecationReason":null,"defaultValue":null},` +
				`{"name":"name","isDeprecated":true,"deprecationReason":"Use by.","defaultValue":null},{"name":"limit","isDeprecated":true,"deprecationReason":"No longer supported","defaultValue":"3"}]}]}}}`,
		},
		"input fields": {
			`query ($d: Boolean!) { __type(name: "By") { isOneOf a: inputFields { name } b: inputFields(includeDeprecated: $d) { name isDeprecated } } }`, `{"d": true}`,
			`{"data":{"__type":{"isOneOf":true,"a":[{"name":"id"},{"name":"name"}],"b":[{"name":"id","isDeprecated":false},{"name":"name","isDeprecated":false},{"name":"upc","isDeprecated":true}]}}}`,
		},
		"enum values": {
			`{ __type(name: "Colour") { a: enumValues { name } b: enumValues(includeDeprecated: true) { name isDeprecated deprecationReason } } }`, "",
			`{"data":{"__type":{"a":[{"name":"RED"}],"b":[{"name":"RED","isDeprecated":false,"deprecationReason":null},{"name":"CRIMSON","isDeprecated":true,"deprecationReason":"Use RED."}]}}}`,
		},
		"a variable that is not given": {
			`query ($d: Boolean = false) { __type(name: "Colour") { enumValues(includeDeprecated: $d) { name } } }`, "",
			`{"data":{"__type":{"enumValues":[{"name":"RED"}]}}}`,
		},
		"scalars": {
			`{ a: __type(name: "Date") { specifiedByURL isOneOf } b: __type(name: "Colour") { specifiedByURL isOneOf } }`, "",
			`{"data":{"a":{"specifiedByURL":"https://example.com/date","isOneOf":null},"b":{"specifiedByURL":null,"isOneOf":null}}}`,
		},
	} {
		if got := g.execute(t, c.query, c.vars, script(), Options{}); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
	got := g.execute(t, `{ __schema { directives { name a: args { name } b: args(includeDeprecated: true) { name isDeprecated } isRepeatable locations } } }`, "", script(), Options{})
	want := `{"name":"trace","a":[{"name":"level"}],"b":[{"name":"level","isDeprecated":false},{"name":"verbose","isDeprecated":true}],"isRepeatable":true,"locations":["QUERY","FIELD"]}`
	if !strings.Contains(got, want) {
		t.Errorf("directives: got %s", got)
	}
}
