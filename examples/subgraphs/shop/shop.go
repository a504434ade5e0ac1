// Package shop is the online shop of the examples: one data set, cut into the four subgraphs accounts, products,
// reviews and inventory, and once more as a single schema, the monolith, that says what the right answer to any
// operation over the four is.
//
// The subgraphs do not enforce @authenticated, @requiresScopes and @policy: the gateway does. Who calls (Query.me,
// updateProfile, addReview, addReply) they take from requests that the gateway signed.
package shop

import (
	"embed"
	"fmt"
	"net/http"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

//go:embed *.graphql
var schemas embed.FS

// MonolithPort is where the monolith listens when run alone.
const MonolithPort = 4105

// Subgraph is one of the four services.
type Subgraph struct {
	Name    string       // as in the supergraph
	Port    int          // where it listens when run alone; the routing URL of the supergraph has it
	Handler http.Handler // answers GraphQL over HTTP at any path, to everybody; Signed does not
}

// Subgraphs returns accounts, products, reviews and inventory over one store.
func Subgraphs(store *Store) ([]Subgraph, error) {
	shared := view{store: store}
	var subgraphs []Subgraph
	for _, part := range []struct {
		name      string
		port      int
		root      any
		resolvers []federation.Resolver
	}{
		{"accounts", 4101, &accounts{accountsRoot: accountsRoot{shared}}, shared.accountsEntities()},
		{"products", 4102, &products{productsRoot: productsRoot{shared}}, shared.productsEntities()},
		{"reviews", 4103, &reviews{reviewsRoot: reviewsRoot{shared}}, shared.reviewsEntities()},
		{"inventory", 4104, &inventory{inventoryRoot: inventoryRoot{shared}}, shared.inventoryEntities()},
	} {
		sdl, err := schemas.ReadFile(part.name + ".graphql")
		if err != nil {
			return nil, fmt.Errorf("subgraph %s: %w", part.name, err)
		}
		schema, err := federation.ParseSchema(string(sdl), part.root, part.resolvers)
		if err != nil {
			return nil, fmt.Errorf("subgraph %s: %w", part.name, err)
		}
		subgraphs = append(subgraphs, Subgraph{Name: part.name, Port: part.port, Handler: federation.Handler(schema)})
	}
	return subgraphs, nil
}

// Monolith returns the whole shop as one schema, with the fields and types that the supergraph offers to clients.
func Monolith(store *Store) (http.Handler, error) {
	sdl, err := schemas.ReadFile("monolith.graphql")
	if err != nil {
		return nil, fmt.Errorf("monolith: %w", err)
	}
	whole := view{store: store, whole: true}
	root := &monolith{accountsRoot{whole}, productsRoot{whole}, reviewsRoot{whole}, inventoryRoot{whole}}
	schema, err := graphql.ParseSchema(string(sdl), root, graphql.UseStringDescriptions())
	if err != nil {
		return nil, fmt.Errorf("monolith: %w", err)
	}
	return federation.Handler(schema), nil
}

// monolith has the root fields of all four.
type monolith struct {
	accountsRoot
	productsRoot
	reviewsRoot
	inventoryRoot
}

// view is the store as resolvers see it. A type has one resolver, with the fields of all subgraphs; which
// of them a subgraph offers is a matter of its SDL.
type view struct {
	store *Store
	// whole says that all data is at hand. A subgraph instead computes a field with @requires from what the
	// gateway sent and from nothing else, so that a gateway which forgets to send it is found out.
	whole bool
}

// limit returns the first of the items, all of them if no number is given, none if it is negative.
func limit[T any](items []T, first graphql.NullInt) []T {
	if first.Value == nil {
		return items
	}
	return items[:min(max(int(*first.Value), 0), len(items))]
}

// each makes one from every item. The result is never nil.
func each[T, R any](items []T, make1 func(T) R) []R {
	made := make([]R, len(items))
	for i, item := range items {
		made[i] = make1(item)
	}
	return made
}
