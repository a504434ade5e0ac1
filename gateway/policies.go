package gateway

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// webhookAudience is for whom questions to the webhook of policies are signed when nothing is said.
const webhookAudience = "policy-webhook"

// OpenPolicies returns the policy that asks the sources of the configuration, nil without any: see authz.PolicyConfig.Open.
// Where calls to subgraphs are signed, questions to the webhook are signed like these, with a key of its own.
func (c Config) OpenPolicies(schema *supergraph.Schema, failed func(error)) (authz.Policy, error) {
	sign, err := c.webhookSigner(schema)
	if err != nil {
		return nil, err
	}
	return c.Authorization.Policies.Open(sign, failed)
}

// webhookSigner returns what signs questions to the webhook, nil if they are not signed. GET has no body to sign.
func (c Config) webhookSigner(schema *supergraph.Schema) (func(r *http.Request, body []byte) error, error) {
	webhook := c.Authorization.Policies.Sources.Webhook
	if webhook == nil || webhook.Method == http.MethodGet || !c.Signing.SignsMessages() {
		return nil, nil //nolint:nilnil // nobody signs: a value that Open takes
	}
	const path = "authorization.policies.sources.webhook.signing"
	audience := cmp.Or(webhook.Signing.Audience, webhookAudience)
	for _, s := range schema.Subgraphs {
		if string(s.Name) == audience {
			return nil, &ConfigError{Problems: []Problem{{
				Path: path + ".audience",
				Text: fmt.Sprintf("%q is the name of a subgraph, which could then speak for the gateway", audience),
			}}}
		}
	}
	address, err := url.Parse(webhook.URL)
	if err != nil {
		return nil, &ConfigError{Problems: []Problem{{Path: "authorization.policies.sources.webhook.url", Text: "is not a URL"}}}
	}
	signer, err := c.Signing.Signer(audience, webhook.Signing.Key, address.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func(r *http.Request, body []byte) error {
		signed, err := signer.Sign(body, nil)
		if err != nil {
			return err
		}
		signed.Set(r.Header)
		return nil
	}, nil
}

// checkWebhookSigning reports a wish for signatures where there are no keys.
func (c Config) checkWebhookSigning(report func(path, text string)) {
	webhook := c.Authorization.Policies.Sources.Webhook
	if webhook != nil && webhook.Signing.Audience+webhook.Signing.Key != "" && !c.Signing.SignsMessages() {
		report("authorization.policies.sources.webhook.signing", `there are no keys, or no message signatures: see "signing"`)
	}
}
