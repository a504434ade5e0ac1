package authz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

const people = `
	type Query { me: User @authenticated users: [User!]! user: User }
	type User { id: ID! email: String! @requiresScopes(scopes: [["read:email"]]) friends: [User] best: User salary: Int @policy(policies: [["hr", "eu"]]) }
`

func TestDenialErrors(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, people)
	a := authorizer(t, schema, AuthorizationConfig{})
	op := prepared(t, schema, `{ me { email } u: users { id e: email best { email } } user { best { email salary } } }`)
	for _, tc := range []struct {
		caller  string
		explain bool
		want    string
	}{
		{"", false, `
			["me"] {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"me","reason":"UNAUTHENTICATED"}
			- {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"u.e","reason":"UNAUTHENTICATED"}
			- {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"u.best.email","reason":"UNAUTHENTICATED"}
			["user","best","email"] {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"user.best.email","reason":"UNAUTHENTICATED"}
			["user","best","salary"] {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"user.best.salary","reason":"UNAUTHENTICATED"}`},
		{"read:email p:hr", true, `
			["user","best","salary"] {"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"user.best.salary","reason":"FORBIDDEN","unmet":"@policy(policies: [[\"hr\",\"eu\"]])"}`},
		{"admin", true, ""},
	} {
		_, denials := decided(t, a, op, "{}", as(t, tc.caller))
		var got []string
		for _, d := range denials {
			text := string(gqlerr.List{d.GraphQLError(tc.explain)}.AppendJSON(nil))
			path := "-"
			if _, after, ok := strings.Cut(text, `"path":`); ok {
				path, _, _ = strings.Cut(after, `,"extensions"`)
			}
			_, extensions, _ := strings.Cut(text, `"extensions":`)
			got = append(got, path+" "+strings.TrimSuffix(extensions, "}]"))
			if !strings.Contains(text, `"message":"Unauthorized field or type"`) {
				t.Error(text)
			}
		}
		if text, want := strings.Join(got, "\n"), strings.TrimSpace(strings.ReplaceAll(tc.want, "\t", "")); text != want {
			t.Errorf("caller %q:\n%s\nwant\n%s", tc.caller, text, want)
		}
	}
}

// TestSelections: what is fetched and what is answered for a caller.
func TestSelections(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, people)
	a := authorizer(t, schema, AuthorizationConfig{})
	for _, tc := range []struct{ document, caller, want string }{
		{`{ user { id best { id email } } users { id } }`, "", "query { user { id best # denied } users { id } }"},
		{`{ user { id best { id email } } users { id } }`, "read:email", "query { user { id best { id email } } users { id } }"},
		{`{ users { email } me { id } }`, "", "query { users { email # denied } me # denied }"},
	} {
		permitted, _ := decided(t, a, prepared(t, schema, tc.document), "{}", as(t, tc.caller))
		if got := strings.Join(strings.Fields(permitted.Text()), " "); got != tc.want {
			t.Errorf("%s, caller %q: %s, want %s", tc.document, tc.caller, got, tc.want)
		}
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, people)
	op := prepared(t, schema, `{ me { id } user { email } }`)
	for _, tc := range []struct {
		mode, wish, caller string
		dry                bool
		want               string
	}{
		{"", "", "", false, "no"},
		{"filter", "filter", "-", false, "no"},
		{"filter", "reject", "", false, `401 Bearer`},
		{"", "reject", "-", false, `403 Bearer error="insufficient_scope"`},
		{"reject", "", "", false, `401 Bearer`},
		{"reject", "filter", "-", false, `403 Bearer error="insufficient_scope"`},
		{"reject", "", "read:email", false, "no"},
		{"reject", "reject", "", true, "no"},
	} {
		a := authorizer(t, schema, AuthorizationConfig{Mode: tc.mode, DryRun: tc.dry})
		_, denials := decided(t, a, op, "{}", as(t, tc.caller))
		got := "no"
		if r := a.Refuse(denials, tc.wish); r != nil {
			got = fmt.Sprint(r.StatusCode(), " ", r.Challenge)
		}
		if got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, people)
	op := prepared(t, schema, `{ me { id email } user { best { email } } }`)
	permitted, denials := decided(t, authorizer(t, schema, AuthorizationConfig{DryRun: true}), op, "{}", as(t, ""))
	if strings.Contains(permitted.Text(), "denied") || len(permitted.Selections()) != 2 {
		t.Error(permitted.Text())
	}
	if got := affected(denials); !slices.Equal(got, []string{"me", "user.best.email"}) {
		t.Errorf("would be denied: %v", got)
	}
}

// TestPoliciesAreAskedOnce: once per request, with all names, and never for operations without policies or administrators.
func TestPoliciesAreAskedOnce(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `type Query { a: Int @policy(policies: [["x", "y"], ["z"]]) b: Int @policy(policies: [["x"]]) c: Int @authenticated d: Int }`)
	var asked []string
	policy := PolicyFunc(func(_ context.Context, _ Identity, names []string) ([]string, error) {
		asked = append(asked, strings.Join(names, " "))
		slices.Reverse(names) // a policy may do with its argument what it likes
		return []string{"x", "other"}, nil
	})
	a, err := NewAuthorizer(schema, AuthorizationConfig{}, policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ document, caller, asked, denied string }{
		{"{ a b c d }", "-", "x y z", "a"},
		{"{ b }", "-", "x", ""},
		{"{ b }", "", "x", ""},
		{"{ c d }", "-", "", ""},
		{"{ a b c d }", "admin", "", ""},
	} {
		asked = nil
		_, denials := decided(t, a, prepared(t, schema, tc.document), "{}", as(t, tc.caller))
		if got := strings.Join(asked, "|"); got != tc.asked || strings.Join(affected(denials), " ") != tc.denied {
			t.Errorf("%s for %q: asked %q, denied %v", tc.document, tc.caller, got, affected(denials))
		}
	}
}

