package executor

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// introspected runs a query for a caller who sees everything, and returns the response; shown is called for each type and field.
func introspected(t *testing.T, ctx context.Context, query string, options Options, shown func()) string { //nolint:revive // t first
	t.Helper()
	e := New(small().schema, script(), options)
	program, err := e.Compile(small().plan(t, query))
	if err != nil {
		t.Fatal(err)
	}
	result := e.Execute(ctx, program, &Request{Visible: func(supergraph.Coordinate) bool {
		shown()
		return true
	}})
	defer result.Release()
	return string(result.AppendJSON(nil))
}

// TestIntrospectionIsBounded: who repeats much, or asks at many places, gets a few times what tools ask for; what is written of it
// counts as it grows, and ends with the request.
func TestIntrospectionIsBounded(t *testing.T) {
	t.Parallel()
	const endless = 1 << 60
	key := strings.Repeat("a", 50_000)
	huge := `{ __schema { types { fields { type { fields { ` + key + `: name } } } } } }`
	limit := New(small().schema, script(), Options{}).introspection.limit
	t.Run("limit", func(t *testing.T) {
		t.Parallel()
		memory := budget.New(endless)
		highest := int64(0)
		got := introspected(t, t.Context(), huge, Options{Memory: memory}, func() { highest = max(highest, memory.Used()) })
		if !strings.HasPrefix(got, `{"data":null,"errors":[{"message":"The introspection result has more than `) || !strings.Contains(got, "RESPONSE_TOO_LARGE") {
			t.Errorf("got %d bytes: %.200s", len(got), got)
		}
		if highest < pauseEvery || highest > 2*int64(limit) {
			t.Errorf("%d bytes were held, the limit is %d", highest, limit)
		}
		if memory.Used() != 0 {
			t.Errorf("%d bytes are still held", memory.Used())
		}
	})
	t.Run("many places", func(t *testing.T) {
		t.Parallel()
		for n, fits := range map[int]bool{1: true, 4: false} {
			query := ""
			for i := range n {
				query += fmt.Sprintf(` a%d: again { __type(name: "Leaves") { fields { %s: name } } }`, i, key)
			}
			accounts := `accounts: {"data":{"a0":{"__typename":"Query"},"a1":{"__typename":"Query"},"a2":{"__typename":"Query"},"a3":{"__typename":"Query"}}}`
			got := small().execute(t, "{"+query+"}", "", script(accounts), Options{})
			if strings.Contains(got, "RESPONSE_TOO_LARGE") == fits || !strings.Contains(got, `{"a0":{"__type":{"fields":[{"aaa`) {
				t.Errorf("%d: got %d bytes: %.200s", n, len(got), got)
			}
		}
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		got := introspected(t, t.Context(), huge, Options{Memory: budget.New(pauseEvery)}, func() {})
		same(t, got, `{"data":null,"errors":[{"message":"No memory is left for the introspection result","path":["__schema"],"extensions":{"code":"SERVICE_UNAVAILABLE"}}]}`)
	})
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		calls, whole := 0, 0
		introspected(t, t.Context(), huge, Options{}, func() { whole++ })
		ctx, cancel := context.WithCancel(t.Context())
		got := introspected(t, ctx, huge, Options{}, func() {
			calls++
			cancel()
		})
		same(t, got, `{"data":null,"errors":[{"message":"The request was cancelled","extensions":{"code":"REQUEST_TIMEOUT"}}]}`)
		if calls >= whole {
			t.Errorf("%d types and fields were looked at when nobody waited, of %d", calls, whole)
		}
	})
}

// TestIntrospectionOfTools: what tools ask for is far from the limit, whatever the schema.
func TestIntrospectionOfTools(t *testing.T) {
	t.Parallel()
	query, err := os.ReadFile("testdata/introspection.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"testdata/supergraph.graphql", "testdata/deprecated.graphql", "../examples/subgraphs/supergraph-open.graphql"} {
		g := loadGraph(t, file)
		got := g.execute(t, string(query), "", script(), Options{})
		of := New(g.schema, script(), Options{}).introspection.limit - introspectionBase
		if times := float64(of) / float64(len(got)); times < 2 || times > 8 {
			t.Errorf("%s: the limit is a megabyte and %.1f times %d bytes", file, times, len(got))
		}
	}
}
