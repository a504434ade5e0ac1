package operation

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// merge joins the fields of a selection set that have the same response key, arguments and conditions, and fragments that
// follow one another with the same type and conditions. No two nodes share the array of their selections, so that joining appends in
// place. Two fields with selections are joined only when nothing between
// them contributes to the same response key, so that the keys below keep the order in which CollectFields (section 6.3.2
// of the specification) meets them.
func merge(sub []Selection, _ *supergraph.Type) []Selection {
	m := merger{out: sub[:0]}
	if len(sub) > 1 {
		m.first, m.last = make(map[ResponseKey]*Field, len(sub)), make(map[ResponseKey]Selection, len(sub))
		for _, s := range sub {
			m.add(s)
		}
	} else {
		m.out = sub
	}
	for _, s := range m.out {
		switch s := s.(type) {
		case *Field:
			if len(s.Sub) > 0 {
				s.Sub = merge(s.Sub, nil)
			}
		case *Fragment:
			s.Sub = merge(s.Sub, nil)
		}
	}
	return m.out
}

// merger builds one selection set.
type merger struct {
	out []Selection
	// first is the first field of a response key, last the last selection that contributes to it.
	first map[ResponseKey]*Field
	last  map[ResponseKey]Selection
}

func (m *merger) add(s Selection) {
	switch s := s.(type) {
	case *Field:
		if m.join(s) {
			return
		}
		if m.first[s.Key] == nil {
			m.first[s.Key] = s
		}
		m.last[s.Key] = s
	case *Fragment:
		if n := len(m.out); n > 0 {
			before, ok := m.out[n-1].(*Fragment)
			if ok && before.On == s.On && slices.Equal(before.When, s.When) {
				before.Sub = append(before.Sub, s.Sub...)
				m.contributes(s.Sub, before)
				return
			}
		}
		m.contributes(s.Sub, s)
	}
	m.out = append(m.out, s)
}

// join merges s into a field that is there, and tells whether it did.
func (m *merger) join(s *Field) bool {
	if !s.Def.Type.Named.IsComposite() {
		first := m.first[s.Key]
		return first != nil && alike(first, s)
	}
	before, ok := m.last[s.Key].(*Field)
	if !ok || !alike(before, s) {
		return false
	}
	before.Sub = append(before.Sub, s.Sub...)
	return true
}

// alike tells whether two fields with one response key in one selection set are the same field under the same conditions.
func alike(a, b *Field) bool {
	return a.Def.Name == b.Def.Name && a.Denied == b.Denied && slices.Equal(a.When, b.When) &&
		slices.EqualFunc(a.Args, b.Args, func(x, y supergraph.Argument) bool { return x.Name == y.Name && x.Value == y.Value })
}

// contributes notes that fragment brings the fields of sub.
func (m *merger) contributes(sub []Selection, fragment *Fragment) {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			m.last[s.Key] = fragment
		case *Fragment:
			m.contributes(s.Sub, fragment)
		}
	}
}
