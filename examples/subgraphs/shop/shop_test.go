package shop_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
)

// start serves the four subgraphs and the monolith over HTTP, each side with a store of its own, and returns the address of each by name.
func start(t *testing.T) map[string]string {
	t.Helper()
	subgraphs, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		t.Fatal(err)
	}
	monolith, err := shop.Monolith(shop.NewStore())
	if err != nil {
		t.Fatal(err)
	}
	urls := make(map[string]string)
	for _, part := range append(subgraphs, shop.Subgraph{Name: "monolith", Handler: monolith}) {
		server := httptest.NewServer(shop.As("1", part.Handler))
		t.Cleanup(server.Close)
		urls[part.Name] = server.URL
	}
	return urls
}

// ask sends an operation and returns the body of the answer.
func ask(t *testing.T, url, query string, variables any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v: %s", response.StatusCode, err, answer)
	}
	return string(answer)
}

// entities asks _entities for representations, given as JSON.
func entities(t *testing.T, url, selection, representations string) string {
	t.Helper()
	return ask(t, url, "query($r:[_Any!]!){_entities(representations:$r){"+selection+"}}", map[string]any{"r": json.RawMessage(representations)})
}

func wantData(t *testing.T, got, want string) {
	t.Helper()
	if got != `{"data":`+want+`}` {
		t.Errorf("got  %s\nwant {\"data\":%s}", got, want)
	}
}

func TestServiceSDL(t *testing.T) {
	urls := start(t)
	for _, name := range []string{"accounts", "products", "reviews", "inventory"} {
		sdl, err := os.ReadFile(name + ".graphql")
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Data struct {
				Service struct{ SDL string } `json:"_service"`
			}
		}
		if err := json.Unmarshal([]byte(ask(t, urls[name], "{_service{sdl}}", nil)), &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Data.Service.SDL != string(sdl) {
			t.Errorf("%s: _service does not answer %s.graphql", name, name)
		}
	}
}

