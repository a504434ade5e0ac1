package supergraph_test

import (
	"crypto/sha256"
	"strings"
	"testing"
)

func TestAPI(t *testing.T) {
	t.Parallel()
	sdl := strings.Replace(header, "schema", "\uFEFF\"The schema.\" schema", 1)
	sdl = strings.Replace(sdl, "query: Query", "query: Root subscription: Events", 1) + graphs + `
type Root @join__type(graph: A) @tag(name: "x") @custom {
  """
  Block
    indented

  with \""" quotes
  """
  a(
    "first" x: Int! = 3 @deprecated(reason: "why\n\"not\"") @inaccessible
    "second" y: [In!] = [{list: [-1, 2.5e3], text: """ a
      b """, e: ONE, null: null, yes: true}]
  ): Int @deprecated @tag(name: "y")
  b(x: Int, y: String @deprecated): Text! @authenticated
  secret: Hidden @inaccessible
}
type Events @join__type(graph: A) { tick: Int }
type Query @join__type(graph: A) { "not the root" a: Int }
input In @join__type(graph: A) @oneOf { list: [Float] @deprecated text: String e: E null: Int yes: Boolean hidden: Int @inaccessible }
"A
  block"
enum E @join__type(graph: A) { "1" ONE TWO @deprecated(reason: "no") THREE @inaccessible }
" spaces around "
scalar Text @specifiedBy(url: "https://example.com/\"text\"")
scalar Hidden @inaccessible
interface Node @join__type(graph: A) @inaccessible { id: ID! }
interface Named @join__type(graph: A) { name: String }
type Thing implements Node & Named @join__type(graph: A) { id: ID! name: String }
union Any @join__type(graph: A) = Thing | Root | Shadow
type Shadow @inaccessible { x: Int }
"Follows." directive @live("How often." every: Int = 5 secret: Int @inaccessible) repeatable on SUBSCRIPTION | QUERY
directive @custom on OBJECT
directive @tag(name: String!) repeatable on OBJECT
directive @deprecated(reason: String) on ENUM_VALUE
scalar ID
`
	sdl = strings.Replace(sdl, "\"A\n  block\"", "\"A\\n  block\"", 1)
	s := mustParse(t, sdl)
	checkSchema(t, s)
	want := `"""
The schema.
"""
schema {
  query: Root
  subscription: Events
}

"""
Follows.
"""
directive @live(
  """
  How often.
  """
  every: Int = 5
) repeatable on QUERY | SUBSCRIPTION

union Any = Root | Thing

"""
A
  block
"""
enum E {
  """
  1
  """
  ONE
  TWO @deprecated(reason: "no")
}

type Events {
  tick: Int
}

input In @oneOf {
  list: [Float] @deprecated(reason: "No longer supported")
  text: String
  e: E
  null: Int
  yes: Boolean
}

interface Named {
  name: String
}

type Query {
  """
  not the root
  """
  a: Int
}

type Root {
  "Block\n  indented\n\nwith \"\"\" quotes"
  a(
    """
    second
    """
    y: [In!] = [{list: [-1, 2.5e3], text: " a\nb ", e: ONE, null: null, yes: true}]
  ): Int @deprecated(reason: "No longer supported")
  b(x: Int, y: String @deprecated(reason: "No longer supported")): Text!
}

" spaces around "
scalar Text @specifiedBy(url: "https://example.com/\"text\"")

type Thing implements Named {
  id: ID!
  name: String
}
`
	if s.API != want {
		t.Errorf("got\n%s\nwant\n%s", s.API, want)
	}
	if s.Hash != sha256.Sum256([]byte(sdl)) {
		t.Error("the hash is not that of the text")
	}
	if s.Mutation != nil || s.Query.Name != "Root" || s.Subscription.Name != "Events" || s.Description != "The schema." {
		t.Errorf("%+v", s)
	}
	for range 5 {
		if again := mustParse(t, sdl); again.API != s.API || again.String() != s.String() {
			t.Fatal("loading twice gives two results")
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+`
"\"\\\/\b\f\n\r\tü \u00fc \u{1D11E} \uD834\uDD1E \ud834 \uDD1E \u{} \u{110000} \q \u12" type Query @join__type(graph: A) { a: Int }`)
	want := "\"\\/\b\f\n\r\tü ü 𝄞 𝄞 \uFFFD \uFFFD \uFFFD \uFFFD q \uFFFD12"
	if got := s.Query.Description; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
