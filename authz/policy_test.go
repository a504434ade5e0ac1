package authz

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// decisionServer is a real server of decisions, which remembers what it was asked.
type decisionServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // method, authorization and body
}

func newDecisionServer(tb testing.TB, answer http.HandlerFunc) *decisionServer {
	tb.Helper()
	s := &decisionServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Authorization")+" "+string(body)))
		s.mu.Unlock()
		answer(w, r)
	}))
	tb.Cleanup(s.Close)
	return s
}

func (s *decisionServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// says answers with a text.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// failureLog collects what policies tell.
type failureLog struct {
	mu   sync.Mutex
	list []string
}

func (l *failureLog) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, err.Error())
}

func (l *failureLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.list, "\n")
}

// policiesOf decodes the "policies" section of a configuration.
func policiesOf(tb testing.TB, text string) PolicyConfig {
	tb.Helper()
	var c PolicyConfig
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		tb.Fatalf("%v: %s", err, text)
	}
	return c
}

// openPolicies opens a "policies" section whose sources may take as long as they like, unless it says otherwise.
func openPolicies(tb testing.TB, text string) (Policy, *failureLog) {
	tb.Helper()
	log := &failureLog{}
	c := policiesOf(tb, text)
	for _, endpoint := range []*PolicyEndpoint{c.Sources.Webhook, c.Sources.OPA} {
		if endpoint != nil && endpoint.Timeout == 0 {
			endpoint.Timeout = time.Hour
		}
	}
	p, err := c.Open(nil, log.add)
	if err != nil {
		tb.Fatal(err)
	}
	return p, log
}

func granted(tb testing.TB, p Policy, caller Identity, names ...string) string {
	tb.Helper()
	list, err := decide(tb.Context(), p, caller, names)
	if err != nil {
		tb.Error(err)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestClaimPolicy(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, claims, want string }{
		{"policies", `{"policies": ["a", "b", "x"]}`, "a b"},
		{"policies", `{"policies": "a x b"}`, "a b"},
		{"policies", `{"policies": ["a", 1]}`, ""},
		{"policies", `{"policies": {"a": true}}`, ""},
		{"policies", `{}`, ""},
		{"$.org.grants[0]", `{"org": {"grants": ["a b", "c"]}}`, "a b"},
	} {
		p, _ := openPolicies(t, `{"sources": {"claim": {"claim": "`+tc.path+`"}}}`)
		id, err := NewIdentity([]byte(tc.claims))
		if err != nil {
			t.Fatal(err)
		}
		if got := granted(t, p, id, "a", "b", "c"); got != tc.want {
			t.Errorf("%s in %s: %q, want %q", tc.path, tc.claims, got, tc.want)
		}
		if got := granted(t, p, Identity{}, "a"); got != "" {
			t.Errorf("an anonymous caller gets %q", got)
		}
	}
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	elsewhere := newDecisionServer(t, says(`["a"]`))
	const tooSlow = "deadline exceeded"
	for name, tc := range map[string]struct {
		answer  http.HandlerFunc
		granted string
		failure string
	}{
		"an object":               {says(`{"granted": ["a"], "more": 1}`), "a", ""},
		"a list":                  {says(` ["b", "a"]`), "a b", ""},
		"nothing":                 {says(`[]`), "", ""},
		"names that nobody asked": {says(`["a", "root", "*", ""]`), "a", ""},
		"no list":                 {says(`{"granted": "a"}`), "", "no list of names"},
		"true":                    {says(`true`), "", "not a clean JSON object"},
		"no member":               {says(`{"allowed": ["a"]}`), "", "no list of names"},
		"other elements":          {says(`["a", 1]`), "", "no list of names"},
		"null":                    {says(`{"granted": null}`), "", "no list of names"},
		"twice":                   {says(`{"granted": ["a"], "granted": []}`), "", "not a clean JSON object"},
		"two documents":           {says(`["a"] ["b"]`), "", "not a clean JSON object"},
		"closed early":            {says(`["a"], "granted": ["b"]`), "", "not a clean JSON object"},
		"garbage":                 {says("\x00\xff<html>"), "", "not a clean JSON object"},
		"an empty body":           {says(""), "", "not a clean JSON object"},
		"huge":                    {says(`["a", "` + strings.Repeat("x", maxPolicyBytes) + `"]`), "", "longer than"},
		"an error": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `["a"]`)
		}, "", "status 500"},
		"accepted": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, `["a"]`)
		}, "", "status 202"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "", "redirect"},
		"slow": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "", tooSlow},
		"a slow body": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `["a"`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "", tooSlow},
		"a broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newDecisionServer(t, tc.answer)
			timeout := ""
			if tc.failure == tooSlow { // it never answers
				timeout = `, "timeout": 100000000`
			}
			p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+server.URL+`/secret-key"`+timeout+`}}}`)
			if got := granted(t, p, as(t, "-"), "a", "b"); got != tc.granted {
				t.Errorf("granted %q, want %q", got, tc.granted)
			}
			if (log.String() == "") != (tc.failure == "") || !strings.Contains(log.String(), tc.failure) || strings.Contains(log.String(), "secret-key") {
				t.Errorf("failure %q, want %q", log, tc.failure)
			}
		})
	}
	t.Cleanup(func() {
		if elsewhere.count() > 0 {
			t.Error("a redirect was followed")
		}
	})
}

