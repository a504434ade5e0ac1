package operation

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// coercionTables are the tables of sections 3.10, 3.10.1 and 3.11: a field, the literal of its argument v, the variables that the
// operation defines, those of the request, and what a subgraph gets: the literal and the variables, or, after "!", what is wrong. (What
// a variable or a default is put in for, the subgraph does.)
var coercionTables = []struct{ field, literal, defines, variables, want string }{
	// 3.10: an input object with a: String and b: Int!.
	{"example", `{a: "abc", b: 123}`, ``, `{}`, `{a: "abc", b: 123}`},
	{"example", `{a: null, b: 123}`, ``, `{}`, `{a: null, b: 123}`},
	{"example", `{b: 123}`, ``, `{}`, `{b: 123}`},
	{"example", `{a: $var, b: 123}`, `$var: String`, `{"var": null}`, `{a: $var, b: 123} var=null`},
	{"example", `{a: $var, b: 123}`, `$var: String`, `{}`, `{a: $var, b: 123}`},
	{"example", `{b: $var}`, `$var: Int!`, `{"var": 123}`, `{b: $var} var=123`},
	{"example", `$var`, `$var: Example`, `{"var": {"b": 123}}`, `$var var={"b":123}`},
	{"example", `"abc123"`, ``, `{}`, `!Expected value of type "Example", found "abc123".`},
	{"example", `$var`, `$var: Example`, `{"var": "abc123"}`, `!Variable "$var" got an invalid value: expected an object of type "Example", found "abc123".`},
	{"example", `{a: "abc", b: "123"}`, ``, `{}`, `!Int cannot represent non-integer value: "123"`},
	{"example", `{a: "abc"}`, ``, `{}`, `!Field "Example.b" of required type "Int!" was not provided.`},
	{"example", `{b: $var}`, `$var: Int!`, `{}`, `!Variable "$var" of required type "Int!" was not provided.`},
	{"example", `{b: $var}`, `$var: Int`, `{}`, `!Variable "$var" of type "Int" used in position expecting type "Int!".`},
	{"example", `$var`, `$var: Example`, `{"var": {"a": "abc"}}`, `!Variable "$var" got an invalid value: field "b" of required type "Int!" was not provided.`},
	{"example", `{a: "abc", b: null}`, ``, `{}`, `!Expected value of type "Int!", found null.`},
	{"example", `{b: $var}`, `$var: Int!`, `{"var": null}`, `!Variable "$var" got an invalid value: expected a value of type "Int!", found null.`},
	{"example", `{b: 123, c: "xyz"}`, ``, `{}`, `!Field "c" is not defined by type "Example".`},
	// A variable with a default stands where null may not; what null is there, the subgraph says.
	{"example", `{b: $var}`, `$var: Int = 5`, `{}`, `{b: $var} var=5`},
	{"example", `{b: $var}`, `$var: Int = 5`, `{"var": null}`, `{b: $var} var=null`},
	// 3.10.1: a @oneOf input object with a: String and b: Int.
	{"one", `{a: "abc"}`, ``, `{}`, `{a: "abc"}`},
	{"one", `{b: 123}`, ``, `{}`, `{b: 123}`},
	{"one", `$var`, `$var: One`, `{"var": {"a": "abc"}}`, `$var var={"a":"abc"}`},
	{"one", `{a: null}`, ``, `{}`, `!Field "One.a" must be non-null.`},
	{"one", `$var`, `$var: One`, `{"var": {"a": null}}`, `!Variable "$var" got an invalid value at "var.a": it must not be null in the @oneOf type "One".`},
	{"one", `{a: $a}`, `$a: String!`, `{}`, `!Variable "$a" of required type "String!" was not provided.`},
	{"one", `{a: $a}`, `$a: String`, `{}`, `!Variable "$a" is of type "String" but must be non-nullable to be used for OneOf Input Object "One".`},
	{"one", `{a: "abc", b: 123}`, ``, `{}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `{a: 456, b: "xyz"}`, ``, `{}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `$var`, `$var: One`, `{"var": {"a": "abc", "b": 123}}`, `!Variable "$var" got an invalid value: exactly one field must be given for the @oneOf type "One".`},
	{"one", `{a: "abc", b: null}`, ``, `{}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `{a: "abc", b: $b}`, `$b: Int!`, `{"b": 1}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `{a: $a, b: $b}`, `$a: String, $b: Int`, `{"a": "abc"}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `{}`, ``, `{}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"one", `$var`, `$var: One`, `{"var": {}}`, `!Variable "$var" got an invalid value: exactly one field must be given for the @oneOf type "One".`},
	// A list of them.
	{"ones", `[{a: "abc"}, {b: 1}]`, ``, `{}`, `[{a: "abc"}, {b: 1}]`},
	{"ones", `[{a: "abc"}, {}]`, ``, `{}`, `!OneOf Input Object "One" must specify exactly one key.`},
	{"ones", `$var`, `$var: [One!]`, `{"var": [{"a": "abc"}, {"a": "abc", "b": 1}]}`, `!Variable "$var" got an invalid value at "var[1]": exactly one field must be given for the @oneOf type "One".`},
	{"ones", `$var`, `$var: [One!]`, `{"var": {"b": 1}}`, `$var var=[{"b":1}]`},
	// 3.11: lists, as literals and as variables.
	{"list", `[1, 2, 3]`, ``, `{}`, `[1, 2, 3]`},
	{"list", `[1, "b", true]`, ``, `{}`, `!Int cannot represent non-integer value: "b"`},
	{"list", `1`, ``, `{}`, `1`},
	{"list", `null`, ``, `{}`, `null`},
	{"matrix", `[[1], [2, 3]]`, ``, `{}`, `[[1], [2, 3]]`},
	{"matrix", `[1, 2, 3]`, ``, `{}`, `[1, 2, 3]`},
	{"matrix", `[1, null, 3]`, ``, `{}`, `[1, null, 3]`},
	{"matrix", `[[1], ["b"]]`, ``, `{}`, `!Int cannot represent non-integer value: "b"`},
	{"matrix", `1`, ``, `{}`, `1`},
	{"matrix", `null`, ``, `{}`, `null`},
	{"list", `$var`, `$var: [Int]`, `{"var": [1, 2, 3]}`, `$var var=[1,2,3]`},
	{"list", `$var`, `$var: [Int]`, `{"var": [1, "b", true]}`, `!Variable "$var" got an invalid value at "var[1]": Int cannot represent a non-integer value, found "b".`},
	{"list", `$var`, `$var: [Int]`, `{"var": 1}`, `$var var=[1]`},
	{"list", `$var`, `$var: [Int]`, `{"var": null}`, `$var var=null`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": [[1], [2, 3]]}`, `$var var=[[1],[2,3]]`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": [1, 2, 3]}`, `$var var=[[1],[2],[3]]`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": [1, null, 3]}`, `$var var=[[1],null,[3]]`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": [[1], ["b"]]}`, `!Variable "$var" got an invalid value at "var[1][0]": Int cannot represent a non-integer value, found "b".`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": 1}`, `$var var=[[1]]`},
	{"matrix", `$var`, `$var: [[Int]]`, `{"var": null}`, `$var var=null`},
	// 3.12: non-null.
	{"required", `1`, ``, `{}`, `1`},
	{"required", `null`, ``, `{}`, `!Expected value of type "Int!", found null.`},
	{"required", ``, ``, `{}`, `!Field "required" argument "v" of type "Int!" is required, but it was not provided.`},
	{"required", `$var`, `$var: Int`, `{"var": 1}`, `!Variable "$var" of type "Int" used in position expecting type "Int!".`},
	{"required", `$var`, `$var: Int!`, `{"var": 1}`, `$var var=1`},
	{"required", `$var`, `$var: Int!`, `{"var": null}`, `!Variable "$var" got an invalid value: expected a value of type "Int!", found null.`},
	{"required", `$var`, `$var: Int!`, `{}`, `!Variable "$var" of required type "Int!" was not provided.`},
	{"required", `$var`, `$var: Int! = 1`, `{}`, `$var var=1`},
}

const coercionSchema = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT | INPUT_OBJECT
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }
type Query @join__type(graph: A) { example(v: Example): Int one(v: One): Int ones(v: [One!]): Int list(v: [Int]): Int matrix(v: [[Int]]): Int required(v: Int!): Int }
input Example @join__type(graph: A) { a: String b: Int! }
input One @oneOf @join__type(graph: A) { a: String b: Int }
`

