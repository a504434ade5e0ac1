package authz

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// Config is how callers are recognised: the "jwt" section of the configuration file. Start from DefaultConfig: a zero member
// is a value and not a default.
type Config struct {
	// TokenLookup is where tokens are looked for. The first place that holds one counts.
	TokenLookup []TokenLocation `json:"tokenLookup"`
	// Providers are whose tokens are accepted; without any, none is.
	Providers []Provider `json:"providers"`
	// ClockTolerance is how far the clocks of issuers may be off.
	ClockTolerance time.Duration `json:"clockTolerance" config:"zero"`
	// RequireExp refuses tokens that never expire.
	RequireExp bool `json:"requireExp"`
	// Reject says which callers are answered with 401 at once. The others go on as anonymous.
	Reject struct {
		MissingToken bool `json:"missingToken"`
		InvalidToken bool `json:"invalidToken"`
	} `json:"reject"`
	// Scopes says which claims hold scopes, as claim paths: each a string split on spaces, or an array of strings.
	Scopes struct {
		Claims []string `json:"claims"`
	} `json:"scopes"`
}

// TokenLocation is one place where a token may stand: a header or a cookie.
type TokenLocation struct {
	// Header is the name of a header, Prefix the scheme in front of the token, "" if the token stands alone.
	Header string `json:"header"`
	Prefix string `json:"prefix"`
	// Cookie is the name of a cookie. As soon as there is one, the gateway has to prevent CSRF.
	Cookie string `json:"cookie"`
}

// Provider is someone whose tokens are accepted. Its zero members are defaults.
type Provider struct {
	// KeySource is where the keys come from.
	KeySource
	// Name stands in metrics, logs and identities.
	Name string `json:"name"`
	// Algorithms are those that tokens may use: RS256, PS256, ES256 and EdDSA by default, HS256 with a secret.
	Algorithms []string `json:"algorithms"`
	// Issuer are the issuers that speak through this provider. Their tokens are tried with the providers that list them
	// and with no other; where a list is given, "iss" is required. For an issuerUrl the default is that URL.
	Issuer []string `json:"issuer"`
	// Audience are the audiences that are meant for us: a token needs one of them. Key sets and issuers need this, or
	// AnyAudience: their tokens are made for many services.
	Audience    []string `json:"audience"`
	AnyAudience bool     `json:"anyAudience"`
	// Typ are the values that the header "typ" may have, such as "at+jwt"; everything when it is empty.
	Typ []string `json:"typ"`
}

// KeySource is where the keys of a provider come from: exactly one of Secret, JWKSURL, JWKSFile, IssuerURL and
// PublicKeyFile. Files are read once, when the Authenticator is made.
type KeySource struct {
	// Secret is shared with the issuer, for the HMAC algorithms.
	Secret secret.Source `json:"secret"`
	// AllowShortSecret accepts a secret that is shorter than the hash of the algorithm.
	AllowShortSecret bool `json:"allowShortSecret"`
	// JWKSURL is the address of a key set (RFC 7517), JWKSFile the path of one.
	JWKSURL  string `json:"jwksUrl"`
	JWKSFile string `json:"jwksFile"`
	// IssuerURL is the address of an OpenID Provider, whose discovery document says where the key set is.
	IssuerURL string `json:"issuerUrl"`
	// PublicKeyFile is the path of one public key or certificate in PEM. The dates of a certificate do not matter.
	PublicKeyFile string `json:"publicKeyFile"`
	// Refresh bounds how long a key set that was fetched counts as fresh: 10 s to 1 h by default. Min is the time between
	// two fetches for the sake of unknown keys, too.
	Refresh struct {
		Min time.Duration `json:"min"`
		Max time.Duration `json:"max"`
	} `json:"refresh"`
	// Startup says what happens while there are no keys yet: "wait" (the default; not ready for up to 10 s, then as
	// degrade), "fail" (no start without them), "degrade" (ready, and tokens are answered with 503).
	Startup string `json:"startup"`
	// AllowInsecureHTTP accepts http:// for hosts that are not loopback.
	AllowInsecureHTTP bool `json:"allowInsecureHttp"`
}

// DefaultConfig returns the configuration of an empty section: no providers.
func DefaultConfig() Config {
	c := Config{
		TokenLookup:    []TokenLocation{{Header: "authorization", Prefix: "Bearer"}},
		ClockTolerance: 5 * time.Second,
		RequireExp:     true,
	}
	c.Reject.MissingToken = true
	c.Reject.InvalidToken = true
	c.Scopes.Claims = []string{"scope"}
	return c
}

// Below returns c with its files relative to dir, except those with absolute paths.
func (c Config) Below(dir string) Config {
	c.Providers = slices.Clone(c.Providers)
	for i := range c.Providers {
		p := &c.Providers[i]
		p.Secret = p.Secret.Below(dir)
		for _, file := range []*string{&p.JWKSFile, &p.PublicKeyFile} {
			if *file != "" && !filepath.IsAbs(*file) {
				*file = filepath.Join(dir, *file)
			}
		}
	}
	return c
}

// UsesCookies tells whether a cookie may hold the token, so that CSRF has to be prevented.
func (c Config) UsesCookies() bool {
	return slices.ContainsFunc(c.TokenLookup, func(l TokenLocation) bool { return l.Cookie != "" })
}

// Where keys come from, as the configuration calls it.
const (
	fromSecret    = "secret"
	fromJWKSURL   = "jwksUrl"
	fromJWKSFile  = "jwksFile"
	fromIssuer    = "issuerUrl"
	fromPublicKey = "publicKeyFile"
)

// kinds returns which of the sources are given; one, if all is well.
func (s KeySource) kinds() []string {
	var given []string
	for _, source := range []struct {
		kind string
		is   bool
	}{
		{fromSecret, !s.Secret.IsZero()},
		{fromJWKSURL, s.JWKSURL != ""},
		{fromJWKSFile, s.JWKSFile != ""},
		{fromIssuer, s.IssuerURL != ""},
		{fromPublicKey, s.PublicKeyFile != ""},
	} {
		if source.is {
			given = append(given, source.kind)
		}
	}
	return given
}

// isRemote tells whether the keys are fetched.
func (s KeySource) isRemote() bool { return s.JWKSURL != "" || s.IssuerURL != "" }

// algorithms returns what tokens may use.
func (p Provider) algorithms() []string {
	switch {
	case len(p.Algorithms) > 0:
		return p.Algorithms
	case !p.Secret.IsZero():
		return []string{"HS256"}
	}
	return []string{"RS256", "PS256", "ES256", "EdDSA"}
}

// issuers returns whose tokens are tried here and nowhere else, none if the provider takes what nobody lists.
func (p Provider) issuers() []string {
	if len(p.Issuer) == 0 && p.IssuerURL != "" {
		return []string{p.IssuerURL}
	}
	return p.Issuer
}

// refresh returns the bounds between two fetches.
func (s KeySource) refresh() (least, most time.Duration) {
	least, most = s.Refresh.Min, s.Refresh.Max
	least, most = cmp.Or(least, 10*time.Second), cmp.Or(most, time.Hour)
	switch {
	case s.Refresh.Min == 0:
		least = min(least, most)
	case s.Refresh.Max == 0:
		most = max(least, most)
	}
	return least, most
}
