package gateway_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestCallsAreCounted: signatures, repetitions and the circuit breaker, whose changes are logged.
func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	g := shopGateway(t, map[string]http.Handler{"accounts": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"data":{"users":[]}}`))
	})}, signed(t), func(c *gateway.Config) { c.Upstream.Retry.Delay = time.Millisecond })
	if _, got := g.Post(t, ask(`{users{id}}`)); got != `{"data":{"users":[]}}` {
		t.Fatalf("got %s", got)
	}
	wantMetrics(t, g.Handler,
		`gatehouse_signatures_total{kind="message",subgraph="accounts"} 2`, `gatehouse_signatures_total{kind="extension",subgraph="accounts"} 2`,
		`gatehouse_signatures_total{kind="message",subgraph="reviews"} 0`,
		`gatehouse_subgraph_retries_total{subgraph="accounts"} 1`, `gatehouse_subgraph_circuit_open{subgraph="accounts"} 0`)
}

// TestOpenCircuit: one subgraph fails and is not called any more; clients are told which, and the others are still asked.
func TestOpenCircuit(t *testing.T) {
	t.Parallel()
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	g := shopGateway(t, map[string]http.Handler{"accounts": broken}, func(c *gateway.Config) {
		c.Upstream.CircuitBreaker.MinRequests, c.Upstream.CircuitBreaker.Window, c.Upstream.CircuitBreaker.Cooldown = 3, time.Hour, time.Hour
	})
	for range 3 {
		if got := postAs(t, g.URL, ask(`{users{id}}`), ""); !strings.Contains(got, "SUBREQUEST_HTTP_ERROR") {
			t.Errorf("got %s", got)
		}
	}
	got := postAs(t, g.URL, ask(`{users{id} topProducts(first:1){name}}`), "")
	if !strings.Contains(got, `"topProducts":[{"name":"Table"}]`) || !strings.Contains(got, `"code":"SUBREQUEST_CIRCUIT_OPEN","service":"accounts"`) {
		t.Errorf("got %s", got)
	}
	wantMetrics(t, g.Handler, `gatehouse_subgraph_circuit_open{subgraph="accounts"} 1`, `gatehouse_subgraph_circuit_open{subgraph="products"} 0`)
	if asked := len(g.Requests()); asked != 4 {
		t.Errorf("%d requests reached subgraphs, want three that failed and one that did not", asked)
	}
}
