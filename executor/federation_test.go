package executor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

const casesFolder = "../planner/testdata"

// TestFederation runs every query of the planner's cases over strict subgraphs: <case>/<name>.graphql, with the variables
// of <name>.variables.json, gives <name>.response.json, and the data is what the whole graph would say. Queries in
// labels/ have the labels of their comment on; those in rejected/ are refused before they are planned.
func TestFederation(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(casesFolder + "/*/supergraph.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		queries := queriesOf(t, dir)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			g := loadFederation(t, dir)
			for _, query := range queries {
				t.Run(strings.TrimSuffix(strings.TrimPrefix(query, dir+"/"), ".graphql"), func(t *testing.T) {
					g.check(t, query)
				})
			}
		})
	}
}

func queriesOf(t *testing.T, dir string) []string {
	t.Helper()
	var queries []string
	for _, pattern := range []string{"*.graphql", "labels/*.graphql", "rejected/*.graphql"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		queries = append(queries, files...)
	}
	return slices.DeleteFunc(queries, func(file string) bool {
		return strings.HasSuffix(file, "/supergraph.graphql") || strings.HasSuffix(file, ".subgraph.graphql")
	})
}

// federation is the gateway's stages over the subgraphs of a case.
type federation struct {
	world    *world
	schema   *supergraph.Schema
	preparer *operation.Preparer
	planner  *planner.Planner
}

func loadFederation(t *testing.T, dir string) *federation {
	t.Helper()
	sdl, err := os.ReadFile(filepath.Join(dir, "supergraph.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		t.Fatal(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return &federation{newWorld(t, dir), schema, preparer, planner.New(schema)}
}

func (g *federation) check(t *testing.T, file string) {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".variables.json")
	if errors.Is(err, fs.ErrNotExist) {
		variables, err = []byte("{}"), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &servers{world: g.world, labels: labelsOf(document)}
	response, err := g.execute(s, document, variables)
	if err != nil {
		var list gqlerr.List
		if single := (*gqlerr.Error)(nil); !errors.As(err, &list) && errors.As(err, &single) {
			list = gqlerr.List{single}
		}
		text, _ := json.Marshal(map[string]any{"errors": list})
		golden.Assert(t, strings.TrimSuffix(file, ".graphql")+".response.json", indented(t, text))
		return
	}
	for _, v := range s.violations {
		t.Error(v)
	}
	golden.Assert(t, strings.TrimSuffix(file, ".graphql")+".response.json", indented(t, response))
	g.compare(t, s, document, variables, response)
}

func (g *federation) execute(s *servers, document, variables []byte) ([]byte, error) {
	op, err := g.preparer.Prepare(context.Background(), document, "")
	if err != nil {
		return nil, err
	}
	values, err := op.Coerce(variables)
	if err != nil {
		return nil, err
	}
	bits := op.Evaluate(values, func(label string) bool { return slices.Contains(s.labels, label) })
	plan, err := g.planner.Plan(context.Background(), operation.Filter(op, bits, operation.KeepAll))
	if err != nil {
		return nil, err
	}
	e := executor.New(g.schema, s, executor.Options{})
	program, err := e.Compile(plan)
	if err != nil {
		return nil, err
	}
	result := e.Execute(context.Background(), program, &executor.Request{Values: values, Origin: &upstream.Origin{}})
	defer result.Release()
	return result.AppendJSON(nil), nil
}

// compare holds a response against the execution of the operation on the whole graph.
func (g *federation) compare(t *testing.T, s *servers, document, variables, response []byte) {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "api", Input: g.schema.API})
	if err != nil {
		t.Fatal(err)
	}
	query, errs := gqlparser.LoadQueryWithRules(schema, string(document), nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var given map[string]any
	if err := json.Unmarshal(variables, &given); err != nil {
		t.Fatal(err)
	}
	op := query.Operations[0]
	if slices.ContainsFunc(op.SelectionSet, func(s ast.Selection) bool { f, ok := s.(*ast.Field); return ok && strings.HasPrefix(f.Name, "__s") }) {
		return // introspection
	}
	e := newExecution(g.world, &part{"api", schema}, op, given)
	want, err := json.Marshal(e.run(op)["data"])
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Data any }
	var data any
	if err := errors.Join(json.Unmarshal(response, &got), json.Unmarshal(want, &data)); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Data, data) {
		t.Errorf("got  %s\nwant %s", response, want)
	}
	var order []string
	for _, f := range op.SelectionSet {
		if f, ok := f.(*ast.Field); ok && f.Name != "__typename" && e.Included(f.Directives) {
			order = append(order, f.Name)
		}
	}
	if op.Operation == ast.Mutation && !slices.Equal(order, s.mutations) {
		t.Errorf("mutations %v, want %v", s.mutations, order)
	}
}

// labelsOf are the override labels that a comment names (# labels: percent(50), beta).
func labelsOf(document []byte) []string {
	for line := range strings.Lines(string(document)) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), "# labels: "); ok {
			return strings.Split(list, ", ")
		}
	}
	return nil
}

func indented(t *testing.T, text []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return b.String() + "\n"
}
