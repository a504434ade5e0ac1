package planner_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func Example() {
	sdl, _ := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		panic(err)
	}
	preparer, err := operation.New(schema, operation.DefaultLimits())
	if err != nil {
		panic(err)
	}
	op, err := preparer.Prepare(context.Background(), []byte(`{ topProducts(first: 2) { name reviews { body } } }`), "")
	if err != nil {
		panic(err)
	}
	permitted := operation.Filter(op, op.Evaluate(nil, nil), operation.KeepAll)
	plan, err := planner.New(schema).Plan(context.Background(), permitted)
	if err != nil {
		panic(err)
	}
	fmt.Print(plan)
	// Output:
	// Plan
	// ├─ Fetch 1 products
	// │    query{topProducts(first:2){name upc}}
	// └─ Fetch 2 reviews, needs 1
	//      at topProducts.@ by Product{upc}
	//      query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{body}}}}
}
