package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// outcome is what an answer says of one error, and its data.
type outcome struct {
	Data   json.RawMessage
	Errors []struct {
		Path       json.RawMessage
		Locations  []struct{ Line int }
		Extensions struct{ Code, Service string }
	}
}

// good is asked after everything bad: the process lives, and answers as ever.
const good = `{topProducts(first:1){upc name inStock}}`

const goodAnswer = `{"data":{"topProducts":[{"upc":"1","name":"Table","inStock":true}]}}`

// TestBadRequests: whatever a client sends is answered with the code that it deserves, and harms nobody.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil)
	for _, c := range []struct {
		name, body string
		status     int
		code       string
		located    bool
	}{
		{"malformed JSON", `{"query":"{a}"`, 400, "BAD_REQUEST", false},
		{"no JSON", "\x00\x01", 400, "BAD_REQUEST", false},
		{"unknown field", ask(`{topProducts{nope}}`), 200, "GRAPHQL_VALIDATION_FAILED", true},
		{"unknown argument", ask(`{topProducts(nope:1){upc}}`), 200, "GRAPHQL_VALIDATION_FAILED", true},
		{"variable of the wrong type", `{"query":"query($n:Int){topProducts(first:$n){upc}}","variables":{"n":"x"}}`, 200, "BAD_USER_INPUT", false},
		{"variables that are a list", `{"query":"{topProducts{upc}}","variables":[]}`, 400, "BAD_REQUEST", false},
		{"10 MB", ask("{topProducts{upc}}" + strings.Repeat(" ", 10<<20)), 413, "REQUEST_TOO_LARGE", false},
		{"1.9 MB of tokens", ask("{" + strings.Repeat("a ", 950_000) + "}"), 400, "QUERY_TOKEN_LIMIT_EXCEEDED", false},
		{"10,000 levels", ask(strings.Repeat("{topProducts", 10_000) + strings.Repeat("}", 10_000)), 200, "QUERY_DEPTH_LIMIT_EXCEEDED", true},
		{"10,000 lists in variables", `{"query":"query($n:Int){topProducts(first:$n){upc}}","variables":{"n":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}}`, 400, "BAD_REQUEST", false},
		{"cyclic fragments", ask(`{...A} fragment A on Query{...B} fragment B on Query{...C} fragment C on Query{...A}`), 200, "GRAPHQL_VALIDATION_FAILED", true},
		{"a fragment in itself", ask(`{...A} fragment A on Query{topProducts{upc} ...A}`), 200, "GRAPHQL_VALIDATION_FAILED", true},
	} {
		status, body := g.Post(t, c.body)
		var got outcome
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v in %.200s", c.name, err, body)
		}
		if status != c.status || got.Data != nil || len(got.Errors) == 0 || got.Errors[0].Extensions.Code != c.code ||
			c.located && len(got.Errors[0].Locations) == 0 {
			t.Errorf("%s: got %d %.300s", c.name, status, body)
		}
		if len(g.Requests()) > 0 {
			t.Errorf("%s: subgraphs were asked", c.name)
		}
		if status, body := g.Post(t, ask(good)); status != 200 || body != goodAnswer {
			t.Fatalf("after %s: got %d %s", c.name, status, body)
		}
		g.Requests()
	}
}

