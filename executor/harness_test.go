package executor

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// graph is a supergraph with the stages before this one.
type graph struct {
	schema   *supergraph.Schema
	preparer *operation.Preparer
	planner  *planner.Planner
}

func loadGraph(tb testing.TB, file string) *graph {
	tb.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		tb.Fatal(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		tb.Fatal(err)
	}
	return &graph{schema, preparer, planner.New(schema)}
}

var small = sync.OnceValue(func() *graph {
	var tb failing
	return loadGraph(&tb, "testdata/supergraph.graphql")
})

// failing panics where a test would fail, for what is loaded once for all tests.
type failing struct{ testing.TB }

func (failing) Helper()           {}
func (failing) Fatal(args ...any) { panic(args[0]) }

// plan prepares and plans a query, all conditions true and nothing denied.
func (g *graph) plan(tb testing.TB, query string, denied ...string) *planner.Plan {
	tb.Helper()
	op, err := g.preparer.Prepare(context.Background(), []byte(query), "")
	if err != nil {
		tb.Fatalf("preparing %s: %v", query, err)
	}
	permitted := operation.Filter(op, operation.Bits{}, func(f *operation.Field) bool {
		for _, d := range denied {
			if string(f.Def.Coordinate()) == d {
				return false
			}
		}
		return true
	})
	plan, err := g.planner.Plan(context.Background(), permitted)
	if err != nil {
		tb.Fatalf("planning %s: %v", query, err)
	}
	return plan
}

// answers are what subgraphs answer, by name, one call after the other; sent are the bodies they got.
type answers struct {
	mu     sync.Mutex
	bodies map[string][]string
	sent   map[string][]string
}

// script makes answers from lines "subgraph: body". The body ERROR is a failing call.
func script(lines ...string) *answers {
	a := &answers{bodies: map[string][]string{}, sent: map[string][]string{}}
	for _, l := range lines {
		name, body, _ := strings.Cut(l, ": ")
		a.bodies[name] = append(a.bodies[name], body)
	}
	return a
}

func (a *answers) Do(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := string(r.Subgraph.Name)
	a.sent[name] = append(a.sent[name], string(r.Body)+"}")
	if len(a.bodies[name]) == 0 {
		return nil, errors.New("no answer is left for " + name)
	}
	body := a.bodies[name][0]
	a.bodies[name] = a.bodies[name][1:]
	if body == "PANIC" {
		panic("a doer that panics")
	}
	if text, ok := strings.CutPrefix(body, "ERROR "); ok {
		return nil, failingCall(text)
	}
	return &upstream.Response{Status: 200, Body: []byte(body), Release: func() {}}, nil
}

// execute runs a query over scripted subgraphs and returns the response.
func (g *graph) execute(tb testing.TB, query, vars string, doer upstream.Doer, options Options, denied ...string) string {
	tb.Helper()
	plan := g.plan(tb, query, denied...)
	e := New(g.schema, doer, options)
	program, err := e.Compile(plan)
	if err != nil {
		tb.Fatalf("compiling %s: %v\n%s", query, err, plan)
	}
	result := e.Execute(context.Background(), program, &Request{Values: values(tb, plan, vars)})
	defer result.Release()
	text := result.AppendJSON(nil)
	if !json.Valid(text) {
		tb.Fatalf("response is not JSON: %s", text)
	}
	if testing.Verbose() {
		tb.Logf("plan:\n%s\nresponse: %s", plan, text)
	}
	return string(text)
}

// values are the variables of a request, given as a JSON object.
func values(tb testing.TB, plan *planner.Plan, vars string) operation.Values {
	tb.Helper()
	given := map[string]json.RawMessage{}
	if vars != "" {
		if err := json.Unmarshal([]byte(vars), &given); err != nil {
			tb.Fatal(err)
		}
	}
	var out operation.Values
	for _, v := range plan.Op.Operation().Variables {
		value := []byte(given[v.Name])
		if value == nil {
			value = v.Default
		}
		out = append(out, value)
	}
	return out
}

func failingCall(text string) error {
	code, message, _ := strings.Cut(text, " ")
	return callError(code, message)
}

// same fails the test unless got and want are the same JSON, order of members included.
func same(tb testing.TB, got, want string) {
	tb.Helper()
	if got != want {
		tb.Errorf("got  %s\nwant %s", got, want)
	}
}
