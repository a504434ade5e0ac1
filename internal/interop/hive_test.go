//go:build unix

package interop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

// claims are what tokens of these tests say, with characters that are escaped in one language and not in another.
const claims = `{"sub":"ada <a&b>","scope":"read write","org":{"id":7,"name":"Häuser\u2028😀"},"ratio":0.1,"big":1e21}`

// tokenOf returns a token with the claims.
func tokenOf(tb testing.TB, claims string) string {
	tb.Helper()
	var payload jwt.MapClaims
	if err := json.Unmarshal([]byte(claims), &payload); err != nil {
		tb.Fatal(err)
	}
	payload["exp"] = expiry
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, payload).SignedString([]byte(tokenSecret))
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// expiry is one for all tokens, so that the forwarded payload can be compared.
var expiry = time.Now().Add(time.Hour).Unix()

// forwarded returns the payload of a token as subgraphs get it.
func forwarded(claims string) string {
	return fmt.Sprintf(`%s,"exp":%d}`, strings.TrimSuffix(claims, "}"), expiry)
}

// serveHive starts Hive Gateway over the two subgraphs, with forwarding and extension signatures.
func serveHive(t *testing.T, s *subgraphs) string {
	t.Helper()
	needs(t, "hive", "@graphql-hive/gateway")
	file := filepath.Join(t.TempDir(), "supergraph.graphql")
	if err := os.WriteFile(file, []byte(supergraph(t, s.people.URL, s.notes.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	hive := serve(t, "hive", "/healthcheck",
		[]string{"SUPERGRAPH=" + file, "JWT_SECRET=" + tokenSecret, "HMAC_SECRET=" + extensionSecret, "NODE_ENV=production"},
		"node_modules/@graphql-hive/gateway/dist/bin.js", "supergraph", "--host", "127.0.0.1", "--port", "PORT", "--fork", "1",
		"--config-path", "gateway.config.mjs")
	return hive.URL + "/graphql"
}

type operation struct {
	Query         string          `json:"query"`
	OperationName string          `json:"operationName,omitempty"`
	Variables     json.RawMessage `json:"variables,omitempty"`
}

// everything asks both subgraphs, one of them for an entity.
var everything = operation{
	`query First($id: ID!, $text: String!, $value: JSON) { caller echo(value: $value) person(id: $id) { name seenBy notes(containing: $text) } }
	query Other { caller }`,
	"First", json.RawMessage(`{"id":"1","text":"& <Küsse> 😀","value":{"z":1.0,"a":[null,{"\u00e9":"\u2028"}],"n":-0.5e-7}}`),
}

// answer is what everything is answered with, when the subgraphs take these for the caller.
func answer(people, notes string) string {
	return `{"data":{"caller":` + people + `,"echo":{"z":1,"a":[null,{"é":"\u2028"}],"n":-0.5e-7},` +
		`"person":{"name":"Person 1","seenBy":` + notes + `,"notes":["Grüße & <Küsse> 😀"]}}}`
}

// TestHive has Hive Gateway ask our subgraphs: what it signs verifies, and who it says is asking is believed only where that is
// configured.
func TestHive(t *testing.T) {
	t.Parallel()
	s := serveSubgraphs(t)
	url := serveHive(t, s)
	token := tokenOf(t, claims)
	caller := `{"payload":` + forwarded(claims) + `,"token":{"value":"` + token + `","prefix":"Bearer"}}`

	extensionOnly := subgraph.Config{Require: subgraph.ExtensionSignature}
	trusting := subgraph.Config{Require: subgraph.ExtensionSignature, TrustUnsignedIdentity: true}
	for _, tc := range []struct {
		name, token string
		config      subgraph.Config
		caller      string
	}{
		{"trusting", token, trusting, caller},
		{"trusting, anonymous", "", trusting, "null"},
		{"not trusting", token, extensionOnly, "null"},
		{"either signature", token, subgraph.Config{Require: subgraph.Either}, "null"},
	} {
		s.verify(t, extensionSecret, tc.config)
		status, got := ask(t, url, tc.token, everything)
		if status != http.StatusOK {
			t.Errorf("%s: got %d %s", tc.name, status, got)
			continue
		}
		sameJSON(t, got, answer(tc.caller, tc.caller))
	}

	for _, tc := range []struct {
		name, secret string
		config       subgraph.Config
	}{
		{"another secret", strings.ToUpper(extensionSecret), trusting},
		{"a message signature is required", extensionSecret, subgraph.Config{}},
	} {
		s.verify(t, tc.secret, tc.config)
		if _, got := ask(t, url, token, everything); strings.Contains(got, "Person 1") || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s: got %s", tc.name, got)
		}
	}

	s.verify(t, extensionSecret, extensionOnly)
	hiveValues(t, url)
	hiveForgeries(t, s, url, token)
}

// hiveValues sends random values through Hive Gateway, as variables and from one subgraph to the other: whatever it signs is what we
// verify.
func hiveValues(t *testing.T, url string) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		value := randomJSON(random, 4)
		body := []byte(`{"query":"query($value:JSON,$id:ID!){echo(value:$value) person(id:$id){repeated}}","variables":{"value":` + value +
			`,"id":"` + base64.StdEncoding.EncodeToString([]byte(value)) + `"}}`)
		status, got := ask(t, url, "", body)
		if status != http.StatusOK {
			t.Errorf("%s: got %d %s", body, status, got)
			continue
		}
		sameJSON(t, got, `{"data":{"echo":`+value+`,"person":{"repeated":`+value+`}}}`)
	}
}

