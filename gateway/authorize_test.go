package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
	"github.com/gatehouse-graphql/gatehouse/gateway"
	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// protectedSDL returns the example supergraph with its auth directives.
func protectedSDL(tb testing.TB) string {
	tb.Helper()
	sdl, err := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	if err != nil {
		tb.Fatal(err)
	}
	return string(sdl)
}

// protectedShop runs the example shop with its auth directives, the tokens of token, and policies in a claim.
func protectedShop(tb testing.TB, change ...func(*gateway.Config)) *gatewaytest.Gateway {
	tb.Helper()
	parts, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		tb.Fatal(err)
	}
	handlers := map[string]http.Handler{}
	for _, s := range parts {
		handlers[s.Name] = shop.As("1", s.Handler)
	}
	changes := []func(*gateway.Config){withTokens(tb), func(c *gateway.Config) {
		c.Authorization.AllowUnconfigured = false
		c.Authorization.Policies.Sources.Claim = &authz.PolicyClaim{Claim: "policies"}
	}}
	return gatewaytest.New(tb, protectedSDL(tb), handlers, append(changes, change...)...)
}

// bearer is the header of a caller with a scope and a policy, each optional.
func bearer(tb testing.TB, scope, policy string) []string {
	tb.Helper()
	return []string{"Authorization", "Bearer " + token(tb, map[string]any{"sub": "1", "scope": scope, "policies": policy})}
}

// everyRule is a document that needs a caller, a scope and a policy for parts of it.
const everyRule = `{me{name mail:email} topProducts(first:1){upc cost{amount}}}`

// denied is an error as clients read it.
func denied(path, affected, reason string) string {
	text := `{"message":"Unauthorized field or type",`
	if path != "" {
		text += `"path":` + path + `,`
	}
	return text + fmt.Sprintf(`"extensions":{"code":"UNAUTHORIZED_FIELD_OR_TYPE","affectedPath":"%s","reason":"%s"}}`, affected, reason)
}

// TestAnswersDiffer: each caller gets what the token is good for, and no subgraph is asked for the rest.
func TestAnswersDiffer(t *testing.T) {
	t.Parallel()
	g := protectedShop(t)
	for _, tc := range []struct {
		name   string
		header []string
		want   string
		never  []string // in no subgraph's document
	}{
		{
			"anonymous", nil,
			`{"data":{"me":null,"topProducts":[{"upc":"1","cost":null}]},"errors":[` + denied(`["me"]`, "me", "UNAUTHENTICATED") + "," +
				denied("", "topProducts.cost", "UNAUTHENTICATED") + `]}`,
			[]string{"me", "email", "cost"},
		},
		{
			"customer", bearer(t, "", ""),
			`{"data":{"me":{"name":"Amara Okafor","mail":null},"topProducts":[{"upc":"1","cost":null}]},"errors":[` +
				denied(`["me","mail"]`, "me.mail", "FORBIDDEN") + "," + denied("", "topProducts.cost", "FORBIDDEN") + `]}`,
			[]string{"email", "cost"},
		},
		{
			"scope", bearer(t, "read:email other", ""),
			`{"data":{"me":{"name":"Amara Okafor","mail":"amara@shop.example"},"topProducts":[{"upc":"1","cost":null}]},"errors":[` +
				denied("", "topProducts.cost", "FORBIDDEN") + `]}`,
			[]string{"cost"},
		},
		{
			"all", bearer(t, "read:email", "finance"),
			`{"data":{"me":{"name":"Amara Okafor","mail":"amara@shop.example"},"topProducts":[{"upc":"1","cost":{"amount":540}}]}}`, nil,
		},
	} {
		got := send(t, g, everyRule, tc.header...)
		if got.status != http.StatusOK || got.body != tc.want {
			t.Errorf("%s: got %d %s, want %s", tc.name, got.status, got.body, tc.want)
		}
		assertNeverAsked(t, tc.name, g.Requests(), tc.never)
	}
}

