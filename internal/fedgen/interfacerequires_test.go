package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteRequiresOfObject notes what a field requires of an interface that is an object to the subgraph.
func (c *call) noteRequiresOfObject(t *partType, pf *partField) {
	w, name := c.world, t.def.Name
	w.note("@interfaceObject: @requires")
	w.noteIf(len(t.keys) > 1 && !t.keys[0].resolvable, "@interfaceObject: @requires, by the second key")
	for _, s := range pf.requires {
		f := s.(*ast.Field)
		w.noteIf(len(f.SelectionSet) > 0, "@interfaceObject: @requires, nested")
		w.noteIf(len(f.Arguments) > 0, "@interfaceObject: @requires, arguments")
		w.noteIf(hasFragments(f.SelectionSet), "@interfaceObject: @requires, types below")
		elsewhere := slices.ContainsFunc(w.parts, func(p *part) bool {
			return p.types[name] != nil && p.types[name].opaque && p.types[name].fields[f.Name].resolves()
		})
		w.noteIf(elsewhere, "@interfaceObject: @requires, of another's")
	}
}

func hasFragments(sel ast.SelectionSet) bool {
	return slices.ContainsFunc(sel, func(s ast.Selection) bool {
		f, isField := s.(*ast.Field)
		return !isField || hasFragments(f.SelectionSet)
	})
}
