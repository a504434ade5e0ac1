//go:build unix

package interop

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// The secrets of a test run: tokens are signed with one, subgraph calls with the others.
var (
	tokenSecret     = strings.Repeat("token-secret.", 4)
	extensionSecret = strings.Repeat("extension-secret.", 3)
	messageSecret   = strings.Repeat("message-secret.", 4)
)

// supergraph returns testdata/supergraph.graphql, which composes people.graphql and notes.graphql, with these URLs of the two.
func supergraph(tb testing.TB, people, notes string) string {
	tb.Helper()
	sdl, err := os.ReadFile(supergraphFile)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.NewReplacer(`"http://people"`, encode(people), `"http://notes"`, encode(notes)).Replace(string(sdl))
}

const supergraphFile = "testdata/supergraph.graphql"

// TestSupergraph composes the supergraph.
func TestSupergraph(t *testing.T) {
	t.Parallel()
	needs(t, "../fedgen/compose", "@theguild/federation-composition")
	type part struct {
		Name string `json:"name"`
		SDL  string `json:"sdl"`
	}
	var in struct {
		Subgraphs []part `json:"subgraphs"`
	}
	for _, name := range []string{"people", "notes"} {
		sdl, err := os.ReadFile("testdata/" + name + ".graphql")
		if err != nil {
			t.Fatal(err)
		}
		in.Subgraphs = append(in.Subgraphs, part{name, string(sdl)})
	}
	line, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Supergraph string
		Errors     []string
	}
	if err := json.Unmarshal(script(t, "../fedgen/compose", line, "compose.mjs"), &out); err != nil || len(out.Errors) > 0 {
		t.Fatal(out.Errors, err)
	}
	golden.Assert(t, supergraphFile, out.Supergraph)
}

// anyJSON is the scalar JSON.
type anyJSON struct{ value any }

func (anyJSON) ImplementsGraphQLType(name string) bool { return name == "JSON" }

func (j *anyJSON) UnmarshalGraphQL(input any) error {
	j.value = input
	return nil
}

func (j anyJSON) MarshalJSON() ([]byte, error) { return json.Marshal(j.value) }

// callerOf is whom a subgraph takes for the caller, null for nobody.
func callerOf(ctx context.Context) *anyJSON {
	caller, ok := subgraph.CallerFrom(ctx)
	if !ok {
		return nil
	}
	return &anyJSON{map[string]any{"payload": caller.Payload(), "token": map[string]string{"value": caller.Token(), "prefix": caller.TokenPrefix()}}}
}

type people struct{ federation.Root[personEntity] }

func (*people) Caller(ctx context.Context) *anyJSON         { return callerOf(ctx) }
func (*people) Echo(args struct{ Value *anyJSON }) *anyJSON { return args.Value }
func (*people) Person(args struct{ ID graphql.ID }) *person { return &person{args.ID} }

type person struct{ id graphql.ID }

func (p *person) ID() graphql.ID { return p.id }
func (p *person) Name() string   { return "Person " + string(p.id) }

// Extra is what the id is the base64 of, when that is JSON.
func (p *person) Extra() *anyJSON {
	var value any
	text, err := base64.StdEncoding.DecodeString(string(p.id))
	if err != nil || json.Unmarshal(text, &value) != nil {
		return nil
	}
	return &anyJSON{value}
}

type personEntity struct{ federation.Entity }

func (e *personEntity) ToPerson() (*person, bool) { return federation.As[*person](e.Entity) }

type notes struct{ federation.Root[authorEntity] }

type author struct{ key authorKey }

func (a *author) ID() graphql.ID     { return a.key.ID }
func (a *author) Extra() *anyJSON    { return nil }
func (a *author) Repeated() *anyJSON { return &anyJSON{a.key.Extra} }

func (a *author) Notes(args struct{ Containing string }) []string {
	found := []string{}
	for _, note := range []string{"the first of " + string(a.key.ID), "Grüße & <Küsse> 😀"} {
		if strings.Contains(note, args.Containing) {
			found = append(found, note)
		}
	}
	return found
}