// assertNeverAsked wants none of the names in any document.
func assertNeverAsked(t *testing.T, who string, requests []gatewaytest.Request, names []string) {
	t.Helper()
	for _, r := range requests {
		var body struct{ Query string }
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Fatal(err)
		}
		words := strings.FieldsFunc(body.Query, func(c rune) bool { return strings.ContainsRune("{}(): ,!$\n", c) })
		for _, word := range words {
			for _, name := range names {
				if word == name {
					t.Errorf("%s: %s is asked %s", who, r.Subgraph, body.Query)
				}
			}
		}
	}
}

// TestNothingLeft: when everything is denied no subgraph is asked, and no denied mutation runs.
func TestNothingLeft(t *testing.T) {
	t.Parallel()
	g := protectedShop(t)
	for document, want := range map[string]string{
		`{me{name}}`:                     `{"data":{"me":null},"errors":[` + denied(`["me"]`, "me", "UNAUTHENTICATED") + `]}`,
		`mutation{deleteReview(id:"1")}`: `{"data":null,"errors":[` + denied(`["deleteReview"]`, "deleteReview", "UNAUTHENTICATED") + `]}`,
		`query($x:Boolean=false){__typename me@include(if:$x){name}}`: `{"data":{"__typename":"Query"}}`,
	} {
		if got := send(t, g, document); got.status != http.StatusOK || got.body != want {
			t.Errorf("%s: got %d %s", document, got.status, got.body)
		}
	}
	if requests := g.Requests(); len(requests) > 0 {
		t.Errorf("subgraphs were asked: %+v", requests)
	}
}

// TestReject: 401 and 403 in both media types, without a call, by configuration or since the request wishes it.
func TestReject(t *testing.T) {
	t.Parallel()
	rejecting := protectedShop(t, func(c *gateway.Config) { c.Authorization.Mode = "reject" })
	filtering := protectedShop(t)
	silent := protectedShop(t, func(c *gateway.Config) { c.Authorization.Mode, c.Authorization.Errors.Location = "reject", "none" })
	wish := []string{"X-Gatehouse-Unauthorized", "reject"}
	for _, mediaType := range []string{"application/json", "application/graphql-response+json"} {
		for _, tc := range []struct {
			name      string
			g         *gatewaytest.Gateway
			header    []string
			document  string
			status    int
			challenge string
			want      string
		}{
			{"anonymous", rejecting, nil, `{me{name}}`, 401, "Bearer", `{"errors":[` + denied(`["me"]`, "me", "UNAUTHENTICATED") + `]}`},
			{"forbidden", rejecting, bearer(t, "", ""), `{me{email} users{id}}`, 403, `Bearer error="insufficient_scope"`, `{"errors":[` + denied(`["me","email"]`, "me.email", "FORBIDDEN") + `]}`},
			{"allowed", rejecting, nil, `{__typename}`, 200, "", `{"data":{"__typename":"Query"}}`},
			{"wish, anonymous", filtering, wish, `{me{name}}`, 401, "Bearer", `{"errors":[` + denied(`["me"]`, "me", "UNAUTHENTICATED") + `]}`},
			{"wish, forbidden", filtering, append(bearer(t, "", ""), wish...), `{me{email}}`, 403, `Bearer error="insufficient_scope"`, `{"errors":[` + denied(`["me","email"]`, "me.email", "FORBIDDEN") + `]}`},
			{"wish, allowed", filtering, wish, `{__typename}`, 200, "", `{"data":{"__typename":"Query"}}`},
			{"a laxer wish", rejecting, []string{"X-Gatehouse-Unauthorized", "filter"}, `{me{name}}`, 401, "Bearer", `{"errors":[` + denied(`["me"]`, "me", "UNAUTHENTICATED") + `]}`},
			{"no places", silent, nil, `{me{name}}`, 401, "Bearer", `{"errors":[{"message":"Unauthenticated","extensions":{"code":"UNAUTHENTICATED"}}]}`},
			{"no places, forbidden", silent, bearer(t, "", ""), `{me{email}}`, 403, `Bearer error="insufficient_scope"`, `{"errors":[{"message":"Unauthorized field or type","extensions":{"code":"UNAUTHORIZED_FIELD_OR_TYPE"}}]}`},
		} {
			got := send(t, tc.g, tc.document, append([]string{"Accept", mediaType}, tc.header...)...)
			if got.status != tc.status || got.body != tc.want || got.header.Get("WWW-Authenticate") != tc.challenge {
				t.Errorf("%s, %s: got %d %q %s", tc.name, mediaType, got.status, got.header.Get("WWW-Authenticate"), got.body)
			}
			if requests := tc.g.Requests(); len(requests) > 0 {
				t.Errorf("%s: subgraphs were asked", tc.name)
			}
		}
	}
}

