package claims_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":                 ``,
		"null":                    `null`,
		"array":                   `[]`,
		"string":                  `"a"`,
		"open":                    `{`,
		"no name":                 `{1:2}`,
		"no colon":                `{"a" 1}`,
		"no value":                `{"a":}`,
		"trailing comma":          `{"a":1,}`,
		"trailing comma in array": `{"a":[1,]}`,
		"no comma":                `{"a":1 "b":2}`,
		"mismatch":                `{"a":[1}`,
		"two objects":             `{}{}`,
		"NUL":                     "{}\x00",
		"byte order mark":         "\ufeff{}",
		"comment":                 `{}//`,
		"duplicate":               `{"a":1,"a":1}`,
		"duplicate by case":       `{"exp":1,"EXP":1}`,
		"duplicate by escape":     `{"a":1,"\u0061":1}`,
		"duplicate by folding":    `{"sub":1,"` + "\u017fub" + `":1}`,
		"duplicate below":         `{"a":{"b":[{"c":1,"C":2}]}}`,
		"duplicate among many":    `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"` + "\u212a" + `":1}`,
		"leading zero":            `{"a":01}`,
		"plus":                    `{"a":+1}`,
		"dot":                     `{"a":1.}`,
		"bare dot":                `{"a":.1}`,
		"exponent":                `{"a":1e}`,
		"minus":                   `{"a":-}`,
		"NaN":                     `{"a":NaN}`,
		"hex":                     `{"a":0x1}`,
		"half a word":             `{"a":tru}`,
		"control character":       "{\"a\":\"\n\"}",
		"after an escape":         "{\"a\":\"\\n\n\"}",
		"no UTF-8":                "{\"a\":\"\xff\"}",
		"surrogate in UTF-8":      "{\"a\":\"\xed\xa0\x80\"}",
		"unknown escape":          `{"a":"\x"}`,
		"short escape":            `{"a":"\u12"}`,
		"no hex":                  `{"a":"\u12g4"}`,
		"lone high surrogate":     `{"a":"\ud800"}`,
		"lone low surrogate":      `{"a":"\udc00"}`,
		"two high surrogates":     `{"a":"\ud800\ud800"}`,
		"open string":             `{"a":"`,
		"open escape":             `{"a":"\`,
		"single quotes":           `{'a':1}`,
		"too deep":                `{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`,
		"too many":                `{"a":[` + strings.Repeat("0,", 5000) + `0]}`,
	} {
		v, err := claims.Parse([]byte(text))
		if !errors.Is(err, claims.ErrMalformed) {
			t.Errorf("%s: %s is accepted: %v", name, text, err)
		}
		if v.Exists() {
			t.Errorf("%s: something of a text that was refused is left", name)
		}
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	v := parse(t, ` { "s" : "aü\u00e4\ud834\udd1e\/" , "n": -1.5e+3, "l": ["a", "b"], "m": ["a", 1], "o": {"x": null}, "e": [], "t": true } `)
	if text, ok := v.Member("s").Text(); !ok || text != "aüä𝄞/" {
		t.Errorf("got %q, %t", text, ok)
	}
	if got := string(v.Member("n").Raw()); got != "-1.5e+3" || !v.Member("n").IsNumber() {
		t.Errorf("got %s", got)
	}
	if got := string(v.Member("o").Raw()); got != `{"x": null}` || !v.Member("o").IsObject() {
		t.Errorf("got %s", got)
	}
	if !v.Member("o").Member("x").Exists() || v.Member("o").Member("y").Exists() || v.Member("y").Member("x").Exists() {
		t.Error("null is there, and what is not there is not")
	}
	for name, want := range map[string][]string{"l": {"a", "b"}, "s": {"aüä𝄞/"}, "e": {}} {
		if got, ok := v.Member(name).Strings(); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %t", name, got, ok)
		}
	}
	for _, name := range []string{"m", "n", "o", "t", "absent"} {
		if got, ok := v.Member(name).Strings(); ok || got != nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
	var names []string
	for name, member := range v.Members() {
		if member != v.Member(name) {
			t.Errorf("%s differs", name)
		}
		names = append(names, name)
	}
	if want := []string{"s", "n", "l", "m", "o", "e", "t"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	for i, element := range v.Member("l").Elements() {
		if text, _ := element.Text(); text != string(rune('a'+i)) {
			t.Errorf("element %d is %q", i, text)
		}
	}
	for range (claims.Value{}).Elements() {
		t.Error("what is not there has an element")
	}
	for range v.Member("l").Members() {
		t.Error("an array has a member")
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	v := parse(t, `{"sub":"s","a.b":"dotted","$x":"dollar","https://x/y":"url","realm_access":{"roles":["r0","r1"]},"":"empty",
		"a":[["x",{"k-1":"deep"}]],"it's":"quote","n":null,"ö":"umlaut"}`)
	for path, want := range map[string]string{
		"sub":                      `"s"`,
		"a.b":                      `"dotted"`,
		"https://x/y":              `"url"`,
		"$.sub":                    `"s"`,
		`$["a.b"]`:                 `"dotted"`,
		`$['a.b']`:                 `"dotted"`,
		`$["$x"]`:                  `"dollar"`,
		`$["https://x/y"]`:         `"url"`,
		`$["https:\/\/x\u002fy"]`:  `"url"`,
		`$["it's"]`:                `"quote"`,
		`$[""]`:                    `"empty"`,
		"$.realm_access.roles":     `["r0","r1"]`,
		"$.realm_access.roles[1]":  `"r1"`,
		"$.realm_access.roles[2]":  "",
		"$.realm_access[0]":        "",
		"$.realm_access.roles.x":   "",
		"$.a[0][1].k-1":            `"deep"`,
		`$.a[0][1]["k-1"]`:         `"deep"`,
		"$.sub.x":                  "",
		"$.n":                      "null",
		"$.ö":                      `"umlaut"`,
		"realm_access.roles":       "",
		"Sub":                      "",
		"$.realm_access['roles']":  `["r0","r1"]`,
		"$['realm_access'].roles":  `["r0","r1"]`,
		`$["realm_access"].roles`:  `["r0","r1"]`,
		`$.realm_access["roles"]`:  `["r0","r1"]`,
		`$["realm_access"]["\""]`:  "",
		"$.a[0][0]":                `"x"`,
		"$.realm_access.roles[99]": "",
	} {
		p, err := claims.ParsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := p.In(v)
		if string(got.Raw()) != want || got.Exists() != (want != "") {
			t.Errorf("%s: got %s, want %s", path, got.Raw(), want)
		}
		if p.String() != path {
			t.Errorf("%s became %s", path, p)
		}
	}
	if (claims.Path{}).In(v).Exists() {
		t.Error("the zero path finds something")
	}
}

func TestPathTakesNoMemory(t *testing.T) {
	v := parse(t, `{"b":1,"a":[{"c":"x"}]}`)
	p, err := claims.ParsePath("$.a[0].c")
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { p.In(v) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPathRefuses(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "$", "$.", "$..a", "$.a.", "$a", "$.*", "$[*]", "$[]", "$[-1]", "$[01]", "$[1", "$[a]", "$[99999]", "$[99999999999999999999]",
		`$["a"`, `$["a]`, `$["a\"]`, `$["\q"]`, `$['a\'b']`, `$['a'b']`, "$['a", "$.a b", "$.a,b", "$(a)", "\xff", `$["` + "\xff" + `"]`,
		"$" + strings.Repeat("[0]", 33), `$["a"x]`, "$[+1]", "$[1_0]",
	} {
		if p, err := claims.ParsePath(path); err == nil {
			t.Errorf("%q is accepted: %v", path, p)
		}
	}
}

func parse(t *testing.T, text string) claims.Value {
	t.Helper()
	v, err := claims.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// FuzzParse compares with the decoder of the standard library, which accepts more: what we accept, it reads as we do.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":[1,-0.5e-7,"\u00e4\ud834\udd1e",{"b":null,"c":true,"d":false}]}`, `{"a":1,"A":2}`, "{\"ä\":\"\u2028\"}", `{"":{"":[[]]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := claims.Parse([]byte(text))
		if err != nil {
			return
		}
		var want map[string]any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := toAny(v); !reflect.DeepEqual(got, any(want)) {
			t.Fatalf("%q: got %v, want %v", text, got, want)
		}
	})
}

// toAny turns a value into what encoding/json makes of it, member by member.
func toAny(v claims.Value) any {
	if text, ok := v.Text(); ok {
		return text
	}
	switch {
	case v.IsNumber():
		return json.Number(v.Raw())
	case v.IsArray():
		list := []any{}
		for _, element := range v.Elements() {
			list = append(list, toAny(element))
		}
		return list
	case v.IsObject():
		object := map[string]any{}
		for name, member := range v.Members() {
			object[name] = toAny(member)
		}
		return object
	}
	return map[string]any{"true": true, "false": false, "null": nil}[string(v.Raw())]
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"sub", "$.a.b[0]", `$["a\"b"]['c']`, "$", "$.ä", "$[0", `$["`} {
		f.Add(s)
	}
	v, err := claims.Parse([]byte(`{"a":{"b":[{"c":1}]},"":{},"sub":"x"}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := claims.ParsePath(text)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Fatalf("the error repeats the text: %q", err)
			}
			return
		}
		if p.String() != text {
			t.Fatalf("%q became %q", text, p)
		}
		if found := p.In(v); found.Exists() != (found.Raw() != nil) {
			t.Fatalf("%q: there, and not there", text)
		}
	})
}
