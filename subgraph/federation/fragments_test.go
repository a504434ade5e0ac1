package federation

import (
	"testing"

	graphql "github.com/graph-gophers/graphql-go"
)

const fragmentsSDL = `
type Query { search: [Result!]! media: Media nodes: [Node!]! }
union Result = Book | Film | Product
interface Media { id: ID! title(long: Boolean): String! next: Result }
interface Node { id: ID! }
type Book implements Media & Node { id: ID! title(long: Boolean): String! next: Result pages: Int }
type Film implements Media { id: ID! title(long: Boolean): String! next: Result minutes: Int }
type Product implements Node { id: ID! name: String }
`

func TestConcreteFragments(t *testing.T) {
	schema, err := graphql.ParseSchema(fragmentsSDL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, document, want string }{
		{"nothing to do", `{media{id ...on Book{pages}}}`, ``},
		{"object types in a union", `{search{...on Book{pages} ... on Product{name}}}`, ``},
		{"interface in a union", `{search{...on Media{id ...on Book{pages}}}}`,
			`{ search { ... on Book  { ... on Media { id ... on Book  { pages } } } ... on Film  { ... on Media { id ... on Book  { pages } } }  } }`},
		{"interface in another interface", `{nodes{...on Media@skip(if:false){id}}}`,
			`{ nodes { ... on Book @skip(if:false) { ... on Media { id } }  } }`},
		{"spread", `query Q($a:Boolean={a:"}"}){search{...M @include(if:$a)}} fragment M on Media{title(long:true)}`,
			`query Q($a:Boolean={a:"}"}){ search { ... on Book @include(if:$a) { ...M  } ... on Film @include(if:$a) { ...M  }  } }
fragment M on Media{ title(long:true) }`},
		{"no type condition", `{media{...@include(if:true){id}}}`, `{ media { ... on Media @include(if:true) { id } } }`},
		{"below a field", `{media{x:next@skip(if:false){...on Node{id}}}}`,
			`{ media { x:next@skip(if:false) { ... on Book  { ... on Node { id } } ... on Product  { ... on Node { id } }  } } }`},
		{"strings and comments", "{search{...on Media{title # } \"\n title(long:\"\\\"}\") t:title(long:\"\"\"\\\"\"\" } \"\"\")}}}",
			"{ search { ... on Book  { ... on Media { title title(long:\"\\\"}\") t:title(long:\"\"\"\\\"\"\" } \"\"\") } } ... on Film  { ... on Media { title title(long:\"\\\"}\") t:title(long:\"\"\"\\\"\"\" } \"\"\") } }  } }"},
		{"syntax error", `{search{...on Media{id}}`, ``},
		{"unknown names", `{nothing{...on Dragon{...on Media{id}}}}`, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := test.want + "\n"
			if test.want == "" {
				want = test.document
			}
			if got := concreteFragments(schema.AST(), test.document); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func FuzzConcreteFragments(f *testing.F) {
	schema, err := graphql.ParseSchema(fragmentsSDL, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`query Q($a:Int=1){search{...on Media@skip(if:true){id ...on Book{pages}}...F}} fragment F on Media{title(long:"\"")}`)
	f.Add("{media{...{id} # }\n next{...on Node{id}}}}")
	f.Fuzz(func(t *testing.T, document string) {
		rewritten := concreteFragments(schema.AST(), document)
		// What is rewritten is as valid as it was.
		if len(schema.Validate(document)) == 0 && len(schema.Validate(rewritten)) > 0 {
			t.Errorf("%q became %q: %v", document, rewritten, schema.Validate(rewritten))
		}
	})
}
