package subgraph_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// TestTrailers: what comes behind the body is covered by no signature, and no handler sees it.
func TestTrailers(t *testing.T) {
	t.Parallel()
	const body = `{"query":"{a}"}`
	for _, skip := range []bool{false, true} {
		h := build(t, func(c *subgraph.Config) { c.Skip = func(*http.Request) bool { return skip } })
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, io.MultiReader(strings.NewReader(body))) // in chunks
		if err != nil {
			t.Fatal(err)
		}
		r.Header = good(t, body)
		r.Trailer = http.Header{"X-Hasura-User-Id": {"1"}}
		response, err := h.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK || <-h.bodies != body {
			t.Fatalf("status %d", response.StatusCode)
		}
		if got := (<-h.seen).Trailer; len(got) > 0 {
			t.Errorf("skip %t: the handler sees %v", skip, got)
		}
	}
}
