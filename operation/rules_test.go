package operation

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// rule is a section of the specification (September 2025) with documents that it accepts and refuses. What is said about
// the refused ones is in testdata/rules.golden.
type rule struct {
	section          string
	accepts, refuses []string
}

var rules = []rule{
	{
		"2 Language", []string{
			"\uFEFF{ __typename }", "#c\n{ # é\n __typename\r\n,,, }", "query { __typename }", "{ a: __typename b: __typename }",
			`"described" query Q("v" $v: Int) { args { int(v: $v) } }`, `{ args { string(v: "\u{1F600}\uD83D\uDE00\n\"") } }`,
			"{ args { string(v: \"\"\"\n  a\n    b \\\"\"\"\n\"\"\") } }", `{ args { float(v: -0.5e+10) int(v: -0) } }`,
			"{ args { any(v: {a: [1, {b: null}], c: E}) } }", "query query { fragment: __typename on: __typename }",
			"{ args { any(v: []) input(v: {name: \"\", tags: []}) } }", "{ __typename \uFEFF }",
			"{ args { string(v: \"\x01\") } } # \x02",
		},
		[]string{
			"", "  # nothing", "{", "{ }", "{ a", "}", "{ dog { } }", "{ pet() { name } }", "query Q() { __typename }", "query ($a: [Int) { a }",
			`{ args { string(v: "a` + "\n" + `") } }`, `{ args { string(v: "\x") } }`, `{ args { string(v: "\uD800") } }`,
			`{ args { string(v: "\u{110000}") } }`, `{ args { string(v: "\u12G4") } }`,
			"{ args { string(v: \"\xff\") } }", `{ args { string(v: """a) } }`, "{ args { int(v: 01) } }", "{ args { int(v: 1a) } }",
			"{ args { int(v: 1.) } }", "{ args { int(v: - 1) } }", "{ args { int(v: 1e) } }", "{ a.b }", "{ .. }", "{ \xc3\xa9 }", "{ ? }",
			"fragment on on Dog { name }", "query ($a: Int = $b) { args { int(v: $a) } }", "{ ...on }", "{ a: }", "{ @skip }", "{ a @ }",
			"fragment F { name }", "query ($a Int) { a }", "{ int(v: }", "{ int(v: $) }", "{ 1 }", "nonsense", `"described" { __typename }`,
		},
	},
	{
		"5.1.1 Executable Definitions", nil,
		[]string{"{ __typename } type Extra { a: Int }", "extend type Dog { color: String }", "schema { query: Query }", `{ __typename } "x" scalar S`},
	},
	{
		"5.2.1.1 Operation Type Existence", []string{"mutation { rename(id: 1, name: \"a\") { name } }", "subscription { meowed { name } }"}, nil,
	},
	{
		"5.2.2.1 Operation Name Uniqueness", nil,
		[]string{"query a { dog { name } } query a { cat { name } }", "query a { dog { name } } mutation a { rename(id: 1, name: \"\") { name } }"},
	},
	{"5.2.3.1 Lone Anonymous Operation", []string{"{ dog { name } }"}, []string{"{ dog { name } } query a { dog { name } }"}},
	{
		"5.2.4.1 Single Root Field", []string{
			"subscription { barked { name } }", "subscription S { ...F } fragment F on Subscription { barked { name barks } }",
			"subscription { barked { name } barked { barks } }", "subscription { ... { barked { name @skip(if: true) } } }",
		},
		[]string{
			"subscription { barked { name } meowed { name } }", "subscription S { ...F } fragment F on Subscription { barked { name } meowed { name } }",
			"subscription { __typename }", "subscription { a: __typename barked { name } }", "subscription { barked @skip(if: false) { name } }",
			"subscription ($b: Boolean!) { barked @include(if: $b) { name } }", "subscription { ... @include(if: true) { barked { name } } }",
			"subscription { ...F @skip(if: true) } fragment F on Subscription { barked { name } }",
			"subscription { a: barked { name } b: barked { name } }", "subscription { __schema { description } }",
		},
	},
	{
		"5.3.1 Field Selections", []string{
			"{ pet { name __typename } any { __typename ... on Dog { name } } }", "{ __schema { types { name isOneOf } } __type(name: \"Dog\") { isOneOf } }",
			"{ being { name } lonely: __type(name: \"Lonely\") { name } }",
		},
		[]string{
			"{ nope }", "{ dog { nope { deeper(a: 1) { still } } } }", "{ any { name } }", "{ pet { barks } }", "{ secret }", "{ human(id: 1) { hidden } }",
			"{ dog { __schema { types { name } } } }", "mutation { __schema { types { name } } }", "{ dog { _entities } }", "{ _service { sdl } }",
			"{ vault { id } }", "{ nope a: nope2 dog { nope3 } }", "{ nope @skip(if: true) }", "{ nope @include(if: false) dog @skip(if: true) { nope2 } }",
		},
	},
	{
		"5.3.2 Field Selection Merging", []string{
			"{ dog { name name } }", "{ dog { n: name n: name } }", "{ dog { doesKnowCommand(command: SIT) doesKnowCommand(command: SIT) } }",
			"query ($c: Command!) { dog { doesKnowCommand(command: $c) doesKnowCommand(command: $c) } }",
			"{ pet { ... on Dog { x: barkVolume } ... on Cat { x: meowVolume } } }",
			"{ pet { ... on Dog { d: doesKnowCommand(command: SIT) } ... on Cat { d: doesKnowCommand(command: DOWN) } } }",
			"{ pets(filter: {name: \"a\", minVolume: 1}) { name } pets(filter: {minVolume: 1, name: \"a\"}) { nickname } }",
			"{ dog { ...F mother { ...F } } dog { mother { name } } } fragment F on Dog { name mother { nickname } }",
			"{ pet { ... on Dog { m: mother { x: barkVolume } } ... on Cat { m: mother { x: meowVolume } } } }",
			"{ pet { ... on Dog { friends { name } } ... on Cat { friends { nickname } } } }",
			"{ dog { name @skip(if: true) name } }",
		},
		[]string{
			"{ dog { name: nickname name } }", "{ dog { n: doesKnowCommand(command: SIT) n: doesKnowCommand(command: DOWN) } }",
			"query ($c: Command!) { dog { d: doesKnowCommand(command: SIT) d: doesKnowCommand(command: $c) } }",
			"query ($a: Command!, $b: Command!) { dog { d: doesKnowCommand(command: $a) d: doesKnowCommand(command: $b) } }",
			"{ dog { isHouseTrained isHouseTrained(atOtherHomes: true) } }",
			"{ pet { ... on Dog { x: name } ... on Cat { x: meowVolume } } }", "{ pet { ... on Dog { volume } ... on Cat { volume } } }",
			"{ pet { ... on Dog { tags } ... on Cat { tags } } }", "{ pet { ... on Dog { x: owner { name } } ... on Cat { x: name } } }",
			"{ pet { ... on Dog { x: mother { y: name } } ... on Cat { x: mother { y: meowVolume } } } }",
			"{ pet { x: name ... on Dog { x: nickname } } }", "{ pet { owner { pets { owner { x: name } } } ... on Dog { owner { pets { owner { x: name(surname: true) } } } } } }",
			"{ pet { owner { pets { name } } ... on Dog { owner { pets { ... on Cat { x: owner { name } } } } } ... on Dog { owner { pets { ... on Cat { x: mother { name } } } } } } }", "{ pet { owner { x: name } ... on Dog { owner { x: pets { name } } } } }",
			"{ dog { ...A ...B } } fragment A on Dog { x: name } fragment B on Dog { x: nickname }",
			"{ dog { mother { mother { x: name } } } ...Q } fragment Q on Query { dog { mother { ...M } } } fragment M on Dog { mother { x: nickname } }",
			"{ dog { x: name x: nickname @skip(if: true) } }", "{ dog { x: name x: nickname x: barks } }", "{ one { ... on Dog { x: owner { name } } ... on Human { x: pets { name } } } }",
			"{ being { ... on Pet { x: name } ... on Human { x: name(surname: true) } } }",
		},
	},
	{
		"5.3.3 Leaf Field Selections", []string{"{ dog { barkVolume owner { name } } args { any } }"},
		[]string{"{ dog { barkVolume { sinceWhen } } }", "{ dog }", "{ pets }", "{ any }", "{ args { any { a } } }", "{ dog { mother } }"},
	},
	{
		"5.4.1 Argument Names", []string{"{ dog { isHouseTrained(atOtherHomes: true) @include(if: true) } }"},
		[]string{
			"{ dog { doesKnowCommand(command: SIT, sit: 1) } }", "{ dog { name @include(unless: false, if: true) } }", "{ args { internal(w: 1) } }",
			"{ dog { name(a: {b: {c: 1}}, d: $x) } }",
		},
	},
	{"5.4.2 Argument Uniqueness", nil, []string{"{ args { int(v: 1, v: 2) } }", "{ dog { name @skip(if: true, if: true) } }"}},
	{
		"5.4.3 Required Arguments", []string{"{ args { required(a: 1) } }", "{ args { required(b: 1, a: 2) } }"},
		[]string{"{ args { required } }", "{ args { required(b: 1) } }", "{ args { required(a: null) } }", "{ args { required(a: 1, b: null) } }", "{ dog { name @skip } }", "{ dog { name @note } }"},
	},
	{"5.5.1.1 Fragment Name Uniqueness", nil, []string{"{ dog { ...F } } fragment F on Dog { name } fragment F on Dog { barks }"}},
	{
		"5.5.1.2 Fragment Spread Type Existence", []string{"{ dog { ... on Dog { name } ... { name } ... @include(if: true) { name } } }"},
		[]string{
			"{ dog { ...F } } fragment F on NotInSchema { name }", "{ dog { ... on NotInSchema { name } } }", "{ pet { ... on Dragon { name } } }",
			"{ pet { ...F } } fragment F on Dragon { name }", "{ dog { ... on join__Graph { name } } }",
		},
	},
	{
		"5.5.1.3 Fragments on Object, Interface or Union Types", []string{"{ any { ...A ...B ...C } } fragment A on Dog { name } fragment B on Pet { name } fragment C on CatOrDog { ... on Dog { name } }"},
		[]string{"{ dog { ...F } } fragment F on Int { something }", "{ dog { ... on Boolean { a } } }", "{ dog { ... on PetInput { name } } }", "{ dog { ... on Command { a } } }"},
	},
	{
		"5.5.1.4 Fragments Must Be Used", []string{"{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { name }"},
		[]string{"{ dog { name } } fragment F on Dog { name }", "{ dog { name } } fragment A on Dog { ...B } fragment B on Dog { nope }", "{ dog { name } } fragment F on Nope { a(b: $c) }"},
	},
	{"5.5.2.1 Fragment Spread Target Defined", nil, []string{"{ dog { ...undefinedFragment } }", "{ ...a dog { ...b @skip(if: true) } }"}},
	{
		"5.5.2.2 Fragment Spreads Must Not Form Cycles", []string{"{ dog { ...A ...B } } fragment A on Dog { ...B } fragment B on Dog { name }"},
		[]string{
			"{ dog { ...F } } fragment F on Dog { ...F }", "{ dog { ...A } } fragment A on Dog { name ...B } fragment B on Dog { barks ...A }",
			"{ dog { ...A } } fragment A on Dog { mother { ...B } } fragment B on Dog { mother { ...C } } fragment C on Dog { ... { mother { ...A } } name }",
			"{ dog { name } } fragment F on Dog { ...F }",
		},
	},
	{
		"5.5.2.3 Fragment Spread Is Possible", []string{
			"{ dog { ... on Dog { barks } ... on Pet { name } ... on CatOrDog { ... on Dog { barks } } } }", "{ any { ... on Pet { name } ... on DogOrHuman { ... on Dog { name } } } }",
			"{ pet { ...F } } fragment F on Dog { name }", "{ dog { ... on Being { ... on Cat { name } } } }",
		},
		[]string{
			"{ dog { ... on Cat { meowVolume } } }", "{ dog { ...F } } fragment F on Cat { name }", "{ human(id: 1) { ... on CatOrDog { __typename } } }",
			"{ pet { ... on Human { name } } }", "{ dog { ... on Lonely { id } } }", "{ pet { ... on Lonely { id } } }",
		},
	},
	{
		"5.6.1 Values of Correct Type", []string{
			"{ args { int(v: 2147483647) float(v: 1) string(v: \"\") boolean(v: true) id(v: 1) enum(v: SIT) ints(v: [1, null]) matrix(v: [[1], null]) intsRequired(v: []) } }",
			"{ args { id(v: \"a\") ints(v: 1) matrix(v: 1) intsRequired(v: 1) any(v: 9999999999999999999999) } }", "{ args { int(v: null) ints(v: null) input(v: null) } }",
			"query ($i: Int = 5, $l: [Int!] = 3, $p: PetInput = {name: \"a\"}) { args { int(v: $i) ints(v: $l) input(v: $p) } }",
			"{ args { id(v: 99999999999999999999) float(v: 1.5e300) any(v: {a: 1}) } }",
		},
		[]string{
			"{ args { int(v: 2147483648) } }", "{ args { int(v: -2147483649) } }", "{ args { int(v: 1.0) } }", "{ args { int(v: \"3\") } }", "{ args { int(v: SIT) } }",
			"{ args { float(v: \"1\") } }", "{ args { float(v: 1e999) } }", "{ args { string(v: 1) } }", "{ args { string(v: NAME) } }", "{ args { boolean(v: 1) } }", "{ args { boolean(v: \"true\") } }",
			"{ args { id(v: 1.5) } }", "{ args { id(v: true) } }", "{ args { enum(v: \"SIT\") } }", "{ args { enum(v: JUGGLE) } }", "{ args { enum(v: ATTACK) } }", "{ args { enum(v: true) } }",
			"{ args { ints(v: [\"a\", 1]) } }", "{ args { intsRequired(v: [null]) } }", "{ args { intsRequired(v: null) } }", "{ args { matrix(v: [[\"a\"]]) } }", "{ args { input(v: 1) } }",
			"{ args { int(v: [1]) } }", "{ args { int(v: {a: 1}) } }", "query ($i: Int = \"a\") { args { int(v: $i) } }", "query ($i: Int! = null) { args { intRequired(v: $i) } }",
			"{ args { any(v: {a: 1, a: 2}) } }", "{ dog { name @skip(if: \"true\") } }", "{ dog { name @include(if: null) } }",
		},
	},
	{
		"5.6.2 Input Object Field Names", []string{"{ args { input(v: {name: \"a\", kind: DOWN}) } }"},
		[]string{"{ args { input(v: {name: \"a\", favoriteCookieFlavor: true}) } }", "{ args { input(v: {name: \"a\", internal: 1}) } }", "{ args { input(v: {name: \"a\", nope: {b: $c}}) } }"},
	},
	{"5.6.3 Input Object Field Uniqueness", nil, []string{"{ args { input(v: {name: \"a\", name: \"b\"}) } }"}},
	{
		"5.6.4 Input Object Required Fields", []string{"{ args { input(v: {name: \"a\", parent: {name: \"b\"}}) } }"},
		[]string{"{ args { input(v: {}) } }", "{ args { input(v: {name: null}) } }", "{ args { input(v: {name: \"a\", parent: {}}) } }", "{ args { input(v: {name: \"a\", age: null}) } }"},
	},
	{
		"3.10.1 OneOf Input Objects", []string{"{ args { oneOf(v: {name: \"a\"}) } }", "query ($n: String!) { args { oneOf(v: {name: $n}) } }", "{ args { oneOf(v: {list: [1]}) } }"},
		[]string{
			"{ args { oneOf(v: {}) } }", "{ args { oneOf(v: {name: \"a\", id: 1}) } }", "{ args { oneOf(v: {name: null}) } }",
			"query ($n: String) { args { oneOf(v: {name: $n}) } }", "query ($n: String!) { args { oneOf(v: {name: $n, id: null}) } }",
			"query ($n: String = \"a\") { args { oneOf(v: {name: $n}) } }",
		},
	},
	{
		"5.7.1 Directives Are Defined", []string{"query @note(text: \"a\") { dog @note(text: \"b\", level: 2) { name @once } }"},
		[]string{"{ dog @unknown { name } }", "query @unknown { __typename }", "{ dog { name @defer } }", "{ ... @defer { __typename } }", "{ dog { name @join__field } }", "{ dog { name @unknown(a: $b) } }"},
	},
	{
		"5.7.2 Directives Are in Valid Locations", []string{"query ($v: Int @note(text: \"v\")) { args { int(v: $v) } }", "{ ...F @note(text: \"s\") } fragment F on Query @note(text: \"d\") { __typename }"},
		[]string{
			"query @skip(if: true) { dog { name } }", "{ dog { ...F } } fragment F on Dog @skip(if: true) { name }", "query ($v: Int @include(if: true)) { args { int(v: $v) } }",
			"{ ... @once { dog { name } } }", "{ dog { name @deprecated } }", "mutation @once { rename(id: 1, name: \"\") { name } }",
		},
	},
	{
		"5.7.3 Directives Are Unique per Location", []string{"{ dog @note(text: \"a\") @note(text: \"b\") { name @skip(if: true) name @skip(if: false) } }"},
		[]string{"{ dog { name @skip(if: true) @skip(if: false) } }", "{ dog { ... @include(if: true) @include(if: true) { name } } }"},
	},
	{
		"5.8.1 Variable Uniqueness", nil, []string{"query ($a: Int, $a: Int) { args { int(v: $a) } }"},
	},
	{
		"5.8.2 Variables Are Input Types", []string{"query ($a: Int, $b: [Int!]!, $c: PetInput, $d: Any) { args { int(v: $a) input(v: $c) any(v: $d) ints(v: $b) } }"},
		[]string{
			"query ($a: Dog) { args { any(v: $a) } }", "query ($a: [Pet!]!) { args { any(v: $a) } }", "query ($a: CatOrDog) { args { any(v: $a) } }", "query ($a: Nope) { args { any(v: $a) } }",
			"query ($a: [[Nope!]]) { args { any(v: $a) } }", "query ($a: Dragon) { args { any(v: $a) } }",
		},
	},
	{
		"5.8.3 All Variable Uses Defined", []string{
			"query ($b: Boolean!) { dog { ...F } } fragment F on Dog { name @skip(if: $b) }",
			"query A($b: Boolean!) { dog { ...F } } query B($b: Boolean!, $c: Boolean!) { dog { ...F name @skip(if: $c) } } fragment F on Dog { name @skip(if: $b) }",
		},
		[]string{
			"{ args { int(v: $a) } }", "query Q { dog { ...F } } fragment F on Dog { name(surname: $a) }",
			"query A($b: Boolean!) { dog { ...F } } query B { dog { ...F } } fragment F on Dog { name @skip(if: $b) }",
			"{ dog { ...F } } fragment F on Dog { ...G } fragment G on Dog { name @include(if: $b) }", "{ args { any(v: [{a: $b}]) int(v: $c) @skip(if: true) } }",
		},
	},
	{
		"5.8.4 All Variables Used", []string{"query ($b: Boolean!) { dog { name @skip(if: true) nickname @skip(if: true) @include(if: $b) } }", "query ($a: Int) { args @skip(if: true) { int(v: $a) } }", "query ($a: Any) { args { any(v: {x: [$a]}) } }"},
		[]string{"query ($a: Int) { dog { name } }", "query Q($a: Int) { ...F } query R($a: Int) { args { int(v: $a) } } fragment F on Query { dog { name } }"},
	},
	{
		"5.8.5 All Variable Usages Are Allowed", []string{
			"query ($a: Int!) { args { int(v: $a) ints(v: [$a]) intsRequired(v: [$a]) } }", "query ($a: Int = 1) { args { intRequired(v: $a) } }", "query ($a: Int) { args { required(a: 1, b: $a) } }",
			"query ($a: [Int!]!) { args { intsRequired(v: $a) ints(v: $a) } }", "query ($a: Boolean = true) { dog { name @skip(if: $a) } }", "query ($i: Int, $a: Int) { args { ints(v: [$i]) matrix(v: [[$a]]) } }",
			"query ($k: Command, $n: String!) { args { input(v: {name: $n, kind: $k}) } }", "query ($a: Int) { args { input(v: {name: \"\", age: $a}) } }",
			"query ($a: Int = 1) { args { intsRequired(v: [$a]) } }",
		},
		[]string{
			"query ($a: String) { args { int(v: $a) } }", "query ($a: Int) { args { intRequired(v: $a) } }", "query ($a: Int = null) { args { intRequired(v: $a) } }", "query ($a: [Int]) { args { intsRequired(v: $a) } }",
			"query ($a: Int) { args { intsRequired(v: [$a]) } }", "query ($a: Int) { args { ints(v: $a) } }", "query ($a: [Int]) { args { int(v: $a) } }", "query ($b: Boolean) { dog { name @skip(if: $b) } }",
			"query ($n: String) { args { input(v: {name: $n}) } }", "query ($a: Int) { args { id(v: $a) float(v: $a) } }", "query ($b: String) { dog { ...F } } fragment F on Dog { name(surname: $b) }",
			"query ($a: [Int]!) { args { intsRequired(v: $a) } }", "query ($a: [Int!]) { args { intsRequired(v: $a) } }", "query ($i: Int) { args { id(v: $i) } }",
		},
	},
}

