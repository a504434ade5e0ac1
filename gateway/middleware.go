package gateway

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/gateway/graphiql"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// middleware puts something around a handler.
type middleware func(g *Gateway, next http.Handler) http.Handler

// middlewares is what is around every request, the outermost first.
var middlewares = []middleware{
	identify,      // first: all that is said about a request has its id
	logAccess,     // it hears the status of whatever comes out
	recoverPanics, // around everything that may panic
	route,         // last: it knows the handlers
}

// wrap puts all middlewares around the GraphQL handler.
func wrap(g *Gateway, last http.Handler) http.Handler {
	for _, m := range slices.Backward(middlewares) {
		last = m(g, last)
	}
	return last
}

// identify gives every request an id: the client's, if it is harmless in a log, or else a new one. The answer has it, and so
// have the log and, where clients' headers are forwarded, subgraphs.
func identify(_ *Gateway, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r)
		value := []string{id}
		w.Header()[requestIDHeader] = value
		if givenID(r) != id {
			r.Header[requestIDHeader] = value
		}
		next.ServeHTTP(w, r)
	})
}

// recoverPanics answers 500 with a request id when a handler panics; the process lives and the log has the stack.
func recoverPanics(g *Gateway, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer g.recovered(w, r)
		next.ServeHTTP(w, r)
	})
}

// recovered is to be deferred. http.ErrAbortHandler goes on: it is not a fault but the way to break off an answer.
func (g *Gateway) recovered(w http.ResponseWriter, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if fault == http.ErrAbortHandler { //nolint:errorlint // net/http compares it like this, too
		panic(fault)
	}
	x := &exchange{pace: g.pace}
	x.format, _ = negotiate(r.Header["Accept"])
	cause := fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
	_ = x.writeError(w, r, g.logger, gqlerr.New(gqlerr.InternalServerError, "Internal server error").Wrap(cause))
}

// route knows the paths of the public listener.
func route(g *Gateway, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == Endpoint && (g.page == nil || !wantsPage(r)):
			next.ServeHTTP(w, r)
		case path == "/health":
			health(w, r)
		case path == "/ready":
			g.ready(w)
		case g.page != nil && (path == Endpoint || path == "/" || strings.HasPrefix(path, graphiql.Prefix)):
			g.page.ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// wantsPage tells whether a browser asks for a page: by GET, and with text/html among what it accepts.
func wantsPage(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// health says that the process is alive.
func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write([]byte(`{"status":"ok"}`))
}

// ready says whether requests can be answered: 503 while keys of callers are still awaited. Why not is for the log only.
func (g *Gateway) ready(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if ready, _ := g.state.Load().callers.readiness(); !ready {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"status":"not ready"}`))
		return
	}
	_, _ = w.Write([]byte(`{"status":"ready"}`))
}

// requestIDHeader is the header with a request's id.
const requestIDHeader = "X-Request-Id"

// maxRequestID is how long an id may be that a client gives its request.
const maxRequestID = 128

// requestID returns the request's X-Request-Id if it is harmless in a log, or else a random one.
func requestID(r *http.Request) string {
	id := givenID(r)
	if id == "" || len(id) > maxRequestID {
		return rand.Text()
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return rand.Text()
		}
	}
	return id
}

// givenID returns the request's X-Request-Id, whatever it is.
func givenID(r *http.Request) string {
	if values := r.Header[requestIDHeader]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// discardLogger is what logs nothing.
var discardLogger = slog.New(slog.DiscardHandler)
