package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// TestAccessLog: one line a request, with what it says there, and nothing of what must not be in a log.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	subgraph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"topProducts":null},"errors":[{"message":"no luck"}]}`)
	}))
	t.Cleanup(subgraph.Close)
	config := DefaultConfig()
	config.Supergraph.Path = "../examples/subgraphs/supergraph.graphql"
	config.Authorization.AllowUnconfigured = true
	config.Log.Access = true
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"products": {URL: subgraph.URL}}
	var log bytes.Buffer
	g, err := New(config, WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	for _, c := range []struct {
		method, path, body string
		want               map[string]any
	}{
		{
			"POST", "/graphql", `{"query":"query Top($secret:Int){topProducts(first:$secret){name}}","variables":{"secret":4711}}`,
			map[string]any{"operation": "Top", "status": 200.0, "subgraphCalls": 1.0, "denied": 0.0, "errors": 1.0},
		},
		{
			"POST", "/graphql", `{"query":"query Mine{me{name}}"}`,
			map[string]any{"operation": "Mine", "status": 200.0, "subgraphCalls": 0.0, "denied": 1.0, "errors": 1.0},
		},
		{"POST", "/graphql", `{"query":"{`, map[string]any{"operation": "", "status": 400.0, "errors": 1.0}},
		{"GET", "/graphql", ``, map[string]any{"status": 405.0, "method": "GET", "path": "/graphql"}},
		{"POST", "/x", ``, map[string]any{"status": 404.0, "path": "/x"}},
		{"GET", "/health", ``, nil},
	} {
		log.Reset()
		request := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer the-secret")
		request.Header.Set("X-Request-Id", "the-id")
		g.ServeHTTP(httptest.NewRecorder(), request)
		var lines []map[string]any
		for line := range strings.Lines(log.String()) {
			var entry map[string]any
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			if entry["msg"] == "request" {
				lines = append(lines, entry)
			}
		}
		if strings.Contains(log.String(), "the-secret") {
			t.Errorf("the log tells a secret: %s", &log)
		}
		if c.want == nil {
			if len(lines) > 0 {
				t.Errorf("%s is logged: %s", c.path, &log)
			}
			continue
		}
		if len(lines) != 1 {
			t.Fatalf("%s: %d lines: %s", c.body, len(lines), &log)
		}
		c.want["requestId"] = "the-id"
		for name, want := range c.want {
			if lines[0][name] != want {
				t.Errorf("%s: %s is %v, want %v", c.body, name, lines[0][name], want)
			}
		}
		if _, ok := lines[0]["durationMs"].(float64); !ok {
			t.Errorf("no duration in %v", lines[0])
		}
	}
}

// TestRequestIDs: every answer has an id, the client's if it is harmless, and subgraphs can get it.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	ids := make(chan string, 10)
	_, address := over(t, map[string]http.HandlerFunc{"products": func(w http.ResponseWriter, r *http.Request) {
		ids <- r.Header.Get("X-Request-Id")
		_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
	}}, func(c *Config) {
		c.ForwardClientHeaders.List = []upstream.ClientHeader{{Name: "x-request-id"}}
	}, nil)
	for _, c := range []struct {
		given string
		kept  bool
	}{{"mine-1", true}, {"", false}, {"two words", false}, {strings.Repeat("x", 1000), false}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+Endpoint, strings.NewReader(`{"query":"{topProducts{name}}"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Request-Id", c.given)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		got, sent := answer.Header.Get("X-Request-Id"), <-ids
		if got == "" || (got == c.given) != c.kept || sent != got {
			t.Errorf("%q became %q, and %q for the subgraph", c.given, got, sent)
		}
	}
	for _, path := range []string{"/health", "/nowhere", "/graphql"} {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no id", path)
		}
	}
}
