package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestOneClientOpensNoCircuit: queries that make a subgraph fail, many of them, shut it for nobody else.
func TestOneClientOpensNoCircuit(t *testing.T) {
	t.Parallel()
	products := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		switch {
		case err != nil:
		case strings.Contains(string(body), "first:13"):
			http.Error(w, "<h1>Internal Server Error</h1>", http.StatusInternalServerError)
		case strings.Contains(string(body), "first:14"):
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
		}
	})
	g := shopGateway(t, map[string]http.Handler{"products": products}, func(c *gateway.Config) {
		c.Upstream.CircuitBreaker.MinRequests = 5
		c.Upstream.Retry.Attempts = 0
	})
	good := func() {
		t.Helper()
		if status, body := g.Post(t, ask(`{topProducts(first:1){name}}`)); status != 200 || body != `{"data":{"topProducts":[]}}` {
			t.Fatalf("got %d %s", status, body)
		}
	}
	good()
	for range 10 {
		for _, bad := range []string{`{topProducts(first:13){name}}`, `{topProducts(first:14){name}}`} {
			if _, body := g.Post(t, ask(bad)); !strings.Contains(body, "SUBREQUEST_HTTP_ERROR") {
				t.Fatalf("%s: got %s", bad, body)
			}
		}
		good()
	}
}
