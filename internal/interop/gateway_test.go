//go:build unix

package interop

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/session"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// secretIn writes a secret to a file of the test.
func secretIn(tb testing.TB, text string) secret.Source {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return secret.Source{File: file}
}

// signing makes a gateway recognise tokens, forward all of them and sign calls in both ways.
func signing(tb testing.TB) func(*gateway.Config) {
	tb.Helper()
	tokens, message, extension := secretIn(tb, tokenSecret), secretIn(tb, messageSecret), secretIn(tb, extensionSecret)
	return func(c *gateway.Config) {
		c.JWT.Providers = []authz.Provider{{Name: "local", KeySource: authz.KeySource{Secret: tokens}}}
		c.JWT.Reject.MissingToken = false
		c.JWT.Forward.Token = true
		c.Signing = &upstream.Signing{Keys: []upstream.SigningKey{{ID: "2026-11", Secret: message}, {ID: "extension", Secret: extension}}}
		c.Signing.Extension.Enabled, c.Signing.Extension.Key = true, "extension"
		c.Signing.Message.Expires = time.Minute // the longest there is: on a busy machine anything can take long
	}
}

// road leads to a subgraph, and somebody may sit beside it.
type road struct {
	change atomic.Pointer[func(http.Header, string) string] // of header and body
}

// to returns a handler that sends requests on to a subgraph.
func (r *road) to(tb testing.TB, target string) http.Handler {
	tb.Helper()
	to, err := url.Parse(target)
	if err != nil {
		tb.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL, p.Out.Host = to, to.Host
		change := r.change.Load()
		if change == nil {
			return
		}
		body, err := io.ReadAll(p.In.Body)
		if err != nil {
			tb.Error(err)
		}
		changed := (*change)(p.Out.Header, string(body))
		p.Out.Body, p.Out.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	}}
}

// TestGatewayBeforeYoga puts our gateway in front of GraphQL Yoga: Yoga accepts what the gateway signs, and its context has what the gateway
// forwards.
func TestGatewayBeforeYoga(t *testing.T) {
	t.Parallel()
	people, notes := serveYoga(t)
	var beside road
	g := gatewaytest.New(t, supergraph(t, people, notes), map[string]http.Handler{
		"people": beside.to(t, people), "notes": beside.to(t, notes),
	}, signing(t), func(c *gateway.Config) {
		own := c.Subgraphs["notes"]
		own.JWT.Payload, own.JWT.Token = &upstream.Claims{Paths: []string{"sub", "$.org.id"}}, new(bool)
		c.Subgraphs["notes"] = own
	})
	token := tokenOf(t, claims)
	whole := `{"payload":` + forwarded(claims) + `,"token":{"value":"` + token + `","prefix":"Bearer"}}`
	part := `{"payload":{"sub":"ada <a&b>","org":{"id":7}}}`

	status, got := ask(t, g.URL, token, everything)
	if status != http.StatusOK {
		t.Errorf("got %d %s", status, got)
	}
	sameJSON(t, got, answer(whole, part))
	for _, call := range g.Requests() {
		want := map[string]string{"people": whole, "notes": part}[call.Subgraph]
		var body struct {
			Extensions struct {
				JWT json.RawMessage
				MAC string `json:"hmac-signature"`
			}
		}
		if err := json.Unmarshal([]byte(call.Body), &body); err != nil || body.Extensions.MAC == "" || call.Header.Get("Signature") == "" {
			t.Errorf("%s is not signed: %v, %v", call.Body, call.Header, err)
		}
		sameJSON(t, string(body.Extensions.JWT), want)
	}
	_, got = ask(t, g.URL, "", everything)
	sameJSON(t, got, answer("null", "null"))

	// What parsers read differently: no subgraph gets it, or all read what was signed.
	for value, want := range map[string]string{
		`"\ud800"`: "", `{"\udc00":1}`: "", "\"\xff\"": "", `{"a":1,"\u0061":{"a":2}}`: `{"a":{"a":2}}`, `[1e999,1e-999]`: `[null,0]`,
	} {
		status, got := ask(t, g.URL, "", []byte(`{"query":"query($v:JSON){echo(value:$v)}","variables":{"v":`+value+`}}`))
		if want != "" {
			sameJSON(t, got, `{"data":{"echo":`+want+`}}`)
		} else if strings.Contains(got, `"data"`) || !strings.Contains(got, "BAD_USER_INPUT") && status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", value, status, got)
		}
	}
	gatewayValues(t, g.URL)
	gatewayForgeries(t, g.URL, token, &beside)
}

