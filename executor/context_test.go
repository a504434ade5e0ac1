package executor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// runContext runs a query over the supergraph of the case context. The first answer is what users are; the second fetch is
// answered by answer, which gets its document and variables.
func runContext(t *testing.T, query, users string, options executor.Options, answer func(document string, variables map[string]json.RawMessage) string) (string, int) {
	t.Helper()
	sdl, err := os.ReadFile(casesFolder + "/context/supergraph.graphql")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		t.Fatal(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	op, err := preparer.Prepare(context.Background(), []byte(query), "")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planner.New(schema).Plan(context.Background(), operation.Filter(op, operation.Bits{}, operation.KeepAll))
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	doer := upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
		var body struct {
			Query     string
			Variables map[string]json.RawMessage
		}
		if err := json.Unmarshal(append(bytes.Clone(r.Body), '}'), &body); err != nil {
			t.Errorf("%v: %s", err, r.Body)
		}
		text := users
		if calls++; calls > 1 {
			text = answer(body.Query, body.Variables)
		}
		return &upstream.Response{Status: 200, Body: []byte(text), Release: func() {}}, nil
	})
	e := executor.New(schema, doer, options)
	program, err := e.Compile(plan)
	if err != nil {
		t.Fatal(err)
	}
	result := e.Execute(context.Background(), program, &executor.Request{Values: make(operation.Values, len(op.Variables)), Origin: &upstream.Origin{}})
	defer result.Release()
	return string(result.AppendJSON(nil)), calls
}

// TestContextValues: a lookup is made once for each value of a context, in one request, and errors come back to where the
// entity stands.
func TestContextValues(t *testing.T) {
	t.Parallel()
	const users = `{"data":{"users":[
		{"currency":"A\u0022\\n","transactions":[{"id":"1"},{"id":"2"}]},
		{"currency":null,"transactions":[{"id":"1"}]},
		{"currency":"A\u0022\\n","transactions":[{"id":"1"},null]},
		{"transactions":[]},
		null]}}`
	got, calls := runContext(t, `{ users { transactions { amount } } }`, users, executor.Options{},
		func(document string, variables map[string]json.RawMessage) string {
			want := `query($representations_0:[_Any!]!,$c0_0_0:String,$representations_1:[_Any!]!,$c0_0_1:String){` +
				`_entities_0:_entities(representations:$representations_0){...on Transaction{amount(code:$c0_0_0)}} ` +
				`_entities_1:_entities(representations:$representations_1){...on Transaction{amount(code:$c0_0_1)}}}`
			if document != want {
				t.Errorf("got  %s\nwant %s", document, want)
			}
			for name, want := range map[string]string{
				"representations_0": `[{"__typename":"Transaction","id":"1"},{"__typename":"Transaction","id":"2"}]`,
				"representations_1": `[{"__typename":"Transaction","id":"1"}]`,
				"c0_0_0":            `"A\u0022\\n"`, "c0_0_1": "null",
			} {
				if string(variables[name]) != want {
					t.Errorf("%s: got %s, want %s", name, variables[name], want)
				}
			}
			return `{"data":{"_entities_0":[{"amount":"1A"},{"amount":"2A"}],"_entities_1":[{"amount":null}]},
				"errors":[{"message":"no currency","path":["_entities_1",0,"amount"]}]}`
		})
	want := `{"data":{"users":[{"transactions":[{"amount":"1A"},{"amount":"2A"}]},{"transactions":[{"amount":null}]},` +
		`{"transactions":[{"amount":"1A"},null]},{"transactions":[]},null]},"errors":[{"message":"no currency",` +
		`"path":["users",1,"transactions",0,"amount"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","service":"a"}}]}`
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
	compareJSON(t, got, want)
}

// TestContextInvalid: what has an invalid value above is not asked for, nor is anything when nobody is there.
func TestContextInvalid(t *testing.T) {
	t.Parallel()
	never := func(document string, _ map[string]json.RawMessage) string {
		t.Errorf("asked: %s", document)
		return `{}`
	}
	got, _ := runContext(t, `{ users { transactions { amount } } }`,
		`{"data":{"users":[{"currency":{"code":"EUR"},"transactions":[{"id":"1"}]}]}}`, executor.Options{}, never)
	if !strings.Contains(got, `"amount":null`) || !strings.Contains(got, `INVALID_VALUE`) {
		t.Error(got)
	}
	got, calls := runContext(t, `{ users { transactions { amount } } }`, `{"data":{"users":[{"currency":"EUR","transactions":null}]}}`, executor.Options{}, never)
	if calls != 1 {
		t.Error(got, calls)
	}
	compareJSON(t, got, `{"data":{"users":[{"transactions":null}]}}`)
}

