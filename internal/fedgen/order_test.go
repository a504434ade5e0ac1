package fedgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// compareOrder holds the order of the members of all objects in a response against the oracle's (GraphQL, sections 6.3.2 and 7.2.2);
// "" when they agree. Both have the same data.
func compareOrder(response []byte, data any) string {
	d := json.NewDecoder(bytes.NewReader(response))
	for _, want := range []json.Token{json.Delim('{'), "data"} {
		if token, err := d.Token(); err != nil || token != want {
			return fmt.Sprintf("%v %v where %v belongs", token, err, want)
		}
	}
	problem, err := ordered(d, data)
	if err != nil {
		return err.Error()
	}
	return problem
}

// ordered reads the value that stands where the oracle has want; inside of scalars that is nil, and any order is right.
func ordered(d *json.Decoder, want any) (problem string, err error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	opening, _ := token.(json.Delim)
	o, _ := want.(*reference.Object)
	list, _ := want.([]any)
	for i := 0; opening != 0 && d.More(); i++ {
		var below any
		if opening == '{' {
			if token, err = d.Token(); err != nil {
				return "", err
			}
			key, _ := token.(string)
			if o != nil && (i >= len(o.Keys) || key != o.Keys[i]) {
				return fmt.Sprintf("%s is member %d, where these belong: %s", key, i, o.Keys), nil
			} else if o != nil {
				below = o.Values[key]
			}
		} else if i < len(list) {
			below = list[i]
		}
		if problem, err = ordered(d, below); problem != "" || err != nil {
			return problem, err
		}
	}
	if opening != 0 {
		_, err = d.Token()
	}
	return "", err
}

// TestCompareOrder: the comparison notices members in another order, at any depth, and nothing else.
func TestCompareOrder(t *testing.T) {
	t.Parallel()
	object := func(keys ...string) *reference.Object {
		o := &reference.Object{Keys: keys, Values: map[string]any{}}
		for _, k := range keys {
			o.Values[k] = map[string]any{"y": 1, "x": 2} // a scalar
		}
		return o
	}
	want := object("b", "a")
	want.Values["a"] = []any{nil, []any{object("d", "c")}}
	scalar := `{"x":2,"y":1}`
	for response, fine := range map[string]bool{
		`{"data":{"b":{"y":1,"x":2},"a":[null,[{"d":` + scalar + `,"c":` + scalar + `}]]},"errors":[]}`: true,
		`{"data":{"b":` + scalar + `,"a":[null,[{"c":` + scalar + `,"d":` + scalar + `}]]}}`:            false,
		`{"data":{"a":[null,[{"d":` + scalar + `,"c":` + scalar + `}]],"b":` + scalar + `}}`:            false,
		`{"data":{"b":` + scalar + `,"a":[null,[{"d":` + scalar + `,"c":` + scalar + `}]],"b":1}}`:      false,
		`{"data":{"b":` + scalar + `,"a":[null,[],null],"a":[]}}`:                                       false,
		`{"errors":[],"data":{}}`: false,
	} {
		if problem := compareOrder([]byte(response), want); (problem == "") != fine {
			t.Errorf("%s: %q", response, problem)
		}
	}
	if problem := compareOrder([]byte(`{"data":null}`), nil); problem != "" {
		t.Error(problem)
	}
}
