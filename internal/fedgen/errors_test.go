package fedgen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// compareErrors holds the error paths of a response against the oracle's; "" when they agree. Both say the same of every
// null that an error explains. Where a null moved up, the specification lets an executor report any of the errors below; and
// where a denial moved it, too, nobody has to be asked for what is below.
func compareErrors(data any, got [][]any, want *answer) string {
	if len(want.errors) > mostErrors {
		return ""
	}
	missing, known := map[string]bool{}, map[string]bool{} // nulls without an error so far, and the paths of errors
	for _, f := range want.errors {
		known[canonical(f.Path)] = true
		if at, null := nullAt(data, f.Path); null {
			missing[canonical(at)] = true
		}
	}
	for _, path := range want.moved {
		at, _ := nullAt(data, path)
		delete(missing, canonical(at))
	}
	for _, path := range got {
		at, null := nullAt(data, path)
		delete(missing, canonical(at))
		switch {
		case slices.ContainsFunc(want.beside, func(p []any) bool { return isAtOrBelow(path, p) }):
		case !known[canonical(path)]:
			return fmt.Sprintf("an error at %s, where nothing failed", canonical(path))
		case !null:
			return fmt.Sprintf("an error at %s, where the answer is not null", canonical(path))
		}
	}
	if len(missing) > 0 {
		return fmt.Sprintf("no error for the null at %s", sortedKeys(missing)[0])
	}
	return ""
}

// mostErrors is how many errors are compared: of those of one answer the gateway passes on so many, and says how many there were.
const mostErrors = 200

// isAtOrBelow tells whether a path leads to or through a place. What is beside the whole answer has no path.
func isAtOrBelow(path, place []any) bool {
	if len(place) == 0 || len(path) < len(place) {
		return len(path) == len(place)
	}
	return canonical(place) == canonical(path[:len(place)])
}

// nullAt is the first null on a path through the data.
func nullAt(data any, path []any) (at []any, null bool) {
	path = append([]any{}, path...) // one of nothing is that of the whole answer, as text, too
	for i := 0; ; i++ {
		if data == nil {
			return path[:i], true
		}
		if i == len(path) {
			return path, false
		}
		switch v := data.(type) {
		case map[string]any:
			key, _ := path[i].(string)
			below, there := v[key]
			if !there {
				return path[:i], false
			}
			data = below
		case []any:
			n := index(path[i])
			if n < 0 || n >= len(v) {
				return path[:i], false
			}
			data = v[n]
		default:
			return path[:i], false
		}
	}
}

// index is an element of a path as an index, -1 when it is none.
func index(step any) int {
	switch n := step.(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	return -1
}

// TestCompareErrors: error paths are compared as they should.
func TestCompareErrors(t *testing.T) {
	t.Parallel()
	data := map[string]any{"a": []any{map[string]any{"b": nil, "c": 1.0}, nil}, "d": nil}
	at := func(path ...any) []any { return path }
	want := &answer{
		errors: []reference.Fault{{Path: at("a", 0, "b")}, {Path: at("a", 1, "b")}, {Path: at("a", 1, "c")}},
		beside: [][]any{at("a", 0)},
	}
	for _, c := range []struct {
		title string
		got   [][]any
		want  string
	}{
		{"the same", [][]any{at("a", 0.0, "b"), at("a", 1.0, "b"), at("a", 1.0, "c")}, ""},
		{"one of those below a null", [][]any{at("a", 0.0, "b"), at("a", 1.0, "c")}, ""},
		{"beside", [][]any{at("a", 0.0), at("a", 0.0, "b"), at("a", 1.0, "c")}, ""},
		{"one too few", [][]any{at("a", 1.0, "c")}, "no error for the null"},
		{"one too many", [][]any{at("a", 0.0, "b"), at("a", 1.0, "c"), at("d")}, "where nothing failed"},
		{"one at a value", [][]any{at("a", 0.0, "b"), at("a", 1.0, "c"), at("a", 1.0, "x")}, "where nothing failed"},
		{"none", nil, "no error for the null"},
	} {
		if got := compareErrors(data, c.got, want); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}
