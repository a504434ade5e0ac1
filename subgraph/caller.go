package subgraph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// Caller is on whose behalf the gateway asks. It is read-only.
type Caller struct {
	payload json.RawMessage
	token   string
	prefix  string
	session []sessionHeader
}

// sessionHeader is a session header with its name in lower case.
type sessionHeader struct{ name, value string }

type callerKey struct{}

// ErrNoCaller is what Claims returns where CallerFrom finds nobody.
var ErrNoCaller = errors.New("the request has no caller")

// CallerFrom returns the caller whom the gateway vouches for. There is none for an anonymous request, for a skipped one and,
// unless TrustUnsignedIdentity is set, for one with an extension signature alone. A header with the session prefix that the gateway's
// configuration adds to every call makes a caller of everybody: ask for the subject, or for a session variable, and not for ok alone.
func CallerFrom(ctx context.Context) (*Caller, bool) {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c, c != nil
}

// Claims decodes the claims that the gateway forwarded into a T, as encoding/json does. The error is ErrNoCaller when there is no
// caller or none with claims, and otherwise about claims that are no T. Claims whose names differ only in case
// are an error as well, since encoding/json would take one for the other; Caller.Payload has them.
func Claims[T any](ctx context.Context) (T, error) {
	var claims T
	c, ok := CallerFrom(ctx)
	if !ok || c.payload == nil {
		return claims, ErrNoCaller
	}
	if err := checkNames(c.payload); err != nil {
		return claims, fmt.Errorf("decoding the claims: %w", err)
	}
	if err := json.Unmarshal(c.payload, &claims); err != nil {
		var zero T
		return zero, fmt.Errorf("decoding the claims: %w", err)
	}
	return claims, nil
}

// Payload returns the claims as the gateway forwarded them: a JSON object, nil when there are none.
func (c *Caller) Payload() json.RawMessage { return slices.Clone(c.payload) }

// Subject returns the claim "sub", "" when it is not there or not a string.
func (c *Caller) Subject() string { return text(c.claim("sub")) }

// Scopes returns the scopes in the claims "scope" and "scp", each a string with spaces between scopes or a list of strings.
func (c *Caller) Scopes() []string {
	return append(scopes(c.claim("scope")), scopes(c.claim("scp"))...)
}

// HasScope tells whether scope is one of Scopes.
func (c *Caller) HasScope(scope string) bool { return slices.Contains(c.Scopes(), scope) }

// Token returns the token that the caller sent to the gateway, "" when the gateway does not forward it.
func (c *Caller) Token() string { return c.token }

// TokenPrefix returns what stood before the token, such as "Bearer".
func (c *Caller) TokenPrefix() string { return c.prefix }

// Session returns the session variable of that name, whatever its case, with the prefix: "x-hasura-user-id". It is "" when there is none.
func (c *Caller) Session(name string) string {
	for _, h := range c.session {
		if strings.EqualFold(h.name, name) {
			return h.value
		}
	}
	return ""
}

// claim returns the value of a claim, nil when it is not there once.
func (c *Caller) claim(name string) []byte {
	var found []byte
	members, err := scanObject(nil, c.payload, anyNumber)
	if err != nil {
		return nil
	}
	for _, m := range members {
		if m.name == name {
			if found != nil {
				return nil
			}
			found = m.value
		}
	}
	return found
}

// text returns the string that value is, "" when it is something else.
func text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	return string(jsonscan.Content(value))
}

func scopes(value []byte) []string {
	if len(value) > 0 && value[0] == '[' {
		var list []string
		if json.Unmarshal(value, &list) != nil {
			return nil
		}
		return list
	}
	// On spaces only (RFC 6749, section 3.3): other white space is a part of a scope.
	return strings.FieldsFunc(text(value), func(r rune) bool { return r == ' ' })
}

// newCaller returns what the request says about its caller, nil when that is nothing.
func newCaller(e *envelope, header http.Header, prefix string) *Caller {
	var session []sessionHeader
	for name, values := range header {
		if isSession(name, prefix) && len(values) > 0 {
			session = append(session, sessionHeader{name: strings.ToLower(name), value: values[0]})
		}
	}
	if e.payload == nil && e.token == "" && session == nil {
		return nil
	}
	return &Caller{payload: e.payload, token: e.token, prefix: e.prefix, session: session}
}

// isSession tells whether name starts with prefix, whatever the case. An underscore counts as a dash: many servers hand both to
// their programs as one.
func isSession(name, prefix string) bool {
	dashed := func(s string) string { return strings.ReplaceAll(s, "_", "-") }
	return len(name) >= len(prefix) && strings.EqualFold(dashed(name[:len(prefix)]), dashed(prefix))
}

// checkNames refuses objects, at every level, with names that differ only in case.
func checkNames(value []byte) error {
	switch value[0] {
	case '{':
		members, err := scanObject(nil, value, anyNumber)
		if err != nil {
			return err
		}
		seen := make(map[string]bool, len(members))
		for _, m := range members {
			folded := strings.Map(fold, m.name)
			if seen[folded] {
				return fmt.Errorf("%q is there twice, perhaps in another case", m.name)
			}
			seen[folded] = true
			if err := checkNames(m.value); err != nil {
				return err
			}
		}
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return err
		}
		for _, element := range list {
			if err := checkNames(element); err != nil {
				return err
			}
		}
	}
	return nil
}

// fold returns the smallest of the characters that encoding/json takes for r.
func fold(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
