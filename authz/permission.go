package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// FieldPermissions is an allow-list of fields per caller, for graphs whose schema has no auth directives: the
// "fieldPermissions" section of the configuration file. What no rule allows is denied; rules add up.
//
// Patterns are Type.field, Type.* and *. A field of an interface needs, besides its own, the permission for the same field
// of every possible type.
type FieldPermissions struct {
	// Rules allow the callers that When describes to select the fields that Allow names.
	Rules []struct {
		// When describes callers: those of whom everything that it says is true. An empty one is an error.
		When struct {
			// Claim is a claim path; the claim must be one of In, or, if it is a list, hold one of them.
			Claim string   `json:"claim"`
			In    []string `json:"in"`
			// Authenticated: there must be a caller.
			Authenticated bool `json:"authenticated"`
		} `json:"when"`
		Allow []string `json:"allow"`
	} `json:"rules"`
	// Default are the patterns that everybody may select.
	Default []string `json:"default"`
}

// Check calls report for everything that is wrong with p, as far as that can be seen without the schema.
func (p *FieldPermissions) Check(report func(path, problem string)) {
	compilePermissions(nil, p, report)
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

// compilePermissions compiles p, nil if it is nil: then everything is allowed as far as permissions go. It reports what is
// wrong, without a schema only what can be seen without it.
func compilePermissions(schema *supergraph.Schema, p *FieldPermissions, report func(path, problem string)) *fieldPermissions {
	if p == nil {
		return nil
	}
	compiled := &fieldPermissions{everybody: compilePatterns(schema, p.Default, "default", report)}
	for i, r := range p.Rules {
		report := below(report, index("rules", i))
		rule := permissionRule{in: r.When.In, byClaim: r.When.Claim != "", auth: r.When.Authenticated}
		switch {
		case !rule.byClaim && len(rule.in) > 0:
			report("when.in", `needs a "claim" that is one of these`)
		case !rule.byClaim && !rule.auth:
			report("when", `must say something about the caller; what everybody may select belongs in "default"`)
		case rule.byClaim && len(rule.in) == 0:
			report("when.in", "must name the values that the claim may have")
		}
		if rule.byClaim {
			var err error
			if rule.claim, err = ParseClaimPath(r.When.Claim); err != nil {
				report("when.claim", err.Error())
			}
		}
		rule.allow = compilePatterns(schema, r.Allow, "allow", report)
		compiled.rules = append(compiled.rules, rule)
	}
	return compiled
}

// compilePatterns finds the fields; a pattern that matches nothing is an error, since it is a spelling mistake or outdated.
func compilePatterns(schema *supergraph.Schema, texts []string, path string, report func(path, problem string)) patterns {
	found := patterns{}
	for i, text := range texts {
		typeName, fieldName, dotted := strings.Cut(text, ".")
		if text != "*" && (!dotted || typeName == "" || typeName == "*" || fieldName == "" || strings.Contains(fieldName, ".")) {
			report(index(path, i), "must be Type.field, Type.* or *")
			continue
		}
		if schema != nil && !found.match(schema, typeName, fieldName) {
			report(index(path, i), fmt.Sprintf("%q matches no field of the schema", text))
		}
	}
	return found
}

// match adds the fields that a pattern names, and tells whether there are some.
func (p patterns) match(schema *supergraph.Schema, typeName, fieldName string) bool {
	matched := false
	for _, t := range schema.Types {
		if typeName != "*" && t.Name != typeName {
			continue
		}
		for _, f := range t.Fields {
			if typeName == "*" || fieldName == "*" || f.Name == fieldName {
				p[f], matched = true, true
			}
		}
	}
	return matched
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
func (r permissionRule) applies(caller *Identity) bool {
	if r.auth && !caller.Authenticated() {
		return false
	}
	if !r.byClaim {
		return true
	}
	have, _ := caller.ClaimStrings(r.claim)
	return slices.ContainsFunc(have, func(value string) bool { return slices.Contains(r.in, value) })
}
