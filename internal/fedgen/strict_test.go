package fedgen

import (
	"maps"
	"strings"
	"testing"
)

const strictAlpha = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@provides"])
type Query { user: User  own: User @provides(fields: "name") }
type User @key(fields: "id zone") @key(fields: "tag") { id: ID! zone: ID! tag: ID! name: String @external home: Home @external
  size(by: Int!): Int  sum: Int @requires(fields: "name")  street: String @requires(fields: "home { street }") }
type Home { street: String @external }
`

const strictBeta = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])
type User @key(fields: "id zone") { id: ID! zone: ID! name: String @shareable home: Home }
type Home { street: String  number: Int }
`

// strictServers are two small subgraphs; user is the key of an entity of theirs, as members of a representation.
func strictServers(t *testing.T) (s *servers, user map[string]any) {
	t.Helper()
	w, err := newWorld(1, []Subgraph{{"alpha", strictAlpha}, {"beta", strictBeta}}, worldOptions{whole: true})
	if err != nil {
		t.Fatal(err)
	}
	o := w.pools["User"][1]
	user = w.project(o, w.parts[0].types["User"].keys[0].sel)
	user["__typename"] = "User"
	return &servers{world: w}, user
}

func with(m map[string]any, name string, value any) map[string]any {
	out := maps.Clone(m)
	if out[name] = value; value == nil {
		delete(out, name)
	}
	return out
}

