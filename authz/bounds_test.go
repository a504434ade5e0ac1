package authz

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestProgramIsNotWaitedFor: code of the program's that ignores its context holds a request for 5 s and no longer, and then
// denies; nothing else of the operation is lost.
func TestProgramIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `type Query { a: Int @policy(policies: [["x"]]) b: Int }`)
	op := prepared(t, schema, "{ a b }")
	for name, hang := range map[string]func(*Authorizer, func()) *Authorizer{
		"policy": func(a *Authorizer, wait func()) *Authorizer {
			own, err := NewAuthorizer(schema, AuthorizationConfig{}, PolicyFunc(func(context.Context, Identity, []string) ([]string, error) {
				wait()
				return []string{"x"}, nil
			}), a.failed)
			if err != nil {
				t.Error(err)
			}
			return own
		},
		"field permissions": func(a *Authorizer, wait func()) *Authorizer {
			return a.WithFieldPermissions(func(context.Context, Identity) func(supergraph.Coordinate) bool {
				wait()
				return func(supergraph.Coordinate) bool { return true }
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var failed []error
				base, err := NewAuthorizer(schema, AuthorizationConfig{}, nil, func(err error) { failed = append(failed, err) })
				if err != nil {
					t.Fatal(err)
				}
				release := make(chan struct{})
				a := hang(base, func() { <-release })
				start := time.Now()
				_, denials := decided(t, a, op, "{}", as(t, "-"))
				if took := time.Since(start); took != programTime {
					t.Errorf("it took %s", took)
				}
				if got := affected(denials); !slices.Contains(got, "a") || name == "policy" && len(got) != 1 {
					t.Errorf("denied are %v", got)
				}
				if len(failed) != 1 || !errors.Is(failed[0], context.DeadlineExceeded) {
					t.Errorf("told: %v", failed)
				}
				close(release)
				synctest.Wait()
			})
		})
	}
}

// TestProgramCallsAreBounded: of calls that do not return there are never more than places, later questions are denied
// meanwhile, and when calls return all is well again.
func TestProgramCallsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places, callers = 3, 20
		b := &bounds{time: time.Second, places: make(chan struct{}, places), queue: make(chan struct{}, callers-places)}
		var running atomic.Int32
		release := make(chan struct{})
		p := &boundedPolicy{bounds: b, policy: PolicyFunc(func(context.Context, Identity, []string) ([]string, error) {
			if n := running.Add(1); n > places {
				t.Errorf("%d run at once", n)
			}
			<-release
			running.Add(-1)
			return []string{"x"}, nil
		})}
		var asking sync.WaitGroup
		var crowded atomic.Int32
		for range callers {
			asking.Go(func() {
				granted, err := decide(t.Context(), p, Identity{}, []string{"x"})
				if granted != nil || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("granted %v, %v", granted, err)
				}
				if errors.Is(err, errCrowded) {
					crowded.Add(1)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		if granted, err := decide(t.Context(), p, Identity{}, []string{"x"}); granted != nil || !errors.Is(err, errCrowded) || time.Since(start) != 0 {
			t.Errorf("beyond those who wait: granted %v, %v after %s", granted, err, time.Since(start))
		}
		asking.Wait()
		if running.Load() != places || crowded.Load() != callers-places {
			t.Errorf("%d still run, %d found no place", running.Load(), crowded.Load())
		}
		close(release)
		synctest.Wait()
		if granted, err := decide(t.Context(), p, Identity{}, []string{"x"}); err != nil || len(granted) != 1 || running.Load() != 0 {
			t.Errorf("afterwards: granted %v, %v, %d run", granted, err, running.Load())
		}
	})
}

// TestProgramFails: whatever way a call of the program ends without an answer, it is an error and its place is free again.
func TestProgramFails(t *testing.T) {
	t.Parallel()
	b := &bounds{time: time.Minute, places: make(chan struct{}, 1)}
	for name, tc := range map[string]struct {
		ask  func(context.Context) (int, error)
		want string
	}{
		"a panic":        {func(context.Context) (int, error) { panic("oops") }, "panicked: oops"},
		"an error":       {func(context.Context) (int, error) { return 1, errors.New("down") }, "down"},
		"the goroutine":  {func(context.Context) (int, error) { runtime.Goexit(); return 1, nil }, "ended without an answer"},
		"an answer":      {func(context.Context) (int, error) { return 1, nil }, ""},
		"a nil function": {nil, "panicked"},
	} {
		got, err := within(t.Context(), b, tc.ask)
		if (err == nil) != (tc.want == "") || err != nil && (got != 0 || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %d, %v", name, got, err)
		}
		if len(b.places) != 0 {
			t.Fatalf("%s keeps its place", name)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := within(ended, b, func(ctx context.Context) (int, error) { <-ctx.Done(); return 1, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("of a request that is over: %v", err)
	}
}

// TestFilteredIntrospectionAsksOnce: policies and the program are asked once, about everything, and the outcome is that of
// the two questions that it replaces.
func TestFilteredIntrospectionAsksOnce(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, company)
	var asked [][]string
	a, err := NewAuthorizer(schema, AuthorizationConfig{Introspection: "filtered"}, PolicyFunc(func(ctx context.Context, caller Identity, names []string) ([]string, error) {
		asked = append(asked, names)
		return claimed(ctx, caller, names)
	}), func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	op := prepared(t, schema, `{ __schema { types { name } } me { name } node { ... on User { email } } staff { id } }`)
	g, err := a.Guard(op)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "-", "read:email", "p:hr", "p:ops", "admin"} {
		caller := as(t, text)
		asked = nil
		bits, visible := a.EvaluateVisible(t.Context(), g, caller, operation.Bits{})
		if text != "admin" && (len(asked) != 1 || !slices.Equal(asked[0], []string{"hr", "ops"})) || text == "admin" && asked != nil {
			t.Errorf("%q: asked %v", text, asked)
		}
		if want := a.Evaluate(t.Context(), g, caller, operation.Bits{}); bits != want {
			t.Errorf("%q: %v, want %v", text, bits, want)
		}
		separate := visibleTo(t, a, caller)
		for _, typ := range schema.Types {
			for _, f := range typ.Fields {
				if c := f.Coordinate(); visible(c) != separate(c) {
					t.Errorf("%q: %s", text, c)
				}
			}
		}
	}
}
