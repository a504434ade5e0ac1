package gateway_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// tokenSecret signs the tokens of these tests.
const tokenSecret = "a secret of more than thirty-two bytes"

// token returns a token with these claims, which expires in an hour.
func token(tb testing.TB, claims map[string]any) string {
	tb.Helper()
	all := jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, all).SignedString([]byte(tokenSecret))
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// withTokens makes a configuration accept the tokens of token, and others as anonymous.
func withTokens(tb testing.TB) func(*gateway.Config) {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(tokenSecret), 0o600); err != nil {
		tb.Fatal(err)
	}
	return func(c *gateway.Config) {
		c.JWT.Providers = []authz.Provider{{Name: "local", KeySource: authz.KeySource{Secret: secret.Source{File: file}}}}
		c.JWT.Reject.MissingToken, c.JWT.Reject.InvalidToken = false, false
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send posts a document with headers.
func send(tb testing.TB, g *gatewaytest.Gateway, document string, headers ...string) answer {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, g.URL, strings.NewReader(ask(document)))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	strict := func(c *gateway.Config) { c.JWT.Reject.MissingToken, c.JWT.Reject.InvalidToken = true, true }
	noKeys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(noKeys.Close)
	remote := func(c *gateway.Config) {
		c.JWT.Providers = []authz.Provider{{Name: "idp", AnyAudience: true, Algorithms: []string{"RS256"}, KeySource: authz.KeySource{JWKSURL: noKeys.URL}}}
	}
	keyless := "eyJhbGciOiJSUzI1NiJ9." + strings.Split(token(t, nil), ".")[1] + ".c2ln"
	unauthenticated := `{"errors":[{"message":"Unauthenticated","extensions":{"code":"UNAUTHENTICATED"}}]}`
	good, bad := "Bearer "+token(t, nil), "Bearer "+token(t, nil)+"x"
	for name, tc := range map[string]struct {
		change        func(*gateway.Config)
		authorization string
		status        int
		challenge     string // a part of it
		want          string // a part of the body
	}{
		"no token":                 {nil, "", 200, "", `{"data":{"__typename":"Query"}}`},
		"good":                     {nil, good, 200, "", `{"data":{"__typename":"Query"}}`},
		"bad goes on as anonymous": {nil, bad, 200, "", `{"data":{"__typename":"Query"}}`},
		"no token, refused":        {strict, "", 401, "Bearer", unauthenticated},
		"another scheme, refused":  {strict, "Basic eDp5", 401, "Bearer", unauthenticated},
		"good, accepted":           {strict, good, 200, "", `{"data":{"__typename":"Query"}}`},
		"bad, refused":             {strict, bad, 401, `Bearer error="invalid_token", error_description="`, unauthenticated},
		"two tokens":               {nil, good + ", " + good, 400, "", `"code":"BAD_REQUEST"`},
		"a huge token":             {nil, "Bearer " + strings.Repeat("x", 20_000), 400, "", `"code":"BAD_REQUEST"`},
		"no keys yet":              {remote, "Bearer " + keyless, 503, "", `"code":"AUTHENTICATION_UNAVAILABLE"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := []func(*gateway.Config){withTokens(t)}
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			g := shopGateway(t, nil, changes...)
			for _, mediaType := range []string{"application/json", "application/graphql-response+json"} {
				headers := []string{"Accept", mediaType}
				if tc.authorization != "" {
					headers = append(headers, "Authorization", tc.authorization)
				}
				got := send(t, g, `{__typename}`, headers...)
				if got.status != tc.status || !strings.Contains(got.body, tc.want) || !strings.HasPrefix(got.header.Get("Content-Type"), mediaType) {
					t.Errorf("%s: got %d %s %s", mediaType, got.status, got.header.Get("Content-Type"), got.body)
				}
				if challenge := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, tc.challenge) || (tc.challenge == "") != (challenge == "") {
					t.Errorf("%s: the challenge is %q", mediaType, challenge)
				}
				if got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: what depends on the caller may be cached: %v", mediaType, got.header)
				}
			}
		})
	}
}

// TestAuthenticationBeforeBody: who is refused is refused whatever the body is.
func TestAuthenticationBeforeBody(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil, withTokens(t), func(c *gateway.Config) { c.JWT.Reject.MissingToken = true })
	if status, body := g.Post(t, `{"query":`); status != http.StatusUnauthorized {
		t.Errorf("got %d %s", status, body)
	}
}

// TestOwnMethod: a program recognises callers itself.
func TestOwnMethod(t *testing.T) {
	t.Parallel()
	sdl := []byte(supergraphSDL(t))
	for name, tc := range map[string]struct {
		method methodFunc
		status int
	}{
		"anonymous": {func(*http.Request) (authz.Identity, *authz.Rejection, error) { return authz.Identity{}, nil, nil }, 200},
		"rejected": {func(*http.Request) (authz.Identity, *authz.Rejection, error) {
			return authz.Identity{}, &authz.Rejection{Status: http.StatusForbidden}, nil
		}, 403},
		"fails": {func(*http.Request) (authz.Identity, *authz.Rejection, error) {
			return authz.Identity{}, nil, errors.New("out of order")
		}, 500},
		"panics": {func(*http.Request) (authz.Identity, *authz.Rejection, error) { panic("out of order") }, 500},
	} {
		g, err := gateway.New(gateway.DefaultConfig(), gateway.WithSupergraph(sdl), gateway.WithAuthenticator(tc.method))
		if err != nil {
			t.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(`{__typename}`)))
		request.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		g.ServeHTTP(w, request)
		if w.Code != tc.status || strings.Contains(w.Body.String(), "out of order") {
			t.Errorf("%s: got %d %s", name, w.Code, w.Body)
		}
		g.Close()
	}
	config := gateway.DefaultConfig()
	withTokens(t)(&config)
	if _, err := gateway.New(config, gateway.WithSupergraph(sdl), gateway.WithAuthenticator(methodFunc(nil))); err == nil || !strings.Contains(err.Error(), "jwt.providers") {
		t.Errorf("two ways to recognise callers: %v", err)
	}
}

type methodFunc func(*http.Request) (authz.Identity, *authz.Rejection, error)

func (f methodFunc) Authenticate(r *http.Request) (authz.Identity, *authz.Rejection, error) {
	return f(r)
}

// TestCSRF: with tokens in cookies, nothing is answered that a page of another site can make a browser send.
func TestCSRF(t *testing.T) {
	t.Parallel()
	cookies := shopGateway(t, nil, withTokens(t), func(c *gateway.Config) {
		c.JWT.TokenLookup = []authz.TokenLocation{{Cookie: "auth"}}
		c.JWT.Reject.MissingToken = true
	})
	headers := shopGateway(t, nil, withTokens(t))
	for contentType, wanted := range map[string]struct{ plain, preflight, byHeader int }{
		"application/json":                  {200, 200, 200},
		"application/json; charset=utf-8":   {200, 200, 200},
		"application/graphql":               {415, 415, 415},
		"":                                  {400, 415, 415},
		"text/plain":                        {400, 415, 415},
		"Text/Plain; x=application/json":    {400, 415, 415},
		"multipart/form-data; boundary=x":   {400, 415, 415},
		"application/x-www-form-urlencoded": {400, 415, 415},
		"text/plain; application/json":      {400, 415, 415},
	} {
		cookie := "auth=" + token(t, nil)
		if got := send(t, cookies, `{__typename}`, "Content-Type", contentType, "Cookie", cookie); got.status != wanted.plain || (got.status == 400) != strings.Contains(got.body, "CSRF_PREVENTED") {
			t.Errorf("%q: got %d %s", contentType, got.status, got.body)
		}
		for _, header := range []string{"X-CSRF-Prevention", "Apollo-Require-Preflight"} {
			if got := send(t, cookies, `{__typename}`, "Content-Type", contentType, "Cookie", cookie, header, "1"); got.status != wanted.preflight {
				t.Errorf("%q with %s: got %d %s", contentType, header, got.status, got.body)
			}
		}
		if got := send(t, headers, `{__typename}`, "Content-Type", contentType); got.status != wanted.byHeader {
			t.Errorf("%q, tokens in headers: got %d %s", contentType, got.status, got.body)
		}
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		_, _ = io.WriteString(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
	}))
	t.Cleanup(keys.Close)
	start := time.Now()
	g := shopGateway(t, nil, func(c *gateway.Config) {
		c.JWT.Providers = []authz.Provider{{Name: "idp", AnyAudience: true, KeySource: authz.KeySource{JWKSURL: keys.URL}}}
	})
	get := func() int {
		w := httptest.NewRecorder()
		g.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ready", http.NoBody))
		if strings.Contains(w.Body.String(), "127.0.0.1") {
			t.Errorf("tells hosts: %s", w.Body)
		}
		return w.Code
	}
	if status := get(); status != http.StatusServiceUnavailable && time.Since(start) < startup {
		t.Errorf("before there are keys: %d", status)
	}
	close(release)
	eventually(t, func() bool { return get() == http.StatusOK })
	plain := shopGateway(t, nil)
	w := httptest.NewRecorder()
	plain.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ready", http.NoBody))
	if w.Code != http.StatusOK || w.Body.String() != `{"status":"ready"}` {
		t.Errorf("without providers: %d %s", w.Code, w.Body)
	}
}

// startup is how long a gateway without keys is not ready.
const startup = 10 * time.Second

// eventually waits for something that another goroutine brings about.
func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for range 60_000 { // minutes
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it does not come about")
}
