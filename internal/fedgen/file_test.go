package fedgen

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// federation is what a file holds: composed subgraphs, and operations that are to be run on them.
//
// A file is a sequence of sections, each with a heading "-- name --" in a line of its own. The first one, without a
// heading, is the line "seed 7", on which data and random operations depend. Then there is "operation", which may be followed by
// "variables", any number of times; in cases of authorization "authorization", which is the rules and the caller; "subgraph alpha"
// for each subgraph; and "supergraph".
type federation struct {
	name       string
	seed       uint64
	supergraph string
	subgraphs  []Subgraph
	operations []request
	// authorization is nil when everybody may see everything.
	authorization *authorization
}

type request struct{ document, variables string }

func (f *federation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d\n", f.seed)
	section := func(name, text string) {
		fmt.Fprintf(&b, "-- %s --\n%s\n", name, strings.TrimSpace(text))
	}
	for _, o := range f.operations {
		section("operation", o.document)
		if o.variables != "" && o.variables != "{}" {
			section("variables", o.variables)
		}
	}
	if f.authorization != nil {
		section("authorization", canonical(f.authorization))
	}
	for _, s := range f.subgraphs {
		section("subgraph "+s.Name, s.SDL)
	}
	section("supergraph", f.supergraph)
	return b.String()
}

func readFederation(file string) (*federation, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := &federation{name: strings.TrimSuffix(filepath.Base(file), ".txt")}
	for i, section := range strings.Split("\n"+string(text), "\n-- ") {
		if i == 0 {
			f.seed, err = strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(section), "seed "), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			continue
		}
		name, body, _ := strings.Cut(section, " --\n")
		sort, arg, _ := strings.Cut(name, " ")
		switch sort {
		case "subgraph":
			f.subgraphs = append(f.subgraphs, Subgraph{arg, body})
		case "supergraph":
			f.supergraph = body
		case "operation":
			f.operations = append(f.operations, request{body, "{}"})
		case "variables":
			f.operations[len(f.operations)-1].variables = strings.TrimSpace(body)
		case "authorization":
			if err := json.Unmarshal([]byte(body), &f.authorization); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		default:
			return nil, fmt.Errorf("%s: a section %q", file, name)
		}
	}
	return f, nil
}

// readAll reads the federations of testdata whose names match a pattern ("corpus/*"). There must be some.
func readAll(t *testing.T, pattern string) []*federation {
	t.Helper()
	files, err := filepath.Glob("testdata/" + pattern + ".txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", pattern, err)
	}
	var list []*federation
	for _, file := range files {
		f, err := readFederation(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}
