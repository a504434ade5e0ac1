package authz

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// epoch is what the clock of most tests shows.
var epoch = time.Unix(1_800_000_000, 0)

// sharedSecret is the secret of the tests, 64 bytes.
const sharedSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// The keys of the tests, made once.
var testKeys = sync.OnceValue(func() (k struct {
	rsa, otherRSA, smallRSA *rsa.PrivateKey
	p256, p384              *ecdsa.PrivateKey
	ed                      ed25519.PrivateKey
},
) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	var err error
	k.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	k.otherRSA, err = rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	k.smallRSA, err = rsa.GenerateKey(rand.Reader, 1024)
	must(err)
	k.p256, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	k.p384, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(err)
	_, k.ed, err = ed25519.GenerateKey(rand.Reader)
	must(err)
	return k
})

// b64 encodes a segment.
func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// signed returns a token of exactly these texts. The key is a []byte for HMAC, or else a private key.
func signed(algorithm string, key any, header, payload string) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	signature, err := jwt.GetSigningMethod(algorithm).Sign(input, key)
	if err != nil {
		panic(err)
	}
	return input + "." + b64(signature)
}

// hs256 returns a token with a good header, signed with the shared secret.
func hs256(payload string) string {
	return signed("HS256", []byte(sharedSecret), `{"alg":"HS256","typ":"JWT"}`, payload)
}

// payload returns claims that are fine, and what is added to them: members with a comma in front.
func payload(more string) string {
	return fmt.Sprintf(`{"sub":"u1","iss":"https://a.example","aud":"api","exp":%d%s}`, epoch.Unix()+600, more)
}