// TestWhereErrorsStand: errors, extensions, none, explain, and what a dry run tells.
func TestWhereErrorsStand(t *testing.T) {
	t.Parallel()
	me := denied(`["me"]`, "me", "UNAUTHENTICATED")
	explained := strings.TrimSuffix(me, "}}") + `,"unmet":"@authenticated"}}`
	for name, tc := range map[string]struct {
		change func(*authz.AuthorizationConfig)
		want   string
	}{
		"errors":     {func(*authz.AuthorizationConfig) {}, `{"data":{"me":null},"errors":[` + me + `]}`},
		"extensions": {func(c *authz.AuthorizationConfig) { c.Errors.Location = "extensions" }, `{"data":{"me":null},"extensions":{"authorizationErrors":[` + me + `]}}`},
		"none":       {func(c *authz.AuthorizationConfig) { c.Errors.Location = "none" }, `{"data":{"me":null}}`},
		"explain":    {func(c *authz.AuthorizationConfig) { c.Errors.Explain = true }, `{"data":{"me":null},"errors":[` + explained + `]}`},
		"dry run":    {func(c *authz.AuthorizationConfig) { c.DryRun = true }, `{"data":{"me":{"name":"Amara Okafor"}}}`},
		"dry run, reject": {
			func(c *authz.AuthorizationConfig) { c.DryRun, c.Mode = true, "reject" }, `{"data":{"me":{"name":"Amara Okafor"}}}`,
		},
		"dry run, explain": {
			func(c *authz.AuthorizationConfig) { c.DryRun, c.Errors.Explain = true, true },
			`{"data":{"me":{"name":"Amara Okafor"}},"extensions":{"authorizationDryRun":[` + explained + `]}}`,
		},
	} {
		g := protectedShop(t, func(c *gateway.Config) { tc.change(&c.Authorization) })
		for range 2 { // planned, and from the cache
			if got := send(t, g, `{me{name}}`); got.status != http.StatusOK || got.body != tc.want {
				t.Errorf("%s: got %d %s, want %s", name, got.status, got.body, tc.want)
			}
		}
	}
}

// TestDryRunLogs: a dry run says at start and for each request what it does not do.
func TestDryRunLogs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	config := gateway.DefaultConfig()
	config.Authorization.DryRun, config.Authorization.AllowUnconfigured = true, true
	g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))), gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	serve(g, `{me{name}}`)
	if text := log.String(); !strings.Contains(text, "dry run") || !strings.Contains(text, "Query.me") {
		t.Errorf("the log says %s", text)
	}
}

// serve asks a gateway without a network.
func serve(g *gateway.Gateway, document string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(document)))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request)
	return w
}

