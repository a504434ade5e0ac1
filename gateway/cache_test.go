package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
)

// open returns a gateway over the example supergraph that can reach none of its subgraphs.
func open(tb testing.TB, opts ...Option) *Gateway {
	tb.Helper()
	config := DefaultConfig()
	config.Supergraph.Path = "../examples/subgraphs/supergraph-open.graphql"
	g, err := New(config, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(g.Close)
	return g
}

func TestCaches(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	ctx := t.Context()
	document := []byte(`query A{topProducts{upc}} query B{topProducts{name}}`)
	first, err := s.prepare(ctx, &params{query: document, operationName: []byte("A")})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.prepare(ctx, &params{query: bytes.Clone(document), operationName: []byte("A")})
	if err != nil || again != first {
		t.Errorf("the same request: %v", err)
	}
	other, err := s.prepare(ctx, &params{query: document, operationName: []byte("B")})
	if err != nil || other == first || other.Name != "B" {
		t.Errorf("another operation of the document: %v", err)
	}
	for range 2 {
		if _, err := s.prepare(ctx, &params{query: []byte(`{nope}`)}); err == nil {
			t.Error("an invalid document was prepared")
		}
	}
	if n := s.caches.prepared.EstimatedSize(); n != 2 {
		t.Errorf("%d operations are kept", n)
	}
	one, err := s.variant(ctx, first, first.Evaluate(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if two, err := s.variant(ctx, first, first.Evaluate(nil, nil)); err != nil || two != one {
		t.Errorf("the same variant is planned again: %v", err)
	}
}

// TestVariantsAreBounded: n variables of @include make 2^n variants, of which few are kept, and all work.
func TestVariantsAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	const n = 8
	var variables, fields strings.Builder
	for i := range n {
		fmt.Fprintf(&variables, "$v%d:Boolean!,", i)
		fmt.Fprintf(&fields, "a%d:upc@include(if:$v%d) ", i, i)
	}
	op, err := s.prepare(t.Context(), &params{query: fmt.Appendf(nil, "query(%s){topProducts{upc %s}}", &variables, &fields)})
	if err != nil {
		t.Fatal(err)
	}
	for variant := range 1 << n {
		values := map[string]bool{}
		for i := range n {
			values[fmt.Sprintf("v%d", i)] = variant&(1<<i) != 0
		}
		raw, _ := json.Marshal(values)
		coerced, err := op.Coerce(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.variant(t.Context(), op, op.Evaluate(coerced, nil)); err != nil {
			t.Fatal(err)
		}
	}
	s.caches.variants.CleanUp()
	if kept := s.caches.variants.EstimatedSize(); kept > maxVariants {
		t.Errorf("%d variants are kept", kept)
	}
}

// TestUsedVariantsStay: who runs through the variants of a document does not push out the one that somebody uses.
func TestUsedVariantsStay(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	op, err := s.prepare(t.Context(), &params{query: []byte(`query($a:Boolean!){topProducts{upc name@include(if:$a)}}`)})
	if err != nil {
		t.Fatal(err)
	}
	bitsOf := func(n int) operation.Bits {
		var bits operation.Bits
		for i := range 9 {
			if n&(1<<i) != 0 {
				bits.Set(i) // those beyond the first mean nothing to this operation, and make variants all the same
			}
		}
		return bits
	}
	hot, err := s.variant(t.Context(), op, bitsOf(0))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < 1<<9; n++ {
		if _, err := s.variant(t.Context(), op, bitsOf(n)); err != nil {
			t.Fatal(err)
		}
		if again, err := s.variant(t.Context(), op, bitsOf(0)); err != nil || again != hot {
			t.Fatalf("after %d others the variant in use is planned again: %v", n, err)
		}
	}
	s.caches.variants.CleanUp()
	if kept := s.caches.variants.EstimatedSize(); kept > maxVariants {
		t.Errorf("%d variants are kept", kept)
	}
}

// TestCancelledLeader: when the client that does the work for others goes away, those others are answered.
func TestCancelledLeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t).state.Load()
		for range cap(s.caches.busy) {
			s.caches.busy <- struct{}{}
		}
		ctx, cancel := context.WithCancel(t.Context())
		p := &params{query: []byte(`{users{name}}`)}
		var running sync.WaitGroup
		running.Go(func() {
			if _, err := s.prepare(ctx, p); !errors.Is(err, context.Canceled) {
				t.Errorf("who went away: %v", err)
			}
		})
		synctest.Wait() // it waits for its turn
		const followers = 16
		got := make([]*prepared, followers)
		for i := range followers {
			running.Go(func() {
				var err error
				if got[i], err = s.prepare(t.Context(), p); err != nil {
					t.Errorf("who waits: %v", err)
				}
			})
		}
		synctest.Wait() // they wait for it
		cancel()
		synctest.Wait() // another one waits for its turn, the rest for that one
		s.caches.leave()
		running.Wait()
		for _, op := range got {
			if op == nil || op != got[0] {
				t.Fatal("prepared more than once")
			}
		}
	})
}

