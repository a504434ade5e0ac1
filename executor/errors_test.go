package executor

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// subgraphError is an error as clients get it.
func subgraphError(message, path, code, service string) string {
	if path != "" {
		path = `,"path":` + path
	}
	if strings.HasPrefix(message, "gave ") {
		message = `Subgraph \"` + service + `\" ` + message
	}
	return `{"message":"` + message + `"` + path + `,"extensions":{"code":"` + code + `","service":"` + service + `"}}`
}

const notGraphQL = "gave an answer that is not a GraphQL response"

// TestHide: what is hidden is logged, whoever hides it once more.
func TestHide(t *testing.T) {
	t.Parallel()
	f := failure{err: gqlerr.New("SSN_7_UNKNOWN", "no 7"), reported: true}
	f.hide()
	f.hide()
	if f.err.Err.Error() != "SSN_7_UNKNOWN: no 7" || f.err.Message != unaskedMessage || f.err.Code != gqlerr.DownstreamServiceError {
		t.Errorf("%v %v", f.err, f.err.Err)
	}
}

// TestSubgraphErrors is the table of errors of subgraphs and their paths.
func TestSubgraphErrors(t *testing.T) {
	t.Parallel()
	const users = `accounts: {"data":{"users":[{"id":"1"},{"id":"2"},{"id":"1"}]}}`
	down := func(message, path string) string {
		return subgraphError(message, path, "DOWNSTREAM_SERVICE_ERROR", "accounts")
	}
	reviews := func(message, path string) string {
		return subgraphError(message, path, "DOWNSTREAM_SERVICE_ERROR", "reviews")
	}
	for _, c := range []struct {
		name, query string
		answers     []string
		data        string
		errors      []string
	}{
		{
			"of a root field", `{ u: me { n: name } }`,
			[]string{`accounts: {"errors":[{"message":"no","path":["u","n"],"locations":[{"line":1,"column":2}],"extensions":{"code":"X","stack":"secret"}}],"data":{"u":{"n":null}}}`},
			`{"u":{"n":null}}`, []string{subgraphError("no", `["u","n"]`, "X", "accounts")},
		},
		{
			"explains a null", `{ must { email } me { id } }`,
			[]string{`accounts: {"data":null,"errors":[{"message":"no","path":["must","email"]}]}`},
			`null`, []string{down("no", `["must","email"]`)},
		},
		{
			"explains a null in a list", `{ users { email } }`,
			[]string{`accounts: {"data":{"users":[{"email":"a"},null]},"errors":[{"message":"no","path":["users",1,"email"]}]}`},
			`{"users":[{"email":"a"},null]}`, []string{down("no", `["users",1,"email"]`)},
		},
		{
			"explains a null where none may be", `{ all { email } me { id } }`,
			[]string{`accounts: {"data":{"all":[{"email":null}],"me":{"id":"1"}},"errors":[{"message":"no","path":["all",0,"email"]}]}`},
			`null`, []string{down("no", `["all",0,"email"]`)},
		},
		{
			"does not explain another null", `{ users { email } }`,
			[]string{`accounts: {"data":{"users":[{"email":null},null]},"errors":[{"message":"no","path":["users",1,"email"]}]}`},
			`{"users":[null,null]}`, []string{down("no", `["users",1,"email"]`), nullError("User.email", `["users",0,"email"]`)},
		},
		{
			"without a path", `{ must { id } }`,
			[]string{`accounts: {"data":{"must":null},"errors":[{"message":"no"}]}`},
			`null`, []string{down("no", `["must"]`)},
		},
		{
			"of an entity", `{ users { id score } }`,
			[]string{users, `reviews: {"data":{"_entities":[null,{"score":2}]},"errors":[{"message":"no","path":["_entities",0,"score"]}]}`},
			`{"users":[null,{"id":"2","score":2},null]}`, []string{reviews("no", `["users",0,"score"]`), reviews("no", `["users",2,"score"]`)},
		},
		{
			"of one element, while the others are looked up", `{ u: users { i: id s: score } }`,
			[]string{
				`accounts: {"data":{"u":[{"i":"1"},{"i":null},null,{"i":"3"}]},"errors":[{"message":"no","path":["u",1,"i"]},{"message":"nor this","path":["u",2]}]}`,
				`reviews: {"data":{"_entities":[{"s":1},{"s":3}]}}`,
			},
			`{"u":[{"i":"1","s":1},null,null,{"i":"3","s":3}]}`, []string{down("no", `["u",1,"i"]`), down("nor this", `["u",2]`)},
		},
		{
			"of an entity as a whole", `{ users { id score reviews { id } } }`,
			[]string{users, `reviews: {"data":{"_entities":[{"score":1,"reviews":null},null]},"errors":[{"message":"no","path":["_entities",1]}]}`},
			`{"users":[{"id":"1","score":1,"reviews":null},null,{"id":"1","score":1,"reviews":null}]}`, []string{reviews("no", `["users",1]`)},
		},
		{
			"below an entity", `{ users { r: reviews { b: body } } }`,
			[]string{users, `reviews: {"data":{"_entities":[{"r":[{"b":"x"},null]},{"r":[]}]},"errors":[{"message":"no","path":["_entities",0,"r",1,"b"]}]}`},
			`{"users":[{"r":[{"b":"x"},null]},{"r":[]},{"r":[{"b":"x"},null]}]}`, []string{reviews("no", `["users",0,"r",1,"b"]`), reviews("no", `["users",2,"r",1,"b"]`)},
		},
		{
			"of all entities", `{ users { id score } }`,
			[]string{users, `reviews: {"data":null,"errors":[{"message":"no"}]}`},
			`{"users":[null,null,null]}`, []string{reviews("no", `["users"]`)},
		},
		{
			"of all entities, with the path of the list", `{ users { id score } }`,
			[]string{users, `reviews: {"data":{"_entities":null},"errors":[{"message":"no","path":["_entities"]}]}`},
			`{"users":[null,null,null]}`, []string{reviews("no", `["users"]`)},
		},
		{
			"of one lookup, which does not explain what another says", `{ users { id score } topProducts { upc reviews { id } } }`,
			[]string{
				users, `products: {"data":{"topProducts":[{"upc":"1"}]}}`,
				`reviews: {"data":{"_e0":[{"score":null},{"score":2}],"_e1":null},"errors":[{"message":"no","path":["_e1",0]}]}`,
			},
			`{"users":[null,{"id":"2","score":2},null],"topProducts":[null]}`,
			[]string{
				reviews("no", `["topProducts",0]`), nullError("User.score", `["users",0,"score"]`), nullError("User.score", `["users",2,"score"]`),
			},
		},
		{
			"without a path, of one entity", `{ me { id score } }`,
			[]string{`accounts: {"data":{"me":{"id":"1"}}}`, `reviews: {"errors":[{"message":"no"}]}`},
			`{"me":null}`, []string{reviews("no", `["me"]`)},
		},
		{
			"about the keys of two objects, of which one is reported for both", `{ users { score } }`,
			[]string{`accounts: {"data":{"users":[{"id":true},{"id":"2"},{"id":false}]}}`, `reviews: {"data":{"_entities":[{"score":2}]}}`},
			`{"users":[null,{"score":2},null]}`,
			[]string{subgraphError("An entity has an invalid key and cannot be looked up", `["users"]`, "INVALID_VALUE_FOR_FIELD", "reviews")},
		},
		{
			"with a path that leads nowhere", `{ users { id } }`,
			[]string{`accounts: {"data":{"users":[]},"errors":[{"message":"a","path":["users",7,"x","y"]},{"message":"b","path":["x"]},{"message":"c","path":[1]},{"message":"d","path":["users",null,-1]},{"message":"e","path":"x"},{"message":"f","path":["users",99999999999]}]}`},
			`{"users":[]}`, []string{
				down("a", `["users",7]`), down("b", ``), down("c", `["users"]`), down("d", `["users"]`), down("e", `["users"]`), down("f", `["users"]`),
			},
		},
		{
			"of odd form", `{ me { id } }`,
			[]string{`accounts: {"data":{"me":null},"errors":[{},"x",{"message":7,"extensions":{"code":7}},{"message":"\ud83d\ude00\u0041\n\ud83d","extensions":[]}]}`},
			`{"me":null}`, []string{
				down("The subgraph reported an error without a message", `["me"]`), down("The subgraph reported an error without a message", `["me"]`),
				down("The subgraph reported an error without a message", `["me"]`), down("😀A\\n\uFFFD", `["me"]`),
			},
		},
		{
			"a failing call", `{ me { id } must { id } }`, []string{`accounts: ERROR SUBREQUEST_TIMEOUT too slow`},
			`null`, []string{subgraphError("too slow", ``, "SUBREQUEST_TIMEOUT", "accounts")},
		},
		{
			"a failing call of entities", `{ users { id name score } }`,
			[]string{`accounts: {"data":{"users":[{"id":"1","name":"A"}]}}`, `reviews: ERROR SUBREQUEST_HTTP_ERROR status 500`},
			`{"users":[null]}`, []string{subgraphError("status 500", `["users"]`, "SUBREQUEST_HTTP_ERROR", "reviews")},
		},
		{
			"a failing call that another needs", `{ topProducts { name reviews { id } } }`,
			[]string{`products: ERROR SUBREQUEST_HTTP_ERROR status 500`},
			`{"topProducts":null}`, []string{subgraphError("status 500", `["topProducts"]`, "SUBREQUEST_HTTP_ERROR", "products")},
		},
		{
			"a panic", `{ me { id } }`, []string{`accounts: PANIC`},
			`{"me":null}`, []string{subgraphError("Internal server error", `["me"]`, "INTERNAL_SERVER_ERROR", "accounts")},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, c.query, "", script(c.answers...), Options{})
			same(t, got, `{"data":`+c.data+`,"errors":[`+strings.Join(c.errors, ",")+`]}`)
		})
	}
}

// TestErrorLimit: of very many errors the first are passed on, and what is left out is said.
func TestErrorLimit(t *testing.T) {
	t.Parallel()
	flood := `accounts: {"data":{"me":null},"errors":[` + strings.Repeat(`{"message":"x"},`, 5000) + `{"message":"x"}]}`
	got := small().execute(t, `{ me { id } }`, "", script(flood), Options{})
	if n := strings.Count(got, `"message":"x"`); n != maxReported || !strings.Contains(got, `reported 5001 errors, of which only the first are passed on`) {
		t.Errorf("%d errors", n)
	}
	got = small().execute(t, `{ leaves { ints } }`, "", script(`accounts: {"data":{"leaves":{"ints":[`+strings.Repeat(`"x",`, 5000)+`1]}}}`), Options{MaxErrors: 10})
	if n := strings.Count(got, `"message"`); n != 10 {
		t.Errorf("%d errors", n)
	}
	long := small().execute(t, `{ me { id } }`, "", script(`accounts: {"errors":[{"message":"`+strings.Repeat("ü", 1<<20)+`"}]}`), Options{})
	if len(long) > maxMessage+1000 {
		t.Errorf("a message of %d bytes", len(long))
	}
}
