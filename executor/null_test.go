package executor

import (
	"strings"
	"testing"
)

// nullError is the error of null propagation.
func nullError(field, path string) string {
	return `{"message":"Cannot return null for non-nullable field ` + field + `","path":` + path + `,"extensions":{"code":"NULL_VALUE_FOR_NON_NULL_FIELD"}}`
}

func badError(field, path string) string {
	return `{"message":"A subgraph gave an invalid value for ` + field + `","path":` + path + `,"extensions":{"code":"INVALID_VALUE_FOR_FIELD"}}`
}

// TestNull is the table of null propagation (GraphQL, section 6.4.4): what the field hard answers, and what is left of it.
func TestNull(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, selection, answer, data, errors string }{
		{"non-null leaf", `{ int }`, `{"int":null}`, `null`, nullError("Hard.int", `["hard","int"]`)},
		{"non-null leaf missing", `{ int }`, `{}`, `null`, nullError("Hard.int", `["hard","int"]`)},
		{"nearest nullable parent", `{ soft { int } }`, `{"soft":{"int":null}}`, `{"soft":null}`, nullError("Hard.int", `["hard","soft","int"]`)},
		{"through a non-null parent", `{ soft { hard { int } } }`, `{"soft":{"hard":{"int":null}}}`, `{"soft":null}`, nullError("Hard.int", `["hard","soft","hard","int"]`)},
		{"list of non-null", `{ ints }`, `{"ints":[1,null,3]}`, `{"ints":null}`, nullError("Hard.ints", `["hard","ints",1]`)},
		{"non-null list of non-null", `{ soft { intsHard } }`, `{"soft":{"intsHard":[null]}}`, `{"soft":null}`, nullError("Hard.intsHard", `["hard","soft","intsHard",0]`)},
		{"non-null list of nullable", `{ intsOuter }`, `{"intsOuter":[1,null]}`, `{"intsOuter":[1,null]}`, ""},
		{"non-null list is null", `{ soft { intsOuter } }`, `{"soft":{"intsOuter":null}}`, `{"soft":null}`, nullError("Hard.intsOuter", `["hard","soft","intsOuter"]`)},
		{"matrix", `{ matrix }`, `{"matrix":[[1],[2,null]]}`, `{"matrix":null}`, nullError("Hard.matrix", `["hard","matrix",1,1]`)},
		{"matrix row", `{ matrix }`, `{"matrix":[[1],null]}`, `{"matrix":null}`, nullError("Hard.matrix", `["hard","matrix",1]`)},
		{"list of objects", `{ list { int } }`, `{"list":[{"int":1},{"int":null},{"int":null}]}`, `{"list":null}`, nullError("Hard.int", `["hard","list",1,"int"]`)},
		{"list of nullable objects", `{ listSoft { int } }`, `{"listSoft":[{"int":1},{"int":null},null,{}]}`, `{"listSoft":[{"int":1},null,null,null]}`,
			nullError("Hard.int", `["hard","listSoft",1,"int"]`) + "," + nullError("Hard.int", `["hard","listSoft",3,"int"]`)},
		{"siblings stay", `{ soft { int } intsOuter }`, `{"soft":{"int":null},"intsOuter":[1]}`, `{"soft":null,"intsOuter":[1]}`, nullError("Hard.int", `["hard","soft","int"]`)},
		{"one error for one null", `{ soft { a: int b: int } }`, `{"soft":{"a":null,"b":null}}`, `{"soft":null}`, nullError("Hard.int", `["hard","soft","a"]`)},
		{"invalid leaf", `{ soft { int } }`, `{"soft":{"int":"1"}}`, `{"soft":null}`, badError("Hard.int", `["hard","soft","int"]`)},
		{"list where an object belongs", `{ soft { int } }`, `{"soft":[{"int":1}]}`, `{"soft":null}`, badError("Hard.soft", `["hard","soft"]`)},
		{"scalar where a list belongs", `{ ints }`, `{"ints":1}`, `{"ints":null}`, badError("Hard.ints", `["hard","ints"]`)},
		{"object where a leaf belongs", `{ ints }`, `{"ints":[{}]}`, `{"ints":null}`, badError("Hard.ints", `["hard","ints",0]`)},
		{"no list where a list of objects belongs", `{ list { int } }`, `{"list":{"int":1}}`, `{"list":null}`, badError("Hard.list", `["hard","list"]`)},
		{"empty", `{ list { int } ints }`, `{"list":[],"ints":[]}`, `{"list":[],"ints":[]}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, `{ hard `+c.selection+` }`, "", script(`accounts: {"data":{"hard":`+c.answer+`}}`), Options{})
			want := `{"data":{"hard":` + c.data + `}`
			if c.errors != "" {
				want += `,"errors":[` + c.errors + `]`
			}
			same(t, got, want+"}")
		})
	}
}

func TestNullAtRoot(t *testing.T) {
	t.Parallel()
	got := small().execute(t, `{ me { name } must { email } }`, "", script(`accounts: {"data":{"me":{"name":"A"},"must":{"email":null}}}`), Options{})
	same(t, got, `{"data":null,"errors":[`+nullError("User.email", `["must","email"]`)+`]}`)
}

// TestNullOfConcreteType: the nullability of a field is that of the object's own type, not of the interface.
func TestNullOfConcreteType(t *testing.T) {
	t.Parallel()
	got := small().execute(t, `{ media { title } }`, "",
		script(`products: {"data":{"media":[{"__typename":"Film","title":null},{"__typename":"Book","title":null}]}}`), Options{})
	same(t, got, `{"data":{"media":[{"title":null},null]},"errors":[`+nullError("Book.title", `["media",1,"title"]`)+`]}`)
}

func TestDenied(t *testing.T) {
	t.Parallel()
	answer := `accounts: {"data":{"me":{"name":"A"}}}`
	same(t, small().execute(t, `{ me { role name } }`, "", script(answer), Options{}, "User.role"), `{"data":{"me":{"role":null,"name":"A"}}}`)
	same(t, small().execute(t, `{ me { name email } }`, "", script(answer), Options{}, "User.email"), `{"data":{"me":null}}`)
	same(t, small().execute(t, `{ me { name } }`, "", script(), Options{}, "Query.me"), `{"data":{"me":null}}`)
	same(t, small().execute(t, `{ must { name } }`, "", script(), Options{}, "Query.must"), `{"data":null}`)
}

// TestLeaves is the table of scalars: what a field of Leaves answers, and what the client gets.
func TestLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, answer, want string
		bad                 string // path below leaves of the error
	}{
		{"int", `2147483647`, `2147483647`, ""},
		{"int", `-2147483648`, `-2147483648`, ""},
		{"int", `2147483648`, `null`, `"int"`},
		{"int", `-2147483649`, `null`, `"int"`},
		{"int", `99999999999999999999999`, `null`, `"int"`},
		{"int", `1.0`, `null`, `"int"`},
		{"int", `1e2`, `null`, `"int"`},
		{"int", `"1"`, `null`, `"int"`},
		{"int", `true`, `null`, `"int"`},
		{"int", `[1]`, `null`, `"int"`},
		{"int", `{}`, `null`, `"int"`},
		{"float", `1`, `1`, ""},
		{"float", `-1.5e+10`, `-1.5e+10`, ""},
		{"float", `"1"`, `null`, `"float"`},
		{"float", `1e308`, `1e308`, ""},
		{"float", `1e-999`, `1e-999`, ""},
		{"float", `1e999`, `null`, `"float"`},
		{"float", `-1.5E+400`, `null`, `"float"`},
		{"float", strings.Repeat("9", 400), `null`, `"float"`},
		{"float", "0." + strings.Repeat("9", 400), "0." + strings.Repeat("9", 400), ""},
		{"string", `"a\"\u00e9\nü"`, `"a\"\u00e9\nü"`, ""},
		{"string", `1`, `null`, `"string"`},
		{"string", `true`, `null`, `"string"`},
		{"boolean", `false`, `false`, ""},
		{"boolean", `0`, `null`, `"boolean"`},
		{"boolean", `"true"`, `null`, `"boolean"`},
		{"id", `"x"`, `"x"`, ""},
		{"id", `12345678901234567890`, `"12345678901234567890"`, ""},
		{"id", `1.5`, `null`, `"id"`},
		{"id", `true`, `null`, `"id"`},
		{"role", `"GUEST"`, `"GUEST"`, ""},
		{"role", `"SPY"`, `null`, `"role"`},
		{"role", `"NOBODY"`, `null`, `"role"`},
		{"role", `1`, `null`, `"role"`},
		{"json", ` {"a": [1, {"b":null}] } `, `{"a": [1, {"b":null}] }`, ""},
		{"json", `"x"`, `"x"`, ""},
		{"json", `-0.5`, `-0.5`, ""},
		{"ints", `[1,null,"2"]`, `[1,null,null]`, `"ints",2`},
		{"matrix", `[[1],null,[]]`, `[[1],null,[]]`, ""},
		{"matrix", `[[1],[2.5]]`, `[[1],null]`, `"matrix",1,0`},
	} {
		t.Run(c.field+" "+c.answer, func(t *testing.T) {
			t.Parallel()
			got := small().execute(t, `{ leaves { `+c.field+` } }`, "", script(`accounts: {"data":{"leaves":{"`+c.field+`":`+c.answer+`}}}`), Options{})
			want := `{"data":{"leaves":{"` + c.field + `":` + c.want + `}}`
			if c.bad != "" {
				want += `,"errors":[` + badError("Leaves."+c.field, `["leaves",`+c.bad+`]`) + `]`
			}
			same(t, got, want+"}")
		})
	}
}
