package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// interopMessage is a message as the script in testdata/interop takes it.
type interopMessage struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func flat(h http.Header) map[string]string {
	out := map[string]string{}
	for name := range h {
		out[name] = h.Get(name)
	}
	return out
}

// TestInterop has our signatures verified, and others made, by the npm package http-message-signatures.
func TestInterop(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: no other implementation of RFC 9421 was asked")
	}
	if _, err := os.Stat("testdata/interop/node_modules/http-message-signatures"); err != nil {
		t.Skip("http-message-signatures is not installed; run: npm install --prefix signature/testdata/interop")
	}
	const body = `{"query":"{a(b:\"é\")}"}`
	secret := []byte(strings.Repeat("k", 32))
	key := testKey(t, "2026-11", "k")
	// message is what a gateway sends to a subgraph whose URL has this query.
	message := func(query string, session ...Field) interopMessage {
		t.Helper()
		signer, err := NewSigner(SignerConfig{Subgraph: "reviews", Key: key, Query: query})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign([]byte(body), session)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{"Content-Type": {"application/json"}}
		for _, f := range session {
			h.Set(f.Name, f.Value)
		}
		signed.Set(h)
		url := "http://reviews.internal:4103/graphql"
		if query != "" {
			url += "?" + query
		}
		return interopMessage{http.MethodPost, url, flat(h), body}
	}
	change := func(m interopMessage, change func(*interopMessage)) interopMessage {
		change(&m)
		return m
	}
	role := Field{Name: "x-hasura-role", Value: "user"}
	cases := []interopMessage{
		message(""),
		message("v=1&x=%20"),
		message("", role, Field{Name: "x-hasura-allowed", Value: `{"a", "b"}`}, Field{Name: "x-hasura-empty", Value: ""}),
		change(message(""), func(m *interopMessage) { m.Method = http.MethodPut }),
		change(message(""), func(m *interopMessage) { m.URL += "?a" }),
		change(message("", role), func(m *interopMessage) { m.Headers["X-Hasura-Role"] = "admin" }),
		change(message(""), func(m *interopMessage) { m.Headers["Graphql-Subgraph"] = "products" }),
		change(message(""), func(m *interopMessage) { m.Body += " " }),
	}
	want := "[true true true false false false false digest]"

	digest := sha256.Sum256([]byte(body))
	toSign := interopMessage{http.MethodPost, "http://reviews.internal/graphql", map[string]string{
		"Content-Type": "application/json", "Graphql-Subgraph": "reviews", "X-Hasura-Role": "user", "Content-Digest": string(appendDigest(nil, &digest)),
	}, body}
	in, err := json.Marshal(map[string]any{"key": secret, "verify": cases, "sign": toSign})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), node, "interop.mjs")
	command.Dir, command.Stdin, command.Stderr = "testdata/interop", bytes.NewReader(in), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Verified []any
		Signed   map[string]string
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(result.Verified); got != want {
		t.Errorf("verified: got %s, want %s", got, want)
	}
	header := http.Header{}
	for name, value := range result.Signed {
		header.Set(name, value)
	}
	verifier, err := NewVerifier(VerifierConfig{Subgraph: "reviews", Keys: []*Key{key}, SessionPrefix: "x-hasura-", ClockSkew: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(Message{Method: http.MethodPost, Header: header}, []byte(body)); err != nil {
		t.Errorf("signed by the other implementation: %v\n%v", err, header)
	}
}