// peerDiffers are the documents about which gqlparser is of another opinion, and why ours stays.
var peerDiffers = map[string]string{
	"":                                 "it reads a document without definitions",
	"  # nothing":                      "it reads a document without definitions",
	`{ args { string(v: "\uD800") } }`: "it makes U+FFFD of half a surrogate pair",
	"{ args { string(v: \"\xff\") } }": "it does not look whether the document is UTF-8",
	"{ args { id(v: 99999999999999999999) float(v: 1.5e300) any(v: {a: 1}) } }":            "it wants integers for ID to fit in 64 bits",
	"{ args { string(v: \"\x01\") } } # \x02":                                              "it knows the characters of the 2021 edition only",
	"{ args { int(v: 2147483648) } }":                                                      "it does not know the range of Int",
	"{ args { int(v: -2147483649) } }":                                                     "it does not know the range of Int",
	"{ ... @defer { __typename } }":                                                        "it always has @defer, our API schema has not",
	"subscription { barked @skip(if: false) { name } }":                                    "it lacks the rule on conditions of root fields",
	"subscription ($b: Boolean!) { barked @include(if: $b) { name } }":                     "it lacks the rule on conditions of root fields",
	"subscription { ... @include(if: true) { barked { name } } }":                          "it lacks the rule on conditions of root fields",
	"subscription { ...F @skip(if: true) } fragment F on Subscription { barked { name } }": "it lacks the rule on conditions of root fields",
	"subscription { a: barked { name } b: barked { name } }":                               "it counts names, not response keys",
}

