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
	// text is the requirement as a schema would write it.
	text string
}

type requirementKind uint8

const (
	needsCaller requirementKind = iota // @authenticated, which @requiresScopes implies
	needsScopes
	needsPolicies
	needsPermission
)

// requirements are what selecting the fields of a schema requires: a list of distinct conditions and, by field, which of
// them must hold. It is read-only.
type requirements struct {
	all    []requirement
	fields map[*supergraph.Field][]int
}

// requirementsOf computes the requirements of every field of a schema.
//
// Selecting f on the object type P, with the named type R, requires what the rules on P, P.f and R say, and those on every
// interface I that P implements and that declares f, and on I.f. On an interface P it requires, besides, what selecting f on
// every possible type of P requires. Transitively it requires what the fields named in @requires of P.f require.
func requirementsOf(schema *supergraph.Schema, permissions *fieldPermissions) *requirements {
	c := &requirementCollector{
		out:         &requirements{fields: map[*supergraph.Field][]int{}},
		index:       map[string]int{},
		permissions: permissions,
		visiting:    map[*supergraph.Field]bool{},
	}
	for _, t := range schema.Types {
		for _, f := range t.Fields {
			c.field(f)
		}
	}
	for _, name := range []string{"__schema", "__type"} {
		if f := schema.Query.Field(name); f != nil {
			c.out.fields[f] = nil // introspection is governed by its own option
		}
	}
	return c.out
}

type requirementCollector struct {
	out         *requirements
	index       map[string]int // of out.all, by text
	permissions *fieldPermissions
	visiting    map[*supergraph.Field]bool
}

// field returns the requirements of selecting f, ascending.
func (c *requirementCollector) field(f *supergraph.Field) []int {
	if known, ok := c.out.fields[f]; ok {
		return known
	}
	if c.visiting[f] {
		return nil // it requires itself: whoever started here has its rules
	}
	c.visiting[f] = true
	var needs []int
	needs = c.rule(needs, f.Parent.Rule)
	needs = c.rule(needs, f.Rule)
	needs = c.rule(needs, f.Type.Named.Rule)
	needs = c.permission(needs, f)
	needs = c.required(needs, f)
	for _, i := range f.Parent.Interfaces {
		if declared := i.Field(f.Name); declared != nil {
			needs = c.rule(needs, i.Rule)
			needs = c.rule(needs, declared.Rule)
			needs = c.required(needs, declared)
		}
	}
	if f.Parent.Kind == supergraph.Interface {
		for _, t := range f.Parent.Possible {
			if own := t.Field(f.Name); own != nil && !t.Inaccessible {
				needs = append(needs, c.field(own)...)
			}
		}
	}
	delete(c.visiting, f)
	slices.Sort(needs)
	needs = slices.Clip(slices.Compact(needs))
	if len(c.visiting) == 0 {
		c.out.fields[f] = needs // inside a circle the list may be short of what the start of the circle adds
	}
	return needs
}

// required adds the requirements of the fields that any subgraph's @requires names.
func (c *requirementCollector) required(needs []int, f *supergraph.Field) []int {
	for _, in := range f.In {
		if in != nil {
			needs = c.fieldSet(needs, in.Requires.Selections)
		}
	}
	return needs
}

func (c *requirementCollector) fieldSet(needs []int, selections []supergraph.FieldSelection) []int {
	for _, s := range selections {
		if s.Field != nil && !s.Field.IsTypename() {
			needs = append(needs, c.field(s.Field)...)
		}
		needs = c.fieldSet(needs, s.Sub)
	}
	return needs
}

// rule adds what the directives on one element require.
func (c *requirementCollector) rule(needs []int, r *supergraph.Rule) []int {
	if r == nil {
		return needs
	}
	if r.Authenticated || r.Scopes != nil {
		needs = append(needs, c.add(requirement{kind: needsCaller, text: "@authenticated"}))
	}
	if r.Scopes != nil {
		needs = append(needs, c.add(requirement{kind: needsScopes, anyOf: r.Scopes, text: "@requiresScopes(scopes: " + listText(r.Scopes) + ")"}))
	}
	if r.Policies != nil {
		needs = append(needs, c.add(requirement{kind: needsPolicies, anyOf: r.Policies, text: "@policy(policies: " + listText(r.Policies) + ")"}))
	}
	return needs
}

// permission adds that a field permission must allow the field, where there are field permissions and none allows it to
// everybody.
func (c *requirementCollector) permission(needs []int, f *supergraph.Field) []int {
	if c.permissions == nil || f.Parent.Introspection {
		return needs
	}
	rules, everybody := c.permissions.allowing(f)
	if everybody {
		return needs
	}
	text, _ := json.Marshal(rules) //nolint:errchkjson // a list of numbers
	return append(needs, c.add(requirement{kind: needsPermission, rules: rules, text: "fieldPermissions" + string(text)}))
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

// listText is a list of lists of strings as GraphQL.
func listText(lists [][]string) string {
	text, _ := json.Marshal(lists) //nolint:errchkjson // lists of strings
	return string(text)
}
