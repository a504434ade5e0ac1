package upstream

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// forbidden is what a client must never get through, written down again: a second opinion on headerClasses.
var forbidden = []string{
	"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
	"content-length", "content-md5", "content-encoding", "expect", "host", "signature", "signature-input", "content-digest", "graphql-subgraph",
	"x-gatehouse-unauthorized", "x-hasura-role", "x-hasura-admin-secret", "x-facts-user-id", "x-secret",
}

// fixedByUs are headers that must have our values.
var fixedByUs = map[string]string{
	"content-type": "application/json", "accept-encoding": "gzip", "user-agent": "gatehouse", "x-api-key": "configured", "x-facts-org": "verified",
}

// TestNothingForbiddenPasses tries random rules on random requests.
func TestNothingForbiddenPasses(t *testing.T) {
	t.Parallel()
	names := append(slices.Clone(forbidden), "content-type", "accept", "accept-encoding", "user-agent", "x-api-key", "x-facts-org",
		"origin", "referer", "sec-fetch-mode", "x-forwarded-for", "x-forwarded-proto", "x-request-id", "authorization", "x-app-a")
	reserved := Reserved{SessionPrefix: "x-facts-", AdminHeader: "x-secret"}
	seed := rand.Uint64()
	for i := range 20_000 {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		config := DefaultConfig()
		config.Reserved = reserved
		config.Headers.Headers = []Header{{Name: "X-Api-Key", Value: HeaderValue{Text: "configured"}}}
		config.Headers.ForwardClientHeaders = randomRules(random, names)
		if rejected(config.Headers, reserved) {
			continue
		}
		template, err := newHeaderTemplate(config, SubgraphConfig{})
		if err != nil {
			t.Fatal(err)
		}
		client := http.Header{}
		for range 1 + random.IntN(12) {
			client.Add(misspelled(random, names[random.IntN(len(names))]), "evil")
		}
		if random.IntN(3) == 0 {
			client.Set("Connection", names[random.IntN(len(names))]+", close")
		}
		one := call{
			repeatable: random.IntN(2) == 0,
			origin: &Origin{
				Header: client, Host: "api.example", RemoteAddr: "127.0.0.1:1",
				Session: []signature.Field{{Name: "x-facts-org", Value: "verified"}},
			},
		}
		template.apply(&one)
		checkSent(t, one.header, client, seed, i, config.Headers.ForwardClientHeaders)
	}
}

// checkSent looks for what must not be sent.
func checkSent(t *testing.T, sent, client http.Header, seed uint64, i int, rules ClientHeaders) {
	t.Helper()
	for name, values := range sent {
		plain := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		ours := fixedByUs[plain]
		if slices.Contains(forbidden, plain) || ours != "" && (len(values) != 1 || values[0] != ours || strings.Contains(name, "_")) ||
			plain == "x-forwarded-for" && values[0] != "127.0.0.1" {
			t.Fatalf("seed %d, case %d: %s %q is sent for %q with %+v", seed, i, name, values, client, rules)
		}
	}
	for name, value := range fixedByUs {
		if got := slices.Concat(sent[http.CanonicalHeaderKey(name)], sent[name]); len(got) != 1 || got[0] != value {
			t.Fatalf("seed %d, case %d: %s is %q for %q with %+v", seed, i, name, got, client, rules)
		}
	}
}

func rejected(c HeaderConfig, reserved Reserved) (rejected bool) {
	c.Check(reserved, func(string, string) { rejected = true })
	return rejected
}

// randomRules are everything, or some names, beginnings of names and renamings.
func randomRules(random *rand.Rand, names []string) ClientHeaders {
	if random.IntN(3) == 0 {
		return ClientHeaders{All: true}
	}
	var c ClientHeaders
	for range 1 + random.IntN(3) {
		name := misspelled(random, names[random.IntN(len(names))])
		switch random.IntN(3) {
		case 0:
			c.List = append(c.List, ClientHeader{Name: name})
		case 1:
			c.List = append(c.List, ClientHeader{Name: name[:1+random.IntN(len(name))] + "*"})
		default:
			c.List = append(c.List, ClientHeader{From: name, To: misspelled(random, names[random.IntN(len(names))])})
		}
	}
	return c
}

// misspelled writes a name in another case, and sometimes with underscores.
func misspelled(random *rand.Rand, name string) string {
	spelled := []byte(name)
	underscores := random.IntN(4) == 0
	for i, c := range spelled {
		if c >= 'a' && random.IntN(2) == 0 {
			spelled[i] = c - 'a' + 'A'
		}
		if c == '-' && underscores && random.IntN(2) == 0 {
			spelled[i] = '_'
		}
	}
	return string(spelled)
}
