package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// benchQuery is answered by one fetch, with about 1 KB.
const benchQuery = `{"query":"query Top($n: Int) { topProducts(first: $n) { upc name } }","variables":{"n":20}}`

// benchGateway is the example supergraph in front of a subgraph that only writes bytes.
func benchGateway(b *testing.B) (g *gatewaytest.Gateway, subgraph string) {
	b.Helper()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	if err != nil {
		b.Fatal(err)
	}
	answer := []byte(`{"data":{"topProducts":[` + strings.TrimSuffix(strings.Repeat(`{"upc":"1","name":"A table for one, or two"},`, 20), ",") + `]}}`)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		_, _ = w.Write(answer)
	})
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	return gatewaytest.New(b, string(sdl), nil, gatewaytest.WithURL("products", server.URL)), server.URL
}

// BenchmarkOneFetch is a request through Gateway.ServeHTTP, without a server in front of it; the subgraph, which runs in
// this process, is in the figures.
func BenchmarkOneFetch(b *testing.B) {
	g, _ := benchGateway(b)
	request := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
	request.Header.Set("Content-Type", "application/json")
	body := strings.NewReader(benchQuery)
	request.Body = io.NopCloser(body)
	request.ContentLength = body.Size()
	w := &discardWriter{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(benchQuery)
		g.Handler.ServeHTTP(w, request)
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	}
}

// BenchmarkAuthorized is a request with a token that was verified before, for fields with a rule, against the same over a
// schema without rules. The subgraph, which runs in this process, is in the figures.
func BenchmarkAuthorized(b *testing.B) {
	answer := []byte(`{"data":{"me":{"name":"Amara Okafor","email":"amara@shop.example"},"users":[` +
		strings.TrimSuffix(strings.Repeat(`{"id":"1","name":"A name of some length","email":"somebody@shop.example"},`, 20), ",") + `]}}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		_, _ = w.Write(answer)
	}))
	b.Cleanup(server.Close)
	subgraph := gatewaytest.WithURL("accounts", server.URL)
	const document = `{"query":"{ me { name email } users { id name email } }"}`
	for _, one := range []struct {
		name    string
		gateway *gatewaytest.Gateway
		header  string
	}{
		{"open", gatewaytest.New(b, supergraphSDL(b), nil, subgraph), ""},
		{"authorized", gatewaytest.New(b, protectedSDL(b), nil, subgraph, withTokens(b)), bearer(b, "read:email", "")[1]},
	} {
		b.Run(one.name, func(b *testing.B) {
			request := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
			request.Header.Set("Content-Type", "application/json")
			if one.header != "" {
				request.Header.Set("Authorization", one.header)
			}
			body := strings.NewReader(document)
			request.Body = io.NopCloser(body)
			request.ContentLength = body.Size()
			w := &discardWriter{header: http.Header{}}
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				body.Reset(document)
				one.gateway.Handler.ServeHTTP(w, request)
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkServer is BenchmarkOneFetch over a real server; client, gateway and subgraph are in the figures. "proxy" is a plain
// httputil.ReverseProxy in the gateway's place, "subgraph" the subgraph alone.
func BenchmarkServer(b *testing.B) {
	g, subgraph := benchGateway(b)
	target, err := url.Parse(subgraph)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	b.Cleanup(proxy.Close)
	for _, one := range []struct{ name, url string }{{"gateway", g.URL}, {"proxy", proxy.URL}, {"subgraph", subgraph}} {
		b.Run(one.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				response, err := http.Post(one.url, "application/json", bytes.NewReader([]byte(benchQuery)))
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
}

// discardWriter is a ResponseWriter that keeps nothing but the status.
type discardWriter struct {
	header http.Header
	status int
}

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *discardWriter) WriteHeader(status int)      { w.status = status }

// BenchmarkOneFetchParallel is BenchmarkOneFetch by many clients at once, each with variables of its own, so that nothing
// is shared; "cpu-ns/op" is what the process, the subgraph in it included, spends.
func BenchmarkOneFetchParallel(b *testing.B) {
	g, _ := benchGateway(b)
	var clients atomic.Int64
	b.SetParallelism(8)
	b.ReportAllocs()
	before := cpuTime(b)
	b.RunParallel(func(pb *testing.PB) {
		query := strings.Replace(benchQuery, "20", strconv.FormatInt(clients.Add(1), 10), 1)
		request := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
		request.Header.Set("Content-Type", "application/json")
		body := strings.NewReader(query)
		request.Body = io.NopCloser(body)
		request.ContentLength = body.Size()
		w := &discardWriter{header: http.Header{}}
		for pb.Next() {
			body.Reset(query)
			g.Handler.ServeHTTP(w, request)
		}
	})
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// cpuTime returns how much user and system time the process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
