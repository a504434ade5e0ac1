package authz

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// authorizationOf decodes the "authorization" section of a configuration.
func authorizationOf(tb testing.TB, text string) AuthorizationConfig {
	tb.Helper()
	var c AuthorizationConfig
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		tb.Fatalf("%v: %s", err, text)
	}
	return c
}

func TestAuthorizationCheck(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: "",
		`{"mode": "filter", "transitive": "enforce", "errors": {"location": "errors", "explain": false}, "dryRun": false, "introspection": "full",
			"policies": {"sources": {"claim": {"claim": "policies"}, "webhook": {"url": "https://policy.example/decide", "method": "POST", "forwardToken": false, "timeout": 1, "ttl": 0},
			"cedar": {"file": "policies.cedar"}, "opa": {"url": "http://127.0.0.1:8181/v1/data/graph/allow", "timeout": 1}},
			"routes": [{"prefix": "billing:", "source": "opa"}, {"prefix": "", "source": "claim"}]},
			"fieldPermissions": {"rules": [{"when": {"claim": "role", "in": ["admin"]}, "allow": ["*"]}], "default": ["Query.topProducts"]}}`: "",
		`{"mode": "open"}`:                                                                                                                       "mode",
		`{"transitive": "off"}`:                                                                                                                  "transitive",
		`{"errors": {"location": "nowhere"}}`:                                                                                                    "errors.location",
		`{"introspection": "on"}`:                                                                                                                "introspection",
		`{"policies": {"sources": {"claim": {"claim": "$"}}}}`:                                                                                   "policies.sources.claim.claim",
		`{"policies": {"sources": {"claim": {"claim": ""}}}}`:                                                                                    "policies.sources.claim.claim",
		`{"policies": {"sources": {"claim": {}}}}`:                                                                                               "policies.sources.claim.claim",
		`{"policies": {"sources": {"cedar": {}}}}`:                                                                                               "policies.sources.cedar.file",
		`{"policies": {"sources": {"opa": {}}}}`:                                                                                                 "policies.sources.opa.url",
		`{"policies": {"sources": {"webhook": {"url": ""}}}}`:                                                                                    "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "http://policy.example"}}}}`:                                                               "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "http://127.0.0.1.example"}}}}`:                                                            "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "http://localhost:1"}}}}`:                                                                  "",
		`{"policies": {"sources": {"webhook": {"url": "https://u:p@policy.example"}}}}`:                                                          "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "ftp://policy.example"}}}}`:                                                                "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "https://policy.example#x"}}}}`:                                                            "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "https://x", "method": "GET"}}}}`:                                                          "policies.sources.webhook.method",
		`{"policies": {"sources": {"webhook": {"method": "GET", "forwardToken": true}}}}`:                                                        "policies.sources.webhook.url",
		`{"policies": {"sources": {"webhook": {"url": "https://x", "method": "PUT", "ttl": -1, "timeout": -1}}}}`:                                "policies.sources.webhook.method policies.sources.webhook.timeout policies.sources.webhook.ttl",
		`{"policies": {"sources": {"opa": {"url": "https://x", "method": "GET", "forwardToken": true}}}}`:                                        "policies.sources.opa.method policies.sources.opa.forwardToken",
		`{"policies": {"sources": {"claim": {"claim": "a"}, "cedar": {"file": "f"}}}}`:                                                           "policies.routes",
		`{"policies": {"routes": [{"prefix": "a", "source": "claim"}]}}`:                                                                         "policies.routes[0].source",
		`{"policies": {"sources": {"claim": {"claim": "a"}}, "routes": [{"prefix": "a", "source": "claim"}, {"prefix": "a", "source": "opa"}]}}`: "policies.routes[1].source policies.routes[1].prefix",
		`{"fieldPermissions": {"rules": [{"when": {}, "allow": []}]}}`:                                                                           "fieldPermissions.rules[0].when",
		`{"fieldPermissions": {"rules": [{"when": {"claim": "$x", "in": ["a"]}}]}}`:                                                              "fieldPermissions.rules[0].when.claim",
		`{"fieldPermissions": {"rules": [{"when": {"claim": "x"}}]}}`:                                                                            "fieldPermissions.rules[0].when.in",
		`{"fieldPermissions": {"rules": [{"when": {"authenticated": true, "in": ["a"]}}]}}`:                                                      "fieldPermissions.rules[0].when.in",
		`{"fieldPermissions": {"default": ["Query", "*.x", "a.b.c", "", ".x", "Query.", "Query.a"]}}`:                                            "fieldPermissions.default[0] fieldPermissions.default[1] fieldPermissions.default[2] fieldPermissions.default[3] fieldPermissions.default[4] fieldPermissions.default[5]",
	} {
		var got []string
		authorizationOf(t, text).Check(func(path, problem string) {
			got = append(got, path)
			if problem == "" || strings.Contains(problem, "p@") {
				t.Errorf("%s: %q", path, problem)
			}
		})
		if strings.Join(got, " ") != want {
			t.Errorf("%s: reported %v, want %s", text, got, want)
		}
	}
}

