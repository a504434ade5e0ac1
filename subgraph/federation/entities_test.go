package federation_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestServiceAnswersTheOriginalSDL(t *testing.T) {
	schema, _ := library(t)
	_, body := post(t, schema, `{"query":"{_service{sdl}}"}`)
	var answer struct {
		Data struct {
			Service struct{ SDL string } `json:"_service"`
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Data.Service.SDL != librarySDL {
		t.Fatalf("%v: %s", err, body)
	}
}

func TestEntities(t *testing.T) {
	for _, test := range []struct{ name, selection, representations, want string }{
		{"order and unknown entities", `...on Book{id pages}...on Author{id}__typename`,
			`[{"__typename":"Book","id":"b1"},{"__typename":"Author","id":"3"},{"__typename":"Book","id":"x"},{"__typename":"Book","id":"b2"}]`,
			`{"data":{"_entities":[{"id":"b1","pages":100,"__typename":"Book"},{"id":"3","__typename":"Author"},null,{"id":"b2","pages":100,"__typename":"Book"}]}}`},
		{"none", `__typename`, `[]`, `{"data":{"_entities":[]}}`},
		{"composite key", `...on Author{id name{last}}`, `[{"__typename":"Author","name":{"first":"A","last":"B"}}]`,
			`{"data":{"_entities":[{"id":"7","name":{"last":"B"}}]}}`},
		{"required field", `...on Author{age}`, `[{"__typename":"Author","id":"1","born":1990},{"__typename":"Author","id":"1","born":null},{"__typename":"Author","id":"1"}]`,
			`{"data":{"_entities":[{"age":10},{"age":null},{"age":null}]}}`},
		{"entity interface", `...on Media{__typename title}`, `[{"__typename":"Media","id":"b1"},{"__typename":"Media","id":"f1"}]`,
			`{"data":{"_entities":[{"__typename":"Book","title":"book b1"},{"__typename":"Film","title":"film f1"}]}}`},
		{"interface object keeps all digits", `...on Shelf{label}`, `[{"__typename":"Shelf","number":9007199254740993}]`,
			`{"data":{"_entities":[{"label":"shelf 9007199254740993"}]}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			schema, _ := library(t)
			status, body := post(t, schema, entitiesBody(test.selection, test.representations))
			if status != http.StatusOK || body != test.want {
				t.Errorf("got %d %s\nwant    %s", status, body, test.want)
			}
		})
	}
}

func TestOneCallPerType(t *testing.T) {
	schema, calls := library(t)
	post(t, schema, entitiesBody(`__typename`, `[{"__typename":"Author"},{"__typename":"Book","id":"b1"},{"__typename":"Author"},{"__typename":"Book","id":"b2"}]`))
	if want := []string{"Author", "Book"}; !slices.Equal(*calls, want) {
		t.Errorf("calls %v, want %v", *calls, want)
	}
}

func TestEntitiesErrors(t *testing.T) {
	for _, test := range []struct{ name, representations, want string }{
		{"unknown type", `[{"__typename":"Dragon","id":"1"}]`, `representation 0: type \"Dragon\" is not an entity of this subgraph`},
		{"not resolvable", `[{"__typename":"Reader","id":"1"}]`, `type \"Reader\" is not an entity of this subgraph`},
		{"no typename", `[{"id":"1"}]`, `must have a __typename`},
		{"no object", `["Book"]`, `must be an object`},
		{"undecodable", `[{"__typename":"Book","id":{"a":1}}]`, `entities of type Book: representation`},
		{"resolver", `[{"__typename":"Film","id":"broken"}]`, `entities of type Film: no projector`},
	} {
		t.Run(test.name, func(t *testing.T) {
			schema, _ := library(t)
			status, body := post(t, schema, entitiesBody(`__typename`, test.representations))
			if status != http.StatusOK || !strings.Contains(body, test.want) || strings.Contains(body, `"_entities":[`) {
				t.Errorf("got %d %s, want %s", status, body, test.want)
			}
		})
	}
}
