package fedgen

import (
	"fmt"
	"slices"
)

// compareErrors holds the error paths of a response against the oracle's; "" when they agree. Both say the same of every
// null that an error explains. Where a null moved up, the specification lets an executor report any of the errors below.
func compareErrors(data any, got [][]any, want *answer) string {
	if len(want.errors) > mostErrors {
		return ""
	}
	places := map[string]bool{}
	var known []string
	for _, f := range want.errors {
		known = append(known, canonical(f.Path))
		if at, null := nullAt(data, f.Path); null {
			places[canonical(at)] = true
		}
	}
	reported := map[string]bool{} // by the place of the null; whether the error is about what the client selected
	for _, path := range got {
		beside := slices.ContainsFunc(want.beside, func(p []any) bool { return isAtOrBelow(path, p) })
		if !beside && !slices.Contains(known, canonical(path)) {
			return fmt.Sprintf("an error at %s, where nothing failed", canonical(path))
		}
		at, null := nullAt(data, path)
		if null {
			reported[canonical(at)] = reported[canonical(at)] || !beside
		} else if !beside {
			return fmt.Sprintf("an error at %s, where the answer is not null", canonical(path))
		}
	}
	for place := range places {
		if _, there := reported[place]; !there {
			return fmt.Sprintf("no error for the null at %s", place)
		}
	}
	for place, selected := range reported {
		if selected && !places[place] {
			return fmt.Sprintf("an error for the null at %s, which is none", place)
		}
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
