package supergraph_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

const (
	spec = `"https://specs.apollo.dev/`
	join = `@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)`
)

// TestLinkNames protects Query.a in different words and expects the same.
func TestLinkNames(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ links, joinPrefix, auth string }{
		"plain":              {`@link(url: ` + spec + `link/v1.0") ` + join + ` @link(url: ` + spec + `authenticated/v0.1", for: SECURITY)`, "join", "authenticated"},
		"extend schema":      {`extend`, "join", "authenticated"},
		"as":                 {join + ` @link(url: ` + spec + `authenticated/v0.1", as: "auth", for: SECURITY)`, "join", "auth"},
		"join as":            {`@link(url: ` + spec + `join/v0.5/", as: "j", for: EXECUTION) @link(url: ` + spec + `authenticated/v0.1")`, "j", "authenticated"},
		"import":             {join + ` @link(url: ` + spec + `authenticated/v0.1", as: "x", import: ["@authenticated"])`, "join", "authenticated"},
		"renamed import":     {join + ` @link(url: ` + spec + `authenticated/v0.1", import: [{name: "@authenticated", as: "@login"}])`, "join", "login"},
		"single import":      {join + ` @link(url: ` + spec + `authenticated/v0.1", as: "x", import: {name: "@authenticated", as: "@login"})`, "join", "login"},
		"original name":      {join + ` @link(url: ` + spec + `authenticated/v0.1", import: [{name: "@authenticated", as: "@login"}])`, "join", "authenticated"},
		"federation":         {join + ` @link(url: ` + spec + `federation/v2.9")`, "join", "federation__authenticated"},
		"federation as":      {join + ` @link(url: ` + spec + `federation/v2.9", as: "fed")`, "join", "fed__authenticated"},
		"federation import":  {join + ` @link(url: ` + spec + `federation/v2.9", import: [{name: "@authenticated", as: "@in"}])`, "join", "in"},
		"link has a name":    {`@core2(url: ` + spec + `link/v1.0", as: "core2") @core2(url: ` + spec + `join/v0.3") @core2(url: ` + spec + `authenticated/v0.1")`, "join", "authenticated"},
		"link imports":       {`@lnk(url: ` + spec + `link/v1.0", import: [{name: "@link", as: "@lnk"}]) @lnk(url: ` + spec + `join/v0.3") @lnk(url: ` + spec + `authenticated/v0.1")`, "join", "authenticated"},
		"a foreign feature":  {join + ` @link(url: "https://example.com/shop/v1.2", import: ["@shop"]) @link(url: ` + spec + `authenticated/v0.1")`, "join", "authenticated"},
		"unknown tag":        {join + ` @link(url: ` + spec + `tag/v9.9") @link(url: ` + spec + `authenticated/v0.1")`, "join", "authenticated"},
		"query and fragment": {join + ` @link(url: ` + spec + `authenticated/v0.1?x=y#z")`, "join", "authenticated"},
		"escaped URL":        {join + ` @link(url: ` + spec + `authenticat\u0065d/v0.1")`, "join", "authenticated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sdl := "schema " + tc.links + " { query: Query }\n"
			if tc.links == "extend" {
				sdl = "schema { query: Query }\nextend schema " + join + "\nextend schema @link(url: " + spec + "authenticated/v0.1\")\n"
			}
			sdl += strings.ReplaceAll(graphs+"type Query @join__type(graph: A) @shop { a: Int @join__field(graph: A) @"+tc.auth+" }", "join__", tc.joinPrefix+"__")
			s := mustParse(t, sdl)
			f := s.Query.Field("a")
			if f.Rule == nil || !f.Rule.Authenticated || f.In[0] == nil || len(s.Types) != 6 {
				t.Errorf("%s\n%s", sdl, s)
			}
			if strings.Contains(s.API, "@") {
				t.Errorf("clients see directives:\n%s", s.API)
			}
		})
	}
}

func TestJoinImports(t *testing.T) {
	t.Parallel()
	s := mustParse(t, `schema @link(url: "https://specs.apollo.dev/join/v0.5", as: "j",
  import: ["@field", {name: "@type", as: "@in"}, {name: "Graph", as: "Services"}, "FieldSet"], for: EXECUTION) { query: Query }
scalar FieldSet
directive @in(graph: Services!, key: FieldSet) on OBJECT
enum Services { A @j__graph(name: "a", url: "") }
type Query @in(graph: A) { a: Int @field(graph: A) }
`)
	if s.Query.Field("a").In[0] == nil || s.Type("Services") != nil || s.Type("FieldSet") != nil {
		t.Error(s)
	}
	if s.Subgraphs[0].URL != "" || s.Subgraphs[0].Enum != "A" || s.Introspection.Index != 1 {
		t.Errorf("%+v", s.Subgraphs[0])
	}
}