func TestPorts(t *testing.T) {
	subgraphs, err := shop.Subgraphs(shop.NewStore())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, subgraph := range subgraphs {
		got[subgraph.Name] = subgraph.Port
	}
	if want := map[string]int{"accounts": 4101, "products": 4102, "reviews": 4103, "inventory": 4104}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEntities(t *testing.T) {
	urls := start(t)
	for _, test := range []struct{ name, subgraph, selection, representations, want string }{
		{"key", "accounts", `...on User{name role}`, `[{"__typename":"User","id":"3"},{"__typename":"User","id":"99"}]`,
			`[{"name":"Chiyo Tanaka","role":"CUSTOMER"},null]`},
		{"several keys", "products", `...on Product{upc sku}`, `[{"__typename":"Product","upc":"5"},{"__typename":"Product","sku":"SOFA-3"},{"__typename":"Product"}]`,
			`[{"upc":"5","sku":"TV-55"},{"upc":"9","sku":"SOFA-3"},null]`},
		{"entity interface", "products", `...on Media{__typename title ...on Film{minutes}}`, `[{"__typename":"Media","id":"b1"},{"__typename":"Media","id":"f2"},{"__typename":"Media","id":"x"}]`,
			`[{"__typename":"Book","title":"A Table Well Set"},{"__typename":"Film","title":"Static","minutes":121},null]`},
		{"implementation", "products", `...on Book{author}`, `[{"__typename":"Book","id":"b2"},{"__typename":"Book","id":"f1"}]`,
			`[{"author":"Tom Aldous"},null]`},
		{"interface object", "reviews", `__typename ...on Media{rating reviews(minRating:5){id}}`, `[{"__typename":"Media","id":"b1"}]`,
			`[{"__typename":"Media","rating":4.5,"reviews":[{"id":"12"}]}]`},
		{"requires what requires", "reviews", `...on Product{verdict}`, `[{"__typename":"Product","upc":"1","shippingEstimate":50},{"__typename":"Product","upc":"1","shippingEstimate":101},{"__typename":"Product","upc":"1"}]`,
			`[{"verdict":"BUY"},{"verdict":"CONSIDER"},{"verdict":"UNKNOWN"}]`},
		{"provides", "reviews", `...on Review{author{id username}}`, `[{"__typename":"Review","id":"2"}]`,
			`[{"author":{"id":"1","username":"amara"}}]`},
		{"requires", "inventory", `...on Product{inStock shippingEstimate}`, `[{"__typename":"Product","upc":"1","price":10,"weight":60},{"__typename":"Product","upc":"1","price":1001,"weight":60},{"__typename":"Product","upc":"6"}]`,
			`[{"inStock":true,"shippingEstimate":30},{"inStock":true,"shippingEstimate":0},{"inStock":false,"shippingEstimate":null}]`},
		{"requires nested", "inventory", `...on Product{volume}`, `[{"__typename":"Product","upc":"1","dimensions":{"width":2,"height":3,"depth":4}},{"__typename":"Product","upc":"1","dimensions":null}]`,
			`[{"volume":24},{"volume":null}]`},
		{"nested key", "inventory", `...on StockItem{quantity status handlingFee{amount currency}}`, `[{"__typename":"StockItem","warehouse":{"id":"w1"},"product":{"upc":"4"}},{"__typename":"StockItem","warehouse":{"id":"w3"},"product":{"upc":"4"}}]`,
			`[{"quantity":3,"status":"LOW","handlingFee":{"amount":36,"currency":"EUR"}},null]`},
		{"list of lists", "inventory", `...on Warehouse{aisles{upc}}`, `[{"__typename":"Warehouse","id":"w1"}]`,
			`[{"aisles":[[{"upc":"1"},{"upc":"4"}],[{"upc":"3"}],[]]}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantData(t, entities(t, urls[test.subgraph], test.selection, test.representations), `{"_entities":`+test.want+`}`)
		})
	}
}

func TestEntityErrors(t *testing.T) {
	urls := start(t)
	for subgraph, typeName := range map[string]string{"accounts": "Product", "products": "StockItem", "reviews": "Book", "inventory": "User"} {
		if got := entities(t, urls[subgraph], "__typename", `[{"__typename":"`+typeName+`"}]`); !strings.Contains(got, "is not an entity of this subgraph") {
			t.Errorf("%s: %s", subgraph, got)
		}
	}
}

// rootFields are asked of the subgraph and of the monolith.
var rootFields = []struct{ subgraph, query, want string }{
	{"accounts", `{me{id username address{city country}}}`, `{"me":{"id":"1","username":"amara","address":{"city":"Berlin","country":"DE"}}}`},
	{"accounts", `{user(id:"6"){name birthday email address{city} pickup{id}}}`, `{"user":{"name":null,"birthday":null,"email":null,"address":null,"pickup":null}}`},
	{"accounts", `{user(id:"7"){id}}`, `{"user":null}`},
	{"accounts", `{users{id friends(first:1){id} wishlist{sku}}}`, `{"users":[{"id":"1","friends":[{"id":"2"}],"wishlist":[{"sku":"TV-55"},{"sku":"SOFA-3"}]},{"id":"2","friends":[{"id":"1"}],"wishlist":[{"sku":"GRILL-2"}]},{"id":"3","friends":[{"id":"1"}],"wishlist":[]},{"id":"4","friends":[],"wishlist":[{"sku":"TBL-1"},{"sku":"CHR-1"},{"sku":"LMP-9"},{"sku":"GLS-6"}]},{"id":"5","friends":[{"id":"3"}],"wishlist":[{"sku":"FRG-1"}]},{"id":"6","friends":[],"wishlist":[]}]}`},
	{"accounts", `{a:usersByRole{id} b:usersByRole(roles:[ADMIN]){id} c:usersByRole(roles:[]){id}}`, `{"a":[{"id":"2"},{"id":"3"},{"id":"4"},{"id":"5"},{"id":"6"}],"b":[{"id":"1"}],"c":[]}`},
	{"products", `{a:topProducts{upc} b:topProducts(first:2){name price weight} c:topProducts(first:-1){upc}}`, `{"a":[{"upc":"1"},{"upc":"2"},{"upc":"3"},{"upc":"4"},{"upc":"5"}],"b":[{"name":"Table","price":899,"weight":100},{"name":"Couch","price":1299,"weight":1000}],"c":[]}`},
	{"products", `{product(upc:"1"){title category dimensions{width} attributes cost{amount currency} companion{id} related{upc} display{warehouse{id} product{upc}}}}`, `{"product":{"title":"Table","category":"FURNITURE","dimensions":{"width":160},"attributes":{"finishes":["oil","wax"],"material":"oak","seats":6},"cost":{"amount":540,"currency":"EUR"},"companion":null,"related":[{"upc":"4"},{"upc":"9"},{"upc":"2"}],"display":{"warehouse":{"id":"w1"},"product":{"upc":"1"}}}}`},
	{"products", `{a:products(filter:{category:KITCHEN,order:PRICE_DESC}){upc} b:products(filter:{price:{min:1000,max:2000}}){upc} c:products(filter:{order:NAME,price:{max:500}}){name} d:products(filter:{order:PRICE_ASC,category:GARDEN}){upc}}`, `{"a":[{"upc":"8"},{"upc":"3"}],"b":[{"upc":"2"},{"upc":"5"}],"c":[{"name":"Chair"},{"name":"Glass"}],"d":[{"upc":"7"}]}`},
	{"products", `{search(text:"SOFA"){__typename ...on Product{upc} ...on Media{title ...on Film{director}}}}`, `{"search":[{"__typename":"Product","upc":"9"},{"__typename":"Film","title":"The Long Sofa","director":"Jun Ito"}]}`},
	{"products", `{media(id:"b3"){__typename id title year ...on Book{author pages}} no:media(id:"b9"){id}}`, `{"media":{"__typename":"Book","id":"b3","title":"Fire and Smoke","year":null,"author":"Rosa Lind","pages":340},"no":null}`},
	{"products", `{library{id} films:library(kind:FILM){title}}`, `{"library":[{"id":"b1"},{"id":"b2"},{"id":"b3"},{"id":"f1"},{"id":"f2"}],"films":[{"title":"The Long Sofa"},{"title":"Static"}]}`},
	{"reviews", `{review(id:"10"){body rating date author{id username numberOfReviews} product{upc rating} media{id} replies{id author{id} review{id}}}}`, `{"review":{"body":"Slept on it for a week.","rating":5,"date":"2025-06-17","author":{"id":"5","username":"elif","numberOfReviews":3},"product":{"upc":"2","rating":3.5},"media":null,"replies":[{"id":"reply-2","author":{"id":"1"},"review":{"id":"10"}},{"id":"reply-3","author":{"id":"5"},"review":{"id":"10"}}]}}`},
	{"reviews", `{feed(first:3){__typename id body ...on Review{rating} author{id}}}`, `{"feed":[{"__typename":"Reply","id":"reply-3","body":"With two.","author":{"id":"5"}},{"__typename":"Review","id":"15","body":null,"rating":1,"author":{"id":"5"}},{"__typename":"Review","id":"14","body":"Nice pictures.","rating":4,"author":{"id":"4"}}]}`},
	{"reviews", `{activity(userId:"1"){__typename ...on Post{id}}}`, `{"activity":[{"__typename":"Review","id":"12"},{"__typename":"Reply","id":"reply-2"},{"__typename":"Review","id":"2"},{"__typename":"Review","id":"1"}]}`},
	{"reviews", `{topRatedMedia(first:3){id rating}}`, `{"topRatedMedia":[{"id":"b1","rating":4.5},{"id":"f1","rating":3},{"id":"f2","rating":1}]}`},
	{"inventory", `{warehouses{id name country stock(status:SOLD_OUT){product{upc} quantity}}}`, `{"warehouses":[{"id":"w1","name":"Berlin","country":"DE","stock":[{"product":{"upc":"9"},"quantity":0}]},{"id":"w2","name":"Osaka","country":"JP","stock":[{"product":{"upc":"6"},"quantity":0}]},{"id":"w3","name":"Pop-up","country":null,"stock":[]}]}`},
	{"inventory", `{warehouse(id:"w3"){aisles{upc}} no:warehouse(id:"w4"){id} stock(status:LOW){warehouse{id} product{upc packaging}}}`, `{"warehouse":{"aisles":[]},"no":null,"stock":[{"warehouse":{"id":"w1"},"product":{"upc":"4","packaging":"carton"}},{"warehouse":{"id":"w2"},"product":{"upc":"1","packaging":"flat box"}},{"warehouse":{"id":"w2"},"product":{"upc":"7","packaging":"pallet"}}]}`},
}

func TestRootFields(t *testing.T) {
	urls := start(t)
	for _, test := range rootFields {
		wantData(t, ask(t, urls[test.subgraph], test.query, nil), test.want)
		wantData(t, ask(t, urls["monolith"], test.query, nil), test.want)
	}
}

// mutations are sent to the subgraph and to the monolith, in order, and change both alike.
var mutations = []struct {
	subgraph, query string
	variables       any
	want            string
}{
	{"accounts", `mutation($i:ProfileInput!){updateProfile(input:$i){name birthday address{street city country}}}`, map[string]any{"i": map[string]any{"birthday": "1989-01-01", "address": map[string]any{"street": "Allee 1", "city": "Köln"}}}, `{"updateProfile":{"name":"Amara Okafor","birthday":"1989-01-01","address":{"street":"Allee 1","city":"Köln","country":"DE"}}}`},
	{"accounts", `mutation{a:setRole(userId:"3",role:SELLER){role} b:setRole(userId:"9",role:SELLER){role}}`, nil, `{"a":{"role":"SELLER"},"b":null}`},
	{"accounts", `{me{birthday} user(id:"3"){role}}`, nil, `{"me":{"birthday":"1989-01-01"},"user":{"role":"SELLER"}}`},
	{"products", `mutation{a:setPrice(upc:"1",price:2000){upc price} b:setPrice(upc:"99",price:1){upc}}`, nil, `{"a":{"upc":"1","price":2000},"b":null}`},
	{"products", `{product(upc:"1"){price}}`, nil, `{"product":{"price":2000}}`},
	{"reviews", `mutation{a:addReview(input:{upc:"9",body:"New"}){id rating date author{id} product{upc rating reviews{id}}} b:addReview(input:{mediaId:"b2",body:"Bright",rating:4}){id media{id rating}} c:addReply(reviewId:"16",body:"Mine"){id review{id}} d:addReply(reviewId:"99",body:"x"){id} e:deleteReview(id:"10") f:deleteReview(id:"10")}`, nil, `{"a":{"id":"16","rating":5,"date":"2026-01-01","author":{"id":"1"},"product":{"upc":"9","rating":5,"reviews":[{"id":"16"}]}},"b":{"id":"17","media":{"id":"b2","rating":4}},"c":{"id":"reply-4","review":{"id":"16"}},"d":null,"e":true,"f":false}`},
	{"reviews", `{feed(first:4){id} review(id:"10"){id} activity(userId:"5"){...on Reply{id}}}`, nil, `{"feed":[{"id":"reply-4"},{"id":"17"},{"id":"16"},{"id":"15"}],"review":null,"activity":[{},{}]}`},
	{"inventory", `mutation($q:Int){a:setStock(input:{warehouseId:"w3",upc:"6",quantity:$q}){warehouse{id} quantity status} b:setStock(input:{warehouseId:"w1",upc:"4"}){status product{upc inStock}} c:setStock(input:{warehouseId:"w9",upc:"4"}){status}}`, map[string]any{"q": 4}, `{"a":{"warehouse":{"id":"w3"},"quantity":4,"status":"LOW"},"b":{"status":"SOLD_OUT","product":{"upc":"4","inStock":false}},"c":null}`},
	{"inventory", `{stock(status:LOW){warehouse{id} product{upc inStock}}}`, nil, `{"stock":[{"warehouse":{"id":"w2"},"product":{"upc":"1","inStock":true}},{"warehouse":{"id":"w2"},"product":{"upc":"7","inStock":true}},{"warehouse":{"id":"w3"},"product":{"upc":"6","inStock":true}}]}`},
}

func TestMutations(t *testing.T) {
	urls := start(t)
	for _, test := range mutations {
		wantData(t, ask(t, urls[test.subgraph], test.query, test.variables), test.want)
		wantData(t, ask(t, urls["monolith"], test.query, test.variables), test.want)
	}
	// A new store knows nothing of them.
	wantData(t, ask(t, start(t)["monolith"], `{product(upc:"1"){price} review(id:"16"){id}}`, nil), `{"product":{"price":899},"review":null}`)
}

func TestMutationErrors(t *testing.T) {
	urls := start(t)
	for query, want := range map[string]string{
		`mutation{addReview(input:{body:"x"}){id}}`:                         `a review is about a upc or a mediaId`,
		`mutation{addReview(input:{body:"x",upc:"1",mediaId:"b1"}){id}}`:    `a review is about a upc or a mediaId`,
		`mutation{addReview(input:{body:"x",upc:"77"}){id}}`:                `there is no product`,
		`mutation{addReview(input:{body:"x",mediaId:"77"}){id}}`:            `there is no book or film`,
		`mutation{addReview(input:{body:"x",upc:"1",rating:6}){id}}`:        `a rating is a number from 1 to 5`,
		`mutation{updateProfile(input:{birthday:"30.01.2000"}){id}}`:        `is not a Date`,
		`mutation{setRole(userId:"1",role:EMPEROR){id}}`:                    `EMPEROR`,
		`mutation{setStock(input:{warehouseId:"w1",quantity:1}){quantity}}`: `upc`,
	} {
		if got := ask(t, urls["monolith"], query, nil); !strings.Contains(got, want) || !strings.Contains(got, `"errors"`) {
			t.Errorf("%s\ngot %s, want %s", query, got, want)
		}
	}
}
