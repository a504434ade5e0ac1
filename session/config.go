package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
)

// Config says where session variables come from: the "session" section of the configuration file. Its zero members are
// defaults.
type Config struct {
	// Prefix is how the names of session variables begin: "x-session-" by default, "x-hasura-" for those who come from
	// there.
	Prefix string `json:"prefix"`
	// ClaimsNamespace is the claim with an object whose members with the prefix are session variables, as a claim path, or
	// "$" for all claims. Then there are roles.
	ClaimsNamespace string `json:"claimsNamespace"`
	// ClaimsFormat is "json" (the default) for an object, or "stringified_json" for a string with the JSON of one.
	ClaimsFormat string `json:"claimsFormat"`
	// Variables are single session variables by name. They come before members of the namespace.
	Variables map[string]Variable `json:"variables"`
}

// Variable is where one session variable comes from: a claim or a literal.
type Variable struct {
	// Claim is a claim path, Default the value without the claim, nil for none.
	Claim   string          `json:"claim"`
	Default json.RawMessage `json:"default"`
	// Literal is the same value for every caller who is not anonymous.
	Literal json.RawMessage `json:"literal"`
}

const (
	defaultPrefix = "x-session-"
	allowedRoles  = "allowed-roles"
	defaultRole   = "default-role"
)

// prefixForm is what a prefix looks like in lower case: one that means something else to many programs must not be taken.
var prefixForm = regexp.MustCompile(`^x-[a-z0-9]+(-[a-z0-9]+)*-$`)

// HeaderPrefix returns the prefix in lower case.
func (c Config) HeaderPrefix() string {
	if c.Prefix == "" {
		return defaultPrefix
	}
	return strings.ToLower(c.Prefix)
}

// Check calls report for everything that is wrong with c, with the path of the member within c.
func (c Config) Check(report func(path, problem string)) {
	prefix := c.HeaderPrefix()
	switch {
	case !prefixForm.MatchString(prefix):
		report("prefix", `must be like "x-session-": it begins with "x-" and ends with "-"`)
	case strings.HasPrefix(prefix, "x-forwarded-") || strings.HasPrefix(prefix, "x-gatehouse-"):
		report("prefix", "is that of headers with another meaning")
	}
	if c.ClaimsNamespace != "" {
		if _, err := newNamespace(c.ClaimsNamespace, ""); err != nil {
			report("claimsNamespace", err.Error())
		}
	}
	switch c.ClaimsFormat {
	case "", formatJSON, formatString:
	default:
		report("claimsFormat", `must be "json" or "stringified_json"`)
	}
	if c.ClaimsFormat != "" && c.ClaimsNamespace == "" {
		report("claimsFormat", "needs claimsNamespace")
	}
	c.checkVariables(prefix, report)
}

// checkVariables reports what is wrong with single variables.
func (c Config) checkVariables(prefix string, report func(path, problem string)) {
	names := make([]string, 0, len(c.Variables))
	for name := range c.Variables {
		names = append(names, name)
	}
	slices.Sort(names)
	seen := map[string]bool{}
	for _, name := range names {
		lower, path := strings.ToLower(name), "variables."+name
		rest, hasPrefix := strings.CutPrefix(lower, prefix)
		switch {
		case !hasPrefix || rest == "" || !isFieldName(lower):
			report(path, fmt.Sprintf("must be the name of a header that begins with %q", prefix))
		case rest == "role":
			report(path, fmt.Sprintf("has no source of its own, but is chosen from %s%s and %[1]s%s", prefix, allowedRoles, defaultRole))
		case seen[lower]:
			report(path, "occurs twice, in another case")
		case rest == defaultRole && c.ClaimsNamespace == "" && !c.has(prefix+allowedRoles):
			report(path, fmt.Sprintf("needs %s%s", prefix, allowedRoles))
		}
		seen[lower] = true
		c.Variables[name].check(rest, func(below, problem string) { report(path+below, problem) })
	}
}

// has tells whether there is a variable of that name, in lower case.
func (c Config) has(name string) bool {
	for given := range c.Variables {
		if strings.EqualFold(given, name) {
			return true
		}
	}
	return false
}

// check reports what is wrong with a variable whose name without prefix is given.
func (v Variable) check(name string, report func(path, problem string)) {
	switch {
	case (v.Claim == "") == (v.Literal == nil):
		report("", `must have either "claim" or "literal"`)
		return
	case v.Literal != nil && v.Default != nil:
		report(".default", "is for a claim only")
	}
	if v.Claim != "" {
		if _, err := authz.ParseClaimPath(v.Claim); err != nil {
			report(".claim", err.Error())
		}
	}
	for _, value := range []struct {
		path string
		raw  json.RawMessage
	}{{".default", v.Default}, {".literal", v.Literal}} {
		if value.raw == nil {
			continue
		}
		if err := checkValue(name, value.raw); err != nil {
			report(value.path, err.Error())
		}
	}
}

// checkValue tells why a value in the configuration cannot be that of the variable, whose name is without prefix.
func checkValue(name string, raw json.RawMessage) error {
	v, err := parseValue(raw)
	if err != nil {
		return err
	}
	switch name {
	case allowedRoles:
		if list, ok := v.Strings(); !ok || !v.IsArray() || len(list) == 0 {
			return errors.New("must be a list of roles")
		}
	case defaultRole:
		if role, ok := v.Text(); !ok || role == "" || !isFieldValue(role) {
			return errors.New("must be a role")
		}
	default:
		if _, ok := textOf(v); !ok || v.IsNull() {
			return errors.New("must be a value that a header can carry")
		}
	}
	return nil
}

// problems returns everything that is wrong with c as one error.
func (c Config) problems() error {
	var all []error
	c.Check(func(path, problem string) { all = append(all, fmt.Errorf("session.%s: %s", path, problem)) })
	return errors.Join(all...)
}