// TestFailsClosed: a schema with rules that nobody can satisfy is refused, with words that say what to configure; with
// allowUnconfigured it runs and denies.
func TestFailsClosed(t *testing.T) {
	t.Parallel()
	sdl := gateway.WithSupergraph([]byte(protectedSDL(t)))
	somebody := gateway.WithAuthenticator(methodFunc(func(*http.Request) (authz.Identity, *authz.Rejection, error) {
		caller, err := authz.NewIdentity([]byte(`{"sub":"1"}`))
		return caller, nil, err
	}))
	policy := gateway.WithPolicy(authz.PolicyFunc(func(_ context.Context, _ authz.Identity, names []string) ([]string, error) { return names, nil }))
	for name, tc := range map[string]struct {
		options []gateway.Option
		want    []string
	}{
		"nothing":     {nil, []string{`"jwt.providers"`, `"authorization.policies.sources"`, `"finance"`}},
		"no policies": {[]gateway.Option{somebody}, []string{`"authorization.policies.sources"`}},
		"nobody":      {[]gateway.Option{policy}, []string{`"jwt.providers"`}},
		"both":        {[]gateway.Option{somebody, policy}, nil},
	} {
		for _, dryRun := range []bool{false, true} {
			config := gateway.DefaultConfig()
			config.Authorization.DryRun = dryRun
			g, err := gateway.New(config, append([]gateway.Option{sdl}, tc.options...)...)
			if err == nil {
				g.Close()
			}
			if (err == nil) != (tc.want == nil) {
				t.Errorf("%s: %v", name, err)
			}
			for _, want := range tc.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v says nothing of %s", name, err, want)
				}
			}
		}
	}
	config := gateway.DefaultConfig()
	config.Authorization.AllowUnconfigured = true
	g, err := gateway.New(config, sdl)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if w := serve(g, `{me{name}}`); !strings.HasPrefix(w.Body.String(), `{"data":{"me":null},"errors":[`) {
		t.Errorf("got %s", w.Body)
	}
	config = gateway.DefaultConfig()
	config.Authorization.Policies.Sources.Claim = &authz.PolicyClaim{Claim: "policies"}
	if _, err := gateway.New(config, sdl, somebody, policy); err == nil || !strings.Contains(err.Error(), "authorization.policies.sources") {
		t.Errorf("two ways to decide about policies: %v", err)
	}
}

// TestOwnDecisions: policies and field permissions in code; whatever fails denies.
func TestOwnDecisions(t *testing.T) {
	t.Parallel()
	fine := authz.PolicyFunc(func(_ context.Context, _ authz.Identity, names []string) ([]string, error) { return names, nil })
	fails := authz.PolicyFunc(func(_ context.Context, _ authz.Identity, names []string) ([]string, error) {
		return names, errors.New("out of order")
	})
	all := func(context.Context, authz.Identity) func(supergraph.Coordinate) bool {
		return func(supergraph.Coordinate) bool { return true }
	}
	const isDenied, isAllowed = `"affectedPath":"product.cost"`, `"service":"products"` // there is no subgraph to answer
	for name, tc := range map[string]struct {
		policy authz.Policy
		fields func(context.Context, authz.Identity) func(supergraph.Coordinate) bool
		want   string
	}{
		"granted":     {fine, nil, isAllowed},
		"fails":       {fails, nil, isDenied},
		"with fields": {fine, all, isAllowed},
		"but fields": {fine, func(context.Context, authz.Identity) func(supergraph.Coordinate) bool {
			return func(c supergraph.Coordinate) bool { return c != "Product.cost" }
		}, isDenied},
		"no fields":    {fine, func(context.Context, authz.Identity) func(supergraph.Coordinate) bool { return nil }, `"affectedPath":"product"`},
		"fields panic": {fine, func(context.Context, authz.Identity) func(supergraph.Coordinate) bool { panic("out of order") }, `"affectedPath":"product"`},
	} {
		config := gateway.DefaultConfig()
		config.Authorization.AllowUnconfigured = true
		config.Subgraphs = map[supergraph.SubgraphName]upstream.SubgraphConfig{"products": {URL: "http://127.0.0.1:1/graphql"}}
		options := []gateway.Option{gateway.WithSupergraph([]byte(protectedSDL(t))), gateway.WithPolicy(tc.policy)}
		if tc.fields != nil {
			options = append(options, gateway.WithFieldPermissions(tc.fields))
		}
		g, err := gateway.New(config, options...)
		if err != nil {
			t.Fatal(err)
		}
		w := serve(g, `{product(upc:"1"){upc cost{amount}}}`)
		if !strings.Contains(w.Body.String(), tc.want) || strings.Contains(w.Body.String(), "out of order") || tc.want == isAllowed && strings.Contains(w.Body.String(), isDenied) {
			t.Errorf("%s: got %s", name, w.Body)
		}
		g.Close()
	}
}

