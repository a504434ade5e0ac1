package supergraph

// prelude is what every schema has without saying so: the scalars and the types of introspection (September 2025,
// sections 3.5 and 4.2). It is parsed in front of the supergraph, and ends
// with a brace, so that what follows cannot continue it.
const prelude = `
scalar Int
scalar Float
scalar String
scalar Boolean
scalar ID
directive @skip("Skipped when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include("Included when true." if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated("Why, and what to use instead." reason: String! = "No longer supported")
  on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy("Where the scalar is specified." url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
  description: String
  types: [__Type!]!
  queryType: __Type!
  mutationType: __Type
  subscriptionType: __Type
  directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  fields(includeDeprecated: Boolean! = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean! = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean! = false): [__InputValue!]
  ofType: __Type
  isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean! = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}
type __InputValue {
  name: String!
  description: String
  type: __Type!
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}
type __EnumValue {
  name: String!
  description: String
  isDeprecated: Boolean!
  deprecationReason: String
}
type __Directive {
  name: String!
  description: String
  isRepeatable: Boolean!
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean! = false): [__InputValue!]!
}
enum __DirectiveLocation {
  QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION
  SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT
  INPUT_FIELD_DEFINITION
}
`

// builtInScalars exist in each schema; a definition in the text adds nothing.
var builtInScalars = map[string]bool{"Int": true, "Float": true, "String": true, "Boolean": true, "ID": true}

// builtInDirectives likewise.
var builtInDirectives = map[string]bool{"skip": true, "include": true, "deprecated": true, "specifiedBy": true, "oneOf": true}

// metaFields adds __typename to each composite type, __schema and __type to the query type (sections 2.5 and 4), and
// gives the introspection types to the subgraph that does not exist.
func (l *loader) metaFields() {
	named := func(name string, nonNull bool) TypeRef {
		return TypeRef{Named: l.schema.byName[name], NonNull: nonNull}
	}
	for _, d := range l.decls {
		if d.IsComposite() {
			d.Type.fields["__typename"] = &Field{Name: "__typename", Parent: d.Type, Type: named("String", true), In: l.noFieldIn}
		}
		if d.Introspection {
			l.own(d.Type)
		}
	}
	q := l.schema.Query
	q.fields["__schema"] = &Field{Name: "__schema", Parent: q, Type: named("__Schema", true)}
	q.fields["__type"] = &Field{
		Name: "__type", Parent: q, Type: named("__Type", false),
		Args: []*InputValue{{Name: "name", Type: named("String", true)}},
	}
	for _, name := range []string{"__schema", "__type"} {
		l.ownField(q.fields[name])
	}
}

// own says that the introspection subgraph, and no other, has the type.
func (l *loader) own(t *Type) {
	t.In = make([]*TypeIn, len(l.noTypeIn))
	in := &TypeIn{Subgraph: l.schema.Introspection, Type: t}
	if t.Kind == Object {
		in.Possible, t.Possible = []*Type{t}, []*Type{t}
	}
	t.In[in.Subgraph.Index] = in
	for _, f := range t.Fields {
		l.ownField(f)
	}
}

func (l *loader) ownField(f *Field) {
	f.In = l.newFieldIns()
	f.In[l.schema.Introspection.Index] = &FieldIn{Subgraph: l.schema.Introspection, Type: f.Type}
}
