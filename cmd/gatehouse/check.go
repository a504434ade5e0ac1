package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// newCheck returns the verb check.
func newCheck() *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Load configuration and supergraph, and report every problem",
		Example: "  gatehouse check --supergraph supergraph.graphql --config gateway.config.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := from.load()
			if err != nil {
				return err
			}
			g, err := gateway.New(config)
			if errors.Is(err, gateway.ErrProtected) {
				fmt.Fprintln(cmd.OutOrStdout(), "warning:", err)
				g, err = gateway.New(config, gateway.InsecureIgnoreAuth())
			}
			if err != nil {
				return err
			}
			g.Close()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), config.Supergraph.Path+": ok")
			return err
		},
	}
	from.addTo(cmd)
	return cmd
}