func (*author) SeenBy(ctx context.Context) *anyJSON { return callerOf(ctx) }

type authorEntity struct{ federation.Entity }

func (e *authorEntity) ToPerson() (*author, bool) { return federation.As[*author](e.Entity) }

type personKey struct {
	ID graphql.ID `json:"id"`
}

// authorKey is a representation: the key and what @requires asks for.
type authorKey struct {
	ID    graphql.ID `json:"id"`
	Extra any        `json:"extra"`
}

// subgraphs are the two subgraphs of the supergraph, in Go, behind verifiers that can be replaced. They note what they receive.
type subgraphs struct {
	people, notes *httptest.Server

	mu       sync.Mutex
	handlers map[string]http.Handler // what is behind the verifiers
	verified map[string]http.Handler
	received []received
}

// received is a request to a subgraph.
type received struct {
	subgraph string
	header   http.Header
	body     []byte
}

// serveSubgraphs starts both. Until verify is called, nobody verifies.
func serveSubgraphs(tb testing.TB) *subgraphs {
	tb.Helper()
	s := &subgraphs{handlers: map[string]http.Handler{}, verified: map[string]http.Handler{}}
	schema := func(name string, root any, resolver federation.Resolver) *httptest.Server {
		sdl, err := os.ReadFile("testdata/" + name + ".graphql")
		if err != nil {
			tb.Fatal(err)
		}
		parsed, err := federation.ParseSchema(string(sdl), root, []federation.Resolver{resolver})
		if err != nil {
			tb.Fatal(err)
		}
		s.handlers[name] = federation.Handler(parsed)
		s.verified[name] = s.handlers[name]
		server := httptest.NewServer(s.handler(name))
		tb.Cleanup(server.Close)
		return server
	}
	s.people = schema("people", &people{}, federation.Single("Person", func(_ context.Context, key personKey) (*person, error) { return &person{key.ID}, nil }))
	s.notes = schema("notes", &notes{}, federation.Single("Person", func(_ context.Context, key authorKey) (*author, error) { return &author{key}, nil }))
	return s
}

func (s *subgraphs) handler(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.received = append(s.received, received{name, r.Header.Clone(), body})
		handler := s.verified[name]
		s.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	})
}

// verify puts verifiers in front of both. Their names, the extension's key and the derived keys are filled in.
func (s *subgraphs) verify(tb testing.TB, secret string, config subgraph.Config) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, handler := range s.handlers {
		config.Name = name
		config.Keys = subgraph.DeriveKeys(name, subgraph.Key{ID: "2026-11", Key: []byte(messageSecret)})
		config.ExtensionKeys = []subgraph.Key{{ID: "extension", Key: []byte(secret)}}
		config.OnReject = func(r *http.Request, err error) { tb.Logf("%s refuses %s: %v", name, r.URL, err) }
		verifier, err := subgraph.New(config)
		if err != nil {
			tb.Fatal(err)
		}
		s.verified[name] = verifier.Middleware(handler)
	}
}

// take returns what was received since the last call.
func (s *subgraphs) take() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.received
	s.received = nil
	return all
}

// ask sends a GraphQL request and returns status and body.
func ask(tb testing.TB, url, token string, request any) (int, string) {
	tb.Helper()
	body, ok := request.([]byte)
	if !ok {
		var err error
		if body, err = json.Marshal(request); err != nil {
			tb.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// sameJSON fails the test when two texts are not the same JSON value, numbers taken as doubles, and -0 as 0.
func sameJSON(tb testing.TB, got, want string) {
	tb.Helper()
	if a, b := normal(got), normal(want); a != b {
		tb.Errorf("got  %s\nwant %s", a, b)
	}
}

func normal(text string) string {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return text
	}
	normal, err := json.Marshal(unsigned(value))
	if err != nil {
		return err.Error()
	}
	return string(normal)
}

// unsigned takes the sign from every zero in a value.
func unsigned(value any) any {
	switch value := value.(type) {
	case float64:
		return value + 0
	case []any:
		for i := range value {
			value[i] = unsigned(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = unsigned(value[name])
		}
	}
	return value
}
