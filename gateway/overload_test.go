package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// over serves a gateway over the example supergraph on a real listener, its subgraphs replaced by the given ones. Nobody is given
// up for being slow, which anybody can be on a busy machine, unless a change says so.
func over(t *testing.T, subgraphs map[string]http.HandlerFunc, change func(g *Config), more func(g *Gateway)) (g *Gateway, address string) {
	t.Helper()
	config := DefaultConfig()
	config.Supergraph.Path = "../examples/subgraphs/supergraph-open.graphql"
	config.Limits.RequestTimeout, config.Upstream.Timeout = time.Hour, time.Hour
	config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{}
	for name, handler := range subgraphs {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		config.Subgraphs[supergraph.SubgraphName(name)] = upstream.SubgraphConfig{URL: server.URL}
	}
	if change != nil {
		change(&config)
	}
	g, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	g.pace.stall, g.state.Load().admission.longest = time.Hour, time.Hour
	if more != nil {
		more(g)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = g.Serve(ctx, listener) // requests that hang are broken off by the clients' end of the test
	}()
	t.Cleanup(func() {
		stop()
		<-served
	})
	return g, listener.Addr().String()
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 30_000 { // minutes
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never happens that %s", what)
}

// products answers topProducts with n products whose names have a kilobyte.
func products(n int) http.HandlerFunc {
	body := `{"data":{"topProducts":[` + strings.TrimSuffix(strings.Repeat(`{"name":"`+strings.Repeat("x", 1<<10)+`"},`, n), ",") + `]}}`
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// send opens a connection, sends a request, and does not read.
func send(t *testing.T, address, document string) *net.TCPConn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	tcp, _ := connection.(*net.TCPConn)
	_ = tcp.SetReadBuffer(16 << 10)
	body, _ := json.Marshal(map[string]string{"query": document})
	if _, err := fmt.Fprintf(tcp, "POST /graphql HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	return tcp
}

// TestNeverReads: a client that does not read holds its response and nothing else, and not for long.
func TestNeverReads(t *testing.T) {
	t.Parallel()
	const size = 16 << 20
	subgraphs := map[string]http.HandlerFunc{"products": products(size >> 10)}
	t.Run("holds no more than its response", func(t *testing.T) {
		t.Parallel()
		g, address := over(t, subgraphs, nil, nil)
		memory := g.state.Load().memory
		connection := send(t, address, `{topProducts{name}}`)
		high := int64(0)
		eventually(t, "answers of subgraphs are given back while the response is not read", func() bool {
			used := memory.Used()
			high = max(high, used)
			return high > size && used > 0 && used < 3*size/2
		})
		_ = connection.Close()
		eventually(t, "nothing is held", func() bool { return memory.Used() == 0 })
	})
	t.Run("is cut off", func(t *testing.T) {
		t.Parallel()
		g, address := over(t, subgraphs, nil, func(g *Gateway) { g.pace = pace{stall: 300 * time.Millisecond, rate: 1 << 30} })
		connection := send(t, address, `{topProducts{name}}`)
		if _, err := connection.Read(make([]byte, 1)); err != nil { // the response has begun
			t.Fatal(err)
		}
		eventually(t, "nothing is held", func() bool { return g.state.Load().memory.Used() == 0 })
		if got, _ := io.Copy(io.Discard, connection); got >= size {
			t.Errorf("got %d bytes of a response that was given up", got)
		}
	})
}

// post sends a document over HTTP.
func post(t *testing.T, address, document string) (status int, header http.Header, text string) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"query": document})
	answer, err := http.Post("http://"+address+Endpoint, "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Error(err)
		return 0, nil, ""
	}
	defer func() { _ = answer.Body.Close() }()
	read, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, answer.Header, string(read)
}

