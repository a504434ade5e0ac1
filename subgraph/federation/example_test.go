package federation_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"

	"github.com/gatehouse-graphql/gatehouse/subgraph/federation"
)

// A subgraph with one entity type, which another subgraph refers to by its key.
const exampleSDL = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])

type Query {
  featured: Parcel
}

type Parcel @key(fields: "id") {
  id: ID!
  weight: Int @external
  postage: Int @requires(fields: "weight")
}
`

// parcelKey is the representation of a Parcel: its key and what @requires asks for.
type parcelKey struct {
	ID     graphql.ID `json:"id"`
	Weight *int32     `json:"weight"`
}

type parcelResolver struct{ key parcelKey }

func (p *parcelResolver) ID() graphql.ID { return p.key.ID }
func (p *parcelResolver) Weight() *int32 { return p.key.Weight }

func (p *parcelResolver) Postage() *int32 {
	if p.key.Weight == nil {
		return nil
	}
	postage := 2 * *p.key.Weight
	return &postage
}

// parcelEntity is the union _Entity of this subgraph.
type parcelEntity struct{ federation.Entity }

func (e *parcelEntity) ToParcel() (*parcelResolver, bool) {
	return federation.As[*parcelResolver](e.Entity)
}

type parcelQuery struct {
	federation.Root[parcelEntity]
}

func (*parcelQuery) Featured() *parcelResolver { return &parcelResolver{parcelKey{ID: "1"}} }

// parcels is called once with all parcels of a request. It knows those with an id of one digit.
func parcels(_ context.Context, keys []parcelKey) ([]*parcelResolver, error) {
	found := make([]*parcelResolver, len(keys))
	for i, key := range keys {
		if len(key.ID) == 1 {
			found[i] = &parcelResolver{key}
		}
	}
	return found, nil
}

func Example() {
	schema, err := federation.ParseSchema(exampleSDL, &parcelQuery{}, []federation.Resolver{
		federation.Batch("Parcel", parcels),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(federation.Handler(schema))
	defer server.Close()

	// What a gateway sends.
	response, err := http.Post(server.URL, "application/json", strings.NewReader(`{
		"query": "query($r:[_Any!]!){_entities(representations:$r){...on Parcel{postage}}}",
		"variables": {"r": [{"__typename":"Parcel","id":"7","weight":21},{"__typename":"Parcel","id":"77","weight":1}]}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	fmt.Println(string(answer), err)
	// Output: {"data":{"_entities":[{"postage":42},null]}} <nil>
}
