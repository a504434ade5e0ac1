package executor

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

func callError(code, message string) error { return gqlerr.New(gqlerr.Code(code), "%s", message) }

func TestExecute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query, vars string
		answers           []string
		want              string
	}{
		{
			"one fetch", `{ me { name id } }`, "",
			[]string{`accounts: {"data":{"me":{"name":"Ada","id":7}}}`},
			`{"data":{"me":{"name":"Ada","id":"7"}}}`,
		},
		{
			"client order and aliases", `{ b: me { x: id __typename name } a: __typename }`, "",
			[]string{`accounts: {"data":{"b":{"name":"Ada","x":"1","id":"1"}}}`},
			`{"data":{"b":{"x":"1","__typename":"User","name":"Ada"},"a":"Query"}}`,
		},
		{
			"entities", `{ users { id score reviews { body } } }`, "",
			[]string{
				`accounts: {"data":{"users":[{"id":"1"},null,{"id":"2"},{"id":"1"}]}}`,
				`reviews: {"data":{"_entities":[{"score":1,"reviews":[{"body":"a"},{"body":"b"}]},{"score":2,"reviews":[]}]}}`,
			},
			`{"data":{"users":[{"id":"1","score":1,"reviews":[{"body":"a"},{"body":"b"}]},null,{"id":"2","score":2,"reviews":[]},{"id":"1","score":1,"reviews":[{"body":"a"},{"body":"b"}]}]}}`,
		},
		{
			"requires", `{ topProducts { name shipping } }`, "",
			[]string{
				`products: {"data":{"topProducts":[{"name":"n","upc":"1","weight":2,"secret":"SPY"}]}}`,
				`reviews: {"data":{"_entities":[{"shipping":3}]}}`,
			},
			`{"data":{"topProducts":[{"name":"n","shipping":3}]}}`,
		},
		{
			"mutation", `mutation { rename(name: "x") { id score } }`, "",
			[]string{
				`accounts: {"data":{"rename":{"id":"1"}}}`,
				`reviews: {"data":{"_entities":[{"score":3}]}}`,
			},
			`{"data":{"rename":{"id":"1","score":3}}}`,
		},
		{
			"abstract", `{ media { __typename id title ... on Book { pages } ... on Film { minutes } } }`, "",
			[]string{`products: {"data":{"media":[{"__typename":"Film","id":"1","title":"f","minutes":3},{"__typename":"Book","id":"2","title":"b","pages":4},{"__typename":"Draft","id":"3"}]}}`},
			`{"data":{"media":[{"__typename":"Film","id":"1","title":"f","minutes":3},{"__typename":"Book","id":"2","title":"b","pages":4},null]}}`,
		},
		{
			"merged objects", `{ config { a p } }`, "",
			[]string{`accounts: {"data":{"config":{"a":"1"}}}`, `products: {"data":{"config":{"p":"2"}}}`},
			`{"data":{"config":{"a":"1","p":"2"}}}`,
		},
		{
			"merged lists", `{ configs { a p } }`, "",
			[]string{`accounts: {"data":{"configs":[{"a":"1"},{"a":"2"}]}}`, `products: {"data":{"configs":[{"p":"3"},{"p":"4"}]}}`},
			`{"data":{"configs":[{"a":"1","p":"3"},{"a":"2","p":"4"}]}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			same(t, small().execute(t, c.query, c.vars, script(c.answers...), Options{}), c.want)
		})
	}
}

// TestRepresentations: required objects, lists and members that depend on the type of an object.
func TestRepresentations(t *testing.T) {
	t.Parallel()
	a := script(
		`products: {"data":{"topProducts":[`+
			`{"upc":"1","parts":[{"__typename":"Box","size":3},{"__typename":"Bag","volume":4,"colors":["SPY",null]},null,{"__typename":"User"}]},`+
			`{"upc":"2","parts":null},{"upc":"3"},{"upc":"4","parts":[]},{"upc":null,"parts":[]},{"upc":"5","parts":[{"__typename":"Bag","volume":null}]}]}}`,
		`reviews: {"data":{"_entities":[{"fee":1},{"fee":2},{"fee":3},{"fee":4},{"fee":5}]}}`,
	)
	same(t, small().execute(t, `{ topProducts { fee } }`, "", a, Options{}),
		`{"data":{"topProducts":[{"fee":1},{"fee":2},{"fee":3},{"fee":4},{"fee":null},{"fee":5}]}}`)
	want := `"variables":{"representations":[` +
		`{"__typename":"Product","parts":[{"__typename":"Box","size":3},{"__typename":"Bag","colors":["SPY",null],"volume":4},null,null],"upc":"1"},` +
		`{"__typename":"Product","parts":null,"upc":"2"},{"__typename":"Product","parts":null,"upc":"3"},{"__typename":"Product","parts":[],"upc":"4"},` +
		`{"__typename":"Product","parts":[{"__typename":"Bag","colors":null,"volume":null}],"upc":"5"}]}}`
	if body := a.sent["reviews"][0]; !strings.HasSuffix(body, want) {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

// TestInvalidRequired: a required value that is invalid is not sent as null. The object is not looked up, and an error says so.
func TestInvalidRequired(t *testing.T) {
	t.Parallel()
	for _, parts := range []string{
		`"x"`, `7`, `{}`, `["x"]`, `[[]]`, `[{"__typename":"Bag","volume":"4"}]`, `[{"__typename":"Bag","volume":1e3}]`, `[{"__typename":"Bag","colors":7}]`,
		`[{"__typename":"Bag","colors":["ADMIN","NOBODY"]}]`, `[{"size":1}]`, `[null,{"__typename":"Nothing"}]`, `[{"__typename":7}]`,
	} {
		a := script(`products: {"data":{"topProducts":[{"upc":"1","parts":[]},{"upc":"2","parts":`+parts+`}]}}`,
			`reviews: {"data":{"_entities":[{"fee":1}]}}`)
		same(t, small().execute(t, `{ topProducts { fee } }`, "", a, Options{}), `{"data":{"topProducts":[{"fee":1},{"fee":null}]},"errors":[`+
			subgraphError("An entity has an invalid value in a required field and cannot be looked up", `["topProducts",1]`, "INVALID_VALUE_FOR_FIELD", "reviews")+`]}`)
		if body := a.sent["reviews"][0]; !strings.HasSuffix(body, `"variables":{"representations":[{"__typename":"Product","parts":[],"upc":"1"}]}}`) {
			t.Errorf("%s: sent %s", parts, body)
		}
	}
}

// TestIDs: 4 and "4" are one ID, and a subgraph gets it as a string.
func TestIDs(t *testing.T) {
	t.Parallel()
	a := script(`accounts: {"data":{"users":[{"id":4},{"id":"4"},{"id":"04"}]}}`, `reviews: {"data":{"_entities":[{"score":1},{"score":2}]}}`)
	same(t, small().execute(t, `{ users { id score } }`, "", a, Options{}),
		`{"data":{"users":[{"id":"4","score":1},{"id":"4","score":1},{"id":"04","score":2}]}}`)
	if body := a.sent["reviews"][0]; !strings.HasSuffix(body, `"representations":[{"__typename":"User","id":"4"},{"__typename":"User","id":"04"}]}}`) {
		t.Error(body)
	}
}

// TestMissing: a field that an answer lacks is null, without an error where it may be null. A client cannot tell it from null,
// and other gateways do the same; where the schema promises a value the error is that of null.
func TestMissing(t *testing.T) {
	t.Parallel()
	same(t, small().execute(t, `{ me { id name role } }`, "", script(`accounts: {"data":{"me":{"id":"1"}}}`), Options{}),
		`{"data":{"me":{"id":"1","name":null,"role":null}}}`)
	same(t, small().execute(t, `{ me { id email } }`, "", script(`accounts: {"data":{"me":{"id":"1"}}}`), Options{}),
		`{"data":{"me":null},"errors":[`+nullError("User.email", `["me","email"]`)+`]}`)
	same(t, small().execute(t, `{ me { id } users { id } }`, "", script(`accounts: {"data":{"users":[]}}`), Options{}),
		`{"data":{"me":null,"users":[]}}`)
}

// TestRequiredIsLost: what a failed fetch would have brought is not taken for null.
func TestRequiredIsLost(t *testing.T) {
	t.Parallel()
	a := script(`reviews: {"data":{"_entities":[{"reviews":[{"product":{"upc":"1"}}]}]}}`, `accounts: {"data":{"me":{"id":"1"}}}`,
		`products: ERROR SUBREQUEST_TIMEOUT too slow`)
	same(t, small().execute(t, `{ me { reviews { product { upc shipping } } } }`, "", a, Options{}),
		`{"data":{"me":{"reviews":[{"product":{"upc":"1","shipping":null}}]}},"errors":[`+
			subgraphError("too slow", `["me","reviews"]`, "SUBREQUEST_TIMEOUT", "products")+`]}`)
	if n := len(a.sent["reviews"]); n != 1 {
		t.Errorf("%d calls of reviews", n)
	}
}

// TestRequiredIsGone: what an error below took along is not taken for null, and what fails itself is null.
func TestRequiredIsGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ product, path, sent string }{
		"a required field fails": {
			`{"upc":"1","parts":null}`, `"parts"`,
			`{"__typename":"Product","parts":null,"upc":"1"}`,
		},
		"something below it fails that may not be null": {`{"upc":"1","parts":null}`, `"parts",0,"size"`, ``},
		"it fails in one element":                       {`{"upc":"1","parts":[null]}`, `"parts",0`, `{"__typename":"Product","parts":[null],"upc":"1"}`},
		"it fails below one element":                    {`{"upc":"1","parts":[null]}`, `"parts",0,"size"`, ``},
	} {
		a := script(`products: {"data":{"topProducts":[`+c.product+`]},"errors":[{"message":"no","path":["topProducts",0,`+c.path+`]}]}`,
			`reviews: {"data":{"_entities":[{"fee":1}]}}`)
		small().execute(t, `{ topProducts { fee } }`, "", a, Options{})
		sent := strings.Join(a.sent["reviews"], "\n")
		if c.sent == "" && sent != "" || !strings.Contains(sent, c.sent) {
			t.Errorf("%s: sent %s, want %s", name, sent, c.sent)
		}
	}
}

// TestVariables: what the client leaves out is left out.
func TestVariables(t *testing.T) {
	t.Parallel()
	for vars, want := range map[string]string{
		`{}`:         `{"query":"query($n:Int){topProducts(first:$n){name}}"}`,
		`{"n":null}`: `{"query":"query($n:Int){topProducts(first:$n){name}}","variables":{"n":null}}`,
		`{"n":3}`:    `{"query":"query($n:Int){topProducts(first:$n){name}}","variables":{"n":3}}`,
	} {
		a := script(`products: {"data":{"topProducts":[]}}`)
		small().execute(t, `query($n: Int) { topProducts(first: $n) { name } }`, vars, a, Options{})
		same(t, a.sent["products"][0], want)
	}
}