// gatewayValues sends random values through our gateway, as variables and in documents.
func gatewayValues(t *testing.T, url string) {
	t.Helper()
	random := rand.New(rand.NewPCG(13, 14))
	for range 300 {
		value, text, name := randomJSON(random, 4), randomString(random), randomString(random)
		request := `{"query":` + encode(`query($value: JSON, $more: JSON, $id: ID!) {
			one: echo(value: $value) two: echo(value: {b: $more, a: `+text+`}) three: echo(value: """`+"é\u2028<>&\u007f"+`""")
			person(id: $id) { name seenBy notes(containing: `+text+`) }
		}`) + `,"variables":{"id":` + name + `,"value":` + value + `,"more":[` + text + `,` + randomNumber(random) + `]}}`
		var sent struct {
			Variables struct {
				ID   string
				More json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(request), &sent); err != nil {
			t.Fatal(err)
		}
		status, got := ask(t, url, "", []byte(request))
		if status != http.StatusOK || strings.Contains(got, `"errors"`) {
			t.Errorf("%s: got %d %s", request, status, got)
			continue
		}
		found := []string{}
		for _, note := range []string{"the first of " + sent.Variables.ID, "Grüße & <Küsse> 😀"} {
			if strings.Contains(note, decodeString(text)) {
				found = append(found, note)
			}
		}
		list, err := json.Marshal(found)
		if err != nil {
			t.Fatal(err)
		}
		sameJSON(t, got, `{"data":{"one":`+value+`,"two":{"b":`+string(sent.Variables.More)+`,"a":`+text+`},"three":"é\u2028<>&\u007f",`+
			`"person":{"name":`+encode("Person "+sent.Variables.ID)+`,"seenBy":null,"notes":`+string(list)+`}}}`)
	}
}

// TestGatewayPassesOn has our gateway pass on what one subgraph answers, in whatever spelling, to GraphQL Yoga, as a representation.
func TestGatewayPassesOn(t *testing.T) {
	t.Parallel()
	_, notes := serveYoga(t)
	var extra string
	g := gatewaytest.New(t, supergraph(t, "http://people", notes), map[string]http.Handler{
		"people": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data":{"person":{"__typename":"Person","id":"1","extra":`+extra+`}}}`)
		}),
	}, signing(t))
	random := rand.New(rand.NewPCG(15, 16))
	for range 300 {
		extra = randomJSON(random, 4)
		_, got := ask(t, g.URL, "", operation{Query: `{ person(id: 1) { repeated } }`})
		sameJSON(t, got, `{"data":{"person":{"repeated":`+extra+`}}}`)
	}
}

// gatewayForgeries changes what the gateway signed on its way to Yoga.
func gatewayForgeries(t *testing.T, url, token string, beside *road) {
	t.Helper()
	defer beside.change.Store(nil)
	for _, tc := range []struct {
		name   string
		change func(http.Header, string) string
		passes bool
	}{
		{"nothing", func(_ http.Header, s string) string { return s }, true},
		{"spelling", func(_ http.Header, s string) string { return strings.Replace(s, `{"query"`, ` { "quer\u0079"`, 1) }, true},
		{"variable", func(_ http.Header, s string) string { return strings.Replace(s, `"id":"1"`, `"id":"2"`, 1) }, false},
		{"query", func(_ http.Header, s string) string { return strings.Replace(s, `{"query":"`, `{"query":" `, 1) }, false},
		{"another query", func(_ http.Header, s string) string {
			return strings.Replace(s, `{"query":`, `{"query":"{__typename}","variables":{},"x":`, 1)
		}, false},
		{"signature", func(_ http.Header, s string) string {
			return strings.Replace(s, `"hmac-signature":"`, `"hmac-signature":"A`, 1)
		}, false},
		{"no signature", func(_ http.Header, s string) string { return strings.Replace(s, `"hmac-signature"`, `"hmac"`, 1) }, false},
	} {
		beside.change.Store(&tc.change)
		_, got := ask(t, url, token, operation{`query($id: ID!) { person(id: $id) { name } }`, "", json.RawMessage(`{"id":"1"}`)})
		if tc.passes != strings.Contains(got, "Person") || tc.passes == strings.Contains(got, `"errors"`) {
			t.Errorf("%s: got %s", tc.name, got)
		}
	}
}

// TestGatewayVerifiedByOthers puts our gateway in front of a subgraph that verifies message signatures with another implementation of RFC
// 9421.
func TestGatewayVerifiedByOthers(t *testing.T) {
	t.Parallel()
	needs(t, "messages", "http-message-signatures")
	key := base64.StdEncoding.EncodeToString(messageKey(t))
	people := serve(t, "messages", "/health", []string{"MESSAGE_KEY=" + key}, "subgraph.mjs", "PORT")
	var beside road
	g := gatewaytest.New(t, supergraph(t, "http://people", "http://notes"), map[string]http.Handler{
		"people": beside.to(t, people.URL+"/people"),
	}, signing(t), func(c *gateway.Config) {
		c.Session = &session.Config{Variables: map[string]session.Variable{
			"x-session-user": {Claim: "sub"}, "x-session-org": {Claim: "$.org.name"}, "x-session-empty": {Literal: json.RawMessage(`""`)},
		}}
	})
	token := tokenOf(t, `{"sub":"ada","org":{"name":"Häuser 😀"}}`)
	caller := operation{Query: "{caller}"}
	_, got := ask(t, g.URL, "", caller)
	sameJSON(t, got, `{"data":{"caller":{"session":{},"jwt":null}}}`)
	_, got = ask(t, g.URL, token, caller)
	sameJSON(t, got, `{"data":{"caller":{"session":{"x-session-user":"ada","x-session-org":"Häuser 😀","x-session-empty":""},"jwt":`+
		`{"payload":`+forwarded(`{"sub":"ada","org":{"name":"Häuser 😀"}}`)+`,"token":{"value":"`+token+`","prefix":"Bearer"}}}}}`)

	for name, change := range map[string]func(http.Header, string) string{
		"identity":      func(_ http.Header, body string) string { return strings.Replace(body, `"sub":"ada"`, `"sub":"eve"`, 1) },
		"session":       func(h http.Header, body string) string { h.Set("X-Session-User", "eve"); return body },
		"added session": func(h http.Header, body string) string { h.Set("X-Session-Role", "admin"); return body },
		"lost session":  func(h http.Header, body string) string { h.Del("X-Session-User"); return body },
		"audience":      func(h http.Header, body string) string { h.Set("Graphql-Subgraph", "notes"); return body },
		"signature":     func(h http.Header, body string) string { h.Del("Signature"); return body },
	} {
		beside.change.Store(&change)
		if _, got := ask(t, g.URL, token, caller); strings.Contains(got, `"session"`) || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
