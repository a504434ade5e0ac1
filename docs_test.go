package gatehouse_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// machineTraces are words of one machine: nobody else has its folders, and the registry is everyone's own choice.
// Each is written so that it does not match itself.
var machineTraces = []*regexp.Regexp{
	regexp.MustCompile(`/(?:wor[k]|roo[t]|hom[e])/[a-zA-Z0-9._]`),
	regexp.MustCompile(`https?://(?:prox[y]|registr[y]|mirro[r])[.:-]`),
}

// notOurWords are folders of files that were built elsewhere and are kept byte for byte.
var notOurWords = []string{"gateway/graphiql/assets/"}

func TestNoTracesOfAMachine(t *testing.T) {
	t.Parallel()
	for _, name := range trackedFiles(t) {
		if hasAnyPrefix(name, notOurWords) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			continue // deleted but not yet committed, a link to a folder, or no text
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, trace := range machineTraces {
				if found := trace.FindString(line); found != "" {
					t.Errorf("%s:%d has %q, a path or host of one machine: say it in a way that holds everywhere", name, i+1, found)
				}
			}
		}
	}
}

// trackedFiles returns the files that git knows. It skips the test outside of a checkout, as in a module download.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
}

func hasAnyPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// page is one of the project's Markdown files.
type page struct{ path, text string }

// pages returns the Markdown files in the root and below docs.
func pages(t *testing.T) []page {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	found := make([]page, 0, len(names))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, page{name, string(text)})
	}
	return found
}

// TestJSONInDocs wants every block that calls itself json to be JSON, so that it can be copied.
func TestJSONInDocs(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?ms)^[ \t]*```json[ \t]*\n(.*?)^[ \t]*```")
	for _, p := range pages(t) {
		for _, at := range block.FindAllStringSubmatchIndex(p.text, -1) {
			body := p.text[at[2]:at[3]]
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				line := 1 + strings.Count(p.text[:at[2]], "\n")
				t.Errorf("%s:%d: a json block that is not JSON: %v\n%s", p.path, line, err, body)
			}
		}
	}
}

// TestLinksInDocs wants every link to a file of the project to lead to one.
func TestLinksInDocs(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)\s]*)?\)`)
	for _, p := range pages(t) {
		for _, m := range link.FindAllStringSubmatchIndex(p.text, -1) {
			target := p.text[m[2]:m[3]]
			if strings.Contains(target, ":") {
				continue // another site
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(p.path), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s:%d links to %s, which does not exist", p.path, 1+strings.Count(p.text[:m[0]], "\n"), target)
			}
		}
	}
}

// TestDependenciesAreExplained wants a line with a reason for every direct dependency.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	const table = "docs/decisions/0001-dependencies.md"
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	direct := regexp.MustCompile(`(?m)^(?:require )?\t?([a-z][^\s()]*\.[^\s()]*/[^\s()]*) v\S+$`)
	for _, m := range direct.FindAllSubmatch(mod, -1) {
		if !bytes.Contains(reasons, append(append([]byte("| "), m[1]...), " | "...)) {
			t.Errorf("go.mod requires %s, and %s does not say why", m[1], table)
		}
	}
}