func TestWebhookQuestions(t *testing.T) {
	t.Parallel()
	server := newDecisionServer(t, says(`["a"]`))
	const claims = `"claims":{"policies":null,"role":"user","scope":null,"sub":"u1"}`
	for _, tc := range []struct{ more, caller, want string }{
		{"", "-", `POST  {"policies":["a","b"],` + claims + `}`},
		{"", "", `POST  {"policies":["a","b"],"claims":null}`},
		{`, "forwardToken": true`, "-", `POST Bearer token of - {"policies":["a","b"],` + claims + `}`},
		{`, "forwardToken": true`, "", `POST  {"policies":["a","b"],"claims":null}`},
		{`, "method": "GET", "forwardToken": true`, "-", `GET Bearer token of -`},
	} {
		p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+server.URL+`"`+tc.more+`}}}`)
		if got := granted(t, p, as(t, tc.caller), "a", "b"); got != "a" || log.String() != "" {
			t.Errorf("granted %q: %s", got, log)
		}
		if got := server.asked[len(server.asked)-1]; got != tc.want {
			t.Errorf("%s for %q: asked\n%s, want\n%s", tc.more, tc.caller, got, tc.want)
		}
	}
}

func TestWebhookSigned(t *testing.T) {
	t.Parallel()
	server := newDecisionServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `["`+r.Header.Get("Signature")+`"]`)
	})
	c := policiesOf(t, `{"sources": {"webhook": {"url": "`+server.URL+`"}}}`)
	var log failureLog
	p, err := c.Open(func(r *http.Request, body []byte) error {
		r.Header.Set("Signature", fmt.Sprint(len(body)))
		return nil
	}, log.add)
	if err != nil {
		t.Fatal(err)
	}
	body := len(`{"policies":["38"],"claims":null}`)
	if got := granted(t, p, Identity{}, fmt.Sprint(body)); got != fmt.Sprint(body) {
		t.Errorf("granted %q", got)
	}
	if p, err = c.Open(func(*http.Request, []byte) error { return errors.New("no key") }, log.add); err != nil {
		t.Fatal(err)
	}
	before := server.count()
	if got := granted(t, p, Identity{}, "a"); got != "" || !strings.Contains(log.String(), "no key") || server.count() != before {
		t.Errorf("granted %q: %s", got, &log)
	}
}

