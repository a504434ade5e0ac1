package operation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// suggesting is a Preparer over the supergraph in a file that suggests names.
func suggesting(tb testing.TB) *Preparer {
	tb.Helper()
	p, err := New(zoo(tb).schema, Limits{}, WithSuggestions())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	with, without := suggesting(t), zoo(t)
	for _, tc := range []struct{ document, want string }{
		// Fields.
		{"{ dog { nam } }", `Cannot query field "nam" on type "Dog". Did you mean "name"?`},
		{"{ dog { NAME } }", `Cannot query field "NAME" on type "Dog". Did you mean "name"?`},
		{"{ dog { bark } }", `Cannot query field "bark" on type "Dog". Did you mean "barks"?`},
		{"{ dog { barkVloume } }", `Cannot query field "barkVloume" on type "Dog". Did you mean "barkVolume" or "volume"?`},
		{"{ pet { nickname2 } }", `Cannot query field "nickname2" on type "Pet". Did you mean "nickname"?`},
		{"{ pet { barks } }", `Cannot query field "barks" on type "Pet". Did you mean to use an inline fragment on "Dog"?`},
		{"{ pet { doesKnowCommand(command: SIT) } }", `Cannot query field "doesKnowCommand" on type "Pet". Did you mean to use an inline fragment on "Cat" or "Dog"?`},
		{"{ any { name } }", `Cannot query field "name" on type "CatOrDog". Did you mean to use an inline fragment on "Being", "Pet", "Cat", or "Dog"?`},
		{"{ any { nothing } }", `Cannot query field "nothing" on type "CatOrDog".`},
		{"{ dgo { name } }", `Cannot query field "dgo" on type "Query". Did you mean "dog"?`},
		{"{ da { name } }", `Cannot query field "da" on type "Query".`},
		{"{ vaults { id } }", `Cannot query field "vaults" on type "Query".`},
		{"{ human(id: 1) { hiden } }", `Cannot query field "hiden" on type "Human".`},
		{"{ __shema { description } }", `Cannot query field "__shema" on type "Query".`},
		// Types.
		{"{ dog { ... on Dgo { name } } }", `Unknown type "Dgo". Did you mean "Dog"?`},
		{"query ($p: PetInptu) { args { any(v: [$p]) } }", `Unknown type "PetInptu". Did you mean "PetInput"?`},
		{"{ dog { ... on Drago { name } } }", `Unknown type "Drago". Did you mean "Dog"?`},
		// Arguments.
		{"{ dog { doesKnowCommand(command: SIT, comand: SIT) } }", `Unknown argument "comand" on field "Dog.doesKnowCommand". Did you mean "command"?`},
		{"{ dog { name @skip(if: true, iff: true) } }", `Unknown argument "iff" on directive "@skip". Did you mean "if"?`},
		{"{ args { internal(V: 1) } }", `Unknown argument "V" on field "Arguments.internal". Did you mean "v"?`},
		// Input fields.
		{`{ args { input(v: {name: "a", nam: "b"}) } }`, `Field "nam" is not defined by type "PetInput". Did you mean "name" or "any"?`},
		{`{ args { input(v: {name: "a", internl: 1}) } }`, `Field "internl" is not defined by type "PetInput".`},
		// Enum values.
		{"{ args { enum(v: SITT) } }", `Value "SITT" does not exist in "Command" enum. Did you mean the enum value "SIT"?`},
		{"{ args { enum(v: down) } }", `Value "down" does not exist in "Command" enum. Did you mean the enum value "DOWN"?`},
		{"{ args { enum(v: ATTAC) } }", `Value "ATTAC" does not exist in "Command" enum.`},
		{`{ args { enum(v: "SIT") } }`, `Enum "Command" cannot represent non-enum value: "SIT". Did you mean the enum value "SIT"?`},
		// A name that is too long to be misspelled.
		{"{ dog { " + strings.Repeat("name", 30) + " } }", `Cannot query field "` + strings.Repeat("name", 25) + `..." on type "Dog".`},
	} {
		_, err := with.Prepare(t.Context(), []byte(tc.document), "")
		if errs := gqlerr.Public(err); len(errs) != 1 || errs[0].Message != tc.want {
			t.Errorf("%s:\n got %v\nwant %s", tc.document, err, tc.want)
		}
		_, err = without.Prepare(t.Context(), []byte(tc.document), "")
		if plain, _, _ := strings.Cut(tc.want, " Did you mean"); len(gqlerr.Public(err)) != 1 || gqlerr.Public(err)[0].Message != plain {
			t.Errorf("%s: without suggestions: %v", tc.document, err)
		}
	}
}

