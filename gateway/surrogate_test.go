package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestHalfASurrogatePair: text of which half is no character reaches clients as a subgraph wrote it. In the key of an object it cannot
// be signed: that object is not looked up, and says so, and the others are.
func TestHalfASurrogatePair(t *testing.T) {
	t.Parallel()
	products := write("application/json", `{"data":{"topProducts":[{"upc":"\ud800","name":"cut \ud83d"},{"upc":"2","name":"whole"}]}}`)
	inventory := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		one := `{"inStock":true}`
		if strings.Contains(string(body), "ud800") {
			one += "," + one
		}
		_, _ = io.WriteString(w, `{"data":{"_entities":[`+one+`]}}`)
	})
	handlers := map[string]http.Handler{"products": products, "inventory": inventory}
	const query = `{topProducts(first:2){upc name inStock}}`

	_, got := shopGateway(t, handlers).Post(t, ask(query))
	const all = `{"data":{"topProducts":[{"upc":"\ud800","name":"cut \ud83d","inStock":true},{"upc":"2","name":"whole","inStock":true}]}}`
	if got != all {
		t.Errorf("without signatures: got %s", got)
	}
	_, got = shopGateway(t, handlers, signed(t)).Post(t, ask(query))
	const others = `{"data":{"topProducts":[{"upc":"\ud800","name":"cut \ud83d","inStock":null},{"upc":"2","name":"whole","inStock":true}]},` +
		`"errors":[{"message":"An entity has an invalid key and cannot be looked up","path":["topProducts",0],` +
		`"extensions":{"code":"INVALID_VALUE_FOR_FIELD","service":"inventory"}}]}`
	if got != others {
		t.Errorf("with signatures: got %s", got)
	}
}
