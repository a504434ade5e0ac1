package fedgen

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
)

var (
	authorizing = flag.Int("authorizing", 0, "how many seconds TestAuthorizationLong runs random rules and callers on the corpus")
	round       = flag.Uint64("round", 1, "the first round of TestAuthorizationLong")
)

// guarded is what a gateway needs to authorize requests, and the oracle of it.
type guarded struct {
	judge      *judge
	authorizer *authz.Authorizer
	identity   authz.Identity
	denials    []authz.Denial // of the request that was run last
	// inspected counts documents; mixed and moved are those of guardedExecution.
	inspected, mixed, moved int
}

// guard protects the schema; what was checked before does not count any more.
func (g *gateway) guard(a *authorization) error {
	protect(g.schema, a.Rules)
	j := newJudge(g.servers.world, a)
	authorizer, err := authz.NewAuthorizer(g.schema, authz.AuthorizationConfig{}, &a.Caller, nil)
	if err != nil {
		return err
	}
	identity, err := a.Caller.identity()
	if err != nil {
		return err
	}
	g.guarded = &guarded{judge: j, authorizer: authorizer, identity: identity}
	g.servers.inspect = j.inspect
	return nil
}

// permitted is what the caller may select of an operation.
func (g *gateway) permitted(op *operation.Operation, bits operation.Bits) (operation.Permitted, error) {
	if g.guarded == nil {
		return operation.Filter(op, bits, operation.KeepAll), nil
	}
	guard, err := g.guarded.authorizer.Guard(op)
	if err != nil {
		return operation.Permitted{}, err
	}
	permitted, denials := guard.Filter(g.guarded.authorizer.Evaluate(context.Background(), guard, g.guarded.identity, bits))
	g.guarded.denials = denials
	return permitted, nil
}

// affected are the paths of the denials, as the oracle writes them.
func (g *guarded) affected() map[string]bool {
	paths := map[string]bool{}
	for _, d := range g.denials {
		path := d.AffectedPath()
		if d.Listed {
			path += "*"
		}
		paths[path] = true
	}
	return paths
}

// checkGuarded is check with an authorization.
func (g *gateway) checkGuarded(r request) *failure {
	want, err := g.guarded.judge.oracle(r)
	if err != nil {
		if _, refused := g.preparer.Prepare(context.Background(), []byte(r.document), ""); refused != nil {
			return nil // the generator of operations made one that is not valid, and both say so
		}
		return &failure{stage: "oracle", detail: err.Error(), request: r}
	}
	g.guarded.denials = nil
	response, plan, stage, err := g.run(r)
	violations, requests, roots := g.servers.drain()
	g.guarded.inspected, g.guarded.mixed, g.guarded.moved = len(requests), want.mixed, want.moved
	f := &failure{stage: stage, request: r, plan: plan, requests: requests, got: string(response), want: canonical(want.data)}
	if err != nil {
		f.detail = err.Error()
		return f
	}
	var got struct {
		Data   any
		Errors []any
	}
	err = json.Unmarshal(response, &got)
	affected := g.guarded.affected()
	switch {
	case err != nil:
		f.stage, f.detail = "response", err.Error()
	case len(violations) > 0:
		f.stage, f.detail = "subgraph", violations[0]
	case canonical(got.Data) != canonical(plain(want.data)):
		f.stage, f.detail = "data", "differs"
	case canonical(affected) != canonical(want.denied):
		f.stage, f.detail = "denials", fmt.Sprintf("got %v, want %v", sortedKeys(affected), sortedKeys(want.denied))
	case len(got.Errors) > 0 && len(want.faults) == 0: // inaccessible values are errors, if anybody asks for them
		f.stage, f.detail = "errors", fmt.Sprintf("got %v, want %v", got.Errors, want.faults)
	case compareRequests(plan, requests) != "":
		f.stage, f.detail = "requests", compareRequests(plan, requests)
	case rootName2(plan) == "Mutation" && fmt.Sprint(roots) != fmt.Sprint(want.roots):
		f.stage, f.detail = "mutations", fmt.Sprintf("got %v, want %v", roots, want.roots)
	case want.idle && len(requests) > 0:
		f.stage, f.detail = "idle", "a subgraph is asked although nothing is left"
	default:
		return g.checkReasons(f)
	}
	return f
}