// TestConcurrentRequests: so many are executed, so many wait, and the next is told to come back.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	proceed := make(chan struct{})
	arrived := make(chan struct{}, 10)
	g, address := over(t, map[string]http.HandlerFunc{"products": func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-proceed
		_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
	}}, func(c *Config) {
		c.Limits.ConcurrentRequests, c.Limits.QueuedRequests = 2, 1
		c.Upstream.Share = false
	}, nil)
	var group sync.WaitGroup
	ask := func() {
		group.Go(func() {
			if status, _, body := post(t, address, `{topProducts{name}}`); status != http.StatusOK || body != `{"data":{"topProducts":[]}}` {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
	ask()
	ask()
	<-arrived
	<-arrived
	ask()
	eventually(t, "the third waits", func() bool { return len(g.state.Load().admission.queue) == 1 })
	status, header, body := post(t, address, `{topProducts{name}}`)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" ||
		!strings.Contains(body, `"code":"SERVICE_UNAVAILABLE"`) {
		t.Errorf("the fourth got %d %v %s", status, header, body)
	}
	if len(arrived) > 0 {
		t.Error("more than two are executed")
	}
	close(proceed)
	group.Wait()
	if a := g.state.Load().admission; len(a.slots) > 0 || len(a.queue) > 0 {
		t.Errorf("%d places and %d places in the queue are never given back", len(a.slots), len(a.queue))
	}
}

// TestNewOperationsWaitAside: a flood of operations that are to be prepared, of which few are at a time, does not keep from
// being executed what is prepared; it is itself bounded, and nobody is forgotten.
func TestNewOperationsWaitAside(t *testing.T) {
	t.Parallel()
	g, address := over(t, map[string]http.HandlerFunc{"products": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"topProducts":[]}}`)
	}}, func(c *Config) { c.Limits.ConcurrentRequests, c.Limits.QueuedRequests = 2, 2 }, nil)
	known := func() {
		if status, _, body := post(t, address, `{topProducts{name}}`); status != http.StatusOK || body != `{"data":{"topProducts":[]}}` {
			t.Errorf("got %d %s", status, body)
		}
	}
	known()
	s := g.state.Load()
	for range cap(s.caches.busy) {
		s.caches.busy <- struct{}{}
	}
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			if status, _, body := post(t, address, fmt.Sprintf(`{topProducts(first:%d){upc}}`, i)); status != http.StatusOK {
				t.Errorf("a new operation got %d %s", status, body)
			}
		})
		eventually(t, "it waits", func() bool { return len(s.admission.aside) == i+1 && len(s.admission.slots) == 0 })
	}
	known()
	if status, header, body := post(t, address, `{topProducts{weight}}`); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("one too many got %d %s", status, body)
	}
	for range cap(s.caches.busy) {
		<-s.caches.busy
	}
	group.Wait()
	if a := s.admission; len(a.aside)+len(a.slots)+len(a.queue) > 0 {
		t.Errorf("places are never given back: %d %d %d", len(a.aside), len(a.slots), len(a.queue))
	}
}

// looking calls look before each read of at most a kilobyte.
type looking struct {
	text string
	look func(received int)
	at   int
}

// Read implements io.Reader.
func (l *looking) Read(dst []byte) (int, error) {
	l.look(l.at)
	n := copy(dst[:min(len(dst), 1<<10)], l.text[l.at:])
	if l.at += n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// TestAnnouncedHoldsNothing: who announces a long body holds memory for what has arrived only.
func TestAnnouncedHoldsNothing(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1<<20)
	memory := budget.New(1 << 30)
	x := &exchange{lease: memory.Lease()} // it is never released: others would get it from the pool
	err := x.readBody(&looking{text: text, look: func(received int) {
		if held := memory.Used(); held > int64(max(4*received, budget.Free)) {
			t.Fatalf("holds %d bytes for %d", held, received)
		}
	}}, int64(len(text)), 2<<20)
	if err != nil || string(x.body) != text {
		t.Fatal(err, len(x.body))
	}
}

// TestBodiesLeaveMemory: clients that never end what they send do not take the memory that answers need.
func TestBodiesLeaveMemory(t *testing.T) {
	t.Parallel()
	g, address := over(t, map[string]http.HandlerFunc{"products": products(512)}, func(c *Config) { c.Limits.MemoryBytes = 16 << 20 }, nil)
	const sent = 1 << 20
	for range 20 {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close() })
		_, _ = fmt.Fprintf(connection, "POST /graphql HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			sent+1, strings.Repeat(" ", sent))
	}
	eventually(t, "bodies are held", func() bool { return g.state.Load().memory.Used() >= 6*sent })
	for range 5 {
		if status, _, body := post(t, address, `{topProducts{name}}`); status != http.StatusOK || strings.Contains(body, "errors") {
			t.Errorf("got %d %.300s", status, body)
		}
	}
}

// TestFewFailuresAreLogged: what is logged of one request is not as much as subgraphs like.
func TestFewFailuresAreLogged(t *testing.T) {
	t.Parallel()
	var logged lines
	errors := strings.Repeat(`{"message":"m","extensions":{"code":"SUBREQUEST_HTTP_ERROR"}},`, 150)
	_, address := over(t, map[string]http.HandlerFunc{"products": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"topProducts":[]},"errors":[`+errors+`{"message":"last"}]}`)
	}}, nil, func(g *Gateway) { g.state.Load().logger = slog.New(slog.NewTextHandler(&logged, nil)) })
	_, _, body := post(t, address, `{topProducts{name}}`)
	if n := logged.n.Load(); strings.Count(body, "SUBREQUEST_HTTP_ERROR") != 150 || n == 0 || n > 25 {
		t.Errorf("%d lines for %.200s", n, body)
	}
}

