package supergraph_test

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// graphs declares the subgraphs of most tests: A to C, named a to c.
const graphs = `
enum join__Graph {
  A @join__graph(name: "a", url: "http://a")
  B @join__graph(name: "b", url: "http://b")
  C @join__graph(name: "c", url: "http://c")
}
`

// query is for tests that are about something else.
const query = `
type Query @join__type(graph: A) { a: Int }
`

func mustParse(tb testing.TB, sdl string) *supergraph.Schema {
	tb.Helper()
	s, err := supergraph.Parse([]byte(sdl))
	if err != nil {
		tb.Fatalf("%v\n%s", err, sdl)
	}
	return s
}

// section returns what the text form of s says of a type, without the first line.
func section(s *supergraph.Schema, name string) string {
	for part := range strings.SplitSeq(s.String(), "\n\n") {
		first, rest, _ := strings.Cut(part, "\n")
		if words := strings.Fields(first); len(words) > 1 && words[1] == name {
			return strings.TrimRight(rest, "\n")
		}
	}
	return ""
}

// lines joins without indentation that the code has.
func lines(text string) string {
	return strings.TrimRight(strings.ReplaceAll(strings.TrimPrefix(text, "\n"), "\t", ""), "\n")
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ sdl, typ, want string }{
		"no @join__field: wherever the parent is": {
			`type T @join__type(graph: A) @join__type(graph: C) { x: Int }`, "T", `
  in a
  in c
  x: Int
    in a
    in c`,
		},
		"@join__field without a graph: nowhere": {
			`type T @join__type(graph: A) { x: Int @join__field }`, "T", `
  in a
  x: Int`,
		},
		"several keys, one not resolvable": {
			`type T @join__type(graph: A, key: "x") @join__type(graph: A, key: "y", resolvable: false) { x: Int y: Int }`, "T", `
  in a key{x} key{y}!
  x: Int
    in a
  y: Int
    in a`,
		},
		"types differ per subgraph": {
			`type T @join__type(graph: A) @join__type(graph: B) {
			  x: [Int] @join__field(graph: A, type: "[Int!]!") @join__field(graph: B)
			}`, "T", `
  in a
  in b
  x: [Int]
    in a as [Int!]!
    in b`,
		},
		"Federation 1: external keys of extensions are resolved, nested ones too": {
			`type T @join__type(graph: A, key: "id o { id }", extension: true) @join__type(graph: B, key: "id") {
			  id: Int @join__field(graph: A, external: true) @join__field(graph: B)
			  o: O @join__field(graph: A, external: true) @join__field(graph: B)
			  x: Int @join__field(graph: A, external: true) @join__field(graph: B)
			}
			type O @join__type(graph: A) @join__type(graph: B) {
			  id: Int @join__field(graph: A, external: true) @join__field(graph: B)
			}`, "T", `
  in a key{id o { id }}
  in b key{id}
  id: Int
    in a
    in b
  o: O
    in a
    in b
  x: Int
    in a external
    in b`,
		},
		"Federation 2: external keys stay external": {
			`type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
			  id: Int @join__field(graph: A, external: true) @join__field(graph: B)
			}`, "T", `
  in a key{id}
  in b key{id}
  id: Int
    in a external, own key
    in b`,
		},
		"keys of others that a subgraph provides are not its own; below what is external this is only assumed": {
			`type T @join__type(graph: A, key: "id") @join__type(graph: A, key: "b") @join__type(graph: A, key: "c") @join__type(graph: B, key: "id") {
			  id: Int
			  b: Int
			  c: Int
			  t: T @join__field(graph: A) @join__field(graph: B, external: true)
			  x: T @join__field(graph: B, provides: "b t { b c }")
			}`, "T", `
  in a key{id} key{b} key{c}
  in b key{id}
  id: Int
    in a
    in b
  b: Int
    in a
    in b external, concluded
  c: Int
    in a
    in b external, assumed
  t: T
    in a
    in b external
  x: T
    in b provides{b t { b c }}`,
		},
		"what composers leave out is the own of the subgraph: keys of others that nothing uses, what an overridden field required": {
			`type T implements I @join__type(graph: A, key: "id") @join__type(graph: A, key: "unused") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id")
			  @join__implements(graph: A, interface: "I") @join__implements(graph: B, interface: "I") {
			  id: Int
			  unused: Int
			  required: Int @join__field(graph: A) @join__field(graph: B)
			  size: Int @join__field(graph: C, override: "b")
			}
			interface I @join__type(graph: A) @join__type(graph: B) { required: Int }`, "T", `
  in a key{id} key{unused} implements[I]
  in b key{id} implements[I]
  in c key{id}
  id: Int
    in a
    in b
    in c
  unused: Int
    in a
    in b
    in c
  required: Int
    in a
    in b
  size: Int
    in c overrides b`,
		},
		"override": {
			`type T @join__type(graph: A) @join__type(graph: B) {
			  named: Int @join__field(graph: A) @join__field(graph: B, override: "a")
			  enum: Int @join__field(graph: A) @join__field(graph: B, override: "A")
			  gone: Int @join__field(graph: B, override: "a")
			  used: Int @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
			  unknown: Int @join__field(graph: A) @join__field(graph: B, override: "z")
			  itself: Int @join__field(graph: B, override: "b")
			}`, "T", `
  in a
  in b
  named: Int
    in b overrides a
  enum: Int
    in b overrides a
  gone: Int
    in b overrides a
  used: Int
    in a external
    in b overrides a
  unknown: Int
    in a
    in b
  itself: Int
    in b`,
		},
		"override with a label": {
			`type T @join__type(graph: A) @join__type(graph: B) {
			  x: Int @join__field(graph: A, overrideLabel: "percent(5)") @join__field(graph: B, override: "a", overrideLabel: "percent(5)")
			  y: Int @join__field(graph: A) @join__field(graph: B, override: "z", overrideLabel: "l")
			}`, "T", `
  in a
  in b
  x: Int
    in a overridden by percent(5)
    in b overrides a when percent(5)
  y: Int
    in a
    in b`,
		},
		"requires and provides": {
			`type T @join__type(graph: A, key: "id") {
			  id: Int
			  o(unit: String, list: [Int], by: F): I @join__field(graph: A, provides: "id ... on O{x o { __typename x }} ... { id }")
			  x: Int @join__field(graph: A, external: true)
			  y: Int @join__field(graph: A, requires: "x,o(unit :\"a\\\"b\" list:[1 2] by: {a: 1, b: $$, }) {id}")
			}
			input F @join__type(graph: A) { a: Int b: Int }
			interface I @join__type(graph: A) { id: Int }
			type O implements I @join__type(graph: A) @join__implements(graph: A, interface: "I") {
			  id: Int x: Int @join__field(graph: A, external: true) o: O
			}`, "T", `
  in a key{id}
  id: Int
    in a
  o: I
    in a provides{id ... on O { x o { __typename x } } ... on I { id }}
  x: Int
    in a external
  y: Int
    in a requires{x o(unit: "a\"b", list: [1, 2], by: {a: 1, b: 2}) { id }}`,
		},
		"a field set is resolved on the type that the subgraph sees": {
			`type T @join__type(graph: A, key: "id") {
			  id: Int
			  i: I @join__field(graph: A, type: "O", external: true)
			  y: Int @join__field(graph: A, requires: "i { own }")
			}
			interface I @join__type(graph: B) { id: Int }
			type O implements I @join__type(graph: A) { id: Int own: Int }`, "T", `
  in a key{id}
  id: Int
    in a
  i: I
    in a as O external
  y: Int
    in a requires{i { own }}`,
		},
		"context": {
			`type T @join__type(graph: A) @join__type(graph: B) @context(name: "b__ctx") {
			  x: Int @join__field(graph: A, contextArguments: [{context: "b__ctx", name: "arg", type: "Int", selection: " { x }"}])
			}`, "T", `
  in a
  in b contexts["b__ctx"]
  x: Int
    in a context arg: Int = b__ctx { x }`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sdl := header + graphs + query + strings.ReplaceAll(tc.sdl, "$$", "2") +
				"\nextend schema @link(url: \"https://specs.apollo.dev/context/v0.1\", for: SECURITY)\n"
			if got := section(mustParse(t, sdl), tc.typ); got != lines(tc.want) {
				t.Errorf("got\n%s\nwant\n%s", got, lines(tc.want))
			}
		})
	}
}

