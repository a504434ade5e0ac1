package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// TestHeads: a head of too many lines is refused before anything is made of it, whether a body follows or not, wherever it is sent
// and whatever came before. Lines of bodies do not count.
func TestHeads(t *testing.T) {
	t.Parallel()
	dial := listening(t, nil, func(*gateway.Config) {})
	const query, want = `{topProducts(first:1){name}}`, `{"data":{"topProducts":[{"name":"Table"}]}}`
	lines := func(n int) string { return strings.Repeat("a:\r\n", n) }
	for name, head := range map[string]string{
		"a body that does not come": "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n" + lines(10_000) + "\r\n",
		"elsewhere":                 "GET /health HTTP/1.1\r\nHost: x\r\n" + lines(199) + "\r\n",
		"without end":               "GET /health HTTP/1.1\r\n" + lines(500),
		"line feeds alone":          "GET /health HTTP/1.1\n" + strings.Repeat("a:\n", 10_000) + "\n",
		"empty lines before it":     "\r\n\r\nGET /health HTTP/1.1\r\n" + lines(10_000) + "\r\n",
	} {
		for _, before := range []bool{false, true} {
			if !before && strings.HasPrefix(head, "\r") { // which net/http takes behind a POST only
				continue
			}
			conn := dial()
			if before {
				sends(t, conn, query)
				if got := gets(t, conn); got != want {
					t.Fatal(got)
				}
			}
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			if name == "without end" {
				_ = conn.(interface{ CloseWrite() error }).CloseWrite()
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge || !response.Close || err != nil || len(text) == 0 {
				t.Errorf("%s: got %s %q, %v", name, response.Status, text, err)
			}
		}
	}
	conn := dial()
	body := strings.Repeat(" \n", 5_000) + ask(query)
	request := fmt.Sprintf(head+lines(180)+"\r\n%s", len(body), body)
	if _, err := io.WriteString(conn, strings.Repeat(request, 5)); err != nil { // each is counted for itself, also those that come early
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	for range 5 {
		if got := getsFrom(t, reader); got != want {
			t.Error(got)
		}
	}
}
