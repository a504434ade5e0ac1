package authz

import (
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