func TestHierarchy(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+query+`
interface Top @join__type(graph: A) @join__type(graph: B) @join__type(graph: C, isInterfaceObject: true, key: "id") { id: Int }
interface Low implements Top @join__type(graph: A) @join__implements(graph: A, interface: "Top") { id: Int }
type X implements Low @join__type(graph: A) @join__type(graph: B)
  @join__implements(graph: A, interface: "Low") @join__implements(graph: A, interface: "Top")
  @join__implements(graph: B, interface: "Top") { id: Int }
type Y implements Low & Top @join__type(graph: A) @join__implements(graph: A, interface: "Low") @inaccessible { id: Int }
union Joined @join__type(graph: A) @join__type(graph: B)
  @join__unionMember(graph: A, member: "Y") @join__unionMember(graph: B, member: "X") @join__unionMember(graph: A, member: "X") = Y | X
union Plain @join__type(graph: A) @join__type(graph: B) = Y | X
enum Joint @join__type(graph: A) @join__type(graph: B) { ONE @join__enumValue(graph: B) NONE }
enum Everywhere @join__type(graph: A) @join__type(graph: B) { ONE NONE @inaccessible }
`)
	for name, want := range map[string]string{
		"Top": `
  in a possible[X]
  in b possible[X]
  in c key{id} interfaceObject possible[]`,
		"Low": `
  in a possible[X Y] implements[Top]`,
		"X": `
  in a implements[Low Top]
  in b implements[Top]`,
		"Joined": `
  in a possible[X Y]
  in b possible[X]`,
		"Plain": `
  in a possible[X Y]
  in b possible[X]`,
		"Joint": `
  in a
  in b
  ONE in b
  NONE in`,
		"Everywhere": `
  in a
  in b
  ONE in a b
  NONE inaccessible in a b`,
	} {
		got, _, _ := strings.Cut(section(s, name), "\n  id:")
		if got != lines(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, lines(want))
		}
	}
	names := func(types []*supergraph.Type) string {
		var all []string
		for _, t := range types {
			all = append(all, t.Name)
		}
		return strings.Join(all, " ")
	}
	if got := names(s.Type("X").Interfaces); got != "Low Top" {
		t.Errorf("X implements %q, transitive interfaces included", got)
	}
	for name, want := range map[string]string{"Top": "X Y", "Joined": "X Y", "X": "X", "Joint": "", "Int": ""} {
		if got := names(s.Type(name).Possible); got != want {
			t.Errorf("%s: possible are %q, want %q", name, got, want)
		}
	}
}

