package executor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// part is a subgraph.
type part struct {
	name   string
	schema *ast.Schema
}

func newPart(t *testing.T, file string) *part {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := reference.LoadSubgraph(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return &part{strings.TrimSuffix(filepath.Base(file), ".subgraph.graphql"), schema}
}

// typeOf returns the type that the subgraph takes an object for: its own, or an interface object; nil when it knows neither.
func (p *part) typeOf(w *world, typ string) *ast.Definition {
	if def := p.schema.Types[typ]; def != nil && def.Kind == ast.Object {
		return def
	}
	for name, def := range p.schema.Types {
		if def.Directives.ForName("interfaceObject") != nil && w.is(typ, name) {
			return def
		}
	}
	return nil
}

// external: the subgraph leaves a field to others. Federation 1 says so of keys, too, and means nothing by it.
func (p *part) external(on *ast.Definition, f *ast.FieldDefinition) bool {
	if f.Directives.ForName("external") == nil && on.Directives.ForName("external") == nil {
		return false
	}
	for _, key := range on.Directives.ForNames("key") {
		for _, s := range reference.FieldSet(key) {
			if s.(*ast.Field).Name == f.Name && len(s.(*ast.Field).SelectionSet) == 0 {
				return false
			}
		}
	}
	return true
}
