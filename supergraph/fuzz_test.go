package supergraph_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// FuzzParse gives the text to Parse as it is and behind a header, so that short texts reach far.
func FuzzParse(f *testing.F) {
	for _, sdl := range samples(f) {
		f.Add(sdl)
	}
	for _, sdl := range []string{
		`type T @join__type(graph: A, key: "id o { ... on T { id } }", extension: true) { id: ID! @join__field(graph: A, external: true) o(x: [Int!] = [1]): T }`,
		`interface I implements J { x: Int } interface J implements I { x: Int } union U @join__type(graph: A) @join__unionMember(graph: A, member: "Query") = Query`,
		`input F @oneOf { x: F = {x: {x: null}} } enum E { "d" A @deprecated(reason: """x""") } scalar S @specifiedBy(url: "u") @policy(policies: [["p"]])`,
		`extend schema @link(url: "https://specs.apollo.dev/context/v0.1", as: "c", import: [{name: "@context", as: "@x"}]) directive @d(a: Int) repeatable on FIELD`,
	} {
		f.Add(sdl)
	}
	f.Fuzz(func(t *testing.T, sdl string) {
		checkParse(t, sdl)
		checkParse(t, header+graphs+query+sdl)
	})
}

// TestMutations changes tokens of the samples at random: most results still parse, and are wrong somewhere.
func TestMutations(t *testing.T) {
	t.Parallel()
	token := regexp.MustCompile(`"""(?s:.*?)"""|"(\\.|[^"\\])*"|[A-Za-z_0-9]+|[^\s]`)
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for file, sdl := range samples(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 2))
			tokens := token.FindAllString(sdl, -1)
			for range rounds {
				changed := append([]string(nil), tokens...)
				for range 1 + r.IntN(3) {
					i, j := r.IntN(len(changed)), r.IntN(len(changed))
					switch r.IntN(4) {
					case 0:
						changed[i] = changed[j]
					case 1:
						changed[i], changed[j] = changed[j], changed[i]
					case 2:
						changed[i] = ""
					case 3:
						changed[i] += " " + changed[j]
					}
				}
				checkParse(t, strings.Join(changed, " "))
			}
		})
	}
}

// samples returns the supergraphs of testdata by file name.
func samples(tb testing.TB) map[string]string {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) == 0 {
		tb.Fatal(files, err)
	}
	texts := map[string]string{}
	for _, file := range files {
		sdl, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		texts[filepath.Base(file)] = string(sdl)
	}
	return texts
}

// checkParse wants no panic, an error that says something, and of what loads a schema that keeps its promises.
func checkParse(t *testing.T, sdl string) {
	t.Helper()
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
	if t.Failed() {
		t.Fatal(sdl)
	}
}
