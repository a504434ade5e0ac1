package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// stageNormalize is the stage before those of the planner.
const stageNormalize = "normalize"

// planFlags are what the verb plan is asked.
type planFlags struct {
	supergraph, query, operation, variables, stage string
}

// newPlan returns the verb plan.
func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Print how an operation is planned, or an earlier stage of that",
		Long: "Print how an operation is planned. With conditions (@skip, @include) the plan is that for the given variables;\n" +
			"override labels are off. Auth directives are ignored: everything is permitted.",
		Example: "  gatehouse plan --supergraph supergraph.graphql --query query.graphql --variables '{\"id\":\"1\"}'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := explain(f)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(text, "\n"))
			return err
		},
	}
	cmd.Flags().StringVar(&f.supergraph, "supergraph", "", "supergraph SDL `file`")
	cmd.Flags().StringVar(&f.query, "query", "", "`file` with the GraphQL document")
	cmd.Flags().StringVar(&f.operation, "operation", "", "`name` of the operation, if the document has several")
	cmd.Flags().StringVar(&f.variables, "variables", "", "variables as a `JSON` object")
	cmd.Flags().StringVar(&f.stage, "stage", string(planner.StagePlan), "what to print: "+strings.Join(stageNames(), ", "))
	for _, name := range []string{"supergraph", "query"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // there is no such flag
		}
	}
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
func explain(f planFlags) (string, error) {
	if !slices.Contains(stageNames(), f.stage) {
		return "", fmt.Errorf("unknown stage %q: there are %s", f.stage, strings.Join(stageNames(), ", "))
	}
	sdl, err := os.ReadFile(f.supergraph)
	if err != nil {
		return "", err
	}
	document, err := os.ReadFile(f.query)
	if err != nil {
		return "", err
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		return "", fmt.Errorf("loading the supergraph: %w", err)
	}
	permitted, err := permit(schema, document, f)
	if err != nil {
		return "", err
	}
	if f.stage == stageNormalize {
		return permitted.Operation().Text(), nil
	}
	return planner.New(schema).Explain(permitted, planner.Stage(f.stage))
}

// permit prepares the operation and permits all of it.
func permit(schema *supergraph.Schema, document []byte, f planFlags) (operation.Permitted, error) {
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		return operation.Permitted{}, err
	}
	op, err := preparer.Prepare(document, f.operation)
	if err != nil {
		return operation.Permitted{}, err
	}
	// Without variables those of @skip and @include count as false, and nothing else depends on them.
	var bits operation.Bits
	if f.variables != "" || !hasRequired(op) {
		values, err := op.Coerce([]byte(f.variables))
		if err != nil {
			return operation.Permitted{}, errors.Join(errors.New("the variables do not fit"), err)
		}
		bits = op.Evaluate(values, nil)
	}
	return operation.Filter(op, bits, operation.KeepAll), nil
}

// hasRequired tells whether the operation cannot run without variables.
func hasRequired(op *operation.Operation) bool {
	return slices.ContainsFunc(op.Variables, func(v *operation.Variable) bool { return v.Type.NonNull && v.Default == nil })
}
