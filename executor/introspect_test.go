package executor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
)

// TestIntrospectionOracle compares the answer to the usual introspection query with what another implementation says
// about the schema that clients see.
func TestIntrospectionOracle(t *testing.T) {
	t.Parallel()
	query, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range map[string]*graph{"small": small(), "shop": loadGraph(t, "../examples/subgraphs/supergraph.graphql")} {
		got := []byte(g.execute(t, string(query), "", script(), Options{}))
		other, err := graphql.ParseSchema(g.schema.API, nil, graphql.UseStringDescriptions())
		if err != nil {
			t.Fatal(err)
		}
		want, err := other.ToJSON()
		if err != nil {
			t.Fatal(err)
		}
		var response struct{ Data, Errors json.RawMessage }
		if err := json.Unmarshal(got, &response); err != nil || response.Errors != nil {
			t.Fatalf("%s: %v\n%s", name, err, response.Errors)
		}
		same(t, comparableSchema(t, response.Data), comparableSchema(t, want))
	}
}

// comparableSchema prints a schema without what the other implementation does not have or has in another order: the introspection
// types, built-in scalars and directives, specifiedByURL, isOneOf, isRepeatable, empty descriptions.
func comparableSchema(t *testing.T, data []byte) string {
	t.Helper()
	var v map[string]map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	schema := v["__schema"]
	delete(schema, "description")
	for _, list := range []string{"types", "directives"} {
		schema[list] = slices.DeleteFunc(schema[list].([]any), func(e any) bool {
			name := e.(map[string]any)["name"].(string)
			return strings.HasPrefix(name, "__") ||
				slices.Contains([]string{"Int", "Float", "String", "Boolean", "ID", "skip", "include", "deprecated", "specifiedBy", "oneOf"}, name)
		})
	}
	out, err := json.MarshalIndent(tidy(v), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func tidy(v any) any {
	switch v := v.(type) {
	case map[string]map[string]any:
		for _, m := range v {
			tidy(m)
		}
	case map[string]any:
		for _, key := range []string{"specifiedByURL", "isOneOf", "isRepeatable"} {
			delete(v, key)
		}
		if v["description"] == "" {
			v["description"] = nil
		}
		if v["kind"] == "INTERFACE" { // the other one gives null for an interface that implements none
			delete(v, "interfaces")
		}
		for _, m := range v {
			tidy(m)
		}
	case []any:
		for _, m := range v {
			tidy(m)
		}
		slices.SortFunc(v, func(a, b any) int { return cmp.Compare(nameOf(a), nameOf(b)) })
	}
	return v
}

func nameOf(v any) string {
	if m, ok := v.(map[string]any); ok {
		name, _ := m["name"].(string)
		return name
	}
	s, _ := v.(string)
	return s
}

func TestIntrospectionGolden(t *testing.T) {
	t.Parallel()
	query, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(small().execute(t, string(query), "", script(), Options{})), "", " "); err != nil {
		t.Fatal(err)
	}
	golden.Assert(t, "testdata/introspection.golden", out.String()+"\n")
}

func TestIntrospect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, query, vars, want string }{
		{
			"variables", `query($n: String!, $d: Boolean! = false) { __type(name: $n) { name fields(includeDeprecated: $d) { name } } }`,
			`{"n":"Leaves","d":true}`,
			`{"data":{"__type":{"name":"Leaves","fields":[{"name":"int"},{"name":"float"},{"name":"string"},{"name":"boolean"},{"name":"id"},{"name":"role"},{"name":"json"},{"name":"ints"},{"name":"matrix"},{"name":"old"}]}}}`,
		},
		{
			"deprecated are left out", `{ __type(name: "Leaves") { fields { name } } }`, "",
			`{"data":{"__type":{"fields":[{"name":"int"},{"name":"float"},{"name":"string"},{"name":"boolean"},{"name":"id"},{"name":"role"},{"name":"json"},{"name":"ints"},{"name":"matrix"}]}}}`,
		},
		{
			"inaccessible", `{ a: __type(name: "Draft") { name } b: __type(name: "Media") { possibleTypes { name } } c: __type(name: "Role") { enumValues { name } } }`, "",
			`{"data":{"a":null,"b":{"possibleTypes":[{"name":"Book"},{"name":"Film"}]},"c":{"enumValues":[{"name":"ADMIN"},{"name":"GUEST"}]}}}`,
		},
		{
			"null where none may be", `query($n: String = "Leaves", $d: Boolean) { a: __type(name: $n) { name } b: __type(name: "Media") { fields(includeDeprecated: $d) { name } } }`,
			`{"n":null,"d":null}`, `{"data":{"a":null,"b":{"fields":[{"name":"id"},{"name":"title"},{"name":"stars"}]}}}`,
		},
		{
			"unknown", `{ __type(name: "\u0000\"") { name } }`, "",
			`{"data":{"__type":null}}`,
		},
		{
			"kinds", `{ s: __type(name: "JSON") { kind specifiedByURL fields { name } isOneOf } i: __type(name: "Filter") { isOneOf inputFields { name defaultValue } } __typename }`, "",
			`{"data":{"s":{"kind":"SCALAR","specifiedByURL":"https://example.com/json","fields":null,"isOneOf":null},"i":{"isOneOf":false,"inputFields":[{"name":"role","defaultValue":"ADMIN"},{"name":"tags","defaultValue":"[\"a\"]"}]},"__typename":"Query"}}`,
		},
		{
			"typenames", `{ __schema { __typename t: directives { __typename } queryType { __typename x: name fields { __typename type { __typename } args { __typename } } } } }`, "", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, c.query, c.vars, script(), Options{})
			if c.want == "" {
				if strings.Contains(got, "null") || strings.Contains(got, "errors") {
					t.Error(got)
				}
				return
			}
			same(t, got, c.want)
		})
	}
}

func TestIntrospectWithData(t *testing.T) {
	t.Parallel()
	got := small().execute(t, `{ me { name } __type(name: "User") { name } }`, "", script(`accounts: {"data":{"me":{"name":"A"}}}`), Options{})
	same(t, got, `{"data":{"me":{"name":"A"},"__type":{"name":"User"}}}`)
	got = small().execute(t, `{ __schema { types { name } } }`, "", script(), Options{MaxResponse: 100})
	same(t, got, `{"data":null,"errors":[{"message":"The introspection result has more than 100 bytes","path":["__schema"],"extensions":{"code":"RESPONSE_TOO_LARGE"}}]}`)
}
