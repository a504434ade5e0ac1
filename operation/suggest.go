package operation

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Suggestions ("Did you mean ...?"), with the words and by the rules of the reference implementation, graphql-js 16. They tell
// names of the schema to whoever guesses, so they are off unless the schema is open to clients.

const (
	// maxSuggestions is how many names one message suggests.
	maxSuggestions = 5
	// maxMisspelled is how long a name is for which others are looked up.
	maxMisspelled = 60
	// suggestSteps is how much one document or request may cost: cells of the tables of edit distances. Later mistakes get no
	// suggestions.
	suggestSteps = 1 << 20
)

// suggester finds what somebody may have meant. It is for one document or request; the zero value suggests nothing.
type suggester struct{ steps int }

func newSuggester(on bool) suggester {
	if !on {
		return suggester{}
	}
	return suggester{steps: suggestSteps}
}

// meant suggests names that are like a misspelled one. Kind says what they are, and may be "".
func (s *suggester) meant(kind, misspelled string, names []string) string {
	if s.steps <= 0 || len(misspelled) > maxMisspelled {
		return ""
	}
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	most := len(misspelled)*2/5 + 1
	for _, name := range names {
		if d := s.distance(misspelled, name, most); d <= most && s.steps > 0 {
			near = append(near, candidate{name, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return naturally(a.name, b.name)
	})
	list := make([]string, len(near))
	for i, c := range near {
		list[i] = c.name
	}
	return didYouMean(kind, list)
}

// didYouMean is the end of a message, empty without suggestions.
func didYouMean(kind string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	if kind != "" {
		kind += " "
	}
	quoted := make([]string, min(len(list), maxSuggestions))
	for i := range quoted {
		quoted[i] = quote(list[i])
	}
	last := len(quoted) - 1
	switch last {
	case 0:
	case 1:
		quoted = []string{quoted[0] + " or " + quoted[1]}
	default:
		quoted[last] = "or " + quoted[last]
	}
	return " Did you mean " + kind + strings.Join(quoted, ", ") + "?"
}

// distance is how many letters must be inserted, deleted, replaced or swapped with their neighbours (each once) to make one
// name the other; a difference in case only is one. It is more than most when it is known to be more.
func (s *suggester) distance(a, b string, most int) int {
	if a == b {
		return 0
	}
	if a, b = strings.ToLower(a), strings.ToLower(b); a == b {
		return 1
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a)-len(b) > most {
		return most + 1
	}
	s.steps -= len(a) * len(b)
	// The rows before the last, the last and this one.
	var rows [3][]int
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		up, row := rows[(i-1)%3], rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := up[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(up[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], rows[(i-2)%3][j-2]+1)
			}
		}
		if slices.Min(row) > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

// naturally compares names as people sort them: v9 comes before v10.
func naturally(a, b string) int {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if !isDigit(a[i]) || !isDigit(b[j]) || a[i] == '0' || b[j] == '0' {
			if a[i] != b[j] {
				return int(a[i]) - int(b[j])
			}
			i, j = i+1, j+1
			continue
		}
		x, y := leadingDigits(a[i:]), leadingDigits(b[j:])
		if x != y {
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			return strings.Compare(x, y)
		}
		i, j = i+len(x), j+len(y)
	}
	return len(a) - len(b)
}

func leadingDigits(s string) string {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return s[:n]
}

// field suggests what can be selected instead of a field that a type does not have: a fragment on types that have it, or another
// field.
func (s *suggester) field(on *supergraph.Type, name string) string {
	if s.steps <= 0 {
		return ""
	}
	if text := didYouMean("to use an inline fragment on", typesWith(on, name)); text != "" {
		s.steps -= len(on.Possible)
		return text
	}
	names := make([]string, 0, len(on.Fields))
	for _, f := range on.Fields {
		if visibleField(on, f.Name) != nil {
			names = append(names, f.Name)
		}
	}
	return s.meant("", name, names)
}

// typesWith are the types below an abstract one that have a field of that name: those through which it is reached most
// often first, interfaces before what implements them.
func typesWith(on *supergraph.Type, name string) []string {
	if !on.IsAbstract() {
		return nil
	}
	var list []*supergraph.Type
	count := map[*supergraph.Type]int{}
	add := func(t *supergraph.Type) {
		if count[t]++; count[t] == 1 {
			list = append(list, t)
		}
	}
	for _, t := range visiblePossible(on) {
		if visibleField(t, name) == nil {
			continue
		}
		add(t)
		for _, i := range t.Interfaces {
			if !i.Inaccessible && visibleField(i, name) != nil {
				add(i)
			}
		}
	}
	slices.SortFunc(list, func(a, b *supergraph.Type) int {
		switch {
		case count[a] != count[b]:
			return count[b] - count[a]
		case a != b && a.Kind == supergraph.Interface && b.Implies(a):
			return -1
		case a != b && b.Kind == supergraph.Interface && a.Implies(b):
			return 1
		default:
			return naturally(a.Name, b.Name)
		}
	})
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Name
	}
	return names
}

// typ suggests types that clients see.
func (s *suggester) typ(schema *supergraph.Schema, name string) string {
	if s.steps <= 0 {
		return ""
	}
	names := make([]string, 0, len(schema.Types))
	for _, t := range schema.Types {
		if !t.Inaccessible {
			names = append(names, t.Name)
		}
	}
	return s.meant("", name, names)
}

// input suggests arguments or input fields.
func (s *suggester) input(list []*supergraph.InputValue, name string) string {
	if s.steps <= 0 {
		return ""
	}
	names := make([]string, 0, len(list))
	for _, in := range list {
		if !in.Inaccessible {
			names = append(names, in.Name)
		}
	}
	return s.meant("", name, names)
}

// enum suggests enum values.
func (s *suggester) enum(t *supergraph.Type, name string) string {
	if s.steps <= 0 {
		return ""
	}
	names := make([]string, 0, len(t.EnumValues))
	for _, v := range t.EnumValues {
		if !v.Inaccessible {
			names = append(names, v.Name)
		}
	}
	return s.meant("the enum value", name, names)
}
