package executor

import (
	"strings"
	"testing"
)

// TestHostileRoot: whatever a subgraph answers to a root fetch is an error of that fetch and nothing more; what another
// subgraph answered stays.
func TestHostileRoot(t *testing.T) {
	t.Parallel()
	const query = `{ me { id name } topProducts { name } }`
	ok := `products: {"data":{"topProducts":[{"name":"n"}]}}`
	for name, body := range map[string]string{
		"empty":             ``,
		"html":              `<html><body>502 Bad Gateway</body></html>`,
		"null":              `null`,
		"a list":            `[]`,
		"a string":          `"data"`,
		"truncated":         `{"data":{"me":{"id":"1","name":"A`,
		"truncated 2":       `{"data":{"me":{"id":"1"`,
		"truncated 3":       `{"data":{"me":{"id":"1","name":"A"}}`,
		"trailing data":     `{"data":{"me":{"id":"1","name":"A"}}} x`,
		"two values":        `{"data":{"me":{"id":"1","name":"A"}}}{}`,
		"data is a list":    `{"data":[]}`,
		"data is a string":  `{"data":"x"}`,
		"two data":          `{"data":{"me":{"id":"1","name":"A"}},"data":{"me":null}}`,
		"null, then data":   `{"data":null,"data":{"me":{"id":"1"}},"errors":[]}`,
		"errors is a text":  `{"data":{"me":{"id":"1"}},"errors":"x"}`,
		"bad escape":        `{"data":{"me":{"id":"1","name":"\x"}}}`,
		"bad unicode":       `{"data":{"me":{"id":"1","name":"\u12g4"}}}`,
		"control character": "{\"data\":{\"me\":{\"id\":\"1\",\"name\":\"a\nb\"}}}",
		"invalid UTF-8":     "{\"data\":{\"me\":{\"id\":\"1\",\"name\":\"a\xff\"}}}",
		"invalid UTF-8 key": "{\"data\":{\"me\":{\"id\":\"1\",\"\xff\":\"a\"}}}",
		"UTF-16":            "\xff\xfe{\x00}\x00",
		"NaN":               `{"data":{"me":{"id":NaN}}}`,
		"leading zero":      `{"data":{"me":{"id":01}}}`,
		"no colon":          `{"data" {}}`,
		"comma too many":    `{"data":{"me":{"id":"1",}}}`,
		"unquoted key":      `{"data":{"me":{id:"1"}}}`,
		"deep unknown":      `{"data":{"me":{"x":` + strings.Repeat("[", 100000),
		"deep unknown 2":    `{"data":{"me":{"x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}}}`,
		"deep top":          strings.Repeat(`{"data":`, 100000),
		"deep extension":    `{"extensions":` + strings.Repeat(`{"a":`, 100000),
		"NUL":               "\x00\x00\x00",
		"many lists":        `{"data":{"me":{"friends":` + strings.Repeat(`[`, 400) + strings.Repeat(`]`, 400) + `} }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, query, "", script("accounts: "+body, ok), Options{})
			same(t, got, `{"data":{"me":null,"topProducts":[{"name":"n"}]},"errors":[`+
				subgraphError(notGraphQL, `["me"]`, "SUBREQUEST_MALFORMED_RESPONSE", "accounts")+`]}`)
		})
	}
}

// TestHostileNeither: JSON objects that say nothing.
func TestHostileNeither(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"data":null}`, `{"data":null,"errors":[]}`, `{"errors":null}`, `{"message":"x"}`} {
		got := small().execute(t, `{ me { id } }`, "", script("accounts: "+body), Options{})
		same(t, got, `{"data":{"me":null},"errors":[`+
			subgraphError("gave an answer with neither data nor errors", `["me"]`, "SUBREQUEST_MALFORMED_RESPONSE", "accounts")+`]}`)
	}
}

