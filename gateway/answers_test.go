package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// twoSubgraphs answer me and warehouses, the first of them late, with these header lines.
func twoSubgraphs(accounts, inventory []string) map[string]http.Handler {
	late := canned(`{"data":{"me":{"name":"Amara"}}}`, accounts...)
	return map[string]http.Handler{
		"accounts": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond) // its answer comes last, and is the first of the plan all the same
			late(w, r)
		}),
		"inventory": canned(`{"data":{"warehouses":[]}}`, inventory...),
	}
}

const askBoth = `{me{name} warehouses{id}}`

// TestSetCookie: all cookies of all answers, each in a line of its own, in the order of the fetches.
func TestSetCookie(t *testing.T) {
	t.Parallel()
	first := []string{"Set-Cookie: a=1; Path=/; HttpOnly", "Set-Cookie: b=2, c; Expires=Wed, 21 Oct 2026 07:28:00 GMT"}
	second := []string{"Set-Cookie: a=3"}
	lines := []string{"Set-Cookie: a=1; Path=/; HttpOnly", "Set-Cookie: b=2, c; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "Set-Cookie: a=3"}
	failing := twoSubgraphs(first, second)
	failing["inventory"] = canned(`{"data":null,"errors":[{"message":"no"}]}`, second...)
	status := twoSubgraphs(first, second)
	status["inventory"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=3")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprint(w, `{"errors":[{"message":"no"}]}`)
	})
	for name, tc := range map[string]struct {
		handlers map[string]http.Handler
		document string
		want     []string
		errors   bool
	}{
		"two subgraphs":        {twoSubgraphs(first, second), askBoth, lines, false},
		"with errors":          {failing, askBoth, lines, true},
		"with another status":  {status, askBoth, lines, true},
		"one of them":          {twoSubgraphs(first, second), `{warehouses{id}}`, lines[2:], false},
		"none":                 {twoSubgraphs(nil, nil), askBoth, nil, false},
		"a fetch that waits":   {map[string]http.Handler{"products": canned(`{"data":{"topProducts":[{"__typename":"Product","upc":"1"}]}}`, "Set-Cookie: p=1"), "reviews": canned(`{"data":{"_entities":[{"__typename":"Product","reviews":[]}]}}`, "Set-Cookie: r=1")}, `{topProducts{reviews{id}}}`, []string{"Set-Cookie: p=1", "Set-Cookie: r=1"}, false},
		"mutations, in series": {map[string]http.Handler{"accounts": canned(`{"data":{"setRole":null}}`, "Set-Cookie: a=1"), "inventory": canned(`{"data":{"setStock":null}}`, "Set-Cookie: i=1")}, `mutation{setStock(input:{upc:"1",warehouseId:"1",quantity:1}){__typename} setRole(userId:"1",role:CUSTOMER){name}}`, []string{"Set-Cookie: i=1", "Set-Cookie: a=1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := shopGateway(t, tc.handlers)
			for range 3 {
				got, received := sendRaw(t, g, tc.document)
				var cookies []string
				for _, line := range received {
					if strings.HasPrefix(line, "Set-Cookie:") {
						cookies = append(cookies, line)
					}
				}
				if fmt.Sprintf("%q", cookies) != fmt.Sprintf("%q", tc.want) || strings.Contains(got.body, `"errors"`) != tc.errors {
					t.Errorf("got %q, want %q; %s", cookies, tc.want, got.body)
				}
			}
		})
	}
}

// TestCookiesAreNotShared: of clients who ask the same at the same time, each gets cookies of its own.
func TestCookiesAreNotShared(t *testing.T) {
	t.Parallel()
	var number atomic.Int32
	g := shopGateway(t, map[string]http.Handler{"accounts": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := number.Add(1)
		time.Sleep(50 * time.Millisecond)
		canned(fmt.Sprintf(`{"data":{"me":{"name":"%d"}}}`, n), fmt.Sprintf("Set-Cookie: n=%d", n))(w, r)
	})})
	answers := make(chan answer, 5)
	for range cap(answers) {
		go func() { answers <- send(t, g, `{me{name}}`) }()
	}
	seen := map[string]bool{}
	for range cap(answers) {
		got := <-answers
		cookie := got.header.Get("Set-Cookie")
		if n := strings.TrimPrefix(cookie, "n="); got.body != fmt.Sprintf(`{"data":{"me":{"name":"%s"}}}`, n) || seen[cookie] {
			t.Errorf("%s came with %q", got.body, cookie)
		}
		seen[cookie] = true
	}
}

