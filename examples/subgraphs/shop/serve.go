package shop

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Serve listens until the context ends: with one subgraph, or with the monolith under the name "monolith", over a new store.
// The arguments are those of the command line; the only flag is --listen. Where it listens is written to out.
func Serve(ctx context.Context, out io.Writer, name string, arguments []string) error {
	handler, port, err := named(name)
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(out)
	listen := flags.String("listen", fmt.Sprintf("127.0.0.1:%d", port), "the address to listen at")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", handler)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: http://%s/graphql\n", name, listener.Addr())
	return serve(ctx, listener, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second})
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

// named returns a handler over a new store, and its port.
func named(name string) (http.Handler, int, error) {
	store := NewStore()
	if name == "monolith" {
		handler, err := Monolith(store)
		return handler, MonolithPort, err
	}
	subgraphs, err := Subgraphs(store)
	if err != nil {
		return nil, 0, err
	}
	for _, subgraph := range subgraphs {
		if subgraph.Name == name {
			return subgraph.Handler, subgraph.Port, nil
		}
	}
	return nil, 0, fmt.Errorf("there is no subgraph %q", name)
}
