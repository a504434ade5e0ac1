package supergraph

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// element is what a directive means, whatever a document calls it: an element of a feature (join, type), or of
// GraphQL itself when the feature is "".
type element struct{ feature, name string }

// specs is where the features are specified that this package knows.
const specs = "https://specs.apollo.dev/"

// connectors is what the URLs of @connect and @source begin with. A field with them is no GraphQL of its subgraph, so that it
// must not be asked for there, whatever the link says it is for.
const connectors = specs + "connect/"

// versions are the features that are understood. Another feature, or another version, is an error where it matters:
// linked "for" something, or about security.
var versions = map[string][]string{
	"link":           {"1.0"},
	"join":           {"0.2", "0.3", "0.4", "0.5"},
	"federation":     {"2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14"},
	"tag":            {"0.1", "0.2", "0.3"},
	"inaccessible":   {"0.1", "0.2"},
	"authenticated":  {"0.1"},
	"requiresScopes": {"0.1"},
	"policy":         {"0.1"},
	"cost":           {"0.1"},
	"context":        {"0.1"},
	"cacheTag":       {"0.1"}, // linked for EXECUTION, but it names cached answers and changes none
}

// security are the features that hide or protect something. A directive that has such a name must come from there.
var security = map[string]bool{"authenticated": true, "requiresScopes": true, "policy": true, "inaccessible": true}

// builtIn are the directives of GraphQL itself, which have no other meaning in any document.
var builtIn = []string{"deprecated", "specifiedBy", "oneOf", "skip", "include"}

// joinDirectives are all directives of join.
var joinDirectives = []string{"graph", "type", "field", "implements", "unionMember", "enumValue", "directive"}

// merged are the directives that composition takes from the federation feature into features of their own.
var merged = map[string]element{
	"authenticated":  {"authenticated", "authenticated"},
	"requiresScopes": {"requiresScopes", "requiresScopes"},
	"policy":         {"policy", "policy"},
	"inaccessible":   {"inaccessible", "inaccessible"},
	"tag":            {"tag", "tag"},
	"context":        {"context", "context"},
}

// links says what names mean in a document, as its @link directives say (link v1.0).
type links struct {
	// names are the directives that the document uses or defines, and what they mean; nothing for unknown ones.
	names map[string]element
	// features are the prefixes: join for join__type.
	features map[string]string
	// imported are the names that imports brought in, with their @ for directives.
	imported map[string]element
	problems *problems
}

// link is one application of @link.
type link struct {
	directive

	url, feature, version, prefix string
}

// newLinks reads the @link directives of doc and finds out what all of its directive names mean.
func newLinks(doc *document, p *problems) *links {
	l := &links{map[string]element{}, map[string]string{}, map[string]element{}, p}
	applied := schemaDirectives(doc)
	own := linkName(applied)
	found := false
	for _, d := range applied {
		if d.name() == "core" {
			p.add(d.at(), "", "this supergraph was composed by Federation 1; compose it again with Federation 2")
			return l
		}
		if d.name() != own {
			continue
		}
		k := newLink(d)
		l.check(k)
		l.take(k)
		found = found || k.feature == "join"
	}
	if !found {
		p.add(noPlace, "", "not a supergraph: the schema has no @link to "+specs+"join. "+
			"The schema of a subgraph has to be composed with the others first")
	}
	l.resolveAll(doc)
	return l
}

// schemaDirectives returns the directives on schema and its extensions.
func schemaDirectives(doc *document) []directive {
	var list []directive
	add := func(refs []int) {
		for _, ref := range refs {
			list = append(list, directive{doc.Directives[ref], doc})
		}
	}
	for _, s := range doc.SchemaDefinitions {
		add(s.Directives.Refs)
	}
	for _, s := range doc.SchemaExtensions {
		add(s.Directives.Refs)
	}
	return list
}

// linkName returns what @link is called: the directive that links the link feature under its own name.
func linkName(applied []directive) string {
	for _, d := range applied {
		k := newLink(d)
		if k.feature != "link" {
			continue
		}
		name := k.prefix
		for _, i := range k.imports() {
			if i.name == "@link" {
				name = strings.TrimPrefix(i.as, "@")
			}
		}
		if d.name() == name {
			return name
		}
	}
	return "link"
}

