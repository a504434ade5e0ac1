package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteSplit notes that no subgraph has all that is selected of a value type in a @requires or @key, and where the subgraph has a part of it.
func (c *call) noteSplit(of string, sel ast.SelectionSet, feature string) {
	t := c.world.types[of]
	if t == nil || t.kind != ast.Object || t.entity {
		return
	}
	if feature == "@requires" && c.ownsOther(of, sel) {
		c.world.note("@requires: the other part of a split value")
	}
	for _, p := range c.world.parts {
		all := !slices.ContainsFunc(sel, func(s ast.Selection) bool {
			f, ok := s.(*ast.Field)
			return !ok || f.Name != "__typename" && (p.types[of] == nil || !p.types[of].fields[f.Name].resolves())
		})
		if all && p != c.part {
			return
		}
	}
	c.world.note(feature + ": a split value")
}

// ownsOther tells whether the subgraph has other fields of a value type than those that are selected.
func (c *call) ownsOther(of string, sel ast.SelectionSet) bool {
	if c.part.types[of] == nil || c.part.types[of].form.shareable {
		return false
	}
	owns := false
	for _, f := range c.part.types[of].fields {
		owns = owns || f.resolves()
	}
	return owns && !slices.ContainsFunc(sel, func(s ast.Selection) bool {
		f, ok := s.(*ast.Field)
		return !ok || c.part.types[of].fields[f.Name].resolves()
	})
}

// noteSides notes that three subgraphs have fields of a value type that no other one has.
func (w *world) noteSides(name string) {
	t := w.types[name]
	if t == nil || t.kind != ast.Object || t.entity {
		return
	}
	sides := map[*part]bool{}
	for _, f := range t.fields {
		if len(f.owners) == 1 {
			sides[f.owners[0]] = true
		}
	}
	w.noteIf(len(sides) > 2, "a value type of three subgraphs, of other fields in each")
}