// TestPoliciesFail: whatever goes wrong denies, and is told; that a client went away is not.
func TestPoliciesFail(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, `type Query { a: Int @policy(policies: [["x"]]) b: Int }`)
	op := prepared(t, schema, "{ a b }")
	for name, policy := range map[string]Policy{
		"none": nil,
		"an error": PolicyFunc(func(context.Context, Identity, []string) ([]string, error) {
			return []string{"x"}, errors.New("down")
		}),
		"a panic": PolicyFunc(func(context.Context, Identity, []string) ([]string, error) { panic("oops") }),
		"the end of the request": PolicyFunc(func(context.Context, Identity, []string) ([]string, error) {
			return []string{"x"}, nil
		}),
	} {
		var failed []error
		a, err := NewAuthorizer(schema, AuthorizationConfig{}, policy, func(err error) { failed = append(failed, err) })
		if err != nil {
			t.Fatal(err)
		}
		g, err := a.Guard(op)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if name == "the end of the request" {
			cancel()
		}
		_, denials := g.Filter(a.Evaluate(ctx, g, as(t, "p:x"), operation.Bits{}))
		cancel()
		if got := affected(denials); !slices.Equal(got, []string{"a"}) {
			t.Errorf("%s: denied are %v", name, got)
		}
		if (len(failed) == 1) != (policy != nil && name != "the end of the request") {
			t.Errorf("%s: %v", name, failed)
		}
	}
}

// TestGuardFailsClosed: an operation of another schema has requirements that are not known.
func TestGuardFailsClosed(t *testing.T) {
	t.Parallel()
	schema, other := schemaOf(t, people), schemaOf(t, people)
	if _, err := authorizer(t, schema, AuthorizationConfig{}).Guard(prepared(t, other, "{ user { id } }")); err == nil {
		t.Error("an operation of another schema has a guard")
	}
	var types, document strings.Builder
	types.WriteString("type Query {\n")
	document.WriteString("{")
	for i := range operation.MaxConditions {
		fmt.Fprintf(&types, "f%d: Int @requiresScopes(scopes: [[\"s%d\"]])\n", i, i)
		fmt.Fprintf(&document, " f%d", i)
	}
	schema = schemaOf(t, types.String()+"}")
	p, err := operation.New(schema, operation.Limits{RootFields: 1000})
	if err != nil {
		t.Fatal(err)
	}
	op, err := p.Prepare(t.Context(), []byte(document.String()+"}"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authorizer(t, schema, AuthorizationConfig{}).Guard(op); gqlerr.CodeOf(err) != gqlerr.ValidationFailed {
		t.Errorf("too many conditions: %v", err)
	}
}

func TestFieldPermissionsOfTheProgram(t *testing.T) {
	t.Parallel()
	schema := schemaOf(t, people)
	op := prepared(t, schema, `{ me { id } user { id best { id email } __typename } __schema { queryType { name } } }`)
	var calls atomic.Int32
	for _, tc := range []struct {
		name    string
		allowed func(context.Context, Identity) func(supergraph.Coordinate) bool
		denied  string
	}{
		{"some", func(_ context.Context, caller Identity) func(supergraph.Coordinate) bool {
			calls.Add(1)
			return func(c supergraph.Coordinate) bool { return caller.Subject == "u1" && c != "User.best" }
		}, "user.best"},
		{"nothing", func(context.Context, Identity) func(supergraph.Coordinate) bool { return nil }, "me user"},
		{"a panic", func(context.Context, Identity) func(supergraph.Coordinate) bool { panic("oops") }, "me user"},
		{"a late panic", func(context.Context, Identity) func(supergraph.Coordinate) bool {
			return func(supergraph.Coordinate) bool { panic("oops") }
		}, "me user"},
	} {
		a, err := NewAuthorizer(schema, AuthorizationConfig{}, claimed, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, denials := decided(t, a.WithFieldPermissions(tc.allowed), op, "{}", as(t, "read:email"))
		if got := strings.Join(affected(denials), " "); got != tc.denied {
			t.Errorf("%s: denied are %s", tc.name, got)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("asked %d times", calls.Load())
	}
}

// BenchmarkEvaluate measures 100 distinct requirements for a caller with 50 scopes.
func BenchmarkEvaluate(b *testing.B) {
	var types, document, scopes strings.Builder
	types.WriteString("type Query {\n")
	document.WriteString("{")
	for i := range 99 {
		fmt.Fprintf(&types, "f%d: Int @requiresScopes(scopes: [[\"read:thing%d\", \"write:thing%d\"], [\"admin:thing%d\"]])\n", i, i, i, i)
		fmt.Fprintf(&document, " f%d", i)
		if i%4 == 0 {
			fmt.Fprintf(&scopes, "read:thing%d write:thing%d ", i, i)
		}
	}
	schema := schemaOf(b, types.String()+"}")
	op := prepared(b, schema, document.String()+"}")
	a := authorizer(b, schema, AuthorizationConfig{})
	g, err := a.Guard(op)
	if err != nil {
		b.Fatal(err)
	}
	if len(g.conditions.list) != 100 {
		b.Fatal(len(g.conditions.list))
	}
	caller, admin := as(b, scopes.String()), as(b, "admin")
	for _, c := range []struct {
		name   string
		caller Identity
	}{{"scopes", caller}, {"admin", admin}, {"anonymous", Identity{}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.Evaluate(context.Background(), g, c.caller, operation.Bits{})
			}
		})
	}
	bits := a.Evaluate(context.Background(), g, admin, operation.Bits{})
	b.Run("denials of nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			g.denials(bits)
		}
	})
}
