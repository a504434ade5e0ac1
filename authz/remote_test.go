package authz

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// movableEnvironment returns an environment with a clock of its own.
func movableEnvironment() (environment, *clock) {
	c := &clock{at: epoch}
	env := testEnvironment()
	env.now = c.now
	return env, c
}

// refreshes records what an Observer is told.
type refreshes struct {
	mu  sync.Mutex
	all []string
}

func (r *refreshes) observer() Observer {
	return Observer{Refreshed: func(provider, result string, _ error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, provider+" "+result)
	}}
}

func (r *refreshes) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.all, ", ")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := newKeyServer(t)
	server.serve(jwks(jwk(k.rsa, "old", nil)), "Etag", `"1"`)
	env, clock := movableEnvironment()
	var seen refreshes
	a, err := newAuthenticator(t.Context(), config(remoteProvider(server.URL)), seen.observer(), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	mustWait(t, a)
	oldToken, newToken := rs256(k.rsa, "old"), rs256(k.otherRSA, "new")
	expect(t, a, oldToken, 200, "")

	server.serve(jwks(jwk(k.rsa, "old", nil), jwk(k.otherRSA, "new", nil)), "Etag", `"2"`)
	expect(t, a, newToken, 200, "")
	expect(t, a, oldToken, 200, "")
	if got := server.count(); got != 2 {
		t.Errorf("%d fetches, want 2", got)
	}

	// Whoever makes names up causes no fetches.
	for i := range 50 {
		expect(t, a, rs256(k.rsa, fmt.Sprint("made up ", i)), 401, "key")
	}
	if got := server.count(); got != 2 {
		t.Errorf("%d fetches within the cool-down, want 2", got)
	}

	// The old key is withdrawn. A token that was verified with it is not remembered any longer.
	server.serve(jwks(jwk(k.otherRSA, "new", nil)), "Etag", `"3"`)
	expect(t, a, oldToken, 200, "")
	clock.forward(10 * time.Second)
	expect(t, a, rs256(k.rsa, "made up"), 401, "key")
	expect(t, a, oldToken, 401, "key")
	expect(t, a, newToken, 200, "")
	if got := server.count(); got != 3 {
		t.Errorf("%d fetches, want 3", got)
	}
	if got := seen.String(); got != "idp changed, idp changed, idp changed" {
		t.Errorf("got %s", got)
	}
}

