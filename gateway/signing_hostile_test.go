package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// guarded is the accounts subgraph of the example shop behind the helper, and what it did.
type guarded struct {
	handler  http.Handler
	resolved atomic.Int32
	refused  atomic.Pointer[subgraph.Error]
}

// newGuarded returns the subgraph for some of the secrets.
func newGuarded(tb testing.TB, replay subgraph.ReplayCache, secrets ...subgraph.Key) *guarded {
	tb.Helper()
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		tb.Fatal(err)
	}
	g := &guarded{}
	accounts := parts[0]
	inner := accounts.Handler
	accounts.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.resolved.Add(1)
		inner.ServeHTTP(w, r)
	})
	g.handler, err = accounts.Signed(subgraph.Config{
		SessionPrefix: "x-hasura-", Replay: replay,
		OnReject: func(_ *http.Request, err error) {
			if e, ok := err.(*subgraph.Error); ok { //nolint:errorlint // it is documented to be one
				g.refused.Store(e)
			}
		},
	}, subgraph.DeriveKeys(accounts.Name, secrets...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// onTheWay is somebody between the gateway and a subgraph, who changes a request or sends it again.
type onTheWay struct {
	to     *guarded
	change func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string)
}

func (o *onTheWay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	o.change(o, w, r, string(body))
}

// pass sends a request on with a body.
func (o *onTheWay) pass(w http.ResponseWriter, r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	o.to.handler.ServeHTTP(w, r)
}

// TestTamperedCalls: a real gateway, the real helper, and somebody between them. What was changed is refused with its code, and
// no resolver is reached.
func TestTamperedCalls(t *testing.T) {
	t.Parallel()
	type way = func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string)
	swap := func(old, by string) way {
		return func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			if !strings.Contains(body, old) {
				t.Errorf("%q is not in %s", old, body)
			}
			o.pass(w, r, strings.Replace(body, old, by, 1))
		}
	}
	header := func(change func(http.Header)) way {
		return func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			change(r.Header)
			o.pass(w, r, body)
		}
	}
	input := func(old, by string) way {
		return header(func(h http.Header) { h.Set("Signature-Input", strings.Replace(h.Get("Signature-Input"), old, by, 1)) })
	}
	for name, tc := range map[string]struct {
		change way
		code   signature.Code
	}{
		"the identity":             {swap(`"sub":"7"`, `"sub":"1"`), signature.Invalid},
		"the identity is gone":     {swap(`"jwt":`, `"jxt":`), signature.Invalid},
		"the document":             {swap(`{name`, `{email`), signature.Invalid},
		"an operation name":        {swap(`{"query"`, `{"operationName":"x","query"`), signature.Invalid},
		"a variable":               {swap(`"id":"2"`, `"id":"1"`), signature.Invalid},
		"a byte more":              {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) { o.pass(w, r, body+" ") }, signature.Invalid},
		"two bodies":               {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) { o.pass(w, r, body+body) }, signature.Invalid},
		"QUERY beside query":       {swap(`{"query"`, `{"QUERY":"{users{email}}","query"`), signature.Invalid},
		"a batch":                  {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) { o.pass(w, r, "["+body+"]") }, signature.Invalid},
		"a session variable added": {header(func(h http.Header) { h.Set("X-Hasura-Org", "evil") }), signature.Invalid},
		"a session variable":       {header(func(h http.Header) { h.Set("X-Hasura-Tenant", "evil") }), signature.Invalid},
		"a session variable twice": {header(func(h http.Header) { h.Add("X-Hasura-Tenant", "evil") }), signature.Invalid},
		"a session variable gone":  {header(func(h http.Header) { h.Del("X-Hasura-Tenant") }), signature.Invalid},
		"the digest twice":         {header(func(h http.Header) { h.Add("Content-Digest", h.Get("Content-Digest")) }), signature.Invalid},
		"the audience":             {header(func(h http.Header) { h.Set("Graphql-Subgraph", "reviews") }), signature.WrongAudience},
		"the key id":               {input(`keyid="m"`, `keyid="n"`), signature.UnknownKey},
		"later":                    {input(`;expires=`, `;expires=9`), signature.Invalid},
		"two signatures": {header(func(h http.Header) {
			h.Add("Signature-Input", strings.Replace(h.Get("Signature-Input"), "gatehouse=", "other=", 1))
			h.Add("Signature", strings.Replace(h.Get("Signature"), "gatehouse=", "other=", 1))
		}), signature.Invalid},
		"no signature": {header(func(h http.Header) { h.Del("Signature"); h.Del("Signature-Input") }), signature.Missing},
		"the method": {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			r.Method = http.MethodGet
			o.pass(w, r, body)
		}, subgraph.MethodNotAllowed},
		"the query string": {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			r.URL.RawQuery = "query={users{email}}"
			o.pass(w, r, body)
		}, signature.Invalid},
		"an encoding":  {header(func(h http.Header) { h.Set("Content-Encoding", "gzip") }), subgraph.RequestUnsupported},
		"another type": {header(func(h http.Header) { h.Set("Content-Type", "application/graphql") }), subgraph.RequestUnsupported},
		"a gigabyte": {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(body), io.LimitReader(spaces{}, 1<<30))), -1
			o.to.handler.ServeHTTP(w, r)
		}, subgraph.RequestTooLarge},
		"sent again": {func(o *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
			o.pass(httptest.NewRecorder(), r.Clone(r.Context()), body)
			o.to.resolved.Store(0) // the first was well
			o.pass(w, r, body)
		}, signature.Replayed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := newGuarded(t, nil, subgraph.Key{ID: "m", Key: []byte(messageSecret)})
			g := shopGateway(t, map[string]http.Handler{"accounts": &onTheWay{to, tc.change}}, withSession(t, ""), signed(t))
			body := `{"query":"query($id:ID!){me{name} user(id:$id){name}}","variables":{"id":"2"}}`
			got := postAs(t, g.URL, body, hasuraToken(t, nil))
			if !strings.Contains(got, `"code":"`+string(tc.code)+`"`) || strings.Contains(got, "@") || strings.Contains(got, "Bruno") {
				t.Errorf("got %s, want %s", got, tc.code)
			}
			if refused := to.refused.Load(); refused == nil || refused.Code != tc.code {
				t.Errorf("refused with %v, want %s", refused, tc.code)
			}
			if n := to.resolved.Load(); n > 0 {
				t.Errorf("%d requests reached the resolvers", n)
			}
		})
	}
}

