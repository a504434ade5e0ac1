package supergraph

import (
	"slices"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// checkAPI reports where hiding what is inaccessible leaves a schema that is none: composition should have.
func (l *loader) checkAPI() {
	s := l.schema
	if s.Query.Inaccessible {
		l.problems.add(noPlace, Coordinate(s.Query.Name), "the query type is inaccessible")
	}
	for _, d := range l.decls {
		if !d.Inaccessible && !d.Introspection {
			l.checkType(d)
		}
	}
	for _, d := range l.visible {
		l.checkDefaults(d.Args, d.args)
		for _, a := range d.Args {
			l.checkInput(noPlace, Coordinate("@"+d.Name+"("+a.Name+":)"), a)
		}
	}
}

// checkType checks a type that clients see.
func (l *loader) checkType(d *decl) {
	visible := d.Kind == Scalar
	for i, f := range d.Fields {
		if f.Inaccessible {
			continue
		}
		visible = true
		at := l.doc.FieldDefinitions[d.fields[i].def].Name.Start
		if f.Type.Named.Inaccessible {
			l.problems.add(at, f.Coordinate(), "the field is not inaccessible, but its type %s is", f.Type.Named.Name)
		}
		l.checkDefaults(f.Args, l.doc.FieldDefinitions[d.fields[i].def].ArgumentsDefinition.Refs)
		for _, a := range f.Args {
			l.checkInput(at, Coordinate(string(f.Coordinate())+"("+a.Name+":)"), a)
		}
	}
	l.checkDefaults(d.InputFields, d.inputs)
	for i, v := range d.InputFields {
		visible = visible || !v.Inaccessible
		l.checkInput(l.doc.InputValueDefinitions[d.inputs[i]].Name.Start, Coordinate(d.Name+"."+v.Name), v)
	}
	visible = visible || slices.ContainsFunc(d.EnumValues, func(v *EnumValue) bool { return !v.Inaccessible }) ||
		d.Kind == Union && slices.ContainsFunc(d.Possible, func(t *Type) bool { return !t.Inaccessible })
	if !visible {
		l.problems.add(d.at, Coordinate(d.Name), "the type has nothing that is accessible")
	}
	for _, i := range d.Interfaces {
		if !i.Inaccessible {
			l.checkImplements(d, i)
		}
	}
}

// checkInput checks an argument or an input field of something that clients see.
func (l *loader) checkInput(at uint32, coor Coordinate, v *InputValue) {
	switch {
	case !v.Inaccessible && v.Type.Named.Inaccessible:
		l.problems.add(at, coor, "this is not inaccessible, but its type %s is", v.Type.Named.Name)
	case v.Inaccessible && v.Type.NonNull && v.Default == nil:
		l.problems.add(at, coor, "this is inaccessible, but required")
	}
}

// checkImplements checks that what clients see of a type has what they see of its interface.
func (l *loader) checkImplements(d *decl, i *Type) {
	for _, want := range i.Fields {
		if want.Inaccessible {
			continue
		}
		f := d.Type.fields[want.Name]
		if f == nil || f.Inaccessible {
			l.problems.add(d.at, Coordinate(d.Name), "the type implements %s but has no accessible field %s", i.Name, want.Name)
			continue
		}
		if !isSubtype(f.Type, want.Type) {
			l.problems.add(d.at, f.Coordinate(), "the field has type %s, which does not fit %s of %s", f.Type, want.Type, want.Coordinate())
		}
		for _, a := range want.Args {
			if got := f.Arg(a.Name); !a.Inaccessible && (got == nil || got.Inaccessible) {
				l.problems.add(d.at, f.Coordinate(), "the field has no accessible argument %s, as %s has", a.Name, want.Coordinate())
			}
		}
	}
}

// isSubtype tells whether a field of type t may implement one of type want (section 3.6.1, IsValidImplementation).
func isSubtype(t, want TypeRef) bool {
	switch {
	case want.NonNull && !t.NonNull || (t.Elem == nil) != (want.Elem == nil):
		return false
	case t.Elem != nil:
		return isSubtype(*t.Elem, *want.Elem)
	}
	return t.Named.Implies(want.Named)
}

// checkDefaults checks that the default values of arguments or input fields name nothing that clients do not see.
func (l *loader) checkDefaults(values []*InputValue, refs []int) {
	for i, v := range values {
		if def := l.doc.InputValueDefinitions[refs[i]]; v.Default != nil && !v.Inaccessible {
			l.checkDefault(def.DefaultValue.Value, v.Type.Named, def.Name.Start)
		}
	}
}

func (l *loader) checkDefault(v ast.Value, t *Type, at uint32) {
	switch v.Kind {
	case ast.ValueKindList:
		for _, elem := range l.doc.list(v) {
			l.checkDefault(elem, t, at)
		}
	case ast.ValueKindEnum:
		name := l.doc.enumValue(v)
		known := slices.ContainsFunc(t.EnumValues, func(v *EnumValue) bool { return v.Name == name && !v.Inaccessible })
		if t.Kind == Enum && !known {
			l.problems.add(at, Coordinate(t.Name+"."+name), "a default value uses this, and clients do not see it")
		}
	case ast.ValueKindObject:
		if t.Kind != InputObject {
			return
		}
		for _, ref := range l.doc.ObjectValues[v.Ref].Refs {
			f := l.doc.ObjectFields[ref]
			name := l.doc.str(f.Name)
			n := slices.IndexFunc(t.InputFields, func(v *InputValue) bool { return v.Name == name && !v.Inaccessible })
			if n < 0 {
				l.problems.add(at, Coordinate(t.Name+"."+name), "a default value uses this, and clients do not see it")
				continue
			}
			l.checkDefault(f.Value, t.InputFields[n].Type.Named, at)
		}
	}
}
