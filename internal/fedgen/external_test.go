package fedgen

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteExternal notes which arguments a @requires does not give of a field, and which others the subgraph that requires it says it has.
func (c *call) noteExternal(on string, f *ast.Field, wf *worldField) {
	w := c.world
	for _, a := range wf.def.Arguments {
		w.noteIf(f.Arguments.ForName(a.Name) == nil && a.DefaultValue == nil, "@requires: an argument left out")
		w.noteIf(f.Arguments.ForName(a.Name) == nil && a.DefaultValue != nil, "@requires: a default left out")
	}
	t := c.part.types[on]
	if t == nil || t.fields[f.Name] == nil || !t.fields[f.Name].external {
		return
	}
	for _, a := range t.fields[f.Name].def.Arguments {
		merged := wf.def.Arguments.ForName(a.Name)
		w.noteIf(merged == nil, "@external: with an argument more")
		w.noteIf(merged != nil && merged.Type.String() != a.Type.String(), "@external: with an argument that may be null")
	}
}

// noteDefaults notes defaults of what clients may leave out, though it may not be null.
func (w *world) noteDefaults(wf *worldField) {
	for _, a := range wf.def.Arguments {
		w.noteIf(a.DefaultValue != nil && strings.HasSuffix(a.Type.String(), "!"), "argument: a default of what may not be null")
		if t := w.types[a.Type.Name()]; t != nil && t.kind == ast.InputObject {
			for _, f := range t.fields {
				w.noteIf(f.def.DefaultValue != nil, "input field: a default")
				w.noteIf(f.def.DefaultValue != nil && f.typ.NonNull, "input field: a default of what may not be null")
			}
		}
	}
}
