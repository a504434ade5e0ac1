package fedgen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"time"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/reference"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// gateway is the stages of the gateway over the servers of a federation.
type gateway struct {
	schema   *supergraph.Schema
	preparer *operation.Preparer
	planner  *planner.Planner
	executor *executor.Executor
	servers  *servers
	http     *httptest.Server
	slow     bool // one operation could not be planned: the others are not tried
	// guarded is nil when everybody may see everything.
	guarded *guarded
}

func newGateway(f *federation, w *world) (*gateway, error) {
	return newGatewayBehind(f, w, func(h http.Handler) http.Handler { return h })
}

// newGatewayBehind has something between the gateway and the subgraphs.
func newGatewayBehind(f *federation, w *world, between func(http.Handler) http.Handler) (*gateway, error) {
	schema, err := supergraph.Parse([]byte(f.supergraph))
	if err != nil {
		return nil, fmt.Errorf("supergraph: %w", err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("operation: %w", err)
	}
	s := &servers{world: w}
	server := httptest.NewServer(between(s))
	own := map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for _, p := range w.parts {
		own[supergraph.SubgraphName(p.name)] = upstream.SubgraphConfig{URL: server.URL + "/" + p.name}
	}
	config := upstream.DefaultConfig()
	config.Timeout = time.Hour // the servers always answer
	config.Retry.Attempts, config.CircuitBreaker.Enabled = 0, false
	client, err := upstream.New(schema.Subgraphs, config, own)
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("upstream: %w", err)
	}
	return &gateway{schema, preparer, planner.New(schema), executor.New(schema, client, executor.Options{}), s, server, false, nil}, nil
}

// run answers a request; the stage names what failed.
func (g *gateway) run(r request) (response []byte, plan *planner.Plan, stage string, err error) {
	stage = "prepare"
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			stage += " panics"
		}
	}()
	op, err := g.preparer.Prepare(context.Background(), []byte(r.document), "")
	if err != nil {
		return nil, nil, stage, err
	}
	stage = "coerce"
	values, err := op.Coerce([]byte(r.variables))
	if err != nil {
		return nil, nil, stage, err
	}
	bits := op.Evaluate(values, g.servers.world.labelOn)
	stage = "authorize"
	permitted, err := g.permitted(op, bits)
	if err != nil {
		return nil, nil, stage, err
	}
	stage = "plan"
	plan, err = g.plan(permitted)
	if err != nil {
		return nil, nil, stage, err
	}
	stage = "check"
	if err = planner.Check(plan); err != nil {
		return nil, plan, stage, err
	}
	stage = "compile"
	program, err := g.executor.Compile(plan)
	if err != nil {
		return nil, plan, stage, err
	}
	stage = "execute"
	result := g.executor.Execute(context.Background(), program, &executor.Request{Values: values, Origin: &upstream.Origin{}})
	defer result.Release()
	return result.AppendJSON(nil), plan, "", nil
}

// errSlow is the error of a planner that does not come to an end. It is left running.
// patience is how long one operation may be planned before it is given up: a fault of the planner, not of a busy machine.
const patience = 2 * time.Minute

var errSlow = fmt.Errorf("planning takes more than %s", patience)

func (g *gateway) plan(p operation.Permitted) (*planner.Plan, error) {
	type result struct {
		plan *planner.Plan
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			done <- r
		}()
		r.plan, r.err = g.planner.Plan(context.Background(), p)
	}()
	select {
	case r := <-done:
		return r.plan, r.err
	case <-time.After(patience):
		g.slow = true
		return nil, errSlow
	}
}

// failure is what is wrong with the answer to a request.
type failure struct {
	stage, detail string
	request       request
	plan          *planner.Plan
	got, want     string
	requests      []received
}

func (f *failure) String() string {
	text := fmt.Sprintf("%s: %s\n%s\n%s\n", f.stage, f.detail, f.request.document, f.request.variables)
	if f.plan != nil {
		text += f.plan.String()
	}
	for _, r := range f.requests {
		text += "asked " + r.String() + "\n"
	}
	if f.got != "" {
		text += "got  " + f.got + "\nwant " + f.want + "\n"
	}
	return text
}

// check runs a request through the gateway and holds the answer against the oracle's; nil when they agree.
func (g *gateway) check(r request) *failure {
	if g.guarded != nil {
		return g.checkGuarded(r)
	}
	want, err := g.servers.world.oracle(r)
	if err != nil {
		if _, refused := g.preparer.Prepare(context.Background(), []byte(r.document), ""); refused != nil {
			return nil // the generator of operations made one that is not valid, and both say so
		}
		return &failure{stage: "oracle", detail: err.Error(), request: r}
	}
	response, plan, stage, err := g.run(r)
	violations, requests, roots := g.servers.drain()
	f := &failure{stage: stage, request: r, plan: plan, requests: requests, got: string(response), want: canonical(want.data)}
	if err != nil {
		f.detail = err.Error()
		return f
	}
	var got struct {
		Data   any
		Errors []struct {
			Message string
			Path    []any
		}
	}
	err = json.Unmarshal(response, &got)
	switch {
	case err != nil:
		f.stage, f.detail = "response", err.Error()
	case len(violations) > 0:
		f.stage, f.detail = "subgraph", violations[0]
	case canonical(got.Data) != canonical(plain(want.data)):
		f.stage, f.detail = "data", "differs"
	case compareOrder(response, want.data) != "":
		f.stage, f.detail = "order", compareOrder(response, want.data)
	case compareRequests(plan, requests) != "":
		f.stage, f.detail = "requests", compareRequests(plan, requests)
	case rootName2(plan) == "Mutation" && fmt.Sprint(roots) != fmt.Sprint(want.roots):
		f.stage, f.detail = "mutations", fmt.Sprintf("got %v, want %v", roots, want.roots)
	default:
		var paths [][]any
		for _, e := range got.Errors {
			paths = append(paths, e.Path)
			if g.servers.world.isOfContext(e.Message, e.Path, got.Data, want) {
				want.beside = append(want.beside, e.Path)
			}
		}
		problem := compareErrors(got.Data, paths, want)
		if problem == "" {
			return nil
		}
		f.stage, f.detail = "errors", fmt.Sprintf("%s\ngot %v, want %v", problem, got.Errors, want.errors)
	}
	return f
}

func rootName2(p *planner.Plan) string {
	if p.Kind == operation.Mutation {
		return "Mutation"
	}
	return "Query"
}

// plain makes maps of ordered objects.
func plain(v any) any {
	switch v := v.(type) {
	case *reference.Object:
		out := map[string]any{}
		for k, e := range v.Values {
			out[k] = plain(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	default:
		return v
	}
}
