package upstream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// held is a subgraph whose answers wait until they are let go. Answers carry the number of the request.
type held struct {
	requests atomic.Int32
	arrived  chan struct{}
	proceed  chan struct{}
	cookie   bool
	token    string // the name of a header
}

func newHeld() *held { return &held{arrived: make(chan struct{}, 100), proceed: make(chan struct{})} }

func (h *held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := h.requests.Add(1)
	h.arrived <- struct{}{}
	select {
	case <-h.proceed:
	case <-r.Context().Done():
		return
	}
	if h.cookie {
		w.Header().Set("Set-Cookie", fmt.Sprintf("n=%d", n))
	}
	if h.token != "" {
		w.Header().Set(h.token, fmt.Sprintf("n=%d", n))
	}
	_, _ = fmt.Fprintf(w, `{"data":%d}`, n)
}

// callers makes n calls at once and returns what they got. settle is given the moment when all of them wait.
func callers(t *testing.T, client *upstream.Client, requests []*upstream.Request, settle func()) []string {
	t.Helper()
	got := make([]string, len(requests))
	var group sync.WaitGroup
	for i, r := range requests {
		group.Go(func() {
			response, err := client.Do(t.Context(), r)
			if err != nil {
				got[i] = err.Error()
				return
			}
			got[i] = string(response.Body)
			response.Release()
		})
	}
	settle()
	group.Wait()
	return got
}

// waiting returns when so many callers share requests, or wait to.
func waiting(client *upstream.Client, request *upstream.Request, n int) {
	for client.Waiting(request.Subgraph) != n {
		time.Sleep(time.Millisecond)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change   func(requests []*upstream.Request)
		off      bool
		cookie   bool
		sharing  int
		token    string
		requests int32
	}{
		"identical queries":    {sharing: 5, requests: 1},
		"different bodies":     {change: func(r []*upstream.Request) { r[3].Body = []byte(`{"query":"{b}"`) }, sharing: 5, requests: 2},
		"mutations":            {change: func(r []*upstream.Request) { r[0].Repeatable, r[1].Repeatable = false, false }, sharing: 3, requests: 3},
		"not shareable":        {change: func(r []*upstream.Request) { r[0].Shareable, r[1].Shareable = false, false }, sharing: 3, requests: 3},
		"off":                  {off: true, requests: 5},
		"answers with cookies": {cookie: true, sharing: 5, requests: 5},
		"answers for one":      {token: "X-Token", sharing: 5, requests: 5},
		"answers for all":      {token: "X-Other", sharing: 5, requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subgraph := newHeld()
			subgraph.cookie, subgraph.token = tc.cookie, tc.token
			client, request := newClient(t, serve(t, subgraph.ServeHTTP), func(c *upstream.Config) {
				c.Share, c.Personal = !tc.off, []string{"X-Token"}
			})
			requests := make([]*upstream.Request, 5)
			for i := range requests {
				one := *request
				requests[i] = &one
			}
			if tc.change != nil {
				tc.change(requests)
			}
			got := callers(t, client, requests, func() {
				waiting(client, request, tc.sharing)
				close(subgraph.proceed)
			})
			if n := subgraph.requests.Load(); n != tc.requests {
				t.Errorf("%d requests for the answers %v, want %d", n, got, tc.requests)
			}
			different := map[string]bool{}
			for _, body := range got {
				different[body] = true
			}
			if len(different) != int(tc.requests) {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestShareAfterMutation: who asks after a mutation does not get the answer to a question that was asked before it, and others
// who ask after it share one of their own.
func TestShareAfterMutation(t *testing.T) {
	t.Parallel()
	subgraph := newHeld()
	client, request := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "mutation") {
			_, _ = io.WriteString(w, `{"data":null,"errors":[]}`)
			return
		}
		subgraph.ServeHTTP(w, r)
	}), nil)
	before := make(chan string, 1)
	go func() { before <- callers(t, client, []*upstream.Request{request}, func() {})[0] }()
	<-subgraph.arrived
	mutation := &upstream.Request{Subgraph: request.Subgraph, Body: []byte(`{"query":"mutation{a}"`)}
	if response, err := client.Do(t.Context(), mutation); err != nil {
		t.Fatal(err)
	} else {
		response.Release()
	}
	after := callers(t, client, []*upstream.Request{request, request, request}, func() {
		waiting(client, request, 3)
		close(subgraph.proceed)
	})
	if got := <-before; got != `{"data":1}` || after[0] != `{"data":2}` || after[1] != after[0] || after[2] != after[0] {
		t.Errorf("before the mutation %s, after it %v", got, after)
	}
}