// spaces is a reader without end.
type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// postAs sends a body with a header line and returns the body of the answer.
func postAs(tb testing.TB, url, body, line string) string {
	tb.Helper()
	text, err := tryPost(tb, url, body, line)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// tryPost is postAs for other goroutines than that of the test.
func tryPost(tb testing.TB, url, body, line string) (string, error) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	if name, value, ok := strings.Cut(line, ": "); ok {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// TestReplayElsewhere: two processes of a subgraph that share what they remember accept a call once together, one after the
// other and at the same time; those that share nothing do not know.
func TestReplayElsewhere(t *testing.T) {
	t.Parallel()
	key := subgraph.Key{ID: "m", Key: []byte(messageSecret)}
	shared := subgraph.NewNonceCache(0)
	one, two := newGuarded(t, shared, key), newGuarded(t, shared, key)
	way := &onTheWay{one, func(_ *onTheWay, w http.ResponseWriter, r *http.Request, body string) {
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(strings.NewReader(body))
				[]*guarded{one, two}[i%2].handler.ServeHTTP(httptest.NewRecorder(), again)
			})
		}
		group.Wait()
		_, _ = w.Write([]byte(`{"data":{}}`))
	}}
	g := shopGateway(t, map[string]http.Handler{"accounts": way}, signed(t))
	g.Post(t, `{"query":"{users{id}}"}`)
	if n := one.resolved.Load() + two.resolved.Load(); n != 1 {
		t.Errorf("the call was accepted %d times", n)
	}
}

