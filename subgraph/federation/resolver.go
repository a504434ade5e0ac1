package federation

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// Resolver resolves the entities of one type. [Batch] and [Single] make one.
type Resolver struct {
	typeName string
	produces reflect.Type
	// resolve returns as many values as it was given representations, nil where there is no entity.
	resolve func(ctx context.Context, batch []json.RawMessage) ([]any, error)
}

// Batch is the resolver of the named entity type (or entity interface). The function is given all
// representations of that type in one _entities field, decoded as [json.Unmarshal] does it into R: the fields of
// whichever @key the caller used, and those named by @requires where the operation asks for them. A struct with
// json tags does; pointers tell an absent or null field from a zero.
//
// The function returns as many entities as it was given, in the same order, nil for those that do not exist.
// E is the resolver type that the To method of the GraphQL type returns, or for an entity interface any.
func Batch[R, E any](typeName string, resolve func(ctx context.Context, representations []R) ([]E, error)) Resolver {
	return Resolver{
		typeName: typeName,
		produces: reflect.TypeFor[E](),
		resolve: func(ctx context.Context, batch []json.RawMessage) ([]any, error) {
			representations := make([]R, len(batch))
			for i, raw := range batch {
				if err := json.Unmarshal(raw, &representations[i]); err != nil {
					return nil, fmt.Errorf("representation: %w", err)
				}
			}
			entities, err := resolve(ctx, representations)
			if err != nil {
				return nil, err
			}
			if len(entities) != len(batch) {
				return nil, fmt.Errorf("the resolver returned %d entities for %d representations", len(entities), len(batch))
			}
			values := make([]any, len(entities))
			for i, entity := range entities {
				if !isNil(entity) {
					values[i] = entity
				}
			}
			return values, nil
		},
	}
}

// Single is [Batch] for a function that resolves one entity at a time. It is called for one
// representation after the other; the first error ends the call.
func Single[R, E any](typeName string, resolve func(ctx context.Context, representation R) (E, error)) Resolver {
	return Batch(typeName, func(ctx context.Context, representations []R) ([]E, error) {
		entities := make([]E, len(representations))
		for i, representation := range representations {
			entity, err := resolve(ctx, representation)
			if err != nil {
				return nil, err
			}
			entities[i] = entity
		}
		return entities, nil
	})
}

func isNil(entity any) bool {
	value := reflect.ValueOf(entity)
	switch value.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer:
		return value.IsNil()
	default:
		return false
	}
}
