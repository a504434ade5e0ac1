package shop

import (
	"context"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// Signed returns the handler of the subgraph for requests that a gateway signed with one of the keys, which are the subgraph's
// own; others are answered with 401. Only then is there a caller. What the configuration says besides name and keys is kept.
func (s Subgraph) Signed(config subgraph.Config, keys ...subgraph.Key) (http.Handler, error) {
	config.Name, config.Keys = s.Name, keys
	verifier, err := subgraph.New(config)
	if err != nil {
		return nil, err
	}
	return verifier.Middleware(s.Handler), nil
}

type userKey struct{}

// As makes a handler answer for one user, whoever asks: for the monolith, which stands behind no gateway, and for tests.
func As(user string, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
	})
}

// callerOf returns the id of the user who asks, "" when that is nobody.
func callerOf(ctx context.Context) string {
	if user, ok := ctx.Value(userKey{}).(string); ok {
		return user
	}
	if caller, ok := subgraph.CallerFrom(ctx); ok {
		return caller.Subject()
	}
	return ""
}