// bearer returns a request with a token.
func bearer(token string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

// jwk returns the JWK of a public key, with members that are added or replaced; nil removes one.
func jwk(private crypto.Signer, id string, more map[string]any) map[string]any {
	m := map[string]any{"kid": id}
	switch public := private.Public().(type) {
	case *rsa.PublicKey:
		m["kty"], m["n"], m["e"] = "RSA", b64(public.N.Bytes()), b64(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		raw, err := public.Bytes()
		if err != nil {
			panic(err)
		}
		half := (len(raw) - 1) / 2
		m["kty"], m["crv"], m["x"], m["y"] = "EC", public.Params().Name, b64(raw[1:1+half]), b64(raw[1+half:])
	case ed25519.PublicKey:
		m["kty"], m["crv"], m["x"] = "OKP", "Ed25519", b64(public)
	}
	for name, value := range more {
		if value == nil {
			delete(m, name)
			continue
		}
		m[name] = value
	}
	return m
}

// jsonOf returns a value as JSON.
func jsonOf(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// jwks returns the text of a key set.
func jwks(keys ...map[string]any) []byte {
	if keys == nil {
		keys = []map[string]any{}
	}
	return []byte(jsonOf(map[string]any{"keys": keys}))
}

// pemOf returns a public key as a PEM file has it.
func pemOf(tb testing.TB, public any) []byte {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		tb.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// file writes a file and returns its path.
func file(tb testing.TB, text []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "file")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// config returns the default configuration with these providers.
func config(providers ...Provider) Config {
	c := DefaultConfig()
	c.Providers = providers
	return c
}

// secretProvider returns a provider with the shared secret.
func secretProvider(tb testing.TB) Provider {
	tb.Helper()
	return Provider{Name: "local", KeySource: KeySource{Secret: secret.Source{File: file(tb, []byte(sharedSecret))}}}
}

// testEnvironment is an environment whose clock stands still, and in which nobody gives up waiting on a slow machine: what
// is fetched ends by itself.
func testEnvironment() environment {
	env := newEnvironment()
	env.now = func() time.Time { return epoch }
	env.random = func() float64 { return 0 }
	env.patience, env.startup, env.fetchTimeout = time.Hour, time.Hour, time.Hour
	if transport, ok := env.transport.(*http.Transport); ok {
		transport.DialContext, transport.TLSHandshakeTimeout = nil, 0
	}
	return env
}

// start returns an Authenticator that is closed at the end of the test.
func start(tb testing.TB, c Config, env environment) *Authenticator {
	tb.Helper()
	a, err := newAuthenticator(context.Background(), c, Observer{}, env)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(a.Close)
	return a
}

// answerOf returns status and code that a client gets, and the reason; 200 for a caller who is let through.
func answerOf(tb testing.TB, a *Authenticator, r *http.Request) (status int, code gqlerr.Code, reason string) {
	tb.Helper()
	id, rejection, err := a.Authenticate(r)
	if (err != nil || rejection != nil) && (id.Authenticated() || id.Claims() != nil || id.Token != "") {
		tb.Errorf("%v: a caller who is refused has an identity", id)
	}
	switch {
	case err != nil && rejection != nil:
		tb.Errorf("both refused and undecided: %v, %v", rejection, err)
	case err != nil:
		code = gqlerr.CodeOf(err)
		return map[gqlerr.Code]int{gqlerr.BadRequest: 400, gqlerr.AuthenticationUnavailable: 503}[code], code, ""
	case rejection != nil:
		return rejection.StatusCode(), rejection.GraphQLError().Code, rejection.Reason
	case !id.Authenticated():
		return 200, "", "anonymous"
	}
	return 200, "", ""
}

// expect wants a status and a code for a token.
func expect(tb testing.TB, a *Authenticator, token string, status int, reason string) {
	tb.Helper()
	code := map[int]gqlerr.Code{400: gqlerr.BadRequest, 401: gqlerr.Unauthenticated, 503: gqlerr.AuthenticationUnavailable}[status]
	gotStatus, gotCode, gotReason := answerOf(tb, a, bearer(token))
	if gotStatus != status || gotCode != code || gotReason != reason {
		tb.Errorf("got %d %s %q, want %d %s %q", gotStatus, gotCode, gotReason, status, code, reason)
	}
}

// mac returns the HMAC-SHA256 of a token's first segments, made without the library.
func mac(input string) []byte {
	h := hmac.New(sha256.New, []byte(sharedSecret))
	h.Write([]byte(input))
	return h.Sum(nil)
}

// keyServer is a real server of key sets, whose behaviour can be changed.
type keyServer struct {
	*httptest.Server
	mu      sync.Mutex
	handler http.HandlerFunc
	calls   []*http.Request
}

// newKeyServer starts a server that answers 503 until it is told better.
func newKeyServer(tb testing.TB) *keyServer {
	tb.Helper()
	s := &keyServer{handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		h := s.handler
		s.calls = append(s.calls, r)
		s.mu.Unlock()
		h(w, r)
	}))
	tb.Cleanup(s.Close)
	return s
}

// do sets what the server does from now on.
func (s *keyServer) do(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
}

// serve makes the server answer with a text, and headers as pairs.
func (s *keyServer) serve(body []byte, headers ...string) {
	s.do(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		_, _ = w.Write(body)
	})
}

// count returns how many requests there were.
func (s *keyServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// remoteProvider returns a provider whose keys are at an address.
func remoteProvider(address string) Provider {
	return Provider{Name: "idp", KeySource: KeySource{JWKSURL: address}, Audience: []string{"api"}}
}

// rs256 returns a token that names its key.
func rs256(key *rsa.PrivateKey, id string) string {
	return signed("RS256", key, `{"alg":"RS256","kid":"`+id+`"}`, payload(""))
}

// mustWait waits until an Authenticator is ready.
func mustWait(tb testing.TB, a *Authenticator) {
	tb.Helper()
	for _, r := range a.remotes {
		if r.startup != startupWait {
			continue
		}
		select {
		case <-r.first:
		case <-a.waited.Done():
		case <-tb.Context().Done():
			tb.Fatal(tb.Context().Err())
		}
	}
}
