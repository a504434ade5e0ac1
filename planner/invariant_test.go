package planner_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestFetchesAgainstSubgraphs holds every fetch of every golden case against the subgraph's own SDL, as that subgraph would:
// the document is valid, no field is asked that the subgraph leaves to others, and a representation has a key that the
// subgraph resolves, and what the selected fields require.
func TestFetchesAgainstSubgraphs(t *testing.T) {
	for _, file := range caseFiles(t) {
		t.Run(caseName(file), func(t *testing.T) {
			schema := load(t, caseFolder(file))
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := planner.New(schema).Plan(context.Background(), permitLabelled(t, schema, document))
			if err != nil {
				return // the golden file has the error
			}
			for _, f := range plan.Fetches {
				if f.Subgraph == schema.Introspection {
					continue
				}
				checkFetch(t, loadSubgraph(t, caseFolder(file), f.Subgraph.Name), f)
			}
		})
	}
}

// caseFiles are the queries of all cases, those with labels included.
func caseFiles(t *testing.T) []string {
	t.Helper()
	plain, err := filepath.Glob("testdata/*/*.graphql")
	if err != nil || len(plain) == 0 {
		t.Fatal("no cases", err)
	}
	labelled, err := filepath.Glob("testdata/*/labels/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(append(plain, labelled...), func(file string) bool {
		return strings.HasSuffix(file, "/supergraph.graphql") || strings.HasSuffix(file, ".subgraph.graphql")
	})
}

func caseName(file string) string {
	return strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".graphql")
}

// caseFolder is the folder of a case, with a slash: the queries in labels/ belong to the case above.
func caseFolder(file string) string {
	dir, _ := filepath.Split(file)
	return strings.TrimSuffix(dir, "labels/")
}

// subgraphSchema is a subgraph's SDL as the subgraph serves it.
type subgraphSchema struct{ *ast.Schema }

func loadSubgraph(t *testing.T, dir string, name supergraph.SubgraphName) subgraphSchema {
	t.Helper()
	file := filepath.Join(dir, string(name)+".subgraph.graphql")
	if strings.HasSuffix(dir, "/shop/") {
		file = filepath.Join("../examples/subgraphs/shop", string(name)+".graphql")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := reference.LoadSubgraph(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return subgraphSchema{schema}
}

// checkFetch is one fetch before its subgraph.
func checkFetch(t *testing.T, schema subgraphSchema, f *planner.Fetch) {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Name: string(f.Subgraph.Name), Input: f.Document})
	if err != nil {
		t.Fatalf("fetch %d: %v\n%s", f.ID, err, f.Document)
	}
	for _, err := range validator.ValidateWithRules(schema.Schema, document, rules.NewDefaultRules()) {
		t.Errorf("fetch %d, %s: %s\n%s", f.ID, f.Subgraph.Name, err.Message, f.Document)
	}
	root := document.Operations[0].SelectionSet
	if f.Root != nil {
		schema.checkOwned(t, f, root, nil)
		return
	}
	for _, l := range f.Entities {
		for _, s := range root {
			if field, ok := s.(*ast.Field); ok && field.Alias == l.Alias {
				schema.checkOwned(t, f, field.SelectionSet, nil)
				for _, target := range l.Targets {
					schema.checkRepresentations(t, f, target, field.SelectionSet)
				}
			}
		}
	}
}

// checkOwned reports fields that the subgraph marks as external, unless a @provides on the way (provided, a field set) has
// them, and, below the entities themselves, fields that need a representation of their own.
func (s subgraphSchema) checkOwned(t *testing.T, f *planner.Fetch, set ast.SelectionSet, provided ast.SelectionSet) {
	t.Helper()
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			s.checkOwned(t, f, sel.SelectionSet, provided)
		case *ast.Field:
			if sel.Definition == nil || sel.Name == "__typename" {
				continue
			}
			given := fieldOfSet(provided, sel.Name)
			external := sel.Definition.Directives.ForName("external") != nil
			if external && given == nil && !s.isKeyField(sel) {
				t.Errorf("fetch %d, %s: %s.%s is external there\n%s", f.ID, f.Subgraph.Name, sel.ObjectDefinition.Name, sel.Name, f.Document)
			}
			below := reference.FieldSet(sel.Definition.Directives.ForName("provides"))
			if given != nil {
				below = append(below, given.SelectionSet...)
			}
			s.checkOwned(t, f, sel.SelectionSet, below)
			s.checkNoRequires(t, f, sel.SelectionSet)
		}
	}
}

