package authz

import (
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// token is what a token says before anything of it is verified: enough to choose who verifies it.
type token struct {
	registered
	raw       string
	signed    string // what the signature is over: raw up to the last dot
	signature []byte
	algorithm string
	typ       string
	keyID     string
	hasKeyID  bool
	claims    claims.Value
}

// parseToken takes a token apart (RFC 7519, section 7.2), once: what is verified later is what was read here, and no other
// reader looks at the text again. It is stricter than readers of tokens are, so that for every reader after us there is only
// one way to read what passes here. Of the header nothing but alg, typ
// and kid is looked at, so jku, x5u, x5c and jwk lead nowhere.
func parseToken(raw string) (*token, failure) {
	head, rest, _ := strings.Cut(raw, ".")
	body, signature, _ := strings.Cut(rest, ".")
	if signature == "" || !isSegment(head) || !isSegment(body) || !isSegment(signature) {
		return nil, malformed
	}
	t := &token{raw: raw, signed: raw[:len(raw)-len(signature)-1]}
	var err error
	if t.signature, err = decodeSegment(signature); err != nil {
		return nil, malformed
	}
	header, ok := parseSegment(head)
	if !ok {
		return nil, malformed
	}
	if f := t.readHeader(header); f != accepted {
		return nil, f
	}
	if t.claims, ok = parseSegment(body); !ok {
		return nil, malformed
	}
	if t.registered, err = readRegistered(t.claims); err != nil {
		return nil, wrongClaims
	}
	return t, accepted
}

// readHeader reads the JOSE header (RFC 7515, section 4).
func (t *token) readHeader(header claims.Value) failure {
	var ok bool
	if t.algorithm, ok = header.Member("alg").Text(); !ok || t.algorithm == "" {
		return malformed
	}
	if header.Member("crit").Exists() || header.Member("b64").Exists() {
		return critical // no extension is known here, and b64 without crit would be read in two ways (RFC 7797, section 6)
	}
	if typ := header.Member("typ"); typ.Exists() {
		if t.typ, ok = typ.Text(); !ok {
			return malformed
		}
	}
	if id := header.Member("kid"); id.Exists() {
		if t.keyID, t.hasKeyID = id.Text(); !t.hasKeyID {
			return malformed
		}
	}
	return accepted
}

// isSegment tells whether text has the characters of base64url only.
func isSegment(text string) bool {
	for _, c := range []byte(text) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return text != ""
}

// parseSegment decodes a segment that holds an object.
func parseSegment(text string) (claims.Value, bool) {
	decoded, err := decodeSegment(text)
	if err != nil {
		return claims.Value{}, false
	}
	object, err := claims.Parse(decoded)
	return object, err == nil
}
