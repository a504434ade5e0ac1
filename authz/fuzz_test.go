package authz

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// FuzzAuthenticate goes from headers to an Identity. Whoever is recognised must hold a token that a verifier made of the
// standard library alone accepts, too, and nobody else may be somebody.
func FuzzAuthenticate(f *testing.F) {
	c := config(secretProvider(f))
	c.TokenLookup = append(c.TokenLookup, TokenLocation{Header: "x-token"}, TokenLocation{Cookie: "auth"})
	a, err := newAuthenticator(f.Context(), c, Observer{}, testEnvironment())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(a.Close)
	good := hs256(payload(`,"scope":"a b"`))
	for _, seed := range [][2]string{
		{"Bearer " + good, ""},
		{"bearer  " + good + " ", "auth=x"},
		{"Basic eA==", "a=b; auth=" + good},
		{"Bearer " + good + "," + good, "auth=a; auth=b"},
		{"Bearer a.b.c", `auth="` + good + `"`},
		{"Bearer " + hs256(`{"exp":1800000600,"EXP":1}`), ""},
		{"Bearer " + signed("HS256", []byte(sharedSecret), `{"alg":"HS256","crit":[]}`, payload("")), ""},
		{"", ""},
	} {
		f.Add(seed[0], seed[1], "", "")
	}
	// Texts that are signed properly, so that the fuzzer gets past the signature.
	f.Add("", "", `{"alg":"HS256","kid":"x","typ":"JWT"}`, `{"exp":1800000600,"nbf":1.5,"iat":0,"aud":["a"],"sub":"\u00e4"}`)
	f.Add("", "", `{"alg":"none"}`, `{"exp":1e3}`)
	f.Fuzz(func(t *testing.T, authorization, cookie, header, claims string) {
		h := http.Header{"Authorization": {authorization}, "Cookie": {cookie}}
		if header != "" || claims != "" {
			h["X-Token"] = []string{signed("HS256", []byte(sharedSecret), header, claims)}
		}
		id, rejection, err := a.Authenticate(&http.Request{Header: h})
		recognised := err == nil && rejection == nil
		if recognised != id.Authenticated() || recognised != (id.Claims() != nil) || recognised != (id.Token != "") {
			t.Fatalf("%v, %v, %v: half recognised", id, rejection, err)
		}
		if recognised {
			if problem := doubt(id); problem != "" {
				t.Fatalf("%s: %s", problem, id.Token)
			}
		}
	})
}

// doubt says why an identity must not be one, "" if it may.
func doubt(id Identity) string {
	parts := strings.Split(id.Token, ".")
	if len(parts) != 3 {
		return "no three segments"
	}
	if b64(mac(parts[0]+"."+parts[1])) != parts[2] {
		return "not signed"
	}
	decoded, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !bytes.Equal(bytes.Trim(decoded, " \t\r\n"), id.Claims()) {
		return "other claims than signed"
	}
	var header map[string]any
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(raw, &header) != nil || header["alg"] != "HS256" || header["crit"] != nil {
		return "another header"
	}
	var claims map[string]any
	if json.Unmarshal(decoded, &claims) != nil {
		return "no JSON"
	}
	now := float64(epoch.Unix())
	exp, ok := claims["exp"].(float64)
	if !ok || exp <= now-5 {
		return "expired"
	}
	for _, name := range []string{"nbf", "iat"} {
		if at, ok := claims[name].(float64); claims[name] != nil && (!ok || at >= now+6) {
			return name + " is in the future"
		}
	}
	if sub, _ := claims["sub"].(string); sub != id.Subject {
		return "another subject"
	}
	return ""
}
