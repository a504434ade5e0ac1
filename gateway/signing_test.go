package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// The secrets of these tests: one for message signatures, one for extension signatures.
const (
	messageSecret   = "the secret of message signatures in tests"
	extensionSecret = "the secret of extension signatures in tests"
)

// secretFile writes a secret to a file of the test.
func secretFile(tb testing.TB, text string) secret.Source {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return secret.Source{File: file}
}

// signed makes a gateway sign in both ways.
func signed(tb testing.TB) func(*gateway.Config) {
	tb.Helper()
	return func(c *gateway.Config) {
		c.Signing = &upstream.Signing{Keys: []upstream.SigningKey{
			{ID: "m", Secret: secretFile(tb, messageSecret)}, {ID: "e", Secret: secretFile(tb, extensionSecret)},
		}}
		c.Signing.Extension.Enabled, c.Signing.Extension.Key = true, "e"
		c.Signing.Message.Expires = time.Minute // the longest there is: on a busy machine anything can take long
	}
}

// verifies puts verifiers of both signatures before a subgraph.
func verifies(tb testing.TB, name string, handler http.Handler) http.Handler {
	tb.Helper()
	message, err := subgraph.New(subgraph.Config{
		Name: name, Keys: subgraph.DeriveKeys(name, subgraph.Key{ID: "m", Key: []byte(messageSecret)}),
		OnReject: func(_ *http.Request, err error) { tb.Errorf("%s: %v", name, err) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	extension, err := subgraph.New(subgraph.Config{
		Name: name, Require: subgraph.ExtensionSignature, ExtensionKeys: []subgraph.Key{{ID: "e", Key: []byte(extensionSecret)}},
		OnReject: func(_ *http.Request, err error) { tb.Errorf("%s, extension: %v", name, err) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	// Each verifier gets the body as it came: after an extension signature alone handlers get another text.
	extensionOnly := extension.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	inner := message.Middleware(handler)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the gateway broke off
		}
		again := r.Clone(r.Context())
		again.Body, r.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		for name := range again.Header {
			if strings.HasPrefix(strings.ToLower(name), "x-session-") {
				delete(again.Header, name) // no extension signature covers it
			}
		}
		extensionOnly.ServeHTTP(httptest.NewRecorder(), again)
		inner.ServeHTTP(w, r)
	})
}

// TestSignedShop: whatever the example shop is asked, both signatures hold, and the answers are those of an unsigned gateway.
func TestSignedShop(t *testing.T) {
	t.Parallel()
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		t.Fatal(err)
	}
	plain, verified := map[string]http.Handler{}, map[string]http.Handler{}
	for _, s := range parts {
		plain[s.Name], verified[s.Name] = shop.As("1", s.Handler), verifies(t, s.Name, s.Handler)
	}
	sdl := protectedSDL(t)
	unsigned := gatewaytest.New(t, sdl, plain, withTokens(t))
	g := gatewaytest.New(t, sdl, verified, withTokens(t), signed(t))
	files, err := filepath.Glob("../planner/testdata/shop/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal("no operations", err)
	}
	caller := bearer(t, "admin read:email", "")
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(document), "mutation") {
			continue
		}
		got, want := send(t, g, string(document), caller...), send(t, unsigned, string(document), caller...)
		if got.body != want.body || got.status != want.status {
			t.Errorf("%s: got %s, want %s", file, got.body, want.body)
		}
	}
	calls := g.Requests()
	if len(calls) < len(files) {
		t.Errorf("only %d calls for %d operations", len(calls), len(files))
	}
	for _, call := range calls {
		if n := len(call.Header["Signature"]); n != 1 || !strings.Contains(call.Body, `"hmac-signature":"`) || !strings.Contains(call.Body, `"jwt":{"payload":{`) {
			t.Errorf("a call without signature or caller: %v %s", call.Header, call.Body)
		}
	}
}

// spellings are variables in spellings that differ from the canonical one.
var spellings = []string{
	`{"b": {"z": 1.0, "a": [1e2, "\u00e9\/"], "é": null}}`,
	`{"b": "\u0041\n\u2028"}`,
	`{"b": 9007199254740993}`,
	`{"b": -0}`,
	`{"b": [ ]}`,
	`{"b": 12345.678e3, "a": "\ud83d\ude00"}`,
	`{"b": true}`,
	`{"b": null}`,
	`{}`,
}

// anySDL has a field with an argument that may be any JSON.
const anySDL = `schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
scalar join__FieldSet
enum join__Graph { A @join__graph(name: "a", url: "http://a") }
scalar Any @join__type(graph: A)
type Query @join__type(graph: A) { f(a: ID, b: Any): Int }
`

