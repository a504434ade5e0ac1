package federation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Root answers _entities and _service. The struct that resolves the query root embeds it by value; [ParseSchema]
// fills it. E is the author's type for the union _Entity: a struct that embeds [Entity] and whose pointer
// has, for each entity type T of the subgraph, a method
//
//	ToT() (resolver, bool)
//
// A subgraph without entities embeds Root[Entity].
type Root[E any] struct {
	sdl      string
	registry map[string]Resolver
}

// Entity carries one resolved entity to the To methods of the type that embeds it.
type Entity struct{ value any }

// As returns the entity as a T, and whether it is one. It is the body of every To method, unless two GraphQL
// types share one Go type; then the method must also tell which of them the value is.
func As[T any](entity Entity) (T, bool) {
	value, ok := entity.value.(T)
	return value, ok
}

// Service resolves the type _Service.
type Service struct{ sdl string }

// SDL is the text that was given to [ParseSchema], unchanged.
func (s Service) SDL() string { return s.sdl }

// Service resolves Query._service.
func (r *Root[E]) Service() Service { return Service{sdl: r.sdl} }

// Representations are the arguments of _entities.
type Representations struct {
	Representations []representation
}

// Entities resolves Query._entities: one call of the resolver of each type that occurs, in order of first
// occurrence, with all representations of that type. The answer has the order of the representations,
// with null where a resolver found nothing. A type without a resolver, a representation that does not
// decode, and an error of a resolver each fail the field as a whole.
func (r *Root[E]) Entities(ctx context.Context, args Representations) ([]*E, error) {
	groups := make(map[string][]int)
	var order []string
	for i, representation := range args.Representations {
		name := representation.typeName
		if _, ok := r.registry[name]; !ok {
			return nil, fmt.Errorf("representation %d: type %q is not an entity of this subgraph", i, name)
		}
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], i)
	}
	entities := make([]*E, len(args.Representations))
	for _, name := range order {
		if err := r.resolve(ctx, name, groups[name], args.Representations, entities); err != nil {
			return nil, err
		}
	}
	return entities, nil
}

// resolve fills the places of one type.
func (r *Root[E]) resolve(ctx context.Context, name string, places []int, given []representation, entities []*E) error {
	batch := make([]json.RawMessage, len(places))
	for i, place := range places {
		batch[i] = given[place].raw
	}
	values, err := r.registry[name].resolve(ctx, batch)
	if err != nil {
		return fmt.Errorf("entities of type %s: %w", name, err)
	}
	for i, place := range places {
		if values[i] != nil {
			entities[place] = new(E)
			if entity, ok := any(entities[place]).(carrier); ok { // register has seen to it
				entity.carry(values[i])
			}
		}
	}
	return nil
}

// carrier is what a struct becomes that embeds Entity.
type carrier interface{ carry(value any) }

func (e *Entity) carry(value any) { e.value = value }

// mount is what a struct becomes that embeds Root.
type mount interface {
	mount(sdl string, registry map[string]Resolver)
	entityType() reflect.Type
}

func (r *Root[E]) mount(sdl string, registry map[string]Resolver) { r.sdl, r.registry = sdl, registry }

func (*Root[E]) entityType() reflect.Type { return reflect.TypeFor[*E]() }

// register checks the resolvers against the entities of the subgraph.
func register(found *subgraph, resolvers []Resolver, entity reflect.Type) (map[string]Resolver, error) {
	if !entity.Implements(reflect.TypeFor[carrier]()) {
		return nil, fmt.Errorf("%w: %s must embed federation.Entity", ErrSetup, entity.Elem())
	}
	registry := make(map[string]Resolver, len(resolvers))
	for _, resolver := range resolvers {
		name := resolver.typeName
		switch {
		case resolver.resolve == nil:
			return nil, fmt.Errorf("%w: a resolver is empty; use Batch or Single", ErrSetup)
		case !slices.Contains(found.owners, name):
			return nil, fmt.Errorf("%w: %q has a resolver but no resolvable @key", ErrSetup, name)
		case registry[name].resolve != nil:
			return nil, fmt.Errorf("%w: %q has two resolvers", ErrSetup, name)
		case !reachable(entity, resolver.produces):
			return nil, fmt.Errorf("%w: the resolver of %q returns %s, which no To method of %s returns",
				ErrSetup, name, resolver.produces, entity)
		}
		registry[name] = resolver
	}
	for _, name := range found.owners {
		if _, ok := registry[name]; !ok {
			return nil, fmt.Errorf("%w: %q has a resolvable @key but no resolver", ErrSetup, name)
		}
	}
	return registry, nil
}

// reachable reports whether a value of the type can come out of a To method. What is behind an interface
// shows only at run time.
func reachable(entity, produced reflect.Type) bool {
	if produced.Kind() == reflect.Interface {
		return true
	}
	for method := range entity.Methods() {
		if strings.HasPrefix(method.Name, "To") && method.Type.NumOut() == 2 && produced.AssignableTo(method.Type.Out(0)) {
			return true
		}
	}
	return false
}

// representation is a value of the scalar _Any. It is kept as JSON, so that each resolver decodes it as it likes.
type representation struct {
	typeName string
	raw      json.RawMessage
}

// ImplementsGraphQLType is part of the contract of graphql-go.
func (representation) ImplementsGraphQLType(name string) bool { return name == "_Any" }

// UnmarshalGraphQL is part of the contract of graphql-go.
func (r *representation) UnmarshalGraphQL(input any) error {
	object, ok := input.(map[string]any)
	if !ok {
		return errors.New("a representation must be an object")
	}
	name, ok := object["__typename"].(string)
	if !ok {
		return errors.New("a representation must have a __typename")
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("representation of %s: %w", name, err)
	}
	r.typeName, r.raw = name, raw
	return nil
}
