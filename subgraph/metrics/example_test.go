package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/subgraph/metrics"
)

// A subgraph that counts what it refuses, and shows it at /metrics.
func Example() {
	collector := metrics.New()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector)

	verify, err := subgraph.New(collector.Observe(subgraph.Config{
		Name: "reviews",
		Keys: []subgraph.Key{{ID: "2026-11", Key: []byte("an example key, never a real one")}},
	}))
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", verify.Middleware(http.NotFoundHandler()))
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	unsigned := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"{__typename}"}`))
	unsigned.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, unsigned)
	fmt.Println(w.Code)

	w = httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	for line := range strings.Lines(w.Body.String()) {
		if strings.Contains(line, "SIGNATURE_MISSING") {
			fmt.Print(line)
		}
	}
	// Output:
	// 401
	// gatehouse_subgraph_verifications_total{result="SIGNATURE_MISSING"} 1
}
