package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteSupers notes what a selection set does with interfaces that implement others: on is the type that it is on.
func (w *world) noteSupers(on string, sel ast.SelectionSet) {
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			t := w.types[on]
			w.noteIf(t.kind == ast.Interface && len(t.parents) > 0 && s.Name != "__typename", "interface of an interface: a field of the lower")
			w.noteIf(t.kind == ast.Interface && w.hasLower(on) && s.Name != "__typename", "interface of an interface: a field of the upper")
		case *ast.InlineFragment:
			w.noteFragment(on, s.TypeCondition, s.SelectionSet)
		case *ast.FragmentSpread:
			w.noteFragment(on, s.Definition.TypeCondition, s.Definition.SelectionSet)
		}
	}
}

func (w *world) noteFragment(on, condition string, sel ast.SelectionSet) {
	if condition == "" {
		w.noteSupers(on, sel)
		return
	}
	t := w.types[condition]
	if t.kind == ast.Interface && w.types[on].kind == ast.Interface {
		w.noteIf(slices.Contains(w.types[on].parents, condition), "interface of an interface: a fragment on the upper in the lower")
		w.noteIf(slices.Contains(t.parents, on), "interface of an interface: a fragment on the lower in the upper")
	}
	w.noteSupers(condition, sel)
}

func (w *world) hasLower(name string) bool {
	for _, t := range w.types {
		if t.kind == ast.Interface && slices.Contains(t.parents, name) {
			return true
		}
	}
	return false
}

// noteSupersOf notes what there is about interfaces that a field of a subgraph returns.
func (c *call) noteSupersOf(pf *partField) {
	w, name := c.world, pf.def.Type.Name()
	t := w.types[name]
	if t == nil || t.kind != ast.Interface {
		return
	}
	w.noteIf(w.hasLower(name) && slices.ContainsFunc(w.parts, func(p *part) bool { return p.types[name] != nil && len(p.types[name].keys) > 0 }),
		"interface of an interface: the upper has a key")
	for _, parent := range t.parents {
		var with, without, chain bool
		for _, p := range w.parts {
			if p.types[name] == nil || p.types[parent] == nil || p.types[name].opaque {
				continue
			}
			is := slices.Contains(p.types[name].def.Interfaces, parent)
			with, without = with || is, without || !is
			chain = chain || is && len(w.types[parent].parents) > 0
		}
		w.noteIf(with && without, "interface of an interface: in one subgraph, not in another")
		w.noteIf(chain, "interface of an interface: three of them")
		w.noteIf(c.part.types[name].opaque, "interface of an interface: the lower is an interface object")
	}
}
