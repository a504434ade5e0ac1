package gateway_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestHeadersToSubgraphs is the table of docs/headers.md: what of a request reaches a subgraph under which rules.
func TestHeadersToSubgraphs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config string
		send   []string
		want   []string
	}{
		"nothing by default": {
			`{}`,
			[]string{"X-Request-Id: 1", "Authorization: Bearer x", "Cookie: a=b", "X-Forwarded-For: 1.2.3.4", "User-Agent: evil", "Accept: application/json"},
			[]string{"X-Request-Id", "Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "User-Agent: gatehouse", "Accept: application/graphql-response+json, application/json;q=0.9"},
		},
		"false": {`{"forwardClientHeaders":false}`, []string{"X-Request-Id: 1"}, []string{"X-Request-Id"}},
		"true": {
			`{"forwardClientHeaders":true}`,
			[]string{"X-Request-Id: 1", "authorization: Bearer x", "COOKIE: a=b", "X-A: 1", "x-a: 2", "X-Empty: ", "Origin: https://a", "User-Agent: evil/1"},
			[]string{
				"X-Request-Id: 1", "Authorization: Bearer x", "Cookie: a=b", "X-A: 1", "X-A: 2", "X-Empty: ",
				"Origin", "X-Forwarded-Origin: https://a", "User-Agent: gatehouse", "X-Forwarded-User-Agent: evil/1", "X-Forwarded-Host: api.example",
				"X-Forwarded-For: 127.0.0.1",
			},
		},
		"true, and what travels by name only": {
			`{"forwardClientHeaders":true}`,
			[]string{
				"Referer: 1", "Accept: application/json", "Accept-Encoding: br", "Accept-Language: de", "Accept-Datetime: 1", "Cache-Control: no-cache", "DNT: 1",
				"Sec-Fetch-Mode: cors", "Sec-X: 1", "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "Idempotency-Key: 1", "If-None-Match: 1", "Range: bytes=0-1",
				"Content-Language: de", "X-Forwarded-User-Agent: 1",
			},
			[]string{
				"Referer", "Accept: application/graphql-response+json, application/json;q=0.9", "Accept-Encoding: gzip", "Accept-Language", "Accept-Datetime", "Cache-Control",
				"DNT", "Sec-Fetch-Mode", "Sec-X", "X-Forwarded-Proto", "Forwarded", "Idempotency-Key", "If-None-Match", "Range", "Content-Language",
				"X-Forwarded-Accept", "X-Forwarded-User-Agent",
			},
		},
		"by name": {
			`{"forwardClientHeaders":["Referer","accept","accept-encoding","accept-language","accept-datetime","cache-control","dnt","sec-fetch-mode","x-forwarded-proto","forwarded","user-agent","origin","host"]}`,
			[]string{
				"Referer: 1", "Accept: application/json", "Accept-Encoding: br", "Accept-Language: de", "Accept-Datetime: 1", "Cache-Control: no-cache", "DNT: 1",
				"Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: x", "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "Origin: https://a", "User-Agent: evil",
				"X-Forwarded-Host: evil", "X-Forwarded-For: 1.1.1.1",
			},
			[]string{
				"Referer: 1", "Accept: application/graphql-response+json, application/json;q=0.9", "Accept-Encoding: gzip", "X-Forwarded-Accept: application/json",
				"X-Forwarded-Accept-Encoding: br", "Accept-Language: de", "Accept-Datetime: 1", "Cache-Control: no-cache", "DNT: 1", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest",
				"X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "Origin", "X-Forwarded-Origin: https://a", "User-Agent: gatehouse", "X-Forwarded-User-Agent: evil",
				"X-Forwarded-Host: api.example", "X-Forwarded-For",
			},
		},
		"true, and what never travels": {
			`{"forwardClientHeaders":true}`,
			[]string{
				"Keep-Alive: 5", "Proxy-Authorization: Basic eA==", "Proxy-Connection: x", "TE: trailers", "Upgrade: h2c", "HTTP2-Settings: x", "Content-MD5: x",
				"Content-Digest: x", "Digest: x", "Signature: x", "Signature-Input: x", "Graphql-Subgraph: other", "X-Gatehouse-Unauthorized: filter",
				"X-Hasura-Role: admin", "x_hasura_role: admin", "X-HASURA_Role: admin", "Content_Type: text/plain", "Traceparent: x", "Tracestate: x", "Baggage: x",
			},
			[]string{
				"Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Upgrade", "Http2-Settings", "Content-Md5", "Content-Digest", "Digest", "Signature",
				"Signature-Input", "Graphql-Subgraph", "X-Gatehouse-Unauthorized", "X-Hasura-Role", "X_hasura_role", "X-Hasura_role", "Content_type", "Content-Type: application/json",
				"Traceparent", "Tracestate", "Baggage",
			},
		},
		"named in Connection": {
			`{"forwardClientHeaders":true}`,
			[]string{"Connection: close, x-secret ,X-Other", "Connection: Origin, X-Forwarded-For", "X-Secret: 1", "X-OTHER: 1", "X-Third: 1", "Origin: https://a"},
			[]string{"Connection", "X-Secret", "X-Other", "X-Third: 1", "X-Forwarded-Origin", "X-Forwarded-For: 127.0.0.1"},
		},
		"named in Connection, and listed": {
			`{"forwardClientHeaders":["x-secret",{"from":"x-other","to":"x-new"}]}`,
			[]string{"Connection: x-secret", "Connection: X-Other", "X-Secret: 1", "X-Other: 1"},
			[]string{"X-Secret", "X-Other", "X-New"},
		},
		"Connection strips nothing of ours": {
			`{"headers":[{"name":"x-api-key","value":"k"}],"forwardClientHeaders":true}`,
			[]string{"Connection: x-api-key, content-type, x-forwarded-for"},
			[]string{"X-Api-Key: k", "Content-Type: application/json", "X-Forwarded-For: 127.0.0.1"},
		},
		"exact names": {
			`{"forwardClientHeaders":["X-REQUEST-ID","authorization"]}`,
			[]string{"x-request-id: 1", "X-Request-ID: 2", "X-Request-Idx: 3", "Authorization: Bearer t"},
			[]string{"X-Request-Id: 1", "X-Request-Id: 2", "X-Request-Idx", "Authorization: Bearer t"},
		},
		"patterns": {
			`{"forwardClientHeaders":["x-app-*","x-t*"]}`,
			[]string{"X-App-A: 1", "x-app-b: 2", "X-App: 3", "X-Apple: 4", "X-App-: 5", "X-Trace: 6", "X-Thing-One: 7", "Y-T: 8"},
			[]string{"X-App-A: 1", "X-App-B: 2", "X-App", "X-Apple", "X-App-: 5", "X-Trace: 6", "X-Thing-One: 7", "Y-T"},
		},
		"patterns match no name that is protected": {
			`{"forwardClientHeaders":["x-*","o*","a*","s*","c*","h*","d*"]}`,
			[]string{
				"X-Hasura-Role: admin", "X-Gatehouse-A: 1", "X-Forwarded-Proto: https", "X-Forwarded-For: 1.1.1.1", "X-Fine: 1", "Origin: https://a", "Accept-Language: de",
				"Sec-Fetch-Mode: cors", "Signature: x", "Cache-Control: no-cache", "Content-Digest: x", "DNT: 1", "Cookie: a=b", "Connection: keep-alive",
			},
			[]string{
				"X-Hasura-Role", "X-Gatehouse-A", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "X-Fine: 1", "Origin", "X-Forwarded-Origin", "Accept-Language",
				"Sec-Fetch-Mode", "Signature", "Cache-Control", "Content-Digest", "Dnt", "Cookie: a=b", "Connection",
			},
		},
		"renamed": {
			`{"forwardClientHeaders":[{"from":"GitHub-Authorization","to":"Authorization"},"x-*",{"from":"x-a","to":"x-b"}]}`,
			[]string{"Github-Authorization: Bearer gh", "Authorization: Bearer own", "X-A: 1", "X-A: 2", "X-C: 3"},
			[]string{"Authorization: Bearer gh", "Github-Authorization", "X-B: 1", "X-B: 2", "X-A", "X-C: 3"},
		},
		"renamed, the first that is there": {
			`{"forwardClientHeaders":[{"from":"x-a","to":"x-c"},{"from":"x-b","to":"x-c"},"x-c",{"from":"host","to":"x-host"}]}`,
			[]string{"X-B: b", "X-C: c"},
			[]string{"X-C: b", "X-A", "X-B", "X-Host: api.example"},
		},
		"configured": {
			`{"headers":[{"name":"x-gateway","value":"gatehouse"},{"name":"User-Agent","value":"shop/1"}]}`,
			[]string{"X-Gateway: client"},
			[]string{"X-Gateway: gatehouse", "User-Agent: shop/1"},
		},
		"of the subgraph before of all": {
			`{"headers":[{"name":"x-api-key","value":"all"},{"name":"x-other","value":"all"}],
			  "subgraphs":{"accounts":{"headers":[{"name":"X-API-Key","value":"accounts"}]},"reviews":{"headers":[{"name":"x-other","value":"reviews"}]}}}`,
			nil,
			[]string{"X-Api-Key: accounts", "X-Other: all"},
		},
		"the subgraph's own rules": {
			`{"forwardClientHeaders":true,"subgraphs":{"accounts":{"forwardClientHeaders":["x-a"]}}}`,
			[]string{"X-A: 1", "X-B: 2"}, []string{"X-A: 1", "X-B", "X-Forwarded-Host"},
		},
		"the subgraph wants nothing": {
			`{"forwardClientHeaders":true,"subgraphs":{"accounts":{"forwardClientHeaders":false}}}`,
			[]string{"X-A: 1"}, []string{"X-A", "X-Forwarded-Host"},
		},
		"configured before the client, in any case and with underscores": {
			`{"headers":[{"name":"x-API-key","value":"k"},{"name":"X_tenant","value":"t"}],"forwardClientHeaders":true}`,
			[]string{"X-Api-KEY: evil", "x_api_key: evil", "X-Tenant: evil"},
			[]string{"X-Api-Key: k", "X_api_key", "X_tenant: t", "X-Tenant"},
		},
		"a peer that nobody trusts": {
			`{"forwardClientHeaders":["x-forwarded-for"],"trustedProxies":["10.0.0.0/8","::1"]}`,
			[]string{"X-Forwarded-For: 1.2.3.4"}, []string{"X-Forwarded-For: 127.0.0.1"},
		},
		"a trusted proxy": {
			`{"forwardClientHeaders":["x-forwarded-for"],"trustedProxies":["10.0.0.0/8","127.0.0.1/32"]}`,
			[]string{"X-Forwarded-For: 1.2.3.4, 5.6.7.8", "x-forwarded-for: 9.9.9.9"}, []string{"X-Forwarded-For: 1.2.3.4, 5.6.7.8, 9.9.9.9, 127.0.0.1"},
		},
		"a trusted proxy that says nothing": {
			`{"forwardClientHeaders":true,"trustedProxies":["127.0.0.1"]}`, nil, []string{"X-Forwarded-For: 127.0.0.1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := shopGateway(t, meOnly(), withConfig(t, tc.config))
			got, _ := sendRaw(t, g, `{me{name}}`, tc.send...)
			requests := g.Requests()
			if got.body != `{"data":{"me":{"name":"Amara"}}}` || len(requests) != 1 {
				t.Fatalf("%d requests, got %d %s", len(requests), got.status, got.body)
			}
			wants(t, "the subgraph got", requests[0].Header, tc.want...)
		})
	}
}