// TestResponseHeaders: what is listed, merged as it says; nothing else.
func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	list := `{"responseHeaders":[{"name":"x-first","merge":"first"},{"name":"x-last","merge":"last"},{"name":"X-All","merge":"append"},{"name":"x-ratelimit-remaining","merge":"min"},{"name":"x-cost","merge":"max"}]}`
	for name, tc := range map[string]struct {
		config              string
		accounts, inventory []string
		want                []string
	}{
		"nothing by default": {
			`{}`, []string{"X-First: 1", "Server: x", "ETag: 1", "Access-Control-Allow-Origin: *", "Www-Authenticate: Basic", "Location: /"}, nil,
			[]string{"X-First", "Server", "Etag", "Access-Control-Allow-Origin", "Www-Authenticate", "Location"},
		},
		"all": {
			list,
			[]string{"X-First: a", "x-first: b", "X-Last: a", "X-All: 1", "X-All: 2", "X-Ratelimit-Remaining: 10", "X-Cost: 3.5", "X-Other: 1"},
			[]string{"X-First: c", "X-Last: b", "X-Last: c", "X-All: 3", "X-Ratelimit-Remaining: 9", "X-Cost: 3.25"},
			[]string{"X-First: a", "X-First: b", "X-Last: b", "X-Last: c", "X-All: 1", "X-All: 2", "X-All: 3", "X-Ratelimit-Remaining: 9", "X-Cost: 3.5", "X-Other"},
		},
		"of one only": {
			list, []string{"X-Last: a", "X-Cost: -1"}, []string{"X-First: c", "X-All: 3", "X-Ratelimit-Remaining: 12"},
			[]string{"X-First: c", "X-Last: a", "X-All: 3", "X-Ratelimit-Remaining: 12", "X-Cost: -1"},
		},
		"no numbers": {
			list, []string{"X-Ratelimit-Remaining: many", "X-Cost: 1e3", "X-Cost: 0x10", "X-Cost: NaN"}, []string{"X-Ratelimit-Remaining: 5", "X-Ratelimit-Remaining: 4"},
			[]string{"X-Ratelimit-Remaining: 4", "X-Cost"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := shopGateway(t, twoSubgraphs(tc.accounts, tc.inventory), withConfig(t, tc.config))
			got, _ := sendRaw(t, g, askBoth)
			if got.body != `{"data":{"me":{"name":"Amara"},"warehouses":[]}}` {
				t.Fatalf("got %s", got.body)
			}
			wants(t, "the client got", got.header, tc.want...)
		})
	}
}