func TestLinkErrors(t *testing.T) {
	t.Parallel()
	again := "compose it again with Federation 2"
	for name, tc := range map[string]struct{ links, sdl, want string }{
		"no link":               {``, ``, "not a supergraph: the schema has no @link to https://specs.apollo.dev/join"},
		"core":                  {`@core(feature: ` + spec + `core/v0.1") @core(feature: ` + spec + `join/v0.1")`, ``, again},
		"join v0.1":             {`@link(url: ` + spec + `join/v0.1")`, ``, again},
		"join v0.6":             {`@link(url: ` + spec + `join/v0.6")`, ``, "unknown version of a feature: https://specs.apollo.dev/join/v0.6 (known: 0.2, 0.3, 0.4, 0.5)"},
		"unknown for SECURITY":  {join + ` @link(url: "https://example.com/lock/v1.0", for: SECURITY)`, ``, `unknown feature "https://example.com/lock/v1.0" is linked for SECURITY`},
		"unknown for EXECUTION": {join + ` @link(url: ` + spec + `other/v0.2", for: EXECUTION)`, ``, `unknown feature "https://specs.apollo.dev/other/v0.2" is linked for EXECUTION`},
		"connectors":            {join + ` @link(url: ` + spec + `connect/v0.3", for: EXECUTION)`, ``, `https://specs.apollo.dev/connect/v0.3: connectors are not supported`},
		"connectors for nobody": {join + ` @link(url: ` + spec + `connect/v0.1")`, ``, `https://specs.apollo.dev/connect/v0.1: connectors are not supported`},
		"connectors carried":    {join + ` @join__directive(graphs: [A], name: "link", args: {url: ` + spec + `connect/v0.1"})`, ``, `https://specs.apollo.dev/connect/v0.1: connectors are not supported`},
		"unknown purpose":       {join + ` @link(url: "https://example.com/x/v1.0", for: PLEASURE)`, ``, `is linked for PLEASURE`},
		"version of auth":       {join + ` @link(url: ` + spec + `authenticated/v0.2")`, ``, "unknown version of a feature: https://specs.apollo.dev/authenticated/v0.2"},
		"no version of auth":    {join + ` @link(url: ` + spec + `policy")`, ``, "unknown version of a feature: https://specs.apollo.dev/policy"},
		"version of federation": {join + ` @link(url: ` + spec + `federation/v3.0")`, ``, "unknown version of a feature"},
		"no URL":                {join + ` @link(as: "x")`, ``, `"" is not the URL of a feature`},
		"only a version":        {join + ` @link(url: "v1.0")`, ``, `"v1.0" is not the URL of a feature`},
		"two of a name":         {join + ` @link(url: ` + spec + `tag/v0.3", as: "x") @link(url: ` + spec + `policy/v0.1", as: "x")`, ``, `two features are linked as "x"`},
		"two imports":           {join + ` @link(url: ` + spec + `cost/v0.1", import: ["@x"]) @link(url: ` + spec + `tag/v0.3", import: ["@x"])`, ``, `two features are imported as "@x"`},
		"import of nothing":     {join + ` @link(url: ` + spec + `tag/v0.3", import: [3])`, ``, `import of "" as ""`},
		"used, unlinked":        {join, `scalar X @authenticated`, "no @link explains @authenticated"},
		"defined, unlinked":     {join, `directive @requiresScopes(scopes: [[String!]!]!) on SCALAR`, "no @link explains @requiresScopes"},
		"inaccessible unlinked": {join, `scalar X @inaccessible`, "no @link explains @inaccessible"},
		"federation, unlinked":  {join, `scalar X @federation__policy(policies: [])`, "no @link explains @federation__policy"},
		"as foreign directive":  {join + ` @link(url: "https://example.com/policy/v1.0")`, `scalar X @policy`, "@policy is not the directive of https://specs.apollo.dev/policy"},
		"tag in disguise":       {join + ` @link(url: ` + spec + `tag/v0.3", import: [{name: "@tag", as: "@policy"}])`, `scalar X @policy`, "@policy is not the directive"},
		"spoofed host":          {join + ` @link(url: "https://specs.apollo.dev.example.com/policy/v0.1")`, `scalar X @policy`, "@policy is not the directive"},
		"no scheme":             {join + ` @link(url: "policy/v0.1")`, `scalar X @policy`, "@policy is not the directive"},
		"unknown auth element":  {join + ` @link(url: ` + spec + `policy/v0.1")`, `scalar X @policy__all`, "the feature policy has no such directive"},
		"auth as deprecated":    {join + ` @link(url: ` + spec + `authenticated/v0.1", as: "deprecated")`, ``, `"deprecated" is not a name for a feature`},
		"auth import as skip":   {join + ` @link(url: ` + spec + `federation/v2.9", import: [{name: "@policy", as: "@skip"}])`, ``, "@policy is imported as @skip, which is a directive of GraphQL"},
		"prefix with __":        {join + ` @link(url: ` + spec + `federation/v2.9", as: "a__b")`, ``, `"a__b" is not a name for a feature`},
		"unknown prefix":        {join, `scalar X @fed__authenticated`, "no @link explains @fed__authenticated"},
		"two prefixes":          {join + ` @link(url: ` + spec + `federation/v2.9", as: "fed")`, `scalar X @fed__a__policy`, "@fed__a__policy is not the directive of"},
		"http":                  {join + ` @link(url: "http://specs.apollo.dev/authenticated/v0.1", as: "x")`, `scalar X @x`, "although it looks like one"},
		"capital letters":       {join + ` @link(url: "https://SPECS.apollo.dev/federation/v2.9", as: "x")`, `scalar X @x__authenticated`, "although it looks like one"},
		"port":                  {join + ` @link(url: "https://specs.apollo.dev:443/policy/v0.1", as: "x")`, `scalar X @x`, "although it looks like one"},
		"two slashes":           {join + ` @link(url: "https://specs.apollo.dev//policy/v0.1", as: "x")`, `scalar X @x`, "although it looks like one"},
		"unknown join element":  {join, `scalar X @join__owner(graph: A)`, "join has no such directive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, "schema "+tc.links+" { query: Query }\n"+tc.sdl+graphs+query, tc.want)
		})
	}
}

// wantError parses sdl and wants one problem whose text, with its place, contains want.
func wantError(t *testing.T, sdl, want string) {
	t.Helper()
	s, err := supergraph.Parse([]byte(sdl))
	var one *supergraph.LoadError
	var all supergraph.LoadErrors
	if s != nil || !errors.As(err, &one) || !errors.As(err, &all) || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %q\n%s", err, want, sdl)
	}
}
