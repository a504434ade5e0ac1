package authz

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Authorizer decides what callers may see of one schema. It is read-only and safe for concurrent use.
//
// What a program decides in its own code, policies and field permissions, has 5 s for each request; then it counts as a
// denial, and the request goes on. A call that does not return keeps its goroutine, of which there are at most 1,024: when
// all are taken, as many questions again wait for one, and are denied after their 5 s; any beyond are denied at once. Each source of
// the configuration that is asked over HTTP is bounded likewise, with its own timeout.
type Authorizer struct {
	schema       *supergraph.Schema
	config       AuthorizationConfig
	requirements *requirements
	permissions  *fieldPermissions
	// byField are the program's own field permissions, nil without.
	byField func(ctx context.Context, caller Identity) func(supergraph.Coordinate) bool
	bounds  *bounds // of what the program decides
	policy  Policy
	failed  func(err error)
	// whole are all conditions of the schema.
	whole *conditions
	views *views
}

// NewAuthorizer returns the authorizer of a schema. The policy decides about @policy; it may be nil, which denies all of
// them. Failed, which may be nil, is told of the errors of policies, by several goroutines at once.
//
// The error is about field permissions that do not fit the schema; Check is for the rest of the configuration.
func NewAuthorizer(schema *supergraph.Schema, c AuthorizationConfig, policy Policy, failed func(error)) (*Authorizer, error) {
	var problems []error
	compiled := compilePermissions(schema, c.FieldPermissions, func(path, problem string) {
		problems = append(problems, fmt.Errorf("authorization.fieldPermissions.%s: %s", path, problem))
	})
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if failed == nil {
		failed = func(error) {}
	}
	a := &Authorizer{schema: schema, config: c, permissions: compiled, policy: policy, failed: failed, bounds: newBounds(programTime)}
	if _, configured := policy.(*policyRouter); !configured && policy != nil {
		a.policy = &boundedPolicy{policy, a.bounds}
	}
	return a.compile(), nil
}

// WithFieldPermissions returns an Authorizer that asks the program, too, about every field: allowed is called once per
// request and returns which fields the caller may select, nil for none. Each field of an operation is a condition then, of
// which there are at most operation.MaxConditions. Both functions must be safe for concurrent use; one that panics denies.
func (a *Authorizer) WithFieldPermissions(allowed func(ctx context.Context, caller Identity) func(supergraph.Coordinate) bool) *Authorizer {
	c := *a
	c.byField = allowed
	return c.compile()
}

// WithObserver returns an Authorizer that tells o of the decisions of policies (Decided).
func (a *Authorizer) WithObserver(o Observer) *Authorizer {
	c := *a
	c.policy = observe(a.policy, o.withDefaults().Decided)
	return &c
}

// compile fills in what follows from the rest.
func (a *Authorizer) compile() *Authorizer {
	a.requirements = requirementsOf(a.schema, requirementSource{
		permissions: a.permissions, byField: a.byField != nil, config: a.config,
	})
	a.whole = newConditions(a.requirements.all)
	a.views = &views{}
	return a
}

// Evaluate adds the outcomes of the guard's conditions for one caller to the bits of the operation. It asks the policies, if
// there are any to ask, once; one that cannot be asked denies.
func (a *Authorizer) Evaluate(ctx context.Context, g *Guard, caller Identity, bits operation.Bits) operation.Bits {
	if g.open() {
		return bits
	}
	e := a.evaluate(ctx, g.conditions, &caller)
	offset := len(g.op.Conditions)
	for i := range g.conditions.list {
		if e.holds(&g.conditions.list[i]) {
			bits.Set(offset + i)
		}
	}
	return bits
}

// EvaluateVisible is Evaluate for an operation that introspects a filtered schema: it also returns which types ("User") and
// fields ("User.email") the caller is shown. Policies and the program's field permissions are asked once, about everything.
func (a *Authorizer) EvaluateVisible(
	ctx context.Context, g *Guard, caller Identity, bits operation.Bits,
) (operation.Bits, func(supergraph.Coordinate) bool) {
	outcome := a.outcome(ctx, &caller)
	offset := len(g.op.Conditions)
	for i, n := range g.whole {
		if n == callerOnly && caller.Authenticated() || n != callerOnly && outcome[n] == holding {
			bits.Set(offset + i)
		}
	}
	return bits, a.visible(outcome)
}

// Refuse returns the response for a caller to whom something was denied, when such operations are rejected as a whole: by
// the configuration, or since the request itself wishes it (header x-gatehouse-unauthorized: reject). It is nil when the
// rest is answered. The errors of the response are those of the denials.
func (a *Authorizer) Refuse(denials []Denial, wish string) *Rejection {
	switch {
	case len(denials) == 0 || a.config.DryRun || !a.config.rejects() && wish != modeReject:
		return nil
	case denials[0].Anonymous:
		return &Rejection{Status: http.StatusUnauthorized, Challenge: "Bearer", Reason: "unauthenticated"}
	}
	return &Rejection{
		Status: http.StatusForbidden, Challenge: `Bearer error="insufficient_scope"`, Reason: "forbidden",
		Code: denials[0].GraphQLError(false).Code, Message: denials[0].GraphQLError(false).Message,
	}
}
