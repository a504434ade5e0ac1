package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestListedHeadersAreForOne: clients who ask the same at the same time share the request to the subgraph, and none gets the header
// that another one got, unless the configuration says that it is for all.
func TestListedHeadersAreForOne(t *testing.T) {
	t.Parallel()
	const clients = 5
	for _, shared := range []bool{false, true} {
		var asked atomic.Int32
		arrived := make(chan struct{}, clients)
		products := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n := asked.Add(1)
			arrived <- struct{}{}
			time.Sleep(100 * time.Millisecond) // so that others come meanwhile; nothing fails if none does
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Token", fmt.Sprint("once-", n))
			_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
		})
		g := shopGateway(t, map[string]http.Handler{"products": products}, func(c *gateway.Config) {
			c.ResponseHeaders = []gateway.ResponseHeader{{Name: "x-token", Merge: "first", Shared: shared}}
		})
		tokens := make([]string, clients)
		var all sync.WaitGroup
		one := func(i int) {
			response, err := http.Post(g.URL, "application/json", strings.NewReader(ask(`{topProducts(first:1){name}}`)))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			tokens[i] = response.Header.Get("X-Token")
		}
		all.Go(func() { one(0) })
		<-arrived
		for i := range clients - 1 {
			all.Go(func() { one(i + 1) })
		}
		all.Wait()
		different := map[string]bool{}
		for _, token := range tokens {
			different[token] = true
		}
		if different[""] {
			t.Errorf("shared %t: a token is missing: %q", shared, tokens)
		}
		if !shared && len(different) != clients {
			t.Errorf("two clients got the same token: %q", tokens)
		}
		if shared && len(different) != int(asked.Load()) {
			t.Errorf("the subgraph was asked %d times for %q", asked.Load(), tokens)
		}
	}
}
