package executor

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// seeds are JSON and what almost is.
var seeds = []string{
	``, ` `, `null`, `nul`, `nulll`, `true`, `truefalse`, `"`, `""`, `"\"`, `"\\"`, `"\u00e9"`, `"\u00g9"`, `"\u00`, "\"\x1f\"", "\"\x7f\"", "\"\xff\"",
	"\"\xed\xa0\x80\"", `"ü€😀"`, `"12345678"`, `"1234567\n"`, `"123456\\8"`, `"\ud83d\ude00"`, `"\ud83d"`,
	`"\b\f\n\r\t\/\"x"`, `"\ud83dxxxxxx"`, `"\ud83d\nxxxx"`, `"\ud83d\u00e9"`, `"\ud83d\ude0`, `"\u0000\u007f"`,
	`0`, `-0`, `-`, `01`, `1.`, `.1`, `1.5`, `1e`, `1e5`, `1E+05`, `1e-`, `--1`, `+1`, `1 2`,
	`[]`, `[`, `]`, `[,]`, `[1,]`, `[1 2]`, `[[[]]]`, `[]]`, `{}`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":{"b":[1,{"c":null}]}}`,
	"\t{\r\n}\x00", "\ufeff{}", `{"a":1}{}`, "\u00a0",
	`{"data":{"leaves":{"__typename":"Leaves","int":1,"float":1.5,"string":"s","boolean":true,"id":7,"role":"ADMIN","json":{"a":[]},"ints":[1,null],"matrix":[[1]]}}}`,
	`{"data":{"users":[{"id":"1","name":"a"},null,{"id":2}],"leaves":null},"errors":[{"message":"m","path":["users",1],"extensions":{"code":"C"}}]}`,
	`{"errors":[{"message":"\ud800\u0041"}],"data":{"users":[]}}`,
	`{"data":{"_entities":[{"reviews":[{"body":"x","author":{"id":"1"}}],"score":1},null]}}`,
	`{"data":{"_entities":[{"score":null},{"score":1},{}]},"errors":[{"path":["_entities",0,"score"]},{"path":["_entities",9]}]}`,
	`{"data":{"media":[{"__typename":"Book","title":"t","pages":1},{"__typename":"Draft"},{"__typename":"\u0042ook"},{"__typename":1},{"title":""}]}}`,
}

const fuzzDepth = 50

// FuzzDecode answers a root fetch and an entity fetch with any bytes. The response must be JSON and, unless both answers
// are, say that one was malformed.
func FuzzDecode(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s), []byte(seeds[(i*7+3)%len(seeds)]))
		f.Add([]byte(`{"data":{"users":[{"id":"1","name":"a"},{"id":"2"}],"leaves":{}}}`), []byte(s))
	}
	plan := small().plan(f, `{ users { name score reviews { body author { name } } friends { name score } }
		leaves { int float string boolean id role json ints matrix } media { title ... on Book { pages } } }`)
	f.Fuzz(func(t *testing.T, root, rest []byte) {
		e := New(small().schema, upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
			if !json.Valid(append(append([]byte(nil), r.Body...), '}')) {
				t.Errorf("the request is not JSON: %s", r.Body)
			}
			body := rest
			if !strings.Contains(string(r.Body), "representations") {
				body = root
			}
			return &upstream.Response{Status: 200, Body: body, Release: func() {}}, nil
		}), Options{MaxDepth: fuzzDepth, MaxValues: 10000})
		program, err := e.Compile(plan)
		if err != nil {
			t.Fatal(err)
		}
		result := e.Execute(context.Background(), program, &Request{})
		defer result.Release()
		text := result.AppendJSON(nil)
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("the response is not JSON: %q", text)
		}
		if (!json.Valid(root) || !utf8.Valid(root)) && !strings.Contains(string(text), `"SUBREQUEST_MALFORMED_RESPONSE"`) {
			t.Fatalf("%q passed as JSON: %s", root, text)
		}
	})
}
