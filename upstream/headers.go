package upstream

import (
	"context"
	"net/http"
)

// headerTemplate is the fixed set of headers of one subgraph. Nothing of the client's request is in it.
type headerTemplate struct {
	query, mutation http.Header
}

// newHeaderTemplate returns the gateway's own headers.
func newHeaderTemplate() headerTemplate {
	base := http.Header{
		"Content-Type":    {"application/json"},
		"Accept":          {"application/graphql-response+json, application/json;q=0.9"},
		"Accept-Encoding": {"gzip"},
		"User-Agent":      {"gatehouse"},
	}
	query := base.Clone()
	// An empty Idempotency-Key is not sent: it tells net/http that the request may be repeated when the subgraph closed
	// the idle connection that it was written to.
	query["Idempotency-Key"] = []string{}
	return headerTemplate{query: query, mutation: base}
}

// headers gives the call its headers: those of the subgraph's template.
func headers(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.header = c.target.header.mutation
		if c.repeatable {
			c.header = c.target.header.query
		}
		return next(ctx, c)
	}
}
