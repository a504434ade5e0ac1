package subgraph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/relay"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// derivedKey is what "gatehouse keys derive --subgraph reviews" printed, decoded.
var derivedKey = []byte("0123456789abcdef0123456789abcdef")

// A handler that decodes requests itself.
func Example() {
	verify, err := subgraph.New(subgraph.Config{
		Name:          "reviews",
		Keys:          []subgraph.Key{{ID: "2026-11", Key: derivedKey}},
		SessionPrefix: "x-hasura-",
		Skip:          func(r *http.Request) bool { return r.URL.Path == "/healthz" },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Query string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		caller, ok := subgraph.CallerFrom(r.Context())
		if !ok {
			fmt.Fprintf(w, "nobody asks %s", request.Query)
			return
		}
		fmt.Fprintf(w, "%s, as %s, asks %s; may read: %t", caller.Subject(), caller.Session("x-hasura-role"), request.Query, caller.HasScope("read"))
	})
	server := httptest.NewServer(verify.Middleware(handler))
	defer server.Close()

	const body = `{"query":"{me}","extensions":{"jwt":{"payload":{"sub":"ada","scope":"read write"}}}}`
	fmt.Println(ask(server, body, true))
	fmt.Println(ask(server, body, false))
	// Output:
	// 200 ada, as user, asks {me}; may read: true
	// 401 {"errors":[{"message":"The request is not signed","extensions":{"code":"SIGNATURE_MISSING"}}]}
}

type query struct{}

// Claims are those that this subgraph knows.
type Claims struct {
	Subject string `json:"sub"`
	Org     struct {
		ID int32 `json:"id"`
	} `json:"org"`
}

// Me is a resolver.
func (*query) Me(ctx context.Context) (string, error) {
	claims, err := subgraph.Claims[Claims](ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s of %d", claims.Subject, claims.Org.ID), nil
}

// The handler of graph-gophers/graphql-go, and the one of package federation.
func Example_graphqlGo() {
	verify, err := subgraph.New(subgraph.Config{Name: "reviews", Keys: []subgraph.Key{{ID: "2026-11", Key: derivedKey}}, SessionPrefix: "x-hasura-"})
	if err != nil {
		fmt.Println(err)
		return
	}
	schema := graphql.MustParseSchema(`type Query { me: String! }`, &query{})
	for _, handler := range []http.Handler{&relay.Handler{Schema: schema}, federation.Handler(schema)} {
		server := httptest.NewServer(verify.Middleware(handler))
		fmt.Println(ask(server, `{"query":"{me}","extensions":{"jwt":{"payload":{"sub":"ada","org":{"id":7}}}}}`, true))
		server.Close()
	}
	// Output:
	// 200 {"data":{"me":"ada of 7"}}
	// 200 {"data":{"me":"ada of 7"}}
}

// gqlgenServer stands for gqlgen's handler.Server, which is an http.Handler as well:
//
//	server := handler.New(generated.NewExecutableSchema(generated.Config{Resolvers: &Resolver{}}))
//	server.AddTransport(transport.POST{})
//	http.Handle("/graphql", verify.Middleware(server))
type gqlgenServer struct {
	resolve func(ctx context.Context) (string, error)
}

func (s *gqlgenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	me, err := s.resolve(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]string{"me": me}})
}

// A handler as gqlgen makes it: the resolvers get the request's context.
func Example_gqlgen() {
	verify, err := subgraph.New(subgraph.Config{Name: "reviews", Keys: []subgraph.Key{{ID: "2026-11", Key: derivedKey}}, SessionPrefix: "x-hasura-"})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(verify.Middleware(&gqlgenServer{resolve: (&query{}).Me}))
	defer server.Close()
	fmt.Println(ask(server, `{"query":"{me}","extensions":{"jwt":{"payload":{"sub":"ada","org":{"id":7}}}}}`, true))
	fmt.Println(ask(server, `{"query":"{me}","QUERY":"{you}"}`, true))
	// Output:
	// 200 {"data":{"me":"ada of 7"}}
	// 400 {"errors":[{"message":"The request is not a GraphQL request in JSON","extensions":{"code":"REQUEST_UNSUPPORTED"}}]}
}

// ask does what a gateway does.
func ask(server *httptest.Server, body string, signed bool) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/graphql", strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/json")
	if signed {
		if err := signAsGateway(r.Header, body); err != nil {
			return err.Error()
		}
	}
	response, err := server.Client().Do(r)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(response.StatusCode, " ", strings.TrimSpace(string(text)))
}

func signAsGateway(header http.Header, body string) error {
	key, err := signature.NewKey("2026-11", derivedKey)
	if err != nil {
		return err
	}
	signer, err := signature.NewSigner(signature.SignerConfig{Subgraph: "reviews", Key: key})
	if err != nil {
		return err
	}
	role := signature.Field{Name: "x-hasura-role", Value: "user"}
	signed, err := signer.Sign([]byte(body), []signature.Field{role})
	if err != nil {
		return err
	}
	header.Set(role.Name, role.Value)
	signed.Set(header)
	return nil
}