// TestFieldPermissions: an allow-list for a schema without auth directives.
func TestFieldPermissions(t *testing.T) {
	t.Parallel()
	text := `{"authorization":{"fieldPermissions":{
		"rules":[{"when":{"claim":"role","in":["admin"]},"allow":["*"]},{"when":{"authenticated":true},"allow":["Product.name"]}],
		"default":["Query.topProducts","Product.upc"]}}}`
	parsed, err := gateway.ParseConfig([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	g := shopGateway(t, nil, withTokens(t), func(c *gateway.Config) { c.Authorization.FieldPermissions = parsed.Authorization.FieldPermissions })
	for _, tc := range []struct {
		claims map[string]any
		want   string
	}{
		{nil, `{"data":{"topProducts":[{"upc":"1","name":null,"price":null}]},"errors":[`},
		{map[string]any{"role": "x"}, `{"data":{"topProducts":[{"upc":"1","name":"Table","price":null}]},"errors":[`},
		{map[string]any{"role": "admin"}, `{"data":{"topProducts":[{"upc":"1","name":"Table","price":899}]}}`},
	} {
		var header []string
		if tc.claims != nil {
			header = []string{"Authorization", "Bearer " + token(t, tc.claims)}
		}
		if got := send(t, g, `{topProducts(first:1){upc name price}}`, header...); !strings.HasPrefix(got.body, tc.want) {
			t.Errorf("%v: got %s", tc.claims, got.body)
		}
	}
	bad, err := gateway.ParseConfig([]byte(`{"authorization":{"fieldPermissions":{"default":["Query.nope"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.New(bad, gateway.WithSupergraph([]byte(supergraphSDL(t)))); err == nil || !strings.Contains(err.Error(), "authorization.fieldPermissions.default[0]: ") {
		t.Errorf("a pattern that matches nothing: %v", err)
	}
}

func TestIntrospectionOff(t *testing.T) {
	t.Parallel()
	g := shopGateway(t, nil, func(c *gateway.Config) { c.Authorization.Introspection = "off" })
	for document, off := range map[string]bool{
		`{__schema{queryType{name}}}`:                                   true,
		`{a:__type(name:"User"){name}}`:                                 true,
		`{...on Query{...F}} fragment F on Query{__schema{__typename}}`: true,
		`{__typename}`: false,
	} {
		if got := send(t, g, document); strings.Contains(got.body, `"code":"INTROSPECTION_DISABLED"`) != off || strings.Contains(got.body, `"data"`) == off {
			t.Errorf("%s: got %s", document, got.body)
		}
	}
}

// TestIntrospectionFiltered: each caller is shown what they could select.
func TestIntrospectionFiltered(t *testing.T) {
	t.Parallel()
	g := protectedShop(t, func(c *gateway.Config) { c.Authorization.Introspection = "filtered" })
	const document = `{user:__type(name:"User"){fields{name}} address:__type(name:"Address"){name} __schema{types{name} queryType{fields{name}}}}`
	for _, tc := range []struct {
		header            []string
		me, mail, address bool
	}{{nil, false, false, false}, {bearer(t, "", ""), true, false, true}, {bearer(t, "read:email", ""), true, true, true}} {
		got := send(t, g, document, tc.header...).body
		for text, want := range map[string]bool{
			`{"name":"me"}`: tc.me, `{"name":"email"}`: tc.mail, `"address":{"name":"Address"}`: tc.address, `{"name":"Address"}`: tc.address,
			`{"name":"username"}`: true, `{"name":"users"}`: true, `{"name":"__Type"}`: true,
		} {
			if strings.Contains(got, text) != want {
				t.Errorf("%v: %s is there: %t, in %s", tc.me, text, !want, got)
			}
		}
	}
}

// TestPolicyIsAskedOnce: also where the request needs to know about the whole schema, since introspection is filtered.
func TestPolicyIsAskedOnce(t *testing.T) {
	t.Parallel()
	for introspection, want := range map[string]int32{"full": 1, "filtered": 1} {
		var asked atomic.Int32
		config := gateway.DefaultConfig()
		config.Authorization.AllowUnconfigured, config.Authorization.Introspection = true, introspection
		g, err := gateway.New(config, gateway.WithSupergraph([]byte(protectedSDL(t))), gateway.WithPolicy(
			authz.PolicyFunc(func(context.Context, authz.Identity, []string) ([]string, error) {
				asked.Add(1)
				return nil, nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		w := serve(g, `{__type(name:"Product"){fields{name}} product(upc:"1"){cost{amount}}}`)
		if got := asked.Load(); got != want {
			t.Errorf("%s: asked %d times", introspection, got)
		}
		if text := w.Body.String(); !strings.Contains(text, `"affectedPath":"product.cost"`) || strings.Contains(text, `{"name":"cost"}`) == (introspection == "filtered") {
			t.Errorf("%s: got %s", introspection, text)
		}
		g.Close()
	}
}

// mixedDocuments are what the callers of TestCallersAreNotMixed ask: the same fields in different ways.
var mixedDocuments = []string{
	everyRule,
	`{topProducts(first:1){...on Product{cost{amount}} upc} me{mail:email name}}`,
	`query($all:Boolean=true){me@include(if:$all){...F} topProducts(first:1){upc cost{amount}}} fragment F on User{name mail:email}`,
}

// mixedAnswer is what a caller with these rights must get for one of mixedDocuments, byte for byte.
func mixedAnswer(document int, scope, policy, authenticated bool) string {
	reason, mail, cost := "FORBIDDEN", "null", "null"
	var errors []string
	fail := func(text string) { errors = append(errors, text) }
	if !authenticated {
		reason = "UNAUTHENTICATED"
	}
	failCost := func() {
		if policy {
			cost = `{"amount":540}`
		} else {
			fail(denied("", "topProducts.cost", reason))
		}
	}
	if document == 1 {
		failCost()
	}
	switch {
	case !authenticated:
		fail(denied(`["me"]`, "me", reason))
	case scope:
		mail = `"amara@shop.example"`
	default:
		fail(denied(`["me","mail"]`, "me.mail", reason))
	}
	if document != 1 {
		failCost()
	}
	me, product := `{"name":"Amara Okafor","mail":`+mail+`}`, `{"upc":"1","cost":`+cost+`}`
	if document == 1 {
		me, product = `{"mail":`+mail+`,"name":"Amara Okafor"}`, `{"cost":`+cost+`,"upc":"1"}`
	}
	if !authenticated {
		me = "null"
	}
	text := `{"me":` + me + `,"topProducts":[` + product + `]}`
	if document == 1 {
		text = `{"topProducts":[` + product + `],"me":` + me + `}`
	}
	text = `{"data":` + text
	if len(errors) > 0 {
		text += `,"errors":[` + strings.Join(errors, ",") + `]`
	}
	return text + "}"
}

// TestCallersAreNotMixed: a thousand callers of different rights at the same time, on the same operations, and each gets what
// is theirs, byte for byte.
func TestCallersAreNotMixed(t *testing.T) {
	t.Parallel()
	const callers = 1_000
	g := protectedShop(t, func(c *gateway.Config) { c.Upstream.MaxRequests = callers })
	var running sync.WaitGroup
	for i := range callers {
		scope, policy, authenticated := i%5 == 1 || i%5 == 3, i%5 == 2 || i%5 == 3, i%5 != 0
		authorization := ""
		if authenticated {
			claims := map[string]any{"sub": fmt.Sprint(i)}
			if scope {
				claims["scope"] = "read:email"
			}
			if policy {
				claims["policies"] = []string{"finance"}
			}
			authorization = "Bearer " + token(t, claims)
		}
		running.Go(func() {
			for round := range 2 * len(mixedDocuments) {
				document := (i + round) % len(mixedDocuments)
				request := httptest.NewRequest(http.MethodPost, gateway.Endpoint, strings.NewReader(ask(mixedDocuments[document])))
				request.Header.Set("Content-Type", "application/json")
				if authorization != "" {
					request.Header.Set("Authorization", authorization)
				}
				w := httptest.NewRecorder()
				g.Handler.ServeHTTP(w, request)
				if got, want := w.Body.String(), mixedAnswer(document, scope, policy, authenticated); got != want {
					t.Errorf("caller %d: got %s, want %s", i, got, want)
				}
			}
		})
	}
	running.Wait()
}
