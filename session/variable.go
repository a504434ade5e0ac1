package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// variable is a session variable with a source of its own. Its name is in lower case.
type variable struct {
	name string
	from source
}

// source is where a value comes from: a claim, or else what is configured. The zero source has no value.
type source struct {
	claim    *authz.ClaimPath
	fallback claims.Value
}

// newSource compiles a source.
func newSource(v Variable) (source, error) {
	var s source
	if v.Claim != "" {
		path, err := authz.ParseClaimPath(v.Claim)
		if err != nil {
			return source{}, fmt.Errorf("claim %q: %w", v.Claim, err)
		}
		s.claim = &path
	}
	for _, raw := range []json.RawMessage{v.Default, v.Literal} {
		if raw == nil {
			continue
		}
		var err error
		if s.fallback, err = parseValue(raw); err != nil {
			return source{}, err
		}
	}
	return s, nil
}

// given tells whether the source was configured.
func (s source) given() bool { return s.claim != nil || s.fallback.Exists() }

// in returns the value, absent if there is none. A claim that is null is not there.
func (s source) in(set claims.Value) claims.Value {
	if s.claim != nil {
		if v := s.claim.In(set); v.Exists() && !v.IsNull() {
			return v
		}
	}
	return s.fallback
}

// text returns the value as a header carries it, and whether there is one.
func (s source) text(set claims.Value) (string, bool) {
	v := s.in(set)
	if !v.Exists() {
		return "", false
	}
	return textOf(v)
}

// textOf returns a value as a header carries it: the content of a string, the JSON of everything else. It is false for a text
// that a header would lose a part of, or could not carry at all.
func textOf(v claims.Value) (string, bool) {
	text, ok := v.Text()
	if !ok {
		text = compact(v.Raw())
	}
	return text, isFieldValue(text)
}

// compact returns JSON without white space between its parts.
func compact(raw json.RawMessage) string {
	if bytes.ContainsAny(raw, " \t\r\n") {
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			return b.String()
		}
	}
	return string(raw)
}

// parseValue parses a value in the configuration.
func parseValue(raw json.RawMessage) (claims.Value, error) {
	object, err := claims.Parse(append(append([]byte(`{"v":`), raw...), '}'))
	if err != nil {
		return claims.Value{}, errors.New("is not a clean JSON value: it has members that differ in case only, or damaged text")
	}
	return object.Member("v"), nil
}

// lower returns a name in lower case. Letters beyond ASCII stay, of which some would become those of other names.
func lower(name string) string {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return name
		}
	}
	return strings.ToLower(name)
}

// isFieldName tells whether a header may be called that, in lower case (RFC 9110, section 5.1).
func isFieldName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte("-_!#$%&'*+.^`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}

// isFieldValue tells whether a header carries the text unchanged: no control characters but the tab, no white space around
// it, which every reader takes away.
func isFieldValue(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return strings.Trim(text, " \t") == text
}

// Formats of the namespace.
const (
	formatJSON   = "json"
	formatString = "stringified_json"
)

// namespace is where the object with session variables stands among the claims.
type namespace struct {
	path *authz.ClaimPath // nil for the claims themselves
	// asString: the object is written in a string.
	asString bool
}

// newNamespace compiles the place of a namespace.
func newNamespace(text, format string) (*namespace, error) {
	n := &namespace{asString: format == formatString}
	if text == "$" {
		return n, nil
	}
	path, err := authz.ParseClaimPath(text)
	if err != nil {
		return nil, err
	}
	n.path = &path
	return n, nil
}

// in returns the object, and whether there is one.
func (n *namespace) in(set claims.Value) (claims.Value, bool) {
	v := set
	if n.path != nil {
		v = n.path.In(set)
	}
	if n.asString {
		text, ok := v.Text()
		if !ok {
			return claims.Value{}, false
		}
		object, err := claims.Parse([]byte(text))
		return object, err == nil
	}
	return v, v.IsObject()
}

// invalidClaims rejects a caller whose token lacks what the configuration asks for.
func invalidClaims(message string) *authz.Rejection {
	return rejection(gqlerr.JWTInvalidClaims, message)
}

// rejection is the answer to a valid token with claims that are not enough.
func rejection(code gqlerr.Code, message string) *authz.Rejection {
	return &authz.Rejection{
		Challenge: `Bearer error="invalid_token", error_description="` + message + `"`,
		Code:      code, Message: message, Reason: "session claims",
	}
}
