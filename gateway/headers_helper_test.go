package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// withConfig gives a gateway what a configuration file says, but for the URLs of subgraphs.
func withConfig(tb testing.TB, text string) func(*gateway.Config) {
	tb.Helper()
	parsed, err := gateway.ParseConfig([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return func(c *gateway.Config) {
		subgraphs := map[supergraph.SubgraphName]upstream.SubgraphConfig{}
		for name, known := range c.Subgraphs {
			s := parsed.Subgraphs[name]
			s.URL = known.URL
			subgraphs[name] = s
		}
		parsed.Subgraphs = subgraphs
		parsed.Authorization.AllowUnconfigured = true
		*c = parsed
	}
}

// sendRaw posts a document with header lines as they are, and returns the answer, its header lines in their order as well.
func sendRaw(tb testing.TB, g *gatewaytest.Gateway, document string, lines ...string) (got answer, received []string) {
	tb.Helper()
	u, err := url.Parse(g.URL)
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", u.Host)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body := ask(document)
	lines = append(slices.Clone(lines), "Host: api.example", "Content-Type: application/json", fmt.Sprint("Content-Length: ", len(body)))
	text := "POST " + gateway.Endpoint + " HTTP/1.1\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n" + body
	if _, err := io.WriteString(conn, text); err != nil {
		tb.Fatal(err)
	}
	var seen strings.Builder
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &seen)), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	head, _, _ := strings.Cut(seen.String(), "\r\n\r\n")
	return answer{response.StatusCode, response.Header, string(content)}, strings.Split(head, "\r\n")[1:]
}

// canned answers every request with these header lines ("Name: value") and this body.
func canned(body string, lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Add(name, value)
		}
		_, _ = io.WriteString(w, body)
	}
}

// meOnly replaces the subgraph that knows me.
func meOnly() map[string]http.Handler {
	return map[string]http.Handler{"accounts": canned(`{"data":{"me":{"name":"Amara"}}}`)}
}

// wants compares headers with lines "Name: value"; a line "Name" wants none of that name. Lines with the same name are its
// values in order.
func wants(tb testing.TB, what string, header http.Header, lines ...string) {
	tb.Helper()
	want := map[string][]string{}
	for _, line := range lines {
		name, value, given := strings.Cut(line, ": ")
		name = http.CanonicalHeaderKey(name)
		if !given {
			want[name] = nil
			continue
		}
		want[name] = append(want[name], value)
	}
	for name, values := range want {
		if fmt.Sprintf("%q", header[name]) != fmt.Sprintf("%q", values) {
			tb.Errorf("%s: %s is %q, want %q", what, name, header[name], values)
		}
	}
}
