package authz

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// suite returns an Authenticator with one provider of each kind of key, each with its own issuer.
func suite(tb testing.TB, change ...func(*Config)) *Authenticator {
	tb.Helper()
	k := testKeys()
	local := secretProvider(tb)
	local.Issuer, local.Audience = []string{"https://a.example"}, []string{"api", "other"}
	set := Provider{Name: "set", Issuer: []string{"https://set.example"}, Audience: []string{"api"}}
	set.JWKSFile = file(tb, jwks(
		jwk(k.rsa, "rsa", nil), jwk(k.p256, "p256", nil), jwk(k.p384, "p384", nil), jwk(k.ed, "ed", nil),
		jwk(k.otherRSA, "ps-only", map[string]any{"alg": "PS256"}),
	))
	set.Algorithms = []string{"RS256", "PS256", "ES256", "ES384", "EdDSA"}
	pem := Provider{Name: "pem", Issuer: []string{"https://pem.example"}, Typ: []string{"at+jwt"}, Algorithms: []string{"ES256"}}
	pem.PublicKeyFile = file(tb, pemOf(tb, k.p256.Public()))
	c := config(local, set, pem)
	for _, one := range change {
		one(&c)
	}
	return start(tb, c, testEnvironment())
}

// of returns good claims of another issuer.
func of(issuer string) string {
	return strings.Replace(payload(""), "https://a.example", "https://"+issuer+".example", 1)
}

// Attack is a token and what becomes of it. It is exported for TestAttacksOnTheGateway.
type Attack struct {
	Name, Token string
	// Status is that of the answer; Reason is why a token with 401 is not accepted.
	Status int
	Reason string
}

// TestAttacks: see attacks.
func TestAttacks(t *testing.T) {
	t.Parallel()
	a := suite(t)
	for _, tc := range Attacks(t) {
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			expect(t, a, tc.Token, tc.Status, tc.Reason)
			expect(t, a, tc.Token, tc.Status, tc.Reason) // and nothing is different the second time
		})
	}
}

// AttackedBy returns the Authenticator that Attacks are made for. With lenient, those who are not accepted are anonymous.
func AttackedBy(tb testing.TB, lenient bool) *Authenticator {
	tb.Helper()
	return suite(tb, func(c *Config) { c.Reject.MissingToken, c.Reject.InvalidToken = !lenient, !lenient })
}

