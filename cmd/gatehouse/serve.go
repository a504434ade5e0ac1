package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// defaultConfigFile is read when neither --config nor --supergraph is given.
const defaultConfigFile = "gateway.config.json"

// source are the flags that say what is served. They override the configuration.
type source struct {
	config, supergraph string
}

// addTo adds the flags.
func (s *source) addTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.config, "config", "", "configuration `file` (default ./"+defaultConfigFile+", unless --supergraph is given)")
	cmd.Flags().StringVar(&s.supergraph, "supergraph", "", "supergraph SDL `file`, in place of the one that the configuration names")
}

// load returns the configuration; with an error what is right of it.
func (s *source) load() (gateway.Config, error) {
	file := s.config
	if file == "" && s.supergraph == "" {
		file = defaultConfigFile
	}
	config := gateway.DefaultConfig()
	if file != "" {
		var err error
		config, err = gateway.LoadConfig(file)
		if s.config == "" && errors.Is(err, fs.ErrNotExist) {
			return config, fmt.Errorf("there is no ./%s: give --config or --supergraph", defaultConfigFile)
		}
		if err != nil {
			return s.override(config), err
		}
	}
	return s.override(config), nil
}

// override puts flags in place of what the configuration says.
func (s *source) override(config gateway.Config) gateway.Config {
	if s.supergraph != "" {
		config.Supergraph.Path = s.supergraph
	}
	return config
}

// newServe returns the verb serve.
func newServe() *cobra.Command {
	var from source
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a supergraph",
		Long: "Serve a supergraph at http://<listen>/graphql until SIGINT or SIGTERM; " +
			"requests in flight then have 30 seconds to finish.\n" +
			"With --supergraph alone no configuration file is read: subgraphs have the routing URLs of the supergraph,\n" +
			"and nobody is recognised, so that a supergraph with auth directives is refused.",
		Example: "  gatehouse serve\n  gatehouse serve --supergraph supergraph.graphql --listen 127.0.0.1:4000",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := from.load()
			if err != nil {
				return err
			}
			if listen != "" {
				config.Listen = listen
			}
			return serve(cmd.Context(), config, newLogger(cmd.ErrOrStderr(), config.Log))
		},
	}
	from.addTo(cmd)
	cmd.Flags().StringVar(&listen, "listen", "", "`address` to listen at (default 127.0.0.1:4000)")
	return cmd
}

// newLogger returns a logger that writes as the configuration says.
func newLogger(to io.Writer, config gateway.LogConfig) *slog.Logger {
	if config.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, nil))
	}
	return slog.New(slog.NewTextHandler(to, nil))
}

// serve runs a gateway until ctx ends.
func serve(ctx context.Context, config gateway.Config, logger *slog.Logger) error {
	g, err := gateway.New(config, gateway.WithLogger(logger)) //nolint:contextcheck // what New starts ends with Close
	if err != nil {
		return err
	}
	defer g.Close()
	listener, err := listenAt(ctx, config.Listen)
	if err != nil {
		return adviseOnAddress(err, `--listen or "listen" in the configuration`)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	adminEnded, err := serveAdmin(ctx, g, config, logger, stop)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	logger.InfoContext(ctx, "serving", "url", "http://"+listener.Addr().String()+gateway.Endpoint, "version", version(), "pid", os.Getpid())
	err = g.Serve(ctx, listener)
	stop()
	return errors.Join(err, <-adminEnded)
}

// serveAdmin answers operators, if the configuration says where, until ctx ends. Its end, which is in the channel, stops the
// rest.
func serveAdmin(
	ctx context.Context, g *gateway.Gateway, config gateway.Config, logger *slog.Logger, stop func(),
) (ended chan error, err error) {
	ended = make(chan error, 1)
	if config.Admin.Listen == "" {
		close(ended)
		return ended, nil
	}
	listener, err := listenAt(ctx, config.Admin.Listen)
	if err != nil {
		return nil, fmt.Errorf("admin.listen: %w", adviseOnAddress(err, `"admin.listen" in the configuration`))
	}
	logger.InfoContext(ctx, "serving operators", "url", "http://"+listener.Addr().String())
	go func() {
		ended <- g.ServeAdmin(ctx, listener)
		stop()
	}()
	return ended, nil
}

// listenAt opens a listener.
func listenAt(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// adviseOnAddress says what to do about an address that is taken, or that is none; where says what it comes from.
func adviseOnAddress(err error, where string) error {
	var malformed *net.AddrError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%w: another program listens there; stop it, or give another address with %s (port 0: any free one)", err, where)
	case errors.As(err, &malformed):
		return fmt.Errorf("%w: %s takes an address such as 127.0.0.1:4000", err, where)
	}
	return err
}
