package shop_test

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// serving runs a program of the examples and returns its address.
func serving(t *testing.T, name string, arguments ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := shop.Serve(ctx, writer, name, append([]string{"--listen", "127.0.0.1:0"}, arguments...))
		_ = writer.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	line := make([]byte, 200)
	n, err := reader.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`http://\S+`).FindString(string(line[:n]))
}

// posted sends a request with headers and returns status and body.
func posted(t *testing.T, url, body string, header http.Header) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header.Clone()
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestServeSigned: a subgraph alone answers what is signed with its key, and nobody else.
func TestServeSigned(t *testing.T) {
	key, err := signature.NewKey("k", []byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SUBGRAPH_HMAC_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=") // these bytes
	t.Setenv("SUBGRAPH_HMAC_KEY_ID", "k")
	url := serving(t, "accounts")
	status, body := posted(t, url, `{"query":"{me{name}}"}`, http.Header{})
	if status != http.StatusUnauthorized || !strings.Contains(body, "SIGNATURE_MISSING") {
		t.Errorf("unsigned: %d %s", status, body)
	}
	signer, err := signature.NewSigner(signature.SignerConfig{Subgraph: "accounts", Key: key, Expires: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	const asked = `{"query":"{me{name}}","extensions":{"jwt":{"payload":{"sub":"4"}}}}`
	signed, err := signer.Sign([]byte(asked), nil)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	signed.Set(header)
	if status, body := posted(t, url, asked, header); status != http.StatusOK || body != `{"data":{"me":{"name":"Dara Singh"}}}` {
		t.Errorf("signed: %d %s", status, body)
	}
	if status, body := posted(t, url, asked, header); status != http.StatusUnauthorized || !strings.Contains(body, "SIGNATURE_REPLAYED") {
		t.Errorf("again: %d %s", status, body)
	}
	response, err := http.Get(strings.TrimSuffix(url, "/graphql") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	counted, err := io.ReadAll(response.Body)
	for _, want := range []string{`{result="ACCEPTED"} 1`, `{result="SIGNATURE_MISSING"} 1`, `{result="SIGNATURE_REPLAYED"} 1`} {
		if err != nil || !strings.Contains(string(counted), "gatehouse_subgraph_verifications_total"+want) {
			t.Errorf("%s is not in %s, %v", want, counted, err)
		}
	}
}

// TestServeUnsigned: without a key only when that is said; nobody is the caller then, whatever a request says.
func TestServeUnsigned(t *testing.T) {
	url := serving(t, "accounts", "--unsigned")
	status, body := posted(t, url, `{"query":"{me{name} users{id}}","extensions":{"jwt":{"payload":{"sub":"1"}}}}`, http.Header{})
	if status != http.StatusOK || !strings.HasPrefix(body, `{"data":{"me":null,"users":[{"id":"1"}`) {
		t.Errorf("got %d %s", status, body)
	}
	url = serving(t, "monolith", "--caller", "2")
	if _, body := posted(t, url, `{"query":"{me{name}}"}`, http.Header{}); body != `{"data":{"me":{"name":"Bruno Keller"}}}` {
		t.Errorf("got %s", body)
	}
	for _, tc := range []struct{ key, id, want string }{
		{"not base64!", "k", "SUBGRAPH_HMAC_KEY: the secret is not base64"},
		{"c2hvcnQ=", "k", "at least 32"},
		{"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "", "has no id"},
	} {
		t.Setenv("SUBGRAPH_HMAC_KEY", tc.key)
		t.Setenv("SUBGRAPH_HMAC_KEY_ID", tc.id)
		err := shop.Serve(t.Context(), io.Discard, "accounts", []string{"--listen", "127.0.0.1:0"})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: got %v, want %s", tc.key, err, tc.want)
		}
	}
}