// lines counts what is written.
type lines struct{ n atomic.Int32 }

// Write implements io.Writer.
func (l *lines) Write(text []byte) (int, error) {
	l.n.Add(1)
	return len(text), nil
}

// ending is a context whose time is up when it is closed.
type ending struct {
	context.Context //nolint:containedctx // it is a context
	over            chan struct{}
}

// Done implements context.Context.
func (e ending) Done() <-chan struct{} { return e.over }

// Err implements context.Context.
func (e ending) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestRequestTimeout: the time of a request ends it, with what was there by then.
func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	ctx := ending{t.Context(), make(chan struct{})}
	subgraphs := map[string]http.HandlerFunc{
		"products": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data":{"topProducts":[{"name":"n","upc":"1"}]}}`)
		},
		"inventory": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // a server notices that a client has left only behind its body
			close(ctx.over)
			<-r.Context().Done()
		},
	}
	g, _ := over(t, subgraphs, nil, nil)
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, Endpoint, strings.NewReader(`{"query":"{topProducts{name inStock}}"}`))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request)
	if want := `{"data":{"topProducts":[{"name":"n","inStock":null}]},"errors":[{"message":"The request took too long","extensions":{"code":"REQUEST_TIMEOUT"}}]}`; w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	g, address := over(t, nil, func(c *Config) { c.Limits.RequestTimeout = 50 * time.Millisecond }, nil)
	a := g.state.Load().admission
	for range cap(a.slots) {
		a.slots <- struct{}{}
	}
	status, _, body := post(t, address, `{topProducts{name}}`)
	if want := `{"errors":[{"message":"The request took too long","extensions":{"code":"REQUEST_TIMEOUT"}}]}`; status != http.StatusGatewayTimeout || body != want {
		t.Errorf("who waited got %d %s", status, body)
	}
}

// TestMemoryBudget: what does not fit into the memory of all requests is an error at its place, and nothing stays held.
func TestMemoryBudget(t *testing.T) {
	t.Parallel()
	subgraphs := map[string]http.HandlerFunc{
		"products": products(8 << 10),
		"accounts": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"data":{"users":[]}}`) },
	}
	for _, c := range []struct {
		bytes int64
		data  string
		error string
	}{
		{1 << 20, `{"data":{"topProducts":null,"__typename":"Query"}`, `{"message":"No memory is left for the answer of subgraph \"products\"","path":["topProducts"],"extensions":{"code":"SERVICE_UNAVAILABLE","service":"products"}}`},
		{17 << 20, `{"data":null`, `{"message":"No memory is left for the response","extensions":{"code":"SERVICE_UNAVAILABLE"}}`},
		{256 << 20, `{"data":{"topProducts":[{"name":"x`, ``},
	} {
		g, address := over(t, subgraphs, func(config *Config) { config.Limits.MemoryBytes = c.bytes }, nil)
		status, _, body := post(t, address, `{topProducts{name} __typename}`)
		if status != http.StatusOK || !strings.HasPrefix(body, c.data) || c.error != "" != strings.HasSuffix(body, `,"errors":[`+c.error+`]}`) {
			t.Errorf("%d: got %d %.300s", c.bytes, status, body)
		}
		eventually(t, "nothing is held", func() bool { return g.state.Load().memory.Used() == 0 })
	}
	g, address := over(t, subgraphs, func(config *Config) { config.Limits.MemoryBytes = 128 << 10 }, nil)
	if status, header, body := post(t, address, `{users{id} `+strings.Repeat(" ", 1<<20)+`}`); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("a long document got %d %s", status, body)
	}
	eventually(t, "nothing is held", func() bool { return g.state.Load().memory.Used() == 0 })
}
