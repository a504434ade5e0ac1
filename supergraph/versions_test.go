package supergraph_test

import (
	"os"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestVersionsInDocs: the versions of features in docs/federation.md load, and the next ones do not where that matters.
func TestVersionsInDocs(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/federation.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ says, feature, versions, refused string }{
		{"| `join` | v0.2, v0.3, v0.4, v0.5. v0.1 and `@core` (Federation 1 composition) are refused", "join", "0.2 0.3 0.4 0.5", "0.1 0.6 1.0"},
		{"| `link` | v1.0, also", "link", "1.0", "1.1 2.0"},
		{"| `federation` | v2.0 to v2.14 |", "federation", "2.0 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13 2.14", "1.0 2.15 3.0"},
		{"`inaccessible` v0.1, v0.2", "inaccessible", "0.1 0.2", "0.3"},
		{"`tag` v0.1 to v0.3", "tag", "0.1 0.2 0.3", ""},
		{"`authenticated`, `requiresScopes`, `policy`, `cost`, `context`, `cacheTag` v0.1 |", "authenticated", "0.1", "0.2"},
		{"", "requiresScopes", "0.1", "0.2"},
		{"", "policy", "0.1", "0.2"},
		{"", "cost", "0.1", ""},
		{"", "context", "0.1", ""},
		{"", "cacheTag", "0.1", ""},
	} {
		if !strings.Contains(string(docs), c.says) {
			t.Errorf("docs/federation.md does not say %q", c.says)
		}
		for version := range strings.FieldsSeq(c.versions) {
			for _, purpose := range []string{"", ", for: EXECUTION", ", for: SECURITY"} {
				if _, err := supergraph.Parse(linking(c.feature, version, purpose)); err != nil {
					t.Errorf("%s %s%s: %v", c.feature, version, purpose, err)
				}
			}
		}
		for version := range strings.FieldsSeq(c.refused) {
			if _, err := supergraph.Parse(linking(c.feature, version, "")); err == nil {
				t.Errorf("%s %s loads", c.feature, version)
			}
		}
		// With a purpose no version is ignored that nobody knows.
		if _, err := supergraph.Parse(linking(c.feature, "9.9", ", for: EXECUTION")); err == nil {
			t.Errorf("%s 9.9 loads", c.feature)
		}
	}
}

// linking is a supergraph that links a feature, beside join.
func linking(feature, version, purpose string) []byte {
	link := "@link(url: " + spec + feature + "/v" + version + `"` + purpose + ")"
	if feature != "join" {
		link += " " + join
	}
	return []byte("schema " + link + " { query: Query }\n" + graphs + query)
}
