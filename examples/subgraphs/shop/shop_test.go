package shop_test

import (
	"testing"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
)

func TestBuild(t *testing.T) {
	if _, err := shop.Subgraphs(shop.NewStore()); err != nil {
		t.Error(err)
	}
	if _, err := shop.Monolith(shop.NewStore()); err != nil {
		t.Error(err)
	}
}
