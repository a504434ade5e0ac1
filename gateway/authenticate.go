package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// callers is how a state finds out who sends a request. It does nothing when nobody is to be recognised.
type callers struct {
	method authz.Method
	// own is method, if it is the gateway's own.
	own *authz.Authenticator
	// preventCSRF: browsers may send credentials on their own.
	preventCSRF bool
}

// recognises tells whether callers can be more than anonymous.
func (o options) recognises(config Config) bool {
	return o.method != nil || len(config.JWT.Providers) > 0
}

// newCallers returns what the configuration or the program says. A program's own method may read cookies, so that CSRF is
// prevented.
func newCallers(ctx context.Context, config Config, o options) (*callers, error) {
	switch {
	case o.method != nil && len(config.JWT.Providers) > 0:
		return nil, &ConfigError{Problems: []Problem{{
			Path: "jwt.providers", Text: "must be empty, since the program recognises callers itself",
		}}}
	case o.method != nil:
		return &callers{method: o.method, preventCSRF: true}, nil
	case len(config.JWT.Providers) == 0:
		return &callers{}, nil
	}
	own, err := authz.NewAuthenticator(ctx, config.JWT.Config, authz.Observer{Refreshed: logRefresh(o.logger)})
	if err != nil {
		return nil, fmt.Errorf("preparing authentication: %w", err)
	}
	return &callers{method: own, own: own, preventCSRF: config.JWT.UsesCookies()}, nil
}

// logRefresh logs what went wrong when keys were fetched.
func logRefresh(logger *slog.Logger) func(provider, result string, err error) {
	return func(provider, result string, err error) {
		if err != nil {
			logger.Warn("fetching keys", "provider", provider, "result", result, "error", err.Error())
		}
	}
}

// recognise tells whether anybody can be more than anonymous.
func (c *callers) recognise() bool { return c.method != nil }

// noStore is a Cache-Control for answers that depend on the caller: no cache may hand one to somebody else.
var noStore = []string{"no-store"}

// authenticate returns the caller, anonymous where there is none, and as an error whoever must not go on: a *refusal, or a
// question that could not be decided.
func (c *callers) authenticate(w http.ResponseWriter, r *http.Request) (authz.Identity, error) {
	if !c.recognise() {
		return authz.Identity{}, nil
	}
	w.Header()["Cache-Control"] = noStore
	caller, rejection, err := c.method.Authenticate(r)
	switch {
	case err != nil:
		return authz.Identity{}, err
	case rejection != nil:
		return authz.Identity{}, &refusal{rejection, gqlerr.List{rejection.GraphQLError()}}
	}
	return caller, nil
}

// ready tells whether callers can be recognised.
func (c *callers) ready() bool {
	if c.own == nil {
		return true
	}
	ready, _ := c.own.Ready()
	return ready
}

func (c *callers) close() {
	if c.own != nil {
		c.own.Close()
	}
}

// refusal is the error for a caller who is rejected, or whose operation is rejected as a whole.
type refusal struct {
	rejection *authz.Rejection
	errors    gqlerr.List
}

// Error implements error.
func (r *refusal) Error() string { return r.errors.Error() }

// Unwrap returns what clients read.
func (r *refusal) Unwrap() error { return r.errors }