// TestOPA speaks with a server that does what an Open Policy Agent's REST API does.
func TestOPA(t *testing.T) {
	t.Parallel()
	agent := newDecisionServer(t, nil)
	agent.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var question struct {
			Input struct {
				Policies []string `json:"policies"`
				Claims   struct {
					Role string `json:"role"`
				} `json:"claims"`
			} `json:"input"`
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code": "invalid_parameter", "message": "bad"}`)
			return
		}
		result := map[string]any{"decision_id": "1"}
		switch r.URL.Path {
		case "/v1/data/graph/allow": // allow contains name if { some name in input.policies; startswith(name, input.claims.role) }
			set := []string{}
			for _, name := range question.Input.Policies {
				if question.Input.Claims.Role != "" && strings.HasPrefix(name, question.Input.Claims.Role) {
					set = append(set, name)
				}
			}
			result["result"] = set
		case "/v1/data/graph":
			result["result"] = map[string]any{"granted": []string{"user:a"}}
		case "/v1/data/graph/yes":
			result["result"] = true
		}
		_ = json.NewEncoder(w).Encode(result)
	})
	for _, tc := range []struct{ path, caller, granted, failure string }{
		{"/v1/data/graph/allow", "-", "user:a user:b", ""},
		{"/v1/data/graph/allow", "role:admin", "admin:a", ""},
		{"/v1/data/graph/allow", "", "", ""},
		{"/v1/data/graph", "-", "user:a", ""},
		{"/v1/data/graph/yes", "-", "", "no list of names"},
		{"/v1/data/nothing", "-", "", "not defined"},
	} {
		p, log := openPolicies(t, `{"sources": {"opa": {"url": "`+agent.URL+tc.path+`"}}}`)
		if got := granted(t, p, as(t, tc.caller), "admin:a", "user:a", "user:b"); got != tc.granted {
			t.Errorf("%+v: granted %q", tc, got)
		}
		if (log.String() == "") != (tc.failure == "") || !strings.Contains(log.String(), tc.failure) {
			t.Errorf("%+v: failure %q", tc, log)
		}
	}
}

