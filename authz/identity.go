package authz

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// ClaimPath names one claim, as everywhere in the configuration: a text that starts with "$" is a path, such as
// $.realm_access.roles, $["https://x/y"] or $.a[0]; anything else is the literal name of a top-level claim.
type ClaimPath = claims.Path

// ParseClaimPath compiles a claim path. The error says what is wrong with the text, in words that follow its name.
func ParseClaimPath(text string) (ClaimPath, error) { return claims.ParsePath(text) }

// Identity is who is calling. The zero Identity is an anonymous caller: it is authenticated as nobody, has no claims and
// no scopes. Copies share their claims, which are read-only; an Identity is safe for concurrent use.
//
// An Identity prints and marshals without token and claims, so that neither gets into a log by accident.
type Identity struct {
	// Subject and Issuer are the claims "sub" and "iss", "" where there are none.
	Subject, Issuer string
	// Token is the token as it came, without Prefix, the configured one of the place where the token was found. Both are
	// "" when the caller has no token.
	Token, Prefix string
	// Provider is the configured name of what vouches for this identity.
	Provider string
	// Expiry is when the token expires, the zero Time if it does not.
	Expiry time.Time
	// Admin marks a caller who proved to be an administrator of the gateway, with or without claims.
	Admin bool

	claims claims.Value
	scopes []string // sorted, without duplicates
}

// NewIdentity returns the identity that a JSON object of claims describes: subject, issuer, expiry, and the scopes that the
// given claims hold, each a string split on spaces or an array of strings. Nothing is verified. It keeps raw, which must not
// change afterwards.
//
// An error means that raw is no clean JSON object (see internal/claims), or that a registered claim (RFC 7519, section 4.1)
// has the wrong type or is out of range; it holds nothing of raw.
func NewIdentity(raw json.RawMessage, scopeClaims ...ClaimPath) (Identity, error) {
	object, err := claims.Parse(raw)
	if err != nil {
		return Identity{}, err
	}
	registered, err := readRegistered(object)
	if err != nil {
		return Identity{}, err
	}
	return identityOf(object, registered, scopeClaims), nil
}

// identityOf returns the identity that parsed claims describe.
func identityOf(object claims.Value, r registered, scopeClaims []ClaimPath) Identity {
	return Identity{
		Subject: r.subject, Issuer: r.issuer, Expiry: r.expires.at,
		claims: object, scopes: readScopes(object, scopeClaims),
	}
}

// readScopes merges what the claims hold. A claim of another type gives no scope.
func readScopes(object claims.Value, from []ClaimPath) []string {
	var all []string
	for _, path := range from {
		v := path.In(object)
		if text, ok := v.Text(); ok {
			all = append(all, words(text)...)
			continue
		}
		list, _ := v.Strings()
		all = append(all, list...)
	}
	slices.Sort(all)
	return slices.Clone(slices.Compact(all)) // without the room of those that were there twice
}

// words splits a claim on spaces (RFC 6749, section 3.3), and on no other white space: to whoever gave out "a\u00a0admin", as to us, that
// is one scope, which nobody asks for, and not two.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })
}

// Authenticated tells whether somebody vouches for the caller: there are claims, or it is an administrator.
func (id Identity) Authenticated() bool { return id.Admin || id.claims.Exists() }

// HasScope tells whether the caller has the scope. Scopes compare byte for byte.
func (id Identity) HasScope(scope string) bool {
	_, found := slices.BinarySearch(id.scopes, scope)
	return found
}

// Scopes returns the caller's scopes in ascending order. The caller must not change them.
func (id Identity) Scopes() []string { return id.scopes }

// Claims returns all claims, byte for byte as the issuer wrote them, nil if there are none. The caller must not change
// them.
func (id Identity) Claims() json.RawMessage { return id.claims.Raw() }

// Payload returns all claims, parsed; absent if there are none.
func (id Identity) Payload() claims.Value { return id.claims }

// Claim returns a claim, byte for byte as the issuer wrote it, and whether there is one. The caller must not change it.
func (id Identity) Claim(path ClaimPath) (json.RawMessage, bool) {
	v := path.In(id.claims)
	return v.Raw(), v.Exists()
}

// ClaimText returns the content of a claim that is a string, and whether it is one.
func (id Identity) ClaimText(path ClaimPath) (string, bool) { return path.In(id.claims).Text() }

// ClaimStrings returns the content of a claim that is a string, as one element, or an array of strings. It is false for
// every other claim, and for an array with an element that is no string.
func (id Identity) ClaimStrings(path ClaimPath) ([]string, bool) { return path.In(id.claims).Strings() }

// String tells who vouches for the caller, and nothing of token and claims.
func (id Identity) String() string {
	switch {
	case id.Admin:
		return "administrator"
	case id.Authenticated():
		return "caller of provider " + strconv.Quote(id.Provider)
	}
	return "anonymous"
}

// Format implements fmt.Formatter: every verb prints as String does.
func (id Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, id.String()) }

// LogValue implements slog.LogValuer.
func (id Identity) LogValue() slog.Value { return slog.StringValue(id.String()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses, too.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.String()), nil }
