package operation

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// coerceCases: the type of $v, the variables, and the value, or what is said when it starts with "!".
var coerceCases = []struct{ typ, variables, want string }{
	// Absent, null, default.
	{"Int", ``, "<nil>"},
	{"Int", `null`, "<nil>"},
	{"Int", `{}`, "<nil>"},
	{"Int", ` { } `, "<nil>"},
	{"Int", `{"v": null}`, "null"},
	{"Int = 5", `{}`, "5"},
	{"Int = 5", `{"v": null}`, "null"},
	{"Int! = 5", `{}`, "5"},
	{"Int! = 5", `{"v": null}`, `!Variable "$v" got an invalid value: expected a value of type "Int!", found null.`},
	{"Int!", `{}`, `!Variable "$v" of required type "Int!" was not provided.`},
	{"Int", `{"unknown": [1, {"a": "b"}], "v": 1}`, "1"},
	{"[Int!] = 3", `{}`, "[3]"},
	{"PetInput = {kind: DOWN, name: \"a\", tags: \"t\", any: {x: Y}}", `{}`, `{"name":"a","kind":"DOWN","tags":["t"],"any":{"x":"Y"}}`},
	{"ID = 4", `{}`, `"4"`},
	{"Float = 1e3", `{}`, `1e3`},
	{"String = \"\"\"\n  a\n    b\n\"\"\"", `{}`, `"a\n  b"`},
	// Int.
	{"Int", `{"v": 0}`, "0"},
	{"Int", `{"v":-1}`, "-1"},
	{"Int", `{"v": 2147483647}`, "2147483647"},
	{"Int", `{"v": -2147483648}`, "-2147483648"},
	{"Int", `{"v": 5.0}`, "5"},
	{"Int", `{"v": 1e3}`, "1000"},
	{"Int", `{"v": -0}`, "0"},
	{"Int", `{"v": 2147483648}`, `!Variable "$v" got an invalid value: Int cannot represent a non 32-bit signed integer value, found 2147483648.`},
	{"Int", `{"v": -2147483649}`, `!Variable "$v" got an invalid value: Int cannot represent a non 32-bit signed integer value, found -2147483649.`},
	{"Int", `{"v": 1e400}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found 1e400.`},
	{"Int", `{"v": 1.5}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found 1.5.`},
	{"Int", `{"v": "1"}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found "1".`},
	{"Int", `{"v": true}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found true.`},
	{"Int", `{"v": [1]}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found [1].`},
	{"Int", `{"v": -0}`, "0"},
	{"Int", `{"v": 1e2}`, "100"},
	{"Int", `{"v": 1e-1}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found 1e-1.`},
	{"Int", `{"v": 9007199254740993}`, `!Variable "$v" got an invalid value: Int cannot represent a non 32-bit signed integer value, found 9007199254740993.`},
	{"Int", `{"v": 1e400}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found 1e400.`},
	{"Int", `{"v": ""}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found "".`},
	{"Int", `{"v": {}}`, `!Variable "$v" got an invalid value: Int cannot represent a non-integer value, found {}.`},
	// Float.
	{"Float", `{"v": 9007199254740993}`, "9007199254740993"},
	{"Float", `{"v": false}`, `!Variable "$v" got an invalid value: Float cannot represent a non numeric value, found false.`},
	{"Float", `{"v": [1.5]}`, `!Variable "$v" got an invalid value: Float cannot represent a non numeric value, found [1.5].`},
	{"Float", `{"v": 1e-999}`, "1e-999"},
	{"Float", `{"v": 1}`, "1"},
	{"Float", `{"v": 0.1234567890123456789}`, "0.1234567890123456789"},
	{"Float", `{"v": 1E-7}`, "1E-7"},
	{"Float", `{"v": 1e999}`, `!Variable "$v" got an invalid value: Float cannot represent a number that is not finite, found 1e999.`},
	{"Float", `{"v": "1"}`, `!Variable "$v" got an invalid value: Float cannot represent a non numeric value, found "1".`},
	// String, Boolean, ID.
	{"String", `{"v": "a\u00e9\"\\\n"}`, `"a\u00e9\"\\\n"`},
	{"String", `{"v": "😀é"}`, `"😀é"`},
	{"String", `{"v": 1}`, `!Variable "$v" got an invalid value: String cannot represent a non string value, found 1.`},
	{"Boolean", `{"v": true}`, "true"},
	{"Boolean", `{"v": "true"}`, `!Variable "$v" got an invalid value: Boolean cannot represent a non boolean value, found "true".`},
	{"Boolean", `{"v": 0}`, `!Variable "$v" got an invalid value: Boolean cannot represent a non boolean value, found 0.`},
	{"ID", `{"v": "a"}`, `"a"`},
	{"ID", `{"v": 12345678901234567890}`, `"12345678901234567890"`},
	{"ID", `{"v": 1.0}`, `!Variable "$v" got an invalid value: ID cannot represent a non-string and non-integer value, found 1.0.`},
	{"ID", `{"v": false}`, `!Variable "$v" got an invalid value: ID cannot represent a non-string and non-integer value, found false.`},
	{"String", `{"v": ["a"]}`, `!Variable "$v" got an invalid value: String cannot represent a non string value, found ["a"].`},
	{"String", `{"v": true}`, `!Variable "$v" got an invalid value: String cannot represent a non string value, found true.`},
	{"Boolean", `{"v": 1.0}`, `!Variable "$v" got an invalid value: Boolean cannot represent a non boolean value, found 1.0.`},
	{"ID", `{"v": -5}`, `"-5"`},
	{"ID", `{"v": ""}`, `""`},
	{"ID", `{"v": 1e2}`, `!Variable "$v" got an invalid value: ID cannot represent a non-string and non-integer value, found 1e2.`},
	{"ID", `{"v": {"id": 1}}`, `!Variable "$v" got an invalid value: ID cannot represent a non-string and non-integer value, found {"id": 1}.`},
	// Enums.
	{"Command", `{"v": "SIT"}`, `"SIT"`},
	{"Command", `{"v": "\u0053IT"}`, `"SIT"`},
	{"Command", `{"v": "JUGGLE"}`, `!Variable "$v" got an invalid value: value "JUGGLE" does not exist in the enum "Command".`},
	{"Command", `{"v": "ATTACK"}`, `!Variable "$v" got an invalid value: value "ATTACK" does not exist in the enum "Command".`},
	{"Command", `{"v": 1}`, `!Variable "$v" got an invalid value: expected a value of the enum "Command", found 1.`},
	// Lists (the table of section 3.11).
	{"[Int]", `{"v": [1, 2, 3]}`, "[1,2,3]"},
	{"[Int]", `{"v": [1, "b", true]}`, `!Variable "$v" got an invalid value at "v[1]": Int cannot represent a non-integer value, found "b".` + "\n" +
		`Variable "$v" got an invalid value at "v[2]": Int cannot represent a non-integer value, found true.`},
	{"[Int]", `{"v": 1}`, "[1]"},
	{"[Int]", `{"v": null}`, "null"},
	{"[Int]", `{"v": [null]}`, "[null]"},
	{"[Int]", `{"v": []}`, "[]"},
	{"[[Int]]", `{"v": [[1], [2, 3]]}`, "[[1],[2,3]]"},
	{"[[Int]]", `{"v": [1, 2, 3]}`, "[[1],[2],[3]]"},
	{"[[Int]]", `{"v": [1, null, [2]]}`, "[[1],null,[2]]"},
	{"[[Int]]", `{"v": 1}`, "[[1]]"},
	{"[Int!]!", `{"v": [1, null]}`, `!Variable "$v" got an invalid value at "v[1]": expected a value of type "Int!", found null.`},
	// Input objects.
	{"PetInput", `{"v": {"name": "a"}}`, `{"name":"a"}`},
	{"PetInput", `{"v": { "kind" : "DOWN" , "name" : "a" , "age" : 2.0 , "parent" : { "name" : "b", "tags": "t" } } }`, `{"kind":"DOWN","name":"a","age":2,"parent":{"name":"b","tags":["t"]}}`},
	{"PetInput", `{"v": {"n\u0061me": "a"}}`, `{"name":"a"}`},
	{"PetInput", `{"v": {"name": "a", "any": { "x" : [ 1 , 2.50, "\u00e9" ] } }}`, `{"name":"a","any":{"x":[1,2.50,"\u00e9"]}}`},
	{"PetInput", `{"v": {"name": "a", "kind": null, "parent": null}}`, `{"name":"a","kind":null,"parent":null}`},
	{"PetInput", `{"v": {}}`, `!Variable "$v" got an invalid value: field "name" of required type "String!" was not provided.`},
	{"PetInput", `{"v": {"name": null}}`, `!Variable "$v" got an invalid value at "v.name": expected a value of type "String!", found null.`},
	{"PetInput", `{"v": {"name": "a", "age": null}}`, `!Variable "$v" got an invalid value at "v.age": expected a value of type "Int!", found null.`},
	{"PetInput", `{"v": {"name": "a", "nope": 1}}`, `!Variable "$v" got an invalid value: field "nope" is not defined by type "PetInput".`},
	{"PetInput", `{"v": {"nope": 1, "name": "a", "internal": 1}}`, `!Variable "$v" got an invalid value: field "nope" is not defined by type "PetInput".` + "\n" +
		`Variable "$v" got an invalid value: field "internal" is not defined by type "PetInput".`},
	{"PetInput", `{"v": {"name": "a", "name": "b"}}`, `!Variable "$v" got an invalid value: field "name" is given twice.`},
	{"PetInput", `{"v": {"parent": {"parent": {"tags": [1]}}, "name": "a"}}`, `!Variable "$v" got an invalid value at "v.parent.parent.tags[0]": String cannot represent a non string value, found 1.` + "\n" +
		`Variable "$v" got an invalid value at "v.parent.parent": field "name" of required type "String!" was not provided.` + "\n" +
		`Variable "$v" got an invalid value at "v.parent": field "name" of required type "String!" was not provided.`},
	{"PetInput", `{"v": "a"}`, `!Variable "$v" got an invalid value: expected an object of type "PetInput", found "a".`},
	{"PetInput", `{"v": [{}]}`, `!Variable "$v" got an invalid value: expected an object of type "PetInput", found [{}].`},
	// @oneOf.
	{"Choice", `{"v": {"name": "a"}}`, `{"name":"a"}`},
	{"Choice", `{"v": {"list": 1}}`, `{"list":[1]}`},
	{"Choice", `{"v": {}}`, `!Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": {"name": "a", "id": null}}`, `!Variable "$v" got an invalid value at "v.id": it must not be null in the @oneOf type "Choice".` + "\n" +
		`Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": {"name": null}}`, `!Variable "$v" got an invalid value at "v.name": it must not be null in the @oneOf type "Choice".`},
	// The table of section 3.10.1.
	{"Choice", `{"v": {"name": "abc", "id": 123}}`, `!Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": {"name": null, "id": 123}}`, `!Variable "$v" got an invalid value at "v.name": it must not be null in the @oneOf type "Choice".` + "\n" +
		`Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": {"id": 123}}`, `{"id":"123"}`},
	{"Choice", `{"v": "abc"}`, `!Variable "$v" got an invalid value: expected an object of type "Choice", found "abc".`},
	{"Choice", `{"v": {"id": 1.5}}`, `!Variable "$v" got an invalid value at "v.id": ID cannot represent a non-string and non-integer value, found 1.5.`},
	{"Choice", `{"v": {"name": "a", "c": "d"}}`, `!Variable "$v" got an invalid value: field "c" is not defined by type "Choice".` + "\n" +
		`Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": {"name": "a", "name": "b"}}`, `!Variable "$v" got an invalid value: field "name" is given twice.` + "\n" +
		`Variable "$v" got an invalid value: exactly one field must be given for the @oneOf type "Choice".`},
	{"Choice", `{"v": null}`, "null"},
	{"Choice!", `{}`, `!Variable "$v" of required type "Choice!" was not provided.`},
	{"[Choice!]", `{"v": {"list": [1, 2]}}`, `[{"list":[1,2]}]`},
	{"PetInput", `{"v": {"name": "a", "choice": {"id": 1, "list": 2}}}`, `!Variable "$v" got an invalid value at "v.choice": exactly one field must be given for the @oneOf type "Choice".`},
	{"PetInput", `{"v": {"name": "a", "choice": null}}`, `{"name":"a","choice":null}`},
	{`Choice = {id: 5}`, `{}`, `{"id":"5"}`},
	// Defaults are coerced as literals are.
	{"[Int] = 1", `{}`, "[1]"},
	{"[[Int]] = [1, [2], null]", `{}`, "[[1],[2],null]"},
	{"ID = 12345678901234567890", `{}`, `"12345678901234567890"`},
	{"Command = DOWN", `{}`, `"DOWN"`},
	{`PetInput = {tags: "t", name: "a"}`, `{}`, `{"name":"a","tags":["t"]}`},
	{`Any = {a: [1.50, E, {b: null}]}`, `{}`, `{"a":[1.50,"E",{"b":null}]}`},
	{"Float = 3", `{}`, "3"},
	{"Int = null", `{}`, "null"},
	// Lists in input objects.
	{"Deep", `{"v": {"ids": 1}}`, `{"ids":[["1"]]}`},
	{"Deep", `{"v": {"ids": [1, ["2", 3]]}}`, `{"ids":[["1"],["2","3"]]}`},
	{"Deep", `{"v": {"ids": [null]}}`, `!Variable "$v" got an invalid value at "v.ids[0]": expected a value of type "[ID!]!", found null.`},
	{"Deep", `{"v": {"deep": {"deep": {"ids": [["a", null]]}}}}`, `!Variable "$v" got an invalid value at "v.deep.deep.ids[0][1]": expected a value of type "ID!", found null.`},
	{"[Command]", `{"v": ["SIT", null, "sit"]}`, `!Variable "$v" got an invalid value at "v[2]": value "sit" does not exist in the enum "Command".`},
	// Custom scalars.
	{"Any", `{"v": {"a": [1, 2e400, null, "x"], "a": {}}}`, `{"a":[1,2e400,null,"x"],"a":{}}`},
	{"[Any]", `{"v": [ {} , [ ] , 1]}`, `[{},[],1]`},
	// What is no object.
	{"Int", `{"v": 1, "v": 2}`, `!Variable "$v" got an invalid value: it is given twice.`},
	{"Int", `[]`, "!The variables are not a JSON object."},
	{"Int", `nul`, "!The variables are not valid JSON: invalid value at byte 1."},
	{"Int", `{"v": 1`, "!The variables are not valid JSON: expected ',' or the closing bracket at byte 8."},
	{"Int", `{"v": 1}}`, "!The variables are not valid JSON: unexpected text after the value at byte 9."},
	{"Int", `{"v": 01}`, "!The variables are not valid JSON: expected ',' or the closing bracket at byte 8."},
	{"Int", `{"v": +1}`, "!The variables are not valid JSON: invalid value at byte 7."},
	{"Int", `{v: 1}`, "!The variables are not valid JSON: expected the name of a member at byte 2."},
	{"Int", `{"v": 1,}`, "!The variables are not valid JSON: expected the name of a member at byte 9."},
	{"String", `{"v": "a` + "\x01" + `"}`, "!The variables are not valid JSON: control character in a string at byte 9."},
	{"String", `{"v": "` + "\xff" + `"}`, "!The variables are not valid JSON: invalid UTF-8 in a string at byte 8."},
	{"String", `{"v": "\x"}`, "!The variables are not valid JSON: invalid escape in a string at byte 8."},
	{"String", `{"v": "\u00g0"}`, "!The variables are not valid JSON: invalid escape in a string at byte 8."},
	{"String", `{"v": "\u00`, "!The variables are not valid JSON: invalid escape in a string at byte 8."},
	{"String", `{"v": "\ud83D\uDe00\u00E9"}`, `"\ud83D\uDe00\u00E9"`},
	{"String", `{"v": "\ud800"}`, "!The variables are not valid JSON: half of a surrogate pair in a string at byte 8."},
	{"String", `{"v": "\ud800\u0041"}`, "!The variables are not valid JSON: half of a surrogate pair in a string at byte 8."},
	{"Any", `{"v": ["\udc00\ud800"]}`, "!The variables are not valid JSON: half of a surrogate pair in a string at byte 9."},
	{"Any", `{"v": {"\uD800x": 1}}`, "!The variables are not valid JSON: half of a surrogate pair in a string at byte 9."},
	{"Any", `{"v": ` + strings.Repeat("[", 1000) + `}`, "!The variables are not valid JSON: nested too deeply at byte 256."},
}

