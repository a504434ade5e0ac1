package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkREADME asks what README.md asks in its first five minutes, in its order, and wants the answers that it shows.
func checkREADME(t *testing.T, url string, tokens map[string]string) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Five minutes\n")
	section, _, _ = strings.Cut(section, "\n## ")
	block := regexp.MustCompile("(?s)```(sh|json)\n(.*?)\n```")
	bearer, data := regexp.MustCompile(`Bearer \$([A-Z]+)"`), regexp.MustCompile(`-d '(.*)'$`)
	query, token, asked := "", "", 0
	for _, m := range block.FindAllStringSubmatch(section, -1) {
		if m[1] == "json" && query != "" {
			if got := post(t, url, query, token); got != m[2] {
				t.Errorf("%s: got %s, README.md says %s", query, got, m[2])
			}
			query, token, asked = "", "", asked+1
		}
		if d := data.FindStringSubmatch(m[2]); m[1] == "sh" && d != nil {
			query = d[1]
			if who := bearer.FindStringSubmatch(m[2]); who != nil {
				token = tokens[who[1]]
			}
		}
	}
	if asked != 4 {
		t.Errorf("README.md asks %d questions", asked)
	}
}

// TestFlagsInDocs wants the verbs and flags that the documentation names to be there.
func TestFlagsInDocs(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile("(?m)^.*\\bgatehouse ((?:[a-z]+ )*[a-z]+)((?: [^`\n]*)?)(?:`(.*))?$")
	flag := regexp.MustCompile(`(?:^|[ \x60])--([a-z-]+)`)
	flags := 0
	for _, name := range append(names, "../../README.md", "../../examples/subgraphs/README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			for _, m := range call.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
				cmd, _, err := newRoot().Find(strings.Fields(m[1]))
				if err != nil || !cmd.HasParent() {
					continue // prose
				}
				for _, f := range flag.FindAllStringSubmatch(m[2]+m[3], -1) {
					flags++
					if cmd.Flag(f[1]) == nil && f[1] != "version" {
						t.Errorf("%s: %q has no flag --%s", name, cmd.CommandPath(), f[1])
					}
				}
			}
		}
	}
	if flags < 20 {
		t.Errorf("only %d flags were found", flags)
	}
}

// TestPlanInArchitecture runs what ARCHITECTURE.md shows of planning and wants what it shows.
func TestPlanInArchitecture(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Planning\n")
	section, _, _ = strings.Cut(section, "\n## ")
	query := filepath.Join(t.TempDir(), "q.graphql")
	shown := 0
	for _, m := range regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```").FindAllStringSubmatch(section, -1) {
		if m[1] == "graphql" {
			if err := os.WriteFile(query, []byte(m[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		command, want, _ := strings.Cut(m[2], "\n")
		arguments := strings.Fields(strings.TrimPrefix(command, "$ gatehouse "))
		got, err := run(t, append(arguments, "--supergraph", openSupergraph, "--query", query)...)
		if err != nil || got != want {
			t.Errorf("%s: %v\n%s", command, err, got)
		}
		shown++
	}
	if shown != 3 {
		t.Errorf("ARCHITECTURE.md shows %d stages", shown)
	}
}
