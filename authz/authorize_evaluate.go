package authz

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// conditions are requirements, compiled: what they ask the caller for is looked up once, by index. They are read-only.
type conditions struct {
	list []condition
	// scopes and policies are the names that the conditions ask for, sorted; rules are field permissions.
	scopes, policies []string
	rules            []int
	byField          bool
}

// condition is a requirement whose names are indexes of the lists.
type condition struct {
	requirement
	alternatives [][]int
}

func newConditions(list []requirement) *conditions {
	c := &conditions{list: make([]condition, len(list))}
	for _, r := range list {
		switch r.kind {
		case needsScopes:
			c.scopes = append(c.scopes, slices.Concat(r.anyOf...)...)
		case needsPolicies:
			c.policies = append(c.policies, slices.Concat(r.anyOf...)...)
		case needsPermission:
			c.rules = append(c.rules, r.rules...)
		case needsField:
			c.byField = true
		case impossible, needsCaller:
		}
	}
	slices.Sort(c.scopes)
	slices.Sort(c.policies)
	c.scopes, c.policies = slices.Compact(c.scopes), slices.Compact(c.policies)
	c.rules = sorted(c.rules)
	for i, r := range list {
		c.list[i].requirement = r
		names := c.scopes
		if r.kind == needsPolicies {
			names = c.policies
		}
		for _, all := range r.anyOf {
			indexes := make([]int, len(all))
			for k, name := range all {
				indexes[k], _ = slices.BinarySearch(names, name)
			}
			c.list[i].alternatives = append(c.list[i].alternatives, indexes)
		}
	}
	return c
}

// evaluation is what one caller has of what conditions ask for.
type evaluation struct {
	caller           *Identity
	scopes, policies []bool
	rules            []bool // by index of the configuration
	fields           func(supergraph.Coordinate) bool
	failed           func(error)
	told             bool // of one field that failed, and not of all that a client asks for
}

// evaluate finds out what the caller has. It asks the policies once, if the conditions have some.
func (a *Authorizer) evaluate(ctx context.Context, c *conditions, caller *Identity) evaluation {
	rules := 0
	if len(c.rules) > 0 {
		rules = len(a.permissions.rules)
	}
	have := make([]bool, len(c.scopes)+len(c.policies)+rules)
	e := evaluation{caller: caller, failed: a.failed}
	e.scopes, have = have[:len(c.scopes)], have[len(c.scopes):]
	e.policies, e.rules = have[:len(c.policies)], have[len(c.policies):]
	if caller.Admin {
		fill(e.scopes)
		fill(e.policies)
		fill(e.rules)
	} else {
		e.findScopes(c.scopes)
		a.askPolicies(ctx, c.policies, &e)
		for _, i := range c.rules {
			e.rules[i] = a.permissions.rules[i].applies(caller)
		}
	}
	if c.byField {
		e.fields = a.askFields(ctx, caller)
	}
	return e
}

func fill(all []bool) {
	for i := range all {
		all[i] = true
	}
}

// findScopes notes which scopes the caller has. Both lists are sorted.
func (e *evaluation) findScopes(names []string) {
	have := e.caller.Scopes()
	for i, name := range names {
		for len(have) > 0 && have[0] < name {
			have = have[1:]
		}
		e.scopes[i] = len(have) > 0 && have[0] == name
	}
}

// askPolicies notes which policies the caller satisfies.
func (a *Authorizer) askPolicies(ctx context.Context, names []string, e *evaluation) {
	if len(names) == 0 || a.policy == nil {
		return
	}
	granted, err := decide(ctx, a.policy, *e.caller, slices.Clone(names))
	if err != nil {
		tell(ctx, a.failed, err)
		return
	}
	for _, name := range granted {
		if i, asked := slices.BinarySearch(names, name); asked {
			e.policies[i] = true
		}
	}
}

// waitsFor tells whether evaluating conditions may have to wait for somebody.
func (a *Authorizer) waitsFor(c *conditions) bool {
	router, configured := a.policy.(*policyRouter)
	switch {
	case c.byField:
		return true
	case configured:
		return slices.ContainsFunc(c.policies, router.waits)
	}
	return a.policy != nil && len(c.policies) > 0
}

// askFields asks the program which fields the caller may select.
func (a *Authorizer) askFields(ctx context.Context, caller *Identity) func(supergraph.Coordinate) bool {
	who := *caller // the program may still look at it when the request is over
	allowed, err := within(ctx, a.bounds, func(ctx context.Context) (func(supergraph.Coordinate) bool, error) {
		return a.byField(ctx, who), nil
	})
	if err != nil {
		tell(ctx, a.failed, fmt.Errorf("asking for the field permissions: %w", err))
		return nil
	}
	return allowed
}

// holds decides one condition. An administrator satisfies every directive that somebody can satisfy.
func (e *evaluation) holds(c *condition) bool {
	switch c.kind {
	case needsCaller:
		return e.caller.Authenticated()
	case needsScopes:
		return satisfied(c.alternatives, e.scopes)
	case needsPolicies:
		return satisfied(c.alternatives, e.policies)
	case needsPermission:
		return e.caller.Admin || e.anyRule(c.rules)
	case needsField:
		return e.fields != nil && e.allows(c.field)
	case impossible:
	}
	return false
}

// satisfied tells whether some list has all its members. An empty list has nothing to satisfy it with.
func satisfied(alternatives [][]int, have []bool) bool {
	for _, all := range alternatives {
		missing := len(all) == 0
		for _, i := range all {
			missing = missing || !have[i]
		}
		if !missing {
			return true
		}
	}
	return false
}

func (e *evaluation) anyRule(rules []int) bool {
	for _, i := range rules {
		if e.rules[i] {
			return true
		}
	}
	return false
}

// allows asks the program about one field.
func (e *evaluation) allows(field supergraph.Coordinate) (allowed bool) {
	defer func() {
		if r := recover(); r != nil {
			if !e.told {
				e.failed(fmt.Errorf("the field permissions panicked, first about %s: %v", field, r))
			}
			e.told, allowed = true, false
		}
	}()
	return e.fields(field)
}
