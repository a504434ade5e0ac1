package authz

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestKeysOfRFCs reads the keys that the RFCs show.
func TestKeysOfRFCs(t *testing.T) {
	t.Parallel()
	// RFC 7517, appendix A.1 (the RSA key is signed by its "alg", the EC key is for encryption), and RFC 8037, appendix A.2.
	set, err := parseKeySet([]byte(`{"keys":[
		{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},
		{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"},
		{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA"}
	]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.keys) != 2 || set.keys[0].id != "2011-04-29" || !slices.Equal(set.keys[0].algorithms, []string{"RS256"}) ||
		!slices.Equal(set.keys[1].algorithms, []string{"EdDSA"}) {
		t.Errorf("got %+v", set.keys)
	}
}

// TestKeysThatAreNotForUs covers what must not be in a set of keys.
func TestKeysThatAreNotForUs(t *testing.T) {
	t.Parallel()
	k := testKeys()
	type members = map[string]any
	good := jwk(k.rsa, "good", nil)
	for name, tc := range map[string]struct {
		key  members
		want string // in the reason, "" if the key is fine
	}{
		"RSA":                  {good, ""},
		"all said":             {jwk(k.rsa, "x", members{"use": "sig", "key_ops": []string{"verify"}, "alg": "PS256"}), ""},
		"no kid":               {jwk(k.rsa, "", members{"kid": nil}), ""},
		"x5u and x5c":          {jwk(k.rsa, "x", members{"x5u": "https://evil.example", "x5c": []string{"AAAA"}}), ""},
		"P-256":                {jwk(k.p256, "x", members{"alg": "ES256"}), ""},
		"oct":                  {members{"kty": "oct", "k": b64([]byte(sharedSecret)), "alg": "HS256"}, "secret"},
		"oct without k":        {members{"kty": "oct"}, "secret"},
		"private RSA":          {jwk(k.rsa, "x", members{"d": "AAAA"}), "secret"},
		"private EC":           {jwk(k.p256, "x", members{"d": "AAAA"}), "secret"},
		"use enc":              {jwk(k.rsa, "x", members{"use": "enc"}), "use"},
		"use null":             {members{"kty": "RSA", "n": good["n"], "e": good["e"], "use": []any{nil}[0]}, "use"},
		"use in another case":  {jwk(k.rsa, "x", members{"use": "SIG"}), "use"},
		"key_ops":              {jwk(k.rsa, "x", members{"key_ops": []string{"encrypt", "sign"}}), "key_ops"},
		"key_ops is a string":  {jwk(k.rsa, "x", members{"key_ops": "verify"}), "key_ops"},
		"alg of another type":  {jwk(k.rsa, "x", members{"alg": "ES256"}), "alg"},
		"alg HS256 on RSA":     {jwk(k.rsa, "x", members{"alg": "HS256"}), "alg"},
		"alg for encryption":   {jwk(k.rsa, "x", members{"alg": "RSA-OAEP"}), "alg"},
		"alg none":             {jwk(k.rsa, "x", members{"alg": "none"}), "alg"},
		"alg of another curve": {jwk(k.p256, "x", members{"alg": "ES384"}), "alg"},
		"kid is a number":      {jwk(k.rsa, "x", members{"kid": 1}), "kid"},
		"small RSA":            {jwk(k.smallRSA, "x", nil), "1024 bits"},
		"huge RSA":             {jwk(k.rsa, "x", members{"n": b64(slices.Repeat([]byte{0xff}, 1025))}), "8200 bits"},
		"even RSA":             {jwk(k.rsa, "x", members{"n": b64(append(k.rsa.N.Bytes()[:255:255], 0))}), "well-formed"},
		"exponent 1":           {jwk(k.rsa, "x", members{"e": "AQ"}), "well-formed"},
		"exponent 0":           {jwk(k.rsa, "x", members{"e": "AA"}), "well-formed"},
		"even exponent":        {jwk(k.rsa, "x", members{"e": "Ag"}), "well-formed"},
		"long exponent":        {jwk(k.rsa, "x", members{"e": "AQAAAAE"}), "well-formed"},
		"no exponent":          {jwk(k.rsa, "x", members{"e": nil}), "well-formed"},
		"padded":               {jwk(k.rsa, "x", members{"e": "AQAB="}), "well-formed"},
		"trailing bits":        {jwk(k.rsa, "x", members{"e": "AR"}), "well-formed"},
		"line break":           {jwk(k.rsa, "x", members{"e": "AQ\nAB"}), "well-formed"},
		"n is a number":        {jwk(k.rsa, "x", members{"n": 5}), "well-formed"},
		"not on the curve":     {jwk(k.p256, "x", members{"x": jwk(k.p256, "", nil)["y"]}), "curve"},
		"infinity":             {jwk(k.p256, "x", members{"x": b64(make([]byte, 32)), "y": b64(make([]byte, 32))}), "curve"},
		"short coordinate":     {jwk(k.p256, "x", members{"x": b64(make([]byte, 31))}), "length"},
		"coordinates of P-384": {jwk(k.p384, "x", members{"crv": "P-256"}), "length"},
		"unknown curve":        {jwk(k.p256, "x", members{"crv": "secp256k1"}), "curve"},
		"X25519":               {jwk(k.ed, "x", members{"crv": "X25519"}), "Ed25519"},
		"short Ed25519":        {jwk(k.ed, "x", members{"x": "AAAA"}), "Ed25519"},
		"unknown type":         {members{"kty": "rsa", "n": good["n"], "e": good["e"]}, "type"},
		"no type":              {members{"n": good["n"], "e": good["e"]}, "type"},
	} {
		_, err := parseKeySet(jwks(tc.key))
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
		set, err := parseKeySet(jwks(tc.key, good))
		if wanted := map[bool]int{true: 2, false: 1}[tc.want == ""]; err != nil || len(set.keys) != wanted {
			t.Errorf("%s: a key beside it is lost: %v", name, err)
		}
	}
	many := make([]members, maxKeys+1)
	for i := range many {
		many[i] = good
	}
	for name, text := range map[string]string{
		"empty":           ``,
		"list":            `[]`,
		"no keys":         `{}`,
		"keys is null":    `{"keys":null}`,
		"keys twice":      `{"keys":[],"keys":[` + jsonOf(good) + `]}`,
		"member twice":    `{"keys":[{"kty":"RSA","KTY":"oct"},` + jsonOf(good) + `]}`,
		"key is a string": `{"keys":["x"]}`,
		"too many keys":   string(jwks(many...)),
	} {
		if set, err := parseKeySet([]byte(text)); err == nil {
			t.Errorf("%s: accepted: %+v", name, set)
		}
	}
}

// TestTokensOfKeysThatAreNotForUs serves such keys beside a good one: nothing that they signed is accepted, with their name
// or without.
func TestTokensOfKeysThatAreNotForUs(t *testing.T) {
	t.Parallel()
	k := testKeys()
	type members = map[string]any
	rs := func(key *rsa.PrivateKey) func(header string) string {
		return func(header string) string { return signed("RS256", key, `{"alg":"RS256"`+header+`}`, payload("")) }
	}
	es := func(header string) string { return signed("ES256", k.p256, `{"alg":"ES256"`+header+`}`, payload("")) }
	for name, tc := range map[string]struct {
		key   members
		token func(header string) string
	}{
		"RSA of 1024 bits": {jwk(k.smallRSA, "bad", nil), rs(k.smallRSA)},
		"use":              {jwk(k.otherRSA, "bad", members{"use": "enc"}), rs(k.otherRSA)},
		"key_ops":          {jwk(k.otherRSA, "bad", members{"key_ops": []string{"encrypt"}}), rs(k.otherRSA)},
		"alg":              {jwk(k.otherRSA, "bad", members{"alg": "PS256"}), rs(k.otherRSA)},
		"alg of the curve": {jwk(k.p256, "bad", members{"alg": "ES384"}), es},
		"a private key":    {jwk(k.otherRSA, "bad", members{"d": "AQAB"}), rs(k.otherRSA)},
		"another kty":      {jwk(k.otherRSA, "bad", members{"kty": "rsa"}), rs(k.otherRSA)},
		"a shared secret": {
			members{"kty": "oct", "kid": "bad", "k": b64([]byte(sharedSecret))},
			func(header string) string {
				return signed("HS256", []byte(sharedSecret), `{"alg":"HS256"`+header+`}`, payload(""))
			},
		},
		"exponent 1": {jwk(k.otherRSA, "bad", members{"e": "AQ"}), func(header string) string {
			input := b64([]byte(`{"alg":"RS256"`+header+`}`)) + "." + b64([]byte(payload("")))
			digest := sha256.Sum256([]byte(input))
			prefix, _ := hex.DecodeString("3031300d060960864801650304020105000420") // of SHA-256 (RFC 8017, section 9.2)
			padded := slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 256-3-len(prefix)-len(digest)), []byte{0}, prefix, digest[:])
			return input + "." + b64(padded) // which to the power of 1 is itself
		}},
		"certificates beside another key": {
			jwk(k.rsa, "bad", members{"x5c": []string{base64.StdEncoding.EncodeToString(publicDER(t, k.otherRSA))}}), rs(k.otherRSA),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newKeyServer(t)
			server.serve(jwks(tc.key, jwk(k.rsa, "good", nil)))
			p := remoteProvider(server.URL)
			p.Algorithms = []string{"RS256", "ES256"}
			a := start(t, config(p), testEnvironment())
			mustWait(t, a)
			expect(t, a, rs256(k.rsa, "good"), 200, "")
			for _, header := range []string{`,"kid":"bad"`, `,"kid":"good"`, ``} {
				if status, _, reason := answerOf(t, a, bearer(tc.token(header))); status != http.StatusUnauthorized {
					t.Errorf("with %q: got %d %s", header, status, reason)
				}
			}
			if n := server.count(); n > 2 {
				t.Errorf("%d fetches", n)
			}
		})
	}
}

// TestKeysOfOneName: of keys that have the same name each is tried.
func TestKeysOfOneName(t *testing.T) {
	t.Parallel()
	k := testKeys()
	p := Provider{Name: "set", AnyAudience: true}
	p.JWKSFile = file(t, jwks(jwk(k.rsa, "same", nil), jwk(k.otherRSA, "same", nil), jwk(k.p256, "same", nil)))
	a := start(t, config(p), testEnvironment())
	expect(t, a, rs256(k.rsa, "same"), 200, "")
	expect(t, a, rs256(k.otherRSA, "same"), 200, "")
	expect(t, a, signed("ES256", k.p256, `{"alg":"ES256","kid":"same"}`, payload("")), 200, "")
	expect(t, a, signed("RS256", k.smallRSA, `{"alg":"RS256","kid":"same"}`, payload("")), 401, "signature")
}

// publicDER is the public key as a certificate would hold it.
func publicDER(tb testing.TB, key *rsa.PrivateKey) []byte {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		tb.Fatal(err)
	}
	return der
}
