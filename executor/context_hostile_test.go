package executor_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/executor"
)

// usersWith is an answer with n users, each with a currency and the ids of so many transactions.
func usersWith(n, transactions int, currency func(i int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"currency":%q,"transactions":[`, currency(i))
		for k := range transactions {
			fmt.Fprintf(&b, `{"id":"%d"},`, k)
		}
		b.WriteString("null]},")
	}
	return `{"data":{"users":[` + b.String() + `null]}}`
}

// allocated returns how many bytes are allocated while f runs. Tests that call it are not parallel.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestContextBytes: values of contexts count as bytes of the request.
func TestContextBytes(t *testing.T) {
	t.Parallel()
	users := usersWith(50, 1, func(i int) string { return fmt.Sprintf("%d%s", i, strings.Repeat("x", 1<<10)) })
	never := func(string, map[string]json.RawMessage) string {
		t.Error("the request was sent")
		return `{}`
	}
	got, _ := runContext(t, `{ users { transactions { amount } } }`, users, executor.Options{MaxBody: 16 << 10}, never)
	if !strings.Contains(got, "REPRESENTATION_LIMIT_EXCEEDED") || !strings.Contains(got, "more than 16384 bytes") {
		t.Errorf("got %.300s", got)
	}
}

// TestContextDocument: what a client selects is not written again and again, beyond what may be sent, for all values of a
// context.
func TestContextDocument(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	alias := strings.Repeat("a", 200<<10)
	users := usersWith(2000, 1, func(i int) string { return fmt.Sprint(i) })
	var got string
	bytes := allocated(func() {
		got, _ = runContext(t, `{ users { transactions { `+alias+`: amount } } }`, users, executor.Options{MaxBody: 1 << 20, MaxResponse: 1 << 20},
			func(string, map[string]json.RawMessage) string { return `{}` })
	})
	if !strings.Contains(got, "REPRESENTATION_LIMIT_EXCEEDED") || bytes > 64<<20 {
		t.Errorf("allocated %d bytes for %.200s", bytes, got)
	}
}

// TestContextOfOne: the value that many objects have from one is read once.
func TestContextOfOne(t *testing.T) { //nolint:paralleltest // it counts what is allocated
	const n = 10_000
	users := usersWith(1, n, func(int) string { return strings.Repeat("x", 64<<10) })
	asked := 0
	bytes := allocated(func() {
		_, _ = runContext(t, `{ users { transactions { amount } } }`, users, executor.Options{},
			func(_ string, variables map[string]json.RawMessage) string {
				asked = strings.Count(string(variables["representations"]), `"id"`)
				return `{"data":null}`
			})
	})
	if asked != n || bytes > 64<<20 {
		t.Errorf("%d were asked for, and %d bytes allocated", asked, bytes)
	}
}

// TestContextOfMany: values that are the same again and again are read until that is more than what a request is worth.
func TestContextOfMany(t *testing.T) {
	t.Parallel()
	users := usersWith(100, 1, func(int) string { return strings.Repeat("x", 1<<10) })
	got, calls := runContext(t, `{ users { transactions { amount } } }`, users, executor.Options{MaxBody: 4 << 10},
		func(string, map[string]json.RawMessage) string { return `{}` })
	if calls != 1 || !strings.Contains(got, "REPRESENTATION_LIMIT_EXCEEDED") {
		t.Errorf("%d calls, got %.300s", calls, got)
	}
}
