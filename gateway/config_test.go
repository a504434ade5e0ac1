package gateway_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

func TestConfigProblems(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"all at once": {`{
			"listne": "x",
			"listen": "",
			"supergraph": { "pth": "x", "path": 7 },
			"jwt": {
				"providers": [ { "name": "x" }, { "name": "x", "secret": "s" }, 7, { "name": "y", "jwksUrl": "http://idp.example", "audience": "a", "refresh": { "min": "0s" } } ],
				"clockTolerance": "-1s", "tokenLookup": {}, "forward": { "token": 1, "extensionsFieldName": "" }, "scopes": { "claims": [ "$..", 1 ] }
			},
			"graphiql": "yes",
			"upstream": { "timeout": "30", "maxResponseBytes": 1.5, "maxConnections": -1, "share": null,
				"retry": { "attempts": 11, "delay": "2s", "budgetPercent": 101 }, "circuitBreaker": { "failurePercent": 0, "minRequests": 0, "window": "0s" } },
			"subgraphs": {
				"reviews": { "url": "ftp://user:pa55word@x", "timeout": 5, "batching": [],
					"jwt": { "payload": ["sub", "$.a[0]"], "token": "yes" }, "signing": { "key": "gone" } },
				"d": { "jwt": { "payload": "sub" }, "signing": { "key": "b", "message": 1 } },
				"a b": { "timeout": "-1s" },
				"c": []
			},
			"signing": {
				"keys": [
					{ "id": "a", "secret": { "env": "A" } }, { "id": "a", "secret": { "env": "A", "file": "B" } },
					{ "id": "b", "secret": { "env": "B", "encoding": "rot13" }, "verifyOnly": true }, { "id": "é" }
				],
				"message": { "expires": "90s" }, "extension": { "name": "JWT2", "key": "b" }
			},
			"forwardExtensions": [ "tracing", "jwt2", "Tracing", "" ],
			"limits": { "bodyBytes": 0, "depth": 99999999999999999999, "rootfields": 1 },
			"graphiql": true,
			"completelyElse": [ { "a": [] } ]
		}`, `listne: unknown key; did you mean "listen"?
supergraph.pth: unknown key; did you mean "path"?
supergraph.path: must be a string, not a number
jwt.providers[1].secret: must be {"env": "NAME"} or {"file": "path"}, not a string
jwt.providers[2]: must be an object, not a number
jwt.providers[3].audience: must be a list, not a string
jwt.providers[3].refresh.min: must be more than 0
jwt.clockTolerance: must not be less than 0
jwt.tokenLookup: must be a list, not an object
jwt.forward.token: must be true or false, not a number
jwt.scopes.claims[1]: must be a string, not a number
graphiql: must be true or false, not a string
upstream.timeout: "30" is not a duration such as "30s" or "1m30s"
upstream.maxResponseBytes: 1.5 is not a whole number in range
upstream.share: must be true or false, not null
upstream.circuitBreaker.window: must be more than 0
subgraphs.reviews.timeout: must be a duration such as "30s", not a number
subgraphs.reviews.batching: unknown key: this version does not have that feature yet
subgraphs.reviews.jwt.token: must be true or false, not a string
subgraphs.d.jwt.payload: must be true or false or a list, not a string
subgraphs.d.signing.message: must be true or false, not a number
subgraphs["a b"].timeout: must be more than 0
subgraphs.c: must be an object, not a list
limits.depth: 99999999999999999999 is not a whole number in range
limits.rootfields: unknown key; did you mean "rootFields"?
graphiql: occurs twice
completelyElse: unknown key
listen: must be an address such as 127.0.0.1:4000
jwt.providers[0]: must have exactly one of secret, jwksUrl, jwksFile, issuerUrl and publicKeyFile
jwt.providers[1].name: is that of another provider, too
jwt.providers[3].jwksUrl: must begin with https://, since keys that come over http can be replaced on their way; or say "allowInsecureHttp": true
jwt.scopes.claims[0]: is not a claim path: no name after the dot at byte 1
jwt.forward.extensionsFieldName: must not be empty
signing.keys[1].id: occurs twice
signing.keys[1].secret: must have "env" or "file", not both
signing.keys[2].secret.encoding: must be "utf8", "base64" or "hex"
signing.keys[3].id: the key id "é" is not 1 to 128 printable ASCII characters
signing.keys[3].secret: must say where the secret is: {"env": "NAME"} or {"file": "path"}
signing.message.expires: must be whole seconds, at most 60s
signing.extension.key: the key "b" is for verifying only
forwardExtensions[1]: "jwt2" is an extension of the gateway, and clients must not be able to send it
forwardExtensions[2]: "Tracing" occurs twice, perhaps in another case
forwardExtensions[3]: must not be empty
upstream.maxConnections: must be more than 0
upstream.retry.attempts: must be between 0 and 10
upstream.retry.maxDelay: must not be less than delay
upstream.retry.budgetPercent: must be between 0 and 100
upstream.circuitBreaker.failurePercent: must be between 1 and 100
upstream.circuitBreaker.minRequests: must be more than 0
subgraphs.d.signing.key: the key "b" is for verifying only
subgraphs.reviews.jwt.payload[1]: leads into a list, where a claim would lose its place; name the list
subgraphs.reviews.url: must begin with http:// or https://
subgraphs.reviews.signing.key: there is no key "gone"
limits.bodyBytes: must be more than 0`},
		"a list":        {`[]`, `must be an object, not a list`},
		"null":          {`null`, `must be an object, not null`},
		"empty":         {``, `is not valid JSON (line 1): unexpected EOF`},
		"cut":           {"{\n  \"listen\": ", `is not valid JSON (line 2): unexpected EOF`},
		"trailing text": {`{} {}`, `is not valid JSON (line 1): something follows the closing brace`},
		"comment":       {"{\n  // here\n}", `is not valid JSON (line 2): invalid character '/'`},
		"comma":         {`{"listen":"a:1",}`, `is not valid JSON`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gateway.ParseConfig([]byte(tc.text))
			var failure *gateway.ConfigError
			if !errors.As(err, &failure) {
				t.Fatalf("got %v", err)
			}
			var lines []string
			for _, p := range failure.Problems {
				lines = append(lines, p.String())
			}
			got := strings.Join(lines, "\n")
			if got != tc.want && (len(lines) > 1 || !strings.HasPrefix(got, tc.want)) {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
			if strings.Contains(got, "pa55word") {
				t.Error("tells a secret")
			}
		})
	}
}