func TestRules(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	schema := peer(t, p)
	var text strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&text, "## %s\n\n", r.section)
		for _, document := range r.accepts {
			if _, err := p.Prepare(t.Context(), []byte(document), firstName(document)); err != nil {
				t.Errorf("%s: refused: %v\n%s", r.section, err, document)
			}
			if said := peerErrors(schema, document); said != "" && !differs(document) {
				t.Errorf("%s: gqlparser refuses: %s\n%s", r.section, said, document)
			}
		}
		for _, document := range r.refuses {
			_, err := p.Prepare(t.Context(), []byte(document), firstName(document))
			if err == nil {
				t.Errorf("%s: accepted: %s", r.section, document)
			}
			if errors.Is(err, errSecondReader) {
				t.Errorf("%s: only the library refuses: %v\n%s", r.section, err, document)
			}
			if peerErrors(schema, document) == "" && !differs(document) {
				t.Errorf("%s: gqlparser accepts: %s", r.section, document)
			}
			fmt.Fprintf(&text, "%s\n%s\n", strings.TrimSpace(fmt.Sprintf("%q", document)), said(err))
		}
	}
	golden.Assert(t, "testdata/rules.golden", text.String())
}

func differs(document string) bool { _, ok := peerDiffers[document]; return ok }

// firstName is the name to prepare: the first operation of several.
func firstName(document string) string {
	for _, name := range []string{"a", "A", "Q"} {
		if strings.Count(document, "query ") > 1 && strings.Contains(document, "query "+name) {
			return name
		}
	}
	return ""
}

// said prints errors, one a line, with their places.
func said(err error) string {
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
