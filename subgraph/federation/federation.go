// Package federation makes a graph-gophers/graphql-go schema a Federation 2 subgraph
// (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec).
//
// The author writes the SDL of the subgraph as the specification shows it, without the definitions of
// @key, @shareable and the like, and without _Any, _Entity, _Service, _entities and _service. [ParseSchema]
// adds those. Three small things are needed in Go, because graphql-go binds fields to methods by name:
//
//	// 1. The query root embeds Root, whose methods answer _entities and _service.
//	type query struct {
//		federation.Root[entity]
//		store *Store
//	}
//
//	// 2. The union _Entity needs one To method per entity type; Entity carries the value.
//	type entity struct{ federation.Entity }
//
//	func (e *entity) ToUser() (*user, bool) { return federation.As[*user](e.Entity) }
//
//	// 3. One resolver per entity type, which is given all representations of a request at once.
//	schema, err := federation.ParseSchema(sdl, &query{store: store}, []federation.Resolver{
//		federation.Batch("User", store.usersByKey),
//	})
//	http.Handle("/graphql", federation.Handler(schema))
//
// Entity interfaces (an interface with @key) have a resolver under the name of the interface, which
// returns values of the implementing types. Interface objects (a type with @interfaceObject) are to
// a subgraph what any other entity type is.
//
// # Limits
//
// The query root cannot have fields named entities or service: graphql-go ignores underscores when it
// binds fields to methods. Directives are known under their own names and under the prefix federation__; other
// names given with "as" in @link are not known. A type that is declared with "extend type" only is an error of
// graphql-go; Federation 2 needs no extend.
package federation

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/ast"
)

// ErrSetup is wrapped by every error with which [ParseSchema] refuses a subgraph whose SDL, root
// and entity resolvers do not fit together. Errors of graphql-go itself are returned as they are.
var ErrSetup = errors.New("federation")

// overlapPairs is how many pairs of selections graphql-go compares when it validates a document: enough for a selection set of 700
// fields.
const overlapPairs = 250_000

// ParseSchema makes an executable subgraph schema.
//
// The sdl is the author's; _service answers exactly this text. Descriptions are string literals, never
// comments. The root is the root resolver of graphql-go; it, or what its method Query returns,
// must embed [Root]. It is a mistake, reported at once, to leave an entity type without a
// resolver (a type that has a @key and not only keys with resolvable: false), to register a resolver for
// a type that is no entity, or to register one twice. The options are handed on to graphql-go, behind ours: string
// descriptions, and a limit to the pairs of selections that validation compares, without which a document of 100 KB takes seconds.
//
// The schema is safe for concurrent use as far as the resolvers are. One root serves one schema.
func ParseSchema(sdl string, root any, resolvers []Resolver, opts ...graphql.SchemaOpt) (*graphql.Schema, error) {
	opts = append([]graphql.SchemaOpt{graphql.UseStringDescriptions(), graphql.OverlapValidationLimit(overlapPairs)}, opts...)
	draft, err := graphql.ParseSchema(preamble+sdl, nil, opts...)
	if err != nil {
		return nil, err
	}
	subgraph, err := inspect(draft.AST())
	if err != nil {
		return nil, err
	}
	mount, err := findMount(root)
	if err != nil {
		return nil, err
	}
	registry, err := register(subgraph, resolvers, mount.entityType())
	if err != nil {
		return nil, err
	}
	mount.mount(sdl, registry)
	return graphql.ParseSchema(preamble+sdl+subgraph.machinery(), root, opts...)
}

// subgraph is what this package needs to know of an SDL. All lists are sorted.
type subgraph struct {
	query    string   // name of the query root type
	service  bool     // the query root has _service: it is the placeholder
	entities []string // object types with a resolvable key: the members of _Entity
	owners   []string // types that need an entity resolver: entities and interfaces with a key
}

// inspect finds the entities of an SDL that was parsed behind the preamble.
func inspect(schema *ast.Schema) (*subgraph, error) {
	found := &subgraph{query: schema.EntryPointNames["query"]}
	root, ok := schema.Types[found.query].(*ast.ObjectTypeDefinition)
	if !ok {
		return nil, fmt.Errorf("%w: the query root %q is not an object type", ErrSetup, found.query)
	}
	found.service = root.Fields.Get("_service") != nil
	for _, field := range root.Fields {
		name := strings.ToLower(strings.ReplaceAll(field.Name, "_", ""))
		if field.Name != "_service" && (name == "entities" || name == "service") {
			return nil, fmt.Errorf("%w: %s.%s takes the place of _%s", ErrSetup, found.query, field.Name, name)
		}
	}
	extended := map[string]ast.DirectiveList{}
	for _, extension := range schema.Extensions {
		name := extension.Type.TypeName()
		extended[name] = append(extended[name], directivesOf(extension.Type)...)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		definition := schema.Types[name]
		if !hasResolvableKey(slices.Concat(directivesOf(definition), extended[name])) {
			continue
		}
		found.owners = append(found.owners, name)
		if definition.Kind() == "OBJECT" {
			found.entities = append(found.entities, name)
		}
	}
	return found, nil
}

func directivesOf(definition ast.NamedType) ast.DirectiveList {
	switch definition := definition.(type) {
	case *ast.ObjectTypeDefinition:
		return definition.Directives
	case *ast.InterfaceTypeDefinition:
		return definition.Directives
	default:
		return nil
	}
}

func hasResolvableKey(directives ast.DirectiveList) bool {
	for _, directive := range directives {
		if name := directive.Name.Name; name != "key" && name != "federation__key" {
			continue
		}
		value, ok := directive.Arguments.Get("resolvable")
		if !ok || value == nil || value.Deserialize(nil) != false {
			return true
		}
	}
	return false
}

// machinery is the SDL that makes the author's schema answer the two root fields of the specification.
// A schema without entities has no _entities.
func (s *subgraph) machinery() string {
	var sdl strings.Builder
	if len(s.entities) > 0 {
		fmt.Fprintf(&sdl, "\nunion _Entity = %s", strings.Join(s.entities, " | "))
		fmt.Fprintf(&sdl, "\nextend type %s { _entities(representations: [_Any!]!): [_Entity]! }", s.query)
	}
	if !s.service {
		fmt.Fprintf(&sdl, "\nextend type %s { _service: _Service! }", s.query)
	}
	return sdl.String()
}

// findMount returns the Root that the author's root resolver embeds.
func findMount(root any) (mount, error) {
	if found, ok := root.(mount); ok {
		return found, nil
	}
	if query := reflect.ValueOf(root); query.IsValid() {
		method := query.MethodByName("Query")
		if method.IsValid() && method.Type().NumIn() == 0 && method.Type().NumOut() == 1 {
			first, second := method.Call(nil)[0].Interface(), method.Call(nil)[0].Interface()
			if found, ok := first.(mount); ok {
				if found != second {
					return nil, fmt.Errorf("%w: %T.Query must return the same pointer each time", ErrSetup, root)
				}
				return found, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: the query root resolver %T must be a pointer to a struct that embeds federation.Root", ErrSetup, root)
}
