package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

const signingSecret = "the secret of the tests of the verb verify"

// captured returns a signed request as it is on the wire, and when it was signed.
func captured(t *testing.T) (request, at string) {
	t.Helper()
	secret := signature.Secret{ID: "2026-11", Bytes: []byte(signingSecret)}
	derived, err := secret.Derive("reviews")
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.NewKey(secret.ID, derived)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signer, err := signature.NewSigner(signature.SignerConfig{Subgraph: "reviews", Key: key, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signature.NewKey("raw", secret.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	const asked = `{"query":"{a}","variables":{"a":1}`
	body := asked + `,"extensions":{"jwt":{"payload":{"sub":"1"}},"hmac-signature":"` + string(raw.AppendMAC(nil, []byte(asked+"}"))) + `"}}`
	signed, err := signer.Sign([]byte(body), []signature.Field{{Name: "x-session-role", Value: "user"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://reviews.example/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Session-Role", "user")
	signed.Set(r.Header)
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	return text.String(), now.Format(time.RFC3339)
}

func TestVerify(t *testing.T) {
	t.Setenv("VERIFY_TEST_SECRET", signingSecret)
	t.Setenv("VERIFY_TEST_OTHER", strings.Repeat("other", 8))
	derived, err := signature.Secret{Bytes: []byte(signingSecret)}.Derive("reviews")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("VERIFY_TEST_KEY", base64.StdEncoding.EncodeToString(derived))
	request, at := captured(t)
	ours := []string{"--secret-env", "VERIFY_TEST_SECRET", "--subgraph", "reviews", "--at", at}
	replace := func(old, text string) string {
		if !strings.Contains(request, old) {
			t.Fatalf("%q is not in the request", old)
		}
		return strings.Replace(request, old, text, 1)
	}
	for name, tc := range map[string]struct {
		request   string
		arguments []string
		code      error
		want      []string
	}{
		"good":                 {request, ours, nil, []string{"The message signature holds.", "The extension signature holds.", `"@signature-params": ("@method"`, `{"query":"{a}","variables":{"a":1}}`}},
		"as an editor left it": {strings.ReplaceAll(request, "\r\n", "\n") + "\n", ours, nil, []string{"note: 1 bytes follow", "The message signature holds."}},
		"with the derived key": {request, []string{"--key-env", "VERIFY_TEST_KEY", "--at", at}, nil, []string{"The message signature holds.", "nothing is checked"}},
		"the identity":         {replace(`"sub":"1"`, `"sub":"2"`), ours, signature.Invalid, []string{"digest       SIGNATURE_INVALID", "mac          ok", "The extension signature holds."}},
		"a variable":           {replace(`"a":1`, `"a":2`), ours, signature.Invalid, []string{"digest       SIGNATURE_INVALID", "It holds for none of the texts"}},
		"the audience":         {replace("Graphql-Subgraph: reviews", "Graphql-Subgraph: accounts"), ours, signature.WrongAudience, []string{`if graphql-subgraph was "reviews"`}},
		"the content type":     {replace("Content-Type: application/json", "Content-Type: application/json; charset=utf-8"), ours, signature.Invalid, []string{`if content-type was "application/json"`}},
		"a session header":     {replace("X-Session-Role: user", "X-Session-Role: user\r\nX-Session-User: 1"), ours, signature.Invalid, []string{"session      SIGNATURE_INVALID", "mac          ok"}},
		"another key":          {request, []string{"--secret-env", "VERIFY_TEST_OTHER", "--subgraph", "reviews", "--at", at}, signature.Invalid, []string{"or the key is another"}},
		"expired":              {request, []string{"--secret-env", "VERIFY_TEST_SECRET", "--at", "2031-01-01T00:00:00Z"}, signature.Expired, []string{"time         SIGNATURE_EXPIRED", "note: --subgraph is not given"}},
		"another id":           {request, append([]string{"--key-id", "old"}, ours...), signature.UnknownKey, []string{`made with the key that is called "old" here, and names "2026-11"`}},
		"not derived": {request, []string{"--secret-env", "VERIFY_TEST_KEY", "--secret-encoding", "base64", "--subgraph", "reviews", "--at", at}, signature.Invalid, []string{
			"the key that is called \"the secret itself, not derived for the subgraph\"",
		}},
		"another's signature first": {replace("Signature-Input: ", "Signature-Input: proxy=(\"@method\");keyid=\"proxy\";tag=\"proxy\", "), ours, nil, []string{"The message signature holds."}},
		"what controls a terminal":  {replace("X-Session-Role: user", "X-Session-Role: user\u009b1m"), ours, signature.Invalid, []string{`user\u009b1m`}},
		"nothing":                   {"POST / HTTP/1.1\r\nHost: a\r\n\r\n{}", ours, signature.Missing, []string{"There is neither"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := newRoot()
			var out bytes.Buffer
			root.SetIn(strings.NewReader(tc.request))
			root.SetOut(&out)
			root.SetErr(&out)
			root.SetArgs(append([]string{"verify"}, tc.arguments...))
			err := root.ExecuteContext(t.Context())
			if tc.code == nil && err != nil || tc.code != nil && !errors.Is(err, tc.code) {
				t.Errorf("got %v, want %v\n%s", err, tc.code, out.String())
			}
			for _, want := range tc.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is not in\n%s", want, out.String())
				}
			}
			if strings.ContainsAny(out.String(), "\x1b\u009b") {
				t.Errorf("the terminal is controlled by %q", out.String())
			}
			for _, hidden := range []string{signingSecret, base64.StdEncoding.EncodeToString(derived), "otherother"} {
				if strings.Contains(out.String(), hidden) {
					t.Errorf("a secret is printed:\n%s", out.String())
				}
			}
		})
	}
}

func TestDerive(t *testing.T) {
	t.Setenv("DERIVE_TEST_SECRET", "an example secret, never a real one")
	// The worked example of docs/signing.md.
	const want = "455032c0e7a8e78d214c475540f53b70c2b1204bc824a972f0d588880c1e30c9\n"
	out, err := run(t, "keys", "derive", "--subgraph", "reviews", "--secret-env", "DERIVE_TEST_SECRET", "--encoding", "hex")
	if err != nil || !strings.HasSuffix(out, "32 bytes in hex:\n"+want) && !strings.HasPrefix(out, want) {
		t.Errorf("got %q, %v", out, err)
	}
	t.Setenv("DERIVE_TEST_SECRET", "short and secret")
	for _, arguments := range [][]string{{}, {"--encoding", "rot13"}, {"--secret-encoding", "hex"}} {
		out, err := run(t, append([]string{"keys", "derive", "--subgraph", "reviews", "--secret-env", "DERIVE_TEST_SECRET"}, arguments...)...)
		if err == nil || strings.Contains(err.Error()+out, "short and secret") {
			t.Errorf("%v: got %q, %v", arguments, out, err)
		}
	}
}
