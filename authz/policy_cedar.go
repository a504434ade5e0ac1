package authz

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/cedar-policy/cedar-go"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// cedarPolicy decides by policies in a file (Cedar), in process. For each name it asks whether
//
//	principal  Caller::"<sub>" with the claims as attributes, or Anonymous::"anonymous"
//	action     Action::"<name>"
//	resource   Graph::"graph"
//	context    {"authenticated": Boolean, "scopes": Set of String}
//
// is allowed. "sub" says nothing without the issuer: where there are several, policies compare principal.iss, too.
//
// Claims that Cedar has no type for are mapped so that a policy that does not expect them cannot allow by accident: null
// counts as absent (also in arrays), and a number that is no integer of 64 bits is a String of its text, which
// decimal(principal.rate) reads. Arrays are Sets: order and repetitions are lost. Objects are Records.
type cedarPolicy struct {
	policies *cedar.PolicySet
	failed   func(error)
}

// newCedarPolicy reads the policies. A file without any is an error, since it would allow nothing.
func newCedarPolicy(file string, failed func(error)) (*cedarPolicy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading policies: %w", err)
	}
	policies, err := cedar.NewPolicySetFromBytes(file, text)
	if err != nil {
		return nil, fmt.Errorf("parsing policies: %w", err)
	}
	for range policies.All() {
		return &cedarPolicy{policies, failed}, nil
	}
	return nil, fmt.Errorf("the file %s has no policy", file)
}

// Decide implements Policy. An error of any policy denies the name: Cedar itself would leave that policy out, and so allow
// what a "forbid" that fails was to prevent.
func (p *cedarPolicy) Decide(_ context.Context, caller Identity, names []string) ([]string, error) {
	principal := cedar.Entity{UID: cedar.NewEntityUID("Anonymous", "anonymous")}
	if caller.Authenticated() {
		principal.UID = cedar.NewEntityUID("Caller", cedar.String(caller.Subject))
		principal.Attributes = cedarRecord(caller.claims)
	}
	scopes := make([]cedar.Value, len(caller.Scopes()))
	for i, scope := range caller.Scopes() {
		scopes[i] = cedar.String(scope)
	}
	request := cedar.Request{
		Principal: principal.UID,
		Resource:  cedar.NewEntityUID("Graph", "graph"),
		Context: cedar.NewRecord(cedar.RecordMap{
			"authenticated": cedar.Boolean(caller.Authenticated()), "scopes": cedar.NewSet(scopes...),
		}),
	}
	entities := cedar.EntityMap{principal.UID: principal, request.Resource: cedar.Entity{UID: request.Resource}}
	var granted []string
	first, failed := "", 0
	for _, name := range names {
		request.Action = cedar.NewEntityUID("Action", cedar.String(name))
		decision, diagnostic := cedar.Authorize(p.policies, entities, request)
		switch {
		case len(diagnostic.Errors) > 0:
			if failed++; failed == 1 {
				cause := diagnostic.Errors[0] // its message may hold claims
				first = fmt.Sprintf("%q, since %s at line %d cannot be evaluated", name, cause.PolicyID, cause.Position.Line)
			}
		case decision == cedar.Allow:
			granted = append(granted, name)
		}
	}
	if failed > 0 { // told once: the client decides how many names there are
		p.failed(fmt.Errorf("the policy source cedar: %d of %d names are denied, first %s", failed, len(names), first))
	}
	return granted, nil
}

// cedarRecord maps an object.
func cedarRecord(object claims.Value) cedar.Record {
	record := cedar.RecordMap{}
	for name, member := range object.Members() {
		if value, ok := cedarValue(member); ok {
			record[cedar.String(name)] = value
		}
	}
	return cedar.NewRecord(record)
}

// cedarValue maps a claim; false for null.
func cedarValue(v claims.Value) (cedar.Value, bool) {
	if text, ok := v.Text(); ok {
		return cedar.String(text), true
	}
	switch {
	case v.IsNumber():
		n, err := strconv.ParseInt(string(v.Raw()), 10, 64)
		if err != nil {
			return cedar.String(v.Raw()), true
		}
		return cedar.Long(n), true
	case v.IsArray():
		var elements []cedar.Value
		for _, element := range v.Elements() {
			if value, ok := cedarValue(element); ok {
				elements = append(elements, value)
			}
		}
		return cedar.NewSet(elements...), true
	case v.IsObject():
		return cedarRecord(v), true
	}
	switch string(v.Raw()) {
	case "true":
		return cedar.Boolean(true), true
	case "false":
		return cedar.Boolean(false), true
	}
	return nil, false
}
