package upstream_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// One call. The body lacks its closing brace, since the client adds the extensions.
func ExampleClient() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Printf("%s\n", body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"reviews":[]}}`)
	}))
	defer server.Close()
	reviews := &supergraph.Subgraph{Name: "reviews", URL: server.URL}
	client, err := upstream.New([]*supergraph.Subgraph{reviews}, upstream.DefaultConfig(), nil)
	if err != nil {
		panic(err)
	}
	defer client.Close()

	response, err := client.Do(context.Background(), &upstream.Request{
		Subgraph: reviews, Origin: &upstream.Origin{}, Body: []byte(`{"query":"{reviews{body}}"`),
	})
	if err != nil {
		panic(err)
	}
	defer response.Release() // after that the body belongs to others
	fmt.Printf("%d %s\n", response.Status, response.Body)
	// Output:
	// {"query":"{reviews{body}}"}
	// 200 {"data":{"reviews":[]}}
}
