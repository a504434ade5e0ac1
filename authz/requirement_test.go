package authz

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestTruth has a row for every sentence about requirements: types, and, for callers, what of an operation is denied.
func TestTruth(t *testing.T) {
	t.Parallel()
	type rows map[string]string // denied paths by caller
	const animals = `
		type Query { pet: Pet dog: Dog cat: Cat any: Any being: Being pets: [Pet!] }
		interface Being { name: String }
		type Cat implements Pet & Being { name: String owner: Person mice: Int }
		type Person implements Being { name: String }
		union Any = Dog | Cat
	`
	const plainPet = "interface Pet implements Being { name: String owner: Person }\n"
	const plainDog = "type Dog implements Pet & Being { name: String owner: Person barks: Int }\n"
	for _, tc := range []struct {
		name, types, document string
		denied                rows
	}{
		// The directives.
		{"@authenticated", `type Query { a: Int @authenticated b: Int }`, `{ a b }`, rows{"": "a", "-": "", "admin": ""}},
		{"one scope", `type Query { a: Int @requiresScopes(scopes: [["x"]]) }`, `{ a }`, rows{"": "a", "-": "a", "y": "a", "X": "a", "x": "", "y x": "", "admin": ""}},
		{"conjunction", `type Query { a: Int @requiresScopes(scopes: [["x", "y"]]) }`, `{ a }`, rows{"x": "a", "y": "a", "x y": "", "admin": ""}},
		{"disjunction", `type Query { a: Int @requiresScopes(scopes: [["x"], ["y"]]) }`, `{ a }`, rows{"-": "a", "x": "", "y": ""}},
		{"disjunction of conjunctions", `type Query { a: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) }`, `{ a }`, rows{"x": "a", "y": "a", "x y": "", "z": ""}},
		{"no list", `type Query { a: Int @requiresScopes(scopes: []) }`, `{ a }`, rows{"": "a", "x": "a", "admin": "a"}},
		{"an empty list", `type Query { a: Int @requiresScopes(scopes: [[]]) }`, `{ a }`, rows{"": "a", "x": "a", "admin": "a"}},
		{"an empty list among others", `type Query { a: Int @requiresScopes(scopes: [[], ["x"]]) }`, `{ a }`, rows{"": "a", "-": "a", "x": "", "admin": ""}},
		{"one policy", `type Query { a: Int @policy(policies: [["x"]]) }`, `{ a }`, rows{"": "a", "-": "a", "x": "a", "p:x": "", "admin": ""}},
		{"a policy does not imply a caller", `type Query { a: Int @policy(policies: [["open"]]) }`, `{ a }`, rows{"": "", "-": ""}},
		{"policies", `type Query { a: Int @policy(policies: [["x", "y"], ["z"]]) }`, `{ a }`, rows{"p:x": "a", "p:x p:y": "", "p:z": ""}},
		{"no policies", `type Query { a: Int @policy(policies: []) b: Int @policy(policies: [[]]) }`, `{ a b }`, rows{"p:x": "a b", "admin": "a b"}},
		{"a scope is no policy", `type Query { a: Int @policy(policies: [["x"]]) b: Int @requiresScopes(scopes: [["x"]]) }`, `{ a b }`, rows{"x": "a", "p:x": "b"}},
		{"all kinds hold", `type Query { a: Int @authenticated @requiresScopes(scopes: [["x"]]) @policy(policies: [["open"]]) }`, `{ a }`, rows{"": "a", "-": "a", "x": ""}},

		// Where they stand.
		{"on the parent", "type Query { t: T }\ntype T @authenticated { a: Int }", `{ t { a } }`, rows{"": "t", "-": ""}},
		{"on the parent only, a root type", `type Query @authenticated { a: Int }`, `{ a __typename }`, rows{"": "a", "-": ""}},
		{"on the result", "type Query { t: [T!]! }\ntype T @requiresScopes(scopes: [[\"x\"]]) { a: Int }", `{ t { a } }`, rows{"-": "t", "x": ""}},
		{"on a scalar", "type Query { d: [[Date!]!] n: Int }\nscalar Date @authenticated", `{ d n }`, rows{"": "d", "-": ""}},
		{"on an enum", "type Query { e: E! n: Int }\nenum E @authenticated { A @join__enumValue(graph: A) }", `{ e n }`, rows{"": "e", "-": ""}},
		{"a scalar as an argument is free", "type Query { n(d: Date): Int }\nscalar Date @authenticated", `{ n(d: 1) }`, rows{"": ""}},
		{"on an interface", animals + plainDog + "interface Pet implements Being @authenticated { name: String owner: Person }", `{ pet { name } }`, rows{"": "pet"}},

		// Interfaces, in both directions.
		{"on an interface, by an implementation", animals + plainDog + "interface Pet implements Being @authenticated { name: String owner: Person }", `{ dog { name barks } }`, rows{"": "dog.name", "-": ""}},
		{"on a field of an interface, by an implementation", animals + plainDog + "interface Pet implements Being { name: String @authenticated owner: Person }", `{ dog { name owner { name } } }`, rows{"": "dog.name", "-": ""}},
		{"on a field of an interface, by a fragment", animals + plainDog + "interface Pet implements Being { name: String @authenticated owner: Person }", `{ being { ... on Dog { name } ... on Person { name } } }`, rows{"": "being.name", "-": ""}},
		{"on an implementation, by the interface", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `{ pet { name } being { name } cat { name } }`, rows{"": "pet.name being.name", "-": ""}},
		{"on a field of an implementation, by the interface", animals + plainPet + "type Dog implements Pet & Being { name: String @authenticated owner: Person barks: Int }", `{ pet { name owner { name } } dog { name barks } }`, rows{"": "pet.name dog.name", "-": ""}},
		{"on an implementation, by a fragment", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `{ pet { ... on Dog { barks } ... on Cat { mice } } any { ... on Dog { name } ... on Cat { name } } }`, rows{"": "pet.barks any.name", "-": ""}},
		{"a fragment on an interface says less than what is known", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `{ cat { ... on Pet { name } ... on Being { n: name } } }`, rows{"": ""}},
		{"so does one with a condition", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `query ($t: Boolean = true) { cat { ... on Pet @include(if: $t) { name owner { ... on Being @include(if: $t) { name } } } } }`, rows{"": ""}},
		{"__typename is free", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `{ any { __typename ... on Dog { __typename name } } }`, rows{"": "any.name"}},
		{"__typename is free unless its parent is denied", "type Query { t: T @authenticated }\ntype T { a: Int }", `{ t { __typename } }`, rows{"": "t"}},
		{"introspection is free", "type Query @authenticated { a: Int }", `{ __schema { queryType { name } } __type(name: "Query") { name } }`, rows{"": ""}},
		{"an interface object", `type Query { m: Media b: Book }
			interface Media @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID! rating: Int @join__field(graph: B) @authenticated }
			type Book implements Media @join__implements(graph: A, interface: "Media") @join__type(graph: A, key: "id") { id: ID! rating: Int @join__field }`,
			`{ m { rating id ... on Book { r: rating } } b { rating } }`, rows{"": "m.rating m.r b.rating", "-": ""}},
		{"an inaccessible implementation does not count", animals + plainPet + plainDog + "type Dragon implements Pet & Being @inaccessible @authenticated { name: String owner: Person }", `{ pet { name } }`, rows{"": ""}},

		// Transitively.
		{"@requires", `type Query { t: T }
			type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! a: Int @join__field(graph: A) @authenticated @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "a") }`,
			`{ t { id b } }`, rows{"": "t.b", "-": ""}},
		{"@requires of what requires", `type Query { t: T }
			type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") @join__type(graph: C, key: "id") { id: ID! a: Int @join__field(graph: A) @authenticated @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "a") @join__field(graph: C, external: true) c: Int @join__field(graph: C, requires: "b") }`,
			`{ t { c } }`, rows{"": "t.c", "-": ""}},
		{"@requires below an object", `type Query { t: T }
			type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! o: O @join__field(graph: A) @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "o { s }") }
			type O @join__type(graph: A) @join__type(graph: B) { s: S }
			scalar S @requiresScopes(scopes: [["x"]]) @join__type(graph: A) @join__type(graph: B)`,
			`{ t { b } }`, rows{"-": "t.b", "x": ""}},
		{"a circle of @requires", `type Query { t: T }
			type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! a: Int @join__field(graph: A, requires: "b") @requiresScopes(scopes: [["x"]]) @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "a") @join__field(graph: A, external: true) @requiresScopes(scopes: [["y"]]) }`,
			`{ t { a b } }`, rows{"x": "t.a t.b", "y": "t.a t.b", "x y": ""}},
		{"keys are exempt", `type Query { t: T }
			type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! @authenticated b: Int @join__field(graph: B) }`,
			`{ t { b } }`, rows{"": ""}},
		{"@fromContext", `type Query { t: T }
			type T @context(name: "a__c") @join__type(graph: A, key: "id") { id: ID! secret: Int @authenticated u: U }
			type U @join__type(graph: A, key: "id") { id: ID! n: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "x", type: "Int", selection: "{ secret }"}]) }`,
			`{ t { u { id n } } }`, rows{"": "t.u.n", "-": ""}},
		{"@fromContext behind another interface", `type Query { i: I j: J }
			interface I @context(name: "a__c") @join__type(graph: A) { u: U }
			interface J { secret: Int @authenticated }
			type T implements I & J @join__implements(graph: A, interface: "I") @join__implements(graph: A, interface: "J") @join__type(graph: A) { open: Int secret: Int u: U }
			type U @join__type(graph: A, key: "id") { id: ID! n: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "x", type: "Int", selection: "{ ... on T { open } ... on J { secret } }"}]) }`,
			`{ i { u { id n } } }`, rows{"": "i.u.n", "-": ""}},
		{"@fromContext of a context that nobody sets", `type Query { t: T }
			type T @context(name: "a__c") @join__type(graph: A, key: "id") { id: ID! u: U }
			type U @join__type(graph: A, key: "id") { id: ID! n: Int @join__field(graph: A, contextArguments: [{context: "a__none", name: "x", type: "Int", selection: "{ id }"}]) }`,
			`{ t { u { id n } } }`, rows{"": "t.u.n", "admin": "t.u.n"}},

		// Operations.
		{"aliases, duplicates, nesting", "type Query { t: T }\ntype T { a: Int @authenticated t: T }", `{ t { x: a a a t { a } y: t { z: a } } }`, rows{"": "t.x t.a t.t.a t.y.z"}},
		{"named fragments and variables", "type Query { t: T }\ntype T { a(n: Int): Int @authenticated b: Int }", `query ($n: Int) { t { ...F ... on T { x: a(n: $n) } } } fragment F on T { a b }`, rows{"": "t.a t.x"}},
		{"below a denied field", "type Query { t: T @authenticated }\ntype T { a: Int @requiresScopes(scopes: [[\"x\"]]) }", `{ t { a } }`, rows{"": "t", "-": "t.a"}},
		{"skipped", "type Query { t: T }\ntype T { a: Int @authenticated b: Int @authenticated }", `query ($f: Boolean = false) { t { a @include(if: $f) ... @skip(if: $f) { b } ... @include(if: $f) { c: b } } }`, rows{"": "t.b"}},
		{"a sibling of the same key", animals + plainPet + "type Dog implements Pet & Being @authenticated { name: String owner: Person barks: Int }", `{ pet { name ... on Cat { name } } }`, rows{"": "pet.name"}},
	} {
		schema := schemaOf(t, tc.types)
		a := authorizer(t, schema, AuthorizationConfig{})
		op := prepared(t, schema, tc.document)
		for caller, want := range tc.denied {
			permitted, denials := decided(t, a, op, "{}", as(t, caller))
			paths := strings.Fields(want)
			slices.Sort(paths)
			if got := affected(denials); !slices.Equal(got, paths) {
				t.Errorf("%s, caller %q: denied are %v, want %v", tc.name, caller, got, paths)
			}
			if len(paths) == 0 && strings.Contains(permitted.Text(), "denied") {
				t.Errorf("%s, caller %q: something is taken out:\n%s", tc.name, caller, permitted.Text())
			}
		}
	}
}

