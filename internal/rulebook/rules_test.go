package rulebook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// book is what the documentation and the specifications say that a gateway must get right, each rule with the cases that show it: here
// (testdata/<case>.txt: answers over supergraphs of both composers), and in planner/testdata (a folder, or a query in a folder: the plan, too).
var book = []struct{ rule, cases, plans string }{
	// Entities, keys.
	{"entities: fields of other subgraphs, found by key", "entity-basic", ""},
	{"entities: stubs, resolvable: false", "entity-stub", "key-non-resolvable"},
	{"entities that a subgraph does not know", "entity-unknown nulls-and-errors errors-waves", ""},
	{"compound keys, nested keys", "key-compound", "key-composite key-nested"},
	{"keys through lists", "key-nested-list", "key-list"},
	{"keys of enums, custom scalars and lists, of the same name and another type elsewhere", "key-leaf-types key-types-differ", ""},
	{"keys that overlap", "overlapping-keys", ""},
	{"keys that refer to the type itself", "key-self", "key-endless"},
	{"several keys of a type, some not resolvable", "key-multiple", "mixed-keys"},
	{"a key that only another fetch brings, below a list, too", "key-partial", "key-hop key-hop-list key-far"},
	{"null or missing parts of a key", "key-null key-null-other key-nested-null requires-null-key", "key-null"},
	{"back into the subgraph one came from", "requires-provided", "key-reenter"},
	{"@key on interfaces", "entity-interface interface-hierarchy interface-own-key", "interface-key"},
	// Federation 1.
	{"Federation 1: extend type, @extends, @external on keys, value types", "fed1-classic fed1-provided-key fed1-key-elsewhere fed1-value-external external-unused", "key-fed1"},
	{"Federation 1: keys on interfaces, interfaces of two subgraphs", "fed1-interface", ""},
	{"Federation 1: @provides in fragments, and of what is not external", "fed1-provides-fragment fed1-provides-nothing", ""},
	{"Federation 1 and 2 together", "fed1-with-2 fed1-interface-object", ""},
	// Value types.
	{"shareable root fields, asked in several subgraphs and merged", "value-types shareable-entity-roots", "no-key-root"},
	{"values reached through their parents, lists merged by index", "value-three value-recursive value-types value-nonnull requires-split", "no-key-parent value-parent value-lists value-lists-abstract"},
	{"shared fields that differ in nullability, return type and arguments", "shareable-nullability", ""},
	{"enums, input fields and arguments: unions and intersections", "enums-inputs", ""},
	{"root types as types of fields", "root-nested root-behind-interface", ""},
	{"root types that implement interfaces", "root-interface", ""},
	// @requires.
	{"@requires: computed fields", "requires-computed", ""},
	{"@requires: nested, deep, through lists", "requires-below-lists requires-own-type", "requires-nested requires-deep requires-lists"},
	{"@requires: below a field of the key", "requires-in-key requires-of-key", ""},
	{"@requires: chains over several subgraphs", "requires-chain-override", "requires-chain"},
	{"@requires: circular chains", "requires-circle", "requires-circular"},
	{"@requires: on interface fields, with fragments", "requires-interface requires-abstract requires-covariant", "requires-interface-field requires-fragments"},
	{"@requires: of one field for several types, with the same arguments or with others", "requires-overlap", "requires-twice"},
	{"field sets: whatever they may say", "field-sets", ""},
	{"@requires: with arguments", "requires-arguments", "requires-args/fee requires-args/two-requires"},
	{"@requires: in conflict with what the client selects", "requires-arguments requires-conflicts", "requires-args/client-conflict requires-args/client-variable"},
	{"@requires: of inaccessible fields, of hidden types", "inaccessible", "requires-inaccessible requires-hidden"},
	{"@requires: together with @override", "override-requires requires-chain-override", "requires-override"},
	{"@requires: of what @provides brings", "requires-provided", ""},
	{"@requires: of objects that come as interface objects", "requires-from-interface-object", "requires-from-interface-object"},
	{"@requires: of skipped fields", "requires-computed", "requires-skipped"},
	{"@requires: what several fields require", "requires-below-lists", "requires-shared"},
	// @provides, @external.
	{"@provides: a field more than once", "provides-overlap", ""},
	{"@provides: nested, below lists", "provides-basic provides-lists provides-own-type", "provides provides-deep"},
	{"@provides: entities that only it reaches", "provides-entity", ""},
	{"@provides: on interfaces and unions", "provides-abstract provides-interface", "provides-abstract"},
	{"@provides: at shareable root fields", "provides-root-shared", "provides-root"},
	{"@external: unused, on types, for interfaces", "external-unused external-type external-extends external-interface requires-below-lists", ""},
	// @override.
	{"@override", "override-basic override-requires override-keys override-keys-extended", "override override-key override-interface override-mixed"},
	{"@override: of root fields, of all of a type", "override-root override-root-shared", ""},
	{"@override: from an unknown subgraph", "", "override-unknown"},
	{"@override: with labels, percent(n) and others", "override-progressive override-key-label", "override-label override-label-provides"},
	// Abstract types.
	{"node(id) over an interface", "interface-node", ""},
	{"interface fields that other subgraphs resolve", "interface-fields", ""},
	{"implementations with narrower types and more arguments", "interface-covariance", ""},
	{"implementations that differ per subgraph", "interface-node", "interface-implementations"},
	{"unions whose members differ per subgraph", "union-members", "union-root union-disjoint union-own"},
	{"an object in one subgraph, a union in another", "", "union-object"},
	{"below shared fields of entities: the types that all know", "", "union-entity union-entity-key union-entity-parents"},
	{"fragments on types that a subgraph does not know", "fragments-unknown interface-unknown-to-subgraph", "interface-implementations/dropped interface-implementations/expanded"},
	{"one response name with different nullability or types", "interface-unknown-to-subgraph", "alias-conflicts alias-conflicts-entities"},
	{"one response name for different fields of different types", "response-names abstract-shapes", ""},
	{"interfaces that nobody implements where they can be had", "abstract-shapes nothing-visible interface-object-alone", ""},
	{"entities of mixed types in one list", "interface-node interface-entities-mixed", "entity-types"},
	// @interfaceObject.
	{"@interfaceObject: __typename and concrete fragments", "entity-interface", "interface-object interface-object-single interface-object-two interface-object-non-null"},
	{"@interfaceObject: new implementations, implementations elsewhere", "entity-interface-new entity-interface-subset", ""},
	{"@interfaceObject: interfaces of interfaces", "interface-hierarchy", ""},
	{"@interfaceObject: several keys, in other types", "interface-object-lookups", ""},
	{"@interfaceObject: what is selected on one type does no harm to others", "interface-object-shared-value", "interface-object-non-null"},
	{"@interfaceObject: keys that are not resolvable", "", "interface-object-stub interface-object-impossible"},
	{"@interfaceObject: with @requires", "entity-interface-requires entity-interface-keys", "interface-object-requires requires-from-interface-object"},
	// @context, @fromContext.
	{"@context, @fromContext", "context context-nested context-same-argument", "context"},
	{"@context: on the root of queries", "context-root", ""},
	{"@fromContext: lists, different values, several arguments", "context context-mixed", "context/lists context/two-places"},
	{"@fromContext: the nearest above", "", "context-nearest context-types/above"},
	{"@fromContext: from interfaces and unions", "", "context-types"},
	{"@fromContext: null, and nobody who sets it", "", "context-null context-missing"},
	// Mutations, subscriptions.
	{"mutations: in order, each once", "mutation-entities", "mutation/alternating mutation/entities-between mutation-shareable"},
	{"mutations: neighbours share a request", "mutation-entities", "mutation/same-subgraph mutation/last-below"},
	{"mutations: those that fail do not stop others", "mutation-errors", ""},
	{"mutations: what is fetched below", "mutation-entities requires-mutation mutation-provides", "mutation/entities mutation/requires"},
	{"@authenticated, @requiresScopes, @policy", "authorization", "directives"},
	{"a subscription root", "subscription-root", ""},
	// The rest.
	{"@inaccessible: enum values, input fields, arguments, run-time types", "inaccessible inaccessible-step inaccessible-values", "inaccessible inaccessible-non-null"},
	{"directives that composition keeps, or that mean nothing for answers", "directives-later cache-tag", "directives"},
	{"@link: names, prefixes, imports", "link-names", ""},
	{"introspection: what clients see, under any name", "introspection-visible introspection-names", ""},
	{"descriptions, defaults, deprecation, custom directives, extensions", "sdl-shapes sdl-extends", ""},
	{"names of subgraphs and of root types", "names names-subgraphs", ""},
	{"names of clients that a gateway uses, too", "names-collide underscores provides-names", ""},
	{"arguments and variables", "variables shared-lookups inputs-coerced value-arguments oneof", "arguments"},
	{"variables inside values of custom scalars, of types that a subgraph does not know", "scalar-variables", ""},
	{"__typename anywhere", "typename", "typename"},
	{"@skip and @include", "typename variables shared-lookups", "skip-include"},
	{"lookups of several places share a request", "entity-interface", "places together"},
	{"what cannot be resolved is an error", "", "impossible interface-object-impossible context-missing"},
	{"everything together", "fed1-classic", "shop"},
}

