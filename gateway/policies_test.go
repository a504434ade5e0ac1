package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// signedWebhook is a webhook that grants everything to who signs for an audience, and remembers what else came.
type signedWebhook struct {
	*httptest.Server
	mu       sync.Mutex
	nonces   map[[16]byte]bool
	problems []string
}

func newSignedWebhook(t *testing.T, audience, keyID, from string) *signedWebhook {
	t.Helper()
	derived, err := signature.Secret{ID: signature.KeyID(keyID), Bytes: []byte(from)}.Derive(audience)
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.NewKey(signature.KeyID(keyID), derived)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := signature.NewVerifier(signature.VerifierConfig{Subgraph: audience, Keys: []*signature.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	w := &signedWebhook{nonces: map[[16]byte]bool{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		verified, err := verifier.Verify(signature.FromRequest(r), body)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil {
			w.problems = append(w.problems, err.Error())
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		if w.nonces[verified.Nonce] || !strings.HasPrefix(string(body), `{"policies":["finance"]`) {
			w.problems = append(w.problems, "a nonce twice, or another question: "+string(body))
		}
		w.nonces[verified.Nonce] = true
		_, _ = io.WriteString(rw, `["finance"]`)
	}))
	t.Cleanup(w.Close)
	return w
}

// TestWebhookIsSigned: questions about policies are signed like calls to subgraphs, each with a nonce of its own, and with a
// key that is good for no subgraph.
func TestWebhookIsSigned(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		audience, secret string // for whom the webhook verifies
		change           func(*gateway.Config)
		granted          bool
		problem          string
	}{
		"by default":       {"policy-webhook", messageSecret, func(*gateway.Config) {}, true, ""},
		"another audience": {"decisions", messageSecret, func(c *gateway.Config) { c.Authorization.Policies.Sources.Webhook.Signing.Audience = "decisions" }, true, ""},
		"another key":      {"policy-webhook", extensionSecret, func(c *gateway.Config) { c.Authorization.Policies.Sources.Webhook.Signing.Key = "e" }, true, ""},
		"for somebody else": {
			"other", messageSecret, func(*gateway.Config) {}, false, "audience",
		},
		"the secret of somebody else": {"policy-webhook", extensionSecret, func(*gateway.Config) {}, false, "signature"},
		"no signing":                  {"policy-webhook", messageSecret, func(c *gateway.Config) { c.Signing = nil }, false, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keyID := map[string]string{messageSecret: "m", extensionSecret: "e"}[tc.secret]
			if name == "the secret of somebody else" {
				keyID = "m"
			}
			hook := newSignedWebhook(t, tc.audience, keyID, tc.secret)
			g := protectedShop(t, signed(t), func(c *gateway.Config) {
				c.Authorization.Policies.Sources.Claim = nil
				c.Authorization.Policies.Sources.Webhook = &authz.PolicyEndpoint{URL: hook.URL + "/decide?graph=shop", Timeout: time.Hour}
				tc.change(c)
			})
			for range 3 {
				got := send(t, g, `{topProducts(first:1){cost{amount}}}`)
				if strings.Contains(got.body, `"amount":540`) != tc.granted {
					t.Errorf("got %s", got.body)
				}
			}
			if problems := strings.ToLower(fmt.Sprint(hook.problems)); (len(hook.problems) == 0) != tc.granted || !strings.Contains(problems, tc.problem) {
				t.Errorf("the webhook says %s", problems)
			}
		})
	}
}

// TestPolicySourceThatHangs: requests that a webhook never decides about, which anybody may send, take no place of those that it
// does not decide about.
func TestPolicySourceThatHangs(t *testing.T) {
	t.Parallel()
	asked, release := make(chan struct{}, 10), make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-release
		_, _ = io.WriteString(w, `["finance"]`)
	}))
	t.Cleanup(hook.Close)
	const places = 2
	g := protectedShop(t, withTokens(t), func(c *gateway.Config) {
		c.Limits.ConcurrentRequests, c.Limits.QueuedRequests = places, 0
		c.Limits.RequestTimeout = time.Hour
		c.Authorization.Policies.Sources.Claim = nil
		c.Authorization.Policies.Sources.Webhook = &authz.PolicyEndpoint{URL: hook.URL, Timeout: time.Hour}
	})
	var hanging sync.WaitGroup
	for i := range places {
		hanging.Go(func() {
			if got := send(t, g, fmt.Sprintf(`{topProducts(first:1){a%d:cost{amount}}}`, i)); got.status != 200 {
				t.Errorf("who is decided about gets %d %s", got.status, got.body)
			}
		})
		<-asked
	}
	if got := send(t, g, `{topProducts(first:1){name}}`); got.status != 200 || !strings.Contains(got.body, `"Table"`) {
		t.Errorf("who needs no decision gets %d %s", got.status, got.body)
	}
	close(release)
	hanging.Wait()
}

// TestWebhookSigningIsChecked: what cannot work is said at start.
func TestWebhookSigningIsChecked(t *testing.T) {
	t.Parallel()
	const path = "authorization.policies.sources.webhook.signing"
	for want, change := range map[string]func(*gateway.Config){
		path + ".audience: \"accounts\" is the name of a subgraph": func(c *gateway.Config) { c.Authorization.Policies.Sources.Webhook.Signing.Audience = "accounts" },
		path + `: there is no key "x"`:                             func(c *gateway.Config) { c.Authorization.Policies.Sources.Webhook.Signing.Key = "x" },
		path + `: is for "POST" only`: func(c *gateway.Config) {
			c.Authorization.Policies.Sources.Webhook.Signing.Key, c.Authorization.Policies.Sources.Webhook.Method = "m", "GET"
		},
		path + ": there are no keys": func(c *gateway.Config) {
			c.Authorization.Policies.Sources.Webhook.Signing.Key, c.Signing = "m", nil
		},
	} {
		config := gateway.DefaultConfig()
		withTokens(t)(&config)
		signed(t)(&config)
		config.Authorization.Policies.Sources.Webhook = &authz.PolicyEndpoint{URL: "https://policy.example/decide"}
		change(&config)
		g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))))
		if err == nil {
			g.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
