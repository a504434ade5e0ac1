package authz

import "context"

// claimPolicy grants the policies that a claim lists.
type claimPolicy struct{ path ClaimPath }

// Decide implements Policy. A claim that is neither a string nor an array of strings grants nothing.
func (p claimPolicy) Decide(_ context.Context, caller Identity, _ []string) ([]string, error) {
	if text, ok := caller.ClaimText(p.path); ok {
		return words(text), nil
	}
	granted, _ := caller.ClaimStrings(p.path)
	return granted, nil
}
