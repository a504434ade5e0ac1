package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// TestManyOutcomes: one document for callers with 512 different sets of rights, eight times as many as there are variants
// kept, all at the same time, again and again: each gets exactly what is theirs.
func TestManyOutcomes(t *testing.T) {
	t.Parallel()
	const scopes, clients = 9, 4
	fields, document, data := "", "{", ""
	for i := range scopes {
		fields += fmt.Sprintf("f%d: Int @join__field(graph: A) @requiresScopes(scopes: [[\"s%d\"]])\n", i, i)
		document += fmt.Sprintf(" f%d", i)
		data += fmt.Sprintf(`,"f%d":%d`, i, i)
	}
	document += " }"
	var asked atomic.Int32
	answer := `{"data":{` + data[1:] + `}}`
	g := gatewaytest.New(t, strings.Replace(guardedSDL, "  open: String", fields+"  open: String", 1), map[string]http.Handler{
		"a": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			_, _ = io.WriteString(w, answer)
		}),
	}, withTokens(t))
	headers := make([]string, 1<<scopes)
	for n := range headers {
		var have []string
		for i := range scopes {
			if n&(1<<i) != 0 {
				have = append(have, fmt.Sprint("s", i))
			}
		}
		headers[n] = bearer(t, strings.Join(have, " "), "")[1]
	}
	var running sync.WaitGroup
	for client := range clients {
		running.Go(func() {
			for k := range headers {
				n := (k*(2*client+1) + client) % len(headers) // each client has an order of its own
				request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(document)))
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set("Authorization", headers[n])
				w := httptest.NewRecorder()
				g.Handler.ServeHTTP(w, request)
				for i := range scopes {
					want := fmt.Sprintf(`"f%d":null`, i)
					if n&(1<<i) != 0 {
						want = fmt.Sprintf(`"f%d":%d`, i, i)
					}
					if !strings.Contains(w.Body.String(), want) || w.Code != http.StatusOK {
						t.Errorf("caller %b: no %s in %s", n, want, w.Body)
						return
					}
				}
			}
		})
	}
	running.Wait()
	if got := asked.Load(); got > clients*(1<<scopes) || got < 1<<scopes/2 {
		t.Errorf("the subgraph was asked %d times", got)
	}
}
