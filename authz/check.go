package authz

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// headerToken is what a header, a cookie and a scheme may be called (RFC 9110, section 5.6.2).
	headerToken = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	// providerName is what may stand in a label of a metric without surprises.
	providerName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
)

// Check calls report for everything that is wrong with c, with the path of the member within c. It looks at no file, no
// variable of the environment and no address.
func (c Config) Check(report func(path, problem string)) {
	if len(c.TokenLookup) == 0 && len(c.Providers) > 0 {
		report("tokenLookup", "must name a place, or no token is ever found")
	}
	for i, l := range c.TokenLookup {
		l.check(below(report, index("tokenLookup", i)))
	}
	names := map[string]bool{}
	for i, p := range c.Providers {
		report := below(report, index("providers", i))
		p.check(report)
		if names[p.Name] {
			report("name", "is that of another provider, too")
		}
		names[p.Name] = true
	}
	if c.ClockTolerance < 0 {
		report("clockTolerance", "must not be less than 0")
	}
	for i, text := range c.Scopes.Claims {
		if _, err := ParseClaimPath(text); err != nil {
			report(index("scopes.claims", i), err.Error())
		}
	}
}

// check reports what is wrong with a place.
func (l TokenLocation) check(report func(path, problem string)) {
	switch {
	case (l.Header == "") == (l.Cookie == ""):
		report("", `must have either "header" or "cookie"`)
	case l.Header != "" && !headerToken.MatchString(l.Header):
		report("header", "is not the name of a header")
	case strings.EqualFold(l.Header, "cookie"): // as a header it would be looked at without preventing CSRF
		report("header", `holds cookies: say {"cookie": "name"}`)
	case l.Cookie != "" && !headerToken.MatchString(l.Cookie):
		report("cookie", "is not the name of a cookie")
	case l.Cookie != "" && l.Prefix != "":
		report("prefix", "is for headers only")
	case l.Prefix != "" && !headerToken.MatchString(l.Prefix):
		report("prefix", "must be one word")
	}
}

// check reports what is wrong with a provider.
func (p Provider) check(report func(path, problem string)) {
	if !providerName.MatchString(p.Name) {
		report("name", "must be up to 64 letters, digits, dots, dashes and underscores")
	}
	kinds := p.kinds()
	if len(kinds) != 1 {
		report("", "must have exactly one of secret, jwksUrl, jwksFile, issuerUrl and publicKeyFile")
		return
	}
	kind := kinds[0]
	p.KeySource.check(kind, report)
	known := publicAlgorithms
	if kind == fromSecret {
		known = secretAlgorithms
	}
	for i, algorithm := range p.Algorithms {
		if !slices.Contains(known, algorithm) {
			report(index("algorithms", i), fmt.Sprintf("must be one of %s with a %s", strings.Join(known, ", "), kind))
		}
	}
	switch needsAudience := kind != fromSecret && kind != fromPublicKey; {
	case p.AnyAudience && len(p.Audience) > 0:
		report("anyAudience", `contradicts "audience"`)
	case needsAudience && !p.AnyAudience && len(p.Audience) == 0:
		report("audience", fmt.Sprintf(
			`must be given with a %s, since its tokens are made for other services, too; or say "anyAudience": true`, kind))
	}
	for _, list := range []struct {
		path   string
		values []string
	}{{"issuer", p.Issuer}, {"audience", p.Audience}, {"typ", p.Typ}} {
		for i, value := range list.values {
			if value == "" {
				report(index(list.path, i), "must not be empty")
			}
		}
	}
}

// check reports what is wrong with a source of this kind.
func (s KeySource) check(kind string, report func(path, problem string)) {
	switch kind {
	case fromSecret:
		s.Secret.Check(below(report, "secret"))
	case fromJWKSURL:
		if _, err := parseKeyURL(s.JWKSURL, s.AllowInsecureHTTP); err != nil {
			report("jwksUrl", err.Error())
		}
	case fromIssuer:
		if u, err := parseKeyURL(s.IssuerURL, s.AllowInsecureHTTP); err != nil {
			report("issuerUrl", err.Error())
		} else if u.RawQuery != "" || u.ForceQuery {
			report("issuerUrl", "must not have a query")
		}
	}
	if s.AllowShortSecret && kind != fromSecret {
		report("allowShortSecret", "is for a secret only")
	}
	least, most := s.refresh()
	switch given := s.Refresh.Min != 0 || s.Refresh.Max != 0; {
	case given && !s.isRemote():
		report("refresh", "is for jwksUrl and issuerUrl only")
	case least < 0 || most < least:
		report("refresh", "min must be more than 0 and not more than max")
	}
	switch {
	case !slices.Contains([]string{"", startupWait, startupFail, startupDegrade}, s.Startup):
		report("startup", `must be "wait", "fail" or "degrade"`)
	case s.Startup != "" && !s.isRemote():
		report("startup", "is for jwksUrl and issuerUrl only")
	}
	if s.AllowInsecureHTTP && !s.isRemote() {
		report("allowInsecureHttp", "is for jwksUrl and issuerUrl only")
	}
}

// parseKeyURL parses an address that keys come from. What comes over plain HTTP can be replaced on its way by keys of an
// attacker, so it is for loopback only unless insecure. The error does not repeat the text.
func parseKeyURL(text string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, errors.New("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must begin with https://")
	case u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must not hold a user name or password")
	case strings.Contains(text, "#"):
		return nil, errors.New("must not have a fragment")
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return nil, errors.New(
			`must begin with https://, since keys that come over http can be replaced on their way; or say "allowInsecureHttp": true`)
	}
	return u, nil
}

// isLoopback tells whether a host is this machine.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// index returns the path of an element.
func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// below returns a report for the members of the member at prefix.
func below(report func(path, problem string), prefix string) func(path, problem string) {
	return func(path, problem string) {
		switch {
		case path == "":
			path = prefix
		case path[0] == '[':
			path = prefix + path
		default:
			path = prefix + "." + path
		}
		report(path, problem)
	}
}
