package upstream_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// cpuTime returns how much user and system time the process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkDo is one call over loopback; the server's part is in the figures. "bare" is a net/http transport without
// anything of ours around it.
func BenchmarkDo(b *testing.B) {
	answer := append([]byte(`{"data":{"products":"`), bytes.Repeat([]byte("x"), 4<<10)...)
	answer = append(answer, `"}}`...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	b.Cleanup(server.Close)
	body := []byte(`{"query":"query($first:Int){products(first:$first){id name price}}","variables":{"first":10}`)

	b.Run("bare", func(b *testing.B) {
		transport := &http.Transport{DisableCompression: true}
		b.ReportAllocs()
		for b.Loop() {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL, bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			response, err := transport.RoundTrip(request)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	})
	for _, share := range []bool{false, true} {
		b.Run(map[bool]string{false: "alone", true: "share"}[share], func(b *testing.B) {
			config := upstream.DefaultConfig()
			config.Share = share
			s := &supergraph.Subgraph{Name: "products", URL: server.URL}
			client, err := upstream.New([]*supergraph.Subgraph{s}, config, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(client.Close)
			request := &upstream.Request{Subgraph: s, Repeatable: true, Shareable: true, Body: body}
			ctx := b.Context()
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				response, err := client.Do(ctx, request)
				if err != nil {
					b.Fatal(err)
				}
				response.Release()
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}