// TestStrict: the subgraphs of the tests notice whatever a gateway must not do.
func TestStrict(t *testing.T) {
	t.Parallel()
	s, user := strictServers(t)
	o := s.world.pools["User"][1]
	name := s.world.project(o, s.world.parts[0].types["User"].fields["sum"].requires)["name"]
	const entities = `query($r: [_Any!]!) { _entities(representations: $r) { ... on User { %s } } }`
	ask := func(fields string) string { return strings.Replace(entities, "%s", fields, 1) }
	known := with(user, "name", name)
	tag := func(i int) any {
		return s.world.project(s.world.pools["User"][i], s.world.parts[0].types["User"].keys[1].sel)["tag"]
	}
	home, _ := s.world.project(o, s.world.parts[0].types["User"].fields["street"].requires)["home"].(map[string]any)
	for _, c := range []struct {
		title, document string
		representations []any
		want            string // a part of the violation; "" when there is none
	}{
		{"what is right", `{ user { id } }`, nil, ""},
		{"an entity", ask("size(by: 1)"), []any{user}, ""},
		{"an entity with what is required", ask("sum"), []any{known}, ""},
		{"what is provided", `{ own { name } }`, nil, ""},
		{"no document", `{ user { `, nil, "invalid"},
		{"an unknown field", `{ user { unknown } }`, nil, "invalid"},
		{"a missing argument", `{ user { size } }`, nil, "invalid"},
		{"fields that do not merge", `{ user { a: size(by: 1) a: size(by: 2) } }`, nil, "invalid"},
		{"two operations", `query A { user { id } } query B { user { id } }`, nil, "2 operations"},
		{"_service", `{ _service }`, nil, "_service"},
		{"a field of another subgraph", `{ user { name } }`, nil, "is not its own"},
		{"a field of another subgraph, of an entity", ask("name"), []any{known}, "is not its own"},
		{"a missing key part", ask("id"), []any{with(user, "zone", nil)}, "without a complete key"},
		{"an entity that is none", ask("id"), []any{with(user, "zone", "elsewhere")}, "does not exist"},
		{"two keys", ask("id"), []any{with(user, "tag", tag(1))}, ""},
		{"two keys of two entities", ask("id"), []any{with(user, "tag", tag(2))}, "of several entities"},
		{"two keys, one of none", ask("id"), []any{with(user, "tag", "elsewhere")}, "does not exist"},
		{"a key and a part of another", ask("id"), []any{with(with(user, "zone", nil), "tag", tag(1))}, "with id, which"},
		{"what is required below", ask("street"), []any{with(user, "home", home)}, ""},
		{"more below than is required", ask("street"), []any{with(user, "home", with(home, "number", 3))}, "with home.number, which"},
		{"what another field requires", ask("sum"), []any{with(known, "home", home)}, "with home, which"},
		{"what nothing requires", ask("id"), []any{known}, "with name, which"},
		{"an unknown type", ask("id"), []any{with(user, "__typename", "Robot")}, "unknown type"},
		{"no type", ask("id"), []any{with(user, "__typename", nil)}, "unknown type"},
		{"no object", ask("id"), []any{"text"}, "a representation"},
		{"the same twice", ask("id"), []any{user, user}, "twice"},
		{"a needless member", ask("id"), []any{with(user, "size", 3)}, "of no key and not required"},
		{"nothing required", ask("sum"), []any{user}, "what it requires"},
		{"something else required", ask("sum"), []any{with(user, "name", "another")}, "requires"},
		{"required without a representation", `{ user { sum } }`, nil, "without a representation"},
		{"no representation", ask("id"), []any{}, "without any representation"},
	} {
		variables := map[string]any{}
		if c.representations != nil {
			variables["r"] = c.representations
		}
		s.execute(s.world.parts[0], c.document, variables)
		violations, _, _ := s.drain()
		got := strings.Join(violations, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
	s.execute(s.world.parts[0], `{ user { id } }`, map[string]any{"x": 1})
	if violations, _, _ := s.drain(); len(violations) != 1 {
		t.Errorf("a variable that is not defined: %q", violations)
	}
}

// TestStrictNull: a key with a part that is null is no key.
func TestStrictNull(t *testing.T) {
	t.Parallel()
	s, user := strictServers(t)
	user["zone"] = nil
	s.execute(s.world.parts[0], `query($r: [_Any!]!) { _entities(representations: $r) { ... on User { id } } }`, map[string]any{"r": []any{user}})
	if violations, _, _ := s.drain(); len(violations) != 1 || !strings.Contains(violations[0], "without a complete key") {
		t.Errorf("%q", violations)
	}
}

// TestStrictDifferences: what only some subgraphs take is no part of the uncut schema, and a gateway must not give it.
func TestStrictDifferences(t *testing.T) {
	t.Parallel()
	const header = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.7\", import: [\"@shareable\"])\n"
	w, err := newWorld(1, []Subgraph{
		{"alpha", header + `type Query { size(by: Filter!, of: Int, mode: Mode): Grade @shareable }
input Filter { low: Int  high: Int = 3 }  enum Mode { M0 M1 }  enum Grade { G0 G1 }`},
		{"beta", header + `type Query { size(by: Filter, mode: Mode): Grade @shareable  own: Grade }
input Filter { low: Int! }  enum Mode { M1 M2 }  enum Grade { G1 G2 }`},
	}, worldOptions{whole: true})
	if err != nil {
		t.Fatal(err)
	}
	const want = `enum Grade { G0 G1 G2 }
input Filter {
  low: Int!
}
enum Mode { M1 }
type Query {
  size(by: Filter!, mode: Mode): Grade
  own: Grade
}
`
	for line := range strings.Lines(want) {
		if !strings.Contains(w.sdl(false), line) {
			t.Errorf("no %q in %s", line, w.sdl(false))
		}
	}
	if values := w.types["Query"].fields["size"].values; len(values) != 1 || values[0] != "G1" {
		t.Errorf("both subgraphs return %q", values)
	}
	s := &servers{world: w}
	answer, err := w.oracle(request{`{ size(by: {low: 1}) }`, `{}`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range w.parts {
		data, _ := s.execute(p, `{ size(by: {low: 1}) }`, nil)
		if violations, _, _ := s.drain(); len(violations) > 0 || canonical(plain(data)) != canonical(plain(answer.data)) {
			t.Errorf("%s: %s, want %s: %q", p.name, canonical(plain(data)), canonical(plain(answer.data)), violations)
		}
	}
	s.execute(w.parts[0], `{ size(by: {low: 1}, of: 2) }`, nil)
	if violations, _, _ := s.drain(); len(violations) != 1 || !strings.Contains(violations[0], "which not all subgraphs have") {
		t.Errorf("%q", violations)
	}
}
