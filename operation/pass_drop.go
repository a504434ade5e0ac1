package operation

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// drop removes fragments that apply to no object type that clients see, given the fragments around them, and fragments
// without selections.
func drop(sub []Selection, on *supergraph.Type) []Selection {
	return dropIn(sub, on, visiblePossible(on))
}

// dropIn does so where an object is of one of the possible types.
func dropIn(sub []Selection, on *supergraph.Type, possible []*supergraph.Type) []Selection {
	kept := sub[:0]
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if len(s.Sub) > 0 {
				s.Sub = drop(s.Sub, s.Def.Type.Named)
			}
		case *Fragment:
			inner := possible
			if s.On != on {
				inner = intersect(possible, s.On.Possible)
			}
			if len(inner) == 0 {
				continue
			}
			if s.Sub = dropIn(s.Sub, s.On, inner); len(s.Sub) == 0 {
				continue
			}
		}
		kept = append(kept, s)
	}
	return kept
}

// visiblePossible are the possible types of t that clients see. As a rule that is t.Possible itself.
func visiblePossible(t *supergraph.Type) []*supergraph.Type {
	hidden := func(p *supergraph.Type) bool { return p.Inaccessible }
	if !slices.ContainsFunc(t.Possible, hidden) {
		return t.Possible
	}
	return slices.DeleteFunc(slices.Clone(t.Possible), hidden)
}

// intersect returns what is in both lists, which are sorted by name.
func intersect(a, b []*supergraph.Type) []*supergraph.Type {
	var both []*supergraph.Type
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			both = append(both, a[0])
			a, b = a[1:], b[1:]
		case a[0].Name < b[0].Name:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return both
}
