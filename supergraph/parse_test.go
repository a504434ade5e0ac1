package supergraph_test

import (
	"os"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func TestShop(t *testing.T) {
	t.Parallel()
	sdl, err := os.ReadFile("testdata/shop.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := supergraph.Parse(sdl); err != nil {
		t.Fatal(err)
	}
}
