package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestSubgraphThatHangs: requests that wait for a subgraph that never answers leave places for others, whether each asks for itself or
// they share; who comes when too many wait is told so.
func TestSubgraphThatHangs(t *testing.T) {
	t.Parallel()
	for _, share := range []bool{false, true} {
		t.Run(fmt.Sprint("share ", share), func(t *testing.T) {
			t.Parallel()
			hang := make(chan struct{})
			inventory := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				select {
				case <-hang:
				case <-r.Context().Done():
				}
			})
			const places = 4
			g := shopGateway(t, map[string]http.Handler{"inventory": inventory}, func(c *gateway.Config) {
				c.Limits.ConcurrentRequests, c.Limits.QueuedRequests = places, 10
				products := c.Subgraphs["products"]
				products.MaxRequests = 100 // all of them need it first
				c.Subgraphs["products"] = products
				c.Upstream.Share, c.Upstream.CircuitBreaker.Enabled, c.Upstream.Retry.Attempts = share, false, 0
			})
			const hanging = `{topProducts(first:1){name inStock}}`
			overloaded := make(chan struct{}, 2*places) // those who wait are told so as well, after long enough
			var all sync.WaitGroup
			for range 2*(places-1) + 1 { // some get in, as many wait
				all.Go(func() {
					if _, body := g.Post(t, ask(hanging)); strings.Contains(body, "SUBREQUEST_OVERLOADED") {
						overloaded <- struct{}{} // whoever came last
					}
				})
			}
			<-overloaded
			if status, body := g.Post(t, ask(`{topProducts(first:1){name}}`)); status != 200 || !strings.Contains(body, `"Table"`) {
				t.Errorf("who needs nothing of the subgraph gets %d %s", status, body)
			}
			close(hang)
			all.Wait()
		})
	}
}
