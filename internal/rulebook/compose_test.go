package rulebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "compose the cases anew, with Node")

// TestCompose: the supergraphs in testdata are what the composers make of the cases. It needs Node, and what compose/package.json names.
func TestCompose(t *testing.T) {
	if _, err := os.Stat("compose/node_modules"); err != nil && !*update {
		t.Skip("needs Node, and npm install in compose/")
	}
	var in, out, errs bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, c := range readCases(t) {
		if err := encoder.Encode(map[string]any{"name": c.name, "subgraphs": c.subgraphs}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", "compose/compose.mjs")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line struct {
			Name, Composer, Supergraph string
			Errors                     []string
		}
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		base := filepath.Join("testdata", line.Composer, line.Name)
		text := map[string]string{".graphql": line.Supergraph, ".refused": ""}
		if line.Supergraph == "" {
			text[".refused"] = strings.Join(line.Errors, "\n") + "\n"
		}
		for suffix, want := range text {
			compareFile(t, base+suffix, want)
		}
	}
}

// compareFile holds a file against what it should have; "" is no file.
func compareFile(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	if !*update {
		t.Errorf("%s: composed otherwise: run with -update", file)
		return
	}
	if want == "" {
		err = os.Remove(file)
	} else {
		err = errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(want), 0o644))
	}
	if err != nil {
		t.Error(err)
	}
}
