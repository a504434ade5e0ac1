package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"

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

// load returns the configuration.
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
			return config, err
		}
	}
	if s.supergraph != "" {
		config.Supergraph.Path = s.supergraph
	}
	return config, nil
}

// newServe returns the verb serve.
func newServe() *cobra.Command {
	var from source
	var listen string
	var ignoreAuth bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a supergraph",
		Long: "Serve a supergraph at http://<listen>/graphql until SIGINT or SIGTERM; " +
			"requests in flight then have 30 seconds to finish.\n" +
			"With --supergraph alone no configuration file is read: subgraphs have the routing URLs of the supergraph.",
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
			logger := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			return serve(cmd.Context(), config, logger, ignoreAuth)
		},
	}
	from.addTo(cmd)
	cmd.Flags().StringVar(&listen, "listen", "", "`address` to listen at (default 127.0.0.1:4000)")
	cmd.Flags().BoolVar(&ignoreAuth, "insecure-ignore-auth", false, "serve a supergraph with auth directives without enforcing them")
	return cmd
}

// serve runs a gateway until ctx ends.
func serve(ctx context.Context, config gateway.Config, logger *slog.Logger, ignoreAuth bool) error {
	options := []gateway.Option{gateway.WithLogger(logger)}
	if ignoreAuth {
		logger.WarnContext(ctx, "auth directives of the supergraph are not enforced: everybody may see everything")
		options = append(options, gateway.InsecureIgnoreAuth())
	}
	g, err := gateway.New(config, options...)
	if errors.Is(err, gateway.ErrProtected) {
		return fmt.Errorf("%w; --insecure-ignore-auth serves it all the same, to everybody", err)
	}
	if err != nil {
		return err
	}
	defer g.Close()
	listener, err := listenAt(ctx, config.Listen)
	if err != nil {
		return err
	}
	logger.InfoContext(ctx, "serving", "url", "http://"+listener.Addr().String()+gateway.Endpoint, "version", version(), "pid", os.Getpid())
	return g.Serve(ctx, listener)
}

// listenAt opens a listener.
func listenAt(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}
