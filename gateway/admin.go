package gateway

import (
	"context"
	"encoding/json"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// AdminConfig is the listener for those who operate the gateway.
type AdminConfig struct {
	// Listen is the address of the listener, host:port; "" for none. It needs no credentials: only operators may reach it.
	Listen string `json:"listen"`
}

// Admin returns the handler of the listener for operators: GET /metrics (Prometheus), /health, and /ready, with reasons.
func (g *Gateway) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /health", health)
	mux.HandleFunc("GET /ready", g.readyWithReasons)
	return mux
}

// adminConnections is how many operators, and programs of theirs, may be connected.
const adminConnections = 256

// ServeAdmin answers operators on the listener, as Serve does for clients.
func (g *Gateway) ServeAdmin(ctx context.Context, listener net.Listener) error {
	return g.serve(ctx, listener, g.Admin(), adminConnections)
}

// readyWithReasons says, besides what the public listener says, what is not as it should be. It may name hosts.
func (g *Gateway) readyWithReasons(w http.ResponseWriter, _ *http.Request) {
	answer := struct {
		Status  string   `json:"status"`
		Reasons []string `json:"reasons,omitempty"`
	}{Status: "ready"}
	var ready bool
	ready, answer.Reasons = g.state.Load().callers.readiness()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !ready {
		answer.Status = "not ready"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) //nolint:errchkjson // if the operator goes away, so be it
}
