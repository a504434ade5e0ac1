package gateway

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// callMetrics are about calls to subgraphs.
type callMetrics struct {
	signatures *prometheus.CounterVec
	retries    *prometheus.CounterVec
	crowded    *prometheus.CounterVec
	circuits   *prometheus.GaugeVec
}

// newCallMetrics returns the metrics, registered.
func newCallMetrics(registry *prometheus.Registry) callMetrics {
	m := callMetrics{
		signatures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_signatures_total",
			Help: "Calls to subgraphs that were signed, each try of a call, by the kind of signature: message or extension.",
		}, []string{"subgraph", "kind"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_subgraph_retries_total",
			Help: "Queries that were made again, since the subgraph was unavailable.",
		}, []string{"subgraph"}),
		crowded: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_subgraph_overloaded_total",
			Help: "Calls that were not made, since too many requests waited for the subgraph.",
		}, []string{"subgraph"}),
		circuits: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "gatehouse_subgraph_circuit_open",
			Help: "1 if the subgraph is not called, since it has been failing.",
		}, []string{"subgraph"}),
	}
	registry.MustRegister(m.signatures, m.retries, m.crowded, m.circuits)
	return m
}

// observer returns what tells the metrics about one subgraph. Changes of its circuit breaker are logged, too.
func (m callMetrics) observer(logger *slog.Logger) func(supergraph.SubgraphName) upstream.Observer {
	return func(name supergraph.SubgraphName) upstream.Observer {
		subgraph := string(name)
		circuit := m.circuits.WithLabelValues(subgraph)
		circuit.Set(0)
		return upstream.Observer{
			MessageSigned:   m.signatures.WithLabelValues(subgraph, "message").Inc,
			ExtensionSigned: m.signatures.WithLabelValues(subgraph, "extension").Inc,
			Retried:         m.retries.WithLabelValues(subgraph).Inc,
			Crowded:         m.crowded.WithLabelValues(subgraph).Inc,
			Circuit: func(state string) {
				if state == "closed" {
					circuit.Set(0)
				} else {
					circuit.Set(1)
				}
				logger.Warn("circuit breaker", "subgraph", subgraph, "state", state)
			},
		}
	}
}
