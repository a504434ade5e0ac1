package authz

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestCallersAreNotMixed lets many callers ask at the same time, each again and again, while keys change, and compares every
// answer with the caller's own token.
func TestCallersAreNotMixed(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := newKeyServer(t)
	both := jwks(jwk(k.rsa, "a", nil))
	server.serve(both)
	env, clock := movableEnvironment()
	a := start(t, config(remoteProvider(server.URL), func() Provider {
		p := secretProvider(t)
		p.Issuer = []string{"https://local.example"}
		return p
	}()), env)
	mustWait(t, a)
	const callers, rounds = 200, 20
	tokens := make([]string, callers)
	for i := range tokens {
		text := strings.Replace(payload(fmt.Sprintf(`,"scope":"s%d","n":%d`, i, i)), `"u1"`, fmt.Sprintf(`"u%d"`, i), 1)
		if i%2 == 0 {
			tokens[i] = signed("RS256", k.rsa, `{"alg":"RS256","kid":"a"}`, text)
			continue
		}
		tokens[i] = hs256(strings.Replace(text, "a.example", "local.example", 1))
	}
	n := mustPath(t, "$.n")
	var running sync.WaitGroup
	for i, token := range tokens {
		running.Go(func() {
			for range rounds {
				id, rejection, err := a.Authenticate(bearer(token))
				raw, _ := id.Claim(n)
				if err != nil || rejection != nil || id.Subject != fmt.Sprintf("u%d", i) || !id.HasScope(fmt.Sprintf("s%d", i)) ||
					len(id.Scopes()) != 1 || string(raw) != fmt.Sprint(i) || id.Token != token {
					t.Errorf("caller %d is taken for %s %v: %v %v", i, id.Subject, id.Scopes(), rejection, err)
				}
			}
		})
	}
	for i := range rounds {
		server.serve(jwks(jwk(k.rsa, "a", nil), jwk(k.otherRSA, fmt.Sprint("other", i), nil)))
		clock.forward(10 * time.Second) // now it may ask again
		expect(t, a, rs256(k.otherRSA, fmt.Sprint("other", i)), 200, "")
	}
	running.Wait()
}

func TestObserver(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := newKeyServer(t)
	p := remoteProvider(server.URL)
	p.Issuer, p.Startup = []string{"https://a.example"}, startupDegrade
	var results []string
	o := Observer{Authenticated: func(result, provider string) { results = append(results, result+" "+provider) }}
	a, err := newAuthenticator(t.Context(), config(p, secretProvider(t)), o, testEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	local := `{"exp":1900000000}`
	for _, tc := range []struct{ token, want string }{
		{"", "missing "},
		{"a b", "refused "},
		{"x", "invalid "},
		{hs256(local), "authenticated local"},
		{hs256(local), "authenticated local"},
		{signed("HS256", []byte(strings.Repeat("x", 32)), `{"alg":"HS256"}`, local), "invalid local"},
		{hs256(payload("")), "invalid idp"},
		{rs256(k.rsa, "a"), "unavailable idp"},
	} {
		results = nil
		_, _, _ = a.Authenticate(bearer(tc.token))
		if got := strings.Join(results, ", "); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
