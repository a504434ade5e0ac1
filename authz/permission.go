package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// FieldPermissions is an allow-list of fields per caller, for graphs whose schema has no auth directives: the
// "fieldPermissions" section of the configuration file. Rules add up.
type FieldPermissions struct {
	Rules []PermissionRule `json:"rules"`
	// Default are the patterns that everybody may select.
	Default []string `json:"default"`
}

// PermissionRule allows the callers that When describes to select the fields that Allow names: Type.field, Type.* or *.
type PermissionRule struct {
	When  PermissionTest `json:"when"`
	Allow []string       `json:"allow"`
}

// PermissionTest describes callers: those of whom everything that it says is true. An empty test is an error.
type PermissionTest struct {
	// Claim is a claim path; the claim must be one of In, or, if it is a list, hold one of them.
	Claim string   `json:"claim"`
	In    []string `json:"in"`
	// Authenticated: there must be a caller.
	Authenticated bool `json:"authenticated"`
}

// fieldPermissions are compiled FieldPermissions.
type fieldPermissions struct {
	rules     []permissionRule
	everybody patterns
}

type permissionRule struct {
	claim         ClaimPath
	in            []string
	byClaim, auth bool
	allow         patterns
}

// patterns are the fields that some patterns name.
type patterns map[*supergraph.Field]bool

func compilePermissions(schema *supergraph.Schema, p *FieldPermissions) (*fieldPermissions, error) {
	if p == nil {
		return nil, nil //nolint:nilnil // no permissions is a value: everything is allowed as far as they go
	}
	compiled := &fieldPermissions{}
	var err error
	if compiled.everybody, err = compilePatterns(schema, p.Default); err != nil {
		return nil, fmt.Errorf("fieldPermissions.default: %w", err)
	}
	for i, r := range p.Rules {
		rule := permissionRule{in: r.When.In, byClaim: r.When.Claim != "", auth: r.When.Authenticated}
		if !rule.byClaim && !rule.auth {
			return nil, fmt.Errorf("fieldPermissions.rules[%d].when: says nothing about the caller; what everybody may select stands in default", i)
		}
		if rule.byClaim {
			if rule.claim, err = ParseClaimPath(r.When.Claim); err != nil {
				return nil, fmt.Errorf("fieldPermissions.rules[%d].when.claim: %w", i, err)
			}
		}
		if rule.allow, err = compilePatterns(schema, r.Allow); err != nil {
			return nil, fmt.Errorf("fieldPermissions.rules[%d].allow: %w", i, err)
		}
		compiled.rules = append(compiled.rules, rule)
	}
	return compiled, nil
}

// compilePatterns finds the fields; a pattern that matches nothing is an error, since it is a spelling mistake or outdated.
func compilePatterns(schema *supergraph.Schema, texts []string) (patterns, error) {
	found := patterns{}
	for _, text := range texts {
		matched := false
		typeName, fieldName, _ := strings.Cut(text, ".")
		for _, t := range schema.Types {
			if text != "*" && t.Name != typeName {
				continue
			}
			for _, f := range t.Fields {
				if text == "*" || fieldName == "*" || f.Name == fieldName {
					found[f], matched = true, true
				}
			}
		}
		if !matched {
			return nil, fmt.Errorf("%q matches no field of the schema (patterns are Type.field, Type.* and *)", text)
		}
	}
	return found, nil
}

// allowing lists the rules that allow a field; everybody tells that no rule is needed.
func (p *fieldPermissions) allowing(f *supergraph.Field) (rules []int, everybody bool) {
	if p.everybody[f] {
		return nil, true
	}
	rules = []int{}
	for i, r := range p.rules {
		if r.allow[f] {
			rules = append(rules, i)
		}
	}
	return rules, false
}

// applies tells whether the rule is about this caller.
func (r permissionRule) applies(caller Identity) bool {
	if r.auth && !caller.Authenticated() {
		return false
	}
	if !r.byClaim {
		return true
	}
	have, _ := caller.ClaimStrings(r.claim)
	return slices.ContainsFunc(have, func(value string) bool { return slices.Contains(r.in, value) })
}