func TestConfigValues(t *testing.T) {
	t.Parallel()
	config, err := gateway.ParseConfig([]byte(`{
		"$schema": "./config.schema.json", "graphiql": true, "supergraph": {"path": "s.graphql"},
		"upstream": {"timeout": "1m30s", "share": false}, "limits": {"depth": 7},
		"subgraphs": {"a b": {"url": "https://a/", "timeout": "2s"}},
		"jwt": {"clockTolerance": "0s", "tokenLookup": [{"cookie": "auth"}], "reject": {"missingToken": false},
			"providers": [{"name": "local", "secret": {"env": "S", "encoding": "hex"}, "issuer": ["a", "b"]}]}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	standard := gateway.DefaultConfig()
	if !config.GraphiQL || config.Upstream.Timeout != 90*time.Second || config.Upstream.Share || config.Limits.Depth != 7 ||
		config.Subgraphs["a b"].Timeout != 2*time.Second || config.Subgraphs["a b"].URL != "https://a/" {
		t.Errorf("got %+v", config)
	}
	if p := config.JWT.Providers; len(p) != 1 || p[0].Secret.Encoding != "hex" || len(p[0].Issuer) != 2 || config.JWT.ClockTolerance != 0 ||
		config.JWT.Reject.MissingToken || !config.JWT.Reject.InvalidToken || !config.JWT.UsesCookies() || len(config.JWT.TokenLookup) != 1 {
		t.Errorf("got %+v", config.JWT)
	}
	if config.Listen != standard.Listen || config.Limits.Tokens != standard.Limits.Tokens || config.Upstream.MaxConnections != 1024 {
		t.Errorf("what is not given has no default: %+v", config)
	}
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "gateway.config.json")
	if err := os.WriteFile(file, []byte(`{"supergraph":{"path":"graph/s.graphql"},"jwt":{"providers":[{"name":"f","secret":{"file":"key"}}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := gateway.LoadConfig(file)
	if err != nil || config.Supergraph.Path != filepath.Join(dir, "graph/s.graphql") {
		t.Errorf("got %q, %v", config.Supergraph.Path, err)
	}
	if got := config.JWT.Providers[0].Secret.File; got != filepath.Join(dir, "key") {
		t.Errorf("the secret is in %q", got)
	}
	if _, err := gateway.LoadConfig(filepath.Join(dir, "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(file, []byte(`{"listn":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.LoadConfig(file); err == nil || err.Error() != "configuration "+file+`: listn: unknown key; did you mean "listen"?` {
		t.Errorf("got %v", err)
	}
}

// TestCommittedConfig: the file at the root of the repository can be read, and serves the example supergraph.
func TestCommittedConfig(t *testing.T) {
	t.Setenv("JWT_SECRET", tokenSecret)
	t.Setenv("SUBGRAPH_HMAC_SECRET", messageSecret)
	config, err := gateway.LoadConfig("../gateway.config.json")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.New(config)
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph-open.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		config, sdl, want string
	}{
		"no supergraph":     {`{}`, "", "configuration: supergraph.path: is required"},
		"missing file":      {`{"supergraph":{"path":"none.graphql"}}`, "", "reading the supergraph: open none.graphql: no such file or directory"},
		"no GraphQL":        {`{}`, "type {", "loading the supergraph: "},
		"unknown subgraphs": {`{"subgraphs":{"reviws":{},"x":{}}}`, string(sdl), "configuration: 2 problems\n  subgraphs.reviws: the supergraph has no subgraph of that name; did you mean \"reviews\"?\n  subgraphs.x: the supergraph has no subgraph of that name"},
	} {
		config, err := gateway.ParseConfig([]byte(tc.config))
		if err != nil {
			t.Fatal(err)
		}
		var options []gateway.Option
		if tc.sdl != "" {
			options = append(options, gateway.WithSupergraph([]byte(tc.sdl)))
		}
		if _, err := gateway.New(config, options...); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", name, err, tc.want)
		}
	}
}