// TestSuggestionsForVariables: so do errors about the values of variables.
func TestSuggestionsForVariables(t *testing.T) {
	t.Parallel()
	op, err := suggesting(t).Prepare(t.Context(), []byte("query ($p: PetInput) { args { input(v: $p) } }"), "")
	if err != nil {
		t.Fatal(err)
	}
	for variables, want := range map[string]string{
		`{"p": {"name": "a", "nam": 1}}`:       `Variable "$p" got an invalid value: field "nam" is not defined by type "PetInput" (did you mean "name" or "any"?).`,
		`{"p": {"name": "a", "internl": 1}}`:   `Variable "$p" got an invalid value: field "internl" is not defined by type "PetInput".`,
		`{"p": {"name": "a", "kind": "DWON"}}`: `Variable "$p" got an invalid value at "p.kind": value "DWON" does not exist in the enum "Command" (did you mean the enum value "DOWN"?).`,
	} {
		_, err := op.Coerce([]byte(variables))
		if errs := gqlerr.Public(err); len(errs) != 1 || errs[0].Message != want {
			t.Errorf("%s: got %v", variables, err)
		}
	}
}

// TestDidYouMean: the forms of the sentence.
func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for n, want := range []string{
		"", ` Did you mean "1"?`, ` Did you mean "1" or "2"?`, ` Did you mean "1", "2", or "3"?`,
		` Did you mean "1", "2", "3", or "4"?`, ` Did you mean "1", "2", "3", "4", or "5"?`, ` Did you mean "1", "2", "3", "4", or "5"?`,
	} {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprint(i+1))
		}
		if got := didYouMean("", list); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// TestDistance: the examples of graphql-js.
func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"greetings", "greeting", 1},
		{"GreetingS", "greeting", 1},
		{"verylongstring", "VERYLONGSTRING", 1},
		{"VERYLONGSTRING", "veryLONGstrinG", 1},
		{"abc", "a1bc", 1},
		{"ab", "ba", 1},
		{"abc", "cab", 2},
		{"abcdef", "abcdxyzf", 3},
		{"", "ab", 2},
		{"same", "same", 0},
	} {
		s := newSuggester(true)
		if got := s.distance(tc.a, tc.b, 10); got != tc.want {
			t.Errorf("%s, %s: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := s.distance(tc.b, tc.a, 10); got != tc.want {
			t.Errorf("%s, %s: %d, want %d", tc.b, tc.a, got, tc.want)
		}
	}
	for _, names := range [][2]string{{"a9", "a10"}, {"a", "a1"}, {"a1b2", "a1b10"}, {"A", "a"}, {"v2", "v2x"}} {
		if naturally(names[0], names[1]) >= 0 || naturally(names[1], names[0]) <= 0 {
			t.Errorf("%v are not sorted", names)
		}
	}
}

// TestSuggestionsAreBounded: a document full of mistakes, against a schema full of names, costs a bounded number of steps.
func TestSuggestionsAreBounded(t *testing.T) {
	t.Parallel()
	p, err := New(wideSchema(t, 2000).schema, Limits{}, WithSuggestions())
	if err != nil {
		t.Fatal(err)
	}
	doc, errs := parse("{ node { "+many("...on T%dSomewhatLonger { id } ", 2000)+"} }", p.limits)
	if errs != nil {
		t.Fatal(errs)
	}
	c := p.newChecker(t.Context(), doc)
	c.link()
	c.selections(doc.operations[0].sub, p.schema.Query)
	if len(c.errs) != maxErrors || c.suggest.steps != 0 {
		t.Errorf("%d errors, %d steps left", len(c.errs), c.suggest.steps)
	}
}
