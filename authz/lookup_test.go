package authz

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

func TestFindToken(t *testing.T) {
	t.Parallel()
	places := newLookups([]TokenLocation{
		{Header: "authorization", Prefix: "Bearer"},
		{Header: "x-token"},
		{Cookie: "auth"},
	})
	long := strings.Repeat("x", maxToken)
	for name, tc := range map[string]struct {
		headers       []string // "name: value"
		token, prefix string
		err           error
	}{
		"nothing":                   {nil, "", "", nil},
		"header":                    {[]string{"authorization: Bearer abc"}, "abc", "Bearer", nil},
		"in lower case":             {[]string{"authorization: bearer abc"}, "abc", "Bearer", nil},
		"in upper case":             {[]string{"authorization: BEARER abc"}, "abc", "Bearer", nil},
		"several spaces":            {[]string{"authorization: Bearer   abc  "}, "abc", "Bearer", nil},
		"no space":                  {[]string{"authorization: Bearerabc"}, "", "", nil},
		"tab":                       {[]string{"authorization: Bearer\tabc"}, "abc", "Bearer", nil},
		"only the scheme":           {[]string{"authorization: Bearer"}, "", "", nil},
		"only the scheme and space": {[]string{"authorization: Bearer  "}, "", "", nil},
		"longer scheme":             {[]string{"authorization: Bearers abc"}, "", "", nil},
		"Kelvin sign":               {[]string{"x-token:", "authorization: \u212aearer abc"}, "", "", nil},
		"another scheme":            {[]string{"authorization: Basic abc"}, "", "", nil},
		"another scheme, then next": {[]string{"authorization: Basic abc", "x-token: def"}, "def", "", nil},
		"another scheme and ours":   {[]string{"authorization: Basic abc", "authorization: Bearer def"}, "def", "Bearer", nil},
		"first place wins":          {[]string{"cookie: auth=c", "x-token: b", "authorization: Bearer a"}, "a", "Bearer", nil},
		"second place":              {[]string{"cookie: auth=c", "x-token: b"}, "b", "", nil},
		"cookie":                    {[]string{"cookie: a=b; auth=c; d=e"}, "c", "", nil},
		"cookie in quotes":          {[]string{`cookie: auth="c"`}, "c", "", nil},
		"empty cookie":              {[]string{"cookie: auth="}, "", "", nil},
		"cookie of another name":    {[]string{"cookie: Auth=c; xauth=d; auth2=e"}, "", "", nil},
		"two headers":               {[]string{"authorization: Bearer a", "authorization: Bearer b"}, "", "", errSeveralTokens},
		"two equal headers":         {[]string{"authorization: Bearer a", "authorization: bearer a"}, "", "", errSeveralTokens},
		"two in one header":         {[]string{"authorization: Bearer a, Bearer b"}, "", "", errSeveralTokens},
		"list":                      {[]string{"authorization: Bearer a,b"}, "", "", errSeveralTokens},
		"two words":                 {[]string{"authorization: Bearer a b"}, "", "", errSeveralTokens},
		"two words with a tab":      {[]string{"x-token: a\tb"}, "", "", errSeveralTokens},
		"two cookies":               {[]string{"cookie: auth=a; auth=b"}, "", "", errSeveralTokens},
		"two cookie lines":          {[]string{"cookie: auth=a", "cookie: auth=b"}, "", "", errSeveralTokens},
		"two at a later place":      {[]string{"authorization: Bearer a", "x-token: b", "x-token: c"}, "a", "Bearer", nil},
		"as long as it may be":      {[]string{"authorization: Bearer " + long}, long, "Bearer", nil},
		"too long":                  {[]string{"authorization: Bearer x" + long}, "", "", errTokenTooLong},
		"too long in a cookie":      {[]string{"cookie: auth=x" + long}, "", "", errTokenTooLong},
	} {
		h := http.Header{}
		for _, line := range tc.headers {
			key, value, _ := strings.Cut(line, ":")
			h.Add(key, strings.TrimPrefix(value, " "))
		}
		token, prefix, err := findToken(places, h)
		if token != tc.token || prefix != tc.prefix || err != tc.err { //nolint:errorlint // these very errors
			t.Errorf("%s: got %.20q %q %v, want %.20q %q %v", name, token, prefix, err, tc.token, tc.prefix, tc.err)
		}
		if err != nil && gqlerr.CodeOf(err) != gqlerr.BadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOverTheWire sends headers through a real server, which parses them in its own way.
func TestOverTheWire(t *testing.T) {
	t.Parallel()
	c := config(secretProvider(t))
	c.TokenLookup = append(c.TokenLookup, TokenLocation{Cookie: "auth"})
	a := start(t, c, testEnvironment())
	got := make(chan Identity, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, _, _ := a.Authenticate(r)
		got <- id
	}))
	t.Cleanup(server.Close)
	token := hs256(payload(""))
	for _, header := range [][2]string{{"AUTHORIZATION", "bEaReR " + token}, {"Cookie", "x=y; auth=" + token}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header[0], header[1])
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if id := <-got; id.Subject != "u1" || id.Token != token {
			t.Errorf("%s: got %v", header[0], id)
		}
	}
}

// TestNoProviders: nobody's tokens are accepted, and what is to be done with those holds all the same.
func TestNoProviders(t *testing.T) {
	t.Parallel()
	lenient := DefaultConfig()
	lenient.Reject.MissingToken, lenient.Reject.InvalidToken = false, false
	for _, config := range []Config{DefaultConfig(), lenient} {
		a := start(t, config, testEnvironment())
		want := 401
		if !config.Reject.InvalidToken {
			want = 200
		}
		for _, r := range []*http.Request{bearer(""), bearer("x"), bearer(hs256(payload("")))} {
			if status, _, reason := answerOf(t, a, r); status != want || want == 200 && reason != "anonymous" {
				t.Errorf("got %d %s", status, reason)
			}
		}
		if ready, reasons := a.Ready(); !ready || reasons != nil {
			t.Errorf("got %t %v", ready, reasons)
		}
	}
}
