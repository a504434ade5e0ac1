package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener for connections in memory, whose deadlines are those of a bubble.
type pipes chan net.Conn

// Accept implements net.Listener.
func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (p pipes) Close() error {
	close(p)
	return nil
}

// Addr implements net.Listener.
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// TestPace: a client that reads on and on gets everything, also when that takes longer than one that stalls has, and its connection
// goes on to work. Who reads too slowly, or not at all, is cut off.
func TestPace(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.pace = pace{stall: 2 * time.Second, rate: 2 * partBytes}
	const parts = 64
	text := bytes.Repeat([]byte("x"), parts*partBytes)
	for name, tc := range map[string]struct {
		pause time.Duration // before each part
		got   int           // parts
	}{
		"at once":    {0, parts},
		"slowly":     {500 * time.Millisecond, parts}, // within half a minute, as the rate says
		"too slowly": {1900 * time.Millisecond, 17},   // within 34 s
		"not at all": {time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				listener, served := make(pipes), make(chan error, 1)
				ctx, stop := context.WithCancel(t.Context())
				go func() {
					served <- g.serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path != "/long" {
							g.ServeHTTP(w, r)
							return
						}
						w.Header().Set("Content-Length", strconv.Itoa(len(text)))
						g.pace.write(r.Context(), w, text)
					}), 16)
				}()
				client, server := net.Pipe()
				listener <- server
				if got := reads(t, client, tc.pause); got/partBytes != tc.got {
					t.Errorf("got %d bytes, want %d parts of %d", got, tc.got, partBytes)
				} else if tc.got == parts {
					goesOn(t, client)
				}
				_ = client.Close()
				stop()
				if err := <-served; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// reads asks for the long answer, pauses before each part of it, and returns how much it got.
func reads(t *testing.T, connection net.Conn, pause time.Duration) (n int) {
	t.Helper()
	if _, err := io.WriteString(connection, "GET /long HTTP/1.1\r\nHost: g\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReaderSize(connection, 16), nil) //nolint:bodyclose // the connection is closed
	if err != nil {
		t.Fatal(err)
	}
	for part := make([]byte, partBytes); ; {
		time.Sleep(pause)
		got, err := io.ReadFull(answer.Body, part)
		if n += got; int64(n) == answer.ContentLength {
			return n
		}
		if err != nil {
			if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return n
		}
	}
}

// goesOn asks for another answer.
func goesOn(t *testing.T, connection net.Conn) {
	t.Helper()
	if _, err := io.WriteString(connection, "GET /health HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(connection); err != nil || !strings.HasSuffix(string(rest), `{"status":"ok"}`) {
		t.Errorf("got %.300s, %v", rest, err)
	}
}

// unread sends a request and reads nothing of its answer, which is short.
func unread(t *testing.T, listener pipes) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	listener <- server
	const body = `{"query":"{__typename}"}`
	if _, err := fmt.Fprintf(client, "POST /graphql HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	return client
}

// TestShortUnread: who does not read a short answer is cut off as soon as with a long one, and at once where others have need of the
// place.
func TestShortUnread(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.pace.stall = 2 * time.Second
	synctest.Test(t, func(t *testing.T) {
		listener, served := make(pipes), make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { served <- g.serve(ctx, listener, g, 2) }()
		begin := time.Now()
		first := unread(t, listener)
		synctest.Wait()
		second := unread(t, listener)
		synctest.Wait()
		third := unread(t, listener) // one too many
		closed := func(client net.Conn) time.Duration {
			_, err := client.Write(make([]byte, 8<<10)) // nobody takes as much from who has not read
			if !errors.Is(err, io.ErrClosedPipe) {
				t.Error(err)
			}
			return time.Since(begin)
		}
		if first, second := closed(first), closed(second); first != 0 || second != g.pace.stall {
			t.Errorf("the first is closed after %s, the second after %s", first, second)
		}
		_ = third.Close()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
}