// TestSpelledVariables: the extension signature is over the canonical text, whatever the client writes.
func TestSpelledVariables(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":{"f":1}}`)) })
	g := gatewaytest.New(t, anySDL, map[string]http.Handler{"a": verifies(t, "a", handler)}, signed(t))
	for _, variables := range spellings {
		body := `{"query":"query($b:Any $a:ID){f(a:$a b:$b)}","variables":` + variables + `}`
		if status, got := g.Post(t, body); status != http.StatusOK || got != `{"data":{"f":1}}` {
			t.Errorf("%s: got %d %s", variables, status, got)
		}
	}
}

// answersNothing is a subgraph that has no data.
var answersNothing = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":{}}`)) })

// TestForwarding: what subgraphs are told about callers, byte for byte.
func TestForwarding(t *testing.T) {
	t.Parallel()
	text := token(t, map[string]any{"sub": "1", "org": map[string]any{"id": 7, "name": "x"}, "exp": 4102444800, "list": []int{1}})
	claims := `{"exp":4102444800,"list":[1],"org":{"id":7,"name":"x"},"sub":"1"}`
	own := func(text string) func(*gateway.Config) {
		return func(c *gateway.Config) {
			parsed, err := gateway.ParseConfig([]byte(`{"subgraphs":{"accounts":{"jwt":` + text + `}}}`))
			if err != nil {
				t.Error(err)
			}
			own := parsed.Subgraphs["accounts"]
			own.URL = c.Subgraphs["accounts"].URL
			c.Subgraphs["accounts"] = own
		}
	}
	both := func(c *gateway.Config) { c.JWT.Forward.Token, c.JWT.Forward.ExtensionsFieldName = true, "who" }
	client := func(c *gateway.Config) { c.ForwardExtensions = []string{"tracing", "missing", "b"} }
	for name, tc := range map[string]struct {
		change     []func(*gateway.Config)
		token      string
		extensions string // of the client
		want       string // the extensions of the call
	}{
		"payload":             {nil, text, `{"jwt":{"payload":{"sub":"2"}},"hmac-signature":"x"}`, `{"jwt":{"payload":` + claims + `}}`},
		"anonymous":           {nil, "", `{"jwt":{"payload":{"sub":"2"}}}`, ``},
		"invalid token":       {nil, text + "x", `{}`, ``},
		"token and name":      {[]func(*gateway.Config){both}, text, `{}`, `{"who":{"payload":` + claims + `,"token":{"value":"` + text + `","prefix":"Bearer"}}}`},
		"token only":          {[]func(*gateway.Config){both, own(`{"payload":false}`)}, text, `{}`, `{"who":{"token":{"value":"` + text + `","prefix":"Bearer"}}}`},
		"nothing":             {[]func(*gateway.Config){both, own(`{"payload":false,"token":false}`)}, text, `{}`, ``},
		"all, for one":        {[]func(*gateway.Config){func(c *gateway.Config) { c.JWT.Forward.Payload = false }, own(`{"payload":true}`)}, text, `{}`, `{"jwt":{"payload":` + claims + `}}`},
		"some":                {[]func(*gateway.Config){own(`{"payload":["sub","$.org.id","$.org.gone","$.sub.x","none"]}`)}, text, `{}`, `{"jwt":{"payload":{"sub":"1","org":{"id":7}}}}`},
		"a part and all":      {[]func(*gateway.Config){own(`{"payload":["$.org.id","org","$.list"]}`)}, text, `{}`, `{"jwt":{"payload":{"org":{"id":7,"name":"x"},"list":[1]}}}`},
		"none that are there": {[]func(*gateway.Config){own(`{"payload":["email","$.sub.x"]}`)}, text, `{}`, `{"jwt":{"payload":{}}}`},
		"an empty list":       {[]func(*gateway.Config){own(`{"payload":[]}`)}, text, `{}`, ``},
		"the client's": {
			[]func(*gateway.Config){client}, text, `{"b":{"c": [1.0]},"a":1,"tracing":"x","JWT":1}`,
			`{"jwt":{"payload":` + claims + `},"tracing":"x","b":{"c": [1.0]}}`,
		},
		"the client's alone": {[]func(*gateway.Config){client}, "", `{"b":1,"jwt":1}`, `{"b":1}`},
		"the client's, off":  {nil, "", `{"b":1,"tracing":1}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gatewaytest.New(t, protectedSDL(t), map[string]http.Handler{"accounts": answersNothing}, append([]func(*gateway.Config){withTokens(t)}, tc.change...)...)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL, strings.NewReader(`{"query":"{users{id}}","extensions":`+tc.extensions+`}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			if tc.token != "" {
				request.Header.Set("Authorization", "Bearer "+tc.token)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			calls := g.Requests()
			if len(calls) != 1 {
				t.Fatalf("%d calls, status %d", len(calls), response.StatusCode)
			}
			var body map[string]json.RawMessage
			if err := json.Unmarshal([]byte(calls[0].Body), &body); err != nil {
				t.Fatal(err, calls[0].Body)
			}
			if got := string(body["extensions"]); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if auth := calls[0].Header["Authorization"]; auth != nil {
				t.Errorf("the client's header reached the subgraph: %q", auth)
			}
		})
	}
}