func TestCoerce(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	for _, tc := range coerceCases {
		op, err := p.Prepare(t.Context(), []byte("query ($v: "+tc.typ+") { args { any(v: {x: $v}) } }"), "")
		if err != nil {
			t.Fatalf("%s: %v", tc.typ, err)
		}
		values, err := op.Coerce([]byte(tc.variables))
		got := "<nil>"
		switch {
		case err != nil:
			var lines []string
			for _, e := range gqlerr.Public(err) {
				lines = append(lines, e.Message)
			}
			got = "!" + strings.Join(lines, "\n")
		case values[0] != nil:
			got = string(values[0])
		}
		if got != tc.want {
			t.Errorf("%s %s:\n got %s\nwant %s", tc.typ, tc.variables, got, tc.want)
		}
		if err == nil && values[0] != nil && !json.Valid(values[0]) {
			t.Errorf("%s %s: %s is not JSON", tc.typ, tc.variables, values[0])
		}
	}
}

func TestCoerceAll(t *testing.T) {
	t.Parallel()
	op, err := zoo(t).Prepare(t.Context(), []byte("query (\n$a: Int!,\n$b: Int!, $c: Boolean = true) { args { required(a: $a, b: $b) @skip(if: $c) } }"), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = op.Coerce([]byte(`{"b": "x"}`))
	if got, want := said(err), "  3:1 BAD_USER_INPUT Variable \"$b\" got an invalid value: Int cannot represent a non-integer value, found \"x\".\n"+
		"  2:1 BAD_USER_INPUT Variable \"$a\" of required type \"Int!\" was not provided.\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	_, err = op.Coerce([]byte(`{"a": 1, "b": 2, "c": null}`))
	if !errors.Is(err, gqlerr.BadUserInput) {
		t.Errorf("null for the variable of @skip: %v", err)
	}
	for variables, want := range map[string]bool{`{"a": 1, "b": 2}`: true, `{"a": 1, "b": 2, "c": false}`: false} {
		values, err := op.Coerce([]byte(variables))
		if err != nil {
			t.Fatal(err)
		}
		if bits := op.Evaluate(values, nil); bits.Has(0) != want {
			t.Errorf("%s: the condition is %t", variables, !want)
		}
	}
}

// TestCoerceKeepsNothing: values stay when the request's buffer is used again.
func TestCoerceKeepsNothing(t *testing.T) {
	t.Parallel()
	op, err := zoo(t).Prepare(t.Context(), []byte("query ($v: String, $w: ID) { args { string(v: $v) id(v: $w) } }"), "")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"v": "abc", "w": 12}`)
	values, err := op.Coerce(body)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if string(values[0]) != `"abc"` || string(values[1]) != `"12"` {
		t.Errorf("got %s", values)
	}
	_ = append(values[0], "overwritten"...)
	if string(values[1]) != `"12"` {
		t.Errorf("appending to one value changes another: %s", values)
	}
}

// FuzzCoerce: any variables, for a type that has everything.
func FuzzCoerce(f *testing.F) {
	p := zoo(f)
	var ops []*Operation
	for _, typ := range []string{"PetInput", "[[Int]]", "Choice!", "Any", "[Command!]! = SIT", "Float", "ID", "String"} {
		op, err := p.Prepare(f.Context(), []byte("query ($v: "+typ+", $w: Boolean) { args { any(v: {x: [$v, $w]}) } }"), "")
		if err != nil {
			f.Fatal(err)
		}
		ops = append(ops, op)
	}
	for _, tc := range coerceCases {
		f.Add([]byte(tc.variables))
	}
	f.Fuzz(func(t *testing.T, variables []byte) {
		for _, op := range ops {
			values, err := op.Coerce(variables)
			var plain map[string]json.RawMessage
			valid := json.Unmarshal(variables, &plain) == nil
			if err == nil && !valid && len(strings.TrimSpace(string(variables))) > 0 {
				t.Fatalf("accepted what is not a JSON object")
			}
			if errors.Is(err, gqlerr.BadRequest) && valid && !strings.Contains(err.Error(), "nested too deeply") &&
				!strings.Contains(err.Error(), "UTF-8") && !strings.Contains(err.Error(), "surrogate") {
				t.Fatalf("refused JSON: %v", err)
			}
			again := "{"
			for i, v := range values {
				if v != nil && !json.Valid(v) {
					t.Fatalf("%s is not JSON", v)
				}
				if v != nil {
					again += `"` + op.Variables[i].Name + `":` + string(v) + ","
				}
			}
			if err != nil || again == "{" {
				continue
			}
			// What was coerced is coerced to itself.
			twice, err := op.Coerce([]byte(strings.TrimSuffix(again, ",") + "}"))
			if err != nil {
				t.Fatalf("%s: %v", again, err)
			}
			for i := range values {
				if string(twice[i]) != string(values[i]) {
					t.Fatalf("%s became %s", values[i], twice[i])
				}
			}
		}
	})
}
