package gateway_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/session"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

const (
	adminSecret    = "an admin secret of at least 32 bytes"
	oldAdminSecret = "the admin secret before, still accepted"
)

// withSession makes a gateway that knows tokens, session variables as Hasura has them, and the admin secret; more is a part
// of a configuration file.
func withSession(tb testing.TB, more string) func(*gateway.Config) {
	tb.Helper()
	tokens := withTokens(tb)
	file := withConfig(tb, `{
		"session": {"prefix": "x-hasura-", "claimsNamespace": "https://hasura.io/jwt/claims", "variables": {"X-Hasura-Tenant": {"literal": "acme"}}}`+more+`}`)
	return func(c *gateway.Config) {
		file(c)
		tokens(c)
		c.AdminSecret = &session.AdminConfig{
			Header: "X-Hasura-Admin-Secret", Secrets: []secret.Source{secretFile(tb, adminSecret), secretFile(tb, oldAdminSecret)},
		}
	}
}

// hasuraToken is the header with a token for these claims in the namespace.
func hasuraToken(tb testing.TB, claims map[string]any) string {
	tb.Helper()
	all := map[string]any{"x-hasura-allowed-roles": []string{"user", "editor"}, "x-hasura-default-role": "user", "x-hasura-user-id": "7", "x-hasura-org": "o1"}
	for name, value := range claims {
		all[name] = value
		if value == nil {
			delete(all, name)
		}
	}
	return "Authorization: Bearer " + token(tb, map[string]any{"sub": "7", "https://hasura.io/jwt/claims": all})
}

