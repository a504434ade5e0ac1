package shop

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/subgraph/metrics"
)

// Where a subgraph that is run alone finds its key, in base64, and the id of the secret that it is derived from.
const (
	keyVariable   = "SUBGRAPH_HMAC_KEY"
	keyIDVariable = "SUBGRAPH_HMAC_KEY_ID"
)

// options are the flags of a program that serves one schema.
type options struct {
	listen, keyID, caller string
	unsigned              bool
}

// Serve listens until the context ends: with one subgraph, or with the monolith under the name "monolith", over a new store.
// The arguments are those of the command line. Where it listens is written to out.
//
// A subgraph answers only what is signed with the key in SUBGRAPH_HMAC_KEY, unless the flag --unsigned says otherwise; it counts
// that at /metrics.
func Serve(ctx context.Context, out io.Writer, name string, arguments []string) error {
	schema, err := named(name)
	if err != nil {
		return err
	}
	var o options
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.listen, "listen", fmt.Sprintf("127.0.0.1:%d", schema.Port), "the address to listen at")
	if name == monolithName {
		flags.StringVar(&o.caller, "caller", "1", "the id of the user who is calling")
	} else {
		flags.StringVar(&o.keyID, "key-id", os.Getenv(keyIDVariable), "the id of the key in "+keyVariable+" (default $"+keyIDVariable+")")
		flags.BoolVar(&o.unsigned, "unsigned", false, "answer everybody, without a key; nobody is the caller then")
	}
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	mux := http.NewServeMux()
	if err := o.handle(mux, schema); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: http://%s/graphql\n", name, listener.Addr())
	return serve(ctx, listener, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second})
}

// handle serves what the flags say.
func (o options) handle(mux *http.ServeMux, s Subgraph) error {
	switch {
	case s.Name == monolithName:
		mux.Handle("/graphql", As(o.caller, s.Handler))
		return nil
	case o.unsigned:
		mux.Handle("/graphql", s.Handler)
		return nil
	}
	text, ok := os.LookupEnv(keyVariable)
	if !ok {
		return fmt.Errorf("there is no key in %s: set it to what this prints (with the secret of the gateway in a variable),\n"+
			"  gatehouse keys derive --subgraph %s --secret-env SUBGRAPH_HMAC_SECRET\n"+
			"or answer everybody, with --unsigned", keyVariable, s.Name)
	}
	key, err := signature.ParseSecret(text, "base64")
	if err != nil {
		return fmt.Errorf("%s: %w", keyVariable, err)
	}
	if o.keyID == "" {
		return fmt.Errorf("the key in %s has no id: give it with --key-id or in %s, as in the configuration of the gateway",
			keyVariable, keyIDVariable)
	}
	counted := metrics.New()
	registry := prometheus.NewRegistry()
	registry.MustRegister(counted)
	handler, err := s.Signed(counted.Observe(subgraph.Config{OnReject: logRejected(s.Name)}), subgraph.Key{ID: o.keyID, Key: key})
	if err != nil {
		return err
	}
	mux.Handle("/graphql", handler)
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return nil
}

// logRejected says on standard error why a request was refused, which its sender must not know.
func logRejected(name string) func(*http.Request, error) {
	return func(_ *http.Request, err error) { fmt.Fprintf(os.Stderr, "%s: refused: %v\n", name, err) }
}

// serve answers until the context ends, then lets requests finish for five seconds.
func serve(ctx context.Context, listener net.Listener, server *http.Server) error {
	ctx, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	err := server.Serve(listener)
	stop()
	if shutdown := <-stopped; errors.Is(err, http.ErrServerClosed) {
		return shutdown
	}
	return err
}

// monolithName is the name of the monolith among the subgraphs.
const monolithName = "monolith"

// named returns a subgraph, or the monolith, over a new store.
func named(name string) (Subgraph, error) {
	store := NewStore()
	if name == monolithName {
		handler, err := Monolith(store)
		return Subgraph{Name: name, Port: MonolithPort, Handler: handler}, err
	}
	subgraphs, err := Subgraphs(store)
	if err != nil {
		return Subgraph{}, err
	}
	for _, s := range subgraphs {
		if s.Name == name {
			return s, nil
		}
	}
	return Subgraph{}, fmt.Errorf("there is no subgraph %q", name)
}