// checkNoRequires: fields with @requires are asked of entities that come with a representation, never below another field.
func (s subgraphSchema) checkNoRequires(t *testing.T, f *planner.Fetch, set ast.SelectionSet) {
	t.Helper()
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			s.checkNoRequires(t, f, sel.SelectionSet)
		case *ast.Field:
			if sel.Definition != nil && sel.Definition.Directives.ForName("requires") != nil {
				t.Errorf("fetch %d, %s: %s is asked without what it requires\n%s", f.ID, f.Subgraph.Name, sel.Name, f.Document)
			}
		}
	}
}

// isKeyField tells whether a Federation 1 subgraph has the field in a key: external means nothing there.
func (s subgraphSchema) isKeyField(sel *ast.Field) bool {
	for _, key := range sel.ObjectDefinition.Directives.ForNames("key") {
		if fieldOfSet(reference.FieldSet(key), sel.Name) != nil {
			return true
		}
	}
	return false
}

// checkRepresentations: each has a resolvable key of the type it names, and what the fields selected for it require.
func (s subgraphSchema) checkRepresentations(t *testing.T, f *planner.Fetch, l *planner.Target, selected ast.SelectionSet) {
	t.Helper()
	for _, r := range l.Representations {
		def := s.Types[r.Typename]
		if def == nil {
			t.Errorf("fetch %d: %s does not know %s", f.ID, f.Subgraph.Name, r.Typename)
			continue
		}
		keys := slices.DeleteFunc(def.Directives.ForNames("key"), func(k *ast.Directive) bool { return !reference.Resolvable(k) })
		if !slices.ContainsFunc(keys, func(k *ast.Directive) bool { return covers(r.Fields, reference.FieldSet(k)) }) {
			t.Errorf("fetch %d, %s: representation %s has no key", f.ID, f.Subgraph.Name, r.Typename)
		}
		s.checkRequires(t, f, r, def, selected)
	}
}

func (s subgraphSchema) checkRequires(t *testing.T, f *planner.Fetch, r *planner.Representation, def *ast.Definition, selected ast.SelectionSet) {
	t.Helper()
	for _, sel := range selected {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			on := s.Types[sel.TypeCondition]
			if on == nil || on == def || slices.Contains(s.GetPossibleTypes(on), def) {
				s.checkRequires(t, f, r, def, sel.SelectionSet)
			}
		case *ast.Field:
			own := def.Fields.ForName(sel.Name)
			if own == nil {
				continue
			}
			if required := own.Directives.ForName("requires"); required != nil && !covers(r.Fields, reference.FieldSet(required)) {
				t.Errorf("fetch %d, %s: representation %s lacks what %s requires", f.ID, f.Subgraph.Name, r.Typename, sel.Name)
			}
		}
	}
}

// covers tells whether a representation has all that a field set names.
func covers(members []*planner.RepresentationField, set ast.SelectionSet) bool {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			if !covers(members, sel.SelectionSet) {
				return false
			}
		case *ast.Field:
			if !slices.ContainsFunc(members, func(m *planner.RepresentationField) bool {
				return m.Name == sel.Name && covers(m.Fields, sel.SelectionSet)
			}) {
				return false
			}
		}
	}
	return true
}

// fieldOfSet finds a field in a field set, through fragments.
func fieldOfSet(set ast.SelectionSet, name string) *ast.Field {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.InlineFragment:
			if found := fieldOfSet(sel.SelectionSet, name); found != nil {
				return found
			}
		case *ast.Field:
			if sel.Name == name {
				return sel
			}
		}
	}
	return nil
}

// permitLabelled is permit with the override labels on that a comment of the document names (# labels: percent(50), beta).
func permitLabelled(t *testing.T, schema *supergraph.Schema, document []byte) operation.Permitted {
	t.Helper()
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	op, err := preparer.Prepare(t.Context(), document, "")
	if err != nil {
		t.Fatal(err)
	}
	on := labelsOf(document)
	bits := op.Evaluate(make(operation.Values, len(op.Variables)), func(label string) bool { return slices.Contains(on, label) })
	return operation.Filter(op, bits, operation.KeepAll)
}

func labelsOf(document []byte) []string {
	for line := range strings.Lines(string(document)) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), "# labels: "); ok {
			return strings.Split(list, ", ")
		}
	}
	return nil
}
