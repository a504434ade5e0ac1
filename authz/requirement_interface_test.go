package authz

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestDerivedRules: a rule of an interface that composition wrote binds those who select through the interface, and one that
// nobody could have derived everybody.
func TestDerivedRules(t *testing.T) {
	t.Parallel()
	const query = "type Query { node: Node user: User item: Item }\n"
	for _, tc := range []struct{ name, types, inherited, derived string }{
		{
			"a type's rule", `interface Node @authenticated { id: ID }
			type User implements Node @authenticated { id: ID }
			type Item implements Node { id: ID }`,
			"node user item.id", "node user",
		},
		{
			"a field's rule", `interface Node { id: ID @authenticated }
			type User implements Node { id: ID @authenticated }
			type Item implements Node { id: ID }`,
			"node.id user.id item.id", "node.id user.id",
		},
		{
			"no implementation has it", `interface Node { id: ID @authenticated }
			type User implements Node { id: ID }
			type Item implements Node { id: ID }`,
			"node.id user.id item.id", "node.id user.id item.id",
		},
		{
			"an implementation has another one", `interface Node { id: ID @policy(policies: [["p"]]) }
			type User implements Node { id: ID @authenticated }
			type Item implements Node { id: ID }`,
			"node.id user.id item.id", "node.id user.id item.id",
		},
		{
			"a type has it and not its field", `interface Node { id: ID @authenticated }
			type User implements Node @authenticated { id: ID }
			type Item implements Node { id: ID }`,
			"node.id user item.id", "node.id user item.id",
		},
	} {
		schema := schemaOf(t, query+tc.types)
		op := prepared(t, schema, "{ node { id } user { id } item { id } }")
		for mode, want := range map[string]string{"": tc.inherited, rulesInherited: tc.inherited, rulesDerived: tc.derived} {
			a := authorizer(t, schema, AuthorizationConfig{InterfaceRules: mode})
			_, denials := decided(t, a, op, "{}", as(t, ""))
			paths := strings.Fields(want)
			slices.Sort(paths)
			if got := affected(denials); !slices.Equal(got, paths) {
				t.Errorf("%s, %q: denied are %v, want %v", tc.name, mode, got, paths)
			}
			if _, denials := decided(t, a, op, "{}", as(t, "admin")); len(denials) > 0 {
				t.Errorf("%s, %q: an administrator is denied %v", tc.name, mode, affected(denials))
			}
		}
	}
	schema := schemaOf(t, query+`interface Node { id: ID @authenticated }
		type User implements Node { id: ID @authenticated }
		type Item implements Node { id: ID }`)
	warning := "Item.id requires @authenticated, since the interface Node does"
	if !slices.Contains((AuthorizationConfig{}).Lint(schema), warning) || slices.Contains((AuthorizationConfig{InterfaceRules: rulesDerived}).Lint(schema), warning) {
		t.Error("the warning does not say what is so")
	}
}

// TestIsDerived: the rules of implementations imply the interface's, or not; implementations are apart by "|", conjunctions by
// ",", "-" is an empty one.
func TestIsDerived(t *testing.T) {
	t.Parallel()
	lists := func(text string) [][]string {
		all := [][]string{}
		for part := range strings.SplitSeq(text, ",") {
			all = append(all, strings.Fields(strings.ReplaceAll(part, "-", "")))
		}
		return all
	}
	wide := make([]string, 20)
	for i := range wide {
		wide[i] = fmt.Sprintf("a%d,b%d", i, i)
	}
	for _, tc := range []struct {
		of, implementations string
		want                bool
	}{
		{"a", "a", true},
		{"a", "a|b", true},
		{"a", "b", false},
		{"a b", "a|b", true},
		{"a b", "a", false},
		{"a", "a b", true},
		{"a,b", "a", true},
		{"a", "a,b", false},
		{"a c,b c", "a,b|c", true},
		{"a c,b c", "a,b|c,d", false},
		{"a c,a d,b c,b d", "a,b|c,d", true},
		{"a", "a,-", true}, // nobody comes by the empty one
		{"-", "a", false},
		{"a,-", "a", true},
		{"a0,b0", strings.Join(wide, "|"), false}, // it is, and that takes a million ways to see
	} {
		for _, kind := range []string{"scopes", "policies"} {
			rule := func(text string) *supergraph.Rule {
				if kind == "scopes" {
					return &supergraph.Rule{Scopes: lists(text)}
				}
				return &supergraph.Rule{Policies: lists(text)}
			}
			implementations := []*supergraph.Rule{nil}
			for text := range strings.SplitSeq(tc.implementations, "|") {
				implementations = append(implementations, rule(text))
			}
			if got := isDerived(rule(tc.of), implementations); got != tc.want {
				t.Errorf("%s: %q from %q: got %t", kind, tc.of, tc.implementations, got)
			}
		}
	}
	scoped, authenticated := &supergraph.Rule{Scopes: [][]string{{"a"}}}, &supergraph.Rule{Authenticated: true}
	if !isDerived(authenticated, []*supergraph.Rule{scoped}) || isDerived(scoped, []*supergraph.Rule{authenticated}) || isDerived(authenticated, nil) || !isDerived(nil, nil) {
		t.Error("scopes imply an authenticated caller, and nothing else does")
	}
}

// TestNobodyImpliesNothing: an implementation that nobody may see does not open the others to those who lack what the interface requires.
func TestNobodyImpliesNothing(t *testing.T) {
	t.Parallel()
	admin, nobody := [][]string{{"admin"}}, [][]string{{}}
	for _, none := range [][][]string{nobody, {}} {
		closed := []*supergraph.Rule{{Scopes: none}, {Scopes: admin}}
		if isDerived(&supergraph.Rule{Scopes: [][]string{{"other"}}}, closed) || isDerived(&supergraph.Rule{Scopes: admin}, closed) {
			t.Errorf("%v implies what somebody wrote", none)
		}
		if !isDerived(&supergraph.Rule{Scopes: none}, closed) {
			t.Errorf("%v does not imply what composition makes of it", none)
		}
	}
}
