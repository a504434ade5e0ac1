package subgraph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/subgraph"
)

const (
	keyID  = "2026-11"
	path   = "/graphql"
	mePost = `{"query":"query Me($id:ID!){user(id:$id){name}}","operationName":"Me","variables":{"id":"1"},` +
		`"extensions":{"jwt":{"payload":{"sub":"123","scope":"read:user write","org":{"id":7}},"token":{"value":"eyJ.x","prefix":"Bearer"}}}}`
)

// secretOf is a gateway's secret.
func secretOf(char string) []byte { return []byte(strings.Repeat(char, 32)) }

// house is a subgraph behind its verifier, in a real server, and the gateway's side of it.
type house struct {
	*httptest.Server
	config subgraph.Config
	// What the resolver saw, and what was refused.
	reached atomic.Int64
	seen    chan *http.Request
	bodies  chan string
	errors  chan error
}

// build returns a house for "reviews".
func build(tb testing.TB, change func(*subgraph.Config)) *house {
	tb.Helper()
	h := &house{seen: make(chan *http.Request, 100), bodies: make(chan string, 100), errors: make(chan error, 100)}
	h.config = subgraph.Config{
		Name:          "reviews",
		Keys:          subgraph.DeriveKeys("reviews", subgraph.Key{ID: keyID, Key: secretOf("k")}),
		SessionPrefix: "X-Hasura-",
		OnReject:      func(_ *http.Request, err error) { h.errors <- err },
	}
	if change != nil {
		change(&h.config)
	}
	verify, err := subgraph.New(h.config)
	if err != nil {
		tb.Fatal(err)
	}
	h.Server = httptest.NewServer(verify.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h.reached.Add(1)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			tb.Error(err)
		}
		h.seen <- r
		h.bodies <- string(body)
	})))
	tb.Cleanup(h.Close)
	return h
}

// validity is for how long the signatures of the tests are good: as long as can be, since on a busy machine anything takes long.
const validity = time.Minute

