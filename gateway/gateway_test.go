package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// supergraph returns the example supergraph without auth directives.
func supergraphSDL(tb testing.TB) string {
	tb.Helper()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph-open.graphql")
	if err != nil {
		tb.Fatal(err)
	}
	return string(sdl)
}

// shopGateway runs the example shop, some of its subgraphs replaced.
func shopGateway(tb testing.TB, replaced map[string]http.Handler, change ...func(*gateway.Config)) *gatewaytest.Gateway {
	tb.Helper()
	subgraphs, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		tb.Fatal(err)
	}
	handlers := map[string]http.Handler{}
	for _, s := range subgraphs {
		handlers[s.Name] = shop.As("1", s.Handler)
		if h := replaced[s.Name]; h != nil {
			handlers[s.Name] = h
		}
	}
	return gatewaytest.New(tb, supergraphSDL(tb), handlers, change...)
}

// ask wraps a document.
func ask(document string) string {
	text, _ := json.Marshal(map[string]string{"query": document})
	return string(text)
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil)
	const plain, response = "application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8"
	type headers map[string]string
	for name, tc := range map[string]struct {
		method, path string
		header       headers
		body         string
		status       int
		contentType  string
		want         string // a part of the body
	}{
		"query":            {body: ask(`{__typename}`), status: 200, contentType: plain, want: `{"data":{"__typename":"Query"}}`},
		"graphql-response": {body: ask(`{__typename}`), header: headers{"Accept": "application/graphql-response+json"}, status: 200, contentType: response, want: `{"data":{"__typename":"Query"}}`},
		"charset":          {body: ask(`{__typename}`), header: headers{"Content-Type": `Application/JSON; charset="UTF-8"`}, status: 200, contentType: plain, want: `{"data":`},

		"GET":              {method: "GET", status: 405, contentType: plain, want: `"code":"METHOD_NOT_ALLOWED"`},
		"PUT":              {method: "PUT", body: ask(`{__typename}`), status: 405, contentType: plain, want: `"code":"METHOD_NOT_ALLOWED"`},
		"unknown method":   {method: "BREW", status: 405, contentType: plain, want: `"code":"METHOD_NOT_ALLOWED"`},
		"Accept":           {header: headers{"Accept": "text/html"}, body: ask(`{__typename}`), status: 406, contentType: plain, want: `"code":"NOT_ACCEPTABLE"`},
		"form":             {header: headers{"Content-Type": "application/x-www-form-urlencoded"}, body: "query={__typename}", status: 415, contentType: plain, want: `"code":"UNSUPPORTED_MEDIA_TYPE"`},
		"no content type":  {header: headers{"Content-Type": ""}, body: ask(`{__typename}`), status: 415, contentType: plain, want: `"code":"UNSUPPORTED_MEDIA_TYPE"`},
		"UTF-16":           {header: headers{"Content-Type": "application/json; charset=utf-16"}, body: ask(`{__typename}`), status: 415, contentType: plain, want: `"code":"UNSUPPORTED_MEDIA_TYPE"`},
		"gzip":             {header: headers{"Content-Encoding": "gzip"}, body: ask(`{__typename}`), status: 415, contentType: plain, want: `"code":"UNSUPPORTED_MEDIA_TYPE"`},
		"malformed":        {body: `{"query":`, status: 400, contentType: plain, want: `{"errors":[{"message":"The request body is not valid JSON: invalid value at byte 10","extensions":{"code":"BAD_REQUEST"}}]}`},
		"malformed, other": {body: `{"query":`, header: headers{"Accept": "application/graphql-response+json"}, status: 400, contentType: response, want: `"code":"BAD_REQUEST"`},
		"wrong type":       {body: `{"query":{}}`, status: 400, contentType: plain, want: `"code":"BAD_REQUEST"`},
		"batch":            {body: `[]`, status: 400, contentType: plain, want: `"code":"BAD_REQUEST"`},
		"nothing":          {body: ``, status: 400, contentType: plain, want: `"code":"BAD_REQUEST"`},
		"10 MB":            {body: ask(strings.Repeat("x", 10<<20)), status: 413, contentType: plain, want: `"code":"REQUEST_TOO_LARGE"`},
		"large variables":  {body: `{"query":"{a}","variables":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`, status: 413, contentType: plain, want: `"code":"REQUEST_TOO_LARGE"`},
		"elsewhere":        {path: "/x", body: ask(`{__typename}`), status: 404, contentType: "text/plain; charset=utf-8"},
		"health":           {method: "GET", path: "/health", status: 200, contentType: plain, want: `{"status":"ok"}`},
		"page, off":        {method: "GET", header: headers{"Accept": "text/html"}, status: 405, contentType: plain, want: `"code":"METHOD_NOT_ALLOWED"`},

		"parse":             {body: ask(`{`), status: 200, contentType: plain, want: `"code":"GRAPHQL_PARSE_FAILED"`},
		"parse, other":      {body: ask(`{`), header: headers{"Accept": "application/graphql-response+json"}, status: 400, contentType: response, want: `"code":"GRAPHQL_PARSE_FAILED"`},
		"validation":        {body: ask(`{nope also}`), status: 200, contentType: plain, want: `"locations":[{"line":1,"column":7}]`},
		"validation, other": {body: ask(`{nope also}`), header: headers{"Accept": "application/graphql-response+json"}, status: 400, contentType: response, want: `"code":"GRAPHQL_VALIDATION_FAILED"`},
		"no operation":      {body: `{"query":"{__typename}","operationName":"X"}`, status: 200, contentType: plain, want: `"code":"OPERATION_RESOLUTION_FAILURE"`},
		"one of several":    {body: `{"query":"query A {a: __typename} query B {b: __typename}","operationName":"B"}`, status: 200, contentType: plain, want: `{"data":{"b":"Query"}}`},
		"several, no name":  {body: ask(`query A {a: __typename} query B {b: __typename}`), status: 200, contentType: plain, want: `"code":"OPERATION_RESOLUTION_FAILURE"`},
		"empty name":        {body: `{"query":"query A {a: __typename}","operationName":""}`, status: 200, contentType: plain, want: `{"data":{"a":"Query"}}`},
		"byte order mark":   {body: "\xef\xbb\xbf" + ask(`{__typename}`), status: 400, contentType: plain, want: `"code":"BAD_REQUEST"`},
		"mark in a query":   {body: `{"query":"\uFEFF{__typename}"}`, status: 200, contentType: plain, want: `{"data":{"__typename":"Query"}}`},
		"cyclic fragments":  {body: ask(`{...A} fragment A on Query{...B} fragment B on Query{...A}`), status: 200, contentType: plain, want: `"code":"GRAPHQL_VALIDATION_FAILED"`},
		"depth":             {body: ask(strings.Repeat("{a", 10_000) + strings.Repeat("}", 10_000)), status: 200, contentType: plain, want: `"errors":[`},
		"tokens":            {body: ask("{" + strings.Repeat("a ", 20_000) + "}"), status: 400, contentType: plain, want: `"code":"QUERY_TOKEN_LIMIT_EXCEEDED"`},
		"variables":         {body: `{"query":"query($u:String!){product(upc:$u){name}}","variables":{"u":1}}`, status: 200, contentType: plain, want: `"code":"BAD_USER_INPUT"`},
		"variables, other":  {body: `{"query":"query($u:String!){product(upc:$u){name}}"}`, header: headers{"Accept": "application/graphql-response+json"}, status: 400, contentType: response, want: `"code":"BAD_USER_INPUT"`},
		"subscription":      {body: ask(`subscription{x}`), status: 200, contentType: plain, want: `"errors":[`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, path := http.MethodPost, gateway.Endpoint
			if tc.method != "" {
				method = tc.method
			}
			if tc.path != "" {
				path = tc.path
			}
			request, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(g.URL, gateway.Endpoint)+path, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			for key, value := range tc.header {
				request.Header.Set(key, value)
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			body, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != tc.status || answer.Header.Get("Content-Type") != tc.contentType || !strings.Contains(string(body), tc.want) {
				t.Errorf("got %d %s %.300s", answer.StatusCode, answer.Header.Get("Content-Type"), body)
			}
			if allow := answer.Header.Get("Allow"); (tc.status == 405) != (allow == "POST") {
				t.Errorf("Allow: %q", allow)
			}
			if tc.status != 404 && !json.Valid(body) {
				t.Errorf("no JSON: %s", body)
			}
		})
	}
}

