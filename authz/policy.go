package authz

import (
	"context"
	"fmt"
	"time"
)

// Policy decides about the names in @policy. It is safe for concurrent use.
type Policy interface {
	// Decide returns which of the named policies the caller satisfies; other names are ignored. It is asked once per request,
	// with all names of the operation together (with those of the whole schema, if the operation asks for a schema that is
	// filtered). An error, or the end of ctx, denies all of them.
	//
	// A program's own policy has 5 s. Nobody waits for it any longer, whether it looks at ctx or not; see Authorizer.
	Decide(ctx context.Context, caller Identity, names []string) (granted []string, err error)
}

// PolicyFunc makes a function a Policy.
type PolicyFunc func(ctx context.Context, caller Identity, names []string) ([]string, error)

// Decide calls the function.
func (f PolicyFunc) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	return f(ctx, caller, names)
}

// decide asks the policy. A panic of it is an error, and so a denial; an answer that comes too late is one, too.
func decide(ctx context.Context, p Policy, caller Identity, names []string) (granted []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			granted, err = nil, fmt.Errorf("a policy panicked: %v", r)
		}
	}()
	granted, err = p.Decide(ctx, caller, names)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("asking a policy: %w", err)
	}
	return granted, nil
}

// boundedPolicy is a policy of which nothing is known: it may ignore its context, or never answer.
type boundedPolicy struct {
	policy Policy
	bounds *bounds
}

// Decide implements Policy.
func (p *boundedPolicy) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	return within(ctx, p.bounds, func(ctx context.Context) ([]string, error) { return p.policy.Decide(ctx, caller, names) })
}

// observe returns a policy that decides as p does and tells how long each source took; nil without a policy.
func observe(p Policy, decided func(source string, took time.Duration, err error)) Policy {
	switch p := p.(type) {
	case nil:
		return nil
	case *policyRouter:
		observed := *p
		observed.decided = decided
		return &observed
	default:
		return &observedPolicy{p, decided}
	}
}

// observedPolicy is a policy of the program's that is observed.
type observedPolicy struct {
	policy  Policy
	decided func(source string, took time.Duration, err error)
}

// Decide implements Policy.
func (p *observedPolicy) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	start := time.Now()
	granted, err := p.policy.Decide(ctx, caller, names)
	p.decided("program", time.Since(start), err)
	return granted, err
}
