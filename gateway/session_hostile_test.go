package gateway_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// TestSessionWithoutSession: a gateway that makes no session variables lets no client make them either, for a subgraph that
// believes headers with the default prefix; what is configured is signed, so that the helper takes it.
func TestSessionWithoutSession(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		require    subgraph.Requirement
		config     string
		sent       string
		caller     bool
		region, id string // session variables that the subgraph believes
	}{
		"message, all":          {subgraph.MessageSignature, `{"forwardClientHeaders":true}`, "X-Session-Id: 1", false, "", ""},
		"message, a pattern":    {subgraph.MessageSignature, `{"forwardClientHeaders":["x-*"]}`, "x_session_id: 1", false, "", ""},
		"message, configured":   {subgraph.MessageSignature, `{"headers":[{"name":"x-session-region","value":"eu"}],"forwardClientHeaders":true}`, "X-Session-Id: 1", true, "eu", ""},
		"extension, all":        {subgraph.ExtensionSignature, `{"forwardClientHeaders":true}`, "X-Session-Id: 1", false, "", ""},
		"extension, a pattern":  {subgraph.ExtensionSignature, `{"forwardClientHeaders":["x-*"]}`, "X-Session-Id: 1", false, "", ""},
		"extension, configured": {subgraph.ExtensionSignature, `{"headers":[{"name":"x-session-region","value":"eu"}],"forwardClientHeaders":true}`, "X-Session-Id: 1", true, "eu", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The extension signature covers no headers: this subgraph relies on being reached by the gateway alone.
			verifier, err := subgraph.New(subgraph.Config{
				Name: "accounts", Require: tc.require, TrustUnsignedIdentity: tc.require == subgraph.ExtensionSignature,
				Keys:          subgraph.DeriveKeys("accounts", subgraph.Key{ID: "m", Key: []byte(messageSecret)}),
				ExtensionKeys: []subgraph.Key{{ID: "e", Key: []byte(extensionSecret)}},
			})
			if err != nil {
				t.Fatal(err)
			}
			reached := false
			handler := verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				reached = true
				caller, ok := subgraph.CallerFrom(r.Context())
				if ok != tc.caller || ok && (caller.Session("x-session-region") != tc.region || caller.Session("x-session-id") != tc.id) {
					t.Errorf("the subgraph believes %t %+v", ok, caller)
				}
				_, _ = io.WriteString(w, `{"data":{"me":{"name":"Amara"}}}`)
			}))
			g := shopGateway(t, map[string]http.Handler{"accounts": handler}, withConfig(t, tc.config), signed(t))
			if got, _ := sendRaw(t, g, `{me{name}}`, tc.sent); !strings.Contains(got.body, `"Amara"`) || !reached {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
}

// TestSessionByName: who lists a header with the default prefix gets it, and a subgraph that wants it signed says so.
func TestSessionByName(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, meOnly(), withConfig(t, `{"forwardClientHeaders":["x-session-id"]}`))
	sendRaw(t, g, `{me{name}}`, "X-Session-Id: 1")
	wants(t, "the subgraph got", g.Requests()[0].Header, "X-Session-Id: 1")

	verifier, err := subgraph.New(subgraph.Config{
		Name: "accounts", Keys: subgraph.DeriveKeys("accounts", subgraph.Key{ID: "m", Key: []byte(messageSecret)}),
	})
	if err != nil {
		t.Fatal(err)
	}
	g = shopGateway(t, map[string]http.Handler{"accounts": verifier.Middleware(meOnly()["accounts"])}, withConfig(t, `{"forwardClientHeaders":["x-session-id"]}`), signed(t))
	if got, _ := sendRaw(t, g, `{me{name}}`, "X-Session-Id: 1"); !strings.Contains(got.body, string(signature.Invalid)) {
		t.Errorf("got %s", got.body)
	}

	_, err = gateway.ParseConfig([]byte(`{"headers":[{"name":"x_session_region","value":"eu"}],"forwardClientHeaders":["x-session-*","x_session_id"]}`))
	compareProblems(t, err, []string{
		`headers[0].name: is read by some servers as "x-session-region"; write it like that`,
		"forwardClientHeaders[0]: such headers are forwarded only when they are listed by their exact names",
		`forwardClientHeaders[1]: is read by some servers as "x-session-id"; write it like that`,
	})
}

// TestProgramsAnswersArePrivate: a program that decides about fields or policies may look at the request's context, so that no
// shared cache may keep what it allowed.
func TestProgramsAnswersArePrivate(t *testing.T) {
	t.Parallel()
	fresh := httptest.NewServer(canned(`{"data":{"users":[]}}`, "Cache-Control: public, max-age=60"))
	t.Cleanup(fresh.Close)
	all := gateway.WithFieldPermissions(func(context.Context, authz.Identity) func(supergraph.Coordinate) bool {
		return func(supergraph.Coordinate) bool { return true }
	})
	grants := gateway.WithPolicy(authz.PolicyFunc(func(_ context.Context, _ authz.Identity, names []string) ([]string, error) { return names, nil }))
	for name, option := range map[string]gateway.Option{"nobody": nil, "fields": all, "policies": grants} {
		config := gateway.DefaultConfig()
		config.Authorization.AllowUnconfigured = true
		config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"accounts": {URL: fresh.URL}}
		options, want := []gateway.Option{gateway.WithSupergraph([]byte(supergraphSDL(t)))}, "public, max-age=60"
		if option != nil {
			options, want = append(options, option), "private, max-age=60"
		}
		g, err := gateway.New(config, options...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		w := serve(g, `{users{id}}`)
		if got := w.Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: got %q with %s", name, got, w.Body)
		}
	}
}

// TestSharedSecretIsWarnedOf: who verifies extension signatures must not know a secret from which keys are derived, whatever its
// id is there.
func TestSharedSecretIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		second, key string
		warns       bool
	}{
		"another secret":             {extensionSecret, "e", false},
		"the same key":               {extensionSecret, "m", true},
		"the same, as another key":   {messageSecret, "e", true},
		"the first key by default":   {extensionSecret, "", true},
		"with a line end, as a file": {messageSecret + "\n", "e", true},
	} {
		var log bytes.Buffer
		config := gateway.DefaultConfig()
		signed(t)(&config)
		config.Signing.Keys[1].Secret, config.Signing.Extension.Key = secretFile(t, tc.second), tc.key
		g, err := gateway.New(config, gateway.WithSupergraph([]byte(supergraphSDL(t))), gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil {
			t.Fatal(err)
		}
		g.Close()
		if strings.Contains(log.String(), "signing.extension.key") != tc.warns || strings.Contains(log.String(), messageSecret) {
			t.Errorf("%s: logged %s", name, log.String())
		}
	}
}

// TestDeepVariablesAreSigned: what the gateway takes it can sign, and the helper takes.
func TestDeepVariablesAreSigned(t *testing.T) {
	t.Parallel()
	g := gatewaytest.New(t, anySDL, map[string]http.Handler{"a": verifies(t, "a", canned(`{"data":{"f":1}}`))}, signed(t))
	const depth = 200
	body := `{"query":"query($b:Any){f(b:$b)}","variables":{"b":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}}`
	if _, got := g.Post(t, body); got != `{"data":{"f":1}}` {
		t.Errorf("got %s", got)
	}
}