func TestGraphiQL(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil, func(c *gateway.Config) { c.GraphiQL = true })
	for _, path := range []string{"/", "/graphql", "/graphiql/"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(g.URL, gateway.Endpoint)+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, answer.StatusCode, answer.Header.Get("Content-Type"))
		}
	}
	if status, body := g.Post(t, ask(`{__typename}`)); status != 200 {
		t.Errorf("POST: %d %s", status, body)
	}
}

// TestSubgraphFails: a broken subgraph costs its own part of the answer and nothing else.
func TestSubgraphFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		inventory http.HandlerFunc
		code      string
	}{
		"down":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "SUBREQUEST_HTTP_ERROR"},
		"slow":         {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "SUBREQUEST_TIMEOUT"},
		"HTML":         {write("text/html", "<html>secret</html>"), "SUBREQUEST_MALFORMED_RESPONSE"},
		"cut JSON":     {write("application/json", `{"data":{"_entities":[{"inStock":`), "SUBREQUEST_MALFORMED_RESPONSE"},
		"wrong type":   {write("application/json", `{"data":{"_entities":"x"}}`), "SUBREQUEST_MALFORMED_RESPONSE"},
		"wrong length": {write("application/json", `{"data":{"_entities":[]}}`), "SUBREQUEST_MALFORMED_RESPONSE"},
		"no data":      {write("application/json", `{}`), "SUBREQUEST_MALFORMED_RESPONSE"},
		"endless":      {endless, "SUBREQUEST_MALFORMED_RESPONSE"},
		"errors":       {write("application/json", `{"errors":[{"message":"no luck","extensions":{"code":"UNLUCKY","stacktrace":["secret"]}}]}`), "UNLUCKY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := func(c *gateway.Config) { c.Upstream.MaxResponseBytes = 1 << 20 }
			if name == "slow" {
				change = gatewaytest.WithTimeout("inventory", 50*time.Millisecond)
			}
			g := shopGateway(t, map[string]http.Handler{"inventory": tc.inventory}, change)
			status, body := g.Post(t, ask(`{topProducts(first:1){upc name inStock}}`))
			var answer struct {
				Data   json.RawMessage
				Errors []struct {
					Path       []any
					Extensions struct{ Code, Service string }
				}
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatal(err)
			}
			if status != 200 || string(answer.Data) != `{"topProducts":[{"upc":"1","name":"Table","inStock":null}]}` {
				t.Errorf("got %d %s", status, body)
			}
			if len(answer.Errors) == 0 || answer.Errors[0].Extensions.Code != tc.code || answer.Errors[0].Extensions.Service != "inventory" || len(answer.Errors[0].Path) == 0 {
				t.Errorf("got the errors %+v in %s", answer.Errors, body)
			}
			if strings.Contains(body, "secret") || strings.Contains(body, "127.0.0.1") {
				t.Errorf("tells too much: %s", body)
			}
		})
	}
}