// TestHostileEntities: the root's data stays, whatever is answered to the lookup.
func TestHostileEntities(t *testing.T) {
	t.Parallel()
	const (
		none     = "gave an answer without a list of entities"
		length   = "gave a list of entities of the wrong length"
		stranger = "gave a list of entities with something that is no entity"
	)
	for _, c := range []struct{ name, body, data, message string }{
		{"truncated in the second", `{"data":{"_entities":[{"reviews":[{"body":"x"}]},{"rev`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, notGraphQL},
		{"missing", `{"data":{}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, none},
		{"null", `{"data":{"_entities":null}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, none},
		{"an object", `{"data":{"_entities":{"0":{}}}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, stranger},
		{"too short", `{"data":{"_entities":[{"reviews":[]}]}}`, `[{"id":"1","reviews":[]},{"id":"2","reviews":null}]`, length},
		{"empty", `{"data":{"_entities":[]}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, length},
		{"too long", `{"data":{"_entities":[{"reviews":[]},{"reviews":[]},{"reviews":[]},null]}}`, `[{"id":"1","reviews":[]},{"id":"2","reviews":[]}]`, length},
		{"twice", `{"data":{"_entities":[{"reviews":[]},{"reviews":[]}],"_entities":[]}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":null}]`, notGraphQL},
		{"strangers", `{"data":{"_entities":[7,{"reviews":[]}]}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":[]}]`, stranger},
		{"lists", `{"data":{"_entities":[[],{"reviews":[]}]}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":[]}]`, stranger},
		{"one is null", `{"data":{"_entities":[null,{"reviews":[]}]}}`, `[{"id":"1","reviews":null},{"id":"2","reviews":[]}]`, ""},
		{"unknown members", `{"data":{"x":[1,{"y":"\u0000"}],"_entities":[{"reviews":[],"z":{}},{"z":[],"reviews":[]}]},"extensions":{"a":1}}`, `[{"id":"1","reviews":[]},{"id":"2","reviews":[]}]`, ""},
		{"escaped keys", `{"d\u0061ta":{"_\u0065ntities":[{"reviews":[]},{"revi\u0065ws":[]}]}}`, `[{"id":"1","reviews":[]},{"id":"2","reviews":[]}]`, ""},
		{"whitespace", " { \"data\" : { \"_entities\" : [ { \"reviews\" : [ ] } , { \"reviews\" : [ ] } ] } } \r\n\t", `[{"id":"1","reviews":[]},{"id":"2","reviews":[]}]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, `{ users { id reviews { body } } }`, "",
				script(`accounts: {"data":{"users":[{"id":"1"},{"id":"2"}]}}`, `reviews: `+c.body), Options{})
			want := `{"data":{"users":` + c.data + `}`
			if c.message != "" {
				want += `,"errors":[` + subgraphError(c.message, `["users"]`, "SUBREQUEST_MALFORMED_RESPONSE", "reviews") + `]`
			}
			same(t, got, want+"}")
		})
	}
}

// TestNothingPossible: where no type implements an interface there is nothing but null, whatever a subgraph says.
func TestNothingPossible(t *testing.T) {
	t.Parallel()
	g := loadGraph(t, "../internal/rulebook/testdata/guild/abstract-shapes.graphql")
	for _, c := range []struct{ query, answer, want string }{
		{`{ orphan { id __typename } }`, `a: {"data":{"orphan":null}}`, `{"data":{"orphan":null}}`},
		{`{ orphan { id ... on Only { name } } }`, `a: {"data":{"orphan":{"__typename":"Only"}}}`, `{"data":{"orphan":null}}`},
		{`{ orphan { id } }`, `a: {"data":{"orphan":{"id":"1"}}}`, `{"data":{"orphan":null},"errors":[{"message":"No subgraph gave the type of Query.orphan","path":["orphan"],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}]}`},
		{`{ orphan { id } }`, `a: {"data":{"orphan":7}}`, `{"data":{"orphan":null},"errors":[` + badError("Query.orphan", `["orphan"]`) + `]}`},
		{`{ orphans { id } }`, `a: {"data":{"orphans":[]}}`, `{"data":{"orphans":[]}}`},
		{`{ orphans { id } }`, `a: {"data":{"orphans":[{"__typename":"Only"}]}}`, `{"data":{"orphans":null},"errors":[` + nullError("Query.orphans", `["orphans",0]`) + `]}`},
		{`{ never { x } }`, `b: {"data":{"never":{"__typename":"Void"}}}`, `{"data":null,"errors":[{"message":"A subgraph gave an unknown type for Query.never","path":["never"],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}]}`},
		{`{ never { x } }`, `b: {"data":{"never":null}}`, `{"data":null,"errors":[` + nullError("Query.never", `["never"]`) + `]}`},
	} {
		same(t, g.execute(t, c.query, "", script(c.answer), Options{}), c.want)
	}
}

// TestKeys: objects whose key is not complete are not looked up, and the others keep their places.
func TestKeys(t *testing.T) {
	t.Parallel()
	const query = `{ users { name reviews { body } } }`
	a := script(`accounts: {"data":{"users":[{"name":"a","id":null},{"name":"b"},{"name":"c","id":"3"},{"name":"d","id":4}]}}`,
		`reviews: {"data":{"_entities":[{"reviews":[{"body":"x"}]},{"reviews":[{"body":"y"}]}]}}`)
	got := small().execute(t, query, "", a, Options{})
	same(t, got, `{"data":{"users":[{"name":"a","reviews":null},{"name":"b","reviews":null},{"name":"c","reviews":[{"body":"x"}]},{"name":"d","reviews":[{"body":"y"}]}]}}`)
	if body := a.sent["reviews"][0]; !strings.Contains(body, `"variables":{"representations":[{"__typename":"User","id":"3"},{"__typename":"User","id":"4"}]}}`) {
		t.Error(body)
	}
	a = script(`accounts: {"data":{"users":[{"name":"a","id":null},null]}}`)
	same(t, small().execute(t, query, "", a, Options{}), `{"data":{"users":[{"name":"a","reviews":null},null]}}`)
	if len(a.sent["reviews"]) > 0 {
		t.Error("a fetch without representations was sent")
	}
	a = script(`accounts: {"data":{"users":[{"name":"a","id":"1"},{"name":"b","id":[]}]}}`, `reviews: {"data":{"_entities":[{"reviews":[]}]}}`)
	same(t, small().execute(t, query, "", a, Options{}), `{"data":{"users":[{"name":"a","reviews":[]},{"name":"b","reviews":null}]},"errors":[`+
		subgraphError("An entity has an invalid key and cannot be looked up", `["users",1]`, "INVALID_VALUE_FOR_FIELD", "reviews")+`]}`)
}

func TestRepresentationLimit(t *testing.T) {
	t.Parallel()
	a := script(`accounts: {"data":{"users":[{"id":"1"},{"id":"2"},{"id":"2"},{"id":"3"}]}}`)
	got := small().execute(t, `{ users { reviews { body } } }`, "", a, Options{MaxRepresentations: 2})
	same(t, got, `{"data":{"users":[{"reviews":null},{"reviews":null},{"reviews":null},{"reviews":null}]},"errors":[`+
		subgraphError("More than 2 entities would have to be looked up at once", `["users"]`, "REPRESENTATION_LIMIT_EXCEEDED", "reviews")+`]}`)
}

func TestUneven(t *testing.T) {
	t.Parallel()
	for _, n := range []string{`{"p":"x"}`, `{"p":"x"},{"p":"y"},{"p":"z"}`} {
		got := small().execute(t, `{ configs { __typename a p } }`, "",
			script(`accounts: {"data":{"configs":[{"a":"1"},{"a":"2"}]}}`, `products: {"data":{"configs":[`+n+`]}}`), Options{})
		if !strings.Contains(got, `"message":"Subgraphs disagree about the length of Query.configs","path":["configs"],"extensions":{"code":"SUBREQUEST_MALFORMED_RESPONSE"}`) ||
			!strings.Contains(got, `"p":"x"`) {
			t.Error(got)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	answer := func(body string) *answers { return script(`products: {"data":{"media":[` + body + `]}}`) }
	const query = `{ media { id ... on Book { pages } } }`
	same(t, small().execute(t, query, "", answer(`{"__typename":"Book","id":"1","pages":1},{"__typename":"User","id":"2"},{"__typename":"Draft","id":"3"}`), Options{}),
		`{"data":{"media":[{"id":"1","pages":1},null,null]}}`)
	same(t, small().execute(t, query, "", answer(`{"__typename":"Nothing","id":"1"},{"id":"2"},{"__typename":7,"id":"3"}`), Options{}),
		`{"data":{"media":[null,null,null]},"errors":[`+
			`{"message":"A subgraph gave an unknown type for Query.media","path":["media",0],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}},`+
			`{"message":"No subgraph gave the type of Query.media","path":["media",1],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}},`+
			`{"message":"No subgraph gave the type of Query.media","path":["media",2],"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}]}`)
	same(t, small().execute(t, `{ hit { ... on Book { pages } } }`, "", script(`products: {"data":{"hit":{"__typename":"Draft"}}}`), Options{}),
		`{"data":null,"errors":[`+nullError("Query.hit", `["hit"]`)+`]}`)
}

const tooManyValuesGiven = "gave an answer with too many values"

func TestLimits(t *testing.T) {
	t.Parallel()
	many := `accounts: {"data":{"users":[` + strings.Repeat(`{},`, 1000) + `{}]}}`
	got := small().execute(t, `{ users { id name } }`, "", script(many), Options{MaxValues: 2000})
	same(t, got, `{"data":{"users":null},"errors":[`+subgraphError(tooManyValuesGiven, `["users"]`, "SUBREQUEST_MALFORMED_RESPONSE", "accounts")+`]}`)
	ints := `accounts: {"data":{"leaves":{"ints":[` + strings.Repeat(`1,`, 1000) + `1]}}}`
	got = small().execute(t, `{ leaves { ints } }`, "", script(ints), Options{MaxValues: 900})
	same(t, got, `{"data":{"leaves":null},"errors":[`+subgraphError(tooManyValuesGiven, `["leaves"]`, "SUBREQUEST_MALFORMED_RESPONSE", "accounts")+`]}`)
	got = small().execute(t, `{ users { name } }`, "", script(`accounts: {"data":{"users":[`+strings.Repeat(`{"name":"aaaaaaaaaaaaaaaaaaaaaaaaa"},`, 100)+`null]}}`), Options{MaxResponse: 1000})
	same(t, got, `{"data":null,"errors":[{"message":"The response has more than 1000 bytes","extensions":{"code":"RESPONSE_TOO_LARGE"}}]}`)
}
