package supergraph_test

import (
	"fmt"
	"os"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func ExampleParse() {
	sdl, _ := os.ReadFile("../examples/subgraphs/supergraph.graphql")
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		panic(err)
	}
	for _, s := range schema.Subgraphs {
		fmt.Println(s.Name, s.URL)
	}

	_, err = supergraph.Parse([]byte(`type Query { hello: String }`))
	fmt.Println(err)
	// Output:
	// accounts http://127.0.0.1:4101/graphql
	// inventory http://127.0.0.1:4104/graphql
	// products http://127.0.0.1:4102/graphql
	// reviews http://127.0.0.1:4103/graphql
	// not a supergraph: the schema has no @link to https://specs.apollo.dev/join. The schema of a subgraph has to be composed with the others first
}
