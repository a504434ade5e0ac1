package federation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

const librarySDL = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@interfaceObject", "@shareable", "@requires", "@external"])

"""Things to look at"""
interface Media @key(fields: "id") { id: ID! title: String! }
type Book implements Media @key(fields: "id") { id: ID! title: String! pages: Int! }
type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int! }
type Author @key(fields: "id") @key(fields: "name { first last }") { id: ID! name: Name! born: Int @external age: Int @requires(fields: "born") }
type Name @shareable { first: String! last: String! }
type Shelf @key(fields: "number") @interfaceObject { number: Float! label: String! }
type Reader @key(fields: "id", resolvable: false) { id: ID! }
type Query { media: [Media!]! reader: Reader }
`

type query struct {
	federation.Root[entity]
	calls *[]string
}

func (*query) Media() []*entity { return nil }
func (*query) Reader() *reader  { return nil }

type reader struct{ id graphql.ID }

func (r *reader) ID() graphql.ID { return r.id }

type entity struct{ federation.Entity }

func (e *entity) ToBook() (*book, bool)     { return federation.As[*book](e.Entity) }
func (e *entity) ToFilm() (*film, bool)     { return federation.As[*film](e.Entity) }
func (e *entity) ToAuthor() (*author, bool) { return federation.As[*author](e.Entity) }
func (e *entity) ToShelf() (*shelf, bool)   { return federation.As[*shelf](e.Entity) }
func (e *entity) ID() graphql.ID            { return "" }
func (e *entity) Title() string             { return "" }

type book struct{ id graphql.ID }

func (b *book) ID() graphql.ID { return b.id }
func (b *book) Title() string  { return "book " + string(b.id) }
func (b *book) Pages() int32   { return 100 }

type film struct{ id graphql.ID }

func (f *film) ID() graphql.ID { return f.id }
func (f *film) Title() string  { return "film " + string(f.id) }
func (f *film) Minutes() int32 { return 90 }

type name struct{ First, Last string }

type nameResolver struct{ name name }

func (n nameResolver) First() string { return n.name.First }
func (n nameResolver) Last() string  { return n.name.Last }

type author struct {
	id   graphql.ID
	name name
	born *int32
}

func (a *author) ID() graphql.ID     { return a.id }
func (a *author) Name() nameResolver { return nameResolver{a.name} }
func (a *author) Born() *int32       { return a.born }

func (a *author) Age() *int32 {
	if a.born == nil {
		return nil
	}
	age := 2000 - *a.born
	return &age
}

type shelf struct{ number json.Number }

func (s *shelf) Number() float64 { number, _ := s.number.Float64(); return number }
func (s *shelf) Label() string   { return "shelf " + s.number.String() }

type authorKey struct {
	ID   *graphql.ID `json:"id"`
	Name *name       `json:"name"`
	Born *int32      `json:"born"`
}

type mediaKey struct {
	ID graphql.ID `json:"id"`
}

func resolvers(calls *[]string) []federation.Resolver {
	return []federation.Resolver{
		federation.Batch("Book", func(_ context.Context, keys []mediaKey) ([]*book, error) {
			*calls = append(*calls, "Book")
			books := make([]*book, len(keys))
			for i, key := range keys {
				if strings.HasPrefix(string(key.ID), "b") {
					books[i] = &book{key.ID}
				}
			}
			return books, nil
		}),
		federation.Single("Film", func(_ context.Context, key mediaKey) (*film, error) {
			if key.ID == "broken" {
				return nil, errors.New("no projector")
			}
			return &film{key.ID}, nil
		}),
		federation.Single("Media", func(_ context.Context, key mediaKey) (any, error) {
			if strings.HasPrefix(string(key.ID), "b") {
				return &book{key.ID}, nil
			}
			return &film{key.ID}, nil
		}),
		federation.Batch("Author", func(_ context.Context, keys []authorKey) ([]*author, error) {
			*calls = append(*calls, "Author")
			authors := make([]*author, len(keys))
			for i, key := range keys {
				authors[i] = &author{id: "7", name: name{"Ada", "Byron"}, born: key.Born}
				if key.ID != nil {
					authors[i].id = *key.ID
				}
				if key.Name != nil {
					authors[i].name = *key.Name
				}
			}
			return authors, nil
		}),
		federation.Single("Shelf", func(_ context.Context, key struct {
			Number json.Number `json:"number"`
		}) (*shelf, error) {
			return &shelf{key.Number}, nil
		}),
	}
}

func library(t *testing.T) (*graphql.Schema, *[]string) {
	t.Helper()
	calls := &[]string{}
	schema, err := federation.ParseSchema(librarySDL, &query{calls: calls}, resolvers(calls))
	if err != nil {
		t.Fatal(err)
	}
	return schema, calls
}

// post sends a request body over HTTP and returns the status and the body of the answer.
func post(t *testing.T, schema *graphql.Schema, body string) (int, string) {
	t.Helper()
	status, _, answer := serve(t, federation.Handler(schema), http.MethodPost, "application/json", body)
	return status, answer
}

func entitiesBody(selection, representations string) string {
	document, _ := json.Marshal("query($representations:[_Any!]!){_entities(representations:$representations){" + selection + "}}")
	return `{"query":` + string(document) + `,"variables":{"representations":` + representations + `}}`
}

func serve(t *testing.T, handler http.Handler, method, contentType, body string) (int, http.Header, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

type echoQuery struct {
	federation.Root[federation.Entity]
}

func (*echoQuery) Echo(args struct {
	ID    graphql.ID
	Float float64
	Int   int32
},
) string {
	return fmt.Sprint(args.ID, " ", args.Float, " ", args.Int)
}
