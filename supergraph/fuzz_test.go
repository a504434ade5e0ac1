package supergraph_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// FuzzParse wants no panic, an error that says something, and of what loads a schema that keeps its promises.
// Anything else that clients could not read is found by checkSchema.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		sdl, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(sdl))
	}
	f.Add(header + graphs + query)
	f.Add(string(generate(10)))
	f.Fuzz(func(t *testing.T, sdl string) {
		s, err := supergraph.Parse([]byte(sdl))
		var all supergraph.LoadErrors
		if (s == nil) != (err != nil) || err != nil && (!errors.As(err, &all) || len(all) == 0 || all[0].Message == "") {
			t.Fatalf("%v, %v", s, err)
		}
		if s == nil {
			return
		}
		checkLengths(t, s)
		again, err := supergraph.Parse([]byte(sdl))
		if err != nil || again.API != s.API || again.String() != s.String() {
			t.Fatalf("loading twice: %v", err)
		}
	})
}