// newLink reads an application of @link. The feature is the name for one of specs, else the URL without version.
func newLink(d directive) link {
	k := link{directive: d}
	k.url, _ = d.text("url")
	u, err := url.Parse(k.url)
	if err != nil || k.url == "" {
		k.feature = k.url
		return k
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	identity := strings.TrimRight(u.String(), "/")
	if i := strings.LastIndexByte(identity, '/'); isVersion(identity[i+1:]) {
		k.version = identity[i+2:]
		identity = identity[:max(i, 0)]
	}
	k.prefix = identity[strings.LastIndexByte(identity, '/')+1:]
	if k.feature = identity; !strings.Contains(identity, "/") {
		k.feature = "/" + identity // never one of ours
	}
	if name, ok := strings.CutPrefix(identity, specs); ok && name == k.prefix {
		k.feature = name
	}
	if as, ok := d.text("as"); ok {
		k.prefix = as
	}
	return k
}

// isVersion tells whether s is a version such as v0.3.
func isVersion(s string) bool {
	major, minor, ok := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return strings.HasPrefix(s, "v") && ok && digits(major) && digits(minor)
}

// check reports what is linked and cannot be honoured.
func (l *links) check(k link) {
	purpose, must := k.arg("for")
	known, understood := versions[k.feature]
	switch {
	case k.prefix == "":
		l.problems.add(k.at(), "", "@%s: %q is not the URL of a feature", k.name(), k.url)
	case understood && (!isName(k.prefix) || strings.Contains(k.prefix, "__") || slices.Contains(builtIn, k.prefix)):
		l.problems.add(k.at(), "", "@%s: %q is not a name for a feature", k.name(), k.prefix)
	case !understood && k.resembles():
		l.problems.add(k.at(), "", "%s is no feature of %s, although it looks like one", k.url, specs)
	case k.unsupported() != "":
		l.problems.add(k.at(), "", "%s: %s", k.url, k.unsupported())
	case !understood && must:
		l.problems.add(k.at(), "", "unknown feature %q is linked for %s", k.url, k.doc.appendValue(nil, purpose))
	case understood && !slices.Contains(known, k.version) &&
		(must || security[k.feature] || k.feature == "join" || k.feature == "federation" || k.feature == "link"):
		l.problems.add(k.at(), "", "unknown version of a feature: %s (known: %s)", k.url, strings.Join(known, ", "))
	}
}

// unsupported returns what to say of a feature that is known and not supported, "" of others.
func (k link) unsupported() string {
	switch {
	case strings.HasPrefix(k.url, connectors):
		return "connectors are not supported"
	case k.feature == "join" && (k.version == "0.1" || k.version == ""):
		return "this supergraph was composed by Federation 1; compose it again with Federation 2"
	}
	return ""
}

// resembles tells whether the URL of an unknown feature differs so little from that of one about security (http, capital
// letters, a port) that whoever wrote it meant that one. Its directives would be ignored.
func (k link) resembles() bool {
	name := k.feature[strings.LastIndexByte(k.feature, '/')+1:]
	return (security[name] || name == "federation") && strings.Contains(strings.ToLower(k.url), "//specs.apollo.dev")
}

// take notes the names that k explains.
func (l *links) take(k link) {
	if other, taken := l.features[k.prefix]; taken && other != k.feature {
		l.problems.add(k.at(), "", "two features are linked as %q", k.prefix)
	}
	l.features[k.prefix] = k.feature
	for _, i := range k.imports() {
		name, isDirective := strings.CutPrefix(i.name, "@")
		as, asDirective := strings.CutPrefix(i.as, "@")
		if isDirective != asDirective || !isName(name) || !isName(as) {
			l.problems.add(k.at(), "", "%s: import of %q as %q", k.url, i.name, i.as)
			continue
		}
		e := meaning(k.feature, name)
		if isDirective && security[e.feature] && slices.Contains(builtIn, as) {
			l.problems.add(k.at(), "", "%s: %s is imported as %s, which is a directive of GraphQL", k.url, i.name, i.as)
		}
		if other, taken := l.imported[i.as]; taken && other != e {
			l.problems.add(k.at(), "", "two features are imported as %q", i.as)
		}
		l.imported[i.as] = e
	}
}

// meaning returns the element of a feature, under the feature that composition would give it.
func meaning(feature, name string) element {
	if e, ok := merged[name]; ok && feature == "federation" {
		return e
	}
	return element{feature, name}
}

type imported struct{ name, as string }

// imports returns what the link imports; elements that are neither a string nor an object with a name are there
// without a name, so that they are refused.
func (k link) imports() []imported {
	v, ok := k.arg("import")
	if !ok {
		return nil
	}
	var list []imported
	for _, v := range k.doc.list(v) {
		name, ok := k.doc.stringValue(v)
		if !ok {
			name = k.doc.memberString(v, "name")
		}
		as := cmp.Or(k.doc.memberString(v, "as"), name)
		list = append(list, imported{name, as})
	}
	return list
}

// resolveAll finds the meaning of each directive name in doc and reports those that may not stay unknown.
func (l *links) resolveAll(doc *document) {
	seen := map[string]bool{}
	one := func(ref ast.ByteSliceReference) {
		name := doc.str(ref)
		if seen[name] {
			return
		}
		seen[name] = true
		e, known := l.resolve(name)
		if known {
			l.names[name] = e
		}
		if text := l.refuse(name, e, known); text != "" {
			l.problems.add(ref.Start, "", "%s", text)
		}
	}
	for _, d := range doc.DirectiveDefinitions {
		one(d.Name)
	}
	for _, d := range doc.Directives {
		one(d.Name)
	}
}

// resolve returns what a directive name means, and false if nothing explains it.
func (l *links) resolve(name string) (element, bool) {
	if slices.Contains(builtIn, name) {
		return element{"", name}, true
	}
	if e, ok := l.imported["@"+name]; ok {
		return e, true
	}
	if feature, ok := l.features[name]; ok {
		return element{feature, feature[strings.LastIndexByte(feature, '/')+1:]}, true
	}
	if prefix, rest, ok := strings.Cut(name, "__"); ok {
		if feature, ok := l.features[prefix]; ok {
			return meaning(feature, rest), true
		}
	}
	return element{}, false
}

// refuse returns why a directive of that name and meaning cannot be accepted, "" if it can. What looks like
// protection and is not understood must never be ignored.
func (l *links) refuse(name string, e element, known bool) string {
	plain, federation := strings.CutPrefix(name, "federation__")
	if !known || e.feature == "federation" {
		plain = plain[strings.LastIndex("__"+plain, "__"):] // whatever the prefix should mean
	}
	switch {
	case !isName(name):
		return "invalid directive name " + string(appendQuoted(nil, name))
	case known && security[e.feature] && e.name != e.feature:
		return "@" + name + ": the feature " + e.feature + " has no such directive"
	case known && e.feature == "join" && !slices.Contains(joinDirectives, e.name):
		return "@" + name + ": join has no such directive"
	case known && security[e.feature]:
		return ""
	case security[plain] && known:
		return "@" + name + " is not the directive of " + specs + plain + " although it has its name; rename it"
	case security[plain] || federation && !known:
		return "no @link explains @" + name + "; a directive of that name cannot be ignored"
	}
	return ""
}

// isMachinery tells whether a type belongs to a feature: join__Graph, or an imported name.
func (l *links) isMachinery(name string) bool {
	if _, ok := l.imported[name]; ok {
		return true
	}
	prefix, _, ok := strings.Cut(name, "__")
	if !ok {
		return false
	}
	_, linked := l.features[prefix]
	return linked || prefix == "federation"
}

// graphEnum tells whether a type of that name is join's enum of subgraphs.
func (l *links) graphEnum(name string) bool {
	if e, ok := l.imported[name]; ok {
		return e == element{"join", "Graph"}
	}
	prefix, rest, ok := strings.Cut(name, "__")
	return ok && rest == "Graph" && l.features[prefix] == "join"
}
