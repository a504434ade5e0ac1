package fedgen

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// authorization is the rules of a schema and a caller: what the section "authorization" of a case holds.
type authorization struct {
	Rules  map[string]*supergraph.Rule `json:"rules"` // by coordinate
	Caller caller                      `json:"caller"`
}

// caller is who asks, for the gateway and for the oracle.
type caller struct {
	Known    bool     `json:"known"`
	Admin    bool     `json:"admin,omitempty"`
	Scopes   []string `json:"scopes,omitempty"`
	Policies []string `json:"policies,omitempty"` // that hold
	Broken   bool     `json:"broken,omitempty"`   // the policies cannot be asked
}

func (c *caller) identity() (authz.Identity, error) {
	if !c.Known || c.Admin {
		return authz.Identity{Admin: c.Admin}, nil
	}
	raw, err := json.Marshal(map[string]string{"sub": "caller", "scope": strings.Join(c.Scopes, " ")})
	if err != nil {
		return authz.Identity{}, err
	}
	path, err := authz.ParseClaimPath("scope")
	if err != nil {
		return authz.Identity{}, err
	}
	return authz.NewIdentity(raw, path)
}

// Decide implements authz.Policy.
func (c *caller) Decide(context.Context, authz.Identity, []string) ([]string, error) {
	if c.Broken {
		return c.Policies, errors.New("the policies cannot be asked")
	}
	return c.Policies, nil
}

func randomCaller(r *random) caller {
	c := caller{Known: !r.chance(20), Admin: r.chance(4), Broken: r.chance(4)}
	for name := range strings.FieldsSeq("a b c") {
		if c.Known && !c.Admin && r.chance(65) {
			c.Scopes = append(c.Scopes, name)
		}
	}
	for name := range strings.FieldsSeq("x y z") {
		if r.chance(65) {
			c.Policies = append(c.Policies, name)
		}
	}
	return c
}

// randomRules protects some elements of a schema.
func randomRules(r *random, schema *supergraph.Schema) map[string]*supergraph.Rule {
	rules := map[string]*supergraph.Rule{}
	var palette []*supergraph.Rule
	for range 10 {
		palette = append(palette, randomRule(r))
	}
	percent := r.between(1, 20)
	uneven := 0 // how much rather one implementation of an interface's field is protected, and others are not
	if r.chance(60) {
		uneven, percent = 35, percent/2
	}
	for _, t := range schema.Types {
		chance := percent / 2
		if t == schema.Query || t == schema.Mutation {
			chance = 1
		}
		if t.Kind != supergraph.Union && t.Kind != supergraph.InputObject && r.chance(chance) {
			rules[t.Name] = pick(r, palette)
		}
		for _, f := range t.Fields {
			chance := percent
			if implements(f) || isAbove(schema, t) {
				chance += uneven
			}
			if t.IsComposite() && r.chance(chance) {
				rules[string(f.Coordinate())] = pick(r, palette)
			}
		}
	}
	return rules
}

func implements(f *supergraph.Field) bool {
	return slices.ContainsFunc(f.Parent.Interfaces, func(i *supergraph.Type) bool { return i.Field(f.Name) != nil })
}

// isAbove tells whether other interfaces implement the interface.
func isAbove(schema *supergraph.Schema, t *supergraph.Type) bool {
	return slices.ContainsFunc(schema.Types, func(i *supergraph.Type) bool {
		return i.Kind == supergraph.Interface && slices.Contains(i.Interfaces, t)
	})
}

func randomRule(r *random) *supergraph.Rule {
	rule := &supergraph.Rule{}
	switch r.n(5) {
	case 0:
		rule.Authenticated = true
	case 1, 2:
		rule.Scopes = randomNames(r, "abc")
	case 3:
		rule.Policies = randomNames(r, "xyz")
	default:
		rule.Authenticated, rule.Scopes, rule.Policies = r.chance(50), randomNames(r, "abc"), randomNames(r, "xyz")
	}
	return rule
}

// randomNames is a disjunction of conjunctions; now and then it, or one of them, is empty.
func randomNames(r *random, names string) [][]string {
	all := [][]string{}
	if r.chance(6) {
		return all
	}
	for range r.between(1, 2) {
		one := []string{}
		for range r.between(1, 2) {
			one = append(one, string(names[r.n(len(names))]))
		}
		if r.chance(6) {
			one = []string{}
		}
		all = append(all, one)
	}
	return all
}

// protect puts rules on a schema, in place of those that are there.
func protect(schema *supergraph.Schema, rules map[string]*supergraph.Rule) {
	for _, t := range schema.Types {
		t.Rule = rules[t.Name]
		for _, f := range t.Fields {
			f.Rule = rules[string(f.Coordinate())]
		}
	}
}