func TestCedar(t *testing.T) {
	t.Parallel()
	const policies = `
		permit(principal is Caller, action == Action::"own", resource) when { principal.role == "user" };
		permit(principal, action == Action::"open", resource == Graph::"graph");
		permit(principal, action == Action::"known", resource) when { context.authenticated };
		permit(principal, action == Action::"scope", resource) when { context.scopes.contains("x") };
		permit(principal == Caller::"u1", action == Action::"self", resource);
		permit(principal is Caller, action == Action::"types", resource) when {
			principal.n == 7 && principal.rate == "0.5" && decimal(principal.rate).lessThan(decimal("1.0")) && principal.big == "12345678901234567890" &&
			principal.yes && !principal.no && !(principal has nothing) && principal.list == [1, "a"] && principal.org.id == "o1" && principal["a b"] == 1 };
		permit(principal, action == Action::"guarded", resource);
		forbid(principal, action == Action::"guarded", resource) when { principal.suspended };
		permit(principal, action in [Action::"twice", Action::"other"], resource);
	`
	path := file(t, []byte(policies))
	id := func(claims string) Identity {
		id, err := NewIdentity([]byte(claims))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	scoped := as(t, "x")
	all := []string{"own", "open", "known", "scope", "self", "types", "guarded", "twice", "unknown"}
	for name, tc := range map[string]struct {
		caller          Identity
		granted, denied string
	}{
		"anonymous": {Identity{}, "open twice", `"guarded"`},
		"a caller":  {scoped, "known open own scope self twice", `"guarded" "types"`},
		"not suspended": {id(`{"sub": "u2", "role": "x", "suspended": false, "n": 7, "rate": 0.5, "big": 12345678901234567890, "yes": true,
			"no": false, "nothing": null, "list": [1, null, "a", 1], "org": {"id": "o1", "x": null}, "a b": 1}`), "guarded known open twice types", ""},
		"suspended":               {id(`{"sub": "u1", "role": "x", "suspended": true}`), "known open self twice", `"types"`},
		"a claim of another type": {id(`{"role": ["user"], "suspended": "no"}`), "known open twice", `"guarded" "types"`},
		"null is absent":          {id(`{"role": "x", "suspended": null}`), "known open twice", `"guarded" "types"`},
	} {
		p, log := openPolicies(t, `{"sources": {"cedar": {"file": "`+path+`"}}}`)
		if got := granted(t, p, tc.caller, all...); got != tc.granted {
			t.Errorf("%s: granted %q, want %q", name, got, tc.granted)
		}
		for _, action := range all {
			before := len(log.list)
			if granted(t, p, tc.caller, action); len(log.list) > before != strings.Contains(tc.denied, `"`+action+`"`) {
				t.Errorf("%s: %s: failures %s", name, action, log)
			}
		}
	}
	for name, text := range map[string]string{"no policy": " // nothing", "no Cedar": "permit(principal"} {
		if _, err := policiesOf(t, `{"sources": {"cedar": {"file": "`+file(t, []byte(text))+`"}}}`).Open(nil, nil); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := policiesOf(t, `{"sources": {"cedar": {"file": "/does/not/exist"}}}`).Open(nil, nil); err == nil {
		t.Error("no file is accepted")
	}
}

// TestRoutes: each source is asked once with its own names, all at once, and grants only what it was asked.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup
	both.Add(2)
	meet := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			both.Done()
			both.Wait() // neither answers before the other was asked
			_, _ = io.WriteString(w, text)
		}
	}
	hook := newDecisionServer(t, meet(`["a:1", "b:1", "c", "a:x:1"]`))
	agent := newDecisionServer(t, meet(`{"result": ["a:1", "b:1", "c", "a:x:1"]}`))
	p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+hook.URL+`"}, "opa": {"url": "`+agent.URL+`/v1/data/x"}, "claim": {"claim": "policies"}},
		"routes": [{"prefix": "a:", "source": "webhook"}, {"prefix": "a:x:", "source": "claim"}, {"prefix": "b:", "source": "opa"}]}`)
	if got := granted(t, p, as(t, "p:a:x:2 p:b:2 p:c"), "a:1", "a:2", "a:x:1", "a:x:2", "b:1", "b:2", "c"); got != "a:1 a:x:2 b:1" {
		t.Errorf("granted %q: %s", got, log)
	}
	for server, want := range map[*decisionServer]string{hook: `"policies":["a:1","a:2"]`, agent: `"policies":["b:1","b:2"]`} {
		if server.count() != 1 || !strings.Contains(server.asked[0], want) {
			t.Errorf("asked %v", server.asked)
		}
	}
}

// TestOneSourceFails: the others' decisions stand.
func TestOneSourceFails(t *testing.T) {
	t.Parallel()
	hook := newDecisionServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+hook.URL+`"}, "claim": {"claim": "policies"}},
		"routes": [{"prefix": "", "source": "claim"}, {"prefix": "w", "source": "webhook"}]}`)
	if got := granted(t, p, as(t, "p:a p:w"), "a", "w"); got != "a" || !strings.Contains(log.String(), "webhook") {
		t.Errorf("granted %q: %s", got, log)
	}
}

