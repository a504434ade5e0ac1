package upstream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// newClient returns a client for one subgraph, "reviews", and what calls it. Unless a change says otherwise nothing is given up for
// being slow, which anything can be on a busy machine.
func newClient(tb testing.TB, url string, change func(*upstream.Config)) (*upstream.Client, *upstream.Request) {
	tb.Helper()
	config := upstream.DefaultConfig()
	config.Timeout = time.Hour
	if change != nil {
		change(&config)
	}
	s := &supergraph.Subgraph{Name: "reviews", URL: url}
	client, err := upstream.New([]*supergraph.Subgraph{s}, config, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return client, &upstream.Request{Subgraph: s, Repeatable: true, Shareable: true, Body: []byte(`{"query":"{a}"`)}
}

// serve runs a subgraph.
func serve(tb testing.TB, handler http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

func respond(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body []byte
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		body, _ = io.ReadAll(r.Body)
		respond(200, "application/json", `{"data":{"a":1}}`)(w, r)
	})
	client, request := newClient(t, url+"/graphql?v=1", nil)
	request.Origin = &upstream.Origin{Header: http.Header{"Authorization": {"Bearer secret"}, "X-Request-Id": {"1"}}}
	response, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Release()
	if string(response.Body) != `{"data":{"a":1}}` || response.Status != 200 {
		t.Errorf("got %d %s", response.Status, response.Body)
	}
	if got.Method != http.MethodPost || got.URL.RequestURI() != "/graphql?v=1" || string(body) != `{"query":"{a}"}` {
		t.Errorf("got %s %s %s", got.Method, got.URL, body)
	}
	want := http.Header{
		"Content-Type":    {"application/json"},
		"Accept":          {"application/graphql-response+json, application/json;q=0.9"},
		"Accept-Encoding": {"gzip"},
		"User-Agent":      {"gatehouse"},
		"Content-Length":  {strconv.Itoa(len(body))},
	}
	if fmt.Sprint(got.Header) != fmt.Sprint(want) {
		t.Errorf("sent the headers\n%v\nwant\n%v", got.Header, want)
	}
}

func TestProxyVariablesAreIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	client, request := newClient(t, serve(t, respond(200, "application/json", `{"data":{}}`)), nil)
	response, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	response.Release()
}

