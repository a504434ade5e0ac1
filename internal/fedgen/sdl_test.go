package fedgen

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// sdl is the uncut schema; public leaves out what is @inaccessible.
func (w *world) sdl(public bool) string {
	var b strings.Builder
	for _, name := range sortedKeys(w.types) {
		if !public || !w.isHidden(name) {
			w.writeType(&b, w.types[name], public)
		}
	}
	return b.String()
}

func (w *world) writeType(b *strings.Builder, t *worldType, public bool) {
	visible := func(names []string, prefix string) []string {
		var list []string
		for _, n := range names {
			if !public || !w.isHidden(prefix+n) {
				list = append(list, n)
			}
		}
		return list
	}
	switch t.kind {
	case ast.Scalar:
		b.WriteString("scalar " + t.name + "\n")
		return
	case ast.Enum:
		b.WriteString("enum " + t.name + " { " + strings.Join(visible(t.values, t.name+"."), " ") + " }\n")
		return
	case ast.Union:
		b.WriteString("union " + t.name + " = " + strings.Join(visible(t.possible, ""), " | ") + "\n")
		return
	case ast.Object:
		b.WriteString("type " + t.name)
	case ast.Interface:
		b.WriteString("interface " + t.name)
	case ast.InputObject:
		b.WriteString("input " + t.name)
	}
	if parents := visible(t.parents, ""); len(parents) > 0 {
		b.WriteString(" implements " + strings.Join(parents, " & "))
	}
	b.WriteString(" {\n")
	for _, n := range visible(t.order, t.name+".") {
		f := t.fields[n]
		b.WriteString("  " + n + w.argsSDL(f, public) + ": " + f.typ.String() + defaultSDL(f.def.DefaultValue) + "\n")
	}
	b.WriteString("}\n")
}

func (w *world) argsSDL(f *worldField, public bool) string {
	var list []string
	for _, a := range f.def.Arguments {
		if !public || !w.isHidden(f.coordinate+"."+a.Name) {
			list = append(list, a.Name+": "+a.Type.String()+defaultSDL(a.DefaultValue))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// isHidden tells whether some subgraph says that an element is @inaccessible: a type ("Color"), a field, enum value or input
// field ("Color.C0"), or an argument ("Query.user.by").
func (w *world) isHidden(coordinate string) bool { return w.hidden[coordinate] }

// findHidden notes what a subgraph says is @inaccessible. Both composers give a field of an interface object to the members that have
// none of that name, and with it, and with its arguments, the directive (in Apollo's: addMissingInterfaceObjectFieldsToImplementations).
func (w *world) findHidden(p *part) {
	for name, t := range p.types {
		w.hide(name, t.def.Directives)
		for _, v := range t.def.EnumValues {
			w.hide(name+"."+v.Name, v.Directives)
		}
		owners := []string{name}
		if t.opaque {
			owners = append(owners, w.types[name].possible...)
		}
		for _, f := range t.def.Fields {
			for _, owner := range owners {
				if owner != name && w.isDeclared(owner, f.Name) {
					continue
				}
				w.hide(owner+"."+f.Name, f.Directives)
				for _, a := range f.Arguments {
					w.hide(owner+"."+f.Name+"."+a.Name, a.Directives)
				}
			}
		}
	}
}

// isDeclared tells whether a subgraph declares a field of an object type itself.
func (w *world) isDeclared(owner, name string) bool {
	return slices.ContainsFunc(w.parts, func(p *part) bool {
		t := p.types[owner]
		return t != nil && t.fields[name] != nil
	})
}

func (w *world) hide(coordinate string, directives ast.DirectiveList) {
	if directives.ForName("inaccessible") != nil {
		w.hidden[coordinate] = true
	}
}
