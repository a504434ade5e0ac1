package executor

import (
	"strings"
	"testing"
)

// TestListResults is the table of section 3.12.1: what becomes of lists with null and with an error in them. Items are the lists'
// types; want is what is left of the object with the list, at is where the error stands below it.
func TestListResults(t *testing.T) {
	t.Parallel()
	const failed = `[1,2,ERROR]` // the subgraph answers null, and says why
	for _, c := range []struct{ on, field, internal, want, at string }{
		{"leaves", "ints", `[1,2,3]`, `{"ints":[1,2,3]}`, ""}, // [Int]
		{"leaves", "ints", `null`, `{"ints":null}`, ""},
		{"leaves", "ints", `[1,2,null]`, `{"ints":[1,2,null]}`, ""},
		{"leaves", "ints", failed, `{"ints":[1,2,null]}`, `"ints",2`},
		{"soft", "intsOuter", `[1,2,3]`, `{"intsOuter":[1,2,3]}`, ""}, // [Int]!
		{"soft", "intsOuter", `null`, `null`, `"intsOuter"`},
		{"soft", "intsOuter", `[1,2,null]`, `{"intsOuter":[1,2,null]}`, ""},
		{"soft", "intsOuter", failed, `{"intsOuter":[1,2,null]}`, `"intsOuter",2`},
		{"soft", "ints", `[1,2,3]`, `{"ints":[1,2,3]}`, ""}, // [Int!]
		{"soft", "ints", `null`, `{"ints":null}`, ""},
		{"soft", "ints", `[1,2,null]`, `{"ints":null}`, `"ints",2`},
		{"soft", "ints", failed, `{"ints":null}`, `"ints",2`},
		{"soft", "intsHard", `[1,2,3]`, `{"intsHard":[1,2,3]}`, ""}, // [Int!]!
		{"soft", "intsHard", `null`, `null`, `"intsHard"`},
		{"soft", "intsHard", `[1,2,null]`, `null`, `"intsHard",2`},
		{"soft", "intsHard", failed, `null`, `"intsHard",2`},
	} {
		answer := `{"` + c.field + `":` + strings.Replace(c.internal, "ERROR", "null", 1) + `}`
		query, data, want, path := "{ leaves { "+c.field+" } }", `{"leaves":`+answer+`}`, `{"leaves":`+c.want+`}`, `["leaves",`+c.at+`]`
		if c.on == "soft" {
			query, data, want, path = "{ hard { soft { "+c.field+" } } }", `{"hard":{"soft":`+answer+`}}`, `{"hard":{"soft":`+c.want+`}}`, `["hard","soft",`+c.at+`]`
		}
		answer, want = `{"data":`+data, `{"data":`+want
		switch {
		case c.internal == failed:
			answer += `,"errors":[{"message":"no","path":` + path + `}]`
			want += `,"errors":[` + subgraphError("no", path, "DOWNSTREAM_SERVICE_ERROR", "accounts") + `]`
		case c.at != "":
			want += `,"errors":[` + nullError("Hard."+c.field, path) + `]`
		}
		t.Run(c.on+" "+c.field+" "+c.internal, func(t *testing.T) {
			t.Parallel()
			same(t, small().execute(t, query, "", script("accounts: "+answer+"}"), Options{}), want+"}")
		})
	}
}
