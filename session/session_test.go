package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/session"
)

// configOf decodes a configuration as the file has it, but for strictness.
func configOf(tb testing.TB, text string) session.Config {
	tb.Helper()
	var c session.Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		tb.Fatal(err)
	}
	return c
}

func headerOf(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

// outcome says in one line what became of a caller.
func outcome(tb testing.TB, config, claims string, lines ...string) string {
	tb.Helper()
	s, err := session.New(configOf(tb, config), "X-Hasura-Admin-Secret")
	if err != nil {
		tb.Fatal(err)
	}
	var caller authz.Identity
	switch claims {
	case "":
	case "admin":
		caller.Admin = true
	default:
		if caller, err = authz.NewIdentity([]byte(claims)); err != nil {
			tb.Fatal(err)
		}
	}
	fields, rejection, err := s.Of(caller, headerOf(lines...))
	switch {
	case err != nil:
		return string(gqlerr.CodeOf(err))
	case rejection != nil:
		if len(fields) > 0 {
			tb.Errorf("rejected with %v", fields)
		}
		if (rejection.StatusCode() == 401) != (rejection.Challenge != "") {
			tb.Errorf("status %d with the challenge %q", rejection.StatusCode(), rejection.Challenge)
		}
		return fmt.Sprintf("%d %s", rejection.StatusCode(), rejection.Code)
	}
	var all []string
	for _, f := range fields {
		all = append(all, f.Name+": "+f.Value)
	}
	return strings.Join(all, "\n")
}

const hasura = `{"prefix":"x-hasura-","claimsNamespace":"https://hasura.io/jwt/claims"}`

// TestNamespace: an object claim.
func TestNamespace(t *testing.T) {
	t.Parallel()
	claims := func(object string) string { return `{"sub":"1","https://hasura.io/jwt/claims":` + object + `}` }
	const roles = `"x-hasura-allowed-roles":["user","editor"],"x-hasura-default-role":"user"`
	for name, tc := range map[string]struct {
		config, claims string
		header         []string
		want           string
	}{
		"usual":                  {hasura, claims(`{` + roles + `,"x-hasura-user-id":"7"}`), nil, "x-hasura-role: user\nx-hasura-user-id: 7"},
		"role by header":         {hasura, claims(`{` + roles + `}`), []string{"X-Hasura-Role: editor"}, "x-hasura-role: editor"},
		"role not allowed":       {hasura, claims(`{` + roles + `}`), []string{"x-hasura-role: admin"}, "403 access-denied"},
		"role in other case":     {hasura, claims(`{` + roles + `}`), []string{"x-hasura-role: USER"}, "403 access-denied"},
		"two roles":              {hasura, claims(`{` + roles + `}`), []string{"x-hasura-role: user", "x-hasura-role: editor"}, "BAD_REQUEST"},
		"two roles in one":       {hasura, claims(`{` + roles + `}`), []string{"x-hasura-role: user, editor"}, "403 access-denied"},
		"empty role":             {hasura, claims(`{` + roles + `}`), []string{"x-hasura-role: "}, "x-hasura-role: user"},
		"client's variables":     {hasura, claims(`{` + roles + `}`), []string{"x-hasura-user-id: 8", "x-hasura-allowed-roles: [\"admin\"]"}, "x-hasura-role: user"},
		"default not allowed":    {hasura, claims(`{"x-hasura-allowed-roles":["user"],"x-hasura-default-role":"admin"}`), nil, "403 access-denied"},
		"names in any case":      {hasura, claims(`{"X-Hasura-Allowed-Roles":["user"],"X-HASURA-DEFAULT-ROLE":"user","X-Hasura-User-Id":"7"}`), nil, "x-hasura-role: user\nx-hasura-user-id: 7"},
		"role in the token":      {hasura, claims(`{` + roles + `,"x-hasura-role":"admin"}`), nil, "x-hasura-role: user"},
		"secret in the token":    {hasura, claims(`{` + roles + `,"x-hasura-admin-secret":"x"}`), nil, "x-hasura-role: user"},
		"other names":            {hasura, claims(`{` + roles + `,"sub":"1","hasura-x":"1","x-hasura":"1"}`), nil, "x-hasura-role: user"},
		"other kinds of values":  {hasura, claims(`{` + roles + `,"x-hasura-n":1.50,"x-hasura-t":true,"x-hasura-l":[1, "a b"],"x-hasura-o":{"a" : 1},"x-hasura-z":null,"x-hasura-e":""}`), nil, "x-hasura-e: \nx-hasura-l: [1,\"a b\"]\nx-hasura-n: 1.50\nx-hasura-o: {\"a\":1}\nx-hasura-role: user\nx-hasura-t: true"},
		"beyond ASCII":           {hasura, claims(`{` + roles + `,"x-hasura-name":"Zo\u00eb"}`), nil, "x-hasura-name: Zoë\nx-hasura-role: user"},
		"CR and LF":              {hasura, claims(`{` + roles + `,"x-hasura-a":"a\r\nx-hasura-role: admin"}`), nil, "401 jwt-invalid-claims"},
		"NUL":                    {hasura, claims(`{` + roles + `,"x-hasura-a":"a\u0000"}`), nil, "401 jwt-invalid-claims"},
		"space that would go":    {hasura, claims(`{"x-hasura-allowed-roles":[" admin"],"x-hasura-default-role":" admin"}`), nil, "401 jwt-invalid-claims"},
		"no name of a header":    {hasura, claims(`{` + roles + `,"x-hasura-a b":"1"}`), nil, "401 jwt-invalid-claims"},
		"letters beyond ASCII":   {hasura, claims(`{` + roles + `,"x-hasura-\u212aey":"1"}`), nil, "401 jwt-invalid-claims"},
		"roles beyond ASCII":     {hasura, claims(`{"x-hasura-allowed-roles":["user"],"x-ha\u017fura-default-role":"user"}`), nil, "401 jwt-missing-role-claims"},
		"no namespace":           {hasura, `{"sub":"1"}`, nil, "401 jwt-invalid-claims"},
		"namespace of a kind":    {hasura, claims(`"{}"`), nil, "401 jwt-invalid-claims"},
		"no allowed roles":       {hasura, claims(`{"x-hasura-default-role":"user"}`), nil, "401 jwt-missing-role-claims"},
		"no default role":        {hasura, claims(`{"x-hasura-allowed-roles":["user"]}`), nil, "401 jwt-missing-role-claims"},
		"null roles":             {hasura, claims(`{"x-hasura-allowed-roles":null,"x-hasura-default-role":"user"}`), nil, "401 jwt-missing-role-claims"},
		"no default but a wish":  {hasura, claims(`{"x-hasura-allowed-roles":["user"]}`), []string{"x-hasura-role: user"}, "x-hasura-role: user"},
		"allowed is a string":    {hasura, claims(`{"x-hasura-allowed-roles":"user","x-hasura-default-role":"user"}`), nil, "401 jwt-invalid-claims"},
		"allowed holds a number": {hasura, claims(`{"x-hasura-allowed-roles":["user",1],"x-hasura-default-role":"user"}`), nil, "401 jwt-invalid-claims"},
		"allowed is empty":       {hasura, claims(`{"x-hasura-allowed-roles":[],"x-hasura-default-role":"user"}`), nil, "403 access-denied"},
		"default is a list":      {hasura, claims(`{"x-hasura-allowed-roles":["user"],"x-hasura-default-role":["user"]}`), nil, "401 jwt-invalid-claims"},
		"default is empty":       {hasura, claims(`{"x-hasura-allowed-roles":["user",""],"x-hasura-default-role":""}`), nil, "401 jwt-invalid-claims"},
		"anonymous":              {hasura, ``, []string{"x-hasura-role: user", "x-hasura-user-id: 7"}, ""},

		"a path":           {`{"prefix":"x-hasura-","claimsNamespace":"$.a.b"}`, `{"a":{"b":{` + roles + `}}}`, nil, "x-hasura-role: user"},
		"all claims":       {`{"prefix":"X-Hasura-","claimsNamespace":"$"}`, `{"sub":"1",` + roles + `}`, nil, "x-hasura-role: user"},
		"string":           {strings.TrimSuffix(hasura, "}") + `,"claimsFormat":"stringified_json"}`, claims(`"{\"x-hasura-allowed-roles\":[\"a\"],\"x-hasura-default-role\":\"a\"}"`), nil, "x-hasura-role: a"},
		"string, damaged":  {strings.TrimSuffix(hasura, "}") + `,"claimsFormat":"stringified_json"}`, claims(`"{"`), nil, "401 jwt-invalid-claims"},
		"string, twice":    {strings.TrimSuffix(hasura, "}") + `,"claimsFormat":"stringified_json"}`, claims(`"{\"x-hasura-a\":\"1\",\"X-Hasura-A\":\"2\"}"`), nil, "401 jwt-invalid-claims"},
		"object as string": {strings.TrimSuffix(hasura, "}") + `,"claimsFormat":"stringified_json"}`, claims(`{` + roles + `}`), nil, "401 jwt-invalid-claims"},
		"default prefix":   {`{"claimsNamespace":"ns"}`, `{"ns":{"x-session-allowed-roles":["a"],"x-session-default-role":"a","x-session-x":"1","x-hasura-x":"2"}}`, nil, "x-session-role: a\nx-session-x: 1"},
	} {
		if got := outcome(t, tc.config, tc.claims, tc.header...); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// TestVariables: single variables, alone and beside a namespace.
func TestVariables(t *testing.T) {
	t.Parallel()
	variables := func(text string) string { return `{"prefix":"x-hasura-","variables":{` + text + `}}` }
	spec := variables(`"x-hasura-user-id":{"claim":"sub"},"x-hasura-allowed-roles":{"claim":"$.groups","default":["user"]},"x-hasura-default-role":{"literal":"user"},"x-hasura-tenant":{"literal":"acme"}`)
	for name, tc := range map[string]struct {
		config, claims string
		header         []string
		want           string
	}{
		"claims":                  {spec, `{"sub":"7","groups":["user","admin"]}`, nil, "x-hasura-role: user\nx-hasura-tenant: acme\nx-hasura-user-id: 7"},
		"a wish":                  {spec, `{"sub":"7","groups":["user","admin"]}`, []string{"x-hasura-role: admin"}, "x-hasura-role: admin\nx-hasura-tenant: acme\nx-hasura-user-id: 7"},
		"default":                 {spec, `{"sub":"7"}`, nil, "x-hasura-role: user\nx-hasura-tenant: acme\nx-hasura-user-id: 7"},
		"a wish beyond":           {spec, `{"sub":"7"}`, []string{"x-hasura-role: admin"}, "403 access-denied"},
		"null is missing":         {variables(`"x-hasura-a":{"claim":"a","default":"d"},"x-hasura-b":{"claim":"b","default":7}`), `{"a":null,"b":1}`, nil, "x-hasura-a: d\nx-hasura-b: 1"},
		"missing":                 {spec, `{"groups":["user"]}`, nil, "401 jwt-invalid-claims"},
		"missing roles":           {variables(`"x-hasura-allowed-roles":{"claim":"r"},"x-hasura-default-role":{"claim":"d"}`), `{}`, nil, "401 jwt-missing-role-claims"},
		"missing default role":    {variables(`"x-hasura-allowed-roles":{"claim":"r"}`), `{"r":["a"]}`, nil, "401 jwt-missing-role-claims"},
		"no default role at all":  {variables(`"x-hasura-allowed-roles":{"claim":"r"}`), `{"r":["a"]}`, []string{"X-Hasura-Role: a"}, "x-hasura-role: a"},
		"no roles, no role":       {variables(`"x-hasura-a":{"literal":"x"}`), `{}`, []string{"X-Hasura-Role: admin", "X-Hasura-Role: b"}, "x-hasura-a: x"},
		"names in any case":       {variables(`"X-Hasura-User-Id":{"claim":"sub"}`), `{"sub":"7"}`, nil, "x-hasura-user-id: 7"},
		"no text":                 {variables(`"x-hasura-a":{"claim":"a"}`), `{"a":[1, {"b": "c d"}]}`, nil, `x-hasura-a: [1,{"b":"c d"}]`},
		"CR":                      {variables(`"x-hasura-a":{"claim":"a","default":"d"}`), `{"a":"x\ry"}`, nil, "401 jwt-invalid-claims"},
		"anonymous gets nothing":  {spec, ``, nil, ""},
		"nothing is configured":   {`{"prefix":"x-hasura-"}`, `{"sub":"1"}`, []string{"x-hasura-a: 1"}, ""},
		"before the namespace":    {`{"prefix":"x-hasura-","claimsNamespace":"ns","variables":{"x-hasura-user-id":{"claim":"sub"},"x-hasura-default-role":{"literal":"b"}}}`, `{"sub":"7","ns":{"x-hasura-user-id":"8","x-hasura-org":"o","x-hasura-allowed-roles":["a","b"],"x-hasura-default-role":"a"}}`, nil, "x-hasura-org: o\nx-hasura-role: b\nx-hasura-user-id: 7"},
		"beside a lost namespace": {`{"claimsNamespace":"ns","variables":{"x-session-a":{"literal":"1"}}}`, `{}`, nil, "401 jwt-invalid-claims"},
	} {
		if got := outcome(t, tc.config, tc.claims, tc.header...); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// TestAdministrator: who has the admin secret says who is meant.
func TestAdministrator(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header []string
		want   string
	}{
		"alone":          {nil, "x-hasura-role: admin"},
		"a role":         {[]string{"X-Hasura-Role: user"}, "x-hasura-role: user"},
		"variables":      {[]string{"X-Hasura-User-Id: 7", "X-HASURA-ORG: o", "X-Other: 1", "x_hasura_role: x"}, "x-hasura-org: o\nx-hasura-role: admin\nx-hasura-user-id: 7"},
		"not the secret": {[]string{"X-Hasura-Admin-Secret: s3cret"}, "x-hasura-role: admin"},
		"not roles":      {[]string{"X-Hasura-Allowed-Roles: [\"a\"]", "X-Hasura-Default-Role: a"}, "x-hasura-role: admin"},
		"twice":          {[]string{"X-Hasura-User-Id: 7", "X-Hasura-User-Id: 8"}, "BAD_REQUEST"},
		"role twice":     {[]string{"X-Hasura-Role: a", "X-Hasura-Role: a"}, "BAD_REQUEST"},
		"LF":             {[]string{"X-Hasura-A: a\nb"}, "BAD_REQUEST"},
	} {
		if got := outcome(t, hasura, "admin", tc.header...); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestOff(t *testing.T) {
	t.Parallel()
	var s *session.Session
	fields, rejection, err := s.Of(authz.Identity{Admin: true}, headerOf("X-Session-A: 1"))
	if len(fields) > 0 || rejection != nil || err != nil {
		t.Errorf("got %v, %v, %v", fields, rejection, err)
	}
}

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                                           "",
		`{"prefix":"X-Hasura-"}`:                       "",
		`{"prefix":"hasura-"}`:                         "[prefix]",
		`{"prefix":"x-"}`:                              "[prefix]",
		`{"prefix":"x-a b-"}`:                          "[prefix]",
		`{"prefix":"x-forwarded-"}`:                    "[prefix]",
		`{"prefix":"x-gatehouse-a-"}`:                  "[prefix]",
		`{"claimsNamespace":"$..a"}`:                   "[claimsNamespace]",
		`{"claimsNamespace":"$"}`:                      "",
		`{"claimsFormat":"json"}`:                      "[claimsFormat]",
		`{"claimsNamespace":"a","claimsFormat":"xml"}`: "[claimsFormat]",
		`{"variables":{"user-id":{"claim":"sub"},"x-session-":{"claim":"a"},"x-session-a b":{"claim":"a"},"x-session-role":{"literal":"a"}}}`:                 "[variables.user-id][variables.x-session-][variables.x-session-a b][variables.x-session-role]",
		`{"variables":{"x-session-a":{},"x-session-b":{"claim":"a","literal":"b"},"x-session-c":{"literal":"a","default":"b"},"x-session-d":{"claim":"$["}}}`: "[variables.x-session-a][variables.x-session-b][variables.x-session-c.default][variables.x-session-d.claim]",
		`{"variables":{"x-session-a":{"claim":"a"},"X-Session-A":{"claim":"a"}}}`:                                                                             "[variables.x-session-a]",
		`{"variables":{"x-session-a":{"literal":"a\nb"},"x-session-b":{"literal":null},"x-session-c":{"claim":"a","default":{"a":1,"A":2}}}}`:                 "[variables.x-session-a.literal][variables.x-session-b.literal][variables.x-session-c.default]",
		`{"variables":{"x-session-allowed-roles":{"literal":"a"},"x-session-default-role":{"literal":["a"]}}}`:                                                "[variables.x-session-allowed-roles.literal][variables.x-session-default-role.literal]",
		`{"variables":{"x-session-allowed-roles":{"literal":[]}}}`:                                                                                            "[variables.x-session-allowed-roles.literal]",
		`{"variables":{"x-session-default-role":{"literal":"a"}}}`:                                                                                            "[variables.x-session-default-role]",
		`{"claimsNamespace":"a","variables":{"x-session-default-role":{"claim":"a"}}}`:                                                                        "",
	} {
		got := ""
		config := configOf(t, text)
		config.Check(func(path, _ string) { got += "[" + path + "]" })
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if _, err := session.New(config, ""); (err != nil) != (want != "") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// FuzzOf: whatever verified claims and headers say, what comes out can be sent and signed, and belongs to a caller.
func FuzzOf(f *testing.F) {
	for _, seed := range []string{
		`{"ns":{"x-session-allowed-roles":["a","b"],"x-session-default-role":"a","X-Session-User":"1","x-session-l":[1, 2]},"sub":"7"}`,
		`{"ns":"{\"x-session-allowed-roles\":[\"a\"]}","sub":null}`, `{"ns":{"x-session-a":"\r\n","x-session-\u212a":" "}}`,
	} {
		f.Add(seed, "b", "X-Session-A", "v")
	}
	var sessions []*session.Session
	for _, text := range []string{
		`{"claimsNamespace":"ns","variables":{"x-session-user":{"claim":"sub"}}}`, `{"claimsNamespace":"ns","claimsFormat":"stringified_json"}`,
		`{"variables":{"x-session-a":{"claim":"$.ns","default":1}}}`, `{}`,
	} {
		s, err := session.New(configOf(f, text), "x-session-secret")
		if err != nil {
			f.Fatal(err)
		}
		sessions = append(sessions, s)
	}
	f.Fuzz(func(t *testing.T, claims, role, name, value string) {
		header := http.Header{"X-Session-Role": {role}, http.CanonicalHeaderKey(name): {value}, "X-Session-Secret": {"s3cret"}}
		callers := []authz.Identity{{}, {Admin: true}}
		if caller, err := authz.NewIdentity([]byte(claims)); err == nil {
			callers = append(callers, caller)
		}
		for _, s := range sessions {
			for _, caller := range callers {
				fields, rejection, err := s.Of(caller, header)
				if len(fields) > 0 && (rejection != nil || err != nil || !caller.Authenticated()) {
					t.Fatalf("%v with %v, %v", fields, rejection, err)
				}
				h := http.Header{}
				last := ""
				for _, field := range fields {
					if field.Name <= last || !strings.HasPrefix(field.Name, "x-session-") || field.Name == "x-session-secret" || strings.ContainsAny(field.Value, "\r\n\x00") {
						t.Fatalf("%q", fields)
					}
					last = field.Name
					h[field.Name] = []string{field.Value}
				}
				var sent strings.Builder
				if err := h.Write(&sent); err != nil || strings.Count(sent.String(), "\r\n") != len(fields) {
					t.Fatalf("%q is sent as %q", fields, sent.String())
				}
			}
		}
	})
}

// BenchmarkOf makes five variables and a role.
func BenchmarkOf(b *testing.B) {
	config := configOf(b, `{"prefix":"x-hasura-","claimsNamespace":"https://hasura.io/jwt/claims","variables":{"x-hasura-user-id":{"claim":"sub"},"x-hasura-tenant":{"literal":"acme"}}}`)
	s, err := session.New(config, "")
	if err != nil {
		b.Fatal(err)
	}
	caller, err := authz.NewIdentity([]byte(`{"sub":"1","https://hasura.io/jwt/claims":{"x-hasura-allowed-roles":["user"],"x-hasura-default-role":"user","x-hasura-a":"1","x-hasura-b":"2","x-hasura-c":"3"}}`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		fields, _, err := s.Of(caller, nil)
		if err != nil || len(fields) != 6 {
			b.Fatal(fields, err)
		}
	}
}

var errNext = errors.New("asked the next method")

type nextMethod struct{}

func (nextMethod) Authenticate(*http.Request) (authz.Identity, *authz.Rejection, error) {
	return authz.Identity{}, nil, errNext
}