// TestRenamedDirectives: rules hold under any name.
func TestRenamedDirectives(t *testing.T) {
	t.Parallel()
	sdl := strings.NewReplacer(
		`authenticated/v0.1", for`, `authenticated/v0.1", as: "login", for`,
		`requiresScopes/v0.1", for`, `requiresScopes/v0.1", import: [{name: "@requiresScopes", as: "@may"}], for`,
		"directive @authenticated", "directive @login", "directive @requiresScopes(", "directive @may(",
	).Replace(supergraphHeader) + `type Query @join__type(graph: A) { a: Int @login b: Int @may(scopes: [["x"]]) }`
	schema, err := supergraph.Parse([]byte(sdl))
	if err != nil {
		t.Fatal(err)
	}
	_, denials := decided(t, authorizer(t, schema, AuthorizationConfig{}), prepared(t, schema, "{ a b }"), "{}", as(t, ""))
	if got := affected(denials); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("denied are %v", got)
	}
}

func TestTransitiveWarn(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `type Query { t: T }
		type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! a: Int @join__field(graph: A) @authenticated @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "a") }`)
	op := prepared(t, schema, "{ t { a b } }")
	_, denials := decided(t, authorizer(t, schema, AuthorizationConfig{Transitive: "warn"}), op, "{}", as(t, ""))
	if got := affected(denials); !slices.Equal(got, []string{"t.a"}) {
		t.Errorf("denied are %v", got)
	}
}