// Attacks are tokens for the providers of suite: good ones, and those of the attacks that are known. Nothing that a token
// names is ever asked for anything.
func Attacks(t *testing.T) []Attack {
	t.Helper()
	k := testKeys()
	listening := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a token made the gateway ask for %s", r.URL)
	}))
	t.Cleanup(listening.Close)
	good := hs256(payload(""))
	segments := strings.Split(good, ".")
	rsaPEM := pemOf(t, k.rsa.Public())
	hs := func(header string) string { return signed("HS256", []byte(sharedSecret), header, payload("")) }
	claim := func(more string) string { return hs256(payload(more)) }
	only := hs256
	at := epoch.Unix()
	exp := func(value string) string { return only(`{"iss":"https://a.example","aud":"api","exp":` + value + `}`) }
	unsigned := func(algorithm string) string {
		return b64([]byte(`{"alg":"`+algorithm+`"}`)) + "." + segments[1] + "."
	}

	return []Attack{
		{"good: HS256", good, 200, ""},
		{"good: RS256", signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, of("set")), 200, ""},
		{"good: RS256 without kid", signed("RS256", k.rsa, `{"alg":"RS256"}`, of("set")), 200, ""},
		{"good: PS256", signed("PS256", k.otherRSA, `{"alg":"PS256","kid":"ps-only"}`, of("set")), 200, ""},
		{"good: ES384", signed("ES384", k.p384, `{"alg":"ES384","kid":"p384"}`, of("set")), 200, ""},
		{"good: EdDSA", signed("EdDSA", k.ed, `{"alg":"EdDSA","kid":"ed"}`, of("set")), 200, ""},
		{"good: typ", signed("ES256", k.p256, `{"alg":"ES256","typ":"application/AT+JWT","kid":"ignored"}`, of("pem")), 200, ""},
		{"good: high S", highS(t, signed("ES256", k.p256, `{"alg":"ES256","typ":"at+jwt"}`, of("pem"))), 200, ""},
		{"good: one of several audiences", only(fmt.Sprintf(`{"iss":"https://a.example","aud":["x","other"],"exp":%d}`, at+9)), 200, ""},
		{"good: exp with fraction and exponent", exp(`1.8000000105e9`), 200, ""},

		// Algorithm confusion (RFC 8725, section 3.1).
		{"none", unsigned("none"), 401, "malformed"},
		{"None with signature", unsigned("None") + segments[2], 401, "algorithm"},
		{"NONE with signature", unsigned("NONE") + segments[2], 401, "algorithm"},
		{"nOnE with signature", unsigned("nOnE") + segments[2], 401, "algorithm"},
		{"none with signature", unsigned("none") + segments[2], 401, "algorithm"},
		{"no alg", hs(`{"typ":"JWT"}`), 401, "malformed"},
		{"empty alg", hs(`{"alg":""}`), 401, "malformed"},
		{"alg is a number", hs(`{"alg":256}`), 401, "malformed"},
		{"alg is a list", hs(`{"alg":["HS256"]}`), 401, "malformed"},
		{"alg with a space", hs(`{"alg":"HS256 "}`), 401, "algorithm"},
		{"alg with NUL", hs(`{"alg":"HS256\u0000"}`), 401, "algorithm"},
		{"alg by escape is the same", hs(`{"alg":"HS\u0032\u003556"}`), 401, "algorithm"},
		{"alg of a JWE", hs(`{"alg":"dir","enc":"A256GCM"}`), 401, "algorithm"},
		{"alg in another case", hs(`{"alg":"hs256"}`), 401, "algorithm"},
		{"Alg", hs(`{"Alg":"HS256"}`), 401, "malformed"},
		{"alg not in the list", signed("HS512", []byte(sharedSecret), `{"alg":"HS512"}`, payload("")), 401, "algorithm"},
		{"public key as a secret, PEM", signed("HS256", rsaPEM, `{"alg":"HS256","kid":"rsa"}`, of("set")), 401, "algorithm"},
		{"public key as a secret, modulus", signed("HS256", k.rsa.N.Bytes(), `{"alg":"HS256"}`, of("set")), 401, "algorithm"},
		{"public key as a secret, at the PEM provider", signed("HS256", pemOf(t, k.p256.Public()), `{"alg":"HS256","typ":"at+jwt"}`, of("pem")), 401, "algorithm"},
		{"RSA key for HMAC provider", signed("RS256", k.rsa, `{"alg":"RS256"}`, payload("")), 401, "algorithm"},
		{"RS256 with a PS256 key", signed("RS256", k.otherRSA, `{"alg":"RS256","kid":"ps-only"}`, of("set")), 401, "key"},
		{"RS256 with a PS256 key, no kid", signed("RS256", k.otherRSA, `{"alg":"RS256"}`, of("set")), 401, "signature"},
		{"PS256 signature, RS256 header", signed("PS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, of("set")), 401, "signature"},

		// Curves and types of keys.
		{"ES256 naming a P-384 key", signed("ES256", k.p256, `{"alg":"ES256","kid":"p384"}`, of("set")), 401, "key"},
		{"ES384 naming a P-256 key", signed("ES384", k.p384, `{"alg":"ES384","kid":"p256"}`, of("set")), 401, "key"},
		{"ES256 made with a P-384 key", crossCurve(t), 401, "signature"},
		{"EdDSA naming an RSA key", signed("EdDSA", k.ed, `{"alg":"EdDSA","kid":"rsa"}`, of("set")), 401, "key"},
		{"RS256 naming an EC key", signed("RS256", k.rsa, `{"alg":"RS256","kid":"p256"}`, of("set")), 401, "key"},

		// Signatures.
		{"empty signature", segments[0] + "." + segments[1] + ".", 401, "malformed"},
		{"no signature", segments[0] + "." + segments[1], 401, "malformed"},
		{"short signature", segments[0] + "." + segments[1] + "." + b64([]byte("x")), 401, "signature"},
		{"zero signature", segments[0] + "." + segments[1] + "." + b64(make([]byte, 32)), 401, "signature"},
		{"zero ECDSA signature", replaceSignature(signed("ES256", k.p256, `{"alg":"ES256","typ":"at+jwt"}`, of("pem")), make([]byte, 64)), 401, "signature"},
		{"ECDSA signature as DER", derSignature(t, signed("ES256", k.p256, `{"alg":"ES256","typ":"at+jwt"}`, of("pem"))), 401, "signature"},
		{"ECDSA signature of ones", replaceSignature(signed("ES256", k.p256, `{"alg":"ES256","typ":"at+jwt"}`, of("pem")), bytes.Repeat([]byte{0xff}, 64)), 401, "signature"},
		{"RSA signature with a zero in front", longer(t, signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, of("set"))), 401, "signature"},
		{"RSA signature of 0", replaceSignature(signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, of("set")), make([]byte, 256)), 401, "signature"},
		{"RSA signature of 1", replaceSignature(signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa"}`, of("set")), append(make([]byte, 255), 1)), 401, "signature"},
		{"HMAC cut short", replaceSignature(good, mac(segments[0] + "." + segments[1])[:16]), 401, "signature"},
		{"HMAC in hexadecimal", segments[0] + "." + segments[1] + "." + hex.EncodeToString(mac(segments[0]+"."+segments[1])), 401, "signature"},
		{"detached", segments[0] + ".." + b64(mac(segments[0]+".")), 401, "malformed"},
		{"other payload", segments[0] + "." + b64([]byte(payload(`,"admin":true`))) + "." + segments[2], 401, "signature"},
		{"other secret", signed("HS256", []byte(strings.Repeat("x", 32)), `{"alg":"HS256"}`, payload("")), 401, "signature"},
		{"empty secret", signed("HS256", []byte{}, `{"alg":"HS256"}`, payload("")), 401, "signature"},
		{"other RSA key under the name of ours", rs256Of(k.otherRSA, "rsa"), 401, "signature"},

		// kid, and headers that carry keys.
		{"kid unknown", rs256Of(k.rsa, "nobody"), 401, "key"},
		{"kid empty", rs256Of(k.rsa, ""), 401, "key"},
		{"kid as a path", rs256Of(k.rsa, "../../../../dev/null"), 401, "key"},
		{"kid as SQL", rs256Of(k.rsa, "x' UNION SELECT 'key"), 401, "key"},
		{"kid as a command", rs256Of(k.rsa, "|sleep 9"), 401, "key"},
		{"kid in another case", rs256Of(k.rsa, "RSA"), 401, "key"},
		{"kid with NUL", rs256Of(k.rsa, `rsa\u0000`), 401, "key"},
		{"kid is a number", signed("RS256", k.rsa, `{"alg":"RS256","kid":1}`, of("set")), 401, "malformed"},
		{"kid is null", signed("RS256", k.rsa, `{"alg":"RS256","kid":null}`, of("set")), 401, "malformed"},
		{"kid is an object", signed("RS256", k.rsa, `{"alg":"RS256","kid":{"rsa":1}}`, of("set")), 401, "malformed"},
		{"kid means nothing to a secret", hs(`{"alg":"HS256","kid":"/dev/null"}`), 200, ""},
		{"jwk brings a key", embedded("jwk", jsonOf(jwk(k.otherRSA, "rsa", nil))), 401, "signature"},
		{"jku brings keys", embedded("jku", `"`+listening.URL+`/keys"`), 401, "signature"},
		{"jku brings keys, no kid", signed("RS256", k.otherRSA, `{"alg":"RS256","jku":"`+listening.URL+`/keys"}`, of("set")), 401, "signature"},
		{"x5u brings a key", embedded("x5u", `"`+listening.URL+`/key"`), 401, "signature"},
		{"x5c brings a key", embedded("x5c", `["AAAA"]`), 401, "signature"},
		{"kid is an address", rs256Of(k.otherRSA, listening.URL+"/key"), 401, "key"},
		{"iss is an address", signed("RS256", k.otherRSA, `{"alg":"RS256","kid":"rsa"}`, strings.Replace(payload(""), "https://a.example", listening.URL, 1)), 401, "issuer"},
		{"kid of 8,000 bytes", rs256Of(k.rsa, strings.Repeat("k", 8_000)), 401, "key"},
		{"kid with a line break", rs256Of(k.rsa, `rsa\n`), 401, "key"},
		{"kid with a space", rs256Of(k.rsa, "rsa "), 401, "key"},
		{"kid in lookalikes", rs256Of(k.rsa, "r\u0455a"), 401, "key"},

		// Extensions.
		{"crit", hs(`{"alg":"HS256","crit":["exp"],"exp":1}`), 401, "critical"},
		{"crit empty", hs(`{"alg":"HS256","crit":[]}`), 401, "critical"},
		{"crit null", hs(`{"alg":"HS256","crit":null}`), 401, "critical"},
		{"crit b64", hs(`{"alg":"HS256","crit":["b64"],"b64":true}`), 401, "critical"},
		{"b64 without crit", hs(`{"alg":"HS256","b64":false}`), 401, "critical"},
		{"typ missing", signed("ES256", k.p256, `{"alg":"ES256"}`, of("pem")), 401, "type"},
		{"typ of an ID token", signed("ES256", k.p256, `{"alg":"ES256","typ":"JWT"}`, of("pem")), 401, "type"},
		{"typ with a longer name", signed("ES256", k.p256, `{"alg":"ES256","typ":"application/x/at+jwt"}`, of("pem")), 401, "type"},
		{"typ is a number", hs(`{"alg":"HS256","typ":1}`), 401, "malformed"},

		// Base64 variants.
		{"padding", good + "=", 401, "malformed"},
		{"padding inside", segments[0] + "=." + segments[1] + "." + segments[2], 401, "malformed"},
		{"standard alphabet", segments[0] + "." + segments[1] + "." + base64.RawStdEncoding.EncodeToString([]byte{0xfb, 0xff, 0xff}), 401, "malformed"},
		{"trailing bits", trailingBits(good), 401, "malformed"},
		{"trailing bits in the header", trailingBitsIn(t, 0), 401, "malformed"},
		{"trailing bits in the payload", trailingBitsIn(t, 1), 401, "malformed"},
		{"percent encoding", strings.Replace(good, ".", "%2e", 1), 401, "malformed"},
		{"length 1 mod 4", segments[0] + "." + segments[1] + ".AAAAA", 401, "malformed"},
		{"no UTF-8", good + "\xff", 401, "malformed"},
		{"NUL", good + "\x00", 401, "malformed"},

		// Shapes.
		{"no dots", "abc", 401, "malformed"},
		{"only dots", "..", 401, "malformed"},
		{"four segments", good + "." + segments[2], 401, "malformed"},
		{"JWE", segments[0] + ".a.b.c.d", 401, "malformed"},
		{"JWE, encrypted with a shared key", b64([]byte(`{"alg":"dir","enc":"A256GCM"}`)) + "..AAAA.AAAA.AAAA", 401, "malformed"},
		{"JSON serialization", `{"payload":"` + segments[1] + `","protected":"` + segments[0] + `","signature":"` + segments[2] + `"}`, 400, ""},
		{"a dot in front", "." + good, 401, "malformed"},
		{"a dot behind", good + ".", 401, "malformed"},
		{"two dots", strings.Replace(good, ".", "..", 1), 401, "malformed"},
		{"in quotes", `"` + good + `"`, 401, "malformed"},
		{"another Unicode letter", good[:10] + "\u00e9" + good[10:], 401, "malformed"},
		{"full-width dots", strings.ReplaceAll(good, ".", "\uff0e"), 401, "malformed"},
		{"zero-width space", good + "\u200b", 401, "malformed"},
		{"no-break space", good + "\u00a0", 401, "malformed"},
		{"white space around is none", " \t" + good + " \t ", 200, ""},
		{"nested, with cty", signed("HS256", []byte(sharedSecret), `{"alg":"HS256","cty":"JWT"}`, good), 401, "malformed"},
		{"byte order mark", only("\ufeff" + payload("")), 401, "malformed"},
		{"comment", only(payload("") + "//"), 401, "malformed"},
		{"wide payload", claim(`,"x":[` + strings.TrimSuffix(strings.Repeat("1,", 5_000), ",") + "]"), 401, "malformed"},
		{"no JSON in the header", signed("HS256", []byte(sharedSecret), `x`, payload("")), 401, "malformed"},
		{"header is a list", signed("HS256", []byte(sharedSecret), `[]`, payload("")), 401, "malformed"},
		{"header is null", signed("HS256", []byte(sharedSecret), `null`, payload("")), 401, "malformed"},
		{"no JSON in the payload", only(`x`), 401, "malformed"},
		{"payload is null", only(`null`), 401, "malformed"},
		{"payload is a list", only(`[]`), 401, "malformed"},
		{"payload is a token", only(good), 401, "malformed"},
		{"payload is two objects", only(payload("") + payload("")), 401, "malformed"},
		{"deep payload", claim(`,"x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000)), 401, "malformed"},
		{"lone surrogate", claim(`,"x":"\ud800"`), 401, "malformed"},

		// Duplicate members, in any case and at any level.
		{"alg twice", hs(`{"alg":"HS256","alg":"none"}`), 401, "malformed"},
		{"alg and ALG", hs(`{"alg":"HS256","ALG":"none"}`), 401, "malformed"},
		{"kid twice in the header", signed("RS256", k.rsa, `{"alg":"RS256","kid":"rsa","kid":"x"}`, of("set")), 401, "malformed"},
		{"twice below the header", hs(`{"alg":"HS256","x":{"a":1,"a":1}}`), 401, "malformed"},
		{"exp twice", claim(`,"exp":99999999999`), 401, "malformed"},
		{"past exp, future EXP", only(`{"iss":"https://a.example","aud":"api","exp":1,"EXP":9999999999}`), 401, "malformed"},
		{"only EXP", only(`{"iss":"https://a.example","aud":"api","EXP":9999999999}`), 401, "claims"},
		{"sub twice by escape", claim(`,"su\u0062":"admin"`), 401, "malformed"},
		{"sub twice by folding", claim(",\"\u017fub\":\"admin\""), 401, "malformed"},
		{"twice below the payload", claim(`,"x":[{"role":"user","Role":"admin"}]`), 401, "malformed"},

		// Claims of the wrong type.
		{"iss is a list", only(fmt.Sprintf(`{"iss":["https://a.example"],"aud":"api","exp":%d}`, at+9)), 401, "claims"},
		{"sub is a number", only(fmt.Sprintf(`{"iss":"https://a.example","aud":"api","sub":1,"exp":%d}`, at+9)), 401, "claims"},
		{"jti is a number", claim(`,"jti":1`), 401, "claims"},
		{"aud is a number", only(fmt.Sprintf(`{"iss":"https://a.example","aud":1,"exp":%d}`, at+9)), 401, "claims"},
		{"aud is mixed", only(fmt.Sprintf(`{"iss":"https://a.example","aud":["api",1],"exp":%d}`, at+9)), 401, "claims"},
		{"aud is null", only(fmt.Sprintf(`{"iss":"https://a.example","aud":null,"exp":%d}`, at+9)), 401, "claims"},
		{"aud is an object", only(fmt.Sprintf(`{"iss":"https://a.example","aud":{"api":1},"exp":%d}`, at+9)), 401, "claims"},
		{"exp is a string", exp(fmt.Sprintf(`"%d"`, at+9)), 401, "claims"},
		{"exp is null", exp("null"), 401, "claims"},
		{"exp is true", exp("true"), 401, "claims"},
		{"exp is a list", exp(fmt.Sprintf(`[%d]`, at+9)), 401, "claims"},
		{"nbf is a string", claim(`,"nbf":"1"`), 401, "claims"},
		{"iat is an object", claim(`,"iat":{}`), 401, "claims"},
		{"nested exp", only(`{"iss":"https://a.example","aud":"api","x":{"exp":9999999999}}`), 401, "claims"},

		// Numbers.
		{"exp huge", exp("1e308"), 401, "claims"},
		{"exp beyond float64", exp("1e999"), 401, "claims"},
		{"exp beyond int64", exp("9223372036854775808"), 401, "claims"},
		{"exp that wraps time", exp("9223372036854775807"), 401, "claims"},
		{"exp in milliseconds", exp(fmt.Sprint((at + 9) * 1000)), 401, "claims"},
		{"exp with many digits", exp(strings.Repeat("9", 1000)), 401, "claims"},
		{"exp negative", exp("-1"), 401, "claims"},
		{"exp zero", exp("0"), 401, "expired"},
		{"exp tiny", exp("1e-300"), 401, "expired"},
		{"exp minus zero", exp("-0"), 401, "expired"},
		{"exp in the last second of 9999", exp("253402300799"), 200, ""},
		{"nbf huge", claim(`,"nbf":1e308`), 401, "claims"},
		{"iat negative", claim(`,"iat":-1`), 401, "claims"},

		// Times: the tolerance is 5 s.
		{"exp missing", only(`{"iss":"https://a.example","aud":"api"}`), 401, "claims"},
		{"expired within the tolerance", exp(fmt.Sprint(at - 4)), 200, ""},
		{"expired at the tolerance", exp(fmt.Sprint(at - 5)), 401, "expired"},
		{"expired beyond the tolerance", exp(fmt.Sprint(at - 6)), 401, "expired"},
		{"nbf within the tolerance", claim(fmt.Sprintf(`,"nbf":%d`, at+4)), 200, ""},
		{"nbf at the tolerance", claim(fmt.Sprintf(`,"nbf":%d`, at+5)), 200, ""},
		{"nbf beyond the tolerance", claim(fmt.Sprintf(`,"nbf":%d`, at+6)), 401, "not yet valid"},
		{"iat at the tolerance", claim(fmt.Sprintf(`,"iat":%d`, at+5)), 200, ""},
		{"iat beyond the tolerance", claim(fmt.Sprintf(`,"iat":%d`, at+6)), 401, "not yet valid"},

		// Issuers and audiences.
		{"iss missing", only(fmt.Sprintf(`{"aud":"api","exp":%d}`, at+9)), 401, "issuer"},
		{"iss unknown", hs256(of("evil")), 401, "issuer"},
		{"iss with a slash", hs256(strings.Replace(payload(""), "a.example", "a.example/", 1)), 401, "issuer"},
		{"iss in another case", hs256(strings.Replace(payload(""), "a.example", "A.example", 1)), 401, "issuer"},
		{"iss of another provider", hs256(of("set")), 401, "algorithm"},
		{"iss of another provider, with its algorithm", signed("ES256", k.p256, `{"alg":"ES256","kid":"p256","typ":"at+jwt"}`, payload("")), 401, "algorithm"},
		{"aud missing", only(fmt.Sprintf(`{"iss":"https://a.example","exp":%d}`, at+9)), 401, "claims"},
		{"aud empty", only(fmt.Sprintf(`{"iss":"https://a.example","aud":[],"exp":%d}`, at+9)), 401, "claims"},
		{"aud is another", only(fmt.Sprintf(`{"iss":"https://a.example","aud":"apis","exp":%d}`, at+9)), 401, "audience"},
		{"aud holds ours", only(fmt.Sprintf(`{"iss":"https://a.example","aud":"x api","exp":%d}`, at+9)), 401, "audience"},

		// Size.
		{"16 KiB", ofLength(t, maxToken), 200, ""},
		{"more than 16 KiB", good + strings.Repeat("A", maxToken), 400, ""},
		{"one byte more", ofLength(t, maxToken) + "A", 400, ""},
		{"two tokens in one header", good + ", Bearer " + good, 400, ""},
		{"two words", good + " " + good, 400, ""},
	}
}

// rs256Of returns a token of the key set's issuer; id is JSON without its quotes.
func rs256Of(key any, id string) string {
	return signed("RS256", key, `{"alg":"RS256","kid":"`+id+`"}`, of("set"))
}

// embedded returns a token signed by a key of the attacker, with a header that brings that key along.
func embedded(name, value string) string {
	return signed("RS256", testKeys().otherRSA, `{"alg":"RS256","kid":"rsa","`+name+`":`+value+`}`, of("set"))
}

// highS returns a token with the other signature that fits: (r, n-s).
func highS(tb testing.TB, token string) string {
	tb.Helper()
	input, signature, _ := cutLast(token)
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		tb.Fatal(err)
	}
	order := elliptic.P256().Params().N
	s := new(big.Int).SetBytes(raw[32:])
	if s.Cmp(new(big.Int).Rsh(order, 1)) < 0 {
		s.Sub(order, s)
	}
	s.FillBytes(raw[32:])
	return input + "." + b64(raw)
}

// crossCurve returns a token that claims ES256 and is signed with the P-384 key, without kid so that every key of the set
// would be tried.
func crossCurve(tb testing.TB) string {
	tb.Helper()
	input := b64([]byte(`{"alg":"ES256"}`)) + "." + b64([]byte(of("set")))
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, testKeys().p384, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	raw := make([]byte, 96)
	r.FillBytes(raw[:48])
	s.FillBytes(raw[48:])
	return input + "." + b64(raw)
}

// replaceSignature returns a token with another signature.
func replaceSignature(token string, signature []byte) string {
	input, _, _ := cutLast(token)
	return input + "." + b64(signature)
}

// derSignature returns a token whose ECDSA signature is written as in certificates.
func derSignature(tb testing.TB, token string) string {
	tb.Helper()
	_, signature, _ := cutLast(token)
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		tb.Fatal(err)
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
	if err != nil {
		tb.Fatal(err)
	}
	return replaceSignature(token, der)
}

// longer returns a token with a zero before its signature.
func longer(tb testing.TB, token string) string {
	tb.Helper()
	_, signature, _ := cutLast(token)
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		tb.Fatal(err)
	}
	return replaceSignature(token, append([]byte{0}, raw...))
}

// cutLast cuts at the last dot.
func cutLast(token string) (input, signature string, ok bool) {
	i := strings.LastIndexByte(token, '.')
	return token[:i], token[i+1:], true
}

// trailingBits returns a token whose last character has bits that the decoded signature does not: 32 bytes leave two.
func trailingBits(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + alphabet[last|1:last|1+1]
}

// trailingBitsIn returns a token whose signature is right, over a segment that has such bits.
func trailingBitsIn(tb testing.TB, segment int) string {
	tb.Helper()
	texts := []string{`{"alg":"HS256"}`, payload("")}
	segments := make([]string, 2)
	for i, text := range texts {
		if i == segment && len(text)%3 == 0 {
			text += " "
		}
		segments[i] = b64([]byte(text))
		if i == segment {
			segments[i] = trailingBits(segments[i])
		}
	}
	if decoded, err := base64.RawURLEncoding.DecodeString(segments[segment]); err != nil || len(decoded) == 0 {
		tb.Fatal("a lenient decoder is to accept it", err)
	}
	input := strings.Join(segments, ".")
	return input + "." + b64(mac(input))
}

// ofLength returns a good token of a length.
func ofLength(tb testing.TB, length int) string {
	tb.Helper()
	for n := length * 7 / 10; n < length; n++ {
		token := hs256(payload(`,"x":"` + strings.Repeat("x", n) + `"`))
		if len(token) == length {
			return token
		}
	}
	tb.Fatal("no such token")
	return ""
}

// TestNoExpIsNoZero: readers of the library take an exp of 0 for none; it is long ago.
func TestNoExpIsNoZero(t *testing.T) {
	t.Parallel()
	c := config(secretProvider(t))
	c.RequireExp = false
	a := start(t, c, testEnvironment())
	expect(t, a, hs256(`{"sub":"u"}`), 200, "")
	expect(t, a, hs256(`{"sub":"u","exp":0}`), 401, "expired")
	expect(t, a, hs256(`{"sub":"u","exp":0.0}`), 401, "expired")
	expect(t, a, hs256(`{"sub":"u","exp":1}`), 401, "expired")
}

// TestIssuersAreKeptApart gives two issuers the same kind of key: each token is tried only where its issuer is listed.
func TestIssuersAreKeptApart(t *testing.T) {
	t.Parallel()
	k := testKeys()
	provider := func(name string, key map[string]any, issuers ...string) Provider {
		p := Provider{Name: name, Issuer: issuers, AnyAudience: true}
		p.JWKSFile = file(t, jwks(key))
		return p
	}
	a := start(t, config(
		provider("one", jwk(k.rsa, "same", nil), "https://one.example"),
		provider("two", jwk(k.otherRSA, "same", nil), "https://two.example", "https://three.example"),
		provider("rest", jwk(k.p256, "same", nil)),
	), testEnvironment())
	token := func(algorithm string, key any, issuer string) string {
		return signed(algorithm, key, `{"alg":"`+algorithm+`","kid":"same"}`, of(issuer))
	}
	for _, tc := range []struct {
		algorithm string
		key       any
		issuer    string
		status    int
		reason    string
	}{
		{"RS256", k.rsa, "one", 200, ""},
		{"RS256", k.otherRSA, "two", 200, ""},
		{"RS256", k.otherRSA, "three", 200, ""},
		{"ES256", k.p256, "anybody", 200, ""},
		{"RS256", k.rsa, "two", 401, "signature"},
		{"RS256", k.otherRSA, "one", 401, "signature"},
		{"ES256", k.p256, "one", 401, "key"},
		{"RS256", k.rsa, "anybody", 401, "key"},
	} {
		expect(t, a, token(tc.algorithm, tc.key, tc.issuer), tc.status, tc.reason)
	}
	expect(t, a, signed("ES256", k.p256, `{"alg":"ES256"}`, fmt.Sprintf(`{"exp":%d}`, epoch.Unix()+9)), 200, "")
}

// TestDescriptions wants descriptions that are in the header as RFC 6750 has it, with nothing of the token.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	a := suite(t)
	for token, want := range map[string]string{
		"x": `Bearer error="invalid_token", error_description="The token is malformed"`,
		hs256(`{"iss":"https://a.example","aud":"api","exp":1}`): `Bearer error="invalid_token", error_description="The token is expired"`,
	} {
		_, rejection, err := a.Authenticate(bearer(token))
		if err != nil {
			t.Fatal(err)
		}
		if rejection.Challenge != want {
			t.Errorf("got %s, want %s", rejection.Challenge, want)
		}
		body := string(rejection.GraphQLError().AppendJSON(nil))
		if body != `{"message":"Unauthenticated","extensions":{"code":"UNAUTHENTICATED"}}` {
			t.Errorf("got %s", body)
		}
	}
	for i, f := range failures {
		if strings.ContainsFunc(f.description, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
			t.Errorf("%q cannot stand in quotes (RFC 6750, section 3)", f.description)
		}
		if f.description == "" && failure(i) != accepted && failure(i) != unavailable {
			t.Errorf("failure %d says nothing", i)
		}
	}
}

// TestRejectIsAValue covers what the configuration makes of missing and bad tokens.
func TestRejectIsAValue(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		missing, invalid         bool
		wantMissing, wantInvalid int
	}{
		{true, true, 401, 401},
		{false, true, 200, 401},
		{true, false, 401, 200},
		{false, false, 200, 200},
	} {
		c := config(secretProvider(t))
		c.Reject.MissingToken, c.Reject.InvalidToken = tc.missing, tc.invalid
		a := start(t, c, testEnvironment())
		none := bearer("")
		none.Header.Del("Authorization")
		if got, _, _ := answerOf(t, a, none); got != tc.wantMissing {
			t.Errorf("%+v: missing: got %d", tc, got)
		}
		if got, _, _ := answerOf(t, a, bearer("x")); got != tc.wantInvalid {
			t.Errorf("%+v: invalid: got %d", tc, got)
		}
		// Several tokens and one that is too long are never anonymous.
		for _, token := range []string{"a b", strings.Repeat("a", maxToken+1)} {
			if got, code, _ := answerOf(t, a, bearer(token)); got != 400 || code != gqlerr.BadRequest {
				t.Errorf("%+v: got %d %s", tc, got, code)
			}
		}
	}
	missing := newRejections(DefaultConfig()).missing
	if missing.Challenge != "Bearer" || missing.StatusCode() != http.StatusUnauthorized {
		t.Errorf("got %+v", missing)
	}
	own := &Rejection{Status: 403, Code: "X", Message: "y"}
	if e := own.GraphQLError(); own.StatusCode() != 403 || e.Code != "X" || e.Message != "y" {
		t.Errorf("got %v", e)
	}
}

// TestClockMoves wants that nothing remembered outlives a token, on either side of the tolerance.
func TestClockMoves(t *testing.T) {
	t.Parallel()
	now := epoch
	env := testEnvironment()
	env.now = func() time.Time { return now }
	a := start(t, config(secretProvider(t)), env)
	token := hs256(fmt.Sprintf(`{"exp":%d}`, epoch.Unix()+60))
	for _, tc := range []struct {
		after  time.Duration
		status int
		reason string
	}{
		{0, 200, ""},
		{59 * time.Second, 200, ""},
		{60 * time.Second, 200, ""},
		{65*time.Second - 1, 200, ""},
		{65 * time.Second, 401, "expired"},
		{0, 200, ""},
	} {
		now = epoch.Add(tc.after)
		expect(t, a, token, tc.status, tc.reason)
	}
}
