package authz

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// Sizes of RSA moduli, in bits. Beyond the greatest, a check costs so much time that it serves attackers.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// All algorithms there are for us (RFC 7518, section 3.1, and RFC 8037). "none" is not one of them.
var (
	secretAlgorithms = []string{"HS256", "HS384", "HS512"}
	publicAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	rsaAlgorithms    = publicAlgorithms[:6]
)

// hashBytes is how long the hash of an HMAC algorithm is, and so how long a secret must be (RFC 7518, section 3.2).
var hashBytes = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

// key is one verification key together with the algorithms that it may be used with. There is no way to a key but by an
// algorithm in this list, which comes from the kind of the key: so a public key is never a secret.
type key struct {
	id         string // as tokens name it in "kid", "" if it has no name
	algorithms []string
	material   jwt.VerificationKey
}

// keySet are the keys of a provider at one time. It is read-only; a change of keys is another *keySet, so that whatever was
// verified before can be told from what would be verified now.
type keySet struct {
	keys []key
	// named is set where keys have names: "kid" selects among them. A single key is used whatever a token calls it.
	named bool
}

// fitting returns the keys that a token may be verified with.
func (s *keySet) fitting(algorithm, id string, hasID bool) []jwt.VerificationKey {
	var fit []jwt.VerificationKey
	for i := range s.keys {
		k := &s.keys[i]
		if slices.Contains(k.algorithms, algorithm) && (!s.named || !hasID || k.id == id && id != "") {
			fit = append(fit, k.material)
		}
	}
	return fit
}

// knows tells whether a token's "kid" names a key, or does not matter.
func (s *keySet) knows(id string) bool {
	return !s.named || slices.ContainsFunc(s.keys, func(k key) bool { return k.id == id })
}

// checkFits returns an error if no key fits any of the algorithms, so that no token could ever be accepted.
func (s *keySet) checkFits(algorithms []string) error {
	for _, k := range s.keys {
		for _, a := range k.algorithms {
			if slices.Contains(algorithms, a) {
				return nil
			}
		}
	}
	return fmt.Errorf("no key fits the algorithms %v; its algorithms are %v", algorithms, s.keys[0].algorithms)
}

// newSecretKey returns the only key of a provider with a shared secret.
func newSecretKey(value secret.Value, algorithms []string, allowShort bool) (*keySet, error) {
	raw := value.Bytes()
	for _, a := range algorithms {
		if len(raw) < hashBytes[a] && !allowShort {
			return nil, fmt.Errorf(`the secret has %d bytes, and %s needs %d (RFC 7518, section 3.2); or say "allowShortSecret": true`,
				len(raw), a, hashBytes[a])
		}
	}
	if looksPublic(raw) {
		return nil, errors.New("the secret is a key or certificate in PEM or a JWK, which may be public: use publicKeyFile or jwksFile")
	}
	return &keySet{keys: []key{{algorithms: algorithms, material: raw}}}, nil
}

// newPublicKey returns a public key for the algorithms that fit it.
func newPublicKey(public any) (key, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if err := checkRSA(public); err != nil {
			return key{}, err
		}
		return key{algorithms: rsaAlgorithms, material: public}, nil
	case *ecdsa.PublicKey:
		// golang-jwt compares the size of a signature with the algorithm and never the curve, so it is bound here.
		switch public.Curve {
		case elliptic.P256():
			return key{algorithms: []string{"ES256"}, material: public}, nil
		case elliptic.P384():
			return key{algorithms: []string{"ES384"}, material: public}, nil
		case elliptic.P521():
			return key{algorithms: []string{"ES512"}, material: public}, nil
		}
		return key{}, errors.New("the curve is not supported")
	case ed25519.PublicKey:
		return key{algorithms: []string{"EdDSA"}, material: public}, nil
	}
	return key{}, errors.New("the type of key is not supported")
}

// checkRSA refuses what makes signatures easy to forge or slow to check.
func checkRSA(public *rsa.PublicKey) error {
	n := public.N.BitLen()
	switch {
	case n < minRSABits:
		return fmt.Errorf("the RSA key has %d bits, and %d are needed", n, minRSABits)
	case n > maxRSABits:
		return fmt.Errorf("the RSA key has %d bits, more than %d", n, maxRSABits)
	case public.N.Bit(0) == 0 || public.E < 3 || public.E%2 == 0 || bits.Len(uint(public.E)) > 31:
		return errors.New("the RSA key is not well-formed")
	}
	return nil
}
