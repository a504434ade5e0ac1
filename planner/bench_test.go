package planner_test

import (
	"context"
	"os"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/planner"
)

// BenchmarkPlan plans the shop's largest query, with nothing cached.
func BenchmarkPlan(b *testing.B) {
	schema := load(b, "testdata/shop/")
	document, err := os.ReadFile("testdata/shop/large.graphql")
	if err != nil {
		b.Fatal(err)
	}
	op := permit(b, schema, document)
	p := planner.New(schema)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Plan(context.Background(), op); err != nil {
			b.Fatal(err)
		}
	}
}
