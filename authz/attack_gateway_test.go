package authz_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// guarded serves a gateway over the example supergraph with the callers of the attack suite, and returns where. Nobody
// answers behind it.
func guarded(t *testing.T, lenient bool, log io.Writer) (address string) {
	t.Helper()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	if err != nil {
		t.Fatal(err)
	}
	config := gateway.DefaultConfig()
	config.Authorization.Policies.Sources.Claim = &authz.PolicyClaim{Claim: "policies"}
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"accounts": {URL: "http://127.0.0.1:1/graphql"}}
	g, err := gateway.New(config, gateway.WithSupergraph(sdl), gateway.WithAuthenticator(authz.AttackedBy(t, lenient)),
		gateway.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// logged is what gateways logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// check wants no part of a token in the log, which has something to say: that the subgraph cannot be reached.
func (l *logged) check(t *testing.T, attacks []authz.Attack) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() == 0 {
		t.Error("nothing is logged")
	}
	for _, attack := range attacks {
		for part := range strings.SplitSeq(attack.Token, ".") {
			if len(part) > 20 && strings.Contains(l.text.String(), part) {
				t.Errorf("%s: %s is in the log", attack.Name, part)
			}
		}
	}
}

// request sends header lines as they are, byte for byte: a client of the library would refuse some. It asks for the field me,
// which needs a caller.
func request(t *testing.T, address string, lines ...string) (status int, header http.Header, body string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const question = `{"query":"{me{id}}"}`
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n\r\n%s",
		len(question), strings.Join(lines, "\r\n"), question)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

// TestAttacksOnTheGateway sends every attack of the suite over a real connection to a real gateway: to one that refuses who
// is not recognised, where status, code and challenge are as they must be, and to one that lets them go on, where they are
// nobody. No token gets into an answer or a log.
func TestAttacksOnTheGateway(t *testing.T) {
	t.Parallel()
	var log logged
	strict, lenient := guarded(t, false, &log), guarded(t, true, &log)
	attacks := authz.Attacks(t)
	t.Cleanup(func() { log.check(t, attacks) })
	const unauthenticated = `{"errors":[{"message":"Unauthenticated","extensions":{"code":"UNAUTHENTICATED"}}]}`
	const nobody = `"extensions":{"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"me","reason":"UNAUTHENTICATED"}`
	for _, attack := range attacks {
		t.Run(attack.Name, func(t *testing.T) {
			t.Parallel()
			line := "Authorization: Bearer " + attack.Token
			status, header, body := request(t, strict, line)
			laxStatus, _, laxBody := request(t, lenient, line)
			challenge := header.Get("WWW-Authenticate")
			if len(attack.Token) > 40 && strings.Contains(body+laxBody+challenge, attack.Token[:40]) {
				t.Errorf("an answer has the token: %s %s %s", challenge, body, laxBody)
			}
			switch {
			case strings.Contains(attack.Token, "\x00"):
				if status != http.StatusBadRequest || laxStatus != http.StatusBadRequest { // from net/http
					t.Errorf("got %d and %d", status, laxStatus)
				}
			case attack.Status == http.StatusOK:
				if status != http.StatusOK || laxStatus != http.StatusOK || challenge != "" || strings.Contains(body+laxBody, "UNAUTH") {
					t.Errorf("got %d %s and %d %s", status, body, laxStatus, laxBody)
				}
			case attack.Status == http.StatusUnauthorized:
				if status != http.StatusUnauthorized || body != unauthenticated || !strings.HasPrefix(challenge, `Bearer error="invalid_token", error_description="`) {
					t.Errorf("got %d %s %s", status, challenge, body)
				}
				if laxStatus != http.StatusOK || !strings.Contains(laxBody, nobody) {
					t.Errorf("not refused: got %d %s", laxStatus, laxBody)
				}
			default:
				if status != attack.Status || laxStatus != attack.Status || !strings.Contains(body, `"code":"BAD_REQUEST"`) || laxBody != body {
					t.Errorf("got %d %s and %d %s", status, body, laxStatus, laxBody)
				}
			}
		})
	}
}

// TestSeveralTokensOnTheGateway: what stands at one place twice is 400, even if it is the same, and whichever is good.
func TestSeveralTokensOnTheGateway(t *testing.T) {
	t.Parallel()
	address := guarded(t, true, io.Discard)
	good := authz.Attacks(t)[0].Token
	for name, lines := range map[string][]string{
		"the same twice":        {"Authorization: Bearer " + good, "Authorization: Bearer " + good},
		"good, then bad":        {"Authorization: Bearer " + good, "Authorization: Bearer x"},
		"bad, then good":        {"Authorization: Bearer x", "authorization: bearer " + good},
		"in one line":           {"Authorization: Bearer " + good + ", Bearer " + good},
		"a header line on fold": {"Authorization: Bearer x", " " + good},
	} {
		if status, _, body := request(t, address, lines...); status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", name, status, body)
		}
	}
	// Another scheme beside it is not a token.
	if status, _, body := request(t, address, "Authorization: Basic eDp5", "Authorization: Bearer "+good); status != http.StatusOK || strings.Contains(body, "UNAUTH") {
		t.Errorf("got %d %s", status, body)
	}
}
