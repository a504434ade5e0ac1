package upstream

import (
	"net/http"
	"strings"
	"testing"
)

// TestForwardedFor: the address of the peer in its plainest form, and nothing where there is none.
func TestForwardedFor(t *testing.T) {
	t.Parallel()
	rules, err := newClientRules(ClientHeaders{All: true}, Reserved{}, []string{"10.0.0.0/8", "fe80::/10", "2001:db8::1"})
	if err != nil {
		t.Fatal(err)
	}
	for peer, want := range map[string]string{
		"1.2.3.4:1":            "1.2.3.4",
		"10.1.2.3:1":           "evil, 10.1.2.3",
		"[::ffff:10.1.2.3]:1":  "evil, 10.1.2.3",
		"[::ffff:1.2.3.4]:1":   "1.2.3.4",
		"[2001:db8::1]:1":      "evil, 2001:db8::1",
		"[2001:DB8::2]:1":      "2001:db8::2",
		"[fe80::1%eth0]:1":     "evil, fe80::1",
		"@":                    "",
		"":                     "",
		"10.1.2.3":             "",
		"proxy.example:1":      "",
		"10.1.2.3, 1.2.3.4:80": "",
	} {
		h := http.Header{}
		client := http.Header{"X-Forwarded-For": {"evil"}}
		rules.forward(h, &Origin{Header: client, RemoteAddr: peer})
		if got := strings.Join(h["X-Forwarded-For"], " | "); got != want {
			t.Errorf("peer %q: got %q, want %q", peer, got, want)
		}
		if got := client["X-Forwarded-For"]; len(got) != 1 || got[0] != "evil" {
			t.Errorf("peer %q: the client's header became %q", peer, got)
		}
	}
}