// TestFetches: an operation that needs too many requests to subgraphs makes none.
func TestFetches(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil, func(c *gateway.Config) { c.Limits.Fetches = 2 })
	if _, body := g.Post(t, ask(`{topProducts(first:1){upc inStock} __schema{queryType{name}}}`)); body !=
		`{"data":{"topProducts":[{"upc":"1","inStock":true}],"__schema":{"queryType":{"name":"Query"}}}}` {
		t.Errorf("two requests: %s", body)
	}
	g.Requests() // those
	_, body := g.Post(t, ask(`{topProducts(first:1){upc inStock reviews{body}}}`))
	if !strings.Contains(body, "needs 3 requests to subgraphs, more than 2") || !strings.Contains(body, "QUERY_PLAN_TOO_COMPLEX") || len(g.Requests()) > 0 {
		t.Errorf("three requests: %s", body)
	}
}

func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	arrived, gone := make(chan struct{}), make(chan struct{})
	g := shopGateway(t, map[string]http.Handler{"products": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})})
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, strings.NewReader(ask(`{topProducts{upc}}`)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	go func() {
		<-arrived
		cancel()
	}()
	if answer, err := http.DefaultClient.Do(request); err == nil {
		_ = answer.Body.Close()
		t.Error("there was an answer")
	}
	<-gone // the subgraph does not go on to work
}

// TestOnlyOwnHeaders: nothing of the client's headers reaches a subgraph.
func TestOnlyOwnHeaders(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil)
	request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(`{topProducts(first:1){upc}}`)))
	for key, value := range map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer secret", "Cookie": "a=secret", "X-Hasura-Role": "admin",
		"Accept": "application/graphql-response+json", "X-Forwarded-For": "1.2.3.4", "User-Agent": "secret",
	} {
		request.Header.Set(key, value)
	}
	w := httptest.NewRecorder()
	g.Handler.ServeHTTP(w, request)
	received := g.Requests()
	if len(received) != 1 || received[0].Subgraph != "products" || received[0].Method != http.MethodPost {
		t.Fatalf("got %+v for %s", received, w.Body)
	}
	allowed := map[string]bool{"Content-Type": true, "Accept": true, "Accept-Encoding": true, "User-Agent": true, "Content-Length": true}
	for key, values := range received[0].Header {
		if !allowed[key] || strings.Contains(strings.Join(values, ""), "secret") {
			t.Errorf("%s: %v", key, values)
		}
	}
	if !strings.HasPrefix(received[0].Body, `{"query":`) || !json.Valid([]byte(received[0].Body)) {
		t.Errorf("got %s", received[0].Body)
	}
}

// TestShutdown: a request in flight is answered, and no new one is taken.
func TestShutdown(t *testing.T) {
	t.Parallel()
	arrived, proceed := make(chan struct{}), make(chan struct{})
	g := shopGateway(t, map[string]http.Handler{"products": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-proceed
		write("application/json", `{"data":{"topProducts":[]}}`)(w, r)
	})})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- g.Handler.Serve(ctx, listener) }()
	answered := make(chan string, 1)
	url := "http://" + listener.Addr().String() + gateway.Endpoint
	go func() {
		answer, err := http.Post(url, "application/json", strings.NewReader(ask(`{topProducts{upc}}`)))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = answer.Body.Close() }()
		body, _ := io.ReadAll(answer.Body)
		answered <- string(body)
	}()
	<-arrived
	stop()
	for { // the listener closes first
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		_ = connection.Close()
		time.Sleep(time.Millisecond)
	}
	close(proceed)
	if got := <-answered; got != `{"data":{"topProducts":[]}}` {
		t.Errorf("got %s", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func write(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body)
	}
}

// endless answers for as long as anybody reads.
func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}
