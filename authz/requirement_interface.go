package authz

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// inheritedRules are the rules on interfaces that selecting f on an object type requires, too: those of every interface that
// declares f, and of f there. When derived, what composition wrote on an interface for its implementations' sake is left out.
func inheritedRules(f *supergraph.Field, derived bool) []*supergraph.Rule {
	rules := make([]*supergraph.Rule, 0, 2*len(f.Parent.Interfaces)) //nolint:mnd // of the interface and of the field
	for _, i := range f.Parent.Interfaces {
		rules = append(rules, inheritedFrom(i, f, derived)...)
	}
	return rules
}

func inheritedFrom(i *supergraph.Type, f *supergraph.Field, derived bool) []*supergraph.Rule {
	declared := i.Field(f.Name)
	if declared == nil {
		return nil
	}
	var rules []*supergraph.Rule
	if !derived || !isDerived(i.Rule, typeRules(i)) {
		rules = append(rules, i.Rule)
	}
	if !derived || !isDerived(declared.Rule, fieldRules(i, f.Name)) {
		rules = append(rules, declared.Rule)
	}
	return rules
}

// typeRules are the rules on the possible types of an interface.
func typeRules(i *supergraph.Type) []*supergraph.Rule {
	rules := make([]*supergraph.Rule, 0, len(i.Possible))
	for _, t := range i.Possible {
		rules = append(rules, t.Rule)
	}
	return rules
}

// fieldRules are the rules on a field of the possible types of an interface.
func fieldRules(i *supergraph.Type, name string) []*supergraph.Rule {
	var rules []*supergraph.Rule
	for _, t := range i.Possible {
		if f := t.Field(name); f != nil {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

// isDerived tells whether who satisfies all rules of the implementations satisfies the rule of the interface, so that it may
// be composition's. Where that would take long to find out, it is not.
func isDerived(rule *supergraph.Rule, implementations []*supergraph.Rule) bool {
	if rule == nil {
		return true
	}
	var authenticated bool
	var scopes, policies [][][]string
	for _, r := range implementations {
		if r == nil {
			continue
		}
		authenticated = authenticated || r.Authenticated || r.Scopes != nil
		if r.Scopes != nil {
			scopes = append(scopes, r.Scopes)
		}
		if r.Policies != nil {
			policies = append(policies, r.Policies)
		}
	}
	return (authenticated || !rule.Authenticated) &&
		(rule.Scopes == nil || implies(scopes, rule.Scopes)) &&
		(rule.Policies == nil || implies(policies, rule.Policies))
}

// implies tells whether who satisfies each of the disjunctions in all satisfies anyOf. Of those that nobody satisfies composition makes
// one that nobody satisfies, so that they imply no other.
func implies(all [][][]string, anyOf [][]string) bool {
	if slices.ContainsFunc(all, satisfiedByNobody) {
		return satisfiedByNobody(anyOf)
	}
	i := implication{anyOf: anyOf, left: maxCombinations, has: map[string]int{}}
	return i.holds(all)
}

// satisfiedByNobody tells whether a disjunction has no conjunction that somebody can satisfy.
func satisfiedByNobody(anyOf [][]string) bool {
	return !slices.ContainsFunc(anyOf, func(conjunction []string) bool { return len(conjunction) > 0 })
}

// maxCombinations is how many ways to satisfy the rules of implementations are looked at.
const maxCombinations = 10_000

// implication goes through the ways to satisfy some disjunctions: one conjunction of each.
type implication struct {
	anyOf [][]string
	left  int
	has   map[string]int // the names of the conjunctions that were taken, with how many have them
}

func (i *implication) holds(all [][][]string) bool {
	if len(all) == 0 {
		i.left--
		return i.left >= 0 && i.satisfied()
	}
	for _, conjunction := range all[0] {
		if len(conjunction) == 0 {
			continue // nobody satisfies it
		}
		for _, name := range conjunction {
			i.has[name]++
		}
		held := i.holds(all[1:])
		for _, name := range conjunction {
			i.has[name]--
		}
		if !held {
			return false
		}
	}
	return true
}

func (i *implication) satisfied() bool {
	for _, conjunction := range i.anyOf {
		n := 0
		for n < len(conjunction) && i.has[conjunction[n]] > 0 {
			n++
		}
		if n > 0 && n == len(conjunction) {
			return true
		}
	}
	return false
}