func TestInterfaceObjectRequires(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+query+`
interface I @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) {
  id: Int
  at: Int
  other: Int
  likes: Int @join__field(graph: B, requires: "id at")
}
type X implements I @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "I") { id: Int at: Int other: Int likes: Int @join__field }
`)
	in := s.Type("I").In[1]
	if in.Subgraph.Name != "b" {
		t.Fatal(in.Subgraph.Name)
	}
	for field, want := range map[string]bool{"id": false, "at": true, "other": false, "likes": false} {
		if got := s.Type("I").Field(field).In[1].External; got != want {
			t.Errorf("%s: external is %t", field, got)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+`
type Query @join__type(graph: A) @authenticated {
  field: S @requiresScopes(scopes: [["a", "b"], ["c"]]) @policy(policies: []) @authenticated
  e: E
  none: I @requiresScopes(scopes: [[]])
  coerced: Int @policy(policies: ["x", "y"])
  single: Int @policy(policies: "x")
  open: Int @deprecated
}
interface I @join__type(graph: A) @policy(policies: [["p"]]) { x: Int }
type O implements I @join__type(graph: A) @join__implements(graph: A, interface: "I") { x: Int }
scalar S @join__type(graph: A) @authenticated
enum E @join__type(graph: A) @authenticated { V }
`)
	for text, want := range map[string]string{
		"type Query":     " authenticated",
		"  field: S":     ` authenticated scopes[["a" "b"] ["c"]] policies[]`,
		"  none: I":      ` scopes[[]]`,
		"  coerced: Int": ` policies[["x"] ["y"]]`,
		"  single: Int":  ` policies[["x"]]`,
		"  open: Int":    "",
		"interface I":    ` policies[["p"]]`,
		"scalar S":       " authenticated",
		"enum E":         " authenticated",
	} {
		if !strings.Contains(s.String(), "\n"+text+want+"\n") {
			t.Errorf("missing %q in\n%s", text+want, s)
		}
	}
	if r := s.Query.Field("field").Rule; r.Policies == nil || len(r.Policies) != 0 {
		t.Errorf("policies: [] is %#v, and must be empty and not nil: nobody satisfies it", r.Policies)
	}
	if s.Query.Field("open").Rule != nil {
		t.Error("a rule without directives")
	}
}

func TestSubtypes(t *testing.T) {
	t.Parallel()
	mustParse(t, header+graphs+query+`
interface I { a: Int b: [I!] c: U d: I }
interface J implements I { a: Int! b: [J!]! c: U d: I }
union U = X | Y
type X implements J & I { a: Int! b: [X!]! c: X! d: J }
type Y { a: Int }
`)
}