const planned = "../../planner/testdata"

// TestBook: each rule has a case, and each case is there for a rule.
func TestBook(t *testing.T) {
	t.Parallel()
	var named, folders []string
	for _, r := range book {
		if r.cases+r.plans == "" {
			t.Errorf("%s: no case", r.rule)
		}
		for name := range strings.FieldsSeq(r.cases) {
			named = append(named, name)
		}
		for name := range strings.FieldsSeq(r.plans) {
			folders = append(folders, checkPlans(t, r.rule, name))
		}
	}
	var all []string
	for _, c := range readCases(t) {
		all = append(all, c.name)
	}
	compareNames(t, named, all)
	entries, err := os.ReadDir(planned)
	if err != nil {
		t.Fatal(err)
	}
	all = nil
	for _, f := range entries {
		if f.IsDir() {
			all = append(all, f.Name())
		}
	}
	compareNames(t, folders, all)
}

// checkPlans returns the folder of a case that the planner has, where each plan has its response.
func checkPlans(t *testing.T, rule, name string) string {
	t.Helper()
	folder, query, single := strings.Cut(name, "/")
	if !single {
		query = "*"
	}
	plans, err := filepath.Glob(filepath.Join(planned, folder, query+".plan"))
	if err != nil || len(plans) == 0 {
		t.Errorf("%s: no plan %s", rule, name)
	}
	for _, plan := range plans {
		if folder == "shop" {
			break // the example subgraphs answer it, and an oracle beside them
		}
		if _, err := os.Stat(strings.TrimSuffix(plan, ".plan") + ".response.json"); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
	return folder
}

func compareNames(t *testing.T, named, all []string) {
	t.Helper()
	for _, name := range all {
		if !slices.Contains(named, name) {
			t.Errorf("the case %s is for no rule", name)
		}
	}
	for _, name := range named {
		if !slices.Contains(all, name) {
			t.Errorf("there is no case %s", name)
		}
	}
}