// TestCacheControl is the table of docs/headers.md: the most restrictive of all answers, and never more than the gateway can
// answer for.
func TestCacheControl(t *testing.T) {
	t.Parallel()
	const none = "-" // an answer without the header
	says := func(text string) []string {
		if text == none {
			return nil
		}
		return []string{"Cache-Control: " + text}
	}
	forwards := withConfig(t, `{"forwardClientHeaders":["x-a"]}`)
	for name, tc := range map[string]struct {
		accounts, inventory string
		change              func(*gateway.Config)
		want                string
	}{
		"nobody says anything":            {none, none, nil, none},
		"the same":                        {"public, max-age=60", "public, max-age=60", nil, "public, max-age=60"},
		"the least":                       {"max-age=60, public", "public, max-age=10", nil, "public, max-age=10"},
		"one says nothing":                {"max-age=60", none, nil, "no-store"},
		"private":                         {"public, max-age=60", "private, max-age=90", nil, "private, max-age=60"},
		"public is not said by all":       {"public, max-age=60", "max-age=90", nil, "max-age=60"},
		"no-cache":                        {"no-cache", "max-age=60", nil, "no-cache, max-age=0"},
		"no-store":                        {"no-store", "public, max-age=60", nil, "no-store"},
		"for shared caches":               {"public, max-age=60, s-maxage=120", "public, max-age=30", nil, "public, max-age=30, s-maxage=30"},
		"for shared caches, private":      {"s-maxage=120, max-age=5", "private, max-age=30", nil, "private, max-age=5"},
		"revalidation":                    {"max-age=5, must-revalidate", "max-age=5, proxy-revalidate, no-transform, immutable, stale-while-revalidate=60", nil, "max-age=5, must-revalidate, proxy-revalidate, no-transform"},
		"lists of names":                  {`private="set-cookie", max-age=5`, `no-cache="a, b", max-age=6`, nil, "private, no-cache, max-age=5"},
		"without a time":                  {"public", "public, max-age=60", nil, "public, max-age=0"},
		"nonsense":                        {"max-age=soon", "max-age=60", nil, "max-age=0"},
		"twice":                           {"max-age=60, max-age=5", `max-age="50"`, nil, "max-age=5"},
		"no end":                          {"max-age=99999999999999999999", "max-age=99999999999999999999", nil, "max-age=2147483648"},
		"negative":                        {"max-age=-1", "max-age=60", nil, "max-age=0"},
		"in capitals":                     {"PUBLIC, MAX-AGE=60", "Public , Max-Age = 70", nil, "public, max-age=60"},
		"empty":                           {"", "max-age=60", nil, "max-age=0"},
		"callers":                         {"public, max-age=60", "public, max-age=60", withTokens(t), "private, max-age=60"},
		"callers, nobody says anything":   {none, none, withTokens(t), "no-store"},
		"callers, one says nothing":       {none, "public, max-age=60", withTokens(t), "no-store"},
		"headers of clients":              {"public, max-age=60", "public, s-maxage=60", forwards, "private, max-age=0"},
		"headers, nobody says anything":   {none, none, forwards, none},
		"an administrator can be told of": {"public, max-age=60", "public, max-age=60", withSession(t, ""), "private, max-age=60"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []func(*gateway.Config)
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			g := shopGateway(t, twoSubgraphs(says(tc.accounts), says(tc.inventory)), changes...)
			got := send(t, g, askBoth)
			cacheControl(t, got, tc.want)
		})
	}
	fresh := says("public, max-age=60")
	g := shopGateway(t, map[string]http.Handler{
		"accounts":  canned(`{"data":{"me":null,"setRole":null},"errors":[{"message":"no","path":["me"]}]}`, fresh...),
		"inventory": canned(`{"data":{"setStock":null,"warehouses":[]}}`, fresh...),
		"products":  canned(`{"data":{"topProducts":[]}}`, append(fresh, "Set-Cookie: a=1")...),
		"reviews":   canned(`nothing`, fresh...),
	})
	for document, want := range map[string]string{
		`{me{name}}`:                "no-store",
		`{me{name} warehouses{id}}`: "no-store",
		`{warehouses{id}}`:          "public, max-age=60",
		`{topProducts{name}}`:       "private, max-age=60",
		`{__typename}`:              none,
		`{`:                         "no-store",
		`mutation{setStock(input:{upc:"1",warehouseId:"1",quantity:1}){__typename}}`: "no-store",
	} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			cacheControl(t, send(t, g, document), want)
		})
	}
	t.Run("Age", func(t *testing.T) {
		t.Parallel()
		old := shopGateway(t, twoSubgraphs(append(says("max-age=60"), "Age: 20"), append(says("max-age=50"), "Age: 5")))
		cacheControl(t, send(t, old, askBoth), "max-age=40")
	})
}

// cacheControl compares the header of an answer; "-" is none.
func cacheControl(t *testing.T, got answer, want string) {
	t.Helper()
	text := strings.Join(got.header["Cache-Control"], " | ")
	if text == "" {
		text = "-"
	}
	if text != want {
		t.Errorf("got %q, want %q with %s", text, want, got.body)
	}
}

// TestDeniedIsNotStored: what is left out for one caller may be there for the next.
func TestDeniedIsNotStored(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"errors", "extensions", "none"} {
		g := gatewaytest.New(t, protectedSDL(t), map[string]http.Handler{
			"accounts": canned(`{"data":{"users":[{"name":"A"}]}}`, "Cache-Control: public, max-age=60"),
		}, withTokens(t), func(c *gateway.Config) { c.Authorization.Errors.Location = location })
		cacheControl(t, send(t, g, `{users{name email}}`), "no-store")
	}
}

// TestStrangeAnswers: header lines that no subgraph should send do not get through.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, map[string]http.Handler{"accounts": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		body := `{"data":{"me":{"name":"Amara"}}}`
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=\x00b\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		_ = conn.Close()
	})})
	got, received := sendRaw(t, g, `{me{name}}`)
	if !strings.Contains(got.body, "SUBREQUEST_HTTP_ERROR") || strings.Contains(strings.Join(received, "\n"), "Set-Cookie") {
		t.Errorf("got %s with %q", got.body, received)
	}
}
