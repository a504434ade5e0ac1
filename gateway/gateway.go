// Package gateway is HTTP in and HTTP out: it takes GraphQL requests, leads them through the stages, and writes the
// answers. It knows every stage; no stage knows it.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway/graphiql"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Endpoint is the path at which GraphQL is served.
const Endpoint = "/graphql"

// Gateway serves GraphQL over one supergraph. It is an http.Handler: POST /graphql, GET /health, GET /ready, and the GraphiQL
// page when it is on. It is safe for concurrent use.
type Gateway struct {
	state   atomic.Pointer[state]
	chain   http.Handler
	page    http.Handler // nil when GraphiQL is off
	logger  *slog.Logger
	metrics *metrics
	pace    pace
	access  bool // log a line about every request
}

// Option changes what New does.
type Option func(*options)

type options struct {
	supergraph []byte
	logger     *slog.Logger
	metrics    *metrics
	method     authz.Method
	policy     authz.Policy
	fields     func(ctx context.Context, caller authz.Identity) func(supergraph.Coordinate) bool
}

// WithSupergraph gives the SDL of the supergraph, in place of the file that the configuration names.
func WithSupergraph(sdl []byte) Option { return func(o *options) { o.supergraph = sdl } }

// WithLogger sets where to log; without it nothing is logged.
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithAuthenticator lets the program recognise callers itself, in place of the providers in the configuration, of which there
// must be none then, nor anything else about tokens but what subgraphs are told.
func WithAuthenticator(method authz.Method) Option { return func(o *options) { o.method = method } }

// WithPolicy lets the program decide about all names in @policy, in place of the sources in the configuration, of which there
// must be none then.
func WithPolicy(policy authz.Policy) Option { return func(o *options) { o.policy = policy } }

// WithFieldPermissions lets the program allow fields, besides all other rules: allowed is called once per request and returns
// which fields the caller may select, nil for none. Both functions must be safe for concurrent use; one that panics denies.
func WithFieldPermissions(allowed func(ctx context.Context, caller authz.Identity) func(supergraph.Coordinate) bool) Option {
	return func(o *options) { o.fields = allowed }
}

// New loads the supergraph and returns a gateway that can serve. It begins to fetch the keys of the providers that have
// addresses, and makes no other connection. The error is a *ConfigError, an error of supergraph.Parse, or says which file or
// secret cannot be read, or what the supergraph protects.
func New(config Config, opts ...Option) (*Gateway, error) {
	o := options{logger: discardLogger}
	for _, opt := range opts {
		opt(&o)
	}
	g := &Gateway{logger: o.logger, pace: defaultPace, access: config.Log.Access}
	g.metrics = newMetrics(g.state.Load)
	o.metrics = g.metrics
	s, err := build(config, o)
	if err != nil {
		return nil, err
	}
	g.state.Store(s)
	if config.GraphiQL {
		g.page = graphiql.Handler(Endpoint)
	}
	g.chain = wrap(g, http.HandlerFunc(g.handle))
	return g, nil
}

// ServeHTTP answers one request.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.chain.ServeHTTP(w, r) }

// Close gives up idle connections to subgraphs and the fetching of keys. Requests in flight are not disturbed.
func (g *Gateway) Close() { g.state.Load().close() }

// Bounds of the public listener.
const (
	headerTimeout  = 10 * time.Second
	readTimeout    = 60 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 64 << 10
	drainTimeout   = 30 * time.Second
)

// Serve answers requests on the listener, which it closes, until ctx ends. Then it takes no new ones, lets those in flight
// finish for up to 30 seconds, and returns nil, or an error when some had to be broken off.
func (g *Gateway) Serve(ctx context.Context, listener net.Listener) error {
	return g.serve(ctx, listener, g, g.state.Load().limits.Connections)
}

func (g *Gateway) serve(ctx context.Context, listener net.Listener, handler http.Handler, mostConnections int) error {
	open := newConnections(mostConnections, g.metrics.connections.Inc)
	server := &http.Server{
		Handler:           headOver(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		// From the head of a request until its answer is begun, which has deadlines of its own.
		WriteTimeout:   readTimeout + g.state.Load().limits.RequestTimeout + g.pace.stall,
		MaxHeaderBytes: maxHeaderBytes,
		ConnContext:    open.accept,
		ConnState: func(conn net.Conn, state http.ConnState) {
			headChanged(conn, state)
			open.changed(conn, state)
		},
		ErrorLog: slog.NewLogLogger(g.logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(headListener{listener}) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := server.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests had to be broken off: %w", err), server.Close())
	}
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}