// TestSessionVariables is the table of docs/headers.md: who is believed about the facts that subgraphs get.
func TestSessionVariables(t *testing.T) {
	t.Parallel()
	configured := `, "headers": [ {"name": "x-HASURA-org", "value": "configured"} ]`
	secretLine := "x-hasura-admin-secret: " + adminSecret
	clientSays := []string{"X-Hasura-User-Id: 666", "x-hasura-ORG: evil", "X-HASURA-Extra: 1"}
	good := hasuraToken(t, nil)
	for name, tc := range map[string]struct {
		more   string
		send   []string
		status int
		part   string   // of the body
		want   []string // headers of the subgraph, where it is asked
	}{
		"no token":             {``, clientSays, 200, `"Amara"`, []string{"X-Hasura-User-Id", "X-Hasura-Org", "X-Hasura-Extra", "X-Hasura-Role", "X-Hasura-Tenant"}},
		"a token":              {``, append([]string{good}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-User-Id: 7", "X-Hasura-Org: o1", "X-Hasura-Extra", "X-Hasura-Role: user", "X-Hasura-Tenant: acme", "X-Hasura-Allowed-Roles", "X-Hasura-Default-Role", "Authorization"}},
		"a bad token":          {``, append([]string{good + "x"}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-User-Id", "X-Hasura-Org", "X-Hasura-Extra", "X-Hasura-Role", "X-Hasura-Tenant"}},
		"a token, a role":      {``, []string{good, "X-Hasura-Role: editor"}, 200, `"Amara"`, []string{"X-Hasura-Role: editor"}},
		"a token, not allowed": {``, []string{good, "X-Hasura-Role: admin"}, 403, `{"errors":[{"message":"The requested role is not an allowed role","extensions":{"code":"access-denied"}}]}`, nil},
		"a token without":      {``, []string{"Authorization: Bearer " + token(t, map[string]any{"sub": "7"})}, 401, `"code":"jwt-invalid-claims"`, nil},
		"no roles":             {``, []string{hasuraToken(t, map[string]any{"x-hasura-allowed-roles": nil})}, 401, `"code":"jwt-missing-role-claims"`, nil},
		"injection by claim":   {``, []string{hasuraToken(t, map[string]any{"x-hasura-org": "o\r\nx-hasura-role: admin"})}, 401, `"code":"jwt-invalid-claims"`, nil},
		"two roles":            {``, []string{good, "X-Hasura-Role: editor", "x-hasura-role: user"}, 400, `"code":"BAD_REQUEST"`, nil},

		"the secret":            {``, []string{secretLine}, 200, `"Amara"`, []string{"X-Hasura-Role: admin", "X-Hasura-Tenant", "X-Hasura-User-Id", "X-Hasura-Admin-Secret"}},
		"the secret before":     {``, []string{"X-Hasura-Admin-Secret: " + oldAdminSecret}, 200, `"Amara"`, []string{"X-Hasura-Role: admin"}},
		"the secret, and facts": {``, append([]string{secretLine, "X-Hasura-Role: user"}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-User-Id: 666", "X-Hasura-Org: evil", "X-Hasura-Extra: 1", "X-Hasura-Role: user", "X-Hasura-Admin-Secret"}},
		"the secret, a token":   {``, append([]string{secretLine, good}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-User-Id: 666", "X-Hasura-Role: admin", "Authorization"}},
		"a wrong secret":        {``, []string{"x-hasura-admin-secret: " + adminSecret + "x"}, 401, `{"errors":[{"message":"Unauthenticated","extensions":{"code":"UNAUTHENTICATED"}}]}`, nil},
		"wrong, and a token":    {``, []string{"x-hasura-admin-secret: wrong", good}, 401, `"code":"UNAUTHENTICATED"`, nil},
		"empty, and a token":    {``, []string{"x-hasura-admin-secret:", good}, 401, `"code":"UNAUTHENTICATED"`, nil},
		"two secrets":           {``, []string{secretLine, secretLine}, 400, `"code":"BAD_REQUEST"`, nil},
		"underscores":           {``, []string{"x_hasura_admin_secret: " + adminSecret, "x_hasura_role: admin"}, 200, `"Amara"`, []string{"X-Hasura-Role", "X_hasura_role"}},
		"facts twice":           {``, []string{secretLine, "X-Hasura-A: 1", "X-Hasura-A: 2"}, 400, `"code":"BAD_REQUEST"`, nil},

		"configured, token and client":  {configured, append([]string{good}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-Org: configured", "X-Hasura-User-Id: 7", "X-Hasura-Extra"}},
		"configured and client":         {configured, clientSays, 200, `"Amara"`, []string{"X-Hasura-Org: configured", "X-Hasura-User-Id"}},
		"configured, secret and client": {configured, append([]string{secretLine}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-Org: configured", "X-Hasura-User-Id: 666"}},
		"everything is forwarded":       {`, "forwardClientHeaders": true`, append([]string{good, "X-Other: 1", "x_hasura_org: evil"}, clientSays...), 200, `"Amara"`, []string{"X-Hasura-Org: o1", "X-Hasura-Extra", "X-Other: 1", "X_hasura_org"}},
		"everything, by an admin":       {`, "forwardClientHeaders": true`, []string{secretLine, "X-Other: 1"}, 200, `"Amara"`, []string{"X-Hasura-Admin-Secret", "X-Other: 1", "X-Hasura-Role: admin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checked := verifiesSession(t, meOnly()["accounts"])
			g := shopGateway(t, map[string]http.Handler{"accounts": checked}, withSession(t, tc.more), signed(t))
			got, _ := sendRaw(t, g, `{me{name}}`, tc.send...)
			if got.status != tc.status || !strings.Contains(got.body, tc.part) {
				t.Errorf("got %d %s, want %d %s", got.status, got.body, tc.status, tc.part)
			}
			if challenged := got.header.Get("WWW-Authenticate") != ""; challenged != (tc.status == 401) {
				t.Errorf("the challenge is %q", got.header.Get("WWW-Authenticate"))
			}
			requests := g.Requests()
			if len(requests) > 0 != (tc.want != nil) {
				t.Fatalf("asked: %v", requests)
			}
			if tc.want == nil {
				return
			}
			wants(t, "the subgraph got", requests[0].Header, tc.want...)
			if everything := fmt.Sprint(requests[0]); strings.Contains(everything, adminSecret) || strings.Contains(everything, oldAdminSecret) {
				t.Errorf("the subgraph got the secret: %s", everything)
			}
			isAdmin := strings.Contains(strings.ToLower(strings.Join(tc.send, "\n")), "x-hasura-admin-secret:")
			hasToken := slices.Contains(tc.send, good)
			if strings.Contains(requests[0].Body, `"jwt":`) != (hasToken && !isAdmin) {
				t.Errorf("the body is %s", requests[0].Body)
			}
		})
	}
}

// verifiesSession puts a verifier of the message signature before a subgraph: it refuses headers with the prefix that the
// signature does not cover.
func verifiesSession(tb testing.TB, handler http.Handler) http.Handler {
	tb.Helper()
	v, err := subgraph.New(subgraph.Config{
		Name: "accounts", Keys: subgraph.DeriveKeys("accounts", subgraph.Key{ID: "m", Key: []byte(messageSecret)}), SessionPrefix: "x-hasura-",
		OnReject: func(_ *http.Request, err error) { tb.Errorf("refused: %v", err) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	return v.Middleware(handler)
}

// TestAdminHolds: for an administrator all directives hold; for others nothing changes.
func TestAdminHolds(t *testing.T) {
	t.Parallel()
	g := protectedShop(t, withTokens(t), func(c *gateway.Config) {
		c.AdminSecret = &session.AdminConfig{Header: "x-admin", Secrets: []secret.Source{secretFile(t, adminSecret)}}
	})
	const document = `{users{email role} topProducts(first:1){name}}`
	if got := send(t, g, document, "X-Admin", adminSecret); strings.Contains(got.body, "errors") || !strings.Contains(got.body, `"email":"`) {
		t.Errorf("the administrator got %s", got.body)
	}
	if got := send(t, g, document); !strings.Contains(got.body, "UNAUTHORIZED_FIELD_OR_TYPE") {
		t.Errorf("anonymous got %s", got.body)
	}
	for _, request := range g.Requests() {
		if strings.Contains(fmt.Sprint(request), adminSecret) || strings.Contains(request.Body, `"jwt"`) {
			t.Errorf("a subgraph got %v", request)
		}
	}
}

// TestAdminSecretAlone: it recognises callers, so that a gateway over a protected schema starts.
func TestAdminSecretAlone(t *testing.T) {
	t.Parallel()
	config := gateway.DefaultConfig()
	config.Authorization.Policies.Sources.Claim = &authz.PolicyClaim{Claim: "policies"}
	if _, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t)))); err == nil {
		t.Error("started without anybody to recognise callers")
	}
	config.AdminSecret = &session.AdminConfig{Header: "x-admin", Secrets: []secret.Source{secretFile(t, adminSecret)}}
	g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))))
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	config.AdminSecret.Secrets = []secret.Source{secretFile(t, strings.Repeat("x", 31))}
	if _, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t)))); err == nil || !strings.Contains(err.Error(), "32 bytes") {
		t.Errorf("a short secret: %v", err)
	}
}

// TestAdminSecretIsNotLogged: neither the right one nor a wrong one, whatever goes wrong.
func TestAdminSecretIsNotLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	config := gateway.DefaultConfig()
	config.AdminSecret = &session.AdminConfig{Header: "x-admin", Secrets: []secret.Source{secretFile(t, adminSecret)}}
	config.ForwardClientHeaders = upstream.ClientHeaders{All: true}
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := gateway.New(config, gateway.WithSupergraph([]byte(supergraphSDL(t))), gateway.WithLogger(logger))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	for _, text := range []string{adminSecret, adminSecret + "x"} {
		for _, document := range []string{`{me{name}}`, `{`, `{__typename}`} { // the first fails, since no subgraph runs
			request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(document)))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("X-Admin", text)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, request)
			if strings.Contains(w.Body.String(), adminSecret) {
				t.Errorf("the answer holds the secret: %s", w.Body)
			}
		}
	}
	if log.Len() == 0 || strings.Contains(log.String(), adminSecret) {
		t.Errorf("logged: %s", log.String())
	}
}

