package operation

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// drop removes fragments that apply to no object type that clients see, given the fragments around them, and fragments
// without selections.
func drop(sub []Selection, on *supergraph.Type) []Selection {
	d := dropper{visible: map[*supergraph.Type][]*supergraph.Type{}, narrowed: map[narrowing][]*supergraph.Type{}}
	return d.set(sub, on, d.possible(on))
}

// dropper is one run. It remembers which types are possible where: lists may be long, and fragments many.
type dropper struct {
	visible  map[*supergraph.Type][]*supergraph.Type
	narrowed map[narrowing][]*supergraph.Type
}

// narrowing is a list of possible types, by its first element and its length, and the type of a fragment.
type narrowing struct {
	first  **supergraph.Type
	length int
	on     *supergraph.Type
}

// set drops from a selection set on a type, where an object is of one of the possible types.
func (d *dropper) set(sub []Selection, on *supergraph.Type, possible []*supergraph.Type) []Selection {
	kept := sub[:0]
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if len(s.Sub) > 0 {
				named := s.Def.Type.Named
				s.Sub = d.set(s.Sub, named, d.possible(named))
			}
		case *Fragment:
			inner := possible
			if s.On != on {
				inner = d.narrow(possible, s.On)
			}
			if len(inner) == 0 {
				continue
			}
			if s.Sub = d.set(s.Sub, s.On, inner); len(s.Sub) == 0 {
				continue
			}
		}
		kept = append(kept, s)
	}
	return kept
}

// possible are the possible types of t that clients see.
func (d *dropper) possible(t *supergraph.Type) []*supergraph.Type {
	list, ok := d.visible[t]
	if !ok {
		list = visiblePossible(t)
		d.visible[t] = list
	}
	return list
}

// narrow returns those of the possible types that are of type on, too; the list itself when all are.
func (d *dropper) narrow(possible []*supergraph.Type, on *supergraph.Type) []*supergraph.Type {
	if len(possible) == 0 {
		return nil
	}
	key := narrowing{&possible[0], len(possible), on}
	list, ok := d.narrowed[key]
	if !ok {
		if list = intersect(possible, on.Possible); len(list) == len(possible) {
			list = possible
		}
		d.narrowed[key] = list
	}
	return list
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
