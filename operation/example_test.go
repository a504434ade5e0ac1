package operation_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// A document is prepared once; a request then has values of variables, and conditions that they decide.
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
	document := `query Top($n: Int = 5, $stock: Boolean!) { topProducts(first: $n) { name inStock @include(if: $stock) } }`
	op, err := preparer.Prepare(context.Background(), []byte(document), "Top")
	if err != nil {
		panic(err)
	}
	values, err := op.Coerce([]byte(`{"stock":false}`))
	if err != nil {
		panic(err)
	}
	permitted := operation.Filter(op, op.Evaluate(values, nil), operation.KeepAll)
	fmt.Print(permitted.Text())

	_, err = preparer.Prepare(context.Background(), []byte(`{ topProducts { nme } }`), "")
	fmt.Println(err)
	// Output:
	// query Top($n: Int = 5, $stock: Boolean!) {
	//   topProducts(first: $n) {
	//     name
	//   }
	// }
	// GRAPHQL_VALIDATION_FAILED: Cannot query field "nme" on type "Product". (1:17)
}
