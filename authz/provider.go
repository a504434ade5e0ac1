package authz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// keyring holds the keys of a provider. It is safe for concurrent use.
type keyring interface {
	// current returns the keys, nil as long as there never were any.
	current() *keySet
	// renew asks for other keys, because a token names one that is not there, and waits for them until ctx ends. It may
	// decide that it was asked too often.
	renew(ctx context.Context)
}

// fixedKeys are keys that do not change.
type fixedKeys struct{ set *keySet }

func (k fixedKeys) current() *keySet      { return k.set }
func (k fixedKeys) renew(context.Context) {}

// provider verifies the tokens of one provider. It is safe for concurrent use.
type provider struct {
	name       string
	algorithms []string
	issuers    []string // whose tokens are accepted, every issuer's when it is empty
	types      []string // in lower case, everything when it is empty
	validator  *jwt.Validator
	keys       keyring
}

// newProvider compiles a provider.
func newProvider(p Provider, c Config, now func() time.Time, keys keyring) *provider {
	compiled := &provider{
		name: p.Name, algorithms: p.algorithms(), issuers: p.issuers(), keys: keys,
	}
	for _, typ := range p.Typ {
		compiled.types = append(compiled.types, normalType(typ))
	}
	options := []jwt.ParserOption{ // those that a validator looks at; how tokens are read is for parseToken
		jwt.WithIssuedAt(),
		jwt.WithLeeway(c.ClockTolerance),
		jwt.WithTimeFunc(now),
		jwt.WithAudience(p.Audience...),
	}
	if c.RequireExp {
		options = append(options, jwt.WithExpirationRequired())
	}
	compiled.validator = jwt.NewValidator(options...)
	return compiled
}

// verify checks everything about a token. It returns the keys that it was checked with: the result holds as long as these
// are the provider's keys.
func (p *provider) verify(t *token) (*keySet, failure) {
	if f := p.admits(t); f != accepted {
		return nil, f
	}
	set := p.keys.current()
	if set == nil {
		return nil, unavailable
	}
	fit := set.fitting(t.algorithm, t.keyID, t.hasKeyID)
	if len(fit) == 0 {
		return nil, unknownKey
	}
	method := jwt.GetSigningMethod(t.algorithm)
	holds := func(k jwt.VerificationKey) bool { return method.Verify(t.signed, t.signature, k) == nil }
	if method == nil || !slices.ContainsFunc(fit, holds) {
		return nil, wrongSignature
	}
	if err := p.validator.Validate(&t.registered); err != nil {
		return nil, failureOf(err)
	}
	return set, accepted
}

// admits checks what needs no key.
func (p *provider) admits(t *token) failure {
	switch {
	case len(p.issuers) > 0 && !slices.Contains(p.issuers, t.issuer):
		return wrongProvider
	case !slices.Contains(p.algorithms, t.algorithm):
		return wrongAlgorithm
	case len(p.types) > 0 && !slices.Contains(p.types, normalType(t.typ)):
		return wrongType
	}
	return accepted
}

// lacksKey tells whether the token names a key that the provider does not have, though it has others.
func (p *provider) lacksKey(t *token) bool {
	set := p.keys.current()
	return set != nil && t.hasKeyID && !set.knows(t.keyID) && p.admits(t) == accepted
}

// failureOf tells what the library found wrong with the claims of a token.
func failureOf(err error) failure {
	for _, row := range []struct {
		err error
		is  failure
	}{
		{jwt.ErrTokenExpired, expired},
		{jwt.ErrTokenNotValidYet, notYetValid},
		{jwt.ErrTokenUsedBeforeIssued, notYetValid},
		{jwt.ErrTokenInvalidAudience, wrongAudience},
		{jwt.ErrTokenRequiredClaimMissing, wrongClaims},
	} {
		if errors.Is(err, row.err) {
			return row.is
		}
	}
	return wrongClaims
}

// normalType returns a media type as "typ" is compared: without case, and "application/" may be left out (RFC 7515, section
// 4.1.9).
func normalType(typ string) string {
	typ = strings.ToLower(typ)
	if short, ok := strings.CutPrefix(typ, "application/"); ok && !strings.Contains(short, "/") {
		return short
	}
	return typ
}

// readFixedKeys returns the keys of a provider that does not fetch them.
func readFixedKeys(p Provider) (*keySet, error) {
	var set *keySet
	var err error
	switch kind := p.kinds()[0]; kind {
	case fromSecret:
		value, failed := p.Secret.Read()
		if failed != nil {
			return nil, failed
		}
		return newSecretKey(value, p.algorithms(), p.AllowShortSecret)
	case fromPublicKey, fromJWKSFile:
		path, parse := p.PublicKeyFile, parsePEM
		if kind == fromJWKSFile {
			path, parse = p.JWKSFile, parseKeySet
		}
		text, failed := readKeyFile(path)
		if failed != nil {
			return nil, failed
		}
		if set, err = parse(text); err == nil {
			err = set.checkFits(p.algorithms())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return set, nil
}