func TestAuthorizationBelow(t *testing.T) {
	t.Parallel()
	c := authorizationOf(t, `{"policies": {"sources": {"cedar": {"file": "p.cedar"}}}}`).Below("/etc")
	if got := c.Policies.Sources.Cedar.File; got != "/etc/p.cedar" {
		t.Error(got)
	}
	if got := c.Below("/tmp").Policies.Sources.Cedar.File; got != "/etc/p.cedar" {
		t.Error(got)
	}
}

func TestCheckStart(t *testing.T) {
	t.Parallel()
	open := schemaOf(t, `type Query { a: Int }`)
	protected := schemaOf(t, "type Query { a: Int @authenticated b: T }\ntype T @requiresScopes(scopes: [[\"x\"]]) { c: Int @authenticated d: Int @authenticated }")
	policies := schemaOf(t, `type Query { a: Int @policy(policies: [["p:x", "q"], ["r"]]) b: Int @policy(policies: [["q"]]) }`)
	for _, tc := range []struct {
		name                  string
		schema                *supergraph.Schema
		config                string
		authenticator, policy bool
		want                  []string
	}{
		{"open", open, `{}`, false, false, nil},
		{"no authenticator", protected, `{}`, false, false, []string{"Query.a, T, T.c and 1 more", "jwt.providers"}},
		{"an authenticator", protected, `{}`, true, false, nil},
		{"no source", policies, `{}`, true, false, []string{`("p:x", "q", "r")`, "authorization.policies.sources"}},
		{"neither", policies, `{}`, false, false, []string{"jwt.providers", `("p:x", "q", "r")`}},
		{"in a dry run, too", policies, `{"dryRun": true}`, false, false, []string{"jwt.providers", `("p:x", "q", "r")`}},
		{"a source", policies, `{"policies": {"sources": {"claim": {"claim": "x"}}}}`, true, false, nil},
		{"a route is missing", policies, `{"policies": {"sources": {"claim": {"claim": "x"}}, "routes": [{"prefix": "p:", "source": "claim"}]}}`, true, false, []string{`("q", "r")`}},
		{"a policy of the program", policies, `{}`, true, true, nil},
		{"allowed", policies, `{"allowUnconfigured": true}`, false, false, nil},
	} {
		err := authorizationOf(t, tc.config).CheckStart(tc.schema, tc.authenticator, tc.policy)
		if (err == nil) != (tc.want == nil) {
			t.Errorf("%s: %v", tc.name, err)
		}
		for _, part := range tc.want {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v does not say %s", tc.name, err, part)
			}
		}
	}
}

