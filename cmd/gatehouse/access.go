package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/authz"
)

// newAccess returns the verb access.
func newAccess() *cobra.Command {
	var from source
	var claims string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "access",
		Short: "Print which fields a caller may select, and why not",
		Long: "Print which fields a caller with these claims may select, and which requirements the others have that do not hold.\n" +
			"Without claims the caller is anonymous. Policies are decided by the sources that the configuration has.",
		Example: "  gatehouse access --config gateway.config.json --claims claims.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := from.load()
			if err != nil {
				return err
			}
			schema, err := loadSchema(config.Supergraph.Path)
			if err != nil {
				return err
			}
			caller, err := loadCaller(claims, config)
			if err != nil {
				return err
			}
			var failed error
			authorizer, err := newAuthorizer(schema, config, &failed)
			if err != nil {
				return err
			}
			rows := authorizer.Access(cmd.Context(), caller)
			if failed != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning: a policy could not be asked and denies:", failed)
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(rows)
			}
			return printAccess(cmd.OutOrStdout(), rows)
		},
	}
	from.addTo(cmd)
	cmd.Flags().StringVar(&claims, "claims", "", "`file` with the claims of the caller as a JSON object")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printAccess prints a table.
func printAccess(out io.Writer, rows []authz.AccessRow) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FIELD\tALLOWED\tUNMET")
	for _, row := range rows {
		allowed := "yes"
		if !row.Allowed {
			allowed = "no"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.Coordinate, allowed, strings.Join(row.Unmet, " "))
	}
	return table.Flush()
}
