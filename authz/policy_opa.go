package authz

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// opaPolicy asks a running Open Policy Agent (REST API, "Get a Document (with Input)"). The input is {"policies": [...],
// "claims": {...}}; the document has to be the set of granted names, or an object that has one as "granted":
//
//	package graph
//	allow contains name if { some name in input.policies; name in input.claims.policies }
//
// A document that is not defined is an error: it denies, and the operator hears of it.
type opaPolicy struct{ policyCaller }

func newOPAPolicy(e PolicyEndpoint) *opaPolicy { return &opaPolicy{newPolicyCaller(e)} }

// Decide implements Policy.
func (p *opaPolicy) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	question := struct {
		Input policyQuestion `json:"input"`
	}{newPolicyQuestion(&caller, names)}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("writing the question: %w", err)
	}
	answer, err := p.call(ctx, &caller, body)
	if err != nil {
		return nil, err
	}
	object, err := claims.Parse(answer)
	if err != nil {
		return nil, fmt.Errorf("the answer is %w", err)
	}
	result := object.Member("result")
	if !result.Exists() {
		return nil, errors.New("the document is not defined")
	}
	return grantsIn(result)
}
