package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// plainSet is a selection on a type without fragments on the same type, and with every field once.
func plainSet(on string, sel ast.SelectionSet) ast.SelectionSet {
	var out ast.SelectionSet
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.InlineFragment:
			if s.TypeCondition != on {
				out = append(out, s)
				continue
			}
			out = append(out, plainSet(on, s.SelectionSet)...)
		case *ast.Field:
			same := func(o ast.Selection) bool {
				f, ok := o.(*ast.Field)
				return ok && f.Name == s.Name
			}
			if i := slices.IndexFunc(out, same); i >= 0 {
				first := *out[i].(*ast.Field)
				first.SelectionSet = slices.Concat(first.SelectionSet, s.SelectionSet)
				out[i] = &first
				continue
			}
			out = append(out, s)
		}
	}
	return out
}

// withoutTypename are the fields of a key but __typename.
func withoutTypename(sel ast.SelectionSet) ast.SelectionSet {
	return slices.DeleteFunc(slices.Clone(sel), func(s ast.Selection) bool { return s.(*ast.Field).Name == "__typename" })
}

// noteWording notes how the subgraph words what a field requires.
func (c *call) noteWording(pf *partField) {
	said := reference.FieldSet(pf.def.Directives.ForName("requires"))
	if len(said) == 0 {
		return
	}
	first, isFragment := said[0].(*ast.InlineFragment)
	c.world.noteIf(isFragment, "@requires: a fragment on the type itself")
	if isFragment {
		said = first.SelectionSet
	}
	c.world.noteIf(len(said) > len(plainSet("", said)), "@requires: a field twice")
	for _, s := range pf.requires {
		if f, ok := s.(*ast.Field); ok {
			c.world.noteIf(selectsTypename(f.SelectionSet), "@requires: __typename")
		}
	}
}

func selectsTypename(sel ast.SelectionSet) bool {
	return slices.ContainsFunc(sel, func(s ast.Selection) bool {
		f, ok := s.(*ast.Field)
		return ok && f.Name == "__typename"
	})
}
