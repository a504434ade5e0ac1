// Package gatewaytest runs a gateway for tests: over real HTTP, in front of subgraphs that the test supplies and whose
// requests it records.
package gatewaytest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// Request is what a subgraph received.
type Request struct {
	Subgraph string
	Method   string
	Header   http.Header
	Body     string
}

// Gateway is a running gateway. It is safe for concurrent use.
type Gateway struct {
	// URL is that of the GraphQL endpoint.
	URL string
	// Handler is the gateway itself, for tests that need no network.
	Handler *gateway.Gateway

	mu       sync.Mutex
	requests []Request
}

// New runs a gateway over the supergraph with a server for each handler, by the name of its subgraph. Subgraphs without a
// handler keep the URL of the supergraph. What auth directives protect is denied unless a change says who recognises callers,
// and nothing is given up for being slow unless a change says when.
// All of it ends with the test.
func New(tb testing.TB, supergraphSDL string, handlers map[string]http.Handler, change ...func(*gateway.Config)) *Gateway {
	tb.Helper()
	g := &Gateway{}
	config := gateway.DefaultConfig()
	config.Authorization.AllowUnconfigured = true
	// On a busy machine anything can take long. A test that is about time sets its own limit, for what never answers.
	config.Limits.RequestTimeout, config.Upstream.Timeout = time.Hour, time.Hour
	// Who waits for a place is sent away after seconds, so there are places for all.
	config.Limits.ConcurrentRequests = 4096
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for name, handler := range handlers {
		server := httptest.NewServer(g.record(name, handler))
		tb.Cleanup(server.Close)
		config.Subgraphs[supergraph.SubgraphName(name)] = upstream.SubgraphConfig{URL: server.URL + "/graphql"}
	}
	for _, c := range change {
		c(&config)
	}
	handler, err := gateway.New(config, gateway.WithSupergraph([]byte(supergraphSDL)))
	if err != nil {
		tb.Fatalf("starting the gateway: %v", err)
	}
	g.Handler = handler
	tb.Cleanup(handler.Close)
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	g.URL = server.URL + gateway.Endpoint
	return g
}

// WithTimeout gives New how long one subgraph may take, for one that never answers: the others keep all the time of the world.
func WithTimeout(subgraph string, timeout time.Duration) func(*gateway.Config) {
	return func(c *gateway.Config) {
		own := c.Subgraphs[supergraph.SubgraphName(subgraph)]
		own.Timeout = timeout
		c.Subgraphs[supergraph.SubgraphName(subgraph)] = own
	}
}

// WithURL gives New the address of a subgraph that the test runs itself; its requests are not recorded.
func WithURL(subgraph, url string) func(*gateway.Config) {
	return func(c *gateway.Config) {
		c.Subgraphs[supergraph.SubgraphName(subgraph)] = upstream.SubgraphConfig{URL: url}
	}
}

// record notes each request before the handler gets it.
func (g *Gateway) record(name string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the gateway broke off
		}
		g.mu.Lock()
		g.requests = append(g.requests, Request{Subgraph: name, Method: r.Method, Header: r.Header.Clone(), Body: string(body)})
		g.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	})
}

// Requests returns what the subgraphs received since the last call, in the order of arrival.
func (g *Gateway) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	requests := slices.Clone(g.requests)
	g.requests = nil
	return requests
}

// Post sends a body as application/json and returns status and body of the answer.
func (g *Gateway) Post(tb testing.TB, body string) (status int, answer string) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, g.URL, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return response.StatusCode, string(text)
}
