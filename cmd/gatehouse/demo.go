package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs"
	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// newDemo returns the verb demo.
func newDemo() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve an example shop: four subgraphs and the gateway in one process",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), listen, cmd.OutOrStdout(), slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
		},
	}
	cmd.Flags().StringVar(&listen, "listen", gateway.DefaultConfig().Listen, "`address` to listen at")
	return cmd
}

// demo runs subgraphs and gateway until ctx ends.
func demo(ctx context.Context, listen string, out io.Writer, logger *slog.Logger) error {
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		return err
	}
	key, signingKey := newSecret(), newSecret()
	config, err := demoConfig(key, signingKey)
	if err != nil {
		return err
	}
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for _, s := range parts {
		url, stop, err := startSubgraph(ctx, s, signingKey)
		if err != nil {
			return err
		}
		defer stop()
		config.Subgraphs[supergraph.SubgraphName(s.Name)] = upstream.SubgraphConfig{URL: url}
	}
	//nolint:contextcheck // what New starts ends with Close
	g, err := gateway.New(config, gateway.WithLogger(logger), gateway.WithSupergraph(subgraphs.Supergraph))
	if err != nil {
		return err
	}
	defer g.Close()
	listener, err := listenAt(ctx, listen)
	if err != nil {
		return adviseOnAddress(err, "--listen")
	}
	if err := introduce(out, listener.Addr().String(), key); err != nil {
		return err
	}
	return g.Serve(ctx, listener)
}

// newSecret returns a secret that nobody has seen.
func newSecret() secret.Value { return secret.Of([]byte(rand.Text() + rand.Text())) }

// startSubgraph serves a subgraph on a free port of this machine, to the gateway alone.
func startSubgraph(ctx context.Context, s shop.Subgraph, signingKey secret.Value) (url string, stop func(), err error) {
	handler, err := s.Signed(subgraph.Config{}, subgraph.DeriveKeys(s.Name, subgraph.Key{ID: demoKeyID, Key: signingKey.Bytes()})...)
	if err != nil {
		return "", nil, err
	}
	listener, err := listenAt(ctx, "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("starting the subgraph %s: %w", s.Name, err)
	}
	mux := http.NewServeMux()
	mux.Handle(gateway.Endpoint, handler)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when it is closed
	}()
	stop = func() {
		_ = server.Close()
		<-done
	}
	return "http://" + listener.Addr().String() + gateway.Endpoint, stop, nil
}

// Where the demo hands its secrets to the gateway, within this process, and the id of the one that signs calls.
const (
	secretVariable  = "GATEHOUSE_DEMO_SECRET"
	signingVariable = "GATEHOUSE_DEMO_SIGNING_SECRET"
	demoKeyID       = "demo"
)

// demoConfig returns a configuration that accepts tokens that are signed with the key, and that signs calls with the other.
func demoConfig(key, signingKey secret.Value) (gateway.Config, error) {
	config := gateway.DefaultConfig()
	config.GraphiQL = true
	config.JWT.Providers = []authz.Provider{{
		Name: "demo", Issuer: []string{demoIssuer}, Audience: []string{demoAudience},
		KeySource: authz.KeySource{Secret: secret.Source{Env: secretVariable}},
	}}
	config.JWT.Reject.MissingToken, config.JWT.Reject.InvalidToken = false, false
	config.Authorization.Policies.Sources.Claim = &authz.PolicyClaim{Claim: "policies"}
	config.Signing = &upstream.Signing{Keys: []upstream.SigningKey{{ID: demoKeyID, Secret: secret.Source{Env: signingVariable}}}}
	return config, errors.Join(
		os.Setenv(secretVariable, string(key.Bytes())), os.Setenv(signingVariable, string(signingKey.Bytes())))
}

// introduce prints what to try.
func introduce(out io.Writer, address string, key secret.Value) error {
	if host, port, err := net.SplitHostPort(address); err == nil && (host == "::" || host == "0.0.0.0") {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	url := "http://" + address + gateway.Endpoint
	fmt.Fprintf(out, "The example shop is open: GraphiQL and GraphQL at %s\n", url)
	fmt.Fprintln(out, "\nThree callers, with tokens of this process for 24 hours. Copy the lines into another terminal:")
	for _, c := range demoCallers {
		token, err := c.token(key, 24*time.Hour)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n  # %s\n  %s=%s\n", c.what, c.name, token)
	}
	ask := func(header, query string) {
		fmt.Fprintf(out, "\n  curl -s %s -H 'content-type: application/json'%s \\\n    -d '{\"query\":\"%s\"}'\n", url, header, query)
	}
	fmt.Fprintln(out, "\nEverybody may ask this:")
	ask("", publicQuery)
	fmt.Fprintln(out, "\nThe answer to this differs by caller; ask it without a token, too:")
	for _, c := range demoCallers {
		ask(` -H "authorization: Bearer $`+c.name+`"`, protectedQuery)
	}
	fmt.Fprintln(out, "\nStop it with Ctrl-C.")
	return nil
}

// The documents that the demo prints: one over all subgraphs for everybody, and one that needs a caller, a scope and a policy.
const (
	publicQuery    = `{topProducts(first:2){upc name inStock reviews{rating author{name}}}}`
	protectedQuery = `{me{name email} topProducts(first:1){name cost{amount}}}`
)
