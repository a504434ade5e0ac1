package gatehouse_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// room is a folder and the rooms that it may import.
type room struct{ name, may, why string }

// rooms is the architecture as a list: each room and the others it may import. The root of a path stands for
// everything below it, except where a longer path has a row of its own. Test files are free.
//
// A new folder needs a row here; say in it why the room may know what it knows.
var rooms = []room{
	{"cmd", "gateway authz planner operation upstream supergraph signature subgraph examples internal", "the binary wires everything and prints every stage"},
	{"gateway", "authz session executor planner operation upstream supergraph signature internal", "HTTP in, HTTP out: it knows every stage and no stage knows it"},
	{"gateway/graphiql", "", "a page and its files: nothing of a request"},
	{"authz", "operation supergraph internal", "who is calling and what they may see; planning and fetching come after it"},
	{"session", "authz signature internal", "the caller's facts for subgraphs, from an identity to fields that can be signed; authz decides without them"},
	{"executor", "planner operation upstream supergraph internal", "it runs a plan that was decided elsewhere, so it cannot see authz"},
	{"planner", "operation supergraph internal", "a pure function of a permitted operation: no I/O, no clock, no auth"},
	{"operation", "supergraph internal", "what the client asked, before anyone decides about it"},
	{"upstream", "signature supergraph internal", "one call to one subgraph; it gets what it sends from its caller"},
	{"supergraph", "", "the bottom of the house: what the graph offers"},
	{"signature", "", "authors of subgraphs import it: the standard library and nothing else"},
	{"subgraph", "signature internal/jsonscan", "authors of subgraphs import it and must not pull in a gateway"},
	{"examples", "subgraph signature", "an example shows what an author outside this module can write"},
	{"bench", "", "it measures from outside: there is nothing to import but for its tests"},
	{"internal", "", "a tool belongs to no stage"},
	{"internal/reference", "", "the tests' own reading of the specification: it shares no code with what it judges"},
	{"internal/opgen", "supergraph", "it generates operations from a schema"},
	{".", "", "rules and words, no code"},
}

// importRules say who must not import what. Paths of this module start with "./"; "/..." means everything below,
// too. Test files are free except where tests is set.
var importRules = []struct {
	who, except string // folders; "..." is all of them
	what        string // import paths; "third-party" is everything outside this module and the standard library
	tests       bool   // holds for test files, too
	why         string
}{
	{
		who: "...", what: "github.com/wundergraph/graphql-go-tools/v2/pkg/engine/... github.com/wundergraph/graphql-go-tools/execution/...",
		tests: true, why: "the library's planner and executor are not used: ours are the product",
	},
	{
		who: "...", except: "supergraph/... operation/...", what: "github.com/wundergraph/graphql-go-tools/...",
		why: "foreign ASTs stop at the door: supergraph reads SDL, operation reads requests, both convert once into our own tree",
	},
	{
		who: "...", except: "internal/reference", what: "github.com/vektah/gqlparser/...",
		why: "it is a second opinion in tests; what only another parser has seen must never be executed",
	},
	{
		who: "...", except: "subgraph/federation/... examples/...", what: "github.com/graph-gophers/graphql-go/...",
		why: "the gateway does not serve a schema of resolvers; subgraphs do",
	},
	{
		who: "...", except: "gateway subgraph/metrics examples/...", what: "github.com/prometheus/...",
		why: "stages report through plain funcs; metrics are named and registered in one place",
	},
	{
		who: "...", except: "cmd/...", what: "github.com/spf13/...",
		why: "flags are the binary's business; libraries take a Config",
	},
	{
		who: "signature/... subgraph gateway/graphiql internal/jsonscan", what: "third-party",
		why: "small doors that others depend on: the standard library only",
	},
	{
		who: "supergraph/... operation/... planner/...", what: "net net/http net/http/... os os/exec io/ioutil",
		why: "these stages are pure: bytes in, tree or error out, so that they can be fuzzed and cached",
	},
	{
		who: "planner/...", what: "time math/rand math/rand/v2",
		why: "the same operation gives the same plan text, today and tomorrow: no clock, no chance",
	},
	{
		who: "planner/... executor/... operation/... upstream/...", what: "reflect",
		why: "a cached request does not reflect",
	},
	{
		who: "executor/...", what: "encoding/json",
		why: "responses are decoded by shape, straight into slots; a generic decoder would make that a second pass",
	},
	{
		who: "...", what: "unsafe",
		tests: true, why: "nothing here is slow without it",
	},
	{
		who: "...", what: "log",
		why: "logs go through log/slog, so that they have levels and fields and never end the process",
	},
	{
		who: "...", except: "internal/golden gateway/gatewaytest", what: "testing",
		why: "a binary that imports testing gets its flags",
	},
	{
		who: "...", what: "./internal/golden/... ./internal/opgen/... ./internal/reference/... ./gateway/gatewaytest/...",
		why: "help for tests stays out of the binary",
	},
}

// callRules say where a function may be named, outside of test files.
var callRules = []struct{ pkg, name, where, why string }{
	{
		"./operation", "Filter", "authz cmd/...",
		"only authorization makes a Permitted, so that the planner cannot get an operation that nobody decided about; a command may plan for nobody",
	},
	{"os", "Exit", "cmd/... examples/...", "only commands end the process: libraries return errors"},
}

