package authz

import (
	"encoding/json"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// requirement is one condition on the caller. Equal ones of a schema are one.
type requirement struct {
	kind requirementKind
	// anyOf is a disjunction of conjunctions: of scopes, or of policies. An empty list, or an empty inner list, is satisfied by nobody.
	anyOf [][]string
	// rules are the field permissions of which one must apply to the caller, by index.
	rules []int
	// field must be one that the program's own field permissions allow.
	field supergraph.Coordinate
	// text is the requirement as a schema would write it. It says everything, so that equal texts are equal requirements.
	text string
}

type requirementKind uint8

const (
	impossible  requirementKind = iota // what is required could not be understood
	needsCaller                        // @authenticated, which @requiresScopes implies
	needsScopes
	needsPolicies
	needsPermission
	needsField
)

// requirements are what selecting the fields of a schema requires: a list of distinct conditions and, by field, which of
// them must hold, ascending. It is read-only.
type requirements struct {
	all []requirement
	// fields are those of all fields, own those that stand on the field, its parent, its type and their interfaces.
	fields, own map[*supergraph.Field][]int
}

// requirementsOf computes the requirements of every field of a schema.
//
// Selecting f on the object type P, with the named type R, requires what the rules on P, P.f and R say, and those on every
// interface I that P implements and that declares f, and on I.f (but see inheritedRules). On an interface P it requires, besides,
// what selecting f on every possible type of P requires. Transitively it requires what selecting the fields named in @requires and
// @fromContext of P.f and I.f requires. Keys are exempt: the gateway fetches them for its own use.
func requirementsOf(schema *supergraph.Schema, source requirementSource) *requirements {
	c := &requirementCollector{
		requirementSource: source,
		out: &requirements{
			fields: map[*supergraph.Field][]int{},
			own:    map[*supergraph.Field][]int{},
		},
		index: map[string]int{},
	}
	if source.config.isTransitive() {
		c.needed = neededFields(schema)
	}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			c.out.own[f] = c.ownRequirements(f)
		}
	}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			c.out.fields[f] = c.everything(f)
		}
	}
	for _, name := range []string{"__schema", "__type"} {
		if f := schema.Query.Field(name); f != nil {
			c.out.fields[f] = nil // introspection is governed by its own option
		}
	}
	return c.out
}

// requirementSource is what adds to the rules of a schema.
type requirementSource struct {
	permissions *fieldPermissions // nil without
	// byField: the program decides about each field.
	byField bool
	config  AuthorizationConfig
}

type requirementCollector struct {
	requirementSource

	out   *requirements
	index map[string]int // of out.all, by text
	// needed are the fields named in @requires and @fromContext of a field, its interfaces included.
	needed map[*supergraph.Field][]*supergraph.Field
}

// everything returns the requirements of a field and of all that selecting it means.
func (c *requirementCollector) everything(f *supergraph.Field) []int {
	if f.Parent.Kind != supergraph.Interface && len(c.needed[f]) == 0 {
		return c.out.own[f]
	}
	seen := map[*supergraph.Field]bool{f: true}
	todo := []*supergraph.Field{f}
	var needs []int
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		needs = append(needs, c.out.own[next]...)
		for _, other := range c.implied(next) {
			if !seen[other] {
				seen[other] = true
				todo = append(todo, other)
			}
		}
	}
	return sorted(needs)
}

// implied returns the fields that are selected with f: on the possible types of an interface, and what f needs.
func (c *requirementCollector) implied(f *supergraph.Field) []*supergraph.Field {
	others := slices.Clone(c.needed[f])
	if f.Parent.Kind == supergraph.Interface {
		for _, t := range f.Parent.Possible {
			if own := t.Field(f.Name); own != nil && !t.Inaccessible {
				others = append(others, own)
			}
		}
	}
	return others
}

