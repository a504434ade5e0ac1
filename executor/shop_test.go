package executor

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// handlers are subgraphs in this process, by name.
type handlers map[string]http.Handler

func (h handlers) Do(ctx context.Context, r *upstream.Request) (*upstream.Response, error) {
	body := post(ctx, h[string(r.Subgraph.Name)], append(bytes.Clone(r.Body), '}'))
	return &upstream.Response{Status: 200, Body: body, Release: func() {}}, nil
}

func post(ctx context.Context, h http.Handler, body []byte) []byte {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.Bytes()
}

// TestShop compares random operations over the example subgraphs with the same data in one schema. OPERATIONS says how
// many, SEED where to begin.
func TestShop(t *testing.T) {
	t.Parallel()
	log.SetOutput(io.Discard) // graphql-go logs its panics
	count, seed := number("OPERATIONS", 300), number("SEED", 1)
	g := loadGraph(t, "../examples/subgraphs/supergraph.graphql")
	store := shop.NewStore()
	subgraphs, err := shop.Subgraphs(store)
	if err != nil {
		t.Fatal(err)
	}
	monolith, err := shop.Monolith(store)
	if err != nil {
		t.Fatal(err)
	}
	monolith = shop.As("1", monolith)
	doer := handlers{}
	for _, s := range subgraphs {
		doer[s.Name] = shop.As("1", s.Handler)
	}
	e := New(g.schema, doer, Options{})
	gen := opgen.New(g.schema, uint64(seed), opgen.Options{Values: map[supergraph.Coordinate][]string{
		"Date": {`"2024-01-02"`}, "JSON": {`{"a":1}`}, "ID": {`"1"`, `"2"`, `"3"`}, "Query.product(upc:)": {`"p1"`, `"1"`, `"2"`},
	}})
	for i := range count {
		query, vars := gen.Next()
		op, err := g.preparer.Prepare(t.Context(), []byte(query), "")
		if err != nil {
			t.Fatalf("operation %d: %v\n%s", i, err, query)
		}
		vals, err := op.Coerce(vars)
		if err != nil {
			t.Fatalf("operation %d: %v\n%s", i, err, query)
		}
		permitted := operation.Filter(op, op.Evaluate(vals, func(string) bool { return false }), operation.KeepAll)
		plan, err := g.planner.Plan(context.Background(), permitted)
		if err != nil {
			t.Errorf("operation %d: %v\n%s", i, err, query)
			continue
		}
		program, err := e.Compile(plan)
		if err != nil {
			t.Fatalf("operation %d: %v\n%s\n%s", i, err, query, plan)
		}
		result := e.Execute(t.Context(), program, &Request{Values: vals})
		got := decoded(t, result.AppendJSON(nil))
		result.Release()
		if want, agree := ask(t, monolith, got, query, permitted.Text(), vars); !agree {
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			t.Errorf("operation %d:\n%s\n%s\n%s\ngot  %s\nwant %s", i, query, vars, plan, a, b)
		}
	}
}

// ask gives the monolith an operation as it was written and, unless the answer is the same, once more as it is executed:
// graphql-go panics at, or drops, some fragments on one abstract type within another. It refuses variables that are only
// used in what is not executed, and empty selection sets; then nothing can be said.
func ask(t *testing.T, monolith http.Handler, got map[string]any, written, executed string, vars []byte) (map[string]any, bool) {
	t.Helper()
	var want map[string]any
	refused := false
	for _, query := range []string{written, executed} {
		request, err := json.Marshal(map[string]any{"query": query, "variables": json.RawMessage(vars)})
		if err != nil {
			t.Fatal(err)
		}
		answer := post(t.Context(), monolith, request)
		want = decoded(t, answer)
		if reflect.DeepEqual(got["data"], want["data"]) && (got["errors"] == nil) == (want["errors"] == nil) {
			return want, true
		}
		_, hasData := want["data"]
		refused = !hasData || bytes.Contains(answer, []byte("panic occurred"))
	}
	return want, refused
}

func decoded(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func number(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}
