package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// widen gives fields the widest type that a subgraph says: an interface or union, where others say one of its types.
func (w *world) widen() {
	for _, p := range w.parts {
		for name, t := range p.types {
			for _, pf := range t.fields {
				f := w.types[name].fields[pf.def.Name]
				if f == nil {
					continue // an input field that not all have
				}
				if said := pf.def.Type.Name(); said != f.typ.Name() && w.types[said] != nil && slices.Contains(w.types[said].possible, f.typ.Name()) {
					f.typ = renamed(f.typ, said)
				}
			}
		}
	}
}

// renamed is a type with another named type.
func renamed(t *ast.Type, name string) *ast.Type {
	if t.Elem != nil {
		return &ast.Type{Elem: renamed(t.Elem, name), NonNull: t.NonNull}
	}
	return &ast.Type{NamedType: name, NonNull: t.NonNull}
}

// noteNarrow notes that subgraphs say different types of the values of a field.
func (c *call) noteNarrow(pf *partField, wf *worldField) {
	w, name := c.world, wf.typ.Name()
	w.noteIf(pf.def.Type.Name() != name && w.types[name].kind == ast.Interface, "an object type, an interface elsewhere")
	w.noteIf(pf.def.Type.Name() != name && w.types[name].kind == ast.Union, "an object type, a union elsewhere")
	if of := c.part.types[name]; of == nil || !of.opaque {
		return
	}
	for _, p := range wf.owners {
		if other := p.types[name]; other != nil && !other.opaque {
			w.note("@interfaceObject: an interface elsewhere")
			w.noteIf(len(other.possible) < len(w.types[name].possible), "@interfaceObject: an interface elsewhere, of fewer types")
		}
	}
}
