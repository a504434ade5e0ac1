package executor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// TestSharing: only queries are shared; what reads in a mutation may be repeated, and what changes something may not.
func TestSharing(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		`{ me { id score } }`: {"accounts repeatable shareable", "reviews repeatable shareable"},
		`mutation { rename(name: "x") { id score } review(body: "y") { author { name } } }`: {
			"accounts", "reviews", "reviews repeatable", "accounts repeatable",
		},
	} {
		var got []string
		answers := script(`accounts: {"data":{"me":{"id":"1"},"rename":{"id":"1"}}}`, `accounts: {"data":{"_entities":[{"name":"n"}]}}`)
		doer := upstream.DoerFunc(func(ctx context.Context, r *upstream.Request) (*upstream.Response, error) {
			answers.mu.Lock()
			call := string(r.Subgraph.Name)
			if r.Repeatable {
				call += " repeatable"
			}
			if r.Shareable {
				call += " shareable"
			}
			got = append(got, call)
			body := `{"data":{"_entities":[{"score":1}]}}`
			if call == "reviews" {
				body = `{"data":{"review":{"author":{"id":"2"}}}}`
			}
			answers.bodies["reviews"] = []string{body}
			answers.mu.Unlock()
			return answers.Do(ctx, r)
		})
		text := small().execute(t, query, "", doer, Options{})
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || strings.Contains(text, "errors") {
			t.Errorf("%s: the calls are %q, want %q\n%s", query, got, want, text)
		}
	}
}

// TestConcurrent runs one program many times at once, each with answers of its own.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	plan := small().plan(t, `query($id: ID!) { user(id: $id) { name reviews { body } friends { id score } } topProducts { name shipping } }`)
	var released, made atomic.Int64
	e := New(small().schema, upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
		id, body := r.Origin.Header.Get("id"), ""
		switch r.Subgraph.Name {
		case "accounts":
			if !strings.HasSuffix(string(r.Body), `"variables":{"id":"`+id+`"}`) {
				t.Errorf("request %s has the body %s", id, r.Body)
			}
			body = `{"data":{"user":{"id":"%[1]s","name":"n%[1]s","friends":[{"id":"f%[1]s"}]}}}`
		case "products":
			body = `{"data":{"topProducts":[{"upc":"u%[1]s","name":"p%[1]s","weight":1}]}}`
		case "reviews":
			body = `{"data":{"_e0":[{"reviews":[{"body":"r%[1]s"}]}],"_e1":[{"score":%[1]s}],"_e2":[{"shipping":%[1]s}]}}`
		default:
			t.Errorf("unexpected body %s", r.Body)
		}
		made.Add(1)
		return &upstream.Response{Status: 200, Body: fmt.Appendf(nil, body, id), Release: func() { released.Add(1) }}, nil
	}), Options{})
	program, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 200 {
				id := fmt.Sprint(w*1000 + i)
				origin := &upstream.Origin{Header: http.Header{"Id": {id}}}
				result := e.Execute(context.Background(), program, &Request{Values: [][]byte{[]byte(`"` + id + `"`)}, Origin: origin})
				want := fmt.Sprintf(`{"data":{"user":{"name":"n%[1]s","reviews":[{"body":"r%[1]s"}],"friends":[{"id":"f%[1]s","score":%[1]s}]},"topProducts":[{"name":"p%[1]s","shipping":%[1]s}]}}`, id)
				if got := string(result.AppendJSON(nil)); got != want {
					t.Errorf("got  %s\nwant %s\n%s", got, want, plan)
				}
				result.Release()
				result.Release()
			}
		})
	}
	group.Wait()
	if made.Load() != released.Load() {
		t.Errorf("%d answers, %d released", made.Load(), released.Load())
	}
}

// TestCancel: when the client goes, running calls are cancelled and waited for, and no new ones are made.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, query := range []string{`{ me { score } }`, `{ me { score } topProducts { name } }`} {
		synctest.Test(t, func(t *testing.T) {
			var calls, running atomic.Int64
			plan := small().plan(t, query)
			e := New(small().schema, upstream.DoerFunc(func(ctx context.Context, _ *upstream.Request) (*upstream.Response, error) {
				calls.Add(1)
				running.Add(1)
				defer running.Add(-1)
				<-ctx.Done()
				time.Sleep(time.Second) // a slow good-bye
				return nil, ctx.Err()
			}), Options{})
			program, err := e.Compile(plan)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			result := e.Execute(ctx, program, &Request{})
			defer result.Release()
			if n := running.Load(); n != 0 {
				t.Errorf("%d calls are still running", n)
			}
			text := string(result.AppendJSON(nil))
			if strings.Count(text, "message") != 1 || !strings.Contains(text, `"errors":[{"message":"The request took too long","extensions":{"code":"REQUEST_TIMEOUT"}}]`) {
				t.Error(text)
			}
			if want := strings.Count(query, "{") - 1; calls.Load() > int64(want) {
				t.Errorf("%d calls", calls.Load())
			}
		})
	}
}

// TestCancelledBefore: nothing is sent for a client that has gone already.
func TestCancelledBefore(t *testing.T) {
	t.Parallel()
	e := New(small().schema, script(), Options{})
	program, err := e.Compile(small().plan(t, `{ me { name } topProducts { name } }`))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result := e.Execute(ctx, program, &Request{})
	defer result.Release()
	if result.Calls != 0 {
		t.Errorf("%d calls", result.Calls)
	}
	same(t, string(result.AppendJSON(nil)), `{"data":{"me":null,"topProducts":null},"errors":[{"message":"The request was cancelled","extensions":{"code":"REQUEST_TIMEOUT"}}]}`)
}

// TestAsSoonAsPossible: a fetch waits for what it needs and for nothing else.
func TestAsSoonAsPossible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		plan := small().plan(t, `{ me { name score } topProducts { name } }`)
		e := New(small().schema, upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
			body := map[string]string{
				"accounts": `{"data":{"me":{"id":"1","name":"a"}}}`,
				"products": `{"data":{"topProducts":null}}`,
				"reviews":  `{"data":{"_entities":[{"score":1}]}}`,
			}[string(r.Subgraph.Name)]
			time.Sleep(map[string]time.Duration{"accounts": time.Second, "products": time.Minute, "reviews": time.Second}[string(r.Subgraph.Name)])
			mu.Lock()
			defer mu.Unlock()
			order = append(order, string(r.Subgraph.Name))
			return &upstream.Response{Body: []byte(body), Header: http.Header{"X": {body}}, Release: func() {}}, nil
		}), Options{})
		program, err := e.Compile(plan)
		if err != nil {
			t.Fatal(err)
		}
		result := e.Execute(t.Context(), program, &Request{})
		same(t, string(result.AppendJSON(nil)), `{"data":{"me":{"name":"a","score":1},"topProducts":null}}`)
		if !slices.Equal(order, []string{"accounts", "reviews", "products"}) {
			t.Error(order)
		}
		headers := 0
		for name, h := range result.Headers() {
			if headers++; name == "" || h.Get("X") == "" {
				t.Error(name, h)
			}
		}
		if headers != 3 || result.Calls != 3 {
			t.Errorf("%d headers, %d calls", headers, result.Calls)
		}
		result.Release()
	})
}