// TestHeaderSecrets: values from the environment and from files.
func TestHeaderSecrets(t *testing.T) {
	t.Setenv("HEADERS_TEST_KEY", "from the environment")
	t.Setenv("HEADERS_TEST_LINES", "two\nlines")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := `{"headers":[{"name":"x-a","value":{"env":"HEADERS_TEST_KEY"}}],"subgraphs":{"accounts":{"headers":[{"name":"x-b","value":{"file":"key"}}]}}}`
	file := filepath.Join(dir, "gateway.json")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := gateway.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	g := shopGateway(t, meOnly(), func(c *gateway.Config) {
		c.HeaderConfig = loaded.HeaderConfig
		s := loaded.Subgraphs["accounts"]
		s.URL = c.Subgraphs["accounts"].URL
		c.Subgraphs["accounts"] = s
	})
	sendRaw(t, g, `{me{name}}`)
	wants(t, "the subgraph got", g.Requests()[0].Header, "X-A: from the environment", "X-B: from a file")

	for _, source := range []string{`{"env":"HEADERS_TEST_ABSENT"}`, `{"env":"HEADERS_TEST_LINES"}`, `{"file":"absent"}`} {
		parsed, err := gateway.ParseConfig([]byte(`{"headers":[{"name":"x-a","value":` + source + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		_, err = gateway.New(parsed, gateway.WithSupergraph([]byte(supergraphSDL(t))))
		if err == nil || !strings.Contains(err.Error(), `header "x-a"`) || strings.Contains(err.Error(), "two") {
			t.Errorf("%s: got %v", source, err)
		}
	}
}

// TestHeaderInjection: what is not one line of a header is refused before anything is asked.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, meOnly(), withConfig(t, `{"forwardClientHeaders":true}`))
	for _, value := range []string{"a\x00b", "a\x01b", "a\x7fb", "a\rX-Evil: 1"} {
		if got, _ := sendRaw(t, g, `{me{name}}`, "X-A: "+value); got.status != http.StatusBadRequest {
			t.Errorf("%q: got %d %s", value, got.status, got.body)
		}
	}
	if requests := g.Requests(); len(requests) > 0 {
		t.Errorf("asked: %v", requests)
	}
}

// TestHeaderConfigProblems: all problems at once, each at its path.
func TestHeaderConfigProblems(t *testing.T) {
	t.Parallel()
	_, err := gateway.ParseConfig([]byte(`{
		"headers": [
			{"name": "x-a", "value": "1"}, {"name": "X-A", "value": "2"}, {"name": "content-type", "value": "x"}, {"name": "Accept-Encoding", "value": "br"},
			{"name": "signature", "value": "x"}, {"name": "x y", "value": "x"}, {"name": "x-b"}, {"name": "x-c", "value": "a\nb"}, {"name": "x-d", "value": {"env": "A", "file": "b"}},
			{"name": "x-e", "value": 5}, {"name": "x-f", "value": {"env": "A", "encoding": "rot13"}}, {"name": "x-gatehouse-a", "value": "x"}, {"name": "host", "value": "x"},
			{"name": "idempotency-key", "value": "x"}, {"name": "te_", "value": "ok"}, {"name": "content_length", "value": "x"}
		],
		"forwardClientHeaders": [
			"x-ok", "connection", "x-hasura-role", "x_hasura_role", "x-hasura-*", "sec-*", "*", "a*b", "x y", {"from": "a", "to": "content-type"}, {"from": "a", "to": "user-agent"},
			{"from": "a", "to": "X-Forwarded-For"}, {"from": "a", "to": "x-gatehouse-b"}, {"from": "x-hasura-role", "to": "x-role"}, {"from": "a"}, {"to": "b"}, {"from": "a*", "to": "b"},
			{"from": "a", "to": "b*"}, {}, 7, "x-gatehouse-*", {"from": "a", "to": "x_hasura_user_id"}, "", {"from": "signature", "to": "x-sig"}, "user_agent"
		],
		"trustedProxies": ["127.0.0.1", "10.0.0.0/8", "10.0.0.1/8", "proxy", "::ffff:10.0.0.0/104", ""],
		"subgraphs": { "accounts": { "headers": [ {"name": "connection", "value": "x"} ], "forwardClientHeaders": [ "upgrade" ] }, "reviews": { "forwardClientHeaders": {"all": true} } }
	}`))
	want := []string{
		"headers[9].value: must be a string or an object, not a number",
		"forwardClientHeaders[19]: must be a string or an object, not a number",
		"subgraphs.reviews.forwardClientHeaders: must be true or false or a list, not an object",
		"headers[1].name: occurs twice in this list",
		"headers[2].name: is a header that only the gateway or the connection sets",
		"headers[3].name: is a header that only the gateway or the connection sets",
		"headers[4].name: is a header that only the gateway or the connection sets",
		"headers[5].name: is not the name of a header",
		`headers[6].value: must be a string, {"env": "NAME"} or {"file": "path"}`,
		"headers[7].value: must not contain line breaks or other control characters",
		`headers[8].value: must have "env" or "file", not both`,
		`headers[10].value.encoding: must be "utf8", "base64" or "hex"`,
		"headers[11].name: is a header that only the gateway or the connection sets",
		"headers[12].name: is a header that only the gateway or the connection sets",
		"headers[13].name: is a header that only the gateway or the connection sets",
		"headers[15].name: is a header that only the gateway or the connection sets",
		`forwardClientHeaders[1]: the header "connection" is never forwarded from a client`,
		`forwardClientHeaders[2]: the header "x-hasura-role" is never forwarded from a client`,
		`forwardClientHeaders[3]: the header "x_hasura_role" is never forwarded from a client`,
		"forwardClientHeaders[4]: such headers are never forwarded from a client",
		"forwardClientHeaders[5]: such headers are forwarded only when they are listed by their exact names",
		"forwardClientHeaders[6]: matches everything; say true in place of the list",
		"forwardClientHeaders[7]: is not the name of a header",
		"forwardClientHeaders[8]: is not the name of a header",
		"forwardClientHeaders[9].to: is a header that a client must not supply",
		"forwardClientHeaders[10].to: is a header that a client must not supply",
		"forwardClientHeaders[11].to: is a header that a client must not supply",
		"forwardClientHeaders[12].to: is a header that a client must not supply",
		`forwardClientHeaders[13].from: the header "x-hasura-role" is never forwarded from a client`,
		"forwardClientHeaders[14].to: must be the name of a header",
		"forwardClientHeaders[15].from: must be the name of a header",
		"forwardClientHeaders[16].from: must be the name of a header",
		"forwardClientHeaders[17].to: must be the name of a header",
		"forwardClientHeaders[18]: must be the name of a header",
		"forwardClientHeaders[20]: such headers are never forwarded from a client",
		"forwardClientHeaders[21].to: is a header that a client must not supply",
		"forwardClientHeaders[22]: must be the name of a header",
		`forwardClientHeaders[23].from: the header "signature" is never forwarded from a client`,
		`forwardClientHeaders[24]: is read by some servers as "user-agent"; write it like that`,
		"trustedProxies[2]: has bits behind its mask: the network would be 10.0.0.0/8",
		"trustedProxies[3]: must be an address or a network such as 10.0.0.0/8",
		"trustedProxies[4]: must be an address or a network such as 10.0.0.0/8",
		"trustedProxies[5]: must be an address or a network such as 10.0.0.0/8",
		"subgraphs.accounts.headers[0].name: is a header that only the gateway or the connection sets",
		`subgraphs.accounts.forwardClientHeaders[0]: the header "upgrade" is never forwarded from a client`,
	}
	compareProblems(t, err, want)
}

// compareProblems compares the problems of a configuration in any order.
func compareProblems(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(fmt.Sprint(err)) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "configuration") {
			got = append(got, line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("got the problem\n\t%s", line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing is the problem\n\t%s", line)
		}
	}
}
