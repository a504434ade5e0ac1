package operation

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// peer is the schema that clients see, in gqlparser: a second opinion.
func peer(tb testing.TB, p *Preparer) *ast.Schema {
	tb.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "api.graphql", Input: p.schema.API})
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// peerErrors is what gqlparser finds wrong with a document.
func peerErrors(schema *ast.Schema, document string) (said string) {
	defer func() {
		if recover() != nil {
			said = "it panics"
		}
	}()
	if _, err := gqlparser.LoadQueryWithRules(schema, document, nil); len(err) > 0 {
		return err.Error()
	}
	return ""
}

// peerIsStricter are what gqlparser says about documents that the specification allows.
var peerIsStricter = []struct{ said, why string }{
	{"ID cannot represent a non-string and non-integer value", "it wants integers for ID to fit in 64 bits"},
	{"Float cannot represent non numeric value", "it wants integers for Float to fit in 64 bits"},
	{"<Invalid>", "it knows the characters of the 2021 edition only"},
	{"Invalid character within String", "it knows the characters of the 2021 edition only"},
}

// peerIsLaxer are what we say about documents that gqlparser lets through, and the specification does not allow.
var peerIsLaxer = []struct{ said, why string }{
	{`conflicting types "String" and "String!"`, "it does not know the type of __typename when it compares shapes"},
	{`conflicting types "String!" and "String"`, "it does not know the type of __typename when it compares shapes"},
	{`Expected value of type "Boolean!", found null`, "its introspection types are those of the 2021 edition: includeDeprecated may be null"},
	{"Syntax Error: Unexpected <EOF>", "it reads a document without definitions"},
	{"has no operation", "it does not execute, so it needs no operation"},
	{"has several operations", "it does not execute, so it chooses none"},
	{"must not use `@skip` and `@include`", "it lacks the rule on conditions of a subscription's root field"},
	{"must select only one top level field", "it counts names, not response keys"},
	{"32-bit signed integer", "it does not know the range of Int"},
	{"Unknown directive \"@defer\"", "it always has @defer"},
	{`Expected "on", found "("`, "it reads variables of fragments, which the specification does not have"},
	{`Unexpected "$"`, "it reads variables in the directives of a variable, where values are constant"},
	{"Unicode escape", "it makes U+FFFD of half a surrogate pair"},
	{"Invalid number, unexpected", "it lets a name follow a number at once"},
	{"value: {}", "it takes an empty object for any scalar or enum"},
	{"found {}", "it takes an empty object for any scalar or enum"},
	{"not valid UTF-8", "it does not look whether the document is UTF-8"},
}

// verdicts compares our verdict on a document with gqlparser's. It returns what is unexpected about them, "" if nothing is.
func verdicts(p *Preparer, schema *ast.Schema, document string) string {
	_, err := p.Prepare(context.Background(), []byte(document), "")
	if errors.Is(err, errSecondReader) {
		return "only the library refuses it: " + err.Error()
	}
	theirs := peerErrors(schema, document)
	switch {
	case err == nil && theirs != "":
		if strings.Contains(theirs, "they have differing arguments") && strings.Contains(document, `"`) {
			return "" // it compares how values are written: a string, a block string, an escape
		}
		for _, d := range peerIsStricter {
			if strings.Contains(theirs, d.said) {
				return ""
			}
		}
		return "we accept it; gqlparser: " + theirs
	case err != nil && theirs == "":
		for _, d := range peerIsLaxer {
			if strings.Contains(err.Error(), d.said) {
				return ""
			}
		}
		if strings.Contains(document, `""""`) {
			return "" // of more than three quotes, the first three end a block string; there it is the last
		}
		if code := gqlerr.CodeOf(err); code != gqlerr.ValidationFailed && code != gqlerr.ParseFailed {
			return "" // a limit
		}
		return "gqlparser accepts it; we: " + err.Error()
	default:
		return ""
	}
}

// tokens splits a document, so that mutants are often still GraphQL.
var tokens = regexp.MustCompile(`\.\.\.|"(?:[^"\\]|\\.)*"|[\w.-]+|\$\w+|@\w+|[^\s]`)

// TestMutants: generated operations, whole and damaged, get the same verdict from gqlparser.
func TestMutants(t *testing.T) {
	t.Parallel()
	for _, p := range []*Preparer{zoo(t), shop(t)} {
		schema := peer(t, p)
		accepted, refused := 0, 0
		for seed := range uint64(400) {
			document, _ := opgen.New(p.schema, seed, opgen.Options{Mutations: 20, Nulls: true}).Next()
			if unexpected := verdicts(p, schema, document); unexpected != "" {
				t.Fatalf("seed %d: %s\n%s", seed, unexpected, document)
			}
			random := rand.New(rand.NewPCG(seed, 1))
			for range 4 {
				mutant := mutate(random, p.schema, document)
				if unexpected := verdicts(p, schema, mutant); unexpected != "" {
					t.Fatalf("seed %d: %s\n%s", seed, unexpected, mutant)
				}
				if _, err := p.Prepare(t.Context(), []byte(mutant), ""); err == nil {
					accepted++
				} else {
					refused++
				}
			}
		}
		t.Logf("mutants: %d accepted, %d refused", accepted, refused)
	}
}