// TestSessionConfigProblems: all problems at once, each at its path.
func TestSessionConfigProblems(t *testing.T) {
	t.Parallel()
	_, err := gateway.ParseConfig([]byte(`{
		"jwt": {"tokenLookup": [{"header": "X-Secret"}]},
		"session": {"prefix": "hasura", "claimsFormat": "xml", "variables": {"x": {"claim": "sub"}}, "namespace": "x"},
		"adminSecret": {"header": "x-secret", "secrets": [{"env": "A", "file": "b"}, "plain"]},
		"headers": [{"name": "x-secret", "value": "for a subgraph that is Hasura"}],
		"forwardClientHeaders": ["x-secret", {"from": "a", "to": "x-secret"}],
		"responseHeaders": [{"name": "x-secret", "merge": "first"}, {"name": "set-cookie", "merge": "append"}, {"name": "Content-Language", "merge": "first"},
			{"name": "x-a", "merge": "sum"}, {"name": "X-B"}, {"name": "x-b", "merge": "min"}, {"name": "", "merge": "min"}, {"name": "access-control-allow-origin", "merge": "first"},
			{"name": "www-authenticate", "merge": "first"}, {"name": "cache-control", "merge": "first"}, {"name": "connection", "merge": "first"}, {"name": "vary", "merge": "append"}, "x-c"]
	}`))
	const ours = "is a header that no subgraph sets for the gateway's clients"
	const merge = `must be "first", "last", "append", "min" or "max"`
	compareProblems(t, err, []string{
		`session.namespace: unknown key`,
		`adminSecret.secrets[1]: must be {"env": "NAME"} or {"file": "path"}, not a string`,
		`responseHeaders[12]: must be an object, not a string`,
		`session.prefix: must be like "x-session-": it begins with "x-" and ends with "-"`,
		`session.claimsFormat: must be "json" or "stringified_json"`,
		`session.variables.x: must be the name of a header that begins with "hasura"`,
		`adminSecret.secrets[0]: must have "env" or "file", not both`,
		`adminSecret.header: is where tokens are looked for`,
		`forwardClientHeaders[0]: the header "x-secret" is never forwarded from a client`,
		`forwardClientHeaders[1].to: is a header that a client must not supply`,
		`responseHeaders[0].name: ` + ours, `responseHeaders[1].name: ` + ours, `responseHeaders[2].name: ` + ours, `responseHeaders[3].merge: ` + merge,
		`responseHeaders[4].merge: ` + merge, `responseHeaders[5].name: occurs twice`, `responseHeaders[6].name: is not the name of a header`,
		`responseHeaders[7].name: ` + ours, `responseHeaders[8].name: ` + ours, `responseHeaders[9].name: ` + ours, `responseHeaders[10].name: ` + ours,
		`responseHeaders[11].name: ` + ours,
	})
}
