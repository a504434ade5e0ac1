package signature

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	key, other := testKey(t, "k", "k"), testKey(t, "other", "o")
	body := []byte(`{"query":"{a}"}`)
	config := VerifierConfig{Subgraph: "reviews", Keys: []*Key{key, other}, SessionPrefix: "x-hasura-", Now: func() time.Time { return moment }}
	verifier, err := NewVerifier(config)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		signer SignerConfig
		change func(m *Message, body *[]byte)
		code   Code
		want   []string
	}{
		"good": {SignerConfig{Subgraph: "reviews", Key: key}, func(*Message, *[]byte) {}, "", []string{
			"mac          ok", "time         ok", "session      ok", `"content-type": application/json`, `"@query": ?`,
		}},
		"body": {SignerConfig{Subgraph: "reviews", Key: key}, func(_ *Message, b *[]byte) { *b = append(*b, '\n') }, Invalid, []string{
			"digest       SIGNATURE_INVALID: the body has another digest than Content-Digest says: the body, 16 bytes, has sha-256=:", "mac          ok",
		}},
		"body and digest": {SignerConfig{Subgraph: "reviews", Key: key}, func(m *Message, _ *[]byte) {
			m.Header[digestField] = []string{"sha-256=:" + strings.Repeat("A", 43) + "=:"}
		}, Invalid, []string{"differs      the signature holds if content-digest was \"sha-256=:"}},
		"audience": {SignerConfig{Subgraph: "reviews", Key: key}, func(m *Message, _ *[]byte) { m.Header[subgraphField] = []string{"accounts"} }, WrongAudience, []string{
			`audience     SIGNATURE_WRONG_AUDIENCE: the request is for "accounts"`, `the signature holds if graphql-subgraph was "reviews" when it was made`,
		}},
		"query, type and key": {SignerConfig{Subgraph: "reviews", Key: other}, func(m *Message, _ *[]byte) {
			m.Query, m.Header[typeField] = "a=1", []string{"application/json; charset=utf-8"}
			m.Header[inputField] = []string{strings.Replace(m.Header.Get(inputField), `keyid="other"`, `keyid="k"`, 1)}
		}, Invalid, []string{"holds neither"}}, // the key's name is covered, too
		"query and type": {SignerConfig{Subgraph: "reviews", Key: other}, func(m *Message, _ *[]byte) {
			m.Query, m.Header[typeField] = "a=1", []string{"application/json; charset=utf-8"}
		}, Invalid, []string{`the signature holds if @query was "?"`, `the signature holds if content-type was "application/json"`}},
		"two lines": {SignerConfig{Subgraph: "reviews", Key: key}, func(m *Message, _ *[]byte) {
			m.Header["X-Hasura-Role"] = append(m.Header["X-Hasura-Role"], "admin")
		}, Invalid, []string{`components   SIGNATURE_INVALID`, `the signature holds if x-hasura-role was "user"`}},
		"expired": {SignerConfig{Subgraph: "reviews", Key: key, Now: func() time.Time { return moment.Add(-time.Hour) }}, func(*Message, *[]byte) {}, Expired, []string{
			"time         SIGNATURE_EXPIRED: it expired 59m30s ago", "mac          ok",
		}},
		"no signature": {SignerConfig{Subgraph: "reviews", Key: key}, func(m *Message, _ *[]byte) { delete(m.Header, inputField) }, Missing, []string{
			"signature    SIGNATURE_MISSING: there is no Signature-Input",
		}},
		"session": {SignerConfig{Subgraph: "reviews", Key: key}, func(m *Message, _ *[]byte) { m.Header["X-Hasura-Tenant"] = []string{"1"} }, Invalid, []string{
			"session      SIGNATURE_INVALID: the session header X-Hasura-Tenant is not covered", "mac          ok",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.signer.Now == nil {
				tc.signer.Now = func() time.Time { return moment }
			}
			signer, err := NewSigner(tc.signer)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signer.Sign(body, []Field{{"x-hasura-role", "user"}})
			if err != nil {
				t.Fatal(err)
			}
			m := Message{Method: http.MethodPost, Header: http.Header{typeField: {"application/json"}, "X-Hasura-Role": {"user"}}}
			signed.Set(m.Header)
			sent := append([]byte(nil), body...)
			tc.change(&m, &sent)
			lines, err := verifier.Explain(m, sent)
			text := strings.Join(lines, "\n")
			if tc.code == "" && err != nil || tc.code != "" && !errors.Is(err, tc.code) {
				t.Errorf("got %v, want %q", err, tc.code)
			}
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, strings.Repeat("k", 8)) || tc.code == "" && strings.Contains(text, "differs") {
				t.Errorf("got\n%s", text)
			}
		})
	}
}
