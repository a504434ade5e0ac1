package gateway

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// maxHeadLines is how many lines the head of a request may have. net/http reads heads before it asks anybody, and each line, however
// short, takes memory until its request is over: a client that sends one of many lines, and nothing else, would hold much.
const maxHeadLines = 200

// tooManyLines is the answer to one that has more.
const tooManyLines = "HTTP/1.1 431 Request Header Fields Too Large\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n431 Request Header Fields Too Large"

// headListener accepts connections on which heads are bounded.
type headListener struct{ net.Listener }

// Accept implements net.Listener.
func (l headListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err //nolint:wrapcheck // net/http looks at it
	}
	return &headConn{Conn: conn}, nil
}

// headConn counts the lines of the head that is being read.
type headConn struct {
	net.Conn
	lines int
	begun bool // there is something in the current line
	// over: the head was read. net/http may read while the handler runs.
	over atomic.Bool
}

// headChanged is for http.Server.ConnState: what a connection reads once it is idle is the next head.
func headChanged(conn net.Conn, state http.ConnState) {
	if c, ok := conn.(*headConn); ok && state == http.StateIdle {
		c.lines, c.begun = 0, false
		c.over.Store(false)
	}
}

// headOver tells the connection that what it reads now is no head. As a rule it knows, but not where a head came together with the
// request before it.
func headOver(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if one, ok := r.Context().Value(connectionKey{}).(*connection); ok {
			one.conn.(*headConn).over.Store(true) //nolint:forcetypeassert // there are no others
		}
		next.ServeHTTP(w, r)
	})
}

// Read implements net.Conn. Of a head with too many lines the rest is read, but not handed on, so that its sender gets to see the
// answer, which is the last.
func (c *headConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		c.count(b[:n])
		if c.lines <= maxHeadLines {
			return n, err //nolint:wrapcheck // net/http looks at it
		}
		if c.over.Load() || err != nil {
			_ = c.Conn.SetWriteDeadline(time.Now().Add(defaultPace.stall))
			_, _ = io.WriteString(c.Conn, tooManyLines)
			return 0, io.EOF
		}
	}
}

// CloseWrite is what net/http asks of a connection after an answer to a request that it did not read to its end, so that the client
// gets to see the answer.
func (c *headConn) CloseWrite() error {
	if conn, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite() //nolint:wrapcheck // net/http looks at it
	}
	return nil
}

// count looks for the end of the head, an empty line behind others.
func (c *headConn) count(text []byte) {
	if c.over.Load() {
		return
	}
	for _, b := range text {
		switch {
		case b == '\n' && c.begun:
			c.begun = false
			c.lines++
		case b == '\n' && c.lines > 0:
			c.over.Store(true)
			return
		case b != '\n' && b != '\r':
			c.begun = true
		}
	}
}
