package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/gateway"
)

// listening runs a gateway on a listener of its own, as "gatehouse serve" does, and returns what dials it.
func listening(t *testing.T, handlers map[string]http.Handler, change func(*gateway.Config)) func() net.Conn {
	t.Helper()
	g := shopGateway(t, handlers, change)
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- g.Handler.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return func() net.Conn {
		var dialer net.Dialer
		conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
}

// head is that of a request with a body.
const head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"

// sends writes a request.
func sends(t *testing.T, conn net.Conn, document string) {
	t.Helper()
	body := ask(document)
	if _, err := fmt.Fprintf(conn, head+"\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
}

// begins writes a request of which the end is missing, and waits until the gateway wants its body.
func begins(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := fmt.Fprintf(conn, head+"Expect: 100-continue\r\n\r\n", 100); err != nil {
		t.Fatal(err)
	}
	goOn := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, goOn); err != nil || !strings.Contains(string(goOn), " 100 ") {
		t.Fatalf("got %q, %v", goOn, err)
	}
	if _, err := conn.Write([]byte(`{"query"`)); err != nil {
		t.Fatal(err)
	}
}

// gets reads an answer, the only one.
func gets(t *testing.T, conn net.Conn) string {
	t.Helper()
	return getsFrom(t, bufio.NewReader(conn))
}

// getsFrom reads the next answer.
func getsFrom(t *testing.T, from *bufio.Reader) string {
	t.Helper()
	response, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// isClosed waits until the gateway has closed a connection on which it says nothing.
func isClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	if got, _ := io.ReadAll(conn); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

// TestConnectionsAreBounded: of too many connections the one that says nothing for the longest time is closed, be it before its first
// request, between two, or within one; the others are answered.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	const query, want = `{topProducts(first:1){name}}`, `{"data":{"topProducts":[{"name":"Table"}]}}`
	dial := listening(t, nil, func(c *gateway.Config) { c.Limits.Connections = 3 })
	silent, half := dial(), dial()
	begins(t, half)
	idle := dial()
	sends(t, idle, query)
	if got := gets(t, idle); got != want {
		t.Fatal(got)
	}
	for _, victim := range []net.Conn{silent, half} {
		fresh := dial()
		isClosed(t, victim)
		sends(t, fresh, query)
		if got := gets(t, fresh); got != want {
			t.Error(got)
		}
	}
	sends(t, idle, query)
	if got := gets(t, idle); got != want {
		t.Error(got)
	}
}

// TestRequestsAreNotBrokenOff: where all connections have requests that are being answered, a new one is closed.
func TestRequestsAreNotBrokenOff(t *testing.T) {
	t.Parallel()
	arrived, proceed := make(chan struct{}), make(chan struct{})
	products := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-proceed
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
	})
	dial := listening(t, map[string]http.Handler{"products": products}, func(c *gateway.Config) {
		c.Limits.Connections, c.Upstream.Share = 2, false
	})
	busy := []net.Conn{dial(), dial()}
	for _, conn := range busy {
		sends(t, conn, `{topProducts(first:1){name}}`)
		<-arrived
	}
	isClosed(t, dial())
	close(proceed)
	for _, conn := range busy {
		if got := gets(t, conn); !strings.Contains(got, `"topProducts":[]`) {
			t.Error(got)
		}
	}
}
