package fedgen

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteOld notes what a subgraph of Federation 1 says of a type of which it resolves a field.
func (c *call) noteOld(on string) {
	t := c.part.types[on]
	if !c.part.old || t == nil {
		return
	}
	w := c.world
	w.noteIf(t.def.Directives.ForName("extends") != nil, "Federation 1: @extends")
	w.noteIf(on == "Query" && strings.Contains(c.part.sdl, "extend type Query"), "Federation 1: extend type Query")
	for _, f := range t.fields {
		w.noteIf(f.external && !c.part.mentions(f.def.Name), "Federation 1: @external of no use")
	}
}

// mentions tells whether the name of a field stands in any @requires or @provides.
func (p *part) mentions(name string) bool {
	for _, t := range p.types {
		for _, f := range t.fields {
			if selects(f.requires, name) || selects(f.provides, name) {
				return true
			}
		}
	}
	return false
}

// selects tells whether a selection has a field of that name, at any depth.
func selects(sel ast.SelectionSet, name string) bool {
	return slices.ContainsFunc(sel, func(s ast.Selection) bool {
		if f, ok := s.(*ast.Field); ok {
			return f.Name == name || selects(f.SelectionSet, name)
		}
		return selects(s.(*ast.InlineFragment).SelectionSet, name)
	})
}
