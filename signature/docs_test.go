package signature

import (
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestWorkedExample computes the numbers of the worked examples in docs/signing.md.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/signing.md")
	if err != nil {
		t.Fatal(err)
	}
	has := func(what, text string) {
		t.Helper()
		if !strings.Contains(string(page), text) {
			t.Errorf("docs/signing.md does not have the %s:\n%s", what, text)
		}
	}
	const body = `{"query":"query Me($id:ID!){user(id:$id){name}}","operationName":"Me","variables":{"id":"1"},"extensions":{"jwt":{"payload":{"sub":"123"}}}}`
	has("body", "\n"+body+"\n")
	secret := Secret{ID: "2026-11", Bytes: []byte("an example secret, never a real one")}
	has("secret", "`"+string(secret.Bytes)+"`")
	derived, err := secret.Derive("reviews")
	if err != nil {
		t.Fatal(err)
	}
	has("derived key", "`"+hex.EncodeToString(derived)+"`")
	key, err := NewKey(secret.ID, derived)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(SignerConfig{Subgraph: "reviews", Key: key, Now: func() time.Time { return moment }})
	if err != nil {
		t.Fatal(err)
	}
	signer.nonce = func(n *[16]byte) { copy(n[:], "0123456789abcdef") }
	session := []Field{{"x-hasura-role", "user"}}
	signed, err := signer.Sign([]byte(body), session)
	if err != nil {
		t.Fatal(err)
	}
	has("headers", "Content-Type: application/json\nX-Hasura-Role: user\nContent-Digest: "+signed.ContentDigest+"\nGraphql-Subgraph: reviews\n"+
		"Signature-Input: "+signed.SignatureInput+"\nSignature: "+signed.Signature+"\n")
	header := http.Header{"Content-Type": {"application/json"}, "X-Hasura-Role": {"user"}}
	signed.Set(header)
	base, err := AppendBase(nil, Message{Method: http.MethodPost, Header: header}, strings.TrimPrefix(signed.SignatureInput, "gatehouse="))
	if err != nil {
		t.Fatal(err)
	}
	has("signature base", "\n"+string(base)+"\n```")

	text, err := AppendCanonicalRequest(nil, []byte(`"query($a:Float $b:[Int!]){f(a:$a b:$b)}"`), []byte(`{ "b": [3, 2.0, 1e21], "a": -0, "\u00e9": "<\/>" }`))
	if err != nil {
		t.Fatal(err)
	}
	has("request", `{ "query": "query($a:Float $b:[Int!]){f(a:$a b:$b)}", "variables": { "b": [3, 2.0, 1e21], "a": -0, "\u00e9": "<\/>" } }`)
	has("canonical text", "\n"+string(text)+"\n")
	raw, err := NewKey("raw", secret.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	has("extension signature", `"`+string(raw.AppendMAC(nil, text))+`"`)
}
