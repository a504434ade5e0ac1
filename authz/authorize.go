package authz

import (
	"context"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Authorizer decides what callers may see of one schema. It is read-only and safe for concurrent use.
type Authorizer struct {
	requirements *requirements
	permissions  *fieldPermissions
	policy       Policy
	// failed is told when a policy could not be asked.
	failed func(err error)
}

// NewAuthorizer returns the authorizer of a schema. The policy decides about @policy; it may be nil, which denies all of
// them. Failed, which may be nil, is told of the errors of policies.
func NewAuthorizer(schema *supergraph.Schema, policy Policy, permissions *FieldPermissions, failed func(error)) (*Authorizer, error) {
	compiled, err := compilePermissions(schema, permissions)
	if err != nil {
		return nil, err
	}
	if failed == nil {
		failed = func(error) {}
	}
	return &Authorizer{
		requirements: requirementsOf(schema, compiled), permissions: compiled, policy: policy, failed: failed,
	}, nil
}

// Evaluate adds the outcomes of the guard's conditions for one caller to the bits of the operation. It asks the policies, if
// there are any to ask, once; one that cannot be asked denies.
func (a *Authorizer) Evaluate(ctx context.Context, g *Guard, caller Identity, bits operation.Bits) operation.Bits {
	if g.Open() {
		return bits
	}
	granted := a.granted(ctx, g, caller)
	offset := len(g.op.Conditions)
	for i, r := range g.requirements {
		if a.holds(r, caller, granted) {
			bits.Set(offset + i)
		}
	}
	return bits
}

func (a *Authorizer) granted(ctx context.Context, g *Guard, caller Identity) []string {
	if len(g.policies) == 0 || a.policy == nil || caller.Admin {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, policyTime)
	defer cancel()
	granted, err := decide(ctx, a.policy, caller, g.policies)
	if err != nil {
		a.failed(err)
		return nil
	}
	return granted
}

// holds decides one requirement. An administrator satisfies every directive that somebody can satisfy.
func (a *Authorizer) holds(r requirement, caller Identity, granted []string) bool {
	switch r.kind {
	case needsCaller:
		return caller.Authenticated()
	case needsScopes:
		return satisfied(r.anyOf, func(scope string) bool { return caller.Admin || caller.HasScope(scope) })
	case needsPolicies:
		return satisfied(r.anyOf, func(policy string) bool { return caller.Admin || slices.Contains(granted, policy) })
	case needsPermission:
		return caller.Admin || slices.ContainsFunc(r.rules, func(i int) bool { return a.permissions.rules[i].applies(caller) })
	}
	return false
}

// satisfied tells whether some list has all its names. An empty list has nothing to satisfy it with.
func satisfied(anyOf [][]string, has func(string) bool) bool {
	return slices.ContainsFunc(anyOf, func(all []string) bool {
		for _, name := range all {
			if !has(name) {
				return false
			}
		}
		return len(all) > 0
	})
}
