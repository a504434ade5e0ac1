package operation

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// flatten puts the selections of a fragment in its place when it applies to every object there: it has no conditions, and
// its type is the enclosing type or implied by it. Its fields become fields of the enclosing type.
func flatten(sub []Selection, on *supergraph.Type) []Selection {
	if !slices.ContainsFunc(sub, func(s Selection) bool { _, ok := s.(*Fragment); return ok }) {
		for _, s := range sub {
			flattenBelow(s)
		}
		return sub
	}
	return appendFlat(make([]Selection, 0, len(sub)), sub, on)
}

func appendFlat(dst, sub []Selection, on *supergraph.Type) []Selection {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if s.Def.Parent != on && !s.Def.IsTypename() {
				s.Def = on.Field(s.Def.Name)
				s.Args = inOrder(s.Args, s.Def)
			}
			flattenBelow(s)
		case *Fragment:
			if len(s.When) == 0 && on.Implies(s.On) && fits(s.Sub, on) {
				dst = appendFlat(dst, s.Sub, on)
				continue
			}
			flattenBelow(s)
		}
		dst = append(dst, s)
	}
	return dst
}

// flattenBelow flattens what is selected below s.
func flattenBelow(s Selection) {
	switch s := s.(type) {
	case *Field:
		if len(s.Sub) > 0 {
			s.Sub = flatten(s.Sub, s.Def.Type.Named)
		}
	case *Fragment:
		s.Sub = flatten(s.Sub, s.On)
	}
}

// fits tells whether the fields of sub are fields of the type: a union has none but __typename.
func fits(sub []Selection, on *supergraph.Type) bool {
	for _, s := range sub {
		f, ok := s.(*Field)
		if ok && f.Def.Parent != on && visibleField(on, f.Def.Name) == nil {
			return false
		}
	}
	return true
}

// inOrder sorts arguments by the field's definition.
func inOrder(args []supergraph.Argument, def *supergraph.Field) []supergraph.Argument {
	if len(args) < 2 {
		return args
	}
	index := func(name string) int {
		return slices.IndexFunc(def.Args, func(in *supergraph.InputValue) bool { return in.Name == name })
	}
	args = slices.Clone(args)
	slices.SortStableFunc(args, func(a, b supergraph.Argument) int { return index(a.Name) - index(b.Name) })
	return args
}
