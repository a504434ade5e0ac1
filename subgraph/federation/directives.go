package federation

import "strings"

// placeholder is the query root of an SDL that declares none; a type of this name in the SDL replaces it.
const placeholder = "type Query { _service: _Service! } "

// preamble stands before the author's SDL, on one line, so that line numbers in errors stay those of the
// author. It comes first since graphql-go lets a later definition replace an earlier one: an author
// who repeats a definition of the specification keeps his own.
//
//nolint:gochecknoglobals // a constant that is computed
var preamble = makePreamble()

// definitions are those of Federation 2.9, each with the arguments and locations of the specification.
//
//nolint:gochecknoglobals // a constant list
var definitions = []struct{ name, definition string }{
	{"key", "(fields: federation__FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"},
	{"requires", "(fields: federation__FieldSet!) on FIELD_DEFINITION"},
	{"provides", "(fields: federation__FieldSet!) on FIELD_DEFINITION"},
	{"external", "(reason: String) on OBJECT | FIELD_DEFINITION"},
	{"shareable", " repeatable on OBJECT | FIELD_DEFINITION"},
	{"override", "(from: String!, label: String) on FIELD_DEFINITION"},
	{"extends", " on OBJECT | INTERFACE"},
	{"interfaceObject", " on OBJECT"},
	{"composeDirective", "(name: String!) repeatable on SCHEMA"},
	{"inaccessible", " on FIELD_DEFINITION | INTERFACE | OBJECT | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"},
	{"tag", "(name: String!) repeatable on FIELD_DEFINITION | INTERFACE | OBJECT | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA"},
	{"authenticated", " on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"},
	{"requiresScopes", "(scopes: [[federation__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"},
	{"policy", "(policies: [[federation__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"},
	{"context", "(name: String!) repeatable on OBJECT | INTERFACE | UNION"},
	{"fromContext", "(field: federation__ContextFieldValue) on ARGUMENT_DEFINITION"},
	{"cost", "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"},
	{"listSize", "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"},
}

func makePreamble() string {
	var sdl strings.Builder
	sdl.WriteString("directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA ")
	for _, d := range definitions {
		sdl.WriteString("directive @" + d.name + d.definition + " ")
		sdl.WriteString("directive @federation__" + d.name + d.definition + " ")
	}
	sdl.WriteString("scalar link__Import enum link__Purpose { SECURITY EXECUTION } ")
	sdl.WriteString("scalar federation__FieldSet scalar federation__Scope scalar federation__Policy scalar federation__ContextFieldValue ")
	sdl.WriteString("scalar _Any type _Service { sdl: String! } " + placeholder)
	return sdl.String()
}