// TestFieldPermissions is a truth table of allow-lists.
func TestFieldPermissions(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `
		type Query { me: User @authenticated user: User pet: Pet top: [Int] }
		type User { id: ID! name: String secret: Int }
		interface Pet { name: String }
		type Dog implements Pet { name: String }
		type Cat implements Pet { name: String }
	`)
	for _, tc := range []struct{ permissions, document, caller, denied string }{
		{`{}`, "{ top __typename __schema { queryType { name } } }", "-", "top"},
		{`{"default": ["Query.top"]}`, "{ top user { id } }", "", "user"},
		{`{"default": ["*"]}`, "{ top user { id } me { id } }", "", "me"},
		{`{"default": ["Query.*"]}`, "{ top user { id } }", "-", "user.id"},
		{`{"default": ["Query.*", "User.id", "User.name"]}`, "{ user { id n: name secret } me { secret } }", "-", "user.secret me.secret"},
		{`{"rules": [{"when": {"authenticated": true}, "allow": ["*"]}]}`, "{ top }", "", "top"},
		{`{"rules": [{"when": {"authenticated": true}, "allow": ["*"]}]}`, "{ top }", "-", ""},
		{`{"rules": [{"when": {"claim": "role", "in": ["staff", "admin"]}, "allow": ["*"]}]}`, "{ top }", "role:admin", ""},
		{`{"rules": [{"when": {"claim": "role", "in": ["staff", "admin"]}, "allow": ["*"]}]}`, "{ top }", "-", "top"},
		{`{"rules": [{"when": {"claim": "policies", "in": ["x"]}, "allow": ["*"]}]}`, "{ top }", "p:y p:x", ""},
		{`{"rules": [{"when": {"claim": "nope", "in": ["x"]}, "allow": ["*"]}]}`, "{ top }", "p:x", "top"},
		{`{"rules": [{"when": {"claim": "nope", "in": ["x"]}, "allow": ["*"]}]}`, "{ top }", "admin", ""},
		{`{"rules": [{"when": {"authenticated": true}, "allow": ["Query.*"]}, {"when": {"claim": "role", "in": ["hr"]}, "allow": ["User.*"]}]}`, "{ top user { secret } }", "-", "user.secret"},
		{`{"rules": [{"when": {"authenticated": true}, "allow": ["Query.*"]}, {"when": {"claim": "role", "in": ["hr"]}, "allow": ["User.*"]}]}`, "{ top user { secret } }", "role:hr", ""},
		{`{"default": ["Query.*", "Pet.*", "Dog.*"]}`, "{ pet { name ... on Dog { n: name } } }", "", "pet.name"},
		{`{"default": ["Query.*", "Pet.*", "Dog.*", "Cat.name"]}`, "{ pet { name ... on Dog { n: name } } }", "", ""},
	} {
		c := authorizationOf(t, `{"fieldPermissions": `+tc.permissions+`}`)
		_, denials := decided(t, authorizer(t, schema, c), prepared(t, schema, tc.document), "{}", as(t, tc.caller))
		want := strings.Fields(tc.denied)
		slices.Sort(want)
		if got := affected(denials); !slices.Equal(got, want) {
			t.Errorf("%s: %s for %q: denied are %v, want %v", tc.permissions, tc.document, tc.caller, got, want)
		}
	}
	c := authorizationOf(t, `{"fieldPermissions": {"rules": [{"when": {"authenticated": true}, "allow": ["Query.*", "Nope.*", "User.nope"]}], "default": ["Pet.x"]}}`)
	var got []string
	c.CheckSchema(schema, func(path, _ string) { got = append(got, path) })
	if want := "fieldPermissions.default[0] fieldPermissions.rules[0].allow[1] fieldPermissions.rules[0].allow[2]"; strings.Join(got, " ") != want {
		t.Errorf("reported %v", got)
	}
	if _, err := NewAuthorizer(schema, c, nil, nil); err == nil || strings.Count(err.Error(), "matches no field") != 3 {
		t.Error(err)
	}
}

const company = `
	type Query { me: User @authenticated users(filter: Filter, sort: Sort): [User!]! staff: Staff any: Any node: Node hidden: Int @inaccessible }
	type User implements Node { id: ID! name: String born: Date email: String @requiresScopes(scopes: [["read:email"]]) }
	type Staff @policy(policies: [["hr"]]) { id: ID! grade: Grade }
	type Log { line: String @policy(policies: [["hr"], ["ops"]]) }
	interface Node { id: ID! }
	union Any = Staff | Log
	input Filter { since: Date level: Level }
	enum Sort { NAME @join__enumValue(graph: A) }
	enum Level { LOW @join__enumValue(graph: A) }
	enum Grade { A @join__enumValue(graph: A) }
	scalar Date @authenticated
`