// TestShareByCaller: identical bodies of two callers with other session variables are two requests, each shared by its own.
func TestShareByCaller(t *testing.T) {
	t.Parallel()
	subgraph := newHeld()
	client, request := newClient(t, serve(t, subgraph.ServeHTTP), nil)
	requests := make([]*upstream.Request, 8)
	for i := range requests {
		one := *request
		one.Origin = &upstream.Origin{Session: []signature.Field{{Name: "x-session-user", Value: strconv.Itoa(i % 2)}}}
		requests[i] = &one
	}
	got := callers(t, client, requests, func() {
		waiting(client, request, len(requests))
		close(subgraph.proceed)
	})
	if n := subgraph.requests.Load(); n != 2 {
		t.Errorf("%d requests for the answers %v, want 2", n, got)
	}
	for i := range got {
		if got[i] != got[i%2] || got[0] == got[1] {
			t.Fatalf("answers were mixed: %v", got)
		}
	}
}

// TestShareLeaderLeaves: the caller whose request it was gives up, and the others get the answer all the same.
func TestShareLeaderLeaves(t *testing.T) {
	t.Parallel()
	for _, cookie := range []bool{false, true} {
		subgraph := newHeld()
		subgraph.cookie = cookie
		client, request := newClient(t, serve(t, subgraph.ServeHTTP), nil)
		ctx, cancel := context.WithCancel(t.Context())
		leader := make(chan error, 1)
		go func() {
			_, err := client.Do(ctx, request)
			leader <- err
		}()
		<-subgraph.arrived
		got := callers(t, client, []*upstream.Request{request, request}, func() {
			waiting(client, request, 3)
			cancel()
			waiting(client, request, 2)
			close(subgraph.proceed)
			if err := <-leader; !errors.Is(err, context.Canceled) {
				t.Errorf("the leader got %v", err)
			}
		})
		want, wantRequests := `{"data":1}`, int32(1)
		if cookie {
			wantRequests = 3 // the leader's answer is for nobody
		}
		if n := subgraph.requests.Load(); n != wantRequests || !cookie && (got[0] != want || got[1] != want) {
			t.Errorf("cookie %t: %d requests, answers %v", cookie, n, got)
		}
	}
}

// TestShareAllLeave: nobody waits, so the request is given up, and whoever comes next has one of its own.
func TestShareAllLeave(t *testing.T) {
	t.Parallel()
	subgraph := newHeld()
	client, request := newClient(t, serve(t, subgraph.ServeHTTP), nil)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if _, err := client.Do(ctx, request); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	<-subgraph.arrived
	waiting(client, request, 3)
	cancel()
	group.Wait()
	close(subgraph.proceed)
	response, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Release()
	if string(response.Body) != `{"data":2}` {
		t.Errorf("got %s", response.Body)
	}
}

// TestShareUnderChurn runs many callers, some of whom leave, over few different queries: answers must fit the question.
func TestShareUnderChurn(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"data":%s}`, body)
	})
	client, request := newClient(t, url, nil)
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			for i := range 200 {
				one := *request
				one.Body = fmt.Appendf(nil, `{"query":"{a%d}"`, i%3)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				if (worker+i)%5 == 0 {
					time.AfterFunc(time.Duration(i)*time.Microsecond, cancel)
				}
				response, err := client.Do(ctx, &one)
				if err == nil {
					if want := fmt.Sprintf(`{"data":%s}}`, one.Body); string(response.Body) != want {
						t.Errorf("got %s, want %s", response.Body, want)
					}
					response.Release()
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				cancel()
			}
		})
	}
	group.Wait()
}
