package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/subgraph/metrics"
)

func TestCollector(t *testing.T) {
	t.Parallel()
	secret := []byte(strings.Repeat("k", 32))
	collector := metrics.New()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector)
	hooks := 0
	verify, err := subgraph.New(collector.Observe(subgraph.Config{
		Name: "reviews", Keys: []subgraph.Key{{ID: "k", Key: secret}},
		OnAccept: func(*http.Request) { hooks++ },
		OnReject: func(*http.Request, error) { hooks++ },
	}))
	if err != nil {
		t.Fatal(err)
	}
	handler := verify.Middleware(http.NotFoundHandler())
	key, err := signature.NewKey("k", secret)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := signature.NewSigner(signature.SignerConfig{Subgraph: "reviews", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"query":"{a}"}`
	for i := range 5 {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if i < 2 {
			signed, err := signer.Sign([]byte(body), nil)
			if err != nil {
				t.Fatal(err)
			}
			signed.Set(r.Header)
		}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if hooks != 5 {
		t.Errorf("the configuration's hooks were called %d times", hooks)
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "gatehouse_subgraph_verifications_total" {
		t.Fatal(families, err)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	if len(got) != 11 || got["ACCEPTED"] != 2 || got["SIGNATURE_MISSING"] != 3 || got["SIGNATURE_REPLAYED"] != 0 {
		t.Errorf("got %v", got)
	}
}
