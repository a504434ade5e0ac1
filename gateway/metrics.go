package gateway

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// metrics are what a gateway counts, all in one place. Stages tell it by plain funcs. Every label has few values: names of
// the configuration, coordinates of the schema, words from short lists.
type metrics struct {
	registry       *prometheus.Registry
	authentication *prometheus.CounterVec
	denied         *prometheus.CounterVec
	dryRun         prometheus.Gauge
	policy         *prometheus.HistogramVec
	refreshes      *prometheus.CounterVec
	caches         *prometheus.CounterVec
	connections    prometheus.Counter
	calls          callMetrics
}

// policyBuckets are for decisions in process, which take microseconds, and for those over the network.
var policyBuckets = []float64{.000001, .00001, .0001, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}

// newMetrics returns the metrics of one gateway. Of the state it is told what is there when somebody looks.
func newMetrics(current func() *state) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		authentication: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_authentication_total",
			Help: "Requests by how their caller was recognised: authenticated, missing, invalid, refused or unavailable.",
		}, []string{"result", "provider"}),
		denied: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_authorization_denied_total",
			Help: "Fields of operations that were denied, by the first rule that did not hold; in a dry run those that would have been.",
		}, []string{"coordinate", "directive", "mode"}),
		dryRun: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gatehouse_authorization_dry_run",
			Help: "1 if authorization is a dry run: nothing is denied.",
		}),
		policy: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gatehouse_policy_duration_seconds", Buckets: policyBuckets,
			Help: "How long sources of policies took to decide, by whether there was a decision (decided, error).",
		}, []string{"source", "result"}),
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_jwks_refresh_total",
			Help: "Fetches of key sets: changed, unchanged or error.",
		}, []string{"provider", "result"}),
		connections: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatehouse_connections_closed_total",
			Help: "Connections of clients that were closed while they were waited for, since there were too many.",
		}),
		caches: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatehouse_cache_requests_total",
			Help: "What was looked up in caches: hit or miss.",
		}, []string{"cache", "result"}),
	}
	m.registry.MustRegister(
		m.connections, m.authentication, m.denied, m.dryRun, m.policy, m.refreshes, m.caches, keyAges{current},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.calls = newCallMetrics(m.registry)
	return m
}

// observer returns what tells the metrics of authentication and policies. What goes wrong when keys are fetched is logged, too.
func (m *metrics) observer(logger *slog.Logger) authz.Observer {
	hit, miss := m.caches.WithLabelValues("tokens", "hit"), m.caches.WithLabelValues("tokens", "miss")
	return authz.Observer{
		Authenticated: func(result, provider string) { m.authentication.WithLabelValues(result, provider).Inc() },
		CacheRead: func(found bool) {
			if found {
				hit.Inc()
			} else {
				miss.Inc()
			}
		},
		Refreshed: func(provider, result string, err error) {
			m.refreshes.WithLabelValues(provider, result).Inc()
			if err != nil {
				logger.Warn("fetching keys", "provider", provider, "result", result, "error", err.Error())
			}
		},
		Decided: func(source string, took time.Duration, err error) {
			result := "decided"
			if err != nil {
				result = "error"
			}
			m.policy.WithLabelValues(source, result).Observe(took.Seconds())
		},
	}
}

// counted is a method of recognising callers that does not count by itself.
type counted struct {
	authz.Method

	metrics  *metrics
	provider string
	// header is the only one that the method itself looks at, "" if it looks at all: without it, somebody else counts.
	header string
}

// Authenticate implements authz.Method.
func (c counted) Authenticate(r *http.Request) (authz.Identity, *authz.Rejection, error) {
	caller, rejection, err := c.Method.Authenticate(r)
	if c.header != "" && r.Header[c.header] == nil {
		return caller, rejection, err
	}
	result := "authenticated"
	switch {
	case err != nil && gqlerr.CodeOf(err) == gqlerr.BadRequest:
		result = "refused"
	case err != nil:
		result = "unavailable"
	case rejection != nil:
		result = "invalid"
	case !caller.Authenticated():
		result = "missing"
	}
	c.metrics.authentication.WithLabelValues(result, c.provider).Inc()
	return caller, rejection, err
}

// denials returns the counters of what is denied in a mode, one for each.
func (m *metrics) denials(denials []authz.Denial, mode string) []prometheus.Counter {
	counters := make([]prometheus.Counter, len(denials))
	for i, d := range denials {
		counters[i] = m.denied.WithLabelValues(string(d.Coordinate), directiveOf(d), mode)
	}
	return counters
}

// directiveOf names the kind of rule that denies, without its content.
func directiveOf(d authz.Denial) string {
	if len(d.Unmet) == 0 {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(d.Unmet[0], "@"), "(")
	name, _, _ = strings.Cut(name, " ")
	name, _, _ = strings.Cut(name, "[")
	return name
}

// keyAges tells how old the keys of providers are.
type keyAges struct{ current func() *state }

var keyAge = prometheus.NewDesc("gatehouse_jwks_age_seconds",
	"Time since a key set was last fetched with success.", []string{"provider"}, nil)

// Describe implements prometheus.Collector.
func (keyAges) Describe(described chan<- *prometheus.Desc) { described <- keyAge }

// Collect implements prometheus.Collector.
func (k keyAges) Collect(collected chan<- prometheus.Metric) {
	s := k.current()
	if s == nil || s.callers.own == nil {
		return
	}
	for provider, age := range s.callers.own.KeyAges() {
		collected <- prometheus.MustNewConstMetric(keyAge, prometheus.GaugeValue, age.Seconds(), provider)
	}
}
