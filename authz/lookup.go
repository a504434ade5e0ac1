package authz

import (
	"net/http"
	"net/textproto"
	"strings"
)

// maxToken is how long a token may be, in bytes.
const maxToken = 16 << 10

// lookup finds the token at one place of a request: the last one there, without the prefix, and how many there are. There is
// none if the place is empty or holds credentials of another kind.
type lookup struct {
	find   func(h http.Header) (token string, count int)
	prefix string
}

// newLookups compiles the places where tokens are looked for, in their order.
func newLookups(locations []TokenLocation) []lookup {
	all := make([]lookup, len(locations))
	for i, l := range locations {
		if l.Cookie != "" {
			all[i] = lookup{find: inCookie(l.Cookie)}
			continue
		}
		all[i] = lookup{find: inHeader(textproto.CanonicalMIMEHeaderKey(l.Header), l.Prefix), prefix: l.Prefix}
	}
	return all
}

// inHeader finds tokens in every line of a header. With a prefix, credentials with another scheme are not ours: schemes
// compare without case (RFC 9110, section 11.1).
func inHeader(name, prefix string) func(http.Header) (string, int) {
	return func(h http.Header) (token string, count int) {
		for _, value := range h[name] {
			if prefix != "" {
				if len(value) <= len(prefix) || !isSpace(value[len(prefix)]) || !strings.EqualFold(value[:len(prefix)], prefix) {
					continue
				}
				value = value[len(prefix)+1:]
			}
			if value = strings.Trim(value, " \t"); value != "" {
				token = value
				count++
			}
		}
		return token, count
	}
}

// isSpace tells whether c may stand between a scheme and its credentials: a space; a tab, too, so that what others might
// read as a token is not overlooked.
func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// inCookie finds tokens in every cookie of a name.
func inCookie(name string) func(http.Header) (string, int) {
	return func(h http.Header) (token string, count int) {
		lines := h["Cookie"]
		if len(lines) == 0 {
			return "", 0
		}
		r := http.Request{Header: http.Header{"Cookie": lines}}
		for _, c := range r.CookiesNamed(name) {
			if c.Value != "" {
				token = c.Value
				count++
			}
		}
		return token, count
	}
}

// findToken returns the token at the first place that holds one, and that place's prefix; "" if there is none. It is an
// error if the place holds several, or one that is too long.
func findToken(places []lookup, h http.Header) (token, prefix string, err error) {
	for _, place := range places {
		token, count := place.find(h)
		switch {
		case count == 0:
			continue
		case count > 1 || strings.ContainsAny(token, " \t,"):
			return "", "", errSeveralTokens
		case len(token) > maxToken:
			return "", "", errTokenTooLong
		}
		return token, place.prefix, nil
	}
	return "", "", nil
}
