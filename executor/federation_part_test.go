package executor_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
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
	own := &ast.Source{Name: file, Input: string(text)}
	document, err := parser.ParseSchema(own)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(own, &ast.Source{Name: "federation", Input: machinery(document)})
	if err != nil {
		t.Fatal(err)
	}
	return &part{strings.TrimSuffix(filepath.Base(file), ".subgraph.graphql"), schema}
}

// machinery is what a federation library adds to a subgraph's SDL.
func machinery(own *ast.SchemaDocument) string {
	const directives = `
scalar FieldSet
scalar _Any
scalar Import
directive @link(url: String, as: String, for: String, import: [Import]) repeatable on SCHEMA
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @provides(fields: FieldSet!) on FIELD_DEFINITION
directive @external on OBJECT | FIELD_DEFINITION
directive @extends on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @interfaceObject on OBJECT
directive @tag(name: String!) repeatable on OBJECT | INTERFACE | FIELD_DEFINITION
directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
directive @composeDirective(name: String!) repeatable on SCHEMA
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @context(name: String!) repeatable on OBJECT | INTERFACE | UNION
scalar ContextFieldValue
directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
`
	var entities []string
	query := "type"
	for _, def := range append(slices.Clone(own.Definitions), own.Extensions...) {
		if def.Name == "Query" {
			query = "extend type"
		}
		keys := def.Directives.ForNames("key")
		if def.Kind == ast.Object && slices.ContainsFunc(keys, resolvable) && !slices.Contains(entities, def.Name) {
			entities = append(entities, def.Name)
		}
	}
	text := directives + query + " Query { _service: String }\n"
	if len(entities) > 0 {
		text += "union _Entity = " + strings.Join(entities, " | ") + "\n" +
			"extend type Query { _entities(representations: [_Any!]!): [_Entity]! }\n"
	}
	return text
}

func resolvable(key *ast.Directive) bool {
	a := key.Arguments.ForName("resolvable")
	return a == nil || a.Value.Raw != "false"
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
		for _, s := range setOf(key) {
			if s.(*ast.Field).Name == f.Name && len(s.(*ast.Field).SelectionSet) == 0 {
				return false
			}
		}
	}
	return true
}

// setOf parses the field set of a directive; nil without one.
func setOf(d *ast.Directive) ast.SelectionSet {
	if d == nil {
		return nil
	}
	document, err := parser.ParseQuery(&ast.Source{Input: "{" + d.Arguments.ForName("fields").Value.Raw + "}"})
	if err != nil {
		panic(err)
	}
	return document.Operations[0].SelectionSet
}