// TestFailuresAreToldOnce: a client decides how much it asks about, and not how much is told of what goes wrong.
func TestFailuresAreToldOnce(t *testing.T) {
	t.Parallel()
	broken := newDecisionServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+broken.URL+`"}, "opa": {"url": "`+broken.URL+`"}},
		"routes": [{"prefix": "", "source": "opa"}, {"prefix": "w", "source": "webhook"}]}`)
	if got := granted(t, p, as(t, "-"), "a", "b", "w", "w2"); got != "" || len(log.list) != 1 {
		t.Errorf("two sources: granted %q: %s", got, log)
	}
	p, log = openPolicies(t, `{"sources": {"cedar": {"file": "`+file(t, []byte(`permit(principal, action, resource) when { principal.absent == "x" };`))+`"}}}`)
	if got := granted(t, p, as(t, "-"), "a", "b", "c"); got != "" || len(log.list) != 1 || !strings.Contains(log.String(), `3 of 3 names are denied, first "a", since `) {
		t.Errorf("cedar: granted %q: %s", got, log)
	}
	schema := schemaOf(t, `type Query { a: Int b: Int c: Int }`)
	var failed []error
	a, err := NewAuthorizer(schema, AuthorizationConfig{}, nil, func(err error) { failed = append(failed, err) })
	if err != nil {
		t.Fatal(err)
	}
	a = a.WithFieldPermissions(func(context.Context, Identity) func(supergraph.Coordinate) bool {
		return func(supergraph.Coordinate) bool { panic("oops") }
	})
	if _, denials := decided(t, a, prepared(t, schema, "{ a b c }"), "{}", Identity{}); len(denials) != 3 || len(failed) != 1 {
		t.Errorf("field permissions: %d denials, told %v", len(denials), failed)
	}
}

// TestSourceWithoutRoom: who finds no room at a source is denied at once what that decides about, the others still decide, and it
// counts as an error of the source.
func TestSourceWithoutRoom(t *testing.T) {
	t.Parallel()
	hook := newDecisionServer(t, says(`["w"]`))
	p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+hook.URL+`"}, "claim": {"claim": "policies"}},
		"routes": [{"prefix": "", "source": "claim"}, {"prefix": "w", "source": "webhook"}]}`)
	r, ok := p.(*policyRouter)
	if !ok {
		t.Fatalf("it is a %T", p)
	}
	webhook, ok := r.sources[webhookSource].(*boundedPolicy)
	if !ok {
		t.Fatalf("the webhook is a %T", r.sources[webhookSource])
	}
	var mu sync.Mutex
	errs := map[string]error{}
	p = observe(p, func(source string, _ time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		errs[source] = err
	})
	if got := granted(t, p, as(t, "p:a"), "a", "w"); got != "a w" || errs[webhookSource] != nil {
		t.Errorf("with room: granted %q, %v", got, errs)
	}
	webhook.bounds.places, webhook.bounds.queue = make(chan struct{}), make(chan struct{})
	if got := granted(t, p, as(t, "p:a"), "a", "w"); got != "a" || !errors.Is(errs[webhookSource], errCrowded) || errs[claimSource] != nil {
		t.Errorf("without: granted %q, %v: %s", got, errs, log)
	}
	if hook.count() != 1 {
		t.Errorf("it was asked %d times", hook.count())
	}
}

// TestClientGoesAway: that nobody waits for a decision any longer is no failure of its source.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	hanging := newDecisionServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	p, log := openPolicies(t, `{"sources": {"webhook": {"url": "`+hanging.URL+`"}}}`)
	if list, _ := p.Decide(ctx, as(t, "-"), []string{"a"}); list != nil || len(log.list) != 0 {
		t.Errorf("granted %q: %s", list, log)
	}
}

