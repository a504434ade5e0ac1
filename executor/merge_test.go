package executor

import (
	"strings"
	"testing"
)

// TestMerge: several fetches bring parts of the same objects.
func TestMerge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		answers     []string
		want        string
	}{
		{
			"null does not overwrite an object", `{ config { a p } }`,
			[]string{`accounts: {"data":{"config":{"a":"1"}}}`, `products: {"data":{"config":null}}`},
			`{"data":{"config":{"a":"1","p":null}}}`,
		},
		{
			"an object overwrites null", `{ config { a p } }`,
			[]string{`accounts: {"data":{"config":null}}`, `products: {"data":{"config":{"p":"2"}}}`},
			`{"data":{"config":{"a":null,"p":"2"}}}`,
		},
		{
			"a list does not overwrite an object", `{ config { a p } }`,
			[]string{`accounts: {"data":{"config":{"a":"1"}}}`, `products: {"data":{"config":{"p":["x"]}}}`},
			`{"data":{"config":{"a":"1","p":null}},"errors":[` + badError("Config.p", `["config","p"]`) + `]}`,
		},
		{
			"holes in lists", `{ configs { a p } }`,
			[]string{`accounts: {"data":{"configs":[{"a":"1"},null]}}`, `products: {"data":{"configs":[null,{"p":"2"}]}}`},
			`{"data":{"configs":[{"a":"1","p":null},{"a":null,"p":"2"}]}}`,
		},
		{
			"root fields below a root field", `{ again { me { name } topProducts { name } } }`,
			[]string{`accounts: {"data":{"again":{"me":{"name":"A"},"__typename":"Query"}}}`, `products: {"data":{"topProducts":[{"name":"P"}]}}`},
			`{"data":{"again":{"me":{"name":"A"},"topProducts":[{"name":"P"}]}}}`,
		},
		{
			"root fields below a list", `{ more { topProducts { name shipping } } }`,
			[]string{
				`accounts: {"data":{"more":[{"__typename":"Query"},null,{"__typename":"Query"}]}}`,
				`products: {"data":{"topProducts":[{"name":"P","upc":"1","weight":1}]}}`,
				`reviews: {"data":{"_entities":[{"shipping":4}]}}`,
			},
			`{"data":{"more":[{"topProducts":[{"name":"P","shipping":4}]},null,{"topProducts":[{"name":"P","shipping":4}]}]}}`,
		},
		{
			"objects and lists below root fields below a list", `{ more { config { a p } configs { a p } } }`,
			[]string{
				`accounts: {"data":{"more":[{"config":{"a":"1"},"configs":[{"a":"1"},null]},{"config":{"a":"2"},"configs":[{"a":"2"}]},{"config":null,"configs":null}]}}`,
				`products: {"data":{"config":{"p":"3"},"configs":[{"p":"3"},{"p":"4"}]}}`,
			},
			`{"data":{"more":[` +
				`{"config":{"a":"1","p":"3"},"configs":[{"a":"1","p":"3"},{"a":null,"p":"4"}]},` +
				`{"config":{"a":"2","p":"3"},"configs":[{"a":"2","p":"3"}]},` +
				`{"config":{"a":null,"p":"3"},"configs":[{"a":null,"p":"3"},{"a":null,"p":"4"}]}]},"errors":[` +
				`{"message":"Subgraphs disagree about the length of Query.configs","path":["more",1,"configs"],"extensions":{"code":"SUBREQUEST_MALFORMED_RESPONSE"}}]}`,
		},
		{
			"an error of root fields below a list", `{ more { topProducts { name } } }`,
			[]string{
				`accounts: {"data":{"more":[null,{"__typename":"Query"}]}}`,
				`products: {"data":{"topProducts":[{"name":null}]},"errors":[{"message":"no","path":["topProducts",0,"name"]}]}`,
			},
			`{"data":{"more":[null,{"topProducts":[{"name":null}]}]},"errors":[` +
				subgraphError("no", `["more",1,"topProducts",0,"name"]`, "DOWNSTREAM_SERVICE_ERROR", "products") + `]}`,
		},
		{
			"root fields below nothing", `{ again { me { name } topProducts { name } } }`,
			[]string{`accounts: {"data":{"again":null}}`},
			`{"data":{"again":null}}`,
		},
		{
			"an interface object", `{ rated { __typename stars title ... on Book { pages } } }`,
			[]string{
				`reviews: {"data":{"rated":[{"id":"1","stars":5},{"id":"2","stars":4},{"id":"3","stars":3}]}}`,
				`products: {"data":{"_entities":[{"__typename":"Book","title":"b","pages":7},{"__typename":"Film","title":"f"},{"__typename":"Draft"}]}}`,
			},
			`{"data":{"rated":[{"__typename":"Book","stars":5,"title":"b","pages":7},{"__typename":"Film","stars":4,"title":"f"},null]}}`,
		},
		{
			"an interface object of which nobody says what it is", `{ rated { __typename stars } }`,
			[]string{
				`reviews: {"data":{"rated":[{"id":"1","stars":5},{"id":"2","stars":4}]}}`,
				`products: {"data":{"_entities":[null,{"__typename":"Film"}]}}`,
			},
			`{"data":{"rated":[null,{"__typename":"Film","stars":4}]},"errors":[{"message":"No subgraph gave the type of Query.rated","path":["rated",0],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}]}`,
		},
		{
			"towards an interface object", `{ media { stars } }`,
			[]string{
				`products: {"data":{"media":[{"__typename":"Book","id":"1"},{"__typename":"Draft","id":"2"},{"__typename":"Film","id":"3"}]}}`,
				`reviews: {"data":{"_entities":[{"stars":1},{"stars":3}]}}`,
			},
			`{"data":{"media":[{"stars":1},null,{"stars":3}]}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			same(t, small().execute(t, c.query, "", script(c.answers...), Options{}), c.want)
		})
	}
}

// TestShared: objects with one representation share what it brought, and what a later fetch adds reaches all of them.
func TestShared(t *testing.T) {
	t.Parallel()
	a := script(
		`accounts: {"data":{"users":[{"id":"1"},{"id":"1"},{"id":"2"}]}}`,
		`reviews: {"data":{"_entities":[{"reviews":[{"body":"x","author":{"id":"1"},"product":{"upc":"p"}}]},{"reviews":[{"body":"y","author":{"id":"1"},"product":{"upc":"p"}}]}]}}`,
		`accounts: {"data":{"_entities":[{"name":"Ada"}]}}`,
		`products: {"data":{"_entities":[{"name":"Pen"}]}}`,
	)
	one := `{"reviews":[{"body":"x","author":{"name":"Ada"},"product":{"name":"Pen"}}]}`
	same(t, small().execute(t, `{ users { reviews { body author { name } product { name } } } }`, "", a, Options{}),
		`{"data":{"users":[`+one+`,`+one+`,`+strings.Replace(one, "x", "y", 1)+`]}}`)
	if body := a.sent["accounts"][1]; !strings.HasSuffix(body, `"variables":{"representations":[{"__typename":"User","id":"1"}]}}`) {
		t.Error(body)
	}
}

// TestSharedMerge: objects with one representation that have their own children already keep them.
func TestSharedMerge(t *testing.T) {
	t.Parallel()
	a := script(
		`accounts: {"data":{"users":[{"id":"1","friends":[{"name":"F"},null]},{"id":"1","friends":[{"name":"G"}]}]}}`,
		`reviews: {"data":{"_entities":[{"score":3,"reviews":null}]}}`,
	)
	same(t, small().execute(t, `{ users { friends { name } score } }`, "", a, Options{}),
		`{"data":{"users":[{"friends":[{"name":"F"},null],"score":3},{"friends":[{"name":"G"}],"score":3}]}}`)
}
