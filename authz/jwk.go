package authz

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// The keys of a set are read here and not by a library. MicahParks/jwkset, beside its refresher, which knows neither
// cool-down nor ETag nor Cache-Control, accepts "oct" and private keys, follows x5u when asked to, and decodes base64
// leniently; what is wanted of it are the 100 lines below, and what must not be there is easier to see where there is none
// of it.

// maxKeys is how many keys a set may have: a token without "kid" is tried with each.
const maxKeys = 100

// parseKeySet reads a JWK Set (RFC 7517, section 5). Keys that are not for us are left out; the error for a set without any
// key that is left says why the first was.
func parseKeySet(text []byte) (*keySet, error) {
	object, err := claims.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the key set is %w", err)
	}
	list := object.Member("keys")
	if !list.IsArray() {
		return nil, errors.New(`the key set has no array "keys"`)
	}
	set := &keySet{named: true}
	problem := errors.New("it is empty")
	for i, v := range list.Elements() {
		if i == maxKeys {
			return nil, fmt.Errorf("the key set has more than %d keys", maxKeys)
		}
		k, err := parseKey(v)
		if err != nil {
			if i == 0 {
				problem = fmt.Errorf("key 0: %w", err)
			}
			continue
		}
		set.keys = append(set.keys, k)
	}
	if len(set.keys) == 0 {
		return nil, fmt.Errorf("the key set has no key that verifies signatures: %w", problem)
	}
	return set, nil
}

// parseKey reads a public JWK for signatures (RFC 7517, section 4). It looks at neither x5u nor x5c.
func parseKey(v claims.Value) (key, error) {
	if !v.IsObject() {
		return key{}, errors.New("it is no object")
	}
	for _, private := range []string{"d", "k", "p", "q", "dp", "dq", "qi", "oth"} {
		if v.Member(private).Exists() {
			return key{}, errors.New("it is a secret, and key sets are public")
		}
	}
	public, err := parseMaterial(v)
	if err != nil {
		return key{}, err
	}
	k, err := newPublicKey(public)
	if err != nil {
		return key{}, err
	}
	return restrict(k, v)
}

// restrict applies what a JWK says about its use (RFC 7517, sections 4.2 to 4.5).
func restrict(k key, v claims.Value) (key, error) {
	if use := v.Member("use"); use.Exists() {
		if text, _ := use.Text(); text != "sig" {
			return key{}, errors.New(`its "use" is not "sig"`)
		}
	}
	if ops := v.Member("key_ops"); ops.Exists() {
		if list, _ := ops.Strings(); !ops.IsArray() || !slices.Contains(list, "verify") {
			return key{}, errors.New(`its "key_ops" do not have "verify"`)
		}
	}
	if alg := v.Member("alg"); alg.Exists() {
		text, _ := alg.Text()
		if !slices.Contains(k.algorithms, text) {
			return key{}, errors.New(`its "alg" does not fit its type`)
		}
		k.algorithms = []string{text}
	}
	if id := v.Member("kid"); id.Exists() {
		var ok bool
		if k.id, ok = id.Text(); !ok {
			return key{}, errors.New(`its "kid" is no string`)
		}
	}
	return k, nil
}

// parseMaterial reads what belongs to the type of a key (RFC 7518, section 6, and RFC 8037, section 2).
func parseMaterial(v claims.Value) (any, error) {
	switch kty, _ := v.Member("kty").Text(); kty {
	case "RSA":
		return parseRSA(v)
	case "EC":
		return parseEC(v)
	case "OKP":
		crv, _ := v.Member("crv").Text()
		x, ok := octets(v, "x")
		if crv != "Ed25519" || !ok || len(x) != ed25519.PublicKeySize {
			return nil, errors.New("it is no Ed25519 key")
		}
		return ed25519.PublicKey(x), nil
	case "oct":
		return nil, errors.New("it is a secret, and key sets are public")
	}
	return nil, errors.New("its type is not supported")
}

// parseRSA reads an RSA key.
func parseRSA(v claims.Value) (any, error) {
	n, okN := octets(v, "n")
	e, okE := octets(v, "e")
	if !okN || !okE || len(n) > 2*maxRSABits/8 || len(e) > 4 {
		return nil, errors.New("the RSA key is not well-formed")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

// parseEC reads a key on one of the curves of NIST.
func parseEC(v claims.Value) (any, error) {
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	crv, _ := v.Member("crv").Text()
	curve, known := curves[crv]
	if !known {
		return nil, errors.New("the curve is not supported")
	}
	size := (curve.Params().BitSize + 7) / 8
	x, okX := octets(v, "x")
	y, okY := octets(v, "y")
	if !okX || !okY || len(x) != size || len(y) != size {
		return nil, errors.New("the coordinates have the wrong length")
	}
	public, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, errors.New("the point is not on the curve")
	}
	return public, nil
}

// octets returns the content of a base64url member, and whether it is one that holds something.
func octets(v claims.Value, name string) ([]byte, bool) {
	text, _ := v.Member(name).Text()
	decoded, err := decodeSegment(text)
	return decoded, err == nil && len(decoded) > 0
}

// strictBase64 is the encoding of tokens and keys (RFC 7515, section 2): no padding and no bits that say nothing.
var strictBase64 = base64.RawURLEncoding.Strict()

// decodeSegment decodes base64url. The library skips line breaks, which the encoding does not have.
func decodeSegment(text string) ([]byte, error) {
	for _, c := range []byte(text) {
		if c == '\n' || c == '\r' {
			return nil, errors.New("a line break in base64url")
		}
	}
	return strictBase64.DecodeString(text)
}
