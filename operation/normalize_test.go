package operation

import (
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// normalizeCases: what normalisation makes of them is in testdata/normalize.golden.
var normalizeCases = []struct{ name, document string }{
	{"fragments on the enclosing type are flattened", "{ dog { ...F ... on Dog { barks } ... { volume } } } fragment F on Dog { name nickname }"},
	{"interfaces of an object are flattened, their fields become the object's", "{ dog { ... on Pet { name ... on Being { n: name(surname: true) } } } }"},
	{"unions of an object are flattened", "{ dog { ... on CatOrDog { __typename ... on Dog { name } } } }"},
	{"an interface's interface is flattened", "{ pet { ... on Being { name } } }"},
	{"fields of an interface do not become fields of a union", "{ any { ... on Pet { name } ... on DogOrHuman { ... on Dog { name } } } }"},
	{"a narrower fragment stays", "{ pet { name ... on Dog { barks } ... on Pet { ... on Cat { meowVolume } } } }"},
	{"what cannot apply goes", "{ dog { ... on Being { ... on Human { pets { name } } ... on Pet { ... on Cat { meowVolume } name } } } }"},
	{"what applies only to types that clients do not see goes", "{ being { ... on Pet { ... on Being { name } } } entity { ... on Special { price } } }"},
	{"equal fields are merged in the order of their first", "{ dog { mother { name } barks mother { barks name } barks } dog { nickname } }"},
	{"arguments keep fields apart", "{ a: dog { name(surname: true) } b: pets(filter: {name: \"x\"}, first: 3) { name } b: pets(first: 3, filter: {name: \"x\"}) { nickname } }"},
	{"what stands between can keep fields apart", "{ pet { owner { name } ... on Dog { owner { dogs { name } } } owner { pets { name } } name ... on Dog { name } name } }"},
	{"neighbouring fragments are merged", "{ pet { ... on Dog { barks } ... on Dog { volume barks } ... on Cat { meowVolume } ... on Dog { name } } }"},
	{"constant conditions are decided", "{ dog { name @skip(if: true) barks @include(if: true) ... @include(if: false) { volume } ... on Dog @skip(if: false) { nickname } } cat @skip(if: true) { name } }"},
	{"nothing may be left", "{ dog { name @skip(if: true) } }"},
	{"variable conditions become tests", "query ($a: Boolean!, $b: Boolean = true) { dog { name @skip(if: $a) barks @include(if: $b) ... @skip(if: $b) @include(if: $a) { volume } } }"},
	{"conditions that hold already are not tested again", "query ($a: Boolean!) { dog @include(if: $a) { name @include(if: $a) barks @skip(if: $a) ... @include(if: $a) { volume } } }"},
	{"contradictions never hold", "query ($a: Boolean!) { dog { isHouseTrained(atOtherHomes: $a) barks @skip(if: $a) @include(if: $a) ... @skip(if: $a) { volume @include(if: $a) } } }"},
	{"equal conditions merge, others do not", "query ($a: Boolean!) { dog { mother @skip(if: $a) { name } mother @skip(if: $a) { barks } mother { volume } } }"},
	{"fragments with conditions stay", "query ($a: Boolean!) { dog { ...F @include(if: $a) ...F } } fragment F on Dog { name mother { name } }"},
	{"values are printed in one way", "{ args { any(v: {a:[1,2 , {b:E}],c:\"\"\"\n  x\n    \"y\"\n\"\"\",d:\"\\u0041\\n\",e:null}) string(v: \"\"\"x\"\"\") } }"},
	{"arguments stand in the order of their definition", "query ($f: PetFilter) { pets(filter: $f, first: 3) { name } args { required(b: 2, a: 1) } }"},
	{"variables print with their defaults", "query Q($a: PetInput! = {name: \"a\", kind: DOWN}, $b: [ID!]! = 1) { args { input(v: $a) any(v: {b: $b}) } }"},
	{"labels are conditions, sorted, after the variables", "query ($a: Boolean!) { item { shipping price @skip(if: $a) plain } }"},
	{"labels of what is required", "{ item { shipping } }"},
	{"labels of possible types", "{ entity { price } }"},
	{"no labels", "{ item { plain id } }"},
	{"mutations keep their order", "mutation { a: rename(id: 1, name: \"x\") { name } b: rename(id: 1, name: \"y\") { name } a: rename(id: 1, name: \"x\") { nickname } }"},
	{"introspection", "{ __schema { queryType { name } } __type(name: \"Dog\") { name __typename } t: __typename }"},
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	var text strings.Builder
	for _, tc := range normalizeCases {
		op, err := p.Prepare(t.Context(), []byte(tc.document), "")
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		text.WriteString("## " + tc.name + "\n" + tc.document + "\n\n" + op.Text() + "\n")
		if strings.Contains(op.Text(), "{\n  }") {
			continue // an empty selection set is not GraphQL
		}
		again, err := p.Prepare(t.Context(), []byte(op.Text()), "")
		if err != nil || again.Text() != op.Text() {
			t.Errorf("%s: the text is not stable: %v\n%s", tc.name, err, op.Text())
			continue
		}
		if op.ID != idOf([]byte(tc.document), "") || op.ID == again.ID {
			t.Errorf("%s: the identity is not that of document and name", tc.name)
		}
	}
	golden.Assert(t, "testdata/normalize.golden", text.String())
}

// TestDefs: the tree points into the schema, at the type it stands on.
func TestDefs(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	op, err := p.Prepare(t.Context(), []byte("{ dog { ... on Pet { name ... on Being { n: name } } } any { __typename ... on Cat { mother { name } } } }"), "")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(sub []Selection, on *supergraph.Type)
	walk = func(sub []Selection, on *supergraph.Type) {
		for _, s := range sub {
			switch s := s.(type) {
			case *Field:
				if s.Def != on.Field(s.Def.Name) {
					t.Errorf("%s stands on %s and points at %s", s.Key, on.Name, s.Def.Coordinate())
				}
				if s.Line == 0 || s.Column == 0 {
					t.Errorf("%s has no place", s.Key)
				}
				walk(s.Sub, s.Def.Type.Named)
			case *Fragment:
				walk(s.Sub, s.On)
			}
		}
	}
	walk(op.Sub, op.Type)
}

func TestTooManyConditions(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	document := func(n int) string {
		return "query (" + many("$v%d: Boolean! ", n) + ") { dog { " + many("name @skip(if: $v%d) ", n) + "} }"
	}
	op, err := p.Prepare(t.Context(), []byte(document(MaxConditions)), "")
	if err != nil || len(op.Conditions) != MaxConditions {
		t.Errorf("%d conditions: %v", MaxConditions, err)
	}
	if _, err = p.Prepare(t.Context(), []byte(document(MaxConditions+1)), ""); err == nil {
		t.Errorf("%d conditions are accepted", MaxConditions+1)
	}
}
