package authz

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// PolicyConfig says who decides about the names in @policy: the "authorization.policies" section of the configuration file.
type PolicyConfig struct {
	// Sources are those that are given. One that is given and says nothing is an error: whoever wrote it wants decisions.
	Sources struct {
		// Claim holds the policies that the token grants.
		Claim *PolicyClaim `json:"claim"`
		// Webhook is asked over HTTP.
		Webhook *PolicyEndpoint `json:"webhook"`
		// Cedar decides in process.
		Cedar *PolicyFile `json:"cedar"`
		// OPA is the REST API of an Open Policy Agent: http://host:8181/v1/data/<path>.
		OPA *PolicyEndpoint `json:"opa"`
	} `json:"sources"`
	// Routes say which source decides about names with a prefix; the longest counts. A single source needs no routes.
	Routes []struct {
		Prefix string `json:"prefix"`
		Source string `json:"source"`
	} `json:"routes"`
}

// PolicyClaim is a claim that lists granted policies: a claim path to a string, split on spaces, or an array of strings.
type PolicyClaim struct {
	Claim string `json:"claim"`
}

// PolicyFile is a file of Cedar policies.
type PolicyFile struct {
	File string `json:"file"`
}

// PolicyEndpoint is a source of policies that is asked over HTTP.
type PolicyEndpoint struct {
	// URL begins with https://, except on loopback. Redirects are not followed.
	URL string `json:"url"`
	// Method is POST (the default) or GET, which has no body and needs ForwardToken. That sends the caller's token as a bearer
	// token. Both are for webhooks.
	Method       string `json:"method"`
	ForwardToken bool   `json:"forwardToken"`
	// Timeout is how long a decision may take, 1 s by default; TTL how long one is remembered for a token, 0 for not at all.
	Timeout time.Duration `json:"timeout"`
	TTL     time.Duration `json:"ttl" config:"zero"`
	// Signing is how requests to a webhook are signed, where calls to subgraphs are: for which audience ("policy-webhook" when
	// empty), and with the key derived from which secret.
	Signing struct {
		Audience string `json:"audience"`
		Key      string `json:"key"`
	} `json:"signing"`
}

// endpointTimeout is the default of PolicyEndpoint.Timeout.
const endpointTimeout = time.Second

// The names of the sources.
const (
	claimSource   = "claim"
	webhookSource = "webhook"
	cedarSource   = "cedar"
	opaSource     = "opa"
)

var allSources = []string{claimSource, webhookSource, cedarSource, opaSource}

// given returns the names of the sources that there are.
func (c PolicyConfig) given() []string {
	var names []string
	for i, is := range []bool{
		c.Sources.Claim != nil, c.Sources.Webhook != nil, c.Sources.Cedar != nil, c.Sources.OPA != nil,
	} {
		if is {
			names = append(names, allSources[i])
		}
	}
	return names
}

// Check calls report for everything that is wrong with c, with the path of the member within c. It looks at no file and no
// address.
func (c PolicyConfig) Check(report func(path, problem string)) {
	c.checkSources(below(report, "sources"))
	given := c.given()
	if len(given) > 1 && len(c.Routes) == 0 {
		report("routes", "must say which of several sources decides about which names")
	}
	seen := map[string]bool{}
	for i, r := range c.Routes {
		report := below(report, index("routes", i))
		if !slices.Contains(given, r.Source) {
			report("source", "must be one of the sources that are given: "+cmp.Or(strings.Join(given, ", "), "there is none"))
		}
		if seen[r.Prefix] {
			report("prefix", "is that of another route, too")
		}
		seen[r.Prefix] = true
	}
}

// checkSources reports what is wrong with the sources that are given.
func (c PolicyConfig) checkSources(report func(path, problem string)) {
	if claim := c.Sources.Claim; claim != nil {
		if claim.Claim == "" {
			report("claim.claim", "must be given")
		} else if _, err := ParseClaimPath(claim.Claim); err != nil {
			report("claim.claim", err.Error())
		}
	}
	if webhook := c.Sources.Webhook; webhook != nil {
		webhook.check(below(report, "webhook"))
	}
	if cedar := c.Sources.Cedar; cedar != nil && cedar.File == "" {
		report("cedar.file", "must be given")
	}
	opa := c.Sources.OPA
	if opa == nil {
		return
	}
	opa.check(below(report, "opa"))
	for _, member := range []struct {
		path  string
		given bool
	}{
		{"opa.method", opa.Method != ""},
		{"opa.forwardToken", opa.ForwardToken},
		{"opa.signing", opa.Signing != (PolicyEndpoint{}).Signing},
	} {
		if member.given {
			report(member.path, "is for webhook only")
		}
	}
}