// signer signs as the gateway does, for a subgraph, with a secret.
func signer(tb testing.TB, name string, id signature.KeyID, secret []byte, now func() time.Time) *signature.Signer {
	tb.Helper()
	derived, err := signature.Secret{Bytes: secret}.Derive(name)
	if err != nil {
		tb.Fatal(err)
	}
	key, err := signature.NewKey(id, derived)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := signature.NewSigner(signature.SignerConfig{Subgraph: name, Key: key, Expires: validity, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// sign returns the headers of a signed request.
func sign(tb testing.TB, s *signature.Signer, body string, session ...signature.Field) http.Header {
	tb.Helper()
	signed, err := s.Sign([]byte(body), session)
	if err != nil {
		tb.Fatal(err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for _, f := range session {
		header.Set(f.Name, f.Value)
	}
	signed.Set(header)
	return header
}

// good returns the headers of a request that is accepted.
func good(tb testing.TB, body string, session ...signature.Field) http.Header {
	tb.Helper()
	return sign(tb, signer(tb, "reviews", keyID, secretOf("k"), time.Now), body, session...)
}

// send sends a request and returns the status and the code of the answer.
func (h *house) send(tb testing.TB, method string, header http.Header, body io.Reader) (status int, code string, answer http.Header) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, h.URL+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header = header
	response, err := h.Client().Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if response.StatusCode == http.StatusOK {
		return response.StatusCode, "", response.Header
	}
	var problem struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(text, &problem); err != nil || len(problem.Errors) != 1 || problem.Errors[0].Message == "" {
		tb.Errorf("answered %s, %v", text, err)
		return response.StatusCode, "", response.Header
	}
	return response.StatusCode, problem.Errors[0].Extensions.Code, response.Header
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	h := build(t, nil)
	if status, code, _ := h.send(t, http.MethodPost, good(t, mePost, signature.Field{Name: "x-hasura-user-id", Value: "1"}), strings.NewReader(mePost)); status != 200 {
		t.Fatal(status, code, <-h.errors)
	}
	r := <-h.seen
	if body := <-h.bodies; body != mePost || r.ContentLength != int64(len(mePost)) {
		t.Errorf("the handler got %s", body)
	}
	caller, ok := subgraph.CallerFrom(r.Context())
	if !ok {
		t.Fatal("no caller")
	}
	if caller.Subject() != "123" || fmt.Sprint(caller.Scopes()) != "[read:user write]" || !caller.HasScope("write") || caller.HasScope("read") ||
		caller.Token() != "eyJ.x" || caller.TokenPrefix() != "Bearer" || caller.Session("X-Hasura-User-Id") != "1" || caller.Session("x-hasura-role") != "" {
		t.Errorf("got %+v", caller)
	}
	if got := string(caller.Payload()); got != `{"sub":"123","scope":"read:user write","org":{"id":7}}` {
		t.Errorf("got %s", got)
	}
	type claims struct {
		Sub string
		Org struct{ ID int }
	}
	if c, err := subgraph.Claims[claims](r.Context()); err != nil || c.Sub != "123" || c.Org.ID != 7 {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := subgraph.Claims[[]string](r.Context()); err == nil || errors.Is(err, subgraph.ErrNoCaller) {
		t.Errorf("claims became a list: %v", err)
	}
}

func TestAcceptedVariants(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body    string
		session []signature.Field
		caller  bool
		claims  bool
	}{
		"anonymous":           {`{"query":"{a}"}`, nil, false, false},
		"nulls":               {`{"query":"{a}","variables":null,"operationName":null,"extensions":null}`, nil, false, false},
		"null identity":       {`{"query":"{a}","extensions":{"jwt":null}}`, nil, false, false},
		"null payload":        {`{"query":"{a}","extensions":{"jwt":{"payload":null,"token":null}}}`, nil, false, false},
		"admin":               {`{"query":"{a}"}`, []signature.Field{{Name: "x-hasura-role", Value: "admin"}}, true, false},
		"token only":          {`{"query":"{a}","extensions":{"jwt":{"token":{"value":"x"}}}}`, nil, true, false},
		"empty payload":       {`{"query":"{a}","extensions":{"jwt":{"payload":{}}}}`, nil, true, true},
		"other members":       {`{"query":"{a}","id":1,"extensions":{"trace":{"Query":[1,{"query":2,"query":3}]},"jwt":{"payload":{},"x":1}}}`, nil, true, true},
		"white space":         {" \r\n{ \"query\" : \"{a}\" , \"extensions\" : { \"jwt\" : { \"payload\" : { } } } } \n", nil, true, true},
		"signed twice":        {`{"query":"{a}","extensions":{"hmac-signature":"whatever"}}`, nil, false, false},
		"variables like ours": {`{"query":"{a}","variables":{"query":1,"QUERY":2,"extensions":{}}}`, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, nil)
			if status, code, _ := h.send(t, http.MethodPost, good(t, tc.body, tc.session...), strings.NewReader(tc.body)); status != 200 {
				t.Fatal(status, code, <-h.errors)
			}
			r := <-h.seen
			if _, ok := subgraph.CallerFrom(r.Context()); ok != tc.caller {
				t.Errorf("caller: %t", ok)
			}
			if _, err := subgraph.Claims[map[string]any](r.Context()); errors.Is(err, subgraph.ErrNoCaller) == tc.claims {
				t.Errorf("claims: %v", err)
			}
			if body := <-h.bodies; body != tc.body {
				t.Errorf("got %s", body)
			}
		})
	}
}

// TestHostile changes one thing of a good request each. Nothing of it may reach the resolver.
func TestHostile(t *testing.T) {
	t.Parallel()
	// resigned is a body that an attacker with the right key would send; here it stands for a gateway with a fault.
	resigned := func(body string) func(*attack) {
		return func(a *attack) { a.header, a.body = good(a.tb, body), body }
	}
	swap := func(old, by string) func(*attack) {
		return func(a *attack) {
			if !strings.Contains(a.body, old) {
				a.tb.Fatal(old)
			}
			a.body = strings.Replace(a.body, old, by, 1)
		}
	}
	input := func(old, by string) func(*attack) {
		return func(a *attack) {
			a.header.Set("Signature-Input", strings.Replace(a.header.Get("Signature-Input"), old, by, 1))
		}
	}
	set := func(name string, values ...string) func(*attack) {
		return func(a *attack) { a.header[name] = values }
	}
	as := func(name string, id signature.KeyID, secret []byte, at time.Duration) func(*attack) {
		return func(a *attack) {
			now := func() time.Time { return time.Now().Add(at) }
			a.header = sign(a.tb, signer(a.tb, name, id, secret, now), a.body)
		}
	}
	for name, tc := range map[string]struct {
		change func(*attack)
		status int
		code   subgraph.Code
	}{
		"identity":               {swap(`"sub":"123"`, `"sub":"124"`), 401, signature.Invalid},
		"identity removed":       {swap(`"jwt"`, `"xwt"`), 401, signature.Invalid},
		"operation name":         {swap(`"operationName":"Me"`, `"operationName":"Us"`), 401, signature.Invalid},
		"variable":               {swap(`"id":"1"`, `"id":"2"`), 401, signature.Invalid},
		"one byte":               {swap(`{name}`, `{nime}`), 401, signature.Invalid},
		"one more byte":          {func(a *attack) { a.body += " " }, 401, signature.Invalid},
		"body gone":              {func(a *attack) { a.body = "" }, 401, signature.Invalid},
		"audience":               {set("Graphql-Subgraph", "products"), 401, signature.WrongAudience},
		"signed for another":     {as("products", keyID, secretOf("k"), 0), 401, signature.WrongAudience},
		"another subgraph's key": {func(a *attack) { as("products", keyID, secretOf("k"), 0)(a); set("Graphql-Subgraph", "reviews")(a) }, 401, signature.Invalid},
		"another secret":         {as("reviews", keyID, secretOf("x"), 0), 401, signature.Invalid},
		"key id":                 {input(`keyid="2026-11"`, `keyid="2026-08"`), 401, signature.UnknownKey},
		"unknown key":            {as("reviews", "2026-08", secretOf("k"), 0), 401, signature.UnknownKey},
		"expired":                {as("reviews", keyID, secretOf("k"), -validity-2*time.Second), 401, signature.Expired},
		"from the future":        {as("reviews", keyID, secretOf("k"), time.Hour), 401, signature.Expired},
		"made to last":           {input(";expires=", ";expires=9"), 401, signature.Invalid},
		"replay":                 {func(a *attack) { a.accepted() }, 401, signature.Replayed},
		"no signature":           {func(a *attack) { a.header = http.Header{"Content-Type": {"application/json"}} }, 401, signature.Missing},
		"no Signature":           {set("Signature"), 401, signature.Invalid},
		"no Signature-Input":     {set("Signature-Input"), 401, signature.Missing},
		"no Content-Digest":      {set("Content-Digest"), 401, signature.Invalid},
		"no Graphql-Subgraph":    {set("Graphql-Subgraph"), 401, signature.Invalid},
		"component missing":      {input(` "content-digest"`, ""), 401, signature.Invalid},
		"nonce missing":          {input(";nonce=", ";nonsense="), 401, signature.Invalid},
		"other tag":              {input(`tag="gatehouse"`, `tag="gatekeeper"`), 401, signature.Missing},
		"other algorithm":        {input(`alg="hmac-sha256"`, `alg="none"`), 401, signature.Invalid},
		"two of our tag": {func(a *attack) {
			a.header.Add("Signature-Input", strings.Replace(a.header.Get("Signature-Input"), "gatehouse=", "b=", 1))
		}, 401, signature.Invalid},
		"two of our label":       {func(a *attack) { a.header.Add("Signature-Input", a.header.Get("Signature-Input")) }, 401, signature.Invalid},
		"Signature twice":        {func(a *attack) { a.header.Add("Signature", a.header.Get("Signature")) }, 401, signature.Invalid},
		"Content-Digest twice":   {func(a *attack) { a.header.Add("Content-Digest", a.header.Get("Content-Digest")) }, 401, signature.Invalid},
		"Graphql-Subgraph twice": {func(a *attack) { a.header.Add("Graphql-Subgraph", "reviews") }, 401, signature.Invalid},
		"Content-Type twice":     {func(a *attack) { a.header.Add("Content-Type", "application/json") }, 415, subgraph.RequestUnsupported},
		"session header added":   {set("X-Hasura-User-Id", "1"), 401, signature.Invalid},
		"session header, lower":  {func(a *attack) { a.header["x-hasura-role"] = []string{"admin"} }, 401, signature.Invalid},
		"session header, spelt":  {func(a *attack) { a.header["X_Hasura-Role"] = []string{"admin"} }, 401, signature.Invalid},
		"session header changed": {func(a *attack) {
			a.header = good(a.tb, a.body, signature.Field{Name: "x-hasura-role", Value: "user"})
			set("X-Hasura-Role", "admin")(a)
		}, 401, signature.Invalid},
		"session header repeated": {func(a *attack) {
			a.header = good(a.tb, a.body, signature.Field{Name: "x-hasura-role", Value: "user"})
			a.header.Add("X-Hasura-Role", "admin")
		}, 401, signature.Invalid},
		"query string":              {func(a *attack) { a.query = "?query={b}" }, 401, signature.Invalid},
		"QUERY beside query":        {resigned(`{"query":"{a}","QUERY":"{b}"}`), 400, subgraph.RequestUnsupported},
		"QUERY before query":        {resigned(`{"QUERY":"{b}","query":"{a}"}`), 400, subgraph.RequestUnsupported},
		"QUERY alone":               {resigned(`{"Query":"{b}"}`), 400, subgraph.RequestUnsupported},
		"long s":                    {resigned(`{"query":"{a}","exten\u017fions":{},"extenſions":{"jwt":{"payload":{"sub":"1"}}}}`), 400, subgraph.RequestUnsupported},
		"escaped query":             {resigned(`{"query":"{a}","qu\u0065ry":"{b}"}`), 400, subgraph.RequestUnsupported},
		"escaped alone":             {resigned(`{"qu\u0065ry":"{b}"}`), 400, subgraph.RequestUnsupported},
		"duplicate query":           {resigned(`{"query":"{a}","query":"{b}"}`), 400, subgraph.RequestUnsupported},
		"duplicate variables":       {resigned(`{"query":"{a}","variables":{},"variables":{}}`), 400, subgraph.RequestUnsupported},
		"duplicate extensions":      {resigned(`{"query":"{a}","extensions":{},"extensions":{}}`), 400, subgraph.RequestUnsupported},
		"duplicate identity":        {resigned(`{"query":"{a}","extensions":{"jwt":{},"jwt":{}}}`), 400, subgraph.RequestUnsupported},
		"JWT beside jwt":            {resigned(`{"query":"{a}","extensions":{"jwt":{},"JWT":{}}}`), 400, subgraph.RequestUnsupported},
		"JWT":                       {resigned(`{"query":"{a}","extensions":{"JWT":{"payload":{"sub":"1"}}}}`), 400, subgraph.RequestUnsupported},
		"duplicate payload":         {resigned(`{"query":"{a}","extensions":{"jwt":{"payload":{},"payload":{}}}}`), 400, subgraph.RequestUnsupported},
		"Payload":                   {resigned(`{"query":"{a}","extensions":{"jwt":{"Payload":{}}}}`), 400, subgraph.RequestUnsupported},
		"token value twice":         {resigned(`{"query":"{a}","extensions":{"jwt":{"token":{"value":"a","Value":"b"}}}}`), 400, subgraph.RequestUnsupported},
		"unknown twice":             {resigned(`{"query":"{a}","x":1,"X":2}`), 400, subgraph.RequestUnsupported},
		"trailing object":           {resigned(`{"query":"{a}"}{"query":"{b}"}`), 400, subgraph.RequestUnsupported},
		"trailing text":             {resigned(`{"query":"{a}"} x`), 400, subgraph.RequestUnsupported},
		"trailing NUL":              {resigned("{\"query\":\"{a}\"}\x00"), 400, subgraph.RequestUnsupported},
		"BOM":                       {resigned("\ufeff" + `{"query":"{a}"}`), 400, subgraph.RequestUnsupported},
		"batch":                     {resigned(`[{"query":"{a}"},{"query":"{b}"}]`), 400, subgraph.RequestUnsupported},
		"no object":                 {resigned(`"query"`), 400, subgraph.RequestUnsupported},
		"nothing":                   {resigned(``), 400, subgraph.RequestUnsupported},
		"no query":                  {resigned(`{"variables":{}}`), 400, subgraph.RequestUnsupported},
		"query is null":             {resigned(`{"query":null}`), 400, subgraph.RequestUnsupported},
		"operation name is a list":  {resigned(`{"query":"{a}","operationName":[]}`), 400, subgraph.RequestUnsupported},
		"variables is a list":       {resigned(`{"query":"{a}","variables":[]}`), 400, subgraph.RequestUnsupported},
		"extensions is a list":      {resigned(`{"query":"{a}","extensions":[]}`), 400, subgraph.RequestUnsupported},
		"identity is a string":      {resigned(`{"query":"{a}","extensions":{"jwt":"x"}}`), 400, subgraph.RequestUnsupported},
		"payload is a string":       {resigned(`{"query":"{a}","extensions":{"jwt":{"payload":"x"}}}`), 400, subgraph.RequestUnsupported},
		"token is a string":         {resigned(`{"query":"{a}","extensions":{"jwt":{"token":"x"}}}`), 400, subgraph.RequestUnsupported},
		"signature is a number":     {resigned(`{"query":"{a}","extensions":{"hmac-signature":1}}`), 400, subgraph.RequestUnsupported},
		"many members":              {resigned(`{"query":"{a}"` + manyMembers(100) + `}`), 400, subgraph.RequestUnsupported},
		"deep":                      {resigned(`{"query":"{a}","variables":{"a":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}}`), 400, subgraph.RequestUnsupported},
		"not JSON":                  {resigned(`{"query":"{a}",}`), 400, subgraph.RequestUnsupported},
		"Content-Encoding":          {set("Content-Encoding", "gzip"), 415, subgraph.RequestUnsupported},
		"Content-Encoding identity": {set("Content-Encoding", "identity"), 415, subgraph.RequestUnsupported},
		"content type":              {set("Content-Type", "application/graphql"), 415, subgraph.RequestUnsupported},
		"form":                      {set("Content-Type", "application/x-www-form-urlencoded"), 415, subgraph.RequestUnsupported},
		"no content type":           {set("Content-Type"), 415, subgraph.RequestUnsupported},
		"charset":                   {set("Content-Type", "application/json; charset=utf-16"), 415, subgraph.RequestUnsupported},
		"charset, unsigned":         {set("Content-Type", "application/json; charset=utf-8"), 401, signature.Invalid},
		"GET":                       {func(a *attack) { a.method = http.MethodGet; a.body = "" }, 405, subgraph.MethodNotAllowed},
		"PUT":                       {func(a *attack) { a.method = http.MethodPut }, 405, subgraph.MethodNotAllowed},
		"OPTIONS":                   {func(a *attack) { a.method = http.MethodOptions; a.body = "" }, 405, subgraph.MethodNotAllowed},
		"announced as too long":     {resigned(`{"query":"` + strings.Repeat(" ", 8<<20) + `"}`), 413, subgraph.RequestTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, nil)
			a := &attack{tb: t, house: h, method: http.MethodPost, header: good(t, mePost), body: mePost}
			tc.change(a)
			before := h.reached.Load()
			r, err := http.NewRequestWithContext(t.Context(), a.method, h.URL+path+a.query, strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = a.header
			status, header, text := do(t, h, r)
			if status != tc.status || !strings.Contains(text, `"extensions":{"code":"`+string(tc.code)+`"}`) {
				t.Errorf("got %d %s, want %d %s", status, text, tc.status, tc.code)
			}
			if h.reached.Load() != before {
				t.Error("it reached the resolver")
			}
			if header.Get("Www-Authenticate") != map[bool]string{true: `Signature realm="reviews"`}[tc.status == 401] {
				t.Errorf("WWW-Authenticate is %q", header.Get("Www-Authenticate"))
			}
			if allow := header.Get("Allow"); allow != map[bool]string{true: "POST"}[tc.status == 405] {
				t.Errorf("Allow is %q", allow)
			}
			err = <-h.errors
			if failure := (*subgraph.Error)(nil); !errors.As(err, &failure) || failure.Status != tc.status || !errors.Is(err, tc.code) {
				t.Errorf("OnReject got %v", err)
			}
			if strings.Contains(text, "nonce") || strings.Contains(text, "digest") {
				t.Errorf("helps a forger: %s", text)
			}
		})
	}
}

type attack struct {
	tb                  testing.TB
	house               *house
	method, query, body string
	header              http.Header
}

// accepted sends the request as it is, which has to go through.
func (a *attack) accepted() {
	if status, code, _ := a.house.send(a.tb, a.method, a.header, strings.NewReader(a.body)); status != 200 {
		a.tb.Fatal(status, code)
	}
}

func do(t *testing.T, h *house, r *http.Request) (int, http.Header, string) {
	t.Helper()
	response, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(text)
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"a%d":1`, i)
	}
	return b.String()
}

// endless is a body without end, or nearly; it counts what was taken of it.
type endless struct {
	left  int64
	taken atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), e.left))
	if n == 0 {
		return 0, io.EOF
	}
	for i := range p[:n] {
		p[i] = ' '
	}
	e.left -= int64(n)
	e.taken.Add(int64(n))
	return n, nil
}

// TestHugeBody sends 1 GB, announced and streamed, with a good signature of the header and with none.
func TestHugeBody(t *testing.T) {
	t.Parallel()
	const size, limit = 1 << 30, 1 << 20
	verify, err := subgraph.New(subgraph.Config{
		Name: "reviews", Keys: subgraph.DeriveKeys("reviews", subgraph.Key{ID: keyID, Key: secretOf("k")}), MaxBody: limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	handler := verify.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it reached the resolver") }))
	for name, tc := range map[string]struct {
		length int64
		header http.Header
		status int
		most   int64 // of the body that may be read
	}{
		"announced":          {size, good(t, ""), 413, 0},
		"streamed":           {-1, good(t, ""), 413, limit + 64<<10},
		"announced too low":  {10, good(t, ""), 413, limit + 64<<10},
		"streamed, unsigned": {-1, http.Header{"Content-Type": {"application/json"}}, 401, 0},
	} {
		body := &endless{left: size}
		r := httptest.NewRequest(http.MethodPost, path, body)
		r.ContentLength, r.Header = tc.length, tc.header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != tc.status || body.taken.Load() > tc.most {
			t.Errorf("%s: got %d %s after %d bytes", name, w.Code, w.Body, body.taken.Load())
		}
	}
	// Over a connection, which is cut.
	server := httptest.NewServer(handler)
	defer server.Close()
	body := &endless{left: size}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = good(t, "")
	response, err := server.Client().Do(r)
	if err == nil {
		defer response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %s", response.Status)
		}
	}
	if taken := body.taken.Load(); taken > 64<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
}

func TestReplayAcrossVerifiers(t *testing.T) {
	t.Parallel()
	shared := subgraph.NewNonceCache(0)
	first := build(t, func(c *subgraph.Config) { c.Replay = shared })
	second := build(t, func(c *subgraph.Config) { c.Replay = shared })
	header := good(t, mePost)
	if status, code, _ := first.send(t, http.MethodPost, header, strings.NewReader(mePost)); status != 200 {
		t.Fatal(status, code)
	}
	if status, code, _ := second.send(t, http.MethodPost, header, strings.NewReader(mePost)); status != 401 || code != string(signature.Replayed) || second.reached.Load() != 0 {
		t.Fatal(status, code)
	}
	// At once: one of them gets through.
	header = good(t, mePost)
	var accepted atomic.Int64
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			h := []*house{first, second}[i%2]
			if status, _, _ := h.send(t, http.MethodPost, header, strings.NewReader(mePost)); status == 200 {
				accepted.Add(1)
			}
		})
	}
	wait.Wait()
	if accepted.Load() != 1 {
		t.Errorf("%d of 20 equal requests were accepted", accepted.Load())
	}
}

func TestReplayCacheFails(t *testing.T) {
	t.Parallel()
	unreachable := errors.New("connection refused by 10.0.0.1")
	for name, cache := range map[string]subgraph.ReplayCache{
		"full":        subgraph.NewNonceCache(1),
		"unreachable": subgraph.ReplayCacheFunc(func(context.Context, [16]byte, time.Time) error { return unreachable }),
	} {
		h := build(t, func(c *subgraph.Config) { c.Replay = cache })
		h.send(t, http.MethodPost, good(t, mePost), strings.NewReader(mePost))
		before := h.reached.Load()
		if status, code, _ := h.send(t, http.MethodPost, good(t, mePost), strings.NewReader(mePost)); status != 503 || code != string(subgraph.ReplayCacheUnavailable) {
			t.Errorf("%s: got %d %s", name, status, code)
		}
		if h.reached.Load() != before {
			t.Errorf("%s: it reached the resolver", name)
		}
		if err := <-h.errors; name == "unreachable" && !errors.Is(err, unreachable) {
			t.Errorf("%s: OnReject got %v", name, err)
		}
	}
}

// TestNonceComesLast refuses requests for other reasons; their nonces are not used up.
func TestNonceComesLast(t *testing.T) {
	t.Parallel()
	var remembered atomic.Int64
	const skew = 5 * time.Second
	start := time.Now()
	h := build(t, func(c *subgraph.Config) {
		c.ClockSkew = skew
		c.Replay = subgraph.ReplayCacheFunc(func(_ context.Context, nonce [16]byte, until time.Time) error {
			if nonce == [16]byte{} || until.Before(start.Add(validity+skew)) || time.Until(until) > validity+skew+time.Second {
				t.Errorf("%x until %s", nonce, until)
			}
			remembered.Add(1)
			return nil
		})
	})
	for _, body := range []string{mePost + " ", strings.ToUpper(mePost), "", "[]"} {
		if status, _, _ := h.send(t, http.MethodPost, good(t, mePost), strings.NewReader(body)); status != 401 {
			t.Errorf("got %d", status)
		}
	}
	if status, _, _ := h.send(t, http.MethodPost, good(t, "[]"), strings.NewReader("[]")); status != 400 || remembered.Load() != 0 {
		t.Errorf("got %d, and %d nonces were stored", status, remembered.Load())
	}
	if status, _, _ := h.send(t, http.MethodPost, good(t, mePost), strings.NewReader(mePost)); status != 200 || remembered.Load() != 1 {
		t.Errorf("got %d, and %d nonces were stored", status, remembered.Load())
	}
}

// TestRotation replaces the key under load: the new one goes to the verifier, then to the gateway, then the old one goes
// away. No request is lost.
func TestRotation(t *testing.T) {
	t.Parallel()
	oldKey, newKey := subgraph.Key{ID: "old", Key: secretOf("o")}, subgraph.Key{ID: "new", Key: secretOf("n")}
	var handler atomic.Pointer[http.Handler]
	var signing atomic.Pointer[signature.Signer]
	cache := subgraph.NewNonceCache(0)
	verifierHas := func(keys ...subgraph.Key) {
		verify, err := subgraph.New(subgraph.Config{Name: "reviews", Keys: subgraph.DeriveKeys("reviews", keys...), Replay: cache})
		if err != nil {
			t.Fatal(err)
		}
		next := verify.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		handler.Store(&next)
	}
	gatewayHas := func(secrets ...signature.Secret) {
		secret, err := signature.Choose(secrets, "")
		if err != nil {
			t.Fatal(err)
		}
		signing.Store(signer(t, "reviews", secret.ID, secret.Bytes, time.Now))
	}
	verifierHas(oldKey)
	gatewayHas(signature.Secret{ID: "old", Bytes: oldKey.Key})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	defer server.Close()

	var sent, stop atomic.Int64
	var flight sync.RWMutex // a step waits until what was signed before it has been verified
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for stop.Load() == 0 {
				flight.RLock()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(mePost))
				if err != nil {
					t.Error(err)
				}
				r.Header = sign(t, signing.Load(), mePost)
				response, err := server.Client().Do(r)
				if err != nil {
					t.Error(err)
				} else {
					if response.StatusCode != http.StatusOK {
						t.Errorf("lost: %s", response.Status)
					}
					_ = response.Body.Close()
				}
				sent.Add(1)
				flight.RUnlock()
			}
		})
	}
	more := func() { // lets some requests pass
		for until := sent.Load() + 20; sent.Load() < until; {
			time.Sleep(time.Millisecond)
		}
	}
	more()
	verifierHas(oldKey, newKey)
	more()
	gatewayHas(signature.Secret{ID: "new", Bytes: newKey.Key}, signature.Secret{ID: "old", Bytes: oldKey.Key, VerifyOnly: true})
	flight.Lock() // the last requests with the old key are over
	verifierHas(newKey)
	flight.Unlock()
	more()
	stop.Store(1)
	wait.Wait()
}

// extensionPost signs a request as other gateways do.
func extensionPost(tb testing.TB, extra string) string {
	tb.Helper()
	key, err := signature.NewKey("any", secretOf("e"))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := signature.AppendCanonicalRequest(nil, []byte(`"query($b:Int $a:Float){x}"`), []byte(`{"b":1,"a":1.0}`))
	if err != nil {
		tb.Fatal(err)
	}
	return `{"query":"query($b:Int $a:Float){x}","variables":{"b":1,"a":1.0},"extensions":{` + extra + `"hmac-signature":"` + string(key.AppendMAC(nil, text)) + `"}}`
}

func TestExtensionSignature(t *testing.T) {
	t.Parallel()
	const jwt = `"jwt":{"payload":{"sub":"123"}},`
	unsigned := func(testing.TB, string) http.Header { return http.Header{"Content-Type": {"application/json"}} }
	signed := func(tb testing.TB, body string) http.Header { tb.Helper(); return good(tb, body) }
	broken := func(tb testing.TB, body string) http.Header { tb.Helper(); return good(tb, body+" ") }
	foreign := func(tb testing.TB, _ string) http.Header {
		tb.Helper()
		h := unsigned(tb, "")
		h.Set("Signature-Input", `sig1=("@method");tag="other"`)
		return h
	}
	withSession := func(tb testing.TB, _ string) http.Header {
		tb.Helper()
		h := unsigned(tb, "")
		h.Set("X-Hasura-Role", "admin")
		return h
	}
	keep := func(s string) string { return s }
	swap := func(old, by string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, by, 1) }
	}
	for name, tc := range map[string]struct {
		require subgraph.Requirement
		trust   bool
		header  func(testing.TB, string) http.Header
		change  func(string) string
		code    subgraph.Code // "" when accepted
		caller  string        // the subject, or the role
	}{
		"required, there":                 {subgraph.ExtensionSignature, false, unsigned, keep, "", ""},
		"required, trusting":              {subgraph.ExtensionSignature, true, unsigned, keep, "", "123"},
		"either, there":                   {subgraph.Either, false, unsigned, keep, "", ""},
		"either, trusting":                {subgraph.Either, true, unsigned, keep, "", "123"},
		"either, both":                    {subgraph.Either, false, signed, keep, "", "123"},
		"either, message alone":           {subgraph.Either, false, signed, swap("hmac-signature", "x"), "", "123"},
		"either, none":                    {subgraph.Either, false, unsigned, swap("hmac-signature", "x"), signature.Missing, ""},
		"either, message broken":          {subgraph.Either, false, broken, keep, signature.Invalid, ""},
		"either, message broken, trust":   {subgraph.Either, true, broken, keep, signature.Invalid, ""},
		"either, another's message":       {subgraph.Either, false, foreign, keep, "", ""},
		"message required":                {subgraph.MessageSignature, false, unsigned, keep, signature.Missing, ""},
		"message required, trusting":      {subgraph.MessageSignature, true, unsigned, keep, signature.Missing, ""},
		"other query":                     {subgraph.Either, false, unsigned, swap("{x}", "{y}"), signature.Invalid, ""},
		"other variable":                  {subgraph.Either, false, unsigned, swap(`"b":1`, `"b":2`), signature.Invalid, ""},
		"variables gone":                  {subgraph.Either, false, unsigned, swap(`"variables"`, `"x"`), signature.Invalid, ""},
		"duplicate variable":              {subgraph.Either, false, unsigned, swap(`"b":1`, `"b":2,"b":1`), signature.Invalid, ""},
		"variable beyond a double":        {subgraph.Either, false, unsigned, swap(`"b":1`, `"b":1e999`), signature.Invalid, ""},
		"lone surrogate":                  {subgraph.Either, false, unsigned, swap(`"b":1`, `"b":"\ud800"`), signature.Invalid, ""},
		"same text, other spelling":       {subgraph.Either, false, unsigned, swap(`"a":1.0`, ` "\u0061" : 1e0 `), "", ""},
		"swapped identity, not trusting":  {subgraph.Either, false, unsigned, swap(`"123"`, `"1"`), "", ""},
		"session header":                  {subgraph.Either, false, withSession, keep, signature.Invalid, ""},
		"session header, extension alone": {subgraph.ExtensionSignature, false, withSession, keep, signature.Invalid, ""},
		"session header, trusting":        {subgraph.Either, true, withSession, keep, "", "123"},
		"duplicate query":                 {subgraph.Either, false, unsigned, swap(`"query":`, `"query":"{y}","query":`), subgraph.RequestUnsupported, ""},
		"QUERY":                           {subgraph.Either, false, unsigned, swap(`"query":`, `"QUERY":"{y}","query":`), subgraph.RequestUnsupported, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, func(c *subgraph.Config) {
				c.Require, c.TrustUnsignedIdentity = tc.require, tc.trust
				c.ExtensionKeys = []subgraph.Key{{ID: "new", Key: secretOf("f")}, {ID: "old", Key: secretOf("e")}}
			})
			body := tc.change(extensionPost(t, jwt))
			status, code, _ := h.send(t, http.MethodPost, tc.header(t, body), strings.NewReader(body))
			if code != string(tc.code) || (status == 200) != (tc.code == "") {
				t.Fatalf("got %d %s, want %q", status, code, tc.code)
			}
			if tc.code != "" {
				if h.reached.Load() != 0 {
					t.Error("it reached the resolver")
				}
				return
			}
			caller, ok := subgraph.CallerFrom((<-h.seen).Context())
			if ok != (tc.caller != "") || ok && caller.Subject() != tc.caller {
				t.Errorf("the caller is %+v", caller)
			}
			if got := <-h.bodies; strings.Contains(got, `"jwt"`) != ok {
				t.Errorf("the handler got %s", got)
			}
		})
	}
}

func TestExtensionSignatureWithOneKey(t *testing.T) {
	t.Parallel()
	h := build(t, func(c *subgraph.Config) {
		c.Require, c.Keys = subgraph.ExtensionSignature, []subgraph.Key{{ID: "any", Key: secretOf("e")}}
	})
	body := extensionPost(t, "")
	if status, code, _ := h.send(t, http.MethodPost, http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, strings.NewReader(body)); status != 200 {
		t.Fatal(status, code)
	}
	if got := <-h.bodies; got != strings.Replace(body, `{"b":1,"a":1.0}`, `{"a":1,"b":1}`, 1) {
		t.Errorf("the handler got %s", got)
	}
}

// What an extension signature does not cover, and a handler may look at.
func TestUncovered(t *testing.T) {
	t.Parallel()
	key, err := signature.NewKey("any", secretOf("e"))
	if err != nil {
		t.Fatal(err)
	}
	post := func(variables, sent string) string {
		text, err := signature.AppendCanonicalRequest(nil, []byte(`"{x}"`), []byte(variables))
		if err != nil {
			t.Fatal(err)
		}
		return `{"id":"unsigned", "variables" : ` + sent + ` ,"documentId":"unsigned","query":"{x}","extensions":{"jwt":{},"hmac-signature":"` + string(key.AppendMAC(nil, text)) + `"}}`
	}
	empty := `{"query":"","extensions":{"persistedQuery":{"version":1},"hmac-signature":"` + string(key.AppendMAC(nil, []byte(`{"query":""}`))) + `"}}`
	for name, tc := range map[string]struct {
		target, body string
		variables    string // that the handler gets, "" when it gets nothing
	}{
		"order":                 {"/", post(`{"id":"1","Id":"2"}`, `{"id":"1","Id":"2"}`), `{"Id":"2","id":"1"}`},
		"digits that are lost":  {"/", post(`{"id":9007199254740992}`, `{"id":9007199254740993}`), `{"id":9007199254740992}`},
		"spelling of a number":  {"/", post(`{"id":1}`, `{"id":1.0}`), `{"id":1}`},
		"nested":                {"/", post(`{"a":[{"b":-0}]}`, ` { "a" : [ {"b":-0.0} ] } `), `{"a":[{"b":0}]}`},
		"no variables":          {"/", post(``, `null`), `null`},
		"other query string":    {"/?apikey=1", post(`{}`, `{}`), `{}`},
		"query in query string": {"/?a=1&query={y}", post(`{}`, `{}`), ``},
		"in another case":       {"/?Query={y}", post(`{}`, `{}`), ``},
		"escaped":               {"/?%71uery={y}", post(`{}`, `{}`), ``},
		"variables":             {"/?variables={}", post(`{}`, `{}`), ``},
		"operation name":        {"/?operationName=y", post(`{}`, `{}`), ``},
		"empty query":           {"/", empty, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, trust := range []bool{false, true} {
				h := build(t, func(c *subgraph.Config) {
					c.Require, c.TrustUnsignedIdentity, c.ExtensionKeys = subgraph.Either, trust, []subgraph.Key{{ID: "any", Key: secretOf("e")}}
				})
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+strings.ReplaceAll(tc.target, "{", "%7B"), strings.NewReader(tc.body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				status, _, body := do(t, h, r)
				if tc.variables == "" {
					if status != http.StatusBadRequest || !strings.Contains(body, string(subgraph.RequestUnsupported)) || h.reached.Load() != 0 {
						t.Errorf("got %d %s", status, body)
					}
					continue
				}
				if status != http.StatusOK {
					t.Fatalf("got %d %s", status, body)
				}
				var got struct{ Variables json.RawMessage }
				handed := <-h.bodies
				if err := json.Unmarshal([]byte(handed), &got); err != nil || string(got.Variables) != tc.variables || strings.Contains(handed, "unsigned") {
					t.Errorf("the handler got %s, %v", handed, err)
				}
			}
		})
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, body, encoding string
		status                 int
		want                   string
	}{
		"GET":              {http.MethodGet, "", "", 200, ""},
		"identity":         {http.MethodPost, `{"query":"{a}","extensions":{"a":1,"jwt":{"payload":{"sub":"1"}},"b":{}},"x":1}`, "", 200, `{"query":"{a}","extensions":{"a":1,"b":{}},"x":1}`},
		"identity alone":   {http.MethodPost, ` {"extensions": {"jwt":1} }`, "", 200, ` {"extensions": {} }`},
		"identity first":   {http.MethodPost, `{"extensions":{"jwt":1 , "a":2}}`, "", 200, `{"extensions":{"a":2}}`},
		"no identity":      {http.MethodPost, `{"a": 1}`, "", 200, `{"a": 1}`},
		"text":             {http.MethodPost, `hello`, "", 200, `hello`},
		"case":             {http.MethodPost, `{"Extensions":{"jwt":{"payload":{"sub":"1"}}}}`, "", 400, ""},
		"inner case":       {http.MethodPost, `{"extensions":{"JWT":{"payload":{"sub":"1"}}}}`, "", 400, ""},
		"twice":            {http.MethodPost, `{"extensions":{},"extensions":{"jwt":{}}}`, "", 400, ""},
		"trailing":         {http.MethodPost, `{"extensions":{"jwt":{}}} x`, "", 400, ""},
		"batch":            {http.MethodPost, `[{"extensions":{"jwt":{}}}]`, "", 400, ""},
		"Content-Encoding": {http.MethodPost, `{}`, "gzip", 415, ""},
		"too large":        {http.MethodPost, strings.Repeat(" ", 1025), "", 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, func(c *subgraph.Config) {
				c.Skip = func(r *http.Request) bool { return r.URL.Path == path }
				c.MaxBody = 1024
			})
			header := http.Header{"X-Hasura-Role": {"admin"}, "X_hasura_role": {"admin"}, "X-Other": {"1"}}
			if tc.encoding != "" {
				header.Set("Content-Encoding", tc.encoding)
			}
			if status, code, _ := h.send(t, tc.method, header, strings.NewReader(tc.body)); status != tc.status {
				t.Fatal(status, code)
			}
			if tc.status != 200 {
				if h.reached.Load() != 0 {
					t.Error("it reached the resolver")
				}
				return
			}
			r := <-h.seen
			if _, ok := subgraph.CallerFrom(r.Context()); ok || r.Header.Get("X-Hasura-Role") != "" || r.Header["X_hasura_role"] != nil || r.Header.Get("X-Other") != "1" {
				t.Errorf("got %v", r.Header)
			}
			if got := <-h.bodies; got != tc.want || r.ContentLength != int64(len(got)) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	ok := subgraph.Key{ID: "a", Key: secretOf("a")}
	for name, c := range map[string]subgraph.Config{
		"nothing":             {},
		"no name":             {Keys: []subgraph.Key{ok}},
		"no keys":             {Name: "a"},
		"short key":           {Name: "a", Keys: []subgraph.Key{{ID: "a", Key: secretOf("a")[1:]}}},
		"no id":               {Name: "a", Keys: []subgraph.Key{{Key: secretOf("a")}}},
		"one id twice":        {Name: "a", Keys: []subgraph.Key{ok, ok}},
		"short secret":        {Name: "a", Keys: subgraph.DeriveKeys("a", subgraph.Key{ID: "a", Key: []byte("short")})},
		"derived for nobody":  {Name: "a", Keys: subgraph.DeriveKeys("", ok)},
		"either without keys": {Name: "a", Keys: []subgraph.Key{ok}, Require: subgraph.Either},
		"extension, no keys":  {Name: "a", Require: subgraph.ExtensionSignature},
		"short extension key": {Name: "a", Keys: []subgraph.Key{ok}, Require: subgraph.Either, ExtensionKeys: []subgraph.Key{{ID: "a", Key: []byte("topSecret")}}},
		"unknown requirement": {Name: "a", Keys: []subgraph.Key{ok}, Require: 7},
		"skew":                {Name: "a", Keys: []subgraph.Key{ok}, ClockSkew: time.Minute},
		"limit":               {Name: "a", Keys: []subgraph.Key{ok}, MaxBody: -1},
		"names":               {Name: "a", Keys: []subgraph.Key{ok}, ExtensionName: "JWT"},
	} {
		if _, err := subgraph.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "topSecret") {
			t.Errorf("%s: tells a secret: %v", name, err)
		}
	}
	if _, err := subgraph.New(subgraph.Config{Name: "a", Keys: []subgraph.Key{ok}}); err != nil {
		t.Error(err)
	}
}

// TestNoCaller asks outside of any request.
func TestNoCaller(t *testing.T) {
	t.Parallel()
	if c, ok := subgraph.CallerFrom(context.Background()); ok || c != nil {
		t.Error(c)
	}
	if _, err := subgraph.Claims[any](context.Background()); !errors.Is(err, subgraph.ErrNoCaller) {
		t.Error(err)
	}
}

// TestAmbiguousClaims has claims of which encoding/json would take one for another.
func TestAmbiguousClaims(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{"sub":"1"}`:                "1",
		`{"Sub":"1"}`:                "",
		`{"sub":"1","SUB":"2"}`:      "1",
		`{"sub":"1","\u017fub":"2"}`: "1",
		`{"sub":"1","sub":"2"}`:      "",
		`{"sub":1}`:                  "",
		`{"sub":"1","a":[{"x":1},{"b":{"y":1,"Y":2}}]}`: "1",
		`{"sub":"a\u00e9\n"}`:                           "aé\n",
	} {
		h := build(t, nil)
		body := `{"query":"{a}","extensions":{"jwt":{"payload":` + payload + `}}}`
		if status, code, _ := h.send(t, http.MethodPost, good(t, body), strings.NewReader(body)); status != 200 {
			t.Fatal(payload, status, code)
		}
		ctx := (<-h.seen).Context()
		caller, ok := subgraph.CallerFrom(ctx)
		if !ok || caller.Subject() != want {
			t.Errorf("%s: the subject is %q", payload, caller.Subject())
		}
		ambiguous := strings.Count(strings.ToLower(strings.ReplaceAll(payload, `\u017f`, "s")), `"sub"`) > 1 || strings.Contains(payload, `"Y"`)
		if _, err := subgraph.Claims[map[string]any](ctx); (err != nil) != ambiguous {
			t.Errorf("%s: %v", payload, err)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		`{}`:                              "[]",
		`{"scope":"a  b"}`:                "[a b]",
		`{"scope":["a","b c"],"scp":"d"}`: "[a b c d]",
		`{"scope":"a\u00a0admin"}`:        "[a\u00a0admin]",
		`{"scope":[1],"scp":["x"]}`:       "[x]",
		`{"scope":{"a":1},"scp":null}`:    "[]",
		`{"scope":"a","scope":"admin"}`:   "[]",
	} {
		h := build(t, nil)
		body := `{"query":"{a}","extensions":{"jwt":{"payload":` + payload + `}}}`
		if status, code, _ := h.send(t, http.MethodPost, good(t, body), strings.NewReader(body)); status != 200 {
			t.Fatal(payload, status, code)
		}
		caller, _ := subgraph.CallerFrom((<-h.seen).Context())
		if got := fmt.Sprint(caller.Scopes()); got != want {
			t.Errorf("%s: got %s", payload, got)
		}
	}
}

// BenchmarkMiddleware is a whole verification, with a request and an answer in memory. "bare" is without verifier.
func BenchmarkMiddleware(b *testing.B) {
	cache := subgraph.ReplayCacheFunc(func(context.Context, [16]byte, time.Time) error { return nil })
	verify, err := subgraph.New(subgraph.Config{
		Name: "reviews", Keys: subgraph.DeriveKeys("reviews", subgraph.Key{ID: keyID, Key: secretOf("k")}), Replay: cache,
	})
	if err != nil {
		b.Fatal(err)
	}
	extension, err := subgraph.New(subgraph.Config{
		Name: "reviews", Require: subgraph.ExtensionSignature, ExtensionKeys: []subgraph.Key{{ID: keyID, Key: secretOf("e")}},
	})
	if err != nil {
		b.Fatal(err)
	}
	key, err := signature.NewKey(keyID, secretOf("e"))
	if err != nil {
		b.Fatal(err)
	}
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for _, size := range []struct {
		name string
		n    int
	}{{"1KB", 1 << 10}, {"64KB", 64 << 10}} {
		body := strings.Replace(mePost, `"id":"1"`, `"id":"`+strings.Repeat("x", size.n-len(mePost))+`"`, 1)
		var request struct{ Query, Variables json.RawMessage }
		if err := json.Unmarshal([]byte(body), &request); err != nil {
			b.Fatal(err)
		}
		text, err := signature.AppendCanonicalRequest(nil, request.Query, request.Variables)
		if err != nil {
			b.Fatal(err)
		}
		body = strings.Replace(body, `"extensions":{`, `"extensions":{"hmac-signature":"`+string(key.AppendMAC(nil, text))+`",`, 1)
		for name, handler := range map[string]http.Handler{
			"bare": next, "verified": verify.Middleware(next), "extension": extension.Middleware(next),
		} {
			b.Run(name+"/"+size.name, func(b *testing.B) {
				reader := strings.NewReader(body)
				r := httptest.NewRequest(http.MethodPost, path, io.NopCloser(reader))
				r.ContentLength = int64(len(body))
				header := good(b, body)
				signed := time.Now()
				w := httptest.NewRecorder()
				b.ReportAllocs()
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					if time.Since(signed) > validity/3 {
						header, signed = good(b, body), time.Now()
					}
					reader.Reset(body)
					r.Header = header
					handler.ServeHTTP(w, r)
				}
				if w.Code != 200 {
					b.Fatal(w.Code, w.Body)
				}
			})
		}
	}
}
