package executor

import (
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
