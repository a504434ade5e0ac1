package rulebook

import (
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/internal/reference"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

var (
	operations = flag.Int("operations", 6, "how many random operations are run on each case and supergraph")
	seed       = flag.Uint64("seed", 1, "of random operations")
)

// partial are the cases of which the whole graph says something else than the subgraphs together, and why.
var partial = map[string]string{
	"key-null":                      "what has no key cannot be looked up",
	"key-null-other":                "what has no key cannot be looked up",
	"key-nested-null":               "what has no key cannot be looked up",
	"requires-null-key":             "what has no key cannot be looked up",
	"key-types-differ":              "what has no key cannot be looked up",
	"fed1-classic":                  "what has no key cannot be looked up",
	"entity-unknown":                "a subgraph does not know what others do",
	"nulls-and-errors":              "fields fail",
	"errors-waves":                  "fields fail",
	"mutation-errors":               "fields fail",
	"interface-object-shared-value": "fields fail",
	"context":                       "clients do not see what the argument's value is",
	"context-mixed":                 "clients do not see what the argument's value is",
	"context-nested":                "clients do not see what the argument's value is",
	"context-root":                  "clients do not see what the argument's value is",
	"context-same-argument":         "clients do not see what the argument's value is",
	"authorization":                 "not everything is for everybody",
	"root-behind-interface":         "the query root is not completed there",
	"shareable-nullability":         "subgraphs say different things",
	"value-three":                   "subgraphs say different things",
}

// TestRandom holds random operations on the cases against an execution on the whole graph.
func TestRandom(t *testing.T) {
	t.Parallel()
	for _, c := range readCases(t) {
		for _, composer := range composers {
			sdl, err := os.ReadFile(supergraphFile(c, composer))
			if partial[c.name] != "" || errors.Is(err, fs.ErrNotExist) {
				continue
			}
			t.Run(c.name+"/"+composer, func(t *testing.T) {
				t.Parallel()
				schema, err := supergraph.Parse(sdl)
				if err != nil {
					t.Fatal(err)
				}
				api, err := gqlparser.LoadSchema(&ast.Source{Name: "api", Input: schema.API})
				if err != nil {
					t.Fatal(err)
				}
				b := newBench(t, c, sdl)
				b.servers[0].random = true
				generator := opgen.New(schema, *seed, opgen.Options{Depth: 6, Fields: 30, Mutations: 15, Nulls: true})
				for range *operations {
					document, variables := generator.Next()
					b.compare(t, api, document, string(variables))
				}
			})
		}
	}
}

// Typename makes an object a node of the whole graph.
func (o *object) Typename() string { return o.typ }

func (b *bench) compare(t *testing.T, api *ast.Schema, document, variables string) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(api, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return // a rule that the oracle reads otherwise
	}
	var given map[string]any
	if err := json.Unmarshal([]byte(variables), &given); err != nil {
		t.Fatal(err)
	}
	w, op := b.servers[0].world, doc.Operations[0]
	e := &reference.Execution{Schema: api, Variables: reference.VariableValues(api, op, given)}
	var missing error
	e.Resolve = func(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
		o, _ := parent.(*object)
		v, found := w.value(o, "", f.Name, args)
		if !found {
			missing = errors.Join(missing, errors.New("no data for "+o.name+" "+o.typ+"."+f.Name))
		}
		return w.objects(v, api.Types[f.Definition.Type.Name()])
	}
	root := "Query"
	if op.Operation == ast.Mutation {
		root = "Mutation"
	}
	want := canonical(map[string]any{"data": e.Run(op, w.root(root))})
	body, err := json.Marshal(map[string]any{"query": document, "variables": json.RawMessage(variables)})
	if err != nil {
		t.Fatal(err)
	}
	_, answer := b.gateway.Post(t, string(body))
	var problems, requests []string
	for _, q := range b.gateway.Requests() {
		requests = append(requests, q.Subgraph+" "+q.Body)
	}
	for _, s := range b.servers {
		problems = append(problems, s.drain()...)
	}
	b.order.drain()
	var got, wanted struct{ Data any }
	if err := errors.Join(missing, json.Unmarshal([]byte(answer), &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
		problems = append(problems, err.Error())
	}
	if !reflect.DeepEqual(got, wanted) || len(problems) > 0 {
		t.Errorf("%s\n%s\n%s\ngot  %s\nwant %s\n%s", document, variables, strings.Join(problems, "\n"), answer, want, strings.Join(requests, "\n"))
	}
}

// objects makes nodes of the whole graph of the objects in a value.
func (w *world) objects(v any, t *ast.Definition) (any, error) {
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i := range list {
			var err error
			if out[i], err = w.objects(list[i], t); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if v == nil || !t.IsCompositeType() {
		return v, nil
	}
	return w.asObject(v, t.Name)
}
