// Package subgraphs_test holds the example subgraphs, asked through the stages of the gateway, against the monolith, which
// has the same data in one schema.
package subgraphs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// stages are the gateway's stages over freshly started subgraphs, and the monolith over an equal store.
type stages struct {
	schema   *supergraph.Schema
	preparer *operation.Preparer
	planner  *planner.Planner
	executor *executor.Executor
	monolith string
}

func newStages(tb testing.TB) *stages {
	tb.Helper()
	sdl, err := os.ReadFile("supergraph.graphql")
	check(tb, err)
	schema, err := supergraph.Parse(sdl)
	check(tb, err)
	parts, err := shop.Subgraphs(shop.NewStore())
	check(tb, err)
	own := map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for _, part := range parts {
		server := httptest.NewServer(part.Handler)
		tb.Cleanup(server.Close)
		own[supergraph.SubgraphName(part.Name)] = upstream.SubgraphConfig{URL: server.URL}
	}
	client, err := upstream.New(schema.Subgraphs, upstream.DefaultConfig(), own)
	check(tb, err)
	whole, err := shop.Monolith(shop.NewStore())
	check(tb, err)
	monolith := httptest.NewServer(whole)
	tb.Cleanup(monolith.Close)
	preparer, err := operation.New(schema, operation.DefaultLimits())
	check(tb, err)
	return &stages{schema, preparer, planner.New(schema), executor.New(schema, client, executor.Options{}), monolith.URL}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// answer runs an operation through the stages; the plan is for messages.
func (s *stages) answer(document, variables string) (response []byte, plan *planner.Plan, err error) {
	op, err := s.preparer.Prepare([]byte(document), "")
	if err != nil {
		return nil, nil, fmt.Errorf("prepare: %w", err)
	}
	values, err := op.Coerce([]byte(variables))
	if err != nil {
		return nil, nil, fmt.Errorf("coerce: %w", err)
	}
	bits := op.Evaluate(values, func(string) bool { return false })
	plan, err = s.planner.Plan(operation.Filter(op, bits, operation.KeepAll))
	if err != nil {
		return nil, nil, fmt.Errorf("plan: %w", err)
	}
	if err = planner.Check(plan); err != nil {
		return nil, plan, fmt.Errorf("check: %w", err)
	}
	program, err := s.executor.Compile(plan)
	if err != nil {
		return nil, plan, fmt.Errorf("compile: %w", err)
	}
	result := s.executor.Execute(context.Background(), program, &executor.Request{Values: values, Origin: &upstream.Origin{}})
	defer result.Release()
	return result.AppendJSON(nil), plan, nil
}

func (s *stages) oracle(document, variables string) ([]byte, error) {
	if variables == "" {
		variables = "{}"
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": json.RawMessage(variables)})
	if err != nil {
		return nil, err
	}
	r, err := http.Post(s.monolith, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// compare tells how the gateway's answer differs from the monolith's, "" when it does not.
func (s *stages) compare(document, variables string) string {
	got, plan, err := s.answer(document, variables)
	want, oracleErr := s.oracle(document, variables)
	if err != nil || oracleErr != nil {
		return fmt.Sprintf("%v %v\n%s", err, oracleErr, plan)
	}
	var g, w struct {
		Data   any
		Errors []any
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return fmt.Sprintf("%v: %s", err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		return fmt.Sprintf("oracle: %v: %s", err, want)
	}
	if !reflect.DeepEqual(g.Data, w.Data) || (len(g.Errors) > 0) != (len(w.Errors) > 0) {
		return fmt.Sprintf("got  %s\nwant %s\n%s", got, want, plan)
	}
	return ""
}

// TestShop asks what the planner's golden cases ask.
func TestShop(t *testing.T) {
	files, err := filepath.Glob("../../planner/testdata/shop/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			document, err := os.ReadFile(file)
			check(t, err)
			if strings.Contains(string(document), "__schema") {
				t.Skip("introspection names what each schema has; it is held against goldens in executor")
			}
			if difference := newStages(t).compare(string(document), ""); difference != "" {
				t.Error(difference)
			}
		})
	}
}
