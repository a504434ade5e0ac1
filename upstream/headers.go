package upstream

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// headerTemplate is how the headers of calls to one subgraph are made. For one name, the first of these counts:
//
//  1. what is configured for the subgraph, then what is configured for all
//  2. session variables
//  3. what the client sent, where a rule forwards it
//
// The gateway's own headers are the template's, too, and no client's rule leads to one of their names.
type headerTemplate struct {
	// query and mutation are the headers of calls that may and that must not be repeated, as far as they are fixed. They are
	// read-only, since calls that have no others share them.
	query, mutation http.Header
	// session are the fixed headers whose names begin as those of session variables do, sorted: subgraphs believe them as
	// such, so that they are signed.
	session []signature.Field
	client  *clientRules // nil when nothing of the client is forwarded
}

// newHeaderTemplate compiles the rules of one subgraph. The error names the headers whose values cannot be read.
func newHeaderTemplate(common Config, own SubgraphConfig) (headerTemplate, error) {
	forward := common.Headers.ForwardClientHeaders
	if own.ForwardClientHeaders != nil {
		forward = *own.ForwardClientHeaders
	}
	t := headerTemplate{
		mutation: http.Header{
			"Content-Type":    {"application/json"},
			"Accept":          {"application/graphql-response+json, application/json;q=0.9"},
			"Accept-Encoding": {"gzip"},
			"User-Agent":      {"gatehouse"},
		},
	}
	if !forward.none() {
		var err error
		if t.client, err = newClientRules(forward, common.Reserved, common.Headers.TrustedProxies); err != nil {
			return headerTemplate{}, err
		}
	}
	err := t.fix(slices.Concat(own.Headers, common.Headers.Headers), common.Reserved)
	t.query = t.mutation.Clone()
	// An empty Idempotency-Key is not sent: it tells net/http that the request may be repeated when the subgraph closed
	// the idle connection that it was written to.
	t.query["Idempotency-Key"] = []string{}
	return t, err
}

// fix adds fixed headers, of which the first with a name counts.
func (t *headerTemplate) fix(list []Header, reserved Reserved) error {
	var problems []error
	fixed := map[string]bool{}
	for _, h := range list {
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		if fixed[dashed(name)] {
			continue
		}
		fixed[dashed(name)] = true
		value, err := h.Value.read()
		if err != nil {
			problems = append(problems, fmt.Errorf("header %q: %w", h.Name, err))
			continue
		}
		t.mutation[name] = []string{value}
		if reserved.isSession(name) {
			t.session = append(t.session, signature.Field{Name: strings.ToLower(name), Value: value})
		}
	}
	slices.SortFunc(t.session, byFieldName)
	if t.client != nil {
		t.client.fixed = fixed
	}
	return errors.Join(problems...)
}

func byFieldName(a, b signature.Field) int { return strings.Compare(a.Name, b.Name) }

// headers gives the call its headers, and notes which of them are session variables.
func headers(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.target.header.apply(c)
		return next(ctx, c)
	}
}

// apply sets header and session of a call. It takes no memory for calls that have nothing but what is fixed.
func (t *headerTemplate) apply(c *call) {
	c.header = t.mutation
	if c.repeatable {
		c.header = t.query
	}
	c.session = t.session
	if o := c.origin; t.varies(o) {
		c.header = t.make(c.header, o)
		c.session = t.sessionOf(o)
	}
}

// varies tells whether a call may have other headers than the fixed ones.
func (t *headerTemplate) varies(o *Origin) bool {
	return o != nil && (len(o.Session) > 0 || t.client != nil)
}

// make returns the fixed headers and those of this call. Lists of values are shared with where they come from.
func (t *headerTemplate) make(fixed http.Header, o *Origin) http.Header {
	h := make(http.Header, len(fixed)+len(o.Session)+t.client.most(o))
	maps.Copy(h, fixed)
	values := make([]string, len(o.Session))
	for i, f := range o.Session {
		if t.fixes(f.Name) {
			continue
		}
		values[i] = f.Value
		// The name stays in lower case, which costs nothing; no other source has names with this prefix.
		h[f.Name] = values[i : i+1 : i+1]
	}
	if t.client != nil {
		t.client.forward(h, o)
	}
	return h
}

// fixes tells whether a session variable has a configured value.
func (t *headerTemplate) fixes(name string) bool {
	return slices.ContainsFunc(t.session, func(f signature.Field) bool { return f.Name == name })
}

// sessionOf returns the session variables that a call has, sorted by name.
func (t *headerTemplate) sessionOf(o *Origin) []signature.Field {
	switch {
	case len(t.session) == 0:
		return o.Session
	case len(o.Session) == 0:
		return t.session
	}
	all := make([]signature.Field, 0, len(t.session)+len(o.Session))
	all = append(all, t.session...)
	for _, f := range o.Session {
		if !t.fixes(f.Name) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, byFieldName)
	return all
}