func TestAccess(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, company)
	a := authorizer(t, schema, AuthorizationConfig{})
	for caller, want := range map[string]string{
		"":           "Log.line Query.me Query.staff Staff.grade Staff.id User.born User.email",
		"-":          "Log.line Query.staff Staff.grade Staff.id User.email",
		"read:email": "Log.line Query.staff Staff.grade Staff.id",
		"p:ops":      "Query.staff Staff.grade Staff.id User.email",
		"p:hr":       "User.email",
		"admin":      "",
	} {
		rows := a.Access(t.Context(), as(t, caller))
		var denied []string
		for _, row := range rows {
			if row.Allowed != (len(row.Unmet) == 0) {
				t.Errorf("%+v", row)
			}
			if !row.Allowed {
				denied = append(denied, string(row.Coordinate))
			}
			if row.Coordinate == "Query.hidden" {
				t.Error("an inaccessible field is listed")
			}
			if caller == "" && row.Coordinate == "User.email" && strings.Join(row.Unmet, " ") != `@authenticated @requiresScopes(scopes: [["read:email"]])` {
				t.Errorf("%v", row.Unmet)
			}
		}
		slices.Sort(denied)
		if got := strings.Join(denied, " "); got != want || len(rows) != 13 {
			t.Errorf("%q: %d rows, denied %s, want %s", caller, len(rows), got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, company)
	a := authorizer(t, schema, AuthorizationConfig{Introspection: "filtered"})
	for caller, want := range map[string]string{
		"":      "Any=- Date Filter Grade=- ID Level Log=- Node Node.id Query Query.any=- Query.me=- Query.node Query.staff=- Query.users Sort Staff=- Staff.id=- String User User.born=- User.email=- User.id User.name",
		"-":     "Query.me User.born Date User.email=- Any=-",
		"p:ops": "Any Query.any Log Log.line Staff=- Query.staff=-",
		"p:hr":  "Any Query.any Log Log.line Staff Staff.id Query.staff Grade Staff.grade Query.hidden=- __Type __Type.name Nope=-",
	} {
		for range 2 { // computed, remembered
			visible := visibleTo(t, a, as(t, caller))
			for entry := range strings.FieldsSeq(want) {
				name, hidden := strings.CutSuffix(entry, "=-")
				if visible(supergraph.Coordinate(name)) == hidden {
					t.Errorf("%q: %s is visible: %t", caller, name, hidden)
				}
			}
		}
	}
	if len(a.views.byOutcome) != 4 {
		t.Errorf("%d views are remembered", len(a.views.byOutcome))
	}
	nothing := schemaOf(t, `type Query @authenticated { a: Int }`)
	visible := visibleTo(t, authorizer(t, nothing, AuthorizationConfig{}), Identity{})
	if !visible("Query") || visible("Query.a") {
		t.Error("the query type must be there")
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `
		type Query { me: User staff: Staff pet: Pet @authenticated any: Any }
		type User { id: ID! a: Int @requiresScopes(scopes: []) b: Int @requiresScopes(scopes: [[], ["x"]]) c: Int @policy(policies: [["p"]]) }
		type Staff @authenticated { id: ID! }
		interface Pet { name: String age: Int @authenticated }
		type Dog implements Pet { name: String @authenticated age: Int @authenticated }
		type Cat implements Pet { name: String age: Int }
		union Any = Staff | User
		type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! s: Int @join__field(graph: A) @authenticated @join__field(graph: B, external: true) b: Int @join__field(graph: B, requires: "s") @authenticated c: Int @join__field(graph: B, requires: "s") }
	`)
	want := []string{
		`Any: __typename shows which objects are Staff, which is protected (@authenticated)`,
		`Cat.age requires @authenticated, since the interface Pet does`,
		`Pet.name is laxer than Dog.name (@authenticated), so it requires that, too`,
		`Query.staff has no rule, and its type Staff is protected (@authenticated), so it requires that`,
		`T.c needs T.s, which is protected (@authenticated), so it requires that, too`,
		`User.a: @requiresScopes has only empty lists: it is denied to everybody`,
		`User.b: @requiresScopes has an empty list among others: nobody satisfies that one`,
		`the policy "p" has no source: it is denied to everybody`,
	}
	if got := (AuthorizationConfig{}).Lint(schema); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := (AuthorizationConfig{}).Unsatisfiable(schema); !slices.Equal(got, want[5:7]) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	c := authorizationOf(t, `{"transitive": "warn", "policies": {"sources": {"claim": {"claim": "x"}}}, "fieldPermissions": {}}`)
	want = slices.Clone(want[:7])
	want[4] = `T.c needs T.s, which is protected (@authenticated), which is not enforced, since "transitive" is "warn"`
	if got := c.Lint(schema); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