func TestCoercionTables(t *testing.T) {
	t.Parallel()
	schema, err := supergraph.Parse([]byte(coercionSchema))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(schema, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range coercionTables {
		document := "query"
		if c.defines != "" {
			document += "(" + c.defines + ")"
		}
		document += "{" + c.field
		if c.literal != "" {
			document += "(v:" + c.literal + ")"
		}
		if got := received(t, p, document+"}", c.variables); got != c.want {
			t.Errorf("%s, %s:\n got %s\nwant %s", document, c.variables, got, c.want)
		}
	}
}

// received is what a subgraph gets of the only argument of an operation: the literal, and the variables that are given. It is the
// first error where it gets nothing.
func received(t *testing.T, p *Preparer, document, variables string) string {
	t.Helper()
	op, err := p.Prepare(t.Context(), []byte(document), "")
	if err != nil {
		return "!" + gqlerr.Public(err)[0].Message
	}
	values, err := op.Coerce([]byte(variables))
	if err != nil {
		return "!" + gqlerr.Public(err)[0].Message
	}
	var text strings.Builder
	for _, a := range op.Sub[0].(*Field).Args {
		text.WriteString(a.Value)
	}
	for i, v := range op.Variables {
		if values[i] != nil {
			text.WriteString(" " + v.Name + "=" + string(values[i]))
		}
	}
	return text.String()
}
