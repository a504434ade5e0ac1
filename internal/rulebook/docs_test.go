package rulebook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// promise is a statement of a document, a paragraph, a line of a list or a row of a table, by the words that it begins with. Its proof
// are cases of this package, plans (plan:<name>) or tests (<folder>:<test>).
type promise struct{ says, proof string }

// promises are the documents of docs about what operations and subgraphs may hold, statement by statement.
var promises = map[string][]promise{"federation.md": federation, "graphql.md": graphql}

var federation = []promise{
	{"What Gatehouse supports of Apollo Federation", "internal/rulebook:TestBook"},
	// Supergraphs.
	{"A supergraph is one SDL document", "supergraph:TestLinkErrors"},
	{"| `join` |", "supergraph:TestVersionsInDocs supergraph:TestSamples"},
	{"| `link` |", "supergraph:TestVersionsInDocs supergraph:TestLinkNames link-names"},
	{"| `federation` |", "supergraph:TestVersionsInDocs"},
	{"| `inaccessible` v0.1", "supergraph:TestVersionsInDocs"},
	{"A feature that is not known is ignored", "supergraph:TestLinkErrors supergraph:TestVersionsInDocs fed1-with-2"},
	// Directives.
	{"| 1 | `@key`", "key-compound key-multiple key-partial key-null plan:key-nested"},
	{"| 1 | `@external`, `@extends`", "external-unused external-extends fed1-classic fed1-key-elsewhere"},
	{"| 1 | `@requires`", "requires-below-lists requires-interface requires-abstract requires-arguments requires-conflicts requires-circle plan:requires-nested plan:requires-chain planner:TestCircles"},
	{"| 1 | `@provides`", "provides-basic provides-lists provides-abstract provides-interface plan:provides-deep"},
	{"| 2.0 | `@shareable`", "value-types value-nonnull requires-split"},
	{"| 2.0 | `@override`", "override-basic plan:override-unknown"},
	{"| 2.0 | `@inaccessible`", "inaccessible inaccessible-step plan:requires-inaccessible"},
	{"| 2.0 | `@tag`", "directives-later"},
	{"| 2.1 | `@composeDirective`", "directives-later supergraph:TestAPI"},
	{"| 2.3 | `@interfaceObject`", "entity-interface entity-interface-new interface-object-lookups"},
	{"| 2.5 | `@authenticated`", "authorization authz:TestOracle"},
	{"| 2.6 | `@policy`", "authorization authz:TestPoliciesAreAskedOnce"},
	{"| 2.7 | `@override(label:)`", "override-progressive plan:override-label plan:override-label-provides gateway:TestLabelOn"},
	{"| 2.8 | `@context`", "context context-root"},
	{"| 2.9 | `@cost`", "directives-later"},
	{"| 2.10 | `@connect`", "supergraph:TestLinkErrors"},
	{"| 2.12 | `@cacheTag`", "cache-tag"},
	{"**Contexts.**", "context context-mixed context-nested context-root plan:context-nearest plan:context-types plan:context-null plan:context-missing executor:TestContextInvalid"},
	// Plans.
	{"A plan is a graph of fetches", "internal/fedgen:TestOptimum planner:TestPlans executor:TestAsSoonAsPossible"},
	{"`gatehouse plan --supergraph", "cmd/gatehouse:TestPlan"},
	{"Plans are held against", "internal/fedgen:TestOptimum internal/fedgen:TestPeer internal/fedgen:TestCorpus"},
	{"- The search for the best plan is bounded.", "internal/fedgen:TestOptimum"},
	{"- *Detours.*", "internal/fedgen:TestOptimum"},
	{"- *Several changes at once.*", "internal/fedgen:TestOptimum"},
	{"- Where fewer fetches take a wave more", "internal/fedgen:TestOptimum"},
	{"- No query needs more fetches than", "internal/fedgen:TestPeer"},
	// Differences.
	{"From the GraphQL specification, or from other gateways:", "internal/rulebook:TestBook"},
	{"- **Mutations.**", "mutation-entities mutation-errors requires-mutation plan:mutation"},
	{"- **Subscriptions**", "subscription-root gateway:TestSubscriptions"},
	{"- **`@defer` and `@stream`**", "operation:TestRules"},
	{"- **Executable directives**", "directives-later"},
	{"- **`@requires`.**", "requires-provided"},
	{"- **Keys.**", "key-null key-null-other"},
	{"- **Possible types.**", "union-members interface-node plan:union-entity plan:union-root"},
	{"- **Null propagation**", "shareable-nullability executor:TestNull"},
	{"- **Interface objects.**", "plan:interface-object plan:interface-object-non-null"},
	{"- **External fields.**", "fed1-provided-key fed1-key-elsewhere fed1-provides-fragment provides-root-shared plan:impossible"},
	{"- **Duplicates.**", "executor:TestExecute executor:TestSubgraphErrors"},
	{"- **Defaults**", "variables plan:arguments"},
	// Limits.
	{"- Planning is bounded as a whole", "planner:TestHostile planner:TestCanceled planner:TestScale"},
	{"- The fields of a key", "planner:TestKeysOfKeys"},
	{"- What a composer leaves out", "supergraph:TestJoin"},
	{"- The query root behind an interface", "root-behind-interface"},
	{"- If no subgraph that resolves a field", "planner:TestCircles cmd/gatehouse:TestCheck plan:impossible plan:requires-twice"},
	{"- Limits on documents", "gateway:TestDefaultsInDocs"},
}