// TestHTTP2: a subgraph with https is spoken to in HTTP/2, and its certificate is checked.
func TestHTTP2(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems do not read SSL_CERT_FILE")
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"data":%d}`, r.ProtoMajor)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.MaxHeaderBytes = 8 << 10
	server.StartTLS()
	t.Cleanup(server.Close)
	certificate := filepath.Join(t.TempDir(), "root.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(certificate, block, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", certificate)
	client, request := newClient(t, server.URL, nil)
	response, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Release()
	if string(response.Body) != `{"data":2}` {
		t.Errorf("got %s", response.Body)
	}
	// What a client sends opens no circuit breaker for others.
	long := *request
	long.Origin = &upstream.Origin{Session: []signature.Field{{Name: "x-session-a", Value: strings.Repeat("a", 16<<10)}}}
	for range 25 {
		if _, err := client.Do(t.Context(), &long); !errors.Is(err, gqlerr.SubrequestHTTPError) || !strings.Contains(err.Error(), "431") {
			t.Fatalf("with long headers: %v", err)
		}
	}
	again, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
	client, request = newClient(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), nil)
	if _, err := client.Do(t.Context(), request); !errors.Is(err, gqlerr.SubrequestHTTPError) {
		t.Errorf("a certificate for another name: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		code   gqlerr.Code // "" when it is passed on
		text   string      // what the message, or the body, says
	}{
		"graphql-response": {respond(200, "application/graphql-response+json", ` {"data":null}`), "", ` {"data":null}`},
		"no content type": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, `{"data":1}`)
		}, "", `{"data":1}`},
		"mislabelled JSON":      {respond(200, "text/plain; charset=utf-8", `{"data":{}}`), "", `{"data":{}}`},
		"errors with a status":  {respond(500, "application/json", `{"errors":[{"message":"x"}]}`), "", `{"errors":[{"message":"x"}]}`},
		"data with a status":    {respond(400, "application/json", `{"data":null}`), "", `{"data":null}`},
		"other JSON, 401":       {respond(401, "application/json", `{"message":"secret"}`), gqlerr.SubrequestHTTPError, `Subgraph "reviews" answered with status 401 Unauthorized`},
		"HTML, 502":             {respond(502, "text/html", `<html>secret</html>`), gqlerr.SubrequestHTTPError, `Subgraph "reviews" answered with status 502 Bad Gateway`},
		"strange status":        {respond(599, "text/html", `{`), gqlerr.SubrequestHTTPError, `Subgraph "reviews" answered with status 599`},
		"HTML":                  {respond(200, "text/html; charset=utf-8", `<html>secret</html>`), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with content type "text/html" instead of a GraphQL response`},
		"list":                  {respond(200, "application/json", `[{"data":1}]`), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" did not answer with a GraphQL response`},
		"nothing":               {respond(200, "application/json", ``), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" sent an empty response`},
		"204":                   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" sent an empty response`},
		"announced as too long": {announceLength(200 << 20), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with a response larger than 1048576 bytes`},
		"streamed too long":     {stream(200 << 20), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with a response larger than 1048576 bytes`},
		"gzip":                  {zipped([]byte(`{"data":{"zip":1}}`), 0), "", `{"data":{"zip":1}}`},
		"gzip bomb":             {zipped(make([]byte, 32<<20), 0), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with a response larger than 1048576 bytes`},
		"gzip, cut":             {zipped([]byte(`{"data":{"zip":1}}`), 9), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with damaged gzip data`},
		"not gzip":              {encoded("gzip", `{"data":{}}`), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with damaged gzip data`},
		"brotli":                {encoded("br", `{"data":{}}`), gqlerr.SubrequestMalformedResponse, `Subgraph "reviews" answered with a content encoding that it was not offered`},
		"broken off":            {breakOff, gqlerr.SubrequestHTTPError, `Subgraph "reviews" broke off its response`},
		"hung up":               {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, gqlerr.SubrequestHTTPError, `Subgraph "reviews" could not be reached`},
		"slow":                  {slow(0), gqlerr.SubrequestTimeout, `Subgraph "reviews" did not answer within 200ms`},
		"slow in the body":      {slow(10), gqlerr.SubrequestTimeout, `Subgraph "reviews" did not answer within 200ms`},
		"redirect":              {redirect, gqlerr.SubrequestHTTPError, `Subgraph "reviews" answered with status 307 Temporary Redirect`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, request := newClient(t, serve(t, tc.answer), func(c *upstream.Config) {
				c.MaxResponseBytes = 1 << 20
				if tc.code == gqlerr.SubrequestTimeout { // it never answers
					c.Timeout = 200 * time.Millisecond
				}
			})
			response, err := client.Do(t.Context(), request)
			if tc.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				defer response.Release()
				if string(response.Body) != tc.text {
					t.Errorf("got %s, want %s", response.Body, tc.text)
				}
				return
			}
			var failure *gqlerr.Error
			if !errors.As(err, &failure) || failure.Code != tc.code || failure.Message != tc.text {
				t.Errorf("got %v, want %s %q", err, tc.code, tc.text)
			}
			if public := string(gqlerr.Public(err).AppendJSON(nil)); strings.Contains(public, "secret") || strings.Contains(public, "127.0.0.1") {
				t.Errorf("tells too much: %s", public)
			}
		})
	}
}

func TestStatusExtension(t *testing.T) {
	t.Parallel()
	client, request := newClient(t, serve(t, respond(503, "text/plain", "")), nil)
	_, err := client.Do(t.Context(), request)
	want := `[{"message":"Subgraph \"reviews\" answered with status 503 Service Unavailable","extensions":{"code":"SUBREQUEST_HTTP_ERROR","http":{"status":503}}}]`
	if got := string(gqlerr.Public(err).AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	client, request := newClient(t, "http://"+address, nil)
	if _, err := client.Do(t.Context(), request); !errors.Is(err, gqlerr.SubrequestHTTPError) {
		t.Errorf("got %v", err)
	}
}

// ending is a context whose time is up when it is closed.
type ending struct {
	context.Context //nolint:containedctx // it is a context
	over            chan struct{}
}

// Done implements context.Context.
func (e ending) Done() <-chan struct{} { return e.over }

// Err implements context.Context.
func (e ending) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return e.Context.Err()
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, share := range []bool{false, true} {
		ctx := ending{t.Context(), make(chan struct{})}
		gone := make(chan struct{})
		url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			close(ctx.over)
			<-r.Context().Done()
			close(gone)
		})
		client, request := newClient(t, url, func(c *upstream.Config) { c.Share = share })
		if _, err := client.Do(ctx, request); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, gqlerr.SubrequestTimeout) {
			t.Errorf("share %t: got %v", share, err)
		}
		<-gone // the subgraph does not go on to work
		if _, err := client.Do(ctx, request); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("share %t: a call with an ended context: %v", share, err)
		}
	}
}

// TestStaleConnection: a subgraph that closes idle connections does not fail queries that were just written to one, as the pauses
// make likely. The more often that happens, the more the budget for repetitions has to allow.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(respond(200, "application/json", `{"data":{}}`))
	server.Config.IdleTimeout = 2 * time.Millisecond
	server.Start()
	defer server.Close()
	client, request := newClient(t, server.URL, func(c *upstream.Config) { c.Retry.BudgetPercent = 100 })
	for i := range 300 {
		response, err := client.Do(t.Context(), request)
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		response.Release()
		time.Sleep(2*time.Millisecond - time.Duration(i)*time.Microsecond)
	}
}

// TestEarlyAnswer: a subgraph that answers before it has read a large body gets no bytes of another call.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1)%2 == 0 {
			respond(200, "application/json", `{"data":{}}`)(w, r) // and the connection is closed
			return
		}
		control := http.NewResponseController(w)
		err := control.EnableFullDuplex()
		respond(200, "application/json", `{"data":{}}`)(w, r)
		err = errors.Join(err, control.Flush())
		body, _ := io.ReadAll(r.Body) // as far as it comes
		letters := bytes.TrimRight(bytes.TrimPrefix(body, []byte(`{"query":"`)), `"}`)
		if err != nil || len(letters) > 0 && len(bytes.Trim(letters, string(letters[:1]))) > 0 {
			t.Errorf("%v: the bodies of two calls are mixed", err)
		}
	})
	client, request := newClient(t, url, nil)
	for i := range 26 {
		letter := []byte{byte('a' + i)}
		request.Body = append(append([]byte(`{"query":"`), bytes.Repeat(letter, 900<<10)...), '"')
		response, err := client.Do(t.Context(), request)
		if err == nil { // a reset connection is no fault of the client
			response.Release()
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	subgraphs := []*supergraph.Subgraph{
		{Index: 0, Name: "a", URL: ""},
		{Index: 1, Name: "b", URL: "http://user:secret@b"},
		{Index: 2, Name: "c", URL: "ftp://c"},
		{Index: 3, Name: "d", URL: ":"},
		{Index: 4, Name: "e", URL: ""},
		{Index: 5, Name: "f", URL: "http:///x"},
	}
	_, err := upstream.New(subgraphs, upstream.DefaultConfig(), map[supergraph.SubgraphName]upstream.SubgraphConfig{"e": {URL: "http://e"}})
	want := `subgraph "a" has no routing URL in the supergraph; give one as subgraphs.a.url
the URL of subgraph "b" must not hold a user name or password
the URL of subgraph "c" must begin with http:// or https://
the URL of subgraph "d" is not a URL: missing protocol scheme
the URL of subgraph "f" has no host`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func announceLength(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(n))
		stream(n)(w, r)
	}
}

func stream(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("{"), 64<<10)
		for ; n > 0; n -= len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
}

func zipped(content []byte, cut int) http.HandlerFunc {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(content)
	_ = z.Close()
	return encoded("gzip", b.String()[:b.Len()-cut])
}

func encoded(encoding, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
}

func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"data":`)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func slow(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for range n {
			_, _ = io.WriteString(w, `{"data":`)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
}

func redirect(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/elsewhere" {
		respond(200, "application/json", `{"data":{}}`)(w, r)
		return
	}
	http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
}
