package upstream

import (
	"errors"
	"fmt"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// HeaderConfig is which headers subgraphs get besides the gateway's own: members at the top level of the configuration
// file. The zero HeaderConfig forwards nothing.
type HeaderConfig struct {
	// Headers are sent to every subgraph that has none of the same name of its own.
	Headers []Header `json:"headers"`
	// ForwardClientHeaders says which headers of the client go to subgraphs that have no such rule of their own.
	ForwardClientHeaders ClientHeaders `json:"forwardClientHeaders"`
	// TrustedProxies are the addresses, and networks such as 10.0.0.0/8, whose X-Forwarded-For is believed.
	TrustedProxies []string `json:"trustedProxies"`
}

// Header is a header with a fixed value.
type Header struct {
	Name  string      `json:"name"`
	Value HeaderValue `json:"value"`
}

// HeaderValue is a value: either Text, or what the environment or a file holds, read when the client is made.
type HeaderValue struct {
	secret.Source

	Text string `config:"alternative"`
}

// ClientHeaders are rules about the client's headers: all that may be forwarded, or a list.
type ClientHeaders struct {
	All  bool           `config:"alternative"`
	List []ClientHeader `config:"alternative"`
}

// ClientHeader is one rule: a name, a pattern such as "x-app-*", or a new name for a header.
type ClientHeader struct {
	Name string `config:"alternative"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Below returns c with its files relative to dir.
func (c HeaderConfig) Below(dir string) HeaderConfig {
	c.Headers = headersBelow(c.Headers, dir)
	return c
}

func headersBelow(list []Header, dir string) []Header {
	below := make([]Header, len(list))
	for i, h := range list {
		h.Value.Source = h.Value.Source.Below(dir)
		below[i] = h
	}
	return below
}

// Check calls report for everything that is wrong with c, with the path of the member within c. It reads no secret.
func (c HeaderConfig) Check(reserved Reserved, report func(path, problem string)) {
	checkHeaders(c.Headers, reserved, report)
	c.ForwardClientHeaders.check(reserved, report)
	for i, text := range c.TrustedProxies {
		if _, err := parseNetwork(text); err != nil {
			report("trustedProxies["+strconv.Itoa(i)+"]", err.Error())
		}
	}
}

// checkHeaders reports what is wrong with fixed headers.
func checkHeaders(list []Header, reserved Reserved, report func(path, problem string)) {
	seen := map[string]bool{}
	for i, h := range list {
		path := "headers[" + strconv.Itoa(i) + "]"
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		switch {
		case !fieldName.MatchString(h.Name):
			report(path+".name", "is not the name of a header")
		case !mayBeFixed(name, reserved):
			report(path+".name", "is a header that only the gateway or the connection sets")
		case dashed(name) != name && reserved.isSession(dashed(name)):
			report(path+".name", fmt.Sprintf("is read by some servers as %q; write it like that", strings.ToLower(dashed(name))))
		case seen[name]:
			report(path+".name", "occurs twice in this list")
		}
		seen[name] = true
		h.Value.check(func(below, problem string) {
			if below != "" {
				below = "." + below
			}
			report(path+".value"+below, problem)
		})
	}
}

// mayBeFixed tells whether the configuration may give a header its value. Session variables and what names the client are
// the operator's to set, and so is how the gateway calls itself.
func mayBeFixed(name string, reserved Reserved) bool {
	switch reserved.class(name) {
	case never:
		return headerClasses[dashed(name)] != never && !hasPrefixFold(dashed(name), "X-Gatehouse-")
	case own:
		return name == "User-Agent"
	case free, byName:
	}
	return name != "Idempotency-Key" && name != "X-Idempotency-Key" // with one that is fixed, net/http would repeat mutations
}

// check reports what is wrong with a value.
func (v HeaderValue) check(report func(path, problem string)) {
	switch {
	case v.IsZero() && v.Text == "":
		report("", `must be a string, {"env": "NAME"} or {"file": "path"}`)
	case v.IsZero() && !isFieldValue(v.Text):
		report("", "must not contain line breaks or other control characters")
	case !v.IsZero() && v.Text != "":
		report("", "must be a string or a source, not both")
	case !v.IsZero():
		v.Source.Check(report)
	}
}

// read returns the value.
func (v HeaderValue) read() (string, error) {
	if v.IsZero() {
		return v.Text, nil
	}
	value, err := v.Source.Read()
	if err != nil {
		return "", err
	}
	text := string(value.Bytes())
	if !isFieldValue(text) {
		return "", errors.New("the value holds line ends or other control characters")
	}
	return text, nil
}

// check reports what is wrong with rules.
func (c ClientHeaders) check(reserved Reserved, report func(path, problem string)) {
	for i, h := range c.List {
		h.check(reserved, func(path, problem string) {
			report("forwardClientHeaders["+strconv.Itoa(i)+"]"+path, problem)
		})
	}
}

// check reports what is wrong with a rule.
func (h ClientHeader) check(reserved Reserved, report func(path, problem string)) {
	prefix, isPattern := strings.CutSuffix(h.Name, "*")
	switch {
	case h.Name != "" && (h.From != "" || h.To != ""):
		report("", "must be a name or a renaming, not both")
	case h.Name == "" && h.From == "" && h.To == "":
		report("", "must be the name of a header")
	case h.Name == "":
		h.checkRenaming(reserved, report)
	case isPattern:
		checkPattern(prefix, reserved, report)
	case !fieldName.MatchString(h.Name) || strings.Contains(h.Name, "*"):
		report("", "is not the name of a header")
	default:
		checkSource(h.Name, "", reserved, report)
	}
}

// checkRenaming reports what is wrong with a new name for a header.
func (h ClientHeader) checkRenaming(reserved Reserved, report func(path, problem string)) {
	switch {
	case !fieldName.MatchString(h.From) || strings.Contains(h.From, "*"):
		report(".from", "must be the name of a header")
	default:
		checkSource(h.From, ".from", reserved, report)
	}
	to := textproto.CanonicalMIMEHeaderKey(h.To)
	switch class := reserved.class(to); {
	case !fieldName.MatchString(h.To) || strings.Contains(h.To, "*"):
		report(".to", "must be the name of a header")
	case class == never || class == own || dashed(to) == forwardedFor:
		report(".to", "is a header that a client must not supply")
	}
}

// checkSource reports names whose headers are never forwarded.
func checkSource(name, path string, reserved Reserved, report func(path, problem string)) {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch class := reserved.class(canonical); {
	case class == never:
		report(path, fmt.Sprintf("the header %q is never forwarded from a client", name))
	case class != free && dashed(canonical) != canonical:
		report(path, fmt.Sprintf("is read by some servers as %q; write it like that", strings.ToLower(dashed(canonical))))
	}
}

// checkPattern reports patterns that would match nothing, or what they seem to.
func checkPattern(prefix string, reserved Reserved, report func(path, problem string)) {
	switch {
	case prefix == "":
		report("", "matches everything; say true in place of the list")
	case !fieldName.MatchString(prefix) || strings.Contains(prefix, "*"):
		report("", `must be the beginning of a name and one "*" at the end`)
	case reserved.class(textproto.CanonicalMIMEHeaderKey(prefix)) == never:
		report("", "such headers are never forwarded from a client")
	case reserved.class(textproto.CanonicalMIMEHeaderKey(prefix)) != free:
		report("", "such headers are forwarded only when they are listed by their exact names")
	}
}

// parseNetwork parses an address or a network.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	switch {
	case err != nil || network.Addr().Is4In6():
		return netip.Prefix{}, errors.New("must be an address or a network such as 10.0.0.0/8")
	case network != network.Masked():
		return netip.Prefix{}, fmt.Errorf("has bits behind its mask: the network would be %s", network.Masked())
	}
	return network, nil
}