// TestMutantRules: the documents of the rules, damaged and crossed with one another, get the same verdict from gqlparser.
func TestMutantRules(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	schema := peer(t, p)
	var documents []string
	for _, file := range ruleFiles(t) {
		for _, c := range readRules(t, file) {
			if c.differs == "" && len(tokens.FindAllString(c.document, -1)) > 0 {
				documents = append(documents, c.document)
			}
		}
	}
	accepted := 0
	for i, document := range documents {
		random := rand.New(rand.NewPCG(uint64(i), *mutantSeed))
		for range *mutants {
			mutant := mutate(random, p.schema, document)
			if random.IntN(3) == 0 {
				mutant = cross(random, document, documents[random.IntN(len(documents))])
			}
			if unexpected := verdicts(p, schema, mutant); unexpected != "" {
				t.Errorf("%s\n%q", unexpected, mutant)
			}
			if _, err := p.Prepare(t.Context(), []byte(mutant), ""); err == nil {
				accepted++
			}
		}
	}
	t.Logf("%d documents, %d mutants accepted", len(documents), accepted)
}

// Longer runs: go test ./operation -run MutantRules -mutants 1000 -mutant-seed 7.
var (
	mutants    = flag.Int("mutants", 5, "how many mutants of each document of testdata/rules are made")
	mutantSeed = flag.Uint64("mutant-seed", 1, "the seed of these mutants")
)

// cross puts a piece of another document in the place of a piece.
func cross(random *rand.Rand, document, other string) string {
	a, b := tokens.FindAllString(document, -1), tokens.FindAllString(other, -1)
	i, j := random.IntN(len(a)), random.IntN(len(b))
	end := min(len(b), j+1+random.IntN(8))
	rest := min(len(a), i+random.IntN(4))
	return strings.Join(slices.Concat(a[:i], b[j:end], a[rest:]), " ")
}

// mutate damages a document in one or two places.
func mutate(random *rand.Rand, s *supergraph.Schema, document string) string {
	list := tokens.FindAllString(document, -1)
	for range 1 + random.IntN(2) {
		if len(list) == 0 {
			break
		}
		i, j := random.IntN(len(list)), random.IntN(len(list))
		switch random.IntN(6) {
		case 0:
			list = append(list[:i:i], list[i+1:]...)
		case 1:
			list = append(list[:i:i], append([]string{list[j]}, list[i:]...)...)
		case 2:
			list[i], list[j] = list[j], list[i]
		case 3:
			list[i] = list[j]
		case 4:
			if typ := s.Types[random.IntN(len(s.Types))]; isName(list[i]) {
				list[i] = typ.Name
				if len(typ.Fields) > 0 && random.IntN(2) == 0 {
					list[i] = typ.Fields[random.IntN(len(typ.Fields))].Name
				}
			}
		case 5:
			values := []string{"null", "1", `"x"`, "[1]", "{a: 1}", "$v0", "true", "X", "!", "@skip(if: true)", "@include(if: $v0)", "1.5", "...",
				"{name: \"a\"}", "{id: $i}", "$a", "$n", "[null]", "E", "SIT", "@once", "@note(text: \"t\")", "...F", "99999999999", "-2147483648", "[[1]]", "{}", "[]"}
			list[i] = values[random.IntN(len(values))]
		}
	}
	return strings.Join(list, " ")
}

func isName(token string) bool { return isNameStart(token[0]) }

func FuzzPrepare(f *testing.F) {
	p, suggests := zoo(f), suggesting(f)
	schema := peer(f, p)
	for _, file := range ruleFiles(f) {
		for _, c := range readRules(f, file) {
			f.Add(c.document)
		}
	}
	for _, tc := range normalizeCases {
		f.Add(tc.document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		if unexpected := verdicts(p, schema, document); unexpected != "" {
			t.Fatal(unexpected)
		}
		op, err := p.Prepare(t.Context(), []byte(document), "")
		if _, again := suggests.Prepare(t.Context(), []byte(document), ""); (again == nil) != (err == nil) {
			t.Fatalf("suggestions change the verdict: %v, %v", err, again)
		}
		if err != nil {
			if len(gqlerr.Public(err)) == 0 || errors.Is(err, gqlerr.InternalServerError) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		permitted := Filter(op, Bits{}, KeepAll)
		noConditions(t, permitted.Selections(), false)
		if permitted.Text() == "" || op.ID != idOf([]byte(document), "") {
			t.Fatal("no text, or another identity")
		}
	})
}
