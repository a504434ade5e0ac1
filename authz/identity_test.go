package authz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// mustPath compiles a claim path.
func mustPath(tb testing.TB, text string) ClaimPath {
	tb.Helper()
	p, err := ParseClaimPath(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestAuthenticated(t *testing.T) {
	t.Parallel()
	c := config(secretProvider(t))
	c.Scopes.Claims = []string{"scope", "scp", "$.realm_access.roles"}
	a := start(t, c, testEnvironment())
	// Spaces, an escape and the order are those of the issuer, and stay.
	claims := fmt.Sprintf(`{"scope": "b  a", "exp":%d.5, "scp":["c","a"], "realm_access":{"roles":["r x"]}, "sub":"\u00fc", "n":1.0e2, "iss":"i"}`, epoch.Unix()+60)
	token := hs256(claims)
	for range 2 { // verified, and remembered
		id, rejection, err := a.Authenticate(bearer(token))
		if err != nil || rejection != nil {
			t.Fatal(rejection, err)
		}
		if string(id.Claims()) != claims {
			t.Errorf("got %s, want %s", id.Claims(), claims)
		}
		if want := []string{"a", "b", "c", "r x"}; !slices.Equal(id.Scopes(), want) {
			t.Errorf("got %q, want %q", id.Scopes(), want)
		}
		if !id.Authenticated() || id.Admin || id.Subject != "ü" || id.Issuer != "i" || id.Token != token ||
			id.Prefix != "Bearer" || id.Provider != "local" || !id.Expiry.Equal(epoch.Add(time.Minute)) {
			t.Errorf("got %s %s %s %s %s", id.Subject, id.Issuer, id.Prefix, id.Provider, id.Expiry)
		}
		if raw, ok := id.Claim(mustPath(t, "n")); !ok || string(raw) != "1.0e2" {
			t.Errorf("got %s", raw)
		}
		if list, ok := id.ClaimStrings(mustPath(t, "$.realm_access.roles")); !ok || !slices.Equal(list, []string{"r x"}) {
			t.Errorf("got %q", list)
		}
		if text, ok := id.ClaimText(mustPath(t, "$.scp[1]")); !ok || text != "a" {
			t.Errorf("got %q", text)
		}
	}
}

func TestAnonymous(t *testing.T) {
	t.Parallel()
	var id Identity
	_, hasClaim := id.Claim(mustPath(t, "sub"))
	_, hasText := id.ClaimText(mustPath(t, "$.sub"))
	_, hasStrings := id.ClaimStrings(mustPath(t, "sub"))
	if id.Authenticated() || id.HasScope("") || id.HasScope("a") || id.Claims() != nil || id.Scopes() != nil || hasClaim || hasText || hasStrings {
		t.Error("nobody is somebody")
	}
	if admin := (Identity{Admin: true}); !admin.Authenticated() || admin.HasScope("a") {
		t.Error("an administrator is authenticated and has no scopes of a token")
	}
}

func TestNewIdentity(t *testing.T) {
	t.Parallel()
	id, err := NewIdentity([]byte(`{"sub":"u","scope":"b a b","exp":10}`), mustPath(t, "scope"))
	if err != nil || id.Subject != "u" || !slices.Equal(id.Scopes(), []string{"a", "b"}) || !id.Authenticated() || !id.HasScope("b") || id.HasScope("") {
		t.Errorf("got %v %q, %v", id, id.Scopes(), err)
	}
	if id, err := NewIdentity([]byte(`{}`)); err != nil || !id.Authenticated() || id.HasScope("") {
		t.Errorf("got %v, %v", id, err)
	}
	for _, text := range []string{``, `null`, `[]`, `{"sub":1}`, `{"exp":"1"}`, `{"sub":"a","SUB":"b"}`} {
		if id, err := NewIdentity([]byte(text)); err == nil || id.Authenticated() {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for claims, want := range map[string][]string{
		`{"scope":""}`:                      nil,
		`{"scope":" a  b "}`:                {"a", "b"},
		`{"scope":["a b","c"]}`:             {"a b", "c"},
		`{"scope":["a",1]}`:                 nil,
		`{"scope":1}`:                       nil,
		`{"scope":{"a":true}}`:              nil,
		`{"scope":null,"scp":"x"}`:          {"x"},
		`{"scope":"a","scp":["a","b"]}`:     {"a", "b"},
		`{"Scope":"a"}`:                     nil,
		`{"scope":["a",["b"]],"scp":["c"]}`: {"c"},
	} {
		id, err := NewIdentity([]byte(claims), mustPath(t, "scope"), mustPath(t, "scp"))
		if err != nil || !slices.Equal(id.Scopes(), want) {
			t.Errorf("%s: got %q, want %q, %v", claims, id.Scopes(), want, err)
		}
	}
}

func TestIdentityNeverPrints(t *testing.T) {
	t.Parallel()
	id, err := NewIdentity([]byte(`{"sub":"s3cretsub","x":"s3cretclaim"}`))
	if err != nil {
		t.Fatal(err)
	}
	id.Token, id.Provider = "s3crettoken", "idp"
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", id, &id, struct{ I Identity }{id})
	}
	if err := json.NewEncoder(&out).Encode([]any{id, &id}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "id", id)
	if strings.Contains(out.String(), "s3cret") || strings.Contains(out.String(), "733363726574") {
		t.Errorf("it prints:\n%s", out.String())
	}
	if got := fmt.Sprint(id, Identity{}, Identity{Admin: true}); got != `caller of provider "idp" anonymous administrator` {
		t.Errorf("got %s", got)
	}
}
