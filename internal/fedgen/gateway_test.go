package fedgen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/executor"
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

// startGateway starts the gateway of a federation, and its subgraphs, until the test ends.
func startGateway(t *testing.T, f *federation, o worldOptions) *gateway {
	t.Helper()
	w, err := newWorld(f.seed, f.subgraphs, o)
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGateway(f, w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.http.Close)
	return g
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

// attempt is what became of a request: what the gateway answered, and whom it asked.
type attempt struct {
	request  request
	want     *answer // nil when there is none, since the operation is not valid
	plan     *planner.Plan
	response []byte
	data     any
	errors   []reported
	denials  []authz.Denial
	// violations are what subgraphs complain of, requests what they got, and roots the root fields of mutations that they executed.
	violations []string
	requests   []received
	roots      []string
	// stage is the last one, and err what is wrong there, if anything is.
	stage string
	err   error
}

// reported is an error of a response.
type reported struct {
	Message string
	Path    []any
}

// run goes through all stages.
func (g *gateway) run(a *attempt) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			a.stage += " panics"
		}
	}()
	a.stage = "prepare"
	op, err := g.preparer.Prepare(context.Background(), []byte(a.request.document), "")
	if err != nil {
		return err
	}
	a.stage = "coerce"
	values, err := op.Coerce([]byte(a.request.variables))
	if err != nil {
		return err
	}
	bits := op.Evaluate(values, g.servers.world.labelOn)
	a.stage = "authorize"
	permitted, denials, err := g.permitted(op, bits)
	if err != nil {
		return err
	}
	a.denials = denials
	a.stage = "plan"
	if a.plan, err = g.plan(permitted); err != nil {
		return err
	}
	a.stage = "check"
	if err = planner.Check(a.plan); err != nil {
		return err
	}
	a.stage = "compile"
	program, err := g.executor.Compile(a.plan)
	if err != nil {
		return err
	}
	a.stage = "execute"
	result := g.executor.Execute(context.Background(), program, &executor.Request{Values: values, Origin: &upstream.Origin{}})
	defer result.Release()
	a.response = result.AppendJSON(nil)
	a.stage = "response"
	answer := struct {
		Data   *any
		Errors *[]reported
	}{&a.data, &a.errors}
	return json.Unmarshal(a.response, &answer)
}

// patience is how long one operation may be planned before it is given up: a fault of the planner, not of a busy machine.
const patience = 2 * time.Minute

// errSlow is the error of a planner that does not come to an end. It is left running.
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
