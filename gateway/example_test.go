package gateway_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// A gateway within a program: an http.Handler over subgraphs that run elsewhere.
func Example() {
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		panic(err)
	}
	config := gateway.DefaultConfig()
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for _, part := range parts {
		server := httptest.NewServer(part.Handler)
		defer server.Close()
		config.Subgraphs[supergraph.SubgraphName(part.Name)] = upstream.SubgraphConfig{URL: server.URL}
	}
	sdl, _ := os.ReadFile("../examples/subgraphs/supergraph-open.graphql")
	g, err := gateway.New(config, gateway.WithSupergraph(sdl))
	if err != nil {
		panic(err)
	}
	defer g.Close()

	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(`{"query":"{topProducts(first:1){name inStock}}"}`))
	r.Header.Set("Content-Type", "application/json")
	g.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 {"data":{"topProducts":[{"name":"Table","inStock":true}]}}
}
