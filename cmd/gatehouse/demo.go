package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs"
	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
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
	config := gateway.DefaultConfig()
	config.GraphiQL = true
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for _, s := range parts {
		url, stop, err := startSubgraph(ctx, s)
		if err != nil {
			return err
		}
		defer stop()
		config.Subgraphs[supergraph.SubgraphName(s.Name)] = upstream.SubgraphConfig{URL: url}
	}
	g, err := gateway.New(config, gateway.WithLogger(logger), gateway.WithSupergraph(subgraphs.Supergraph), gateway.InsecureIgnoreAuth())
	if err != nil {
		return err
	}
	defer g.Close()
	listener, err := listenAt(ctx, listen)
	if err != nil {
		return fmt.Errorf("%w (another address: --listen 127.0.0.1:0)", err)
	}
	introduce(out, listener.Addr().String())
	return g.Serve(ctx, listener)
}

// startSubgraph serves a subgraph on a free port of this machine.
func startSubgraph(ctx context.Context, s shop.Subgraph) (url string, stop func(), err error) {
	listener, err := listenAt(ctx, "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("starting the subgraph %s: %w", s.Name, err)
	}
	mux := http.NewServeMux()
	mux.Handle(gateway.Endpoint, s.Handler)
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

// introduce prints what to try.
func introduce(out io.Writer, address string) {
	if host, port, err := net.SplitHostPort(address); err == nil && (host == "::" || host == "0.0.0.0") {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	url := "http://" + address + gateway.Endpoint
	fmt.Fprintf(out, "The example shop is open: GraphiQL and GraphQL at %s\n", url)
	fmt.Fprintln(out, "Its auth directives are not enforced: this version has no authorization yet, so everybody may see everything.")
	fmt.Fprintln(out, "\nTry:")
	for _, query := range demoQueries {
		fmt.Fprintf(out, "\n  curl -s %s -H 'content-type: application/json' \\\n    -d '{\"query\":\"%s\"}'\n", url, query)
	}
	fmt.Fprintln(out, "\nStop it with Ctrl-C.")
}

// demoQueries are one document over all subgraphs and one mutation.
var demoQueries = []string{
	`{topProducts(first:2){upc name inStock reviews{rating author{name}}}}`,
	`{me{name email reviews{body product{name}}}}`,
}
