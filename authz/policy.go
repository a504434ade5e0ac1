package authz

import (
	"context"
	"fmt"
	"time"
)

// Policy decides about the names in @policy. It is safe for concurrent use.
type Policy interface {
	// Decide returns which of the named policies the caller satisfies; other names are ignored. It is asked once per request,
	// with all names of the operation together. An error, or the end of ctx, denies all of them.
	Decide(ctx context.Context, caller Identity, names []string) (granted []string, err error)
}

// PolicyFunc makes a function a Policy.
type PolicyFunc func(ctx context.Context, caller Identity, names []string) ([]string, error)

// Decide calls the function.
func (f PolicyFunc) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	return f(ctx, caller, names)
}

// policyTime is how long one decision of a program's own policy may take. The sources of the configuration have their own
// limits.
const policyTime = 5 * time.Second

// decide asks the policy. A panic of it is an error, and so a denial; an answer that comes too late is one, too.
func decide(ctx context.Context, p Policy, caller Identity, names []string) (granted []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			granted, err = nil, fmt.Errorf("a policy panicked: %v", r)
		}
	}()
	if _, own := p.(*policyRouter); !own {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, policyTime)
		defer cancel()
	}
	granted, err = p.Decide(ctx, caller, names)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("asking a policy: %w", err)
	}
	return granted, nil
}