// check reports what is wrong with an endpoint.
func (e PolicyEndpoint) check(report func(path, problem string)) {
	if _, err := parsePolicyURL(e.URL); err != nil {
		report("url", err.Error())
	}
	if e.Method != "" && e.Method != http.MethodPost && e.Method != http.MethodGet {
		report("method", `must be "POST" or "GET"`)
	}
	if e.Method == http.MethodGet && !e.ForwardToken {
		report("method", `"GET" needs "forwardToken": true: without it the webhook does not know the caller, and grants everybody the same`)
	}
	if e.Method == http.MethodGet && e.Signing != (PolicyEndpoint{}).Signing {
		report("signing", `is for "POST" only`)
	}
	if e.Timeout < 0 {
		report("timeout", "must be more than 0")
	}
	if e.TTL < 0 {
		report("ttl", "must not be less than 0")
	}
}

// parsePolicyURL parses the address of a source. Who can change what it answers can grant everything, and it may get
// tokens, so plain HTTP is for loopback only. The error does not repeat the text.
func parsePolicyURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("must be given")
	case err != nil:
		return nil, errors.New("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("must be an address that begins with https://")
	case u.User != nil:
		return nil, errors.New("must not hold a user name or password")
	case strings.Contains(text, "#"):
		return nil, errors.New("must not have a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("must begin with https://, since decisions that come over http can be replaced on their way")
	}
	return u, nil
}

// Unsourced returns the names in @policy of the schema that no source decides about, sorted.
func (c PolicyConfig) Unsourced(schema *supergraph.Schema) []string {
	var missing []string
	for _, name := range policyNames(schema) {
		if c.source(name) == "" {
			missing = append(missing, strconv.Quote(name))
		}
	}
	return missing
}

// source returns the name of the source that decides about a policy, "" if there is none.
func (c PolicyConfig) source(name string) string {
	given := c.given()
	if len(c.Routes) == 0 && len(given) == 1 {
		return given[0]
	}
	best, source := -1, ""
	for _, r := range c.Routes {
		if len(r.Prefix) > best && strings.HasPrefix(name, r.Prefix) && slices.Contains(given, r.Source) {
			best, source = len(r.Prefix), r.Source
		}
	}
	return source
}

// policyNames are all names in @policy of a schema, sorted.
func policyNames(schema *supergraph.Schema) []string {
	var names []string
	add := func(r *supergraph.Rule) {
		if r != nil {
			names = append(names, slices.Concat(r.Policies...)...)
		}
	}
	for _, t := range schema.Types {
		add(t.Rule)
		for _, f := range t.Fields {
			add(f.Rule)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Open returns the policy that asks the configured sources, nil without any. Cedar's file is read. Sign, which may be nil,
// signs requests to the webhook; failed, which may be nil, is told when a source could not be asked, by several goroutines
// at once. The error is about a configuration that Check refuses, or about the file.
func (c PolicyConfig) Open(sign func(r *http.Request, body []byte) error, failed func(error)) (Policy, error) {
	var problems []error
	c.Check(func(path, problem string) {
		problems = append(problems, fmt.Errorf("authorization.policies.%s: %s", path, problem))
	})
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if failed == nil {
		failed = func(error) {}
	}
	r := &policyRouter{sources: map[string]Policy{}, route: c.source, failed: failed}
	for _, name := range c.given() {
		source, err := c.open(name, sign, failed)
		if err != nil {
			return nil, fmt.Errorf("authorization.policies.sources.%s: %w", name, err)
		}
		r.sources[name] = source
	}
	if len(r.sources) == 0 {
		return nil, nil //nolint:nilnil // nobody decides: a value that NewAuthorizer takes
	}
	return r, nil
}

// open returns one source.
func (c PolicyConfig) open(name string, sign func(*http.Request, []byte) error, failed func(error)) (Policy, error) {
	switch name {
	case claimSource:
		path, err := ParseClaimPath(c.Sources.Claim.Claim)
		return claimPolicy{path}, err
	case webhookSource:
		return c.Sources.Webhook.policy(newWebhookPolicy(*c.Sources.Webhook, sign)), nil
	case cedarSource:
		return newCedarPolicy(c.Sources.Cedar.File, failed)
	default:
		return c.Sources.OPA.policy(newOPAPolicy(*c.Sources.OPA)), nil
	}
}

// policy returns the policy that asks the endpoint within its bounds, which a decision that is remembered does not need.
func (e PolicyEndpoint) policy(asked Policy) Policy {
	return newPolicyCache(&boundedPolicy{asked, newBounds(cmp.Or(e.Timeout, endpointTimeout))}, e.TTL)
}
