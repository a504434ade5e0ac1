package planner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// covered is what a planner must get right, and the directives of Federation 1 and 2, each with the cases in testdata that
// show it: a folder, or a query in a folder.
var covered = []struct{ rule, cases string }{
	// Keys.
	{"composite keys", "key-composite"},
	{"nested keys, keys through lists", "key-nested key-list"},
	{"several keys of a type, some not resolvable", "key-non-resolvable mixed-keys"},
	{"a key that only another fetch brings, below a list, too", "key-hop key-hop-list key-far"},
	{"null or missing parts of a key", "key-null"},
	{"@external on keys of Federation 1, @extends", "key-fed1"},
	{"back into the subgraph one came from", "key-reenter"},
	{"@key on interfaces", "interface-key"},
	// Types without keys.
	{"shareable root fields, asked in several subgraphs and merged", "no-key-root"},
	{"values reached through their parents, lists merged by index", "no-key-parent value-parent value-lists value-lists-abstract"},
	// @requires.
	{"@requires: nested, deep, through lists", "requires-nested requires-deep requires-lists"},
	{"@requires: chains over several subgraphs", "requires-chain"},
	{"@requires: circular chains", "requires-circular"},
	{"@requires: on interface fields", "requires-interface-field"},
	{"@requires: with fragments", "requires-fragments"},
	{"@requires: with arguments", "requires-args/fee requires-args/two-requires"},
	{"@requires: arguments in conflict with the client's", "requires-args/client-conflict requires-args/client-variable"},
	{"@requires: of inaccessible fields, of hidden types", "requires-inaccessible requires-hidden"},
	{"@requires: together with @override", "requires-override"},
	{"@requires: of skipped fields", "requires-skipped"},
	{"@requires: what several fields require", "requires-shared"},
	// @provides.
	{"@provides: nested", "provides provides-deep"},
	{"@provides: on interfaces and unions", "provides-abstract"},
	{"@provides: at shareable root fields", "provides-root"},
	// @override.
	{"@override", "override override-key override-interface override-mixed"},
	{"@override: from an unknown subgraph", "override-unknown"},
	{"@override: with labels, percent(n) and others", "override-label override-label-provides"},
	// Abstract types.
	{"implementations that differ per subgraph", "interface-implementations"},
	{"unions whose members differ per subgraph", "union-root union-own"},
	{"an object in one subgraph, a union in another", "union-object"},
	{"below shared fields of entities: the types that all know", "union-entity union-entity-key union-entity-parents"},
	{"fragments on types that a subgraph does not know", "interface-implementations/dropped interface-implementations/expanded"},
	{"one response name with different nullability or types", "alias-conflicts alias-conflicts-entities"},
	{"entities of mixed types in one list", "entity-types mixed-keys"},
	// @interfaceObject.
	{"@interfaceObject: __typename and concrete fragments", "interface-object interface-object-two interface-object-non-null"},
	{"@interfaceObject: keys that are not resolvable", "interface-object-stub interface-object-impossible"},
	{"@interfaceObject: with @requires", "interface-object-requires requires-from-interface-object"},
	// The rest.
	{"@inaccessible: enum values, input fields, arguments, run-time types", "inaccessible inaccessible-non-null"},
	{"arguments that the client left out", "arguments"},
	{"mutations: in order, each once", "mutation/alternating mutation/entities-between mutation-shareable"},
	{"mutations: neighbours share a request", "mutation/same-subgraph mutation/last-below"},
	{"mutations: what is fetched below", "mutation/entities mutation/requires"},
	{"__typename anywhere", "typename"},
	{"@skip and @include", "skip-include"},
	{"lookups of several places share a request", "places together"},
	{"what cannot be resolved is an error", "impossible interface-object-impossible context-missing"},
	{"@context, @fromContext", "context"},
	{"@fromContext: lists, different values", "context/lists context/two-places"},
	{"@fromContext: the nearest above", "context-nearest context-types/above"},
	{"@fromContext: from interfaces and unions", "context-types"},
	{"@fromContext: null, and nobody who sets it", "context-null context-missing"},
	{"@tag, @cost, @listSize, @composeDirective, @authenticated, @requiresScopes, @policy", "directives"},
	{"everything together", "shop"},
}

// TestRules: each rule has a case with plan and response, and each case is there for a rule.
func TestRules(t *testing.T) {
	named := map[string]bool{}
	for _, r := range covered {
		for name := range strings.FieldsSeq(r.cases) {
			folder, query, single := strings.Cut(name, "/")
			if !single {
				query = "*"
			}
			named[folder] = true
			plans, err := filepath.Glob("testdata/" + folder + "/" + query + ".plan")
			if err != nil || len(plans) == 0 {
				t.Errorf("%s: no case %s", r.rule, name)
			}
			for _, plan := range plans {
				response := strings.TrimSuffix(plan, ".plan") + ".response.json"
				if folder == "shop" {
					continue // the example subgraphs answer it, and an oracle beside them
				}
				if _, err := os.Stat(response); err != nil {
					t.Errorf("%s: %v", r.rule, err)
				}
			}
		}
	}
	folders, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && !named[f.Name()] {
			t.Errorf("the case %s is for no rule", f.Name())
		}
	}
}