// checkReasons looks at what the denials say of the caller.
func (g *gateway) checkReasons(f *failure) *failure {
	c := &g.guarded.judge.Caller
	for _, d := range g.guarded.denials {
		if d.Anonymous != (!c.Known && !c.Admin) || len(d.Unmet) == 0 {
			f.stage, f.detail = "reasons", fmt.Sprintf("%+v", d)
			return f
		}
	}
	return nil
}

// authorizationRun sums up what was run.
type authorizationRun struct {
	mu                                     sync.Mutex
	operations, touched, denied, documents int
	mixed, moved, above                    int // operations with such fields
	failed                                 []string
}

// run protects a federation at random and runs operations, each for another caller.
func (a *authorizationRun) run(f *federation, round uint64, n int) error {
	w, err := newWorld(f.seed, f.subgraphs, worldOptions{whole: true})
	if err != nil {
		return err
	}
	g, err := newGateway(f, w)
	if err != nil {
		return err
	}
	defer g.http.Close()
	r := &random{hash("authorization", f.seed, round)}
	operations := opgen.New(g.schema, hash(f.seed, round), opgen.Options{Depth: 5, Fields: 30, Mutations: 15, Nulls: true})
	rules := randomRules(r, g.schema)
	for i := 0; i < n && !g.slow; i++ {
		if i%10 == 9 {
			rules = randomRules(r, g.schema)
		}
		own := &authorization{rules, randomCaller(r)}
		if err := g.guard(own); err != nil {
			return err
		}
		document, variables := operations.Next()
		failed := g.check(request{siblings(r, w.public, document), string(variables)})
		a.add(g.guarded)
		if failed != nil {
			a.fail(f, own, round, g.shrink(failed))
		}
	}
	return nil
}

func (a *authorizationRun) add(g *guarded) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.operations++
	a.denied += len(g.denials)
	a.documents += g.inspected
	if len(g.denials) > 0 {
		a.touched++
	}
	a.mixed += min(g.mixed, 1)
	a.moved += min(g.moved, 1)
	a.above += min(g.judge.above, 1)
}

func (a *authorizationRun) fail(f *federation, own *authorization, round uint64, failed *failure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := *f
	one.authorization = own
	a.failed = append(a.failed, fmt.Sprintf("%s, round %d: %s%s", f.name, round, failed, canonical(own)))
	if *failures != "" {
		keep(&one, failed)
	}
}

func (a *authorizationRun) String() string {
	return fmt.Sprintf("%d operations, %d with denials (%d with an allowed sibling, %d with a null that moves, %d because of an interface of an interface), "+
		"%d denials, %d documents inspected, %d failed", a.operations, a.touched, a.mixed, a.moved, a.above, a.denied, a.documents, len(a.failed))
}

func corpus(t *testing.T) []*federation {
	t.Helper()
	files, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	var list []*federation
	for _, file := range files {
		f, err := readFederation(file)
		if err != nil {
			t.Fatal(err)
		}
		f.name = strings.TrimSuffix(filepath.Base(file), ".txt")
		list = append(list, f)
	}
	return list
}

// each runs n operations on every federation until a time.
func (a *authorizationRun) each(t *testing.T, list []*federation, round uint64, n int, end time.Time) {
	t.Helper()
	next := make(chan *federation)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range next {
				if err := a.run(f, round, n); err != nil {
					t.Error(f.name, err)
				}
			}
		})
	}
	for _, f := range list {
		if time.Now().Before(end) {
			next <- f
		}
	}
	close(next)
	workers.Wait()
}

// TestAuthorization runs random operations with random rules, each for a random caller, on the federations of the corpus.
func TestAuthorization(t *testing.T) {
	t.Parallel()
	var a authorizationRun
	a.each(t, corpus(t), 0, 4, time.Now().Add(time.Hour))
	t.Log(&a)
	for _, failed := range a.failed {
		t.Error(failed)
	}
	if a.above == 0 || a.touched < a.operations/4 || a.documents < a.operations/2 {
		t.Error("too little is denied, or too little asked:", &a)
	}
}

// TestAuthorizationLong does so for long. "make fuzz-authorization" calls it.
func TestAuthorizationLong(t *testing.T) {
	if *authorizing == 0 {
		t.Skip("-authorizing says how long")
	}
	var a authorizationRun
	list := corpus(t)
	end := time.Now().Add(time.Duration(*authorizing) * time.Second)
	for n := *round; time.Now().Before(end) && len(a.failed) < 100; n++ {
		a.each(t, list, n, 40, end)
	}
	t.Log(&a)
	for _, failed := range a.failed {
		t.Error(failed)
	}
}
