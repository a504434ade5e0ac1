package bench

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// recorded asks a handler once for each body and then answers from memory.
type recorded struct {
	handler http.Handler
	answers sync.Map // body -> answer
}

func (r *recorded) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer, ok := r.answers.Load(string(body))
	if !ok {
		record := httptest.NewRecorder()
		q.Body = io.NopCloser(bytes.NewReader(body))
		r.handler.ServeHTTP(record, q)
		answer = record.Body.Bytes()
		r.answers.Store(string(body), answer)
	}
	text, _ := answer.([]byte)
	w.Header()["Content-Type"] = []string{"application/json"}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(text))}
	_, _ = w.Write(text)
}

// operations are what is measured: from one fetch to the six of the large query.
func operations(b *testing.B) map[string]string {
	b.Helper()
	large, err := os.ReadFile("../planner/testdata/shop/large.graphql")
	if err != nil {
		b.Fatal(err)
	}
	return map[string]string{
		"one fetch":     `{ topProducts { upc name } }`,
		"three fetches": `{ topProducts { name reviews { body } inStock } }`,
		"large":         string(large),
	}
}

func BenchmarkRequest(b *testing.B) {
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph-open.graphql")
	if err != nil {
		b.Fatal(err)
	}
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		b.Fatal(err)
	}
	var urls []func(*gateway.Config)
	for _, p := range parts {
		server := httptest.NewServer(&recorded{handler: shop.As("1", p.Handler)})
		b.Cleanup(server.Close)
		urls = append(urls, gatewaytest.WithURL(p.Name, server.URL))
	}
	for _, signatures := range []string{"unsigned", "message", "message and extension"} {
		g := gatewaytest.New(b, string(sdl), nil, append(urls, signing(b, signatures))...)
		for name, query := range operations(b) {
			b.Run(name+"/"+signatures, func(b *testing.B) { measure(b, g.Handler, query) })
		}
	}
}

// signing makes a gateway sign its calls. Nobody verifies them: what is measured is what signing costs.
func signing(b *testing.B, signatures string) func(*gateway.Config) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a secret that signs calls in benchmarks"), 0o600); err != nil {
		b.Fatal(err)
	}
	return func(c *gateway.Config) {
		if signatures == "unsigned" {
			return
		}
		c.Signing = &upstream.Signing{Keys: []upstream.SigningKey{{ID: "bench", Secret: secret.Source{File: file}}}}
		c.Signing.Extension.Enabled = signatures != "message"
	}
}

// measure sends one operation again and again through the gateway's handler.
func measure(b *testing.B, handler http.Handler, query string) {
	b.Helper()
	body := append(gqlerr.AppendString([]byte(`{"query":`), query), '}')
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, gateway.Endpoint, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	if w := send(); w.Code != http.StatusOK || bytes.Contains(w.Body.Bytes(), []byte(`"errors"`)) {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		send()
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// processorTime is what this process has used so far, in nanoseconds.
func processorTime(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
