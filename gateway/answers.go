package gateway

import (
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// ResponseHeader is a header of subgraphs' answers that clients get, too: an element of "responseHeaders" in the
// configuration file.
type ResponseHeader struct {
	Name string `json:"name"`
	// Merge makes one of several answers' values, which are looked at in the order of the plan's fetches: "first" and "last"
	// take all values of one answer, "append" those of all answers, "min" and "max" the least and the greatest number.
	Merge string `json:"merge"`
	// Shared: what the header says is for everybody who asks the same at the same time. Otherwise it may be for one request, such as a
	// token that is good once, so that an answer that has it is given to no other.
	Shared bool `json:"shared"`
}

// personal returns the names of the headers that may be for one request, in canonical form.
func personal(list []ResponseHeader) []string {
	var names []string
	for _, h := range list {
		if !h.Shared {
			names = append(names, textproto.CanonicalMIMEHeaderKey(h.Name))
		}
	}
	return names
}

// answers is what of subgraphs' answers goes back to the client beside data and errors: cookies always, Cache-Control as
// all of them allow it, and what is listed. It is read-only.
type answers struct {
	rules []responseRule
	// private: what the gateway answers depends on who asks.
	private bool
}

// responseRule is one listed header, its name in canonical form.
type responseRule struct {
	name  string
	merge func(values, more []string) []string
}

// newAnswers compiles the list. With private, no answer may be kept by a cache that several callers share.
func newAnswers(list []ResponseHeader, private bool) answers {
	a := answers{private: private}
	for _, h := range list {
		a.rules = append(a.rules, responseRule{textproto.CanonicalMIMEHeaderKey(h.Name), merges[h.Merge]})
	}
	return a
}

// merges are the ways to make one list of values of two, the first of which may be nil.
var merges = map[string]func(values, more []string) []string{
	"first": func(values, more []string) []string {
		if values == nil {
			return more
		}
		return values
	},
	"last":   func(_, more []string) []string { return more },
	"append": func(values, more []string) []string { return append(slices.Clip(values), more...) },
	"min": func(values, more []string) []string {
		return extreme(values, more, func(a, b float64) bool { return a < b })
	},
	"max": func(values, more []string) []string {
		return extreme(values, more, func(a, b float64) bool { return a > b })
	},
}

// decimal is what counts as a number.
var decimal = regexp.MustCompile(`^-?[0-9]{1,20}(\.[0-9]{1,20})?$`)

// extreme returns the number that is before all others. What is no number is left out.
func extreme(values, more []string, before func(a, b float64) bool) []string {
	for _, text := range more {
		if !decimal.MatchString(text) {
			continue
		}
		n, _ := strconv.ParseFloat(text, 64)
		if values == nil {
			values = []string{text}
			continue
		}
		if known, _ := strconv.ParseFloat(values[0], 64); before(n, known) {
			values = []string{text}
		}
	}
	return values
}

// pass sets the headers of the response. changed tells that the operation was a mutation or has errors: what it answered
// is not what the next one would be answered.
func (a *answers) pass(to http.Header, result *executor.Result, changed bool) {
	said := false
	for _, header := range result.Headers() {
		if cookies := header["Set-Cookie"]; len(cookies) > 0 {
			to["Set-Cookie"] = append(to["Set-Cookie"], cookies...)
		}
		said = said || len(header["Cache-Control"]) > 0
		for i := range a.rules {
			rule := &a.rules[i]
			if values := header[rule.name]; len(values) > 0 {
				if merged := rule.merge(to[rule.name], values); merged != nil {
					to[rule.name] = merged
				}
			}
		}
	}
	switch {
	case changed:
		to["Cache-Control"] = noStore
	case said:
		f := a.freshness(to, result)
		to["Cache-Control"] = []string{f.String()}
	}
}

// freshness returns what all answers allow together. Cookies are for one client only.
func (a *answers) freshness(to http.Header, result *executor.Result) freshness {
	f := freshness{age: maxFreshness, shared: maxFreshness}
	if a.private || len(to["Set-Cookie"]) > 0 {
		f.flags |= privateFlag
	}
	for _, header := range result.Headers() {
		f.merge(readFreshness(header))
	}
	return f
}

// ownResponseHeaders are headers that no subgraph sets for the gateway's clients: they are about one connection or one body,
// are merged in their own way, or say how browsers treat the whole host.
var ownResponseHeaders = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`connection keep-alive te trailer transfer-encoding upgrade
		set-cookie set-cookie2 cache-control age expires pragma vary etag last-modified accept-ranges date server allow digest repr-digest
		www-authenticate authentication-info clear-site-data strict-transport-security alt-svc nel report-to reporting-endpoints
		signature signature-input accept-signature graphql-subgraph`) {
		names[textproto.CanonicalMIMEHeaderKey(name)] = true
	}
	return names
}()

// headerName is what a header may be called (RFC 9110, section 5.1).
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// checkResponseHeaders reports what is wrong with the list.
func checkResponseHeaders(list []ResponseHeader, reserved upstream.Reserved, report func(path, problem string)) {
	seen := map[string]bool{}
	for i, h := range list {
		path := "[" + strconv.Itoa(i) + "]."
		name := textproto.CanonicalMIMEHeaderKey(h.Name)
		switch {
		case !headerName.MatchString(h.Name):
			report(path+"name", "is not the name of a header")
		case !mayComeBack(name, reserved):
			report(path+"name", "is a header that no subgraph sets for the gateway's clients")
		case seen[name]:
			report(path+"name", "occurs twice")
		}
		seen[name] = true
		if merges[h.Merge] == nil {
			report(path+"merge", `must be "first", "last", "append", "min" or "max"`)
		}
	}
}

// mayComeBack tells whether a header may be listed.
func mayComeBack(name string, reserved upstream.Reserved) bool {
	for _, prefix := range []string{"Content-", "Access-Control-", "Proxy-", "X-Gatehouse-", reserved.SessionPrefix} {
		if prefix != "" && len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return false
		}
	}
	return !ownResponseHeaders[name] && !strings.EqualFold(name, reserved.AdminHeader)
}