// TestAmbiguousExtensions: what is forwarded must mean the same to all who read it.
func TestAmbiguousExtensions(t *testing.T) {
	t.Parallel()
	g := gatewaytest.New(t, protectedSDL(t), map[string]http.Handler{"accounts": answersNothing}, func(c *gateway.Config) { c.ForwardExtensions = []string{"b"} })
	for _, extensions := range []string{`{"b":1,"b":2}`, `{"b":1,"B":2}`, `{"b":{"x":1,"X":2}}`} {
		status, got := g.Post(t, `{"query":"{users{id}}","extensions":`+extensions+`}`)
		if status != http.StatusBadRequest || !strings.Contains(got, "BAD_REQUEST") {
			t.Errorf("%s: got %d %s", extensions, status, got)
		}
	}
	if calls := g.Requests(); len(calls) > 0 {
		t.Errorf("got %v", calls)
	}
}

// TestSigningStart: keys that cannot be used keep the gateway from starting, with the path of each.
func TestSigningStart(t *testing.T) {
	t.Parallel()
	start := func(change func(*gateway.Config)) error {
		config := gateway.DefaultConfig()
		config.Authorization.AllowUnconfigured = true
		change(&config)
		g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))))
		if err == nil {
			g.Close()
		}
		return err
	}
	short := secretFile(t, "too short")
	err := start(func(c *gateway.Config) {
		c.Signing = &upstream.Signing{Keys: []upstream.SigningKey{
			{ID: "a", Secret: secretFile(t, messageSecret)}, {ID: "b", Secret: short}, {ID: "c", Secret: secret.Source{File: "gone"}},
		}}
	})
	for _, want := range []string{"signing.keys[1].secret: ", "has 9 bytes, and at least 32 are needed", "signing.keys[2].secret: "} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "too short") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	err = start(func(c *gateway.Config) {
		c.Signing = &upstream.Signing{}
		c.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	})
	if err == nil || !strings.Contains(err.Error(), "signing.keys: is required") {
		t.Errorf("without keys: %v", err)
	}
	err = start(func(c *gateway.Config) {
		own := upstream.SubgraphConfig{}
		own.Signing.Message = new(true)
		c.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"reviews": own}
	})
	if err == nil || !strings.Contains(err.Error(), "subgraphs.reviews.signing.message: there are no keys") {
		t.Errorf("without signing: %v", err)
	}
}

// TestSigningSwitches: what each subgraph gets.
func TestSigningSwitches(t *testing.T) {
	t.Parallel()
	handlers := map[string]http.Handler{"accounts": answersNothing, "products": answersNothing, "reviews": answersNothing}
	g := gatewaytest.New(t, protectedSDL(t), handlers, signed(t), func(c *gateway.Config) {
		c.Signing.Keys = slices.Insert(c.Signing.Keys, 0, upstream.SigningKey{ID: "old", Secret: secretFile(t, strings.Repeat("o", 32)), VerifyOnly: true})
		own := c.Subgraphs["products"]
		own.Signing.Key, own.Signing.Extension = "e", new(false)
		c.Subgraphs["products"] = own
		own = c.Subgraphs["reviews"]
		own.Signing.Message = new(false)
		c.Subgraphs["reviews"] = own
	})
	g.Post(t, `{"query":"{users{id} topProducts{name} feed{__typename}}"}`)
	calls := g.Requests()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	for _, call := range calls {
		message, extension := len(call.Header["Signature"]) == 1, strings.Contains(call.Body, `"hmac-signature"`)
		key := map[string]string{"accounts": `keyid="m"`, "products": `keyid="e"`, "reviews": ""}[call.Subgraph]
		if message != (call.Subgraph != "reviews") || extension != (call.Subgraph != "products") || !strings.Contains(call.Header.Get("Signature-Input"), key) {
			t.Errorf("%s: %v %s", call.Subgraph, call.Header, call.Body)
		}
	}
}
