package executor_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// One operation through all stages: two subgraphs, one of them failing for one entity.
func Example() {
	sdl, _ := os.ReadFile("testdata/supergraph.graphql")
	schema, _ := supergraph.Parse(sdl)
	preparer, _ := operation.New(schema, operation.DefaultLimits())
	op, _ := preparer.Prepare(context.Background(), []byte(`{ users { name score } }`), "")
	plan, _ := planner.New(schema).Plan(context.Background(), operation.Filter(op, operation.Bits{}, operation.KeepAll))

	subgraphs := upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
		body := `{"data":{"users":[{"id":"1","name":"Ada"},{"id":"2","name":"Bo"}]}}`
		if r.Subgraph.Name == "reviews" {
			body = `{"data":{"_entities":[{"score":3},null]},"errors":[{"message":"no score","path":["_entities",1,"score"]}]}`
		}
		return &upstream.Response{Status: 200, Body: []byte(body), Release: func() {}}, nil
	})
	e := executor.New(schema, subgraphs, executor.Options{})
	program, err := e.Compile(plan)
	if err != nil {
		panic(err)
	}
	result := e.Execute(context.Background(), program, &executor.Request{Origin: &upstream.Origin{}})
	defer result.Release()
	fmt.Printf("%s\n", result.AppendJSON(nil))
	// Output:
	// {"data":{"users":[{"name":"Ada","score":3},null]},"errors":[{"message":"no score","path":["users",1,"score"],"extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","service":"reviews"}}]}
}
