package fedgen

import (
	"context"
	"flag"
	"fmt"
	"runtime"
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

// guarded is what a gateway needs to authorize requests.
type guarded struct {
	authorizer *authz.Authorizer
	identity   authz.Identity
}

// guard protects the schema; what was checked before does not count any more.
func (g *gateway) guard(a *authorization) error {
	protect(g.schema, a.Rules)
	g.servers.judge = newJudge(g.servers.world, a)
	authorizer, err := authz.NewAuthorizer(g.schema, authz.AuthorizationConfig{}, &a.Caller, nil)
	if err != nil {
		return err
	}
	identity, err := a.Caller.identity()
	if err != nil {
		return err
	}
	g.guarded = &guarded{authorizer, identity}
	return nil
}

// permitted is what the caller may select of an operation, and what is denied.
func (g *gateway) permitted(op *operation.Operation, bits operation.Bits) (operation.Permitted, []authz.Denial, error) {
	if g.guarded == nil {
		return operation.Filter(op, bits, operation.KeepAll), nil, nil
	}
	guard, err := g.guarded.authorizer.Guard(op)
	if err != nil {
		return operation.Permitted{}, nil, err
	}
	permitted, denials := guard.Filter(g.guarded.authorizer.Evaluate(context.Background(), guard, g.guarded.identity, bits))
	return permitted, denials, nil
}

// affected are the paths of denials, as the oracle writes them.
func affected(denials []authz.Denial) []string {
	paths := map[string]bool{}
	for _, d := range denials {
		path := d.AffectedPath()
		if d.Listed {
			path += "*"
		}
		paths[path] = true
	}
	return sortedKeys(paths)
}

// unreasonable is a denial that does not say of the caller what is so.
func (g *gateway) unreasonable(a *attempt) string {
	for _, d := range a.denials {
		c := &g.servers.judge.Caller
		if d.Anonymous != (!c.Known && !c.Admin) || len(d.Unmet) == 0 {
			return fmt.Sprintf("%+v", d)
		}
	}
	return ""
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
		one := g.check(request{siblings(r, w.public, document), string(variables)})
		a.add(one, g.servers.judge)
		if one.err != nil {
			a.fail(f, own, round, g.shrink(one))
		}
	}
	return nil
}

func (a *authorizationRun) add(one *attempt, j *judge) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.operations++
	a.denied += len(one.denials)
	a.documents += len(one.requests)
	if len(one.denials) > 0 {
		a.touched++
	}
	if one.want != nil {
		a.mixed += min(one.want.mixed, 1)
		a.moved += min(len(one.want.moved), 1)
	}
	a.above += min(j.above, 1)
}

func (a *authorizationRun) fail(f *federation, own *authorization, round uint64, failed *attempt) {
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
	a.each(t, readAll(t, "corpus/*"), 0, 4, time.Now().Add(time.Hour))
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
	list := readAll(t, "corpus/*")
	end := time.Now().Add(time.Duration(*authorizing) * time.Second)
	for n := *round; time.Now().Before(end) && len(a.failed) < 100; n++ {
		a.each(t, list, n, 40, end)
	}
	t.Log(&a)
	for _, failed := range a.failed {
		t.Error(failed)
	}
}
