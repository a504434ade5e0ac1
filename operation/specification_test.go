package operation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// specification lists what the specification (September 2025) says of operations, section by section, with the names of its examples: valid
// and invalid ones, each of which a case of testdata/rules stands for. (Where it has no name the name is ours.) Tests are
// those that hold what no document alone can show, in the folders of their packages.
var specification = []struct{ section, valid, invalid, tests string }{
	{"2", "", "", "operation.FuzzPrepare"},
	// Coercion: of literals (5.6.1, too), of variables, of results. The tables are in coercion_test.go and in the executor's.
	{"3.5", "", "", "operation.TestCoerce executor.TestLeaves executor.TestIDs"},
	{"3.8", "", "", "executor.TestHostileEntities executor.TestTypes"},
	{"3.9", "", "", "operation.TestCoerce executor.TestLeaves"},
	{"3.10", "", "", "operation.TestCoercionTables operation.TestCoerce"},
	{"3.10.1", "", "", "operation.TestCoercionTables operation.TestCoerce"},
	{"3.11", "", "", "operation.TestCoercionTables executor.TestListResults"},
	{"3.12", "", "", "executor.TestListResults executor.TestNull"},
	{"3.13", "", "", "executor.TestIntrospectDeprecated executor.TestIntrospectionOracle"},
	// Introspection.
	{"4.1", "", "", "executor.TestExecute rulebook.TestCases"},
	{"4.2", "", "", "executor.TestIntrospectionOracle executor.TestIntrospect executor.TestIntrospectDeprecated"},
	// Validation.
	{"5.1.1", "", "getDogName", ""},
	{"5.2.1.1", "helloQuery", "", "operation.TestMissingRoots"},
	{"5.2.2.1", "getDogName", "getName dogOperation", ""},
	{"5.2.3.1", "alone", "getName", ""},
	{"5.2.4.1", "sub newMessageFields", "disallowedSecondRootField multipleSubscriptions requiredRuntimeValidation introspection", "gateway.TestSubscriptions"},
	{"5.3.1", "interfaceFieldSelection inDirectFieldSelectionOnUnion", "fieldNotDefined aliasedLyingFieldTargetNotDefined definedOnImplementersButNotInterface directFieldSelectionOnUnion", ""},
	{
		"5.3.2", "mergeIdenticalFields mergeIdenticalAliasesAndFields mergeIdenticalFieldsWithIdenticalArgs mergeIdenticalFieldsWithIdenticalValues safeDifferingFields safeDifferingArgs",
		"conflictingBecauseAlias conflictingArgsOnValues conflictingArgsValueAndVar conflictingArgsWithVars differingArgs conflictingDifferingResponses", "",
	},
	{
		"5.3.3", "scalarSelection directQueryOnObjectWithSubFields",
		"scalarSelectionsNotAllowedOnInt directQueryOnObjectWithoutSubFields directQueryOnInterfaceWithoutSubFields directQueryOnUnionWithoutSubFields", "",
	},
	{"5.4.1", "argOnRequiredArg argOnOptional multipleArgs multipleArgsReverseOrder", "invalidArgName invalidArgNameOfDirective", ""},
	{"5.4.2", "", "", ""},
	{"5.4.3", "goodBooleanArg goodNonNullArg goodBooleanArgDefault", "missingRequiredArg missingRequiredArgIsNull", ""},
	{"5.5.1.1", "fragmentTwo", "fragmentOne", ""},
	{"5.5.1.2", "correctType inlineFragment inlineFragment2", "notOnExistingType inlineNotExistingType", ""},
	{"5.5.1.3", "fragOnObject fragOnInterface fragOnUnion", "fragOnScalar inlineFragOnScalar", ""},
	{"5.5.1.4", "", "nameFragment", ""},
	{"5.5.2.1", "", "undefinedFragment", ""},
	{"5.5.2.2", "", "barkVolumeFragment ownerFragment", ""},
	{
		"5.5.2.3", "dogFragment interfaceWithinObjectFragment unionWithObjectFragment petFragment catOrDogFragment unionWithInterface interfaceWithInterface",
		"catInDogFragmentInvalid sentientFragment humanOrAlienFragment nonIntersectingInterfaces", "",
	},
	{
		"5.6.1", "goodBooleanArg coercedIntIntoFloatArg goodComplexDefaultValue addPet",
		"stringIntoInt badComplexValue oneOfWithNoFields oneOfWithTwoFields listOfOneOfWithNullableVariable", "",
	},
	{"5.6.2", "findDog", "favoriteCookieFlavor", ""},
	{"5.6.3", "", "field", ""},
	{"5.6.4", "", "", ""},
	{"5.7.1", "", "", ""},
	{"5.7.2", "", "skip", ""},
	{"5.7.3", "onceEach", "twice", ""},
	{"5.8.1", "HouseTrainedFragment", "houseTrainedQuery", ""},
	{"5.8.2", "takesBoolean takesComplexInput TakesListOfBooleanBang", "takesCat takesDogBang takesListOfPet takesCatOrDog", ""},
	{
		"5.8.3", "variableIsDefined variableIsDefinedUsedInSingleFragment houseTrainedQueryTwo",
		"variableIsNotDefined variableIsNotDefinedUsedInSingleFragment variableIsNotDefinedUsedInNestedFragment houseTrainedQueryTwoNotDefined", "",
	},
	{"5.8.4", "variableUsedInFragment", "variableUnused variableNotUsedWithinFragment queryWithExtraVar", ""},
	{
		"5.8.5", "nonNullListToList addCat addCatWithDefault booleanArgQueryWithDefault booleanArgQueryWithDefaultOfVariable",
		"intCannotGoIntoBoolean booleanListCannotGoIntoBoolean booleanArgQuery listToNonNullList addNullableCat", "",
	},
	// Execution.
	{"6.1", "", "", "operation.TestChoose operation.TestCoerce operation.TestCoerceAll"},
	{"6.2.2", "", "", "planner.TestPlans rulebook.TestCases"},
	{"6.2.3", "", "", "gateway.TestSubscriptions"},
	{"6.3", "", "", "operation.TestSameResponse operation.TestNormalize"},
	{"6.4.1", "", "", "executor.TestVariables rulebook.TestCases"},
	{"6.4.3", "", "", "executor.TestLeaves executor.TestTypes executor.TestHostileRoot"},
	{"6.4.4", "", "", "executor.TestNull executor.TestNullAtRoot executor.TestNullOfConcreteType"},
	// Responses.
	{"7.1", "", "", "gateway.TestHTTP gateway.TestBadRequests executor.TestSubgraphErrors"},
	{"7.2", "", "", "executor.TestExecute operation.TestSameResponse"},
}

