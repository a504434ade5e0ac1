package operation

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// The rules of the specification (September 2025) are held by testdata/rules: a file for each section, with documents and what
// is said about them. A paragraph is a document, in one line or quoted as in Go, and below it, indented,
//
//	valid                    or the errors, each with its places and, unless it is a validation error, its code
//	gqlparser: <reason>      why another implementation is of another opinion, and ours stays
//	example: <names>         which examples of the specification it stands for (specification_test.go)
//
// Other lines are comments. Prepared is the first operation of a document.

// ruleCase is one document of a file. Prose are the lines above it.
type ruleCase struct {
	prose, line, document string
	// differs is why gqlparser differs, "" when it does not. Valid is what the file says, examples are the names there.
	differs  string
	valid    bool
	examples []string
}

// readRules reads a file of testdata/rules.
func readRules(tb testing.TB, file string) (list []ruleCase) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	prose := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		label, text, _ := strings.Cut(line, ": ")
		switch {
		case label == "  gqlparser":
			list[len(list)-1].differs = text
		case label == "  example":
			list[len(list)-1].examples = strings.Fields(text)
		case strings.HasPrefix(line, "  "):
			list[len(list)-1].valid = line == "  valid"
		case line == "" || strings.HasPrefix(line, "# "):
			prose += line + "\n"
		default:
			c := ruleCase{prose: prose, line: line, document: line}
			if unquoted, err := strconv.Unquote(line); err == nil {
				c.document = unquoted
			}
			list, prose = append(list, c), ""
		}
	}
	return list
}

// ruleFiles are the files of testdata/rules.
func ruleFiles(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("testdata/rules/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no rules: ", err)
	}
	return files
}

func TestRules(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	schema := peer(t, p)
	for _, file := range ruleFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			for _, c := range readRules(t, file) {
				_, err := p.Prepare(t.Context(), []byte(c.document), firstName(c.document, p.limits))
				if errors.Is(err, errSecondReader) {
					t.Errorf("only the library refuses: %v\n%s", err, c.document)
				}
				theirs := peerErrors(schema, c.document)
				if differs := (err == nil) != (theirs == ""); differs != (c.differs != "") {
					t.Errorf("we: %v\ngqlparser: %s (expected to differ: %t)\n%s", err, theirs, c.differs != "", c.document)
				}
				text.WriteString(c.prose + c.line + "\n" + said(err))
				if c.differs != "" {
					text.WriteString("  gqlparser: " + c.differs + "\n")
				}
				if len(c.examples) > 0 {
					text.WriteString("  example: " + strings.Join(c.examples, " ") + "\n")
				}
			}
			golden.Assert(t, file, text.String())
		})
	}
}

// TestMissingRoots: what a schema has no root type for is refused at the operation, even when it is not the one to execute.
func TestMissingRoots(t *testing.T) {
	t.Parallel()
	p := wideSchema(t, 1)
	for document, want := range map[string]string{
		"mutation { a }":     "  1:1 Schema is not configured to execute mutation operation.\n",
		"subscription { a }": "  1:1 Schema is not configured to execute subscription operation.\n",
		"query Q { __typename } mutation M { a { b } }": "  1:24 Schema is not configured to execute mutation operation.\n",
		"query Q { __typename }":                        "  valid\n",
	} {
		_, err := p.Prepare(t.Context(), []byte(document), firstName(document, p.limits))
		if got := said(err); got != want {
			t.Errorf("%s: got %s", document, got)
		}
	}
}

// firstName is the name of the first operation when there are several.
func firstName(document string, limits Limits) string {
	doc, err := parse(document, limits)
	if err != nil || len(doc.operations) < 2 {
		return ""
	}
	return doc.operations[0].name
}

// said prints errors, one a line, with their places.
func said(err error) string {
	if err == nil {
		return "  valid\n"
	}
	var b strings.Builder
	for _, e := range gqlerr.Public(err) {
		b.WriteString("  ")
		for _, l := range e.Locations {
			fmt.Fprintf(&b, "%d:%d ", l.Line, l.Column)
		}
		if e.Code != gqlerr.ValidationFailed {
			b.WriteString(string(e.Code) + " ")
		}
		b.WriteString(e.Message + "\n")
	}
	return b.String()
}
