package upstream

import (
	"net/textproto"
	"regexp"
	"strings"
)

// headerClass says what a client may do with a header of that name.
type headerClass uint8

const (
	// free headers are forwarded when a rule matches them.
	free headerClass = iota
	// byName headers are forwarded only when they are listed by their exact names: they are about the client's connection
	// or browser, or would make the subgraph's answer something else than a whole answer.
	byName
	// own headers are the gateway's: what the client says in them can travel under another name only.
	own
	// never headers are not forwarded, whatever is configured.
	never
)

// headerClasses holds the names that mean something, in canonical form. Names that begin with one of classPrefixes are not
// repeated here.
var headerClasses = func() map[string]headerClass {
	classes := map[string]headerClass{}
	for class, names := range map[headerClass]string{
		// Hop by hop (RFC 9110, section 7.6.1, and what came before it), about the body, or about who is being called.
		never: `connection keep-alive proxy-authenticate proxy-authorization proxy-authentication-info proxy-connection te trailer
			transfer-encoding upgrade http2-settings content-length content-md5 content-type content-encoding content-digest
			repr-digest want-content-digest want-repr-digest digest want-digest signature signature-input accept-signature
			graphql-subgraph expect traceparent tracestate baggage`,
		own: `accept accept-encoding user-agent host`,
		byName: `origin referer accept-language accept-datetime cache-control dnt forwarded idempotency-key
			x-idempotency-key if-match if-none-match if-modified-since if-unmodified-since if-range range`,
	} {
		for name := range strings.FieldsSeq(names) {
			classes[textproto.CanonicalMIMEHeaderKey(name)] = class
		}
	}
	return classes
}()

// classPrefixes are the beginnings of names that mean something, in canonical form; headerClasses comes first.
var classPrefixes = []struct {
	prefix string
	class  headerClass
}{
	{"X-Gatehouse-", never},
	{"X-Hasura-", never},   // also where nobody has configured the prefix: such a name is believed by who knows Hasura
	{"X-Session-", byName}, // the default prefix, likewise; but clients have sessions of their own, so that one may be listed
	{"Sec-", byName},
	{"X-Forwarded-", byName},
	{"Content-", byName},
}

// Reserved is what the configuration makes of header names: both are in lower case, and "" where there is none.
type Reserved struct {
	// SessionPrefix is how the names of session variables begin, AdminHeader the header with the admin secret.
	SessionPrefix, AdminHeader string
}

// class returns what a header name means. Names with underscores count as those with dashes: many servers hand both to
// their programs as one.
func (r Reserved) class(canonical string) headerClass {
	name := dashed(canonical)
	if class, ok := headerClasses[name]; ok {
		return class
	}
	if r.AdminHeader != "" && strings.EqualFold(name, dashed(r.AdminHeader)) {
		return never
	}
	if r.SessionPrefix != "" && hasPrefixFold(name, r.SessionPrefix) {
		return never
	}
	for _, p := range classPrefixes {
		if hasPrefixFold(name, p.prefix) {
			return p.class
		}
	}
	return free
}

// isSession tells whether subgraphs may take a header of that name for a session variable: the prefix is configured, or it is
// what others believe who are not told another one.
func (r Reserved) isSession(name string) bool {
	return r.SessionPrefix != "" && hasPrefixFold(name, r.SessionPrefix) ||
		hasPrefixFold(name, "X-Session-") || hasPrefixFold(name, "X-Hasura-")
}

// dashed returns the name with dashes in place of underscores, in canonical form if the name was.
func dashed(name string) string {
	if strings.IndexByte(name, '_') < 0 {
		return name
	}
	return textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(name, "_", "-"))
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// fieldName is what a header may be called (RFC 9110, section 5.1).
var fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// isFieldValue tells whether a text can be the value of a header: no control characters but the tab.
func isFieldValue(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
