package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// stageNormalize is the stage before those of the planner.
const stageNormalize = "normalize"

// planFlags are what the verb plan is asked.
type planFlags struct {
	source

	claims, query, operation, variables, stage string
}

// newPlan returns the verb plan.
func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print how an operation is planned, or an earlier stage of that",
		Long: "Print how an operation is planned. With conditions (@skip, @include) the plan is that for the given variables;\n" +
			"override labels are off. With claims it is the operation that is left for a caller who has them, what is denied and why,\n" +
			"and the plan for the rest, by the scopes and policies of the configuration; without, everything is permitted.",
		Example: "  gatehouse plan --supergraph supergraph.graphql --query query.graphql --variables '{\"id\":\"1\"}'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := explain(cmd.Context(), f)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(text, "\n"))
			return err
		},
	}
	f.addTo(cmd)
	cmd.Flags().StringVar(&f.claims, "claims", "", "`file` with the claims of the caller as a JSON object")
	cmd.Flags().StringVar(&f.query, "query", "", "`file` with the GraphQL document")
	cmd.Flags().StringVar(&f.operation, "operation", "", "`name` of the operation, if the document has several")
	cmd.Flags().StringVar(&f.variables, "variables", "", "variables as a `JSON` object")
	cmd.Flags().StringVar(&f.stage, "stage", string(planner.StagePlan), "what to print: "+strings.Join(stageNames(), ", "))
	return cmd
}

// stageNames are the stages in their order.
func stageNames() []string {
	names := append(make([]string, 0, 1+len(planner.Stages)), stageNormalize)
	for _, s := range planner.Stages {
		names = append(names, string(s))
	}
	return names
}

// explain leads the operation up to the stage.
func explain(ctx context.Context, f planFlags) (string, error) {
	if !slices.Contains(stageNames(), f.stage) {
		return "", fmt.Errorf("unknown stage %q: there are %s", f.stage, strings.Join(stageNames(), ", "))
	}
	if f.query == "" {
		return "", errors.New("give the document with --query")
	}
	config, err := f.load()
	if err != nil {
		return "", err
	}
	schema, err := loadSchema(config.Supergraph.Path)
	if err != nil {
		return "", err
	}
	document, err := os.ReadFile(f.query)
	if err != nil {
		return "", fmt.Errorf("reading the query: %w", err)
	}
	permitted, denials, err := permit(ctx, schema, document, config, f)
	if err != nil {
		return "", err
	}
	filtered := ""
	if f.claims != "" {
		filtered = permitted.Text() + deniedText(denials)
	}
	if f.stage == stageNormalize {
		return cmp.Or(filtered, permitted.Operation().Text()), nil
	}
	text, err := planner.New(schema).Explain(ctx, permitted, planner.Stage(f.stage))
	if filtered != "" && f.stage == string(planner.StagePlan) {
		text = strings.TrimRight(filtered, "\n") + "\n\n" + text
	}
	return text, err
}

// deniedText says what is denied, and which rules do not hold, a line each.
func deniedText(denials []authz.Denial) string {
	var b strings.Builder
	for _, d := range denials {
		fmt.Fprintf(&b, "\n# denied %s (%s): %s", d.AffectedPath(), d.Coordinate, strings.Join(d.Unmet, " "))
	}
	return b.String()
}

// permit prepares the operation and permits what the caller may see of it. The rest is denied.
func permit(
	ctx context.Context, schema *supergraph.Schema, document []byte, config gateway.Config, f planFlags,
) (operation.Permitted, []authz.Denial, error) {
	preparer, err := operation.New(schema, config.Limits.Limits)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	op, err := preparer.Prepare(ctx, document, f.operation)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	// Without variables those of @skip and @include count as false, and nothing else depends on them.
	var bits operation.Bits
	if f.variables != "" || !hasRequired(op) {
		values, err := op.Coerce([]byte(f.variables))
		if err != nil {
			return operation.Permitted{}, nil, errors.Join(errors.New("the variables do not fit"), err)
		}
		bits = op.Evaluate(values, nil)
	}
	if f.claims == "" {
		return operation.Filter(op, bits, operation.KeepAll), nil, nil
	}
	return authorize(ctx, schema, op, bits, config, f.claims)
}

// authorize takes out of the operation what a caller with the given claims may not see.
func authorize(
	ctx context.Context, schema *supergraph.Schema, op *operation.Operation, bits operation.Bits, config gateway.Config, claims string,
) (operation.Permitted, []authz.Denial, error) {
	caller, err := loadCaller(claims, config)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	var failed error
	authorizer, err := newAuthorizer(schema, config, &failed)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	guard, err := authorizer.Guard(op)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	permitted, denials := guard.Filter(authorizer.Evaluate(ctx, guard, caller, bits))
	return permitted, denials, failed
}

// hasRequired tells whether the operation cannot run without variables.
func hasRequired(op *operation.Operation) bool {
	return slices.ContainsFunc(op.Variables, func(v *operation.Variable) bool { return v.Type.NonNull && v.Default == nil })
}
