package gateway

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScanParams(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, maxNesting) + strings.Repeat(`]`, maxNesting)
	for name, tc := range map[string]struct{ body, want string }{
		"query alone":        {`{"query":"{a}"}`, `{a} | | |`},
		"all":                {` {"query" : "{a}", "operationName":"A","variables": {"a":[1,{}]} ,"extensions":{} } `, `{a} | A | {"a":[1,{}]} | {}`},
		"nulls":              {`{"query":"{a}","operationName":null,"variables":null,"extensions":null}`, `{a} | | |`},
		"escapes":            {`{"query":"{\n\ta(s:\"\u00fc\\\/\ud83d\ude00\b\f\r\")}"}`, "{\n\ta(s:\"ü\\/😀\b\f\r\")} | | |"},
		"lone surrogates":    {`{"query":"\ud800\ud800\u0041\udc00"}`, "\uFFFD\uFFFDA\uFFFD | | |"},
		"escaped names":      {`{"qu\u0065ry":"{a}"}`, `{a} | | |`},
		"other members":      {`{"id":1,"query":"{a}","x":[true,false,null,-1.5e+3,0,"\""],"id":2,"QUERY":3}`, `{a} | | |`},
		"empty query":        {`{"query":""}`, ` | | |`},
		"deep":               {`{"query":"","x":` + deep + `}`, ` | | |`},
		"too deep":           {`{"query":"","x":[` + deep + `]}`, `error: The request body is nested more than 512 levels deep`},
		"much too deep":      {`{"query":"","variables":{"a":` + strings.Repeat(`{"a":[`, 10_000), `error: The request body is nested more than 512 levels deep`},
		"empty":              {` `, `error: The request body is empty`},
		"batch":              {`[{"query":"{a}"}]`, `error: Batches of operations are not supported`},
		"string":             {`"{a}"`, `error: The request body must be a JSON object`},
		"BOM":                {"\uFEFF{}", `error: The request body must be a JSON object`},
		"no query":           {`{"Query":"{a}"}`, `error: The request has no "query"`},
		"null query":         {`{"query":null}`, `error: "query" must be a string`},
		"number":             {`{"query":1}`, `error: "query" must be a string`},
		"operationName":      {`{"query":"{a}","operationName":{}}`, `error: "operationName" must be a string`},
		"variables, list":    {`{"query":"{a}","variables":[]}`, `error: "variables" must be an object`},
		"variables, string":  {`{"query":"{a}","variables":"{}"}`, `error: "variables" must be an object`},
		"extensions":         {`{"query":"{a}","extensions":1}`, `error: "extensions" must be an object`},
		"twice":              {`{"query":"{a}","query":"{b}"}`, `error: The request has "query" twice`},
		"twice, escaped":     {`{"variables":null,"query":"{a}","\u0076ariables":{}}`, `error: The request has "variables" twice`},
		"cut":                {`{"query":"{a}"`, `error: The request body is not valid JSON: expected ',' or the closing bracket at byte 15`},
		"cut in a string":    {`{"query":"{a}`, `error: The request body is not valid JSON: unterminated string at byte 14`},
		"cut in an escape":   {`{"query":"\u00`, `error: The request body is not valid JSON: invalid escape in a string at byte 11`},
		"trailing comma":     {`{"query":"{a}",}`, `error: The request body is not valid JSON: expected the name of a member at byte 16`},
		"trailing data":      {`{"query":"{a}"} {}`, `error: The request body is not valid JSON: unexpected text after the value at byte 17`},
		"NUL behind":         {`{"query":"{a}"}` + "\x00", `error: The request body is not valid JSON: unexpected text after the value at byte 16`},
		"single quotes":      {`{'query':'{a}'}`, `error: The request body is not valid JSON: expected the name of a member at byte 2`},
		"control character":  {"{\"query\":\"{\n}\"}", `error: The request body is not valid JSON: control character in a string at byte 12`},
		"bad escape":         {`{"query":"\x"}`, `error: The request body is not valid JSON: invalid escape in a string at byte 11`},
		"bad number":         {`{"query":"","x":01}`, `error: The request body is not valid JSON: expected ',' or the closing bracket at byte 18`},
		"bad word":           {`{"query":"","x":nul}`, `error: The request body is not valid JSON: invalid value at byte 17`},
		"mismatched bracket": {`{"query":"","x":[1}}`, `error: The request body is not valid JSON: expected ',' or the closing bracket at byte 19`},
		"not UTF-8":          {"{\"query\":\"\xff\"}", `error: The request body is not UTF-8`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, err := scanParams([]byte(tc.body), nil)
			got := strings.Join([]string{string(p.query), string(p.operationName), string(p.variables), string(p.extensions)}, " | ")
			if err != nil {
				got = strings.Replace(err.Error(), "BAD_REQUEST", "error", 1)
			}
			if squeeze(got) != squeeze(tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// squeeze removes spaces, which say nothing here.
func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

// TestScanParamsAllocates: the hot path does not allocate.
func TestScanParamsAllocates(t *testing.T) {
	body := []byte(`{"query":"query A {\n a(b: \"c\") }","operationName":"A","variables":{"a":[1,2,{"b":"c\n"}]}}`)
	scratch := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { _, scratch, _ = scanParams(body, scratch) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzRequest: what is accepted is JSON, and encoding/json finds the same in it.
func FuzzRequest(f *testing.F) {
	for _, body := range []string{
		`{"query":"{a}"}`, `{"query":"\ud83d\ude00\n","variables":{"a":1.5e-3},"operationName":"A","extensions":null}`,
		`{"query":"","x":[[],{},"",true,null,-0]}`, `[]`, `{"query":"\ud800"}`, `{"query":"","query":""}`, `{"qu\u0065ry":""}`, "{\"query\":\"\xff\"}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		p, _, err := scanParams(body, nil)
		if !bytes.Equal(body, original) {
			t.Fatal("the body was changed")
		}
		members, valid := oracle(body)
		if err != nil {
			return // what is refused although it is JSON stands in the table above
		}
		if !valid {
			t.Fatalf("%q was accepted and is no JSON object", body)
		}
		var query, name string
		_ = json.Unmarshal(members["query"], &query)
		_ = json.Unmarshal(members["operationName"], &name)
		if string(p.query) != query || string(p.operationName) != name {
			t.Fatalf("%q: got %q and %q, want %q and %q", body, p.query, p.operationName, query, name)
		}
		for member, got := range map[string][]byte{"variables": p.variables, "extensions": p.extensions} {
			if want := members[member]; string(want) != "null" && !bytes.Equal(got, want) || got != nil && !json.Valid(got) {
				t.Fatalf("%q: %s are %q, want %q", body, member, got, want)
			}
		}
	})
}

// oracle reads an object with encoding/json, its names exactly.
func oracle(body []byte) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(body, &members)
	return members, err == nil && members != nil && utf8.Valid(body)
}

func BenchmarkScanParams(b *testing.B) {
	body := []byte(`{"query":"query A($id: ID!) {\n  user(id: $id) {\n    name\n    reviews { body }\n  }\n}","operationName":"A","variables":{"id":"1"}}`)
	scratch := make([]byte, 0, 1024)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, scratch, _ = scanParams(body, scratch)
	}
}
