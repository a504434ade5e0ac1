package authz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Lint lists what is legal in a schema and probably not meant, sorted, one line each: rules that nobody can satisfy, ways
// around rules, and rules that hold where one would not look for them.
func (c AuthorizationConfig) Lint(schema *supergraph.Schema) []string {
	// Field permissions are no part of the schema: they are left out.
	l := &linter{
		schema: schema, config: c,
		needs: requirementsOf(schema, requirementSource{config: c}),
	}
	for _, t := range schema.Types {
		l.rule(supergraph.Coordinate(t.Name), t.Rule)
		l.union(t)
		for _, f := range t.Fields {
			l.rule(f.Coordinate(), f.Rule)
			l.needed(f)
			l.result(f)
			l.implementations(f)
			l.inherited(f)
		}
	}
	for _, name := range c.Policies.Unsourced(schema) {
		l.report("the policy %s has no source: it is denied to everybody", name)
	}
	slices.Sort(l.found)
	return slices.Compact(l.found)
}

// Unsatisfiable finds the rules of a schema with lists that nobody satisfies: the gateway warns of them when it starts. They
// are among what Lint returns.
func (AuthorizationConfig) Unsatisfiable(schema *supergraph.Schema) []string {
	l := &linter{schema: schema}
	for _, t := range schema.Types {
		l.rule(supergraph.Coordinate(t.Name), t.Rule)
		for _, f := range t.Fields {
			l.rule(f.Coordinate(), f.Rule)
		}
	}
	return l.found
}

type linter struct {
	schema *supergraph.Schema
	config AuthorizationConfig
	needs  *requirements
	found  []string
}

func (l *linter) report(format string, args ...any) {
	l.found = append(l.found, fmt.Sprintf(format, args...))
}

// rule finds lists that nobody can satisfy.
func (l *linter) rule(at supergraph.Coordinate, r *supergraph.Rule) {
	if r == nil {
		return
	}
	for _, directive := range []struct {
		name  string
		lists [][]string
	}{{"@requiresScopes", r.Scopes}, {"@policy", r.Policies}} {
		isEmpty := func(all []string) bool { return len(all) == 0 }
		switch {
		case directive.lists == nil:
		case len(directive.lists) == 0 || !slices.ContainsFunc(directive.lists, func(all []string) bool { return !isEmpty(all) }):
			l.report("%s: %s has only empty lists: it is denied to everybody", at, directive.name)
		case slices.ContainsFunc(directive.lists, isEmpty):
			l.report("%s: %s has an empty list among others: nobody satisfies that one", at, directive.name)
		}
	}
}

// union finds protected members, whose presence __typename shows.
func (l *linter) union(t *supergraph.Type) {
	if t.Kind != supergraph.Union {
		return
	}
	for _, member := range t.Possible {
		if member.Rule != nil {
			l.report("%s: __typename shows which objects are %s, which is protected (%s)", t.Name, member.Name, ruleText(member.Rule))
		}
	}
}

// needed finds fields whose value depends on fields that are better protected.
func (l *linter) needed(f *supergraph.Field) {
	for _, other := range neededBy(nil, f) {
		missing := l.missing(l.needs.own[other], l.needs.own[f])
		if len(missing) == 0 {
			continue
		}
		effect := "so it requires that, too"
		if !l.config.isTransitive() {
			effect = `which is not enforced, since "transitive" is "warn"`
		}
		l.report("%s needs %s, which is protected (%s), %s", f.Coordinate(), other.Coordinate(), strings.Join(missing, " "), effect)
	}
}

// result finds fields that are not protected and whose type is.
func (l *linter) result(f *supergraph.Field) {
	if of := f.Type.Named.Rule; of != nil && f.Rule == nil && f.Parent.Rule == nil {
		l.report("%s has no rule, and its type %s is protected (%s), so it requires that", f.Coordinate(), f.Type.Named.Name, ruleText(of))
	}
}

// implementations finds fields of interfaces that are laxer than the same field of a possible type.
func (l *linter) implementations(f *supergraph.Field) {
	if f.Parent.Kind != supergraph.Interface {
		return
	}
	for _, t := range f.Parent.Possible {
		own := t.Field(f.Name)
		if own == nil || t.Inaccessible {
			continue
		}
		if missing := l.missing(l.needs.own[own], l.needs.own[f]); len(missing) > 0 {
			l.report("%s is laxer than %s (%s), so it requires that, too", f.Coordinate(), own.Coordinate(), strings.Join(missing, " "))
		}
	}
}

// inherited finds fields of which an interface requires more than they do themselves: composition has interfaces require what
// any of their implementations do, so that one of these protects what all share.
func (l *linter) inherited(f *supergraph.Field) {
	if f.Parent.Kind == supergraph.Interface {
		return
	}
	own := requirementTexts(f.Parent.Rule, f.Rule, f.Type.Named.Rule)
	for _, i := range f.Parent.Interfaces {
		more := slices.DeleteFunc(requirementTexts(inheritedFrom(i, f, l.config.isDerived())...),
			func(text string) bool { return slices.Contains(own, text) })
		if len(more) > 0 {
			l.report("%s requires %s, since the interface %s does", f.Coordinate(), strings.Join(more, " "), i.Name)
		}
	}
}

// requirementTexts are rules as a schema would write them, each requirement once.
func requirementTexts(rules ...*supergraph.Rule) []string {
	var texts []string
	for _, r := range rules {
		for _, one := range requirementsOfRule(r) {
			if !slices.Contains(texts, one.text) {
				texts = append(texts, one.text)
			}
		}
	}
	return texts
}

// missing returns what is required there and not here.
func (l *linter) missing(there, here []int) []string {
	var texts []string
	for _, n := range there {
		if !slices.Contains(here, n) {
			texts = append(texts, l.needs.all[n].text)
		}
	}
	return texts
}

// ruleText is a rule as a schema would write it.
func ruleText(r *supergraph.Rule) string {
	all := requirementsOfRule(r)
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = one.text
	}
	return strings.Join(texts, " ")
}