var graphql = []promise{
	{"Documents, variables and introspection", "operation:TestSpecification operation:TestRules"},
	{"All mistakes in a document", "operation:TestRules operation:TestHostile operation:TestSuggestions"},
	{"`@oneOf`, `@specifiedBy` and `@deprecated`", "operation:TestCoercionTables executor:TestIntrospect executor:TestIntrospectDeprecated operation:TestRules"},
	// Differences.
	{"| subscriptions", "gateway:TestSubscriptions"},
	{"| `@defer`, `@stream`", "operation:TestRules"},
	{"| a nullable variable with a default in `@skip`", "operation:TestCoerceAll"},
	{"| input objects' defaults", "operation:TestCoerce variables"},
	{"| a nullable variable with a default, as a field", "operation:TestRules"},
	{"| null in a variable for an argument of introspection", "executor:TestIntrospect"},
	{"| errors of execution", "executor:TestNull executor:TestSubgraphErrors"},
	{"| custom scalars", "operation:TestCoerce operation:TestRules executor:TestLeaves"},
	{"| a member twice", "operation:TestCoerce"},
	{"| a variable that the operation does not define", "operation:TestCoerce"},
	// Limits.
	{"A valid document may still be refused", "operation:TestLimits"},
	{"- a response key may appear 500 times", "operation:TestHostile"},
	{"- an operation may have ten selections", "operation:TestHostile"},
	{"- fragments may repeat one megabyte", "operation:TestHostile"},
	{"- an operation may have 256 variables", "operation:TestTooManyConditions"},
	{"- lists in introspection queries", "operation:TestLimits"},
	{"- introspection results of one operation", "executor:TestIntrospectionIsBounded executor:TestIntrospectionOfTools"},
	{"- comparing fields that are merged", "operation:TestOverlapSteps"},
}

// TestPromises: every statement has a proof of its own, and every proof is there.
func TestPromises(t *testing.T) {
	t.Parallel()
	for name, list := range promises {
		text, err := os.ReadFile(filepath.Join("../../docs", name))
		if err != nil {
			t.Fatal(err)
		}
		said := map[int]bool{}
		for _, s := range statements(string(text)) {
			i := slices.IndexFunc(list, func(p promise) bool { return strings.HasPrefix(s, p.says) })
			if i < 0 || said[i] {
				t.Errorf("%s: without a proof of its own: %.100s", name, s)
			}
			said[i] = true
		}
		for i, p := range list {
			if !said[i] {
				t.Errorf("%s does not say %q", name, p.says)
			}
			for proof := range strings.FieldsSeq(p.proof) {
				checkProof(t, proof)
			}
		}
	}
}

// statements are the paragraphs, lines of lists and rows of tables of a document.
func statements(text string) (list []string) {
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		row := strings.HasPrefix(line, "|")
		switch {
		case strings.HasPrefix(line, "| ---"):
		case line == "", strings.HasPrefix(line, "#"):
			inside = false
		case row && !inside:
			inside = true // what the columns are called
		case row, strings.HasPrefix(line, "- "), !inside:
			list, inside = append(list, line), true
		}
	}
	return list
}

// checkProof looks for a case, a plan or a test.
func checkProof(t *testing.T, name string) {
	t.Helper()
	folder, test, isTest := strings.Cut(name, ":")
	pattern, want := filepath.Join("testdata", name+".txt"), ""
	switch {
	case folder == "plan":
		pattern = filepath.Join(planned, test, "*.plan")
	case isTest:
		pattern, want = filepath.Join("../..", folder, "*_test.go"), "\nfunc "+test+"("
	}
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), want)
	}) {
		t.Errorf("there is no %s", name)
	}
}
