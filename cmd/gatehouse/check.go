package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// newCheck returns the verb check.
func newCheck() *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Load configuration and supergraph, and report every problem",
		Long: "Load configuration and supergraph, secrets included, and report every problem. Rules that are legal and probably not\n" +
			"meant, such as one that nobody can satisfy, are printed as warnings, and so are fields that no subgraph can resolve since\n" +
			"they require themselves.",
		Example: "  gatehouse check --supergraph supergraph.graphql --config gateway.config.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := from.load()
			if err != nil {
				return alsoSupergraph(err, config.Supergraph.Path)
			}
			g, refused := gateway.New(config)
			if refused == nil {
				g.Close()
			}
			schema, err := loadSchema(config.Supergraph.Path)
			if err != nil {
				return cmp.Or(refused, err)
			}
			for _, line := range slices.Concat(config.Authorization.Lint(schema), planner.Circles(schema)) {
				fmt.Fprintln(cmd.OutOrStdout(), "warning:", line)
			}
			if warning := config.Signing.Warning(schema.Subgraphs, config.Subgraphs); warning != "" {
				fmt.Fprintln(cmd.OutOrStdout(), "warning:", warning)
			}
			if refused != nil {
				return refused // after the warnings, which are about the supergraph and do not depend on it
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), config.Supergraph.Path+": ok")
			return err
		},
	}
	from.addTo(cmd)
	return cmd
}

// alsoSupergraph adds to what is wrong with a configuration what is wrong with its supergraph, if it says which that is.
func alsoSupergraph(err error, path string) error {
	if path == "" {
		return err
	}
	_, broken := loadSchema(path)
	return errors.Join(err, broken)
}