func TestPolicyCache(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	up := true
	server := newDecisionServer(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if !up {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, `["a"]`)
	})
	p, _ := openPolicies(t, `{"sources": {"webhook": {"url": "`+server.URL+`", "ttl": 3600000000000}}}`)
	someone := as(t, "-")
	sameSubject := as(t, "-")
	sameSubject.Token = "another token"
	otherProvider := as(t, "-")
	otherProvider.Provider = "other"
	noToken, noTokenEither := as(t, "x"), as(t, "y")
	noToken.Token, noTokenEither.Token = "", ""
	for i, caller := range []Identity{someone, sameSubject, otherProvider, {}, {Admin: true}, noToken, noTokenEither} {
		for range 2 {
			if got := granted(t, p, caller, "a", "b"); got != "a" {
				t.Errorf("%d: granted %q", i, got)
			}
		}
		if server.count() != i+1 {
			t.Errorf("after %d callers the source was asked %d times", i+1, server.count())
		}
	}
	before := server.count()
	granted(t, p, someone, "a")
	if server.count() != before+1 {
		t.Error("other names are answered from memory")
	}
	mu.Lock()
	up = false
	mu.Unlock()
	if got := granted(t, p, someone, "a", "b"); got != "a" {
		t.Errorf("granted %q from memory", got)
	}
	router, _ := p.(*policyRouter)
	cache, _ := router.sources["webhook"].(*policyCache)
	key := policyKey(someone, []string{"a", "b"})
	if entry, ok := cache.entries.GetEntryQuietly(key); !ok || entry.ExpiresAfter() <= 0 || entry.ExpiresAfter() > time.Hour {
		t.Errorf("it is kept for %s", entry.ExpiresAfter())
	}
	cache.entries.SetExpiresAfter(key, time.Nanosecond) // an hour later
	for range 2 {
		before = server.count()
		if got := granted(t, p, someone, "a", "b"); got != "" || server.count() != before+1 {
			t.Errorf("granted %q beyond its time, asked %d times", got, server.count()-before)
		}
	}
}

// TestPolicyCacheKeepsLittle: of an answer with many names only those are kept that were asked.
func TestPolicyCacheKeepsLittle(t *testing.T) {
	t.Parallel()
	source := PolicyFunc(func(context.Context, Identity, []string) ([]string, error) {
		return append(slices.Repeat([]string{"other"}, 10_000), "b"), nil
	})
	cache, ok := newPolicyCache(source, time.Hour).(*policyCache)
	if !ok {
		t.Fatal("no cache")
	}
	for range 2 {
		if got := granted(t, cache, as(t, "-"), "a", "b"); got != "b" {
			t.Errorf("granted %q", got)
		}
	}
	if kept, ok := cache.entries.GetIfPresent(policyKey(as(t, "-"), []string{"a", "b"})); !ok || !slices.Equal(kept, []string{"b"}) || cap(kept) > 2 {
		t.Errorf("%d names are kept", cap(kept))
	}
}

// TestObserve: each source that was asked is told once, with what went wrong.
func TestObserve(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	decided := func(source string, took time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, fmt.Sprint(source, " ", err == nil, " ", took >= 0))
	}
	if observe(nil, decided) != nil {
		t.Error("nobody decides, and is observed")
	}
	hook := newDecisionServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	configured, _ := openPolicies(t, `{"sources": {"webhook": {"url": "`+hook.URL+`"}, "claim": {"claim": "policies"}},
		"routes": [{"prefix": "", "source": "claim"}, {"prefix": "w", "source": "webhook"}]}`)
	own := PolicyFunc(func(context.Context, Identity, []string) ([]string, error) { return nil, errors.New("down") })
	for want, p := range map[string]Policy{"claim true true|webhook false true": configured, "program false true": own} {
		told = nil
		_, _ = decide(t.Context(), observe(p, decided), as(t, "p:a"), []string{"a", "w"})
		slices.Sort(told)
		if got := strings.Join(told, "|"); got != want {
			t.Errorf("told %s, want %s", got, want)
		}
	}
}

func TestNoPolicies(t *testing.T) {
	t.Parallel()
	p, err := PolicyConfig{}.Open(nil, nil)
	if p != nil || err != nil {
		t.Error(p, err)
	}
	if _, err := policiesOf(t, `{"sources": {"webhook": {"url": "http://example.com"}}}`).Open(nil, nil); err == nil {
		t.Error("plain http is opened")
	}
	if _, err := decide(context.Background(), &policyRouter{}, Identity{}, nil); err != nil {
		t.Error(err)
	}
}
