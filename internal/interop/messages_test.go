//go:build unix

package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// message is an HTTP request as messages.mjs takes it.
type message struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// messageKey is the key of the subgraph people.
func messageKey(tb testing.TB) []byte {
	tb.Helper()
	key, err := signature.Secret{Bytes: []byte(messageSecret)}.Derive("people")
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// signedAt is when everything is signed and verified: no time passes in between.
var signedAt = time.Now()

// sent signs a request, sends it over HTTP and returns what arrived.
func sent(tb testing.TB, config signature.SignerConfig, body string, session ...signature.Field) message {
	tb.Helper()
	var arrived message
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		arrived = message{r.Method, "http://" + r.Host + r.URL.RequestURI(), map[string]string{}, string(text)}
		for name, values := range r.Header {
			arrived.Headers[name] = strings.Join(values, ", ")
		}
	}))
	defer server.Close()
	key, err := signature.NewKey("2026-11", messageKey(tb))
	if err != nil {
		tb.Fatal(err)
	}
	config.Subgraph = "people"
	if config.Key == nil {
		config.Key = key
	}
	if config.Now == nil {
		config.Now = func() time.Time { return signedAt }
	}
	signer, err := signature.NewSigner(config)
	if err != nil {
		tb.Fatal(err)
	}
	signed, err := signer.Sign([]byte(body), session)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, server.URL+"/graphql", strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.URL.RawQuery = config.Query
	r.Header.Set("Content-Type", "application/json")
	for _, f := range session {
		r.Header.Set(f.Name, f.Value)
	}
	signed.Set(r.Header)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	response.Body.Close()
	return arrived
}

