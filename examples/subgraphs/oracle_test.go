// Package subgraphs_test holds the example subgraphs, asked through the stages of the gateway, against the monolith, which
// has the same data in one schema.
package subgraphs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// stages are the gateway's stages over freshly started subgraphs, and the monolith over an equal store.
type stages struct {
	schema   *supergraph.Schema
	preparer *operation.Preparer
	planner  *planner.Planner
	executor *executor.Executor
	monolith string
	origin   *upstream.Origin
	// whole is the monolith's schema as the oracle reads it.
	whole *ast.Schema
}

func newStages(tb testing.TB) *stages {
	tb.Helper()
	sdl, err := os.ReadFile("supergraph.graphql")
	check(tb, err)
	schema, err := supergraph.Parse(sdl)
	check(tb, err)
	parts, err := shop.Subgraphs(shop.NewStore())
	check(tb, err)
	own := map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	config, key := signed(tb)
	for _, part := range parts {
		handler, err := part.Signed(
			subgraph.Config{OnReject: func(_ *http.Request, err error) { tb.Errorf("%s refused a call: %v", part.Name, err) }},
			subgraph.DeriveKeys(part.Name, key)...)
		check(tb, err)
		server := httptest.NewServer(extensionToo(tb, part.Name, key, handler))
		tb.Cleanup(server.Close)
		own[supergraph.SubgraphName(part.Name)] = upstream.SubgraphConfig{URL: server.URL}
	}
	client, err := upstream.New(schema.Subgraphs, config, own)
	check(tb, err)
	whole, err := shop.Monolith(shop.NewStore())
	check(tb, err)
	monolith := httptest.NewServer(shop.As(user, whole))
	tb.Cleanup(monolith.Close)
	preparer, err := operation.New(schema, operation.DefaultLimits())
	check(tb, err)
	api, err := gqlparser.LoadSchema(&ast.Source{Input: schema.API})
	check(tb, err)
	payload, err := claims.Parse([]byte(`{"sub":"` + user + `"}`))
	check(tb, err)
	return &stages{
		schema, preparer, planner.New(schema), executor.New(schema, client, executor.Options{Canonical: client.SignsExtension}), monolith.URL,
		&upstream.Origin{Caller: upstream.Caller{Claims: payload}}, api,
	}
}

// user is who asks.
const user = "1"

// signed returns a configuration that signs calls and tells who asks, and the key.
func signed(tb testing.TB) (upstream.Config, subgraph.Key) {
	tb.Helper()
	key := subgraph.Key{ID: "oracle", Key: []byte("the secret of the oracle, which is no secret")}
	file := filepath.Join(tb.TempDir(), "secret")
	check(tb, os.WriteFile(file, key.Key, 0o600))
	config := upstream.DefaultConfig()
	config.Timeout = time.Hour // the subgraphs always answer
	config.Forward = upstream.DefaultForward()
	config.Signing = &upstream.Signing{Keys: []upstream.SigningKey{{ID: key.ID, Secret: secret.Source{File: file}}}}
	config.Signing.Extension.Enabled, config.Signing.Message.Expires = true, time.Minute
	return config, key
}

// extensionToo verifies the extension signature as well. The handler gets the request as it came.
func extensionToo(tb testing.TB, name string, key subgraph.Key, handler http.Handler) http.Handler {
	tb.Helper()
	verifier, err := subgraph.New(subgraph.Config{
		Name: name, Require: subgraph.ExtensionSignature, ExtensionKeys: []subgraph.Key{key},
		OnReject: func(_ *http.Request, err error) { tb.Errorf("%s refused an extension signature: %v", name, err) },
	})
	check(tb, err)
	nothing := verifier.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		again := r.Clone(r.Context())
		again.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		nothing.ServeHTTP(httptest.NewRecorder(), again)
		handler.ServeHTTP(w, r)
	})
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// answer runs an operation through the stages; the plan is for messages.
func (s *stages) answer(document, variables string) (response []byte, plan *planner.Plan, err error) {
	op, err := s.preparer.Prepare(context.Background(), []byte(document), "")
	if err != nil {
		return nil, nil, fmt.Errorf("prepare: %w", err)
	}
	values, err := op.Coerce([]byte(variables))
	if err != nil {
		return nil, nil, fmt.Errorf("coerce: %w", err)
	}
	bits := op.Evaluate(values, func(string) bool { return false })
	plan, err = s.planner.Plan(context.Background(), operation.Filter(op, bits, operation.KeepAll))
	if err != nil {
		return nil, nil, fmt.Errorf("plan: %w", err)
	}
	if err = planner.Check(plan); err != nil {
		return nil, plan, fmt.Errorf("check: %w", err)
	}
	program, err := s.executor.Compile(plan)
	if err != nil {
		return nil, plan, fmt.Errorf("compile: %w", err)
	}
	result := s.executor.Execute(context.Background(), program, &executor.Request{Values: values, Origin: s.origin})
	defer result.Release()
	return result.AppendJSON(nil), plan, nil
}