// TestContextInvalidSome: what has a valid value above is asked for all the same, wherever the others stand, and there is one error.
func TestContextInvalidSome(t *testing.T) {
	t.Parallel()
	const (
		good    = `{"currency":"EUR","transactions":[{"id":"1"},{"id":"2"}]}`
		invalid = `{"currency":{"code":"EUR"},"transactions":[{"id":"3"},{"id":"4"}]}`
		found   = `{"transactions":[{"amount":"1"},{"amount":"2"}]}`
		lost    = `{"transactions":[{"amount":null},{"amount":null}]}`
	)
	for name, c := range map[string]struct {
		users, want []string
		path        string
	}{
		"first":  {[]string{invalid, good, good}, []string{lost, found, found}, `["users",0,"transactions"]`},
		"middle": {[]string{good, invalid, good}, []string{found, lost, found}, `["users",1,"transactions"]`},
		"last":   {[]string{good, good, invalid}, []string{found, found, lost}, `["users",2,"transactions"]`},
		"two":    {[]string{invalid, good, invalid}, []string{lost, found, lost}, `["users"]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, calls := runContext(t, `{ users { transactions { amount } } }`, `{"data":{"users":[`+strings.Join(c.users, ",")+`]}}`, executor.Options{},
				func(string, map[string]json.RawMessage) string {
					return `{"data":{"_entities":[{"amount":"1"},{"amount":"2"}]}}`
				})
			if calls != 2 {
				t.Errorf("%d calls", calls)
			}
			compareJSON(t, got, `{"data":{"users":[`+strings.Join(c.want, ",")+`]},"errors":[{
				"message":"An entity has an invalid value in a required field and cannot be looked up",
				"path":`+c.path+`,"extensions":{"code":"INVALID_VALUE_FOR_FIELD","service":"a"}}]}`)
		})
	}
}

// TestContextUnknown: what has a value above that is unknown since something failed is not asked for; there is one error for it.
func TestContextUnknown(t *testing.T) {
	t.Parallel()
	asked := 0
	got, _ := runContext(t, `{ users { transactions { fee } } }`,
		`{"data":{"users":[{"id":"1","transactions":[{"id":"1"}]},{"id":"2","transactions":[{"id":"2"}]}]}}`,
		executor.Options{}, func(_ string, variables map[string]json.RawMessage) string {
			if asked++; asked == 1 {
				return `{"data":{"_entities":[null,{"rate":3}]},"errors":[{"message":"no rate","path":["_entities",0]}]}`
			}
			if got := string(variables["representations"]); got != `[{"__typename":"Transaction","id":"2"}]` {
				t.Error(got)
			}
			return `{"data":{"_entities":[{"fee":"2"}]}}`
		})
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	compareJSON(t, got, `{"data":{"users":[{"transactions":[{"fee":null}]},{"transactions":[{"fee":"2"}]}]},"errors":[{
		"message":"no rate","path":["users",0],
		"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","service":"b"}}]}`)
}

// TestContextLimit: how often a lookup may be made is bounded.
func TestContextLimit(t *testing.T) {
	t.Parallel()
	var users []string
	for i := range 20 {
		users = append(users, fmt.Sprintf(`{"currency":"C%d","transactions":[{"id":"1"}]}`, i))
	}
	got, calls := runContext(t, `{ users { transactions { amount } } }`, `{"data":{"users":[`+strings.Join(users, ",")+`]}}`,
		executor.Options{MaxRepresentations: 10}, func(string, map[string]json.RawMessage) string { return `{}` })
	if calls != 1 || !strings.Contains(got, "REPRESENTATION_LIMIT_EXCEEDED") {
		t.Error(calls, got)
	}
}

func compareJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatal(err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err, want)
	}
	a, _ := json.Marshal(g)
	b, _ := json.Marshal(w)
	if !bytes.Equal(a, b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}