// TestMessagesVerifiedByOthers has requests that we signed verified by another implementation of RFC 9421.
func TestMessagesVerifiedByOthers(t *testing.T) {
	t.Parallel()
	needs(t, "messages", "http-message-signatures")
	const body = `{"query":"{a(b:\"é\")}"}`
	role := signature.Field{Name: "x-hasura-role", Value: "user"}
	otherKey, err := signature.NewKey("2026-11", bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	unknownKey, err := signature.NewKey("2026-12", messageKey(t))
	if err != nil {
		t.Fatal(err)
	}
	param := func(from, to string) func(*message) {
		return func(m *message) {
			m.Headers["Signature-Input"] = strings.Replace(m.Headers["Signature-Input"], from, to, 1)
		}
	}
	none := func(*message) {}
	var in struct {
		Key      []byte    `json:"key"`
		At       int64     `json:"at"`
		Messages []message `json:"messages"`
	}
	in.Key, in.At = messageKey(t), signedAt.UnixMilli()
	cases := []struct {
		name    string
		message message
		change  func(*message)
		want    any
	}{
		{"plain", sent(t, signature.SignerConfig{}, body), none, true},
		{"empty body", sent(t, signature.SignerConfig{}, ""), none, true},
		{"query string", sent(t, signature.SignerConfig{Query: "v=1&x=%20&a%2fb=+"}, body), none, true},
		{"session headers", sent(t, signature.SignerConfig{}, body, role,
			signature.Field{Name: "x-hasura-allowed", Value: `{"a", "b"}`}, signature.Field{Name: "x-hasura-empty", Value: ""}), none, true},
		{"60 seconds", sent(t, signature.SignerConfig{Expires: time.Minute}, body), none, true},

		{"method", sent(t, signature.SignerConfig{}, body), func(m *message) { m.Method = http.MethodPut }, "the signature differs"},
		{"query added", sent(t, signature.SignerConfig{}, body), func(m *message) { m.URL += "?a" }, "the signature differs"},
		{"query changed", sent(t, signature.SignerConfig{Query: "v=1"}, body), func(m *message) { m.URL = strings.Replace(m.URL, "v=1", "v=2", 1) }, "the signature differs"},
		{"session header", sent(t, signature.SignerConfig{}, body, role), func(m *message) { m.Headers["X-Hasura-Role"] = "admin" }, "the signature differs"},
		{"session header gone", sent(t, signature.SignerConfig{}, body, role), func(m *message) { delete(m.Headers, "X-Hasura-Role") }, "Error"},
		{"audience", sent(t, signature.SignerConfig{}, body), func(m *message) { m.Headers["Graphql-Subgraph"] = "notes" }, "the signature differs"},
		{"content type", sent(t, signature.SignerConfig{}, body), func(m *message) { m.Headers["Content-Type"] = "text/plain" }, "the signature differs"},
		{"body", sent(t, signature.SignerConfig{}, body), func(m *message) { m.Body += " " }, "the digest differs"},
		{"body and digest", sent(t, signature.SignerConfig{}, body), func(m *message) {
			m.Body, m.Headers["Content-Digest"] = "", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
		}, "the signature differs"},
		{"nonce", sent(t, signature.SignerConfig{}, body), param(`nonce="`, `nonce="A`), "the signature differs"},
		{"tag", sent(t, signature.SignerConfig{}, body), param(`tag="gatehouse"`, `tag="other"`), "the signature differs"},
		{"key id", sent(t, signature.SignerConfig{}, body), param(`keyid="2026-11"`, `keyid="2026-10"`), "UnknownKeyError"},
		{"component", sent(t, signature.SignerConfig{}, body), param(` "@query"`, ``), "UnacceptableSignatureError"},
		{"expires", sent(t, signature.SignerConfig{}, body), param(`expires=`, `expires=9`), "the signature differs"},
		{"signature", sent(t, signature.SignerConfig{}, body), func(m *message) {
			m.Headers["Signature"] = "gatehouse=:" + strings.Repeat("A", 43) + "=:"
		}, "the signature differs"},
		{"old", sent(t, signature.SignerConfig{Now: func() time.Time { return signedAt.Add(-time.Hour) }}, body), none, "ExpiredError"},
		{"another key", sent(t, signature.SignerConfig{Key: otherKey}, body), none, "the signature differs"},
		{"unknown key", sent(t, signature.SignerConfig{Key: unknownKey}, body), none, "UnknownKeyError"},
	}
	for _, tc := range cases {
		tc.change(&tc.message)
		in.Messages = append(in.Messages, tc.message)
	}
	for i, got := range messages[any](t, "verify", in, len(cases)) {
		if got != cases[i].want {
			t.Errorf("%s: got %v, want %v", cases[i].name, got, cases[i].want)
		}
	}
}

// messages runs one command of messages.mjs.
func messages[T any](tb testing.TB, command string, in any, count int) []T {
	tb.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		tb.Fatal(err)
	}
	var results []T
	if err := json.Unmarshal(script(tb, "messages", text, "messages.mjs", command), &results); err != nil || len(results) != count {
		tb.Fatalf("%d results for %d: %v", len(results), count, err)
	}
	return results
}

