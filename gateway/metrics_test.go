package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/session"
)

// adminGet asks a gateway as an operator.
func adminGet(g *gateway.Gateway, path string) (status int, body string) {
	w := httptest.NewRecorder()
	g.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w.Code, w.Body.String()
}

// wantMetrics wants lines of the metrics page, or, where a line ends with "absent", none that begins so.
func wantMetrics(t *testing.T, g *gateway.Gateway, lines ...string) {
	t.Helper()
	status, body := adminGet(g, "/metrics")
	if status != http.StatusOK {
		t.Fatal(status, body)
	}
	for _, line := range lines {
		start, isAbsent := strings.CutSuffix(line, " absent")
		if isAbsent && strings.Contains(body, "\n"+start) || !isAbsent && !strings.Contains(body, "\n"+line+"\n") {
			var related []string
			name, _, _ := strings.Cut(line, "{")
			for one := range strings.Lines(body) {
				if strings.HasPrefix(one, name) {
					related = append(related, one)
				}
			}
			t.Errorf("no %s, but\n%s", line, strings.Join(related, ""))
		}
	}
}

// TestDeniedIsCounted: by coordinate, rule and mode, for every request, also when the answer comes from a plan that is kept.
func TestDeniedIsCounted(t *testing.T) {
	t.Parallel()
	const denied = "gatehouse_authorization_denied_total{coordinate="
	for name, tc := range map[string]struct {
		change func(*authz.AuthorizationConfig)
		wish   bool
		want   []string
	}{
		"filter": {func(*authz.AuthorizationConfig) {}, false, []string{
			denied + `"Query.me",directive="authenticated",mode="filter"} 3`,
			denied + `"User.email",directive="requiresScopes",mode="filter"} 2`,
			denied + `"Product.cost",directive="policy",mode="filter"} 5`,
			"gatehouse_authorization_dry_run 0", denied + `"User.name absent`,
		}},
		"reject": {func(c *authz.AuthorizationConfig) { c.Mode = "reject" }, false, []string{
			denied + `"Query.me",directive="authenticated",mode="reject"} 3`, denied + `"Product.cost",directive="policy",mode="reject"} 5`,
		}},
		"wish": {func(*authz.AuthorizationConfig) {}, true, []string{
			denied + `"Query.me",directive="authenticated",mode="reject"} 3`, denied + `"Query.me",directive="authenticated",mode="filter"} 0`,
		}},
		"dry run": {func(c *authz.AuthorizationConfig) { c.DryRun, c.Mode = true, "reject" }, false, []string{
			denied + `"Query.me",directive="authenticated",mode="dryRun"} 3`, denied + `"User.email",directive="requiresScopes",mode="dryRun"} 2`,
			"gatehouse_authorization_dry_run 1",
		}},
	} {
		g := protectedShop(t, func(c *gateway.Config) { tc.change(&c.Authorization) })
		for _, header := range [][]string{nil, nil, nil, bearer(t, "", ""), bearer(t, "", "")} {
			if tc.wish {
				header = append(header, "X-Gatehouse-Unauthorized", "reject")
			}
			send(t, g, everyRule, header...)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantMetrics(t, g.Handler, append(tc.want,
				`gatehouse_authentication_total{provider="",result="missing"} 3`, `gatehouse_authentication_total{provider="local",result="authenticated"} 2`,
				`gatehouse_policy_duration_seconds_count{result="decided",source="claim"} 5`)...)
			if _, body := adminGet(g.Handler, "/metrics"); !strings.Contains(body, `gatehouse_cache_requests_total{cache="tokens",result="miss"} `) {
				t.Error("what is looked up among the tokens is not counted")
			}
		})
	}
}

// TestKeysInMetrics: fetches of key sets, how old the keys are, and what the listener for operators says of them.
func TestKeysInMetrics(t *testing.T) {
	t.Parallel()
	var up atomic.Bool
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !up.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`)
	}))
	t.Cleanup(keys.Close)
	start := time.Now()
	g := shopGateway(t, nil, func(c *gateway.Config) {
		c.JWT.Providers = []authz.Provider{{Name: "idp", AnyAudience: true, KeySource: authz.KeySource{JWKSURL: keys.URL}}}
	})
	eventually(t, func() bool {
		_, body := adminGet(g.Handler, "/ready")
		return strings.Contains(body, `jwt provider \"idp\" has no keys yet: fetching the key set: the answer has status 502`)
	})
	if status, body := adminGet(g.Handler, "/ready"); time.Since(start) < startup && (status != http.StatusServiceUnavailable || !strings.Contains(body, `"status":"not ready"`)) {
		t.Errorf("got %d %s", status, body)
	}
	wantMetrics(t, g.Handler, "gatehouse_jwks_age_seconds absent")
	up.Store(true)
	eventually(t, func() bool {
		status, body := adminGet(g.Handler, "/ready")
		return status == http.StatusOK && !strings.Contains(body, "no keys")
	})
	if _, body := adminGet(g.Handler, "/metrics"); !strings.Contains(body, `gatehouse_jwks_refresh_total{provider="idp",result="error"} `) ||
		!strings.Contains(body, `gatehouse_jwks_age_seconds{provider="idp"} `) {
		t.Errorf("got %s", body)
	}
	wantMetrics(t, g.Handler, `gatehouse_jwks_refresh_total{provider="idp",result="changed"} 1`)
	if status, body := adminGet(g.Handler, "/health"); status != http.StatusOK || body != `{"status":"ok"}` {
		t.Errorf("got %d %s", status, body)
	}
}

// TestFailingPolicyIsCounted: what the program decides is "program".
func TestFailingPolicyIsCounted(t *testing.T) {
	t.Parallel()
	config := gateway.DefaultConfig()
	config.Authorization.AllowUnconfigured = true
	g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))), gateway.WithPolicy(
		authz.PolicyFunc(func(context.Context, authz.Identity, []string) ([]string, error) { return nil, errors.New("down") })))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	serve(g, everyRule)
	wantMetrics(t, g, `gatehouse_policy_duration_seconds_count{result="error",source="program"} 1`)
}

// TestOtherMethodsAreCounted: the admin secret, and the program's own way to recognise callers.
func TestOtherMethodsAreCounted(t *testing.T) {
	t.Parallel()
	g := protectedShop(t, func(c *gateway.Config) {
		c.AdminSecret = &session.AdminConfig{Header: "x-admin", Secrets: []secret.Source{secretFile(t, adminSecret)}}
	})
	send(t, g, `{__typename}`)
	send(t, g, `{__typename}`, "X-Admin", adminSecret)
	send(t, g, `{__typename}`, "X-Admin", "wrong")
	const name = "gatehouse_authentication_total{provider="
	wantMetrics(t, g.Handler, name+`"",result="missing"} 1`, name+`"adminSecret",result="authenticated"} 1`, name+`"adminSecret",result="invalid"} 1`)

	own, err := gateway.New(gateway.DefaultConfig(), gateway.WithSupergraph([]byte(supergraphSDL(t))), gateway.WithAuthenticator(
		methodFunc(func(*http.Request) (authz.Identity, *authz.Rejection, error) {
			return authz.Identity{}, nil, errors.New("out of order")
		})))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	serve(own, `{__typename}`)
	wantMetrics(t, own, name+`"program",result="unavailable"} 1`)
}
