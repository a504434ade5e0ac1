// Package metrics counts what a subgraph's verifier lets through and what it refuses, for Prometheus.
package metrics

import (
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// accepted is the result of a request that was let through.
const accepted = "ACCEPTED"

// results are all values of the label, so that each is there from the start.
var results = []subgraph.Code{
	accepted,
	signature.Missing, signature.Invalid, signature.Expired, signature.Replayed, signature.WrongAudience, signature.UnknownKey,
	subgraph.RequestTooLarge, subgraph.RequestUnsupported, subgraph.MethodNotAllowed, subgraph.ReplayCacheUnavailable,
}

// Collector is a prometheus.Collector with the counter gatehouse_subgraph_verifications_total. Its label result is ACCEPTED or the
// code with which a request was refused. Skipped requests are not counted. It is safe for concurrent use.
type Collector struct{ *prometheus.CounterVec }

// New returns a Collector, which is to be registered.
func New() *Collector {
	c := &Collector{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gatehouse_subgraph_verifications_total",
		Help: "Requests to this subgraph, by what became of their signature: ACCEPTED, or the code of the refusal.",
	}, []string{"result"})}
	for _, result := range results {
		c.WithLabelValues(string(result))
	}
	return c
}

// Observe returns config with hooks that count, and that call the hooks that config had.
func (c *Collector) Observe(config subgraph.Config) subgraph.Config {
	onAccept, onReject := config.OnAccept, config.OnReject
	counter := c.WithLabelValues(accepted)
	config.OnAccept = func(r *http.Request) {
		counter.Inc()
		if onAccept != nil {
			onAccept(r)
		}
	}
	config.OnReject = func(r *http.Request, err error) {
		if failure, ok := errors.AsType[*subgraph.Error](err); ok {
			c.WithLabelValues(string(failure.Code)).Inc()
		}
		if onReject != nil {
			onReject(r, err)
		}
	}
	return config
}
