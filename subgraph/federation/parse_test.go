package federation_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

const thingSDL = `type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! }`

type thing struct{}

func (*thing) ID() graphql.ID { return "1" }

type thingEntity struct{ federation.Entity }

func (e *thingEntity) ToThing() (*thing, bool) { return federation.As[*thing](e.Entity) }

type thingQuery struct{ federation.Root[thingEntity] }

func (*thingQuery) Thing() *thing { return &thing{} }

func oneThing(context.Context, mediaKey) (*thing, error) { return &thing{}, nil }

// separate has its query root behind a method.
type separate struct{ query *thingQuery }

func (s *separate) Query() *thingQuery { return s.query }

// restless has another query root each time.
type restless struct{}

func (restless) Query() *thingQuery { return &thingQuery{} }

type bareQuery struct{ federation.Root[struct{}] }

func (*bareQuery) Thing() *thing { return &thing{} }

func TestParseSchemaRefuses(t *testing.T) {
	one := federation.Single("Thing", oneThing)
	for _, test := range []struct {
		name, sdl string
		root      any
		resolvers []federation.Resolver
		want      string
	}{
		{"no root", thingSDL, nil, []federation.Resolver{one}, "must be a pointer to a struct that embeds federation.Root"},
		{"value root", thingSDL, thingQuery{}, []federation.Resolver{one}, "must be a pointer to a struct that embeds federation.Root"},
		{"restless root", thingSDL, restless{}, []federation.Resolver{one}, "must return the same pointer"},
		{"entity type", thingSDL, &bareQuery{}, []federation.Resolver{one}, "must embed federation.Entity"},
		{"missing resolver", thingSDL, &thingQuery{}, nil, `"Thing" has a resolvable @key but no resolver`},
		{"two resolvers", thingSDL, &thingQuery{}, []federation.Resolver{one, one}, `"Thing" has two resolvers`},
		{"empty resolver", thingSDL, &thingQuery{}, []federation.Resolver{{}}, "use Batch or Single"},
		{"no such entity", thingSDL, &thingQuery{}, []federation.Resolver{one, federation.Single("Query", oneThing)}, `"Query" has a resolver but no resolvable @key`},
		{"other Go type", thingSDL, &thingQuery{}, []federation.Resolver{
			federation.Single("Thing", func(context.Context, mediaKey) (*book, error) { return nil, nil }),
		}, "which no To method"},
		{"taken name", `type Query { thing: Thing service: Int } type Thing @key(fields: "id") { id: ID! }`, &thingQuery{}, []federation.Resolver{one}, "Query.service takes the place of _service"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := federation.ParseSchema(test.sdl, test.root, test.resolvers)
			if !errors.Is(err, federation.ErrSetup) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestErrorsOfTheSDLKeepTheirLine(t *testing.T) {
	_, err := federation.ParseSchema("type Query {\n  a Int\n}", &thingQuery{}, nil)
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Error(err)
	}
	for _, sdl := range []string{`type Query @nothing { a: Int }`, `type Query { a: Dragon }`} {
		if _, err := federation.ParseSchema(sdl, &thingQuery{}, nil); err == nil {
			t.Errorf("%s: no error", sdl)
		}
	}
}

func TestQueryRoots(t *testing.T) {
	for _, test := range []struct {
		name, sdl string
		root      any
	}{
		{"method", thingSDL, &separate{&thingQuery{}}},
		{"other name", `schema { query: Root } type Root { thing: Thing } type Thing @key(fields: "id") { id: ID! }`, &thingQuery{}},
		{"none", `type Thing @key(fields: "id") { id: ID! }`, &thingQuery{}},
		{"repeated definitions", "directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE scalar FieldSet " + thingSDL, &thingQuery{}},
		{"namespaced", strings.Replace(thingSDL, "@key", "@federation__key", 1), &thingQuery{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			schema, err := federation.ParseSchema(test.sdl, test.root, []federation.Resolver{federation.Single("Thing", oneThing)})
			if err != nil {
				t.Fatal(err)
			}
			want := `{"data":{"_entities":[{"id":"1"}],"_service":{"__typename":"_Service"}}}`
			if _, got := post(t, schema, `{"query":"{_entities(representations:[{__typename:\"Thing\"}]){...on Thing{id}} _service{__typename}}"}`); got != want {
				t.Errorf("got %s", got)
			}
		})
	}
}

type plainQuery struct {
	federation.Root[federation.Entity]
}

func (*plainQuery) A() int32 { return 1 }

func TestWithoutEntities(t *testing.T) {
	schema, err := federation.ParseSchema(`type Query { a: Int! }`, &plainQuery{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := post(t, schema, `{"query":"{a _service{sdl}}"}`); got != `{"data":{"a":1,"_service":{"sdl":"type Query { a: Int! }"}}}` {
		t.Errorf("got %s", got)
	}
	if _, got := post(t, schema, `{"query":"{_entities(representations:[]){__typename}}"}`); !strings.Contains(got, `Cannot query field`) {
		t.Errorf("got %s", got)
	}
}

func TestBatchOfTheWrongLength(t *testing.T) {
	schema, err := federation.ParseSchema(thingSDL, &thingQuery{}, []federation.Resolver{
		federation.Batch("Thing", func(context.Context, []mediaKey) ([]*thing, error) { return nil, nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, got := post(t, schema, entitiesBody(`__typename`, `[{"__typename":"Thing"}]`)); !strings.Contains(got, "returned 0 entities for 1 representations") {
		t.Errorf("got %s", got)
	}
}

func TestEveryDirectiveOfFederation(t *testing.T) {
	sdl := `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: "federation", import: ["@key", {name: "@tag"}]) @composeDirective(name: "@mine")
	directive @mine on FIELD_DEFINITION
	type Query @tag(name: "t") @shareable { a(b: Int @inaccessible @fromContext(field: "$c { x }")): Int @authenticated @requiresScopes(scopes: [["s"]]) @policy(policies: [["p"]]) @override(from: "x", label: "percent(5)") @cost(weight: 2) @mine
		list: [C] @listSize(assumedSize: 3) @provides(fields: "x") }
	type C @context(name: "c") @extends @external { x: Int @external(reason: "r") y: Int @requires(fields: "x") }
	scalar S @authenticated enum E @inaccessible { A @tag(name: "t") } union U @tag(name: "t") = C input I @inaccessible { a: Int @tag(name: "t") }`
	if _, err := federation.ParseSchema(sdl, &directiveQuery{}, nil); err != nil {
		t.Error(err)
	}
}

type directiveQuery struct {
	federation.Root[federation.Entity]
}

func (*directiveQuery) A(struct{ B *int32 }) *int32 { return nil }
func (*directiveQuery) List() *[]*c                 { return nil }

type c struct{}

func (*c) X() *int32 { return nil }
func (*c) Y() *int32 { return nil }

func TestHandlerRefuses(t *testing.T) {
	schema, _ := library(t)
	handler := federation.Handler(schema)
	for _, test := range []struct {
		name, method, contentType, body string
		status                          int
	}{
		{"method", http.MethodGet, "application/json", ``, http.StatusMethodNotAllowed},
		{"content type", http.MethodPost, "text/plain", `{"query":"{__typename}"}`, http.StatusUnsupportedMediaType},
		{"no content type", http.MethodPost, "", `{"query":"{__typename}"}`, http.StatusUnsupportedMediaType},
		{"no JSON", http.MethodPost, "application/json", `{`, http.StatusBadRequest},
		{"more than JSON", http.MethodPost, "application/json", `{"query":"{__typename}"}]`, http.StatusBadRequest},
		{"batch", http.MethodPost, "application/json", `[{"query":"{__typename}"}]`, http.StatusBadRequest},
		{"no query", http.MethodPost, "application/json", `{}`, http.StatusBadRequest},
		{"too large", http.MethodPost, "application/json", `{"query":"` + strings.Repeat("#", federation.MaxBody) + `"}`, http.StatusRequestEntityTooLarge},
		{"good", http.MethodPost, "application/json; charset=utf-8", `{"query":"{__typename}","extensions":{}}`, http.StatusOK},
		{"invalid document", http.MethodPost, "application/json", `{"query":"{nothing}"}`, http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, header, body := serve(t, handler, test.method, test.contentType, test.body)
			if status != test.status || header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("got %d %s %s", status, header.Get("Content-Type"), body)
			}
			if wantErrors := test.name != "good"; wantErrors != strings.HasPrefix(body, `{"errors":[{"message":"`) {
				t.Errorf("got %s", body)
			}
		})
	}
}

func TestNumbersInVariables(t *testing.T) {
	schema, err := federation.ParseSchema(`type Query { echo(id: ID!, float: Float!, int: Int!): String! }`, &echoQuery{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"query":"query($i:ID!,$f:Float!,$n:Int!){echo(id:$i,float:$f,int:$n)}","variables":{"i":7,"f":9007199254740992,"n":-3}}`
	if _, got := post(t, schema, body); got != `{"data":{"echo":"7 9.007199254740992e+15 -3"}}` {
		t.Errorf("got %s", got)
	}
}