// oracle asks the monolith.
func (s *stages) oracle(document, variables string) ([]byte, error) {
	if variables == "" {
		variables = "{}"
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": json.RawMessage(variables)})
	if err != nil {
		return nil, err
	}
	r, err := http.Post(s.monolith, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// compare tells how the gateway's answer differs from the monolith's, "" when it does not.
func (s *stages) compare(t *testing.T, document, variables string) string {
	t.Helper()
	got, plan, err := s.answer(document, variables)
	want, oracleErr := s.oracle(concrete(t, s.whole, document), variables)
	if err != nil || oracleErr != nil {
		return fmt.Sprintf("%v %v\n%s", err, oracleErr, plan)
	}
	var g, w struct {
		Data   any
		Errors []any
	}
	if err := json.Unmarshal(got, &g); err != nil {
		return fmt.Sprintf("%v: %s", err, got)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		return fmt.Sprintf("oracle: %v: %s", err, want)
	}
	if !reflect.DeepEqual(g.Data, w.Data) || (len(g.Errors) > 0) != (len(w.Errors) > 0) {
		return fmt.Sprintf("got  %s\nwant %s\n%s", got, want, plan)
	}
	return ""
}

// TestShop asks what the planner's golden cases ask.
func TestShop(t *testing.T) {
	files, err := filepath.Glob("../../planner/testdata/shop/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".graphql"), func(t *testing.T) {
			document, err := os.ReadFile(file)
			check(t, err)
			if strings.Contains(string(document), "__schema") {
				t.Skip("introspection names what each schema has; it is held against goldens in executor")
			}
			if difference := newStages(t).compare(t, string(document), ""); difference != "" {
				t.Error(difference)
			}
		})
	}
}

// shopValues are arguments for which the shop has something to answer.
var shopValues = map[supergraph.Coordinate][]string{
	"ID":   {`"1"`, `"2"`, `"3"`, `"4"`, `"5"`, `"6"`, `"b1"`, `"f1"`, `"w1"`, `"w2"`, `"none"`},
	"Date": {`"1990-01-02"`},
	"JSON": {`{"a":[1,null]}`},
	"Int":  {`0`, `1`, `2`, `3`, `5`, `40`},
}

var operations = flag.Int("operations", 2000, "how many random operations TestRandom compares with the monolith")

// TestRandom compares random operations, from a fixed seed, with the monolith. Mutations change both stores alike, so the
// stores are renewed now and then to keep data worth asking for.
func TestRandom(t *testing.T) {
	const renewAfter = 200
	upcs := []string{`"1"`, `"2"`, `"3"`, `"4"`, `"5"`, `"9"`, `"none"`}
	shopValues["Query.product(upc:)"], shopValues["ReviewInput.upc"], shopValues["StockInput.upc"] = upcs, upcs, upcs
	shopValues["Mutation.setPrice(upc:)"] = upcs
	shopValues["Query.search(text:)"] = []string{`"a"`, `"e"`, `"Table"`, `"zzz"`}
	var s *stages
	var generator *opgen.Generator
	failed := 0
	for i := range *operations {
		if i%renewAfter == 0 {
			s = newStages(t)
			generator = opgen.New(s.schema, uint64(i), opgen.Options{Values: shopValues, Mutations: 10})
		}
		document, variables := generator.Next()
		if difference := s.compare(t, document, string(variables)); difference != "" {
			t.Errorf("operation %d: %s\n%s\n%s", i, document, variables, difference)
			if failed++; failed >= 5 {
				return
			}
		}
	}
}