// hiveForgeries changes requests that Hive Gateway signed on their way to the subgraph.
func hiveForgeries(t *testing.T, s *subgraphs, url, token string) {
	t.Helper()
	s.take()
	ask(t, url, token, everything)
	captured := s.take()
	if len(captured) != 2 {
		t.Fatalf("the subgraphs got %d requests, want 2", len(captured))
	}
	for _, r := range captured {
		target := map[string]string{"people": s.people.URL, "notes": s.notes.URL}[r.subgraph]
		body := string(r.body)
		if status, got := ask(t, target, "", r.body); status != http.StatusOK || strings.Contains(got, `"errors"`) {
			t.Errorf("%s, unchanged: got %d %s", r.subgraph, status, got)
		}
		for _, change := range []struct {
			old, new string
			code     string // "" when it goes unnoticed
		}{
			{`id":"1"`, `id":"2"`, "SIGNATURE_INVALID"},
			{`{"query":"`, `{"query":" `, "SIGNATURE_INVALID"},
			{`"hmac-signature"`, `"hmac"`, "SIGNATURE_MISSING"},
			{`"hmac-signature":"`, `"hmac-signature":"A`, "SIGNATURE_INVALID"},
			{`{"query":`, `{"Query":"{__typename}","query":`, "REQUEST_UNSUPPORTED"},
			{`{"query":`, `{"query":"{__typename}","query":`, "REQUEST_UNSUPPORTED"},
			// What this signature does not cover: nobody is believed to be root.
			{`"sub":"ada`, `"sub":"root`, ""},
		} {
			forged := strings.Replace(body, change.old, change.new, 1)
			if forged == body {
				t.Errorf("%s: %s is not in %s", r.subgraph, change.old, body)
				continue
			}
			status, got := ask(t, target, "", []byte(forged))
			switch {
			case change.code != "" && (status != http.StatusUnauthorized && status != http.StatusBadRequest || !strings.Contains(got, change.code)):
				t.Errorf("%s, %s: got %d %s, want %s", r.subgraph, change.new, status, got, change.code)
			case change.code == "" && (status != http.StatusOK || strings.Contains(got, "root")):
				t.Errorf("%s, %s: got %d %s", r.subgraph, change.new, status, got)
			}
		}
	}
}
