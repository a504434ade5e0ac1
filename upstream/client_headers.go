package upstream

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/textproto"
	"slices"
	"strings"
)

// forwardedFor is the header with the addresses that a request came through.
const forwardedFor = "X-Forwarded-For"

// travelsAs are headers that are the gateway's own, or say to a subgraph what it would take for its own: they travel under
// other names.
var travelsAs = map[string]string{
	"Host":            "X-Forwarded-Host",
	"User-Agent":      "X-Forwarded-User-Agent",
	"Origin":          "X-Forwarded-Origin",
	"Accept":          "X-Forwarded-Accept",
	"Accept-Encoding": "X-Forwarded-Accept-Encoding",
}

// unseen are headers that net/http looks for under these names, to send a request again that has one, mutation or not, with the
// signature it had. Under the same name in lower case it only sends them.
var unseen = map[string]string{"Idempotency-Key": "idempotency-key", "X-Idempotency-Key": "x-idempotency-key"}

// clientRules say which of the client's headers are forwarded. They are read-only.
type clientRules struct {
	reserved Reserved
	// named are single headers, in the order of the configuration. They come before patterns.
	named []clientRule
	// prefixes are the patterns; all is the one that matches everything.
	prefixes []string
	all      bool
	// renamed are headers that travel under another name, and not under their own because of a pattern.
	renamed map[string]bool
	// fixed are the names of configured headers, with dashes.
	fixed   map[string]bool
	proxies []netip.Prefix
}

// clientRule is one header, and the name under which it is forwarded. Both are in canonical form, but for those in unseen.
type clientRule struct{ from, to string }

// none tells whether nothing is forwarded.
func (c ClientHeaders) none() bool { return !c.All && len(c.List) == 0 }

// newClientRules compiles rules that were checked.
func newClientRules(c ClientHeaders, reserved Reserved, trustedProxies []string) (*clientRules, error) {
	r := &clientRules{reserved: reserved, all: c.All, renamed: map[string]bool{}}
	for _, text := range trustedProxies {
		network, err := parseNetwork(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q %w", text, err)
		}
		r.proxies = append(r.proxies, network)
	}
	if c.All {
		r.add("Host", "")
		r.add("User-Agent", "")
		r.add("Origin", "")
		r.add(forwardedFor, "")
		return r, nil
	}
	for _, h := range c.List {
		switch prefix, isPattern := strings.CutSuffix(h.Name, "*"); {
		case isPattern:
			r.prefixes = append(r.prefixes, textproto.CanonicalMIMEHeaderKey(prefix))
		case h.Name != "":
			r.add(textproto.CanonicalMIMEHeaderKey(h.Name), "")
		default:
			from := textproto.CanonicalMIMEHeaderKey(h.From)
			r.renamed[from] = true
			r.add(from, textproto.CanonicalMIMEHeaderKey(h.To))
		}
	}
	return r, nil
}

// add adds a rule for a single header; to is "" when it keeps its name, or gets the one that such headers get.
func (r *clientRules) add(from, to string) {
	if to == "" {
		to = from
		if other := travelsAs[from]; other != "" {
			to = other
		}
	}
	if other := unseen[to]; other != "" {
		to = other
	}
	r.named = append(r.named, clientRule{from, to})
}

// most returns an estimate of how many headers are forwarded.
func (r *clientRules) most(o *Origin) int {
	switch {
	case r == nil:
		return 0
	case r.all:
		return len(r.named) + len(o.Header)
	}
	return len(r.named) + len(r.prefixes)
}

// forward adds to h what the rules forward. What h has already stays, whatever its case.
func (r *clientRules) forward(h http.Header, o *Origin) {
	dropped := connectionOptions(o.Header["Connection"])
	for _, rule := range r.named {
		if values := r.values(rule.from, o, dropped); len(values) > 0 {
			r.set(h, rule.to, values)
		}
	}
	if !r.all && len(r.prefixes) == 0 {
		return
	}
	for name, values := range o.Header {
		if r.matches(name) && r.reserved.class(name) == free && !r.renamed[name] && !dropped[name] {
			r.set(h, name, values)
		}
	}
}

// set sets a header that has no values yet, also not under a name that many servers hand to their programs as the same.
func (r *clientRules) set(h http.Header, name string, values []string) {
	if len(h[name]) == 0 && !r.fixed[dashed(name)] {
		h[name] = values
	}
}

// matches tells whether a pattern matches. A name that net/http would not have written like that is nobody's.
func (r *clientRules) matches(name string) bool {
	if textproto.CanonicalMIMEHeaderKey(name) != name {
		return false
	}
	if r.all {
		return true
	}
	for _, prefix := range r.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// values returns what a single header has to say.
func (r *clientRules) values(name string, o *Origin, dropped map[string]bool) []string {
	switch name {
	case "Host":
		if o.Host == "" {
			return nil
		}
		return []string{o.Host}
	case forwardedFor:
		// No client can strip what the gateway says itself, so that Connection does not matter here.
		return r.forwardedFor(o)
	}
	if dropped[name] {
		return nil
	}
	return o.Header[name]
}

// forwardedFor returns the address of the peer, behind what the peer says if it is a trusted proxy; nil when the peer has no
// address, as behind a Unix socket.
func (r *clientRules) forwardedFor(o *Origin) []string {
	peer, err := netip.ParseAddrPort(o.RemoteAddr)
	if err != nil {
		return nil
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, network := range r.proxies {
		if network.Contains(addr) {
			return []string{strings.Join(append(slices.Clip(o.Header[forwardedFor]), addr.String()), ", ")}
		}
	}
	return []string{addr.String()}
}

// connectionOptions returns the names in Connection, in canonical form: headers that are meant for the gateway alone (RFC 9110, section
// 7.6.1). It is a set, since a client may name thousands beside thousands of headers. Nil is none.
func connectionOptions(values []string) map[string]bool {
	var names map[string]bool
	for _, value := range values {
		for option := range strings.SplitSeq(value, ",") {
			option = strings.Trim(option, " \t")
			if option == "" || strings.EqualFold(option, "close") || strings.EqualFold(option, "keep-alive") {
				continue // the usual ones, which are no headers that would be forwarded
			}
			if names == nil {
				names = map[string]bool{}
			}
			names[textproto.CanonicalMIMEHeaderKey(option)] = true
		}
	}
	return names
}