// ownRequirements returns what is required of f by itself.
func (c *requirementCollector) ownRequirements(f *supergraph.Field) []int {
	var needs []int
	needs = c.rule(needs, f.Parent.Rule)
	needs = c.rule(needs, f.Rule)
	needs = c.rule(needs, f.Type.Named.Rule)
	needs = c.permission(needs, f)
	for _, r := range inheritedRules(f, c.config.isDerived()) {
		needs = c.rule(needs, r)
	}
	if c.config.isTransitive() && brokenContext(f) {
		needs = append(needs, c.add(requirement{kind: impossible, text: "@fromContext of " + string(f.Coordinate()) + " (not understood)"}))
	}
	return sorted(needs)
}

// neededFields finds what @requires and @fromContext name, by field.
func neededFields(schema *supergraph.Schema) map[*supergraph.Field][]*supergraph.Field {
	all := map[*supergraph.Field][]*supergraph.Field{}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			needed := neededBy(nil, f)
			for _, i := range t.Interfaces {
				if declared := i.Field(f.Name); declared != nil {
					needed = neededBy(needed, declared)
				}
			}
			if len(needed) > 0 {
				all[f] = needed
			}
		}
	}
	return all
}

// neededBy adds the fields that any subgraph's @requires or @fromContext on f names.
func neededBy(needed []*supergraph.Field, f *supergraph.Field) []*supergraph.Field {
	for _, in := range f.In {
		if in == nil {
			continue
		}
		needed = appendNamed(needed, in.Requires.Selections)
		for _, arg := range in.ContextArgs {
			needed = append(needed, contextFields(arg)...)
		}
	}
	return needed
}

// appendNamed adds the fields of a field set.
func appendNamed(needed []*supergraph.Field, selections []supergraph.FieldSelection) []*supergraph.Field {
	for _, s := range selections {
		if s.Field != nil && !s.Field.IsTypename() {
			needed = append(needed, s.Field)
		}
		needed = appendNamed(needed, s.Sub)
	}
	return needed
}

// rule adds what the directives on one element require.
func (c *requirementCollector) rule(needs []int, r *supergraph.Rule) []int {
	for _, one := range requirementsOfRule(r) {
		needs = append(needs, c.add(one))
	}
	return needs
}

// requirementsOfRule are what the directives on one element require.
func requirementsOfRule(r *supergraph.Rule) []requirement {
	if r == nil {
		return nil
	}
	var all []requirement
	if r.Authenticated || r.Scopes != nil {
		all = append(all, requirement{kind: needsCaller, text: "@authenticated"})
	}
	if r.Scopes != nil {
		all = append(all, requirement{kind: needsScopes, anyOf: r.Scopes, text: "@requiresScopes(scopes: " + listText(r.Scopes) + ")"})
	}
	if r.Policies != nil {
		all = append(all, requirement{kind: needsPolicies, anyOf: r.Policies, text: "@policy(policies: " + listText(r.Policies) + ")"})
	}
	return all
}

// permission adds that a field permission must allow the field, where there are field permissions and none allows it to
// everybody.
func (c *requirementCollector) permission(needs []int, f *supergraph.Field) []int {
	if c.byField {
		needs = append(needs, c.add(requirement{kind: needsField, field: f.Coordinate(), text: "permission for " + string(f.Coordinate())}))
	}
	if c.permissions == nil {
		return needs
	}
	rules, everybody := c.permissions.allowing(f)
	if everybody {
		return needs
	}
	text, _ := json.Marshal(rules) //nolint:errchkjson // a list of numbers
	return append(needs, c.add(requirement{kind: needsPermission, rules: rules, text: "fieldPermissions.rules" + string(text)}))
}

// add returns the index of a requirement, which is added if it is new.
func (c *requirementCollector) add(r requirement) int {
	i, ok := c.index[r.text]
	if !ok {
		i = len(c.out.all)
		c.index[r.text] = i
		c.out.all = append(c.out.all, r)
	}
	return i
}

// sorted returns a list ascending and without duplicates; it may change the list.
func sorted(needs []int) []int {
	slices.Sort(needs)
	return slices.Clip(slices.Compact(needs))
}

// listText is a list of lists of strings as GraphQL.
func listText(lists [][]string) string {
	text, _ := json.Marshal(lists) //nolint:errchkjson // lists of strings
	return string(text)
}
