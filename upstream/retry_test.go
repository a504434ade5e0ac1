package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// flaky answers the first requests in its own ways, and the others well. Each request must be signed anew.
type flaky struct {
	first    []http.HandlerFunc
	requests atomic.Int32
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := int(f.requests.Add(1))
	if n <= len(f.first) {
		f.first[n-1](w, r)
		return
	}
	_, _ = w.Write([]byte(`{"data":{}}`))
}

// breaksOff ends the connection without an answer.
func breaksOff(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// breaksInside ends the connection in the middle of the answer.
func breaksInside(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"data":`))
}

// asks answers with a status and a wish of how long to wait.
func asks(status int, retryAfter, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// behindVerifier runs a subgraph that refuses what is not signed for it, or was seen before, and a client that signs.
func behindVerifier(t *testing.T, handler http.Handler, change func(*upstream.Config)) (*upstream.Client, *upstream.Request) {
	t.Helper()
	key := subgraph.Key{ID: "k", Key: []byte(strings.Repeat("k", 32))}
	verifier, err := subgraph.New(subgraph.Config{
		Name: "reviews", Keys: subgraph.DeriveKeys("reviews", key),
		OnReject: func(_ *http.Request, err error) { t.Errorf("refused: %v", err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, key.Key, 0o600); err != nil {
		t.Fatal(err)
	}
	return newClient(t, serve(t, verifier.Middleware(handler).ServeHTTP), func(c *upstream.Config) {
		c.Signing = &upstream.Signing{Keys: []upstream.SigningKey{{ID: key.ID, Secret: secret.Source{File: file}}}}
		c.Signing.Extension.Enabled, c.Signing.Message.Expires = true, time.Minute
		c.Retry.Delay, c.Retry.MaxDelay = time.Millisecond, 50*time.Millisecond
		if change != nil {
			change(c)
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	unavailable, graphQL := asks(503, "", "later"), asks(503, "", `{"errors":[{"message":"later"}]}`)
	for name, tc := range map[string]struct {
		first    []http.HandlerFunc
		change   func(*upstream.Config)
		mutation bool
		requests int32
		code     error // of the last answer
	}{
		"well at once":                  {nil, nil, false, 1, nil},
		"unavailable twice":             {[]http.HandlerFunc{unavailable, unavailable}, nil, false, 3, nil},
		"unavailable too often":         {[]http.HandlerFunc{unavailable, unavailable, unavailable}, nil, false, 3, gqlerr.SubrequestHTTPError},
		"502 and 504":                   {[]http.HandlerFunc{asks(502, "", ""), asks(504, "", "")}, nil, false, 3, nil},
		"unavailable in GraphQL":        {[]http.HandlerFunc{graphQL}, nil, false, 2, nil},
		"no answer":                     {[]http.HandlerFunc{breaksOff}, nil, false, 2, nil},
		"half an answer":                {[]http.HandlerFunc{breaksInside, breaksOff}, nil, false, 3, nil},
		"a fault is not repeated":       {[]http.HandlerFunc{asks(500, "", "")}, nil, false, 1, gqlerr.SubrequestHTTPError},
		"nor is a refusal":              {[]http.HandlerFunc{asks(429, "0", "")}, nil, false, 1, gqlerr.SubrequestHTTPError},
		"nor is what cannot be read":    {[]http.HandlerFunc{asks(200, "", "x")}, nil, false, 1, gqlerr.SubrequestMalformedResponse},
		"a mutation is not repeated":    {[]http.HandlerFunc{unavailable}, nil, true, 1, gqlerr.SubrequestHTTPError},
		"nor is one that got no answer": {[]http.HandlerFunc{breaksOff}, nil, true, 1, gqlerr.SubrequestHTTPError},
		"off":                           {[]http.HandlerFunc{unavailable}, func(c *upstream.Config) { c.Retry.Attempts = 0 }, false, 1, gqlerr.SubrequestHTTPError},
		"later than we wait":            {[]http.HandlerFunc{asks(503, "60", "")}, nil, false, 1, gqlerr.SubrequestHTTPError},
		"a wish that means nothing":     {[]http.HandlerFunc{asks(503, "soon", "")}, nil, false, 2, nil},
		"later than the time limit": {[]http.HandlerFunc{asks(503, "7200", "")}, func(c *upstream.Config) {
			c.Timeout, c.Retry.MaxDelay = time.Hour, 3*time.Hour
		}, false, 1, gqlerr.SubrequestHTTPError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &flaky{first: tc.first}
			client, request := behindVerifier(t, server, tc.change)
			request.Repeatable = !tc.mutation
			request.Body = []byte(`{"query":"{a}","variables":{"b":1.0}`)
			request.Foreign = []upstream.Span{{From: len(request.Body) - len("1.0}"), To: len(request.Body) - 1}}
			response, err := client.Do(t.Context(), request)
			if err == nil {
				response.Release()
			}
			if tc.code == nil && err != nil || tc.code != nil && !errors.Is(err, tc.code) {
				t.Errorf("got %v, want %v", err, tc.code)
			}
			if got := server.requests.Load(); got != tc.requests {
				t.Errorf("%d requests, want %d", got, tc.requests)
			}
		})
	}
}

// TestRetryBudget: a subgraph in trouble gets few repetitions, however many calls there are.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	client, request := behindVerifier(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}), func(c *upstream.Config) { c.Share, c.CircuitBreaker.Enabled = false, false })
	const calls = 100
	var group sync.WaitGroup
	for range calls {
		group.Go(func() {
			if _, err := client.Do(t.Context(), request); !errors.Is(err, gqlerr.SubrequestHTTPError) {
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	// Ten repetitions at once, and a tenth of the calls.
	if got := requests.Load(); got < calls+10 || got > calls+10+calls/10 {
		t.Errorf("%d requests for %d calls", got, calls)
	}
}

// TestRetryCancelled: who gives up while a call waits for its next try returns at once.
func TestRetryCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, request := behindVerifier(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer cancel()
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}), func(c *upstream.Config) { c.Share, c.Retry.MaxDelay, c.Timeout = false, 2*time.Hour, 2*time.Hour })
	if _, err := client.Do(ctx, request); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestCircuitBreaker: a subgraph that fails is not called any more, until it is well again; others are.
func TestCircuitBreaker(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	var well atomic.Bool
	client, request := behindVerifier(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		if !well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(`{"data":{}`))
	}), func(c *upstream.Config) {
		c.CircuitBreaker.MinRequests, c.CircuitBreaker.Cooldown, c.CircuitBreaker.Window = 5, 50*time.Millisecond, time.Hour
	})
	do := func() error {
		response, err := client.Do(t.Context(), request)
		if err == nil {
			response.Release()
		}
		return err
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if _, err := client.Do(gone, request); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	for range 5 {
		if err := do(); !errors.Is(err, gqlerr.SubrequestHTTPError) {
			t.Fatalf("got %v", err)
		}
	}
	if err := do(); !errors.Is(err, gqlerr.SubrequestCircuitOpen) && requests.Load() == 5 {
		t.Errorf("got %v", err)
	}
	well.Store(true)
	for do() != nil { // it closes again
		time.Sleep(5 * time.Millisecond)
	}
	if err := do(); err != nil {
		t.Errorf("got %v", err)
	}
}

// TestClientsIdempotencyKey: a client's key reaches the subgraph, signed or not, and does not make net/http send a mutation again
// whose connection broke: the subgraph may have done what it says, and need not know such keys.
func TestClientsIdempotencyKey(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]upstream.ClientHeader{
		"Idempotency-Key":   {Name: "idempotency-key"},
		"X-Idempotency-Key": {From: "x-key", To: "x-idempotency-key"},
	} {
		for _, signed := range []bool{false, true} {
			var requests atomic.Int32
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header[name]; len(got) != 1 || got[0] != "k" {
					t.Errorf("signed %t: %s is %q", signed, name, got)
				}
				if requests.Add(1) > 1 {
					breaksOff(w, r) // the connection is one that was used before
				}
				_, _ = w.Write([]byte(`{"data":{}}`))
			})
			forwards := func(c *upstream.Config) { c.Headers.ForwardClientHeaders.List = []upstream.ClientHeader{rule} }
			client, request := newClient(t, serve(t, handler), forwards)
			if signed {
				client, request = behindVerifier(t, handler, forwards)
			}
			request.Repeatable = false
			request.Origin = &upstream.Origin{Header: http.Header{"Idempotency-Key": {"k"}, "X-Key": {"k"}}}
			for range 2 {
				if response, err := client.Do(t.Context(), request); err == nil {
					response.Release()
				}
			}
			if got := requests.Load(); got != 2 {
				t.Errorf("%s, signed %t: two mutations were sent %d times", name, signed, got)
			}
		}
	}
}
