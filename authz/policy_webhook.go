package authz

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// webhookPolicy asks a service of the operator's. The question is {"policies": [...], "claims": {...}}, with GET there is
// none and the service has to know the caller from the token; the answer is {"granted": [...]} or the list alone.
type webhookPolicy struct{ policyCaller }

func newWebhookPolicy(e PolicyEndpoint, sign func(*http.Request, []byte) error) *webhookPolicy {
	p := &webhookPolicy{newPolicyCaller(e)}
	p.sign = sign
	return p
}

// Decide implements Policy.
func (p *webhookPolicy) Decide(ctx context.Context, caller Identity, names []string) ([]string, error) {
	var body []byte
	if p.method != http.MethodGet {
		var err error
		if body, err = json.Marshal(newPolicyQuestion(&caller, names)); err != nil {
			return nil, fmt.Errorf("writing the question: %w", err)
		}
	}
	answer, err := p.call(ctx, &caller, body)
	if err != nil {
		return nil, err
	}
	if answer = bytes.TrimLeft(answer, " \t\r\n"); bytes.HasPrefix(answer, []byte("[")) {
		if !json.Valid(answer) {
			return nil, errors.New("the answer is not a clean JSON object or list")
		}
		answer = append(append([]byte(`{"granted":`), answer...), '}')
	}
	object, err := claims.Parse(answer)
	if err != nil {
		return nil, fmt.Errorf("the answer is %w", err)
	}
	return grantsIn(object)
}
