package supergraph

import "slices"

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
	for _, d := range s.Directives {
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
		for _, a := range f.Args {
			l.checkInput(at, Coordinate(string(f.Coordinate())+"("+a.Name+":)"), a)
		}
	}
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
		for _, a := range want.Args {
			if got := f.Arg(a.Name); !a.Inaccessible && (got == nil || got.Inaccessible) {
				l.problems.add(d.at, f.Coordinate(), "the field has no accessible argument %s, as %s has", a.Name, want.Coordinate())
			}
		}
	}
}