// TestBadSubgraph: whatever a subgraph does is an error with a code and a path; the rest of the data stays, and the next
// request is answered as ever.
func TestBadSubgraph(t *testing.T) {
	t.Parallel()
	const entities = `{"data":{"_entities":[`
	const broken = `{"topProducts":[{"upc":"1","name":"Table","inStock":null}]}`
	const malformed = "SUBREQUEST_MALFORMED_RESPONSE"
	const tooSlow = "is too slow"
	var behave atomic.Pointer[http.HandlerFunc]
	handlers := map[string]http.Handler{"inventory": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*behave.Load())(w, r)
	})}
	patient := func(c *gateway.Config) {
		c.Upstream.Retry.Attempts = 0
		c.Upstream.CircuitBreaker.Enabled = false
		c.Upstream.MaxResponseBytes = 2 << 20
	}
	g := shopGateway(t, handlers, patient)
	hurried := shopGateway(t, handlers, patient, gatewaytest.WithTimeout("inventory", 50*time.Millisecond))
	status := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	answer := func(body string) http.HandlerFunc { return write("application/json", body) }
	healthy := answer(entities + `{"inStock":true}]}}`)
	for _, c := range []struct {
		name             string
		behave           http.HandlerFunc
		code, path, data string
	}{
		{"breaks the connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "SUBREQUEST_HTTP_ERROR", `["topProducts"]`, broken},
		{tooSlow, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "SUBREQUEST_TIMEOUT", `["topProducts"]`, broken},
		{"has status 500", status(500, "oops"), "SUBREQUEST_HTTP_ERROR", `["topProducts"]`, broken},
		{"redirects", status(307, ""), "SUBREQUEST_HTTP_ERROR", `["topProducts"]`, broken},
		{"answers HTML", write("text/html", "<html></html>"), malformed, `["topProducts"]`, broken},
		{"answers nothing", answer(""), malformed, `["topProducts"]`, broken},
		{"answers cut JSON", answer(entities + `{"inStock":tr`), malformed, `["topProducts"]`, broken},
		{"answers a list", answer(`[]`), malformed, `["topProducts"]`, broken},
		{"answers very deep JSON", answer(`{"data":` + strings.Repeat("[", 1<<20)), malformed, `["topProducts"]`, broken},
		{"answers without end", endless, malformed, `["topProducts"]`, broken},
		{"gives a list of the wrong length", answer(`{"data":{"_entities":[]}}`), malformed, `["topProducts"]`, broken},
		{"gives one entity too many", answer(entities + `{"inStock":true},{"inStock":false}]}}`), malformed, `["topProducts"]`, goodAnswer[len(`{"data":`) : len(goodAnswer)-1]},
		{"gives no list", answer(`{"data":{"_entities":"x"}}`), malformed, `["topProducts"]`, broken},
		{"gives a value of the wrong type", answer(entities + `{"inStock":"yes"}]}}`), "INVALID_VALUE_FOR_FIELD", `["topProducts",0,"inStock"]`, broken},
		{"gives an object for a scalar", answer(entities + `{"inStock":{}}]}}`), "INVALID_VALUE_FOR_FIELD", `["topProducts",0,"inStock"]`, broken},
		{"gives neither data nor errors", answer(`{}`), malformed, `["topProducts"]`, broken},
		{"reports an error", answer(`{"data":{"_entities":[null]},"errors":[{"message":"m","path":["_entities",0,"inStock"],"extensions":{"code":"OWN"}}]}`), "OWN", `["topProducts",0,"inStock"]`, broken},
	} {
		behave.Store(&c.behave)
		asked := g
		if c.name == tooSlow {
			asked = hurried // no other case may depend on how fast the machine is
		}
		status, body := asked.Post(t, ask(good))
		var got outcome
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%s: %v in %.200s", c.name, err, body)
		}
		if status != 200 || string(got.Data) != c.data || len(got.Errors) != 1 || got.Errors[0].Extensions.Code != c.code || string(got.Errors[0].Path) != c.path {
			t.Errorf("%s: got %d %.300s", c.name, status, body)
		}
		behave.Store(&healthy)
		if status, body := g.Post(t, ask(good)); status != 200 || body != goodAnswer {
			t.Fatalf("after one that %s: got %d %s", c.name, status, body)
		}
	}
}

// TestNullWhereNonNull: a null that the schema forbids takes the nearest place that may be null, with one error.
func TestNullWhereNonNull(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`"upc":null,`, ``} {
		g := shopGateway(t, map[string]http.Handler{
			"products": write("application/json", `{"data":{"topProducts":[{"upc":"1","name":"Table"},{`+value+`"name":"Couch"},{"upc":"3","name":"Chair"}]}}`),
		})
		status, body := g.Post(t, ask(`{topProducts{upc name}}`))
		want := `{"data":{"topProducts":[{"upc":"1","name":"Table"},null,{"upc":"3","name":"Chair"}]},"errors":[{"message":"Cannot return null for non-nullable field Product.upc",` +
			`"path":["topProducts",1,"upc"],"extensions":{"code":"NULL_VALUE_FOR_NON_NULL_FIELD"}}]}`
		if status != 200 || body != want {
			t.Errorf("got %d %s", status, body)
		}
	}
}
