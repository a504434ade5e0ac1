package operation

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
)

// filterCases: which bits are set, which response keys or coordinates are denied; the result is in testdata/filter.golden.
var filterCases = []struct {
	name, document string
	bits           []int
	denied         []string
}{
	{"everything stays", "{ dog { name ... on Being { n: name } } }", nil, nil},
	{"conditions that do not hold", "query ($a: Boolean!, $b: Boolean!) { dog { name @skip(if: $a) barks @include(if: $b) ... @include(if: $a) { volume } } }", []int{0}, nil},
	{"fragments whose conditions hold are flattened and merged", "query ($a: Boolean!) { dog { mother { name } ... @include(if: $a) { mother { barks } } mother { volume } } }", []int{0}, nil},
	{"all below is skipped", "query ($a: Boolean!) { dog { name @skip(if: $a) } cat @skip(if: $a) { name } }", []int{0}, nil},
	{"a denied leaf", "{ dog { name barks } }", nil, []string{"Dog.name"}},
	{"a denied composite", "{ dog { mother { name } barks } cat { name } }", nil, []string{"Dog.mother"}},
	{"all below is denied", "{ dog { name mother { name } } }", nil, []string{"Dog.name"}},
	{"the root is denied", "{ dog { name } }", nil, []string{"Query.dog"}},
	{"denied in a fragment", "{ pet { ... on Dog { barks volume } ... on Cat { meowVolume } } }", nil, []string{"Dog.barks", "Cat.meowVolume"}},
	{"a denied node beside an allowed one", "{ pet { name ... on Dog { name } } }", nil, []string{"Pet.name"}},
	{"denied and skipped", "query ($a: Boolean!) { dog { name @include(if: $a) barks } }", nil, []string{"Dog.name"}},
	{"__typename stays", "{ any { __typename ... on Dog { name } } }", nil, []string{"Dog.name"}},
	{"an alias changes nothing", "{ dog { n: name name } }", nil, []string{"Dog.name"}},
}

func TestFilter(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	var text strings.Builder
	for _, tc := range filterCases {
		op, err := p.Prepare(t.Context(), []byte(tc.document), "")
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		before := op.Text()
		var bits Bits
		for _, b := range tc.bits {
			bits.Set(b)
		}
		permitted := Filter(op, bits, func(f *Field) bool { return !slices.Contains(tc.denied, string(f.Def.Coordinate())) })
		if op.Text() != before {
			t.Errorf("%s: the operation changed", tc.name)
		}
		if permitted.Operation() != op || permitted.Bits() != bits {
			t.Errorf("%s: another operation or other bits", tc.name)
		}
		sub := textWriter{op: op}
		sub.selections(permitted.Selections(), 0)
		text.WriteString("## " + tc.name + "\n" + tc.document + "\n\nresponse: " + permitted.Text() + "selections: " + sub.String() + "\n\n")
		noConditions(t, permitted.Selections(), false)
		noConditions(t, permitted.Response(), true)
	}
	golden.Assert(t, "testdata/filter.golden", text.String())
}

// noConditions checks what Permitted promises.
func noConditions(t *testing.T, sub []Selection, denied bool) {
	t.Helper()
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if len(s.When) > 0 || s.Denied && (!denied || len(s.Sub) > 0) {
				t.Errorf("%s has conditions or is denied", s.Key)
			}
			noConditions(t, s.Sub, denied)
		case *Fragment:
			if len(s.When) > 0 {
				t.Errorf("a fragment on %s has conditions", s.On.Name)
			}
			noConditions(t, s.Sub, denied)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	op, err := zoo(t).Prepare(t.Context(), []byte("query ($a: Boolean!) { item { shipping price @skip(if: $a) } }"), "")
	if err != nil {
		t.Fatal(err)
	}
	values, err := op.Coerce([]byte(`{"a": false}`))
	if err != nil {
		t.Fatal(err)
	}
	permitted := Filter(op, op.Evaluate(values, func(label string) bool { return label == "heavy" }), KeepAll)
	for label, want := range map[string]bool{"heavy": true, "percent(25)": false, "unknown": false} {
		if permitted.LabelOn(label) != want {
			t.Errorf("%s is %t", label, !want)
		}
	}
	if permitted = Filter(op, op.Evaluate(values, nil), KeepAll); permitted.LabelOn("heavy") {
		t.Error("a label is on that nobody turned on")
	}
}

// TestConcurrent: one Preparer and one Operation serve many at once (with -race).
func TestConcurrent(t *testing.T) {
	t.Parallel()
	p := shop(t)
	document := []byte(large)
	op, err := p.Prepare(t.Context(), document, "")
	if err != nil {
		t.Fatal(err)
	}
	want := op.Text()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				again, err := p.Prepare(t.Context(), document, "")
				if err != nil || again.Text() != want || again.ID != op.ID {
					t.Errorf("prepared differently: %v", err)
					return
				}
				if _, err := p.Prepare(t.Context(), []byte("{ nope }"), ""); err == nil {
					t.Error("accepted")
				}
				values, err := op.Coerce([]byte(largeVariables))
				if err != nil {
					t.Error(err)
					return
				}
				Filter(op, op.Evaluate(values, nil), func(f *Field) bool { return f.Def.Name != "email" })
			}
		})
	}
	group.Wait()
}

func TestChoose(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	const several = "query A { dog { name } } mutation B { rename(id: 1, name: \"x\") { name } } subscription C { barked { name } }"
	for _, tc := range []struct{ document, name, want string }{
		{"{ dog { name } }", "", "query "},
		{several, "A", "query A"},
		{several, "B", "mutation B"},
		{several, "C", "subscription C"},
		{several, "", "OPERATION_RESOLUTION_FAILURE"},
		{several, "D", "OPERATION_RESOLUTION_FAILURE"},
		{"{ dog { name } }", "A", "OPERATION_RESOLUTION_FAILURE"},
		{"query A { nope }", "B", "GRAPHQL_VALIDATION_FAILED"},
		{"fragment F on Dog { name }", "", "GRAPHQL_VALIDATION_FAILED"},
	} {
		op, err := p.Prepare(t.Context(), []byte(tc.document), tc.name)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			got = op.Kind.String() + " " + op.Name
		}
		if !strings.HasPrefix(got, tc.want) {
			t.Errorf("%q of %s: %s", tc.name, tc.document, got)
		}
	}
}