// TestContextFields: what a @fromContext selects counts in whatever words, also behind the condition of a type that is known
// by its objects alone.
func TestContextFields(t *testing.T) {
	t.Parallel()
	for selection, want := range map[string]string{
		"{ a }":                             "T.a",
		" a ":                               "T.a",
		"{ o { p { x } } }":                 "T.o O.p O.x",
		"{ o { p { __typename x } x } }":    "T.o O.p O.x O.x",
		"... on T { a } ... on S { b }":     "T.a S.b",
		"{ ... on I { i } }":                "I.i",
		"{ ... { a } }":                     "T.a",
		"{ a ... on K { k } }":              "T.a K.k",
		"{ ... on V { ... on T { a } } }":   "T.a",
		"{ ... on I { ... on J { j } i } }": "J.j I.i",
		"{ __typename }":                    "",
	} {
		schema := schemaOf(t, `type Query { t: T s: S r: R k: K j: J v: V }
		interface I { i: Int }
		interface J { j: Int }
		interface K { k: Int }
		union V = T | S
		type T implements I & J & K @context(name: "a__c") @join__implements(graph: A, interface: "I") @join__implements(graph: A, interface: "J") @join__implements(graph: A, interface: "K") @join__type(graph: A) { i: Int j: Int k: Int a: Int o: O r: R }
		type S @join__type(graph: A) { b: Int }
		type O { x: Int p: O }
		type R @join__type(graph: A, key: "n") { n: Int @join__field(graph: A, contextArguments: [{context: "a__c", name: "x", type: "Int", selection: "`+selection+`"}]) }`)
		f := schema.Type("R").Field("n")
		var names []string
		for _, f := range contextFields(f.In[0].ContextArgs[0]) {
			names = append(names, string(f.Coordinate()))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q: %s, want %s", selection, got, want)
		}
		if brokenContext(f) {
			t.Errorf("%q: it is known what it takes", selection)
		}
		f.In[0].ContextArgs[0].From = nil
		if !brokenContext(f) {
			t.Errorf("%q: nobody sets the context, and it counts as known what is taken of it", selection)
		}
	}
}
