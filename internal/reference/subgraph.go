package reference

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// LoadSubgraph reads the SDL of a subgraph as the subgraph serves it: with the directives of federation, _service and, when
// a type has a key that can be resolved, _entities.
func LoadSubgraph(name, sdl string) (*ast.Schema, error) {
	own := &ast.Source{Name: name, Input: sdl}
	document, err := parser.ParseSchema(own)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	schema, err := gqlparser.LoadSchema(own, &ast.Source{Name: "federation", Input: machinery(document)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return schema, nil
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
directive @listSize(
  assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
directive @composeDirective(name: String!) repeatable on SCHEMA
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @context(name: String!) repeatable on OBJECT | INTERFACE | UNION
scalar ContextFieldValue
directive @fromContext(field: ContextFieldValue) on ARGUMENT_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE
  | INPUT_OBJECT | INPUT_FIELD_DEFINITION
`
	var entities []string
	query, root := "type", "Query"
	for _, schema := range own.Schema {
		for _, operation := range schema.OperationTypes {
			if operation.Operation == ast.Query {
				root = operation.Type
			}
		}
	}
	for _, def := range append(slices.Clone(own.Definitions), own.Extensions...) {
		if def.Name == root {
			query = "extend type"
		}
		keys := def.Directives.ForNames("key")
		if def.Kind == ast.Object && slices.ContainsFunc(keys, Resolvable) && !slices.Contains(entities, def.Name) {
			entities = append(entities, def.Name)
		}
	}
	text := directives + query + " " + root + " { _service: String }\n"
	if len(entities) > 0 {
		text += "union _Entity = " + strings.Join(entities, " | ") + "\n" +
			"extend type " + root + " { _entities(representations: [_Any!]!): [_Entity]! }\n"
	}
	return text
}

// Resolvable tells whether a @key can be asked for, which it can unless it says otherwise.
func Resolvable(key *ast.Directive) bool {
	a := key.Arguments.ForName("resolvable")
	return a == nil || a.Value.Raw != "false"
}

// FieldSet parses the fields of a @key, @requires or @provides of a subgraph that composes; nil without one.
func FieldSet(d *ast.Directive) ast.SelectionSet {
	if d == nil {
		return nil
	}
	document, err := parser.ParseQuery(&ast.Source{Input: "{" + d.Arguments.ForName("fields").Value.Raw + "}"})
	if err != nil {
		panic(err) // composition has read it
	}
	return document.Operations[0].SelectionSet
}