// TestMessagesSignedByOthers has another implementation of RFC 9421 sign requests to a subgraph in Go.
func TestMessagesSignedByOthers(t *testing.T) {
	t.Parallel()
	needs(t, "messages", "http-message-signatures")
	verifier, err := subgraph.New(subgraph.Config{
		Name: "people", Keys: []subgraph.Key{{ID: "2026-11", Key: messageKey(t)}}, SessionPrefix: "x-hasura-",
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := subgraph.CallerFrom(r.Context())
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "%t", ok)
		if ok {
			fmt.Fprintf(w, " %s %s", caller.Subject(), caller.Session("x-hasura-role"))
		}
		fmt.Fprintf(w, " %s", body)
	})))
	defer server.Close()

	type after struct {
		Headers map[string]string `json:"headers,omitempty"`
		Body    string            `json:"body,omitempty"`
		Query   string            `json:"query,omitempty"`
	}
	type change struct {
		Params  map[string]any    `json:"params,omitempty"`
		Omit    []string          `json:"omit,omitempty"`
		Fields  []string          `json:"fields,omitempty"`
		Headers map[string]string `json:"headers,omitempty"`
		Body    string            `json:"body,omitempty"`
		Query   string            `json:"query,omitempty"`
		Label   string            `json:"label,omitempty"`
		After   *after            `json:"after,omitempty"`
	}
	const plain = `{"query":"{__typename}"}`
	const identity = `{"query":"{é}","extensions":{"jwt":{"payload":{"sub":"ada"}}}}`
	all := []string{"x-hasura-role", "graphql-subgraph", "content-digest", "content-type", "@query", "@method"}
	role := map[string]string{"x-hasura-role": "user"}
	cases := []struct {
		change change
		status int
		want   string // the answer has it
	}{
		{change{}, 200, "false " + plain},
		{change{Label: "gatehouse", Query: "?a=%20&b"}, 200, "false " + plain},
		{change{Fields: all, Headers: role, Body: identity}, 200, "true ada user " + identity},
		{change{Fields: append(all, "@authority", "@path"), Headers: role}, 200, "true  user " + plain},
		{change{Omit: []string{"alg"}}, 200, "false " + plain},
		{change{Headers: map[string]string{"content-type": "application/json; charset=utf-8"}}, 200, "false " + plain},

		{change{After: &after{Body: plain + " "}}, 401, "SIGNATURE_INVALID"},
		{change{After: &after{Query: "?a"}}, 401, "SIGNATURE_INVALID"},
		{change{After: &after{Headers: role}}, 401, "SIGNATURE_INVALID"},
		{change{After: &after{Headers: map[string]string{"graphql-subgraph": "notes"}}}, 401, "SIGNATURE_WRONG_AUDIENCE"},
		{change{Headers: map[string]string{"graphql-subgraph": "notes"}}, 401, "SIGNATURE_WRONG_AUDIENCE"},
		{change{Fields: all, Headers: role, After: &after{Headers: map[string]string{"x-hasura-role": "admin"}}}, 401, "SIGNATURE_INVALID"},
		{change{Fields: all[2:]}, 401, "SIGNATURE_INVALID"},
		{change{Omit: []string{"nonce"}}, 401, "SIGNATURE_INVALID"},
		{change{Omit: []string{"expires"}}, 401, "SIGNATURE_INVALID"},
		{change{Omit: []string{"created"}}, 401, "SIGNATURE_INVALID"},
		{change{Omit: []string{"tag"}}, 401, "SIGNATURE_MISSING"},
		{change{Params: map[string]any{"tag": "other"}}, 401, "SIGNATURE_MISSING"},
		{change{Params: map[string]any{"keyid": "2026-12"}}, 401, "SIGNATURE_UNKNOWN_KEY"},
		{change{Params: map[string]any{"alg": "hmac-sha512"}}, 401, "SIGNATURE_INVALID"},
		{change{Params: map[string]any{"expires": 90}}, 401, "SIGNATURE_INVALID"},
		{change{Params: map[string]any{"created": -50, "expires": -5}}, 401, "SIGNATURE_EXPIRED"},
		{change{Params: map[string]any{"created": 3600, "expires": 3620}}, 401, "SIGNATURE_EXPIRED"},
		{change{Body: `[` + plain + `]`}, 400, "REQUEST_UNSUPPORTED"},
	}
	var in struct {
		Key      []byte   `json:"key"`
		URL      string   `json:"url"`
		Requests []change `json:"requests"`
	}
	in.Key, in.URL = messageKey(t), server.URL+"/graphql"
	for _, tc := range cases {
		in.Requests = append(in.Requests, tc.change)
	}
	type result struct {
		Status int
		Body   string
	}
	for i, got := range messages[result](t, "send", in, len(cases)) {
		if tc := cases[i]; got.Status != tc.status || !strings.Contains(got.Body, tc.want) {
			t.Errorf("%+v: got %d %s, want %d %s", tc.change, got.Status, got.Body, tc.status, tc.want)
		}
	}
}