// TestOtherSubgraphsKey: who knows the key of one subgraph can sign nothing that another believes, also not with the key's id.
func TestOtherSubgraphsKey(t *testing.T) {
	t.Parallel()
	to := newGuarded(t, nil, subgraph.Key{ID: "m", Key: []byte(messageSecret)})
	derived, err := signature.Secret{Bytes: []byte(messageSecret)}.Derive("reviews")
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.NewKey("m", derived)
	if err != nil {
		t.Fatal(err)
	}
	forger, err := signature.NewSigner(signature.SignerConfig{Subgraph: "accounts", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"query":"{me{email}}","extensions":{"jwt":{"payload":{"sub":"1"}}}}`)
	forged, err := forger.Sign(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	forged.Set(r.Header)
	w := httptest.NewRecorder()
	to.handler.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), string(signature.Invalid)) || to.resolved.Load() > 0 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// switched is a handler that can be replaced while it serves.
type switched struct{ now atomic.Pointer[http.Handler] }

func (s *switched) set(h http.Handler) { s.now.Store(&h) }

func (s *switched) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.now.Load()).ServeHTTP(w, r) }

// TestRotation: a secret is replaced while clients ask without pause: verifiers learn the new one, the gateway takes it, verifiers
// forget the old one. No request is lost, and each secret has signed.
func TestRotation(t *testing.T) {
	t.Parallel()
	const newSecret = "the secret that comes after the other one"
	before, after := subgraph.Key{ID: "old", Key: []byte(messageSecret)}, subgraph.Key{ID: "new", Key: []byte(newSecret)}
	var verifier, front switched
	replay := subgraph.NewNonceCache(0)
	knows := func(keys ...subgraph.Key) {
		guard := newGuarded(t, replay, keys...)
		verifier.set(guard.handler)
	}
	var signedBy [2]atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Signature-Input"), `keyid="new"`) {
			signedBy[1].Add(1)
		} else {
			signedBy[0].Add(1)
		}
		verifier.ServeHTTP(w, r)
	}))
	t.Cleanup(target.Close)
	signs := func(keys ...upstream.SigningKey) {
		config := gateway.DefaultConfig()
		config.Authorization.AllowUnconfigured = true
		config.Signing = &upstream.Signing{Keys: keys}
		config.Signing.Message.Expires = time.Minute
		config.Limits.RequestTimeout, config.Upstream.Timeout = time.Hour, time.Hour
		config.Upstream.Share, config.Upstream.Retry.Attempts = false, 0
		config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"accounts": {URL: target.URL}}
		g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(g.Close)
		front.set(g)
	}
	oldKey := upstream.SigningKey{ID: "old", Secret: secretFile(t, messageSecret)}
	newKey := upstream.SigningKey{ID: "new", Secret: secretFile(t, newSecret)}
	knows(before)
	signs(oldKey)
	server := httptest.NewServer(&front)
	t.Cleanup(server.Close)

	var asked [8]atomic.Int32 // by each client
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for n := range asked {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				got, err := tryPost(t, server.URL+gateway.Endpoint, fmt.Sprintf(`{"query":"{a%d_%d:users{id}}"}`, n, i%50), "")
				if err != nil || !strings.HasPrefix(got, `{"data":{"a`) || strings.Contains(got, "errors") {
					t.Errorf("lost: %v %s", err, got)
					return
				}
				asked[n].Add(1)
			}
		})
	}
	const some = 5
	more := func() { // of each client, so that whatever was asked before has been answered
		for n := range asked {
			for target := asked[n].Load() + some; asked[n].Load() < target && !t.Failed(); {
				time.Sleep(time.Millisecond)
			}
		}
	}
	more()
	knows(before, after)
	more()
	oldKey.VerifyOnly = true
	signs(oldKey, newKey)
	more() // what was signed before has arrived: in production that takes as long as signatures are good
	knows(after)
	more()
	close(stop)
	clients.Wait()
	if least := int32(some * len(asked)); signedBy[0].Load() < least || signedBy[1].Load() < least {
		t.Errorf("signed by the old secret: %d, by the new one: %d", signedBy[0].Load(), signedBy[1].Load())
	}
}