// TestSingleFlight: many who miss the same document at once get the same operation.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	var group sync.WaitGroup
	got := make([]*prepared, 32)
	for i := range got {
		group.Go(func() { got[i], _ = s.prepare(t.Context(), &params{query: []byte(`{users{name}}`)}) })
	}
	group.Wait()
	for _, op := range got {
		if op == nil || op != got[0] {
			t.Fatal("prepared more than once")
		}
	}
}

// TestBusy: who cannot wait for a place among those who plan gives up, and harms nobody.
func TestBusy(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	for range cap(s.caches.busy) {
		s.caches.busy <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.prepare(ctx, &params{query: []byte(`{users{name}}`)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.caches.leave()
	if _, err := s.prepare(t.Context(), &params{query: []byte(`{users{name}}`)}); err != nil {
		t.Error(err)
	}
}

// TestFirstLeaves: who prepares for others and leaves harms none of them.
func TestFirstLeaves(t *testing.T) {
	t.Parallel()
	s := open(t).state.Load()
	for i := range 20 {
		for range cap(s.caches.busy) {
			s.caches.busy <- struct{}{}
		}
		p := &params{query: fmt.Appendf(nil, "{users{name}a%d:__typename}", i)}
		ctx, leave := context.WithCancel(t.Context())
		var group, first sync.WaitGroup
		first.Go(func() {
			if _, err := s.prepare(ctx, p); !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
		})
		for range 4 {
			group.Go(func() {
				if _, err := s.prepare(t.Context(), p); err != nil {
					t.Errorf("who stayed got %v", err)
				}
			})
		}
		leave()
		first.Wait()
		for range cap(s.caches.busy) {
			s.caches.leave()
		}
		group.Wait()
	}
}

// TestSubscriptions: they are validated, and refused. No subgraph is asked.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	config := DefaultConfig()
	config.Supergraph.Path = "../operation/testdata/rules.graphql"
	g, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	s := g.state.Load()
	for _, tc := range []struct {
		document, name string
		want           gqlerr.Code
	}{
		{`subscription{barked{name}}`, "", gqlerr.OperationResolutionFailure},
		{`subscription{barked{name}meowed{name}}`, "", gqlerr.ValidationFailed},
		{`query A{dog{name}} subscription B{meowed{name}}`, "A", ""},
	} {
		_, err := s.prepare(t.Context(), &params{query: []byte(tc.document), operationName: []byte(tc.name)})
		if tc.want == "" && err != nil || tc.want != "" && !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v", tc.document, err)
		}
	}
}

// TestSuggestions: errors suggest names only where introspection shows all of them.
func TestSuggestions(t *testing.T) {
	t.Parallel()
	for introspection, want := range map[string]string{"full": ` Did you mean \"topProducts\", \"product\", or \"products\"?`, "filtered": "", "off": ""} {
		config := DefaultConfig()
		config.Supergraph.Path = "../examples/subgraphs/supergraph-open.graphql"
		config.Authorization.Introspection = introspection
		g, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, Endpoint, strings.NewReader(`{"query":"{topProduct{upc}}"}`))
		request.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		g.ServeHTTP(w, request)
		if text := `{"errors":[{"message":"Cannot query field \"topProduct\" on type \"Query\".` + want + `"`; !strings.HasPrefix(w.Body.String(), text) {
			t.Errorf("%s: got %s", introspection, w.Body)
		}
		g.Close()
	}
}

// TestLookupsDoNotAllocate: what is cached is found without an allocation.
func TestLookupsDoNotAllocate(t *testing.T) {
	s := open(t).state.Load()
	p := &params{query: []byte(`{users{name}}`)}
	find := func() {
		op, err := s.prepare(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.variant(t.Context(), op, op.Evaluate(nil, labelOn)); err != nil {
			t.Fatal(err)
		}
	}
	find()
	if n := testing.AllocsPerRun(100, find); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := open(t, WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	g.chain = wrap(g, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }))
	request := httptest.NewRequest(http.MethodPost, Endpoint, http.NoBody)
	request.Header.Set("X-Request-Id", "id-1")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request)
	want := `{"errors":[{"message":"Internal server error","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"id-1"}}]}`
	if w.Code != http.StatusInternalServerError || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if text := log.String(); !strings.Contains(text, "id-1") || !strings.Contains(text, "secret") || !strings.Contains(text, "cache_test.go") {
		t.Errorf("the log says %s", text)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	request := httptest.NewRequest(http.MethodPost, Endpoint, http.NoBody)
	for id, kept := range map[string]bool{"": false, "a-1": true, "a b": false, "a\nb": false, `a"b`: false, "ü": false, strings.Repeat("x", 129): false} {
		request.Header["X-Request-Id"] = []string{id}
		if got := requestID(request); (got == id) != kept || got == "" {
			t.Errorf("%q became %q", id, got)
		}
	}
}

func TestLabelOn(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]bool{"percent(100)": true, "percent(0)": false, "percent(x)": false, "percent(100": false, "other": false, "": false} {
		if got := labelOn(label); got != want {
			t.Errorf("%q is %t", label, got)
		}
	}
	on := 0
	for range 10_000 {
		if labelOn("percent(25)") {
			on++
		}
	}
	if on < 2_000 || on > 3_000 {
		t.Errorf("percent(25) was on %d times in 10,000", on)
	}
}
