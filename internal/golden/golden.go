// Package golden compares what a stage prints with a file in testdata, for tests.
//
// "go test ./planner/ -update" rewrites the files of one package, "make golden" those of all; what changed is then
// reviewed like any other change. Importing the package defines the flag -update, so only tests may import it.
package golden

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files with what the tests print")

// Assert fails tb, with the lines that differ, unless got is the content of the file at path, which is relative to
// the directory of the test. Under -update it writes got to the file instead and creates its folders.
func Assert(tb testing.TB, path, got string) {
	tb.Helper()
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatalf("reading golden file: %v", err)
	}
	missing := err != nil
	if !missing && string(want) == got {
		return
	}
	if *update {
		write(tb, path, got)
		return
	}
	if missing {
		tb.Errorf("golden file %s does not exist; create it with: go test -run '^%s$' -update\n%s", path, tb.Name(), got)
		return
	}
	tb.Errorf("%s differs (- the file, + this run); if this run is right: go test -run '^%s$' -update\n%s",
		path, tb.Name(), diff(string(want), got))
}

// write stores got in the file at path.
func write(tb testing.TB, path, got string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of a checkout
		tb.Fatalf("updating golden file: %v", err)
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil { //nolint:gosec // a file of a checkout
		tb.Fatalf("updating golden file: %v", err)
	}
}
