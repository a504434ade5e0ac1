package authz

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// AuthorizationConfig is how rules are enforced: the "authorization" section of the configuration file. The zero value is
// the default: denied fields are filtered, everything is enforced, introspection is full, and there are no policies.
type AuthorizationConfig struct {
	// Mode is "filter" (the default: denied fields are null and the rest is answered) or "reject" (an operation with a denied
	// field is answered with 401 or 403 and nothing is fetched).
	Mode string `json:"mode"`
	// Transitive is "enforce" (the default: a field requires what the fields in its @requires and @fromContext require) or
	// "warn" (it does not, and Lint says where).
	Transitive string `json:"transitive"`
	// InterfaceRules is "inherited" (the default: what stands on an interface protects its implementations, however they are
	// reached) or "derived": for supergraphs of a composer that takes no rules on interfaces and writes there what any of the
	// implementations requires. Then a rule on an interface that the rules of its implementations imply binds only those who select
	// through the interface, and does not protect the other implementations. The risk: a rule that somebody did write on an
	// interface, and on one of its implementations, no longer protects the others there.
	InterfaceRules string `json:"interfaceRules"`
	// Errors are those of denied fields.
	Errors struct {
		// Location is "errors" (the default), "extensions" (extensions.authorizationErrors) or "none".
		Location string `json:"location"`
		// Explain adds the unmet requirements. That discloses the rules: it is for development.
		Explain bool `json:"explain"`
	} `json:"errors"`
	// DryRun denies nothing and only says what would be denied.
	DryRun bool `json:"dryRun"`
	// Introspection is "full" (the default), "off" or "filtered" (only what the caller could select).
	Introspection string `json:"introspection"`
	// Policies decide about @policy.
	Policies PolicyConfig `json:"policies"`
	// FieldPermissions are nil when there are none; empty ones allow nothing.
	FieldPermissions *FieldPermissions `json:"fieldPermissions"`
	// AllowUnconfigured starts although nobody can satisfy the schema's rules, for lack of an authenticator or of policies.
	// What they protect is denied then.
	AllowUnconfigured bool `json:"allowUnconfigured"`
}

// What the members of the configuration may say; the first is the default.
const (
	modeFilter = "filter"
	modeReject = "reject"

	transitiveEnforce = "enforce"
	transitiveWarn    = "warn"

	rulesInherited = "inherited"
	rulesDerived   = "derived"

	introspectionFull     = "full"
	introspectionOff      = "off"
	introspectionFiltered = "filtered"
)

func (c AuthorizationConfig) rejects() bool      { return c.Mode == modeReject }
func (c AuthorizationConfig) isTransitive() bool { return c.Transitive != transitiveWarn }
func (c AuthorizationConfig) isDerived() bool    { return c.InterfaceRules == rulesDerived }

// Check calls report for everything that is wrong with c, with the path of the member within c. It looks at no file and no
// address; CheckSchema is for what depends on the schema.
func (c AuthorizationConfig) Check(report func(path, problem string)) {
	for _, member := range []struct {
		path, value string
		may         []string
	}{
		{"mode", c.Mode, []string{modeFilter, modeReject}},
		{"transitive", c.Transitive, []string{transitiveEnforce, transitiveWarn}},
		{"interfaceRules", c.InterfaceRules, []string{rulesInherited, rulesDerived}},
		{"errors.location", c.Errors.Location, []string{"errors", "extensions", "none"}},
		{"introspection", c.Introspection, []string{introspectionFull, introspectionOff, introspectionFiltered}},
	} {
		if member.value != "" && !slices.Contains(member.may, member.value) {
			report(member.path, `must be "`+strings.Join(member.may, `" or "`)+`"`)
		}
	}
	c.Policies.Check(below(report, "policies"))
	c.FieldPermissions.Check(below(report, "fieldPermissions"))
}

// CheckSchema calls report for what does not fit the schema: patterns of field permissions that match nothing.
func (c AuthorizationConfig) CheckSchema(schema *supergraph.Schema, report func(path, problem string)) {
	compilePermissions(schema, c.FieldPermissions, below(report, "fieldPermissions"))
}

// CheckStart refuses to serve a schema whose rules nobody could satisfy: one with auth directives when there is no
// authenticator, or with policies that no source decides about. The error says what to configure. The program's own policy
// (hasPolicy) decides about every name.
func (c AuthorizationConfig) CheckStart(schema *supergraph.Schema, hasAuthenticator, hasPolicy bool) error {
	if c.AllowUnconfigured {
		return nil
	}
	var problems []error
	if protected := protectedElements(schema); len(protected) > 0 && !hasAuthenticator {
		problems = append(problems, fmt.Errorf("the supergraph has auth directives (%s), and nothing says who is calling: "+
			`configure "jwt.providers"; or "authorization.allowUnconfigured": true, which denies all that is protected`, some(protected)))
	}
	if missing := c.Policies.Unsourced(schema); len(missing) > 0 && !hasPolicy {
		problems = append(problems, fmt.Errorf("the supergraph has policies that nobody decides about (%s): "+
			`configure a source in "authorization.policies.sources" and, if there are several, a route to it; `+
			`or "authorization.allowUnconfigured": true, which denies them`, strings.Join(missing, ", ")))
	}
	return errors.Join(problems...)
}

// protectedElements are the coordinates of types and fields that have a rule.
func protectedElements(schema *supergraph.Schema) []string {
	var all []string
	for _, t := range schema.Types {
		if t.Rule != nil {
			all = append(all, t.Name)
		}
		for _, f := range t.Fields {
			if f.Rule != nil {
				all = append(all, string(f.Coordinate()))
			}
		}
	}
	return all
}

// some lists a few of many.
func some(all []string) string {
	if len(all) <= 3 {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:3], ", "), len(all)-3)
}

// Below returns c with its files relative to dir, except those with absolute paths.
func (c AuthorizationConfig) Below(dir string) AuthorizationConfig {
	if cedar := c.Policies.Sources.Cedar; cedar != nil && cedar.File != "" && !filepath.IsAbs(cedar.File) {
		c.Policies.Sources.Cedar = &PolicyFile{File: filepath.Join(dir, cedar.File)}
	}
	return c
}
