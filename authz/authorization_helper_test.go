package authz

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// supergraphHeader is what every supergraph of these tests begins with: graphs a to c, directives as they are called by
// default.
const supergraphHeader = `schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
{ query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ENUM | ENUM_VALUE | SCALAR | INPUT_OBJECT | INPUT_FIELD_DEFINITION | ARGUMENT_DEFINITION
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
scalar requiresScopes__Scope
scalar policy__Policy
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a") B @join__graph(name: "b", url: "http://b") C @join__graph(name: "c", url: "http://c") }
`

// schemaOf parses types: each gets @join__type for graph A and, where it implements interfaces, @join__implements.
func schemaOf(tb testing.TB, types string) *supergraph.Schema {
	tb.Helper()
	var b strings.Builder
	b.WriteString(supergraphHeader)
	for line := range strings.Lines(types) {
		words := strings.Fields(line)
		kinds := []string{"type", "interface", "union", "enum", "scalar", "input"}
		if len(words) == 0 || !slices.Contains(kinds, words[0]) || strings.Contains(line, "@join__type") {
			b.WriteString(line)
			continue
		}
		mark := " @join__type(graph: A)"
		head, rest, found := cutAny(line, "{", "=", "@")
		if _, list, ok := strings.Cut(head, " implements "); ok {
			for name := range strings.SplitSeq(list, "&") {
				mark += ` @join__implements(graph: A, interface: "` + strings.TrimSpace(name) + `")`
			}
		}
		if words[0] == "union" {
			_, list, _ := strings.Cut(line, "=")
			for name := range strings.SplitSeq(list, "|") {
				mark += ` @join__unionMember(graph: A, member: "` + strings.TrimSpace(name) + `")`
			}
		}
		b.WriteString(strings.TrimSpace(head) + mark + " " + found + rest)
		if !strings.HasSuffix(rest, "\n") {
			b.WriteString("\n")
		}
	}
	schema, err := supergraph.Parse([]byte(b.String()))
	if err != nil {
		tb.Fatalf("%v\n%s", err, b.String()[len(supergraphHeader):])
	}
	return schema
}

// cutAny cuts before the first of some marks.
func cutAny(text string, marks ...string) (before, after, mark string) {
	i := strings.IndexAny(text, strings.Join(marks, ""))
	if i < 0 {
		return text, "", ""
	}
	return text[:i], text[i+1:], text[i : i+1]
}

// as returns a caller: "" is anonymous, "admin" an administrator, anything else somebody with scopes and policies, such as
// "a b p:x", "-" with none.
func as(tb testing.TB, text string) Identity {
	tb.Helper()
	if text == "" || text == "p:open" {
		return Identity{}
	}
	claims := map[string]any{"sub": "u1", "role": "user"}
	var scopes, policies []string
	for word := range strings.FieldsSeq(text) {
		if name, ok := strings.CutPrefix(word, "p:"); ok {
			policies = append(policies, name)
		} else if role, ok := strings.CutPrefix(word, "role:"); ok {
			claims["role"] = role
		} else if word != "-" && word != "admin" {
			scopes = append(scopes, word)
		}
	}
	claims["scope"], claims["policies"] = scopes, policies
	raw, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	path, err := ParseClaimPath("scope")
	if err != nil {
		tb.Fatal(err)
	}
	id, err := NewIdentity(raw, path)
	if err != nil {
		tb.Fatal(err)
	}
	id.Token, id.Provider = "token of "+text, "test"
	id.Admin = text == "admin"
	return id
}

// claimed grants what the claim "policies" says, and "open" to everybody.
var claimed = PolicyFunc(func(_ context.Context, caller Identity, _ []string) ([]string, error) {
	path, err := ParseClaimPath("policies")
	granted, _ := caller.ClaimStrings(path)
	return append(slices.Clone(granted), "open"), err
})

// authorizer returns an authorizer whose policies are claims.
func authorizer(tb testing.TB, schema *supergraph.Schema, c AuthorizationConfig) *Authorizer {
	tb.Helper()
	a, err := NewAuthorizer(schema, c, claimed, func(err error) { tb.Error(err) })
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// prepared prepares a document.
func prepared(tb testing.TB, schema *supergraph.Schema, document string) *operation.Operation {
	tb.Helper()
	p, err := operation.New(schema, operation.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	op, err := p.Prepare(tb.Context(), []byte(document), "")
	if err != nil {
		tb.Fatalf("%v\n%s", err, document)
	}
	return op
}

// decided runs one operation for one caller.
func decided(tb testing.TB, a *Authorizer, op *operation.Operation, variables string, caller Identity) (operation.Permitted, []Denial) {
	tb.Helper()
	g, err := a.Guard(op)
	if err != nil {
		tb.Fatal(err)
	}
	values, err := op.Coerce([]byte(variables))
	if err != nil {
		tb.Fatal(err)
	}
	return g.Filter(a.Evaluate(context.Background(), g, caller, op.Evaluate(values, nil)))
}

// affected are the paths of denials, sorted, each once.
func affected(denials []Denial) []string {
	paths := make([]string, len(denials))
	for i, d := range denials {
		paths[i] = d.AffectedPath()
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// visibleTo is what a caller is shown of a filtered schema.
func visibleTo(tb testing.TB, a *Authorizer, caller Identity) func(supergraph.Coordinate) bool {
	tb.Helper()
	return a.visible(a.outcome(tb.Context(), &caller))
}