// The sizes to keep. Cyclomatic complexity is the linter's.
const (
	maxFileLines    = 500
	maxFuncLines    = 60
	maxStructFields = 15
	maxStructBools  = 2
	maxExported     = 25 // top-level names of a package; the constants of one group count as one
)

// exceptions are what may be larger, each with its reason: a file ("planner/pass.go"), a function or a struct
// ("planner.assemble", "gateway.Gateway.ServeHTTP", "gateway.Config") or a package ("planner").
var exceptions = map[string]string{
	"authz":           "each source of policies is a type of the configuration, so that one that is empty is told from one that is not there",
	"supergraph.Type": "its bools are what the SDL says about a type, each independent of the others",
}

func TestRooms(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		if f.isTest {
			continue
		}
		home := roomOf(f.dir)
		if home == "" {
			t.Errorf("%s: the folder %s has no place in the house yet: give it a row in rooms (arch_test.go)", f.path, f.dir)
			continue
		}
		for _, imp := range f.imports {
			dir, ours := ourFolder(imp.path)
			if !ours || withinRoom(roomOf(dir), home) {
				continue
			}
			row := rooms[slices.IndexFunc(rooms, func(r room) bool { return r.name == home })]
			if !matches(spread(row.may), dir) {
				t.Errorf("%s imports %s, but %s may import only these rooms: [%s]\n\twhy: %s",
					f.at(imp.pos), dir, home, row.may, row.why)
			}
		}
	}
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		for _, imp := range f.imports {
			path := rulePath(imp.path)
			for _, r := range importRules {
				if f.isTest && !r.tests || !matches(r.who, f.dir) || matches(r.except, f.dir) {
					continue
				}
				if matches(r.what, path) || r.what == "third-party" && isThirdParty(imp.path) {
					t.Errorf("%s imports %s, which this folder must not\n\twhy: %s", f.at(imp.pos), imp.path, r.why)
				}
			}
		}
	}
}

func TestCallRules(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		for _, r := range callRules {
			if f.isTest || matches(r.where, f.dir) {
				continue
			}
			for _, pos := range f.uses(r.pkg, r.name) {
				t.Errorf("%s uses %s.%s, which only [%s] may\n\twhy: %s", f.at(pos), r.pkg, r.name, r.where, r.why)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	check := func(name, where string, got, limit int, what string) {
		if got <= limit {
			return
		}
		used[name] = true
		if exceptions[name] == "" {
			t.Errorf("%s: %s has %d %s, and %d is the limit: split it, or name it with a reason in exceptions (arch_test.go)",
				where, name, got, what, limit)
		}
	}
	exported := map[string]int{}
	for _, f := range goFiles(t) {
		if f.isTest || f.isGenerated {
			continue
		}
		check(f.path, f.path, f.lines(), maxFileLines, "lines")
		for _, d := range f.ast.Decls {
			exported[f.dir] += countExported(d)
			if fn, ok := d.(*ast.FuncDecl); ok {
				check(f.name(fn), f.at(fn.Pos()), f.span(fn), maxFuncLines, "lines")
			}
		}
		for name, s := range f.structs() {
			fields, bools := countFields(s)
			check(name, f.at(s.Pos()), fields, maxStructFields, "fields")
			check(name, f.at(s.Pos()), bools, maxStructBools, "bool fields (a set of flags, or a type of its own, says more)")
		}
	}
	for dir, n := range exported {
		check(dir, dir, n, maxExported, "exported names")
	}
	for name := range exceptions {
		if !used[name] {
			t.Errorf("the exception %q in arch_test.go is not needed any more: remove it", name)
		}
	}
}

// TestDocumented wants a doc comment at every exported name, and one package comment for every folder.
func TestDocumented(t *testing.T) {
	t.Parallel()
	packageDocs := map[string]int{}
	for _, f := range goFiles(t) {
		if f.isTest {
			continue
		}
		packageDocs[f.dir] += 0 // a folder without a comment counts, too
		if strings.TrimSpace(f.ast.Doc.Text()) != "" {
			packageDocs[f.dir]++
		}
		if f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s is exported without a doc comment that says what it promises", f.at(d.Pos()), name)
			}
		}
	}
	for dir, n := range packageDocs {
		if n != 1 {
			t.Errorf("%s: %d files have a package comment, want one: put it in the file that names the package's nouns", dir, n)
		}
	}
}

// undocumented returns the exported names that d declares without a comment. A comment at a group of constants or
// variables speaks for all of them.
func undocumented(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && isExported(d) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if d.Doc == nil && spec.Doc == nil && spec.Name.IsExported() {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if d.Doc == nil && spec.Doc == nil && name.IsExported() {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// countExported returns how many names d adds to what a user of the package has to learn: a group of constants is
// one, since it is one set.
func countExported(d ast.Decl) int {
	gen, ok := d.(*ast.GenDecl)
	if !ok {
		fn, ok := d.(*ast.FuncDecl)
		if ok && fn.Recv == nil && fn.Name.IsExported() {
			return 1
		}
		return 0
	}
	n := 0
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				n++
			}
		case *ast.ValueSpec:
			if slices.ContainsFunc(spec.Names, func(name *ast.Ident) bool { return name.IsExported() }) {
				n++
			}
		}
	}
	if gen.Tok == token.CONST {
		return min(n, 1)
	}
	return n
}