func TestUnchangedKeysKeepWhatWasVerified(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := newKeyServer(t)
	body := jwks(jwk(k.rsa, "a", nil))
	server.do(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `W/"x"`)
		if r.Header.Get("If-None-Match") == `W/"x"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(body)
	})
	env, clock := movableEnvironment()
	var seen refreshes
	var hits []bool
	observer := seen.observer()
	observer.CacheRead = func(hit bool) { hits = append(hits, hit) }
	a, err := newAuthenticator(t.Context(), config(remoteProvider(server.URL)), observer, env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	mustWait(t, a)
	token := rs256(k.rsa, "a")
	expect(t, a, token, 200, "")
	expect(t, a, rs256(k.rsa, "x"), 401, "key")
	server.serve(body) // the same without ETag and 304
	clock.forward(10 * time.Second)
	expect(t, a, rs256(k.rsa, "x"), 401, "key")
	expect(t, a, token, 200, "")
	if got := seen.String(); got != "idp changed, idp unchanged, idp unchanged" {
		t.Errorf("got %s", got)
	}
	if want := []bool{false, false, false, true}; !slices.Equal(hits, want) {
		t.Errorf("got %v, want %v", hits, want)
	}
	if ages := a.KeyAges(); ages["idp"] != 0 || len(ages) != 1 {
		t.Errorf("got %v", ages)
	}
	clock.forward(time.Minute)
	if ages := a.KeyAges(); ages["idp"] != time.Minute {
		t.Errorf("got %v", ages)
	}
}

func TestSingleFlight(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := newKeyServer(t)
	server.serve(jwks(jwk(k.rsa, "old", nil)))
	a := start(t, config(remoteProvider(server.URL)), testEnvironment())
	mustWait(t, a)
	release := make(chan struct{})
	server.do(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = w.Write(jwks(jwk(k.otherRSA, "new", nil)))
	})
	var callers sync.WaitGroup
	var asking sync.WaitGroup
	for range 32 {
		asking.Add(1)
		callers.Go(func() {
			asking.Done()
			expect(t, a, rs256(k.otherRSA, "new"), 200, "")
		})
	}
	asking.Wait()
	close(release)
	callers.Wait()
	if got := server.count(); got != 2 {
		t.Errorf("%d fetches, want 2", got)
	}
}

// brokenServers are key servers that must not be believed.
func brokenServers(t *testing.T) map[string]http.HandlerFunc {
	t.Helper()
	k := testKeys()
	good := jwks(jwk(k.otherRSA, "new", nil))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	status := func(code int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(code)
			if code != http.StatusNoContent && code != http.StatusNotModified {
				_, _ = w.Write(good)
			}
		}
	}
	body := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
	}
	return map[string]http.HandlerFunc{
		"500":            status(500, ""),
		"404":            status(404, ""),
		"201":            status(201, ""),
		"204":            status(204, ""),
		"304":            status(304, ""),
		"301":            status(301, elsewhere.URL),
		"302":            status(302, elsewhere.URL),
		"303":            status(303, elsewhere.URL),
		"307":            status(307, elsewhere.URL),
		"308":            status(308, elsewhere.URL),
		"302 to itself":  status(302, "/"),
		"huge":           body(strings.TrimSuffix(string(good), "}") + strings.Repeat(" ", 1<<20) + "}"),
		"endless":        endless,
		"HTML":           body("<html>"),
		"empty":          body(""),
		"truncated":      body(string(good[:len(good)-2])),
		"empty set":      body(`{"keys":[]}`),
		"secrets":        body(`{"keys":[{"kty":"oct","k":"AAAA","kid":"new"}]}`),
		"other key type": body(string(jwks(jwk(k.p384, "new", nil)))),
		"slow":           func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"slow body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(good)))
			_, _ = w.Write(good[:10])
		},
		"huge header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			_, _ = w.Write(good)
		},
		"gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("\x1f\x8b"))
		},
	}
}

// endless answers for as long as anybody reads.
func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			return
		}
	}
}

// TestBrokenServers offers bad answers to a gateway that has keys, and to one that never had.
func TestBrokenServers(t *testing.T) {
	t.Parallel()
	k := testKeys()
	for name, handler := range brokenServers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newKeyServer(t)
			env := testEnvironment()
			if strings.HasPrefix(name, "slow") { // it never ends; a first fetch that takes too long is tried again
				env.fetchTimeout = time.Second
			}
			server.serve(jwks(jwk(k.rsa, "old", nil)))
			a := start(t, config(remoteProvider(server.URL)), env)
			mustWait(t, a)
			server.do(handler)
			expect(t, a, rs256(k.otherRSA, "new"), 401, "key")
			expect(t, a, rs256(k.rsa, "old"), 200, "")
			ready, reasons := a.Ready()
			if !ready || len(reasons) != 1 || !strings.Contains(reasons[0], `"idp" keeps old keys`) {
				t.Errorf("got %t %v", ready, reasons)
			}

			never := remoteProvider(server.URL)
			never.Startup = startupFail
			env.startup = 100 * time.Millisecond
			if a, err := newAuthenticator(t.Context(), config(never), Observer{}, env); err == nil {
				a.Close()
				t.Error("it starts without keys")
			} else if strings.Contains(err.Error(), server.URL) {
				t.Errorf("the error holds the address: %v", err)
			}
		})
	}
}

func TestNeverHadKeys(t *testing.T) {
	t.Parallel()
	k := testKeys()
	for _, startup := range []string{"", startupWait, startupDegrade} {
		server := newKeyServer(t)
		p := remoteProvider(server.URL)
		p.Startup = startup
		env := testEnvironment()
		env.startup = time.Hour
		if startup == startupWait {
			env.startup = 100 * time.Millisecond
		}
		c := config(p, secretProvider(t))
		c.Reject.InvalidToken, c.Reject.MissingToken = false, false // which makes nobody anonymous who has such a token
		a := start(t, c, env)
		if ready, reasons := a.Ready(); startup == "" && ready || startup == startupDegrade && !ready || len(reasons) != 1 {
			t.Errorf("%q: got %t %v", startup, ready, reasons)
		}
		if startup == startupWait {
			mustWait(t, a) // ready without keys, after long enough
			if ready, reasons := a.Ready(); !ready || len(reasons) != 1 || !strings.Contains(reasons[0], "no keys yet") {
				t.Errorf("got %t %v", ready, reasons)
			}
		}
		if len(a.KeyAges()) != 0 {
			t.Error("keys that are not there have an age")
		}
		expect(t, a, rs256(k.rsa, "x"), 503, "")
		expect(t, a, signed("RS256", k.rsa, `{"alg":"RS256"}`, payload("")), 503, "")
		expect(t, a, "x", 200, "anonymous")
		expect(t, a, signed("HS256", []byte(strings.Repeat("x", 32)), `{"alg":"HS256"}`, payload("")), 200, "anonymous")
		expect(t, a, hs256(payload("")), 200, "")
		none := bearer("")
		if status, _, _ := answerOf(t, a, none); status != 200 {
			t.Errorf("no token: got %d", status)
		}
	}
}

func TestStartIsGivenUp(t *testing.T) {
	t.Parallel()
	server := newKeyServer(t)
	p := remoteProvider(server.URL)
	p.Startup = startupFail
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a, err := NewAuthenticator(ctx, config(p), Observer{}); err == nil {
		a.Close()
		t.Error("it starts")
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	k := testKeys()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(jwks(jwk(k.rsa, "a", nil)))
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of the handshake that fails
	server.StartTLS()
	t.Cleanup(server.Close)
	p := remoteProvider(server.URL)
	p.Startup = startupFail
	env := testEnvironment()
	env.startup = 300 * time.Millisecond
	if a, err := newAuthenticator(t.Context(), config(p), Observer{}, env); err == nil {
		a.Close()
		t.Error("a certificate of nobody is accepted")
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport, ok := newEnvironment().transport.(*http.Transport)
	if !ok || transport.Proxy != nil || transport.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		t.Fatal("no such transport")
	}
	transport.TLSClientConfig.RootCAs = roots
	env.transport, env.startup = transport, time.Hour
	a := start(t, config(p), env)
	expect(t, a, rs256(k.rsa, "a"), 200, "")
}

// discovery answers as an OpenID Provider whose keys are at path.
func discovery(issuer, jwksURI, path string, keys []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/realm/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q,"id_token_signing_alg_values_supported":["none"]}`, issuer, jwksURI)
		case path:
			_, _ = w.Write(keys)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// issuedBy returns a token of an issuer.