// folders are where the tests of packages are.
var folders = map[string]string{
	"operation": ".", "planner": "../planner", "executor": "../executor", "gateway": "../gateway", "rulebook": "../internal/rulebook",
}

// TestSpecification: each rule has its cases, each example one that is as valid as it is, and no case stands for an example that
// there is not.
func TestSpecification(t *testing.T) {
	t.Parallel()
	missing := ruleFiles(t)
	for _, s := range specification {
		file := slices.IndexFunc(missing, func(file string) bool { return strings.HasPrefix(filepath.Base(file), s.section+"-") })
		if file >= 0 {
			checkExamples(t, missing[file], s.valid, s.invalid, s.tests != "")
			missing = slices.Delete(missing, file, file+1)
		} else if s.tests == "" {
			t.Errorf("%s: no cases", s.section)
		}
		for name := range strings.FieldsSeq(s.tests) {
			if !hasTest(t, name) {
				t.Errorf("%s: there is no test %s", s.section, name)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("files for no section: %q", missing)
	}
}

// checkExamples compares the examples of a section with its cases, which show what is valid and what is not, unless other tests do.
func checkExamples(t *testing.T, file, valid, invalid string, others bool) {
	t.Helper()
	kinds := map[bool]int{}
	found := map[bool][]string{}
	for _, c := range readRules(t, file) {
		kinds[c.valid]++
		found[c.valid] = append(found[c.valid], c.examples...)
	}
	for kind, names := range map[bool]string{true: valid, false: invalid} {
		want := strings.Fields(names)
		slices.Sort(want)
		slices.Sort(found[kind])
		if !slices.Equal(want, found[kind]) {
			t.Errorf("%s: examples that are valid (%t): got %q, want %q", file, kind, found[kind], want)
		}
		if kinds[kind] == 0 && !others {
			t.Errorf("%s: no case that is valid (%t)", file, kind)
		}
	}
}

// hasTest tells whether a package has a test, as package.TestName.
func hasTest(t *testing.T, name string) bool {
	t.Helper()
	in, test, _ := strings.Cut(name, ".")
	files, err := filepath.Glob(filepath.Join(folders[in], "*_test.go"))
	if err != nil || folders[in] == "" {
		t.Fatal("no package", name, err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), "\nfunc "+test+"(")
	})
}