// countFields returns how many fields s has, and how many of them are bool.
func countFields(s *ast.StructType) (fields, bools int) {
	for _, field := range s.Fields.List {
		n := max(1, len(field.Names))
		fields += n
		if id, ok := field.Type.(*ast.Ident); ok && id.Name == "bool" {
			bools += n
		}
	}
	return fields, bools
}

// roomOf returns the longest room that dir lies in, "" if there is none.
func roomOf(dir string) string {
	best := ""
	for _, r := range rooms {
		if withinRoom(dir, r.name) && len(r.name) > len(best) {
			best = r.name
		}
	}
	return best
}

// withinRoom tells whether dir is the room or a folder below it.
func withinRoom(dir, room string) bool {
	return dir == room || room != "." && strings.HasPrefix(dir, room+"/")
}

// spread turns a list of rooms into patterns of everything in them.
func spread(list string) string {
	all := strings.Fields(list)
	for i, room := range all {
		all[i] = room + "/..."
	}
	return strings.Join(all, " ")
}

// matches tells whether one of the patterns, separated by spaces, matches path: the path itself, "path/..." for it
// and everything below, "..." for everything.
func matches(patterns, path string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool {
		prefix, deep := strings.CutSuffix(p, "/...")
		return p == "..." || path == prefix || deep && strings.HasPrefix(path, prefix+"/")
	})
}

// isThirdParty tells whether an import path is neither ours nor of the standard library.
func isThirdParty(path string) bool {
	_, ours := ourFolder(path)
	first, _, _ := strings.Cut(path, "/")
	return !ours && strings.Contains(first, ".")
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		patterns, path string
		want           bool
	}{
		{"...", "a/b", true},
		{"a", "a", true},
		{"a", "a/b", false},
		{"a/...", "a", true},
		{"a/...", "a/b/c", true},
		{"a/...", "ab", false},
		{"x a/... y", "a/b", true},
		{"", "a", false},
	} {
		if got := matches(tc.patterns, tc.path); got != tc.want {
			t.Errorf("matches(%q, %q) = %t", tc.patterns, tc.path, got)
		}
	}
}

// TestRulesAreReal fails for a rule that can never hold: a misspelt room would be a rule that nobody keeps.
func TestRulesAreReal(t *testing.T) {
	t.Parallel()
	known := func(folders string) error {
		for p := range strings.FieldsSeq(folders) {
			if dir := strings.TrimSuffix(p, "/..."); p != "..." && roomOf(dir) == "" {
				return fmt.Errorf("%q is not in a room", p)
			}
		}
		return nil
	}
	for _, r := range rooms {
		if err := known(r.may); err != nil || r.why == "" {
			t.Errorf("room %s: %v, reason %q", r.name, err, r.why)
		}
	}
	for _, r := range importRules {
		if err := known(r.who + " " + r.except); err != nil || r.why == "" {
			t.Errorf("rule about %s: %v, reason %q", r.what, err, r.why)
		}
	}
	for _, r := range callRules {
		if err := known(r.where); err != nil || r.why == "" {
			t.Errorf("rule about %s.%s: %v, reason %q", r.pkg, r.name, err, r.why)
		}
	}
}

// TestRulesAreNeeded fails for what nobody makes use of: a room that is not there, and leave that nobody takes.
func TestRulesAreNeeded(t *testing.T) {
	t.Parallel()
	files := goFiles(t)
	for _, r := range rooms {
		if !slices.ContainsFunc(files, func(f *goFile) bool { return roomOf(f.dir) == r.name }) {
			t.Errorf("the room %s has no files: remove it", r.name)
		}
		for may := range strings.FieldsSeq(r.may) {
			if !slices.ContainsFunc(files, func(f *goFile) bool {
				return !f.isTest && roomOf(f.dir) == r.name && f.importsAny("./"+may+"/...")
			}) {
				t.Errorf("the room %s imports nothing of %s: it needs no leave", r.name, may)
			}
		}
	}
	for _, r := range importRules {
		for except := range strings.FieldsSeq(r.except) {
			if !slices.ContainsFunc(files, func(f *goFile) bool {
				return (!f.isTest || r.tests) && matches(except, f.dir) && f.importsAny(r.what)
			}) {
				t.Errorf("nothing in %s imports [%s]: it needs no exception", except, r.what)
			}
		}
	}
	for _, r := range callRules {
		for where := range strings.FieldsSeq(r.where) {
			if !slices.ContainsFunc(files, func(f *goFile) bool {
				return !f.isTest && matches(where, f.dir) && len(f.uses(r.pkg, r.name)) > 0
			}) {
				t.Errorf("nothing in %s uses %s.%s: it needs no leave", where, r.pkg, r.name)
			}
		}
	}
}