func issuedBy(key *rsa.PrivateKey, id, issuer string) string {
	return signed("RS256", key, `{"alg":"RS256","kid":"`+id+`"}`, strings.Replace(payload(""), "https://a.example", issuer, 1))
}

// TestDiscovery runs in a bubble: a fetch that failed is tried again after a second, in which nothing else may happen.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		const url = "https://idp.example"
		issuer := url + "/realm"
		server := discovery(issuer, url+"/keys1", "/keys1", jwks(jwk(k.rsa, "a", nil)))
		p := Provider{Name: "oidc", KeySource: KeySource{IssuerURL: issuer}, Audience: []string{"api"}}
		env, clock := movableEnvironment()
		env.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			server(w, r)
			return w.Result(), nil
		})
		a := start(t, config(p, secretProvider(t)), env)
		mustWait(t, a)
		expect(t, a, issuedBy(k.rsa, "a", issuer), 200, "")
		expect(t, a, issuedBy(k.rsa, "a", issuer+"/"), 401, "algorithm") // another issuer is another provider's
		expect(t, a, rs256(k.rsa, "a"), 401, "algorithm")

		// The keys move. The old address fails once, then the document is read again.
		synctest.Wait()
		server = discovery(issuer, url+"/keys2", "/keys2", jwks(jwk(k.otherRSA, "b", nil)))
		clock.forward(10 * time.Second)
		expect(t, a, issuedBy(k.otherRSA, "b", issuer), 401, "key")
		clock.forward(10 * time.Second)
		expect(t, a, issuedBy(k.otherRSA, "b", issuer), 200, "")
		expect(t, a, issuedBy(k.rsa, "a", issuer), 401, "key")
	})
}

func TestDiscoveryRefuses(t *testing.T) {
	t.Parallel()
	k := testKeys()
	keys := jwks(jwk(k.rsa, "a", nil))
	for name, tc := range map[string]struct {
		issuer, uri func(url string) string
		want        string
	}{
		"another issuer":      {func(string) string { return "https://evil.example" }, func(u string) string { return u + "/keys" }, "another issuer"},
		"issuer with a slash": {func(u string) string { return u + "/realm/" }, func(u string) string { return u + "/keys" }, "another issuer"},
		"http elsewhere":      {func(u string) string { return u + "/realm" }, func(string) string { return "http://keys.example/" }, "https"},
		"no jwks_uri":         {func(u string) string { return u + "/realm" }, func(string) string { return "" }, "jwks_uri"},
		"file":                {func(u string) string { return u + "/realm" }, func(string) string { return "file:///etc/keys" }, "jwks_uri"},
	} {
		server := newKeyServer(t)
		server.do(discovery(tc.issuer(server.URL), tc.uri(server.URL), "/keys", keys))
		f := newFetcher(KeySource{IssuerURL: server.URL + "/realm"}, testEnvironment(), publicAlgorithms)
		if _, err := f.fetch(t.Context()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	// From https to http, on loopback, too.
	f := newFetcher(KeySource{IssuerURL: "https://idp.example"}, testEnvironment(), publicAlgorithms)
	f.client.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
		return answerWith(200, `{"issuer":"https://idp.example","jwks_uri":"http://127.0.0.1/keys"}`, nil), nil
	})
	if _, err := f.fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "leaves https") {
		t.Errorf("got %v", err)
	}
}
