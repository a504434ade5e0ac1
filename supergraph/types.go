package supergraph

import (
	"regexp"
	"slices"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
)

// declare makes a Type of each definition, without its content.
func (l *loader) declare() {
	for _, node := range l.doc.RootNodes {
		switch node.Kind {
		case ast.NodeKindSchemaDefinition, ast.NodeKindSchemaExtension, ast.NodeKindDirectiveDefinition:
		case ast.NodeKindScalarTypeDefinition:
			d := l.doc.ScalarTypeDefinitions[node.Ref]
			l.add(Scalar, d.Name, d.Description, &decl{directives: l.applied(d.Directives)})
		case ast.NodeKindObjectTypeDefinition:
			d := l.doc.ObjectTypeDefinitions[node.Ref]
			if t := l.add(Object, d.Name, d.Description, &decl{directives: l.applied(d.Directives)}); t != nil {
				t.implements = d.ImplementsInterfaces.Refs
				l.addFields(t, d.FieldsDefinition.Refs)
			}
		case ast.NodeKindInterfaceTypeDefinition:
			d := l.doc.InterfaceTypeDefinitions[node.Ref]
			if t := l.add(Interface, d.Name, d.Description, &decl{directives: l.applied(d.Directives)}); t != nil {
				t.implements = d.ImplementsInterfaces.Refs
				l.addFields(t, d.FieldsDefinition.Refs)
			}
		case ast.NodeKindUnionTypeDefinition:
			d := l.doc.UnionTypeDefinitions[node.Ref]
			l.add(Union, d.Name, d.Description, &decl{directives: l.applied(d.Directives), members: d.UnionMemberTypes.Refs})
		case ast.NodeKindEnumTypeDefinition:
			d := l.doc.EnumTypeDefinitions[node.Ref]
			l.add(Enum, d.Name, d.Description, &decl{directives: l.applied(d.Directives), values: d.EnumValuesDefinition.Refs})
		case ast.NodeKindInputObjectTypeDefinition:
			d := l.doc.InputObjectTypeDefinitions[node.Ref]
			l.add(InputObject, d.Name, d.Description, &decl{directives: l.applied(d.Directives), inputs: d.InputFieldsDefinition.Refs})
		default:
			l.problems.add(l.nodeAt(node), "", "a supergraph has neither operations nor extensions of types")
		}
	}
	l.order()
}

// order sorts the types by name.
func (l *loader) order() {
	all := make([]*Type, len(l.decls))
	for i, d := range l.decls {
		all[i] = d.Type
	}
	slices.SortFunc(all, byTypeName)
	for i, t := range all {
		t.Order = i + 1
		if !t.Introspection {
			l.schema.Types = append(l.schema.Types, t)
		}
	}
}

// nodeAt returns where a definition that is not wanted stands.
func (l *loader) nodeAt(node ast.Node) uint32 {
	if name := l.doc.NodeNameBytes(node); len(name) > 0 && node.IsExtensionKind() {
		return l.extensionAt(node)
	}
	return noPlace
}

func (l *loader) extensionAt(node ast.Node) uint32 {
	d := l.doc
	switch node.Kind {
	case ast.NodeKindObjectTypeExtension:
		return d.ObjectTypeExtensions[node.Ref].Name.Start
	case ast.NodeKindInterfaceTypeExtension:
		return d.InterfaceTypeExtensions[node.Ref].Name.Start
	case ast.NodeKindUnionTypeExtension:
		return d.UnionTypeExtensions[node.Ref].Name.Start
	case ast.NodeKindEnumTypeExtension:
		return d.EnumTypeExtensions[node.Ref].Name.Start
	case ast.NodeKindInputObjectTypeExtension:
		return d.InputObjectTypeExtensions[node.Ref].Name.Start
	case ast.NodeKindScalarTypeExtension:
		return d.ScalarTypeExtensions[node.Ref].Name.Start
	}
	return noPlace
}

// add notes a type. It returns nil for types that are not part of the schema: federation's own, and built-in scalars
// that the text defines although they exist.
func (l *loader) add(kind Kind, ref ast.ByteSliceReference, desc ast.Description, d *decl) *decl {
	name := l.doc.str(ref)
	ours := ref.Start < l.doc.src.first
	if !ours && (l.links.isMachinery(name) || builtInScalars[name] && kind == Scalar) {
		return nil
	}
	d.at = ref.Start
	d.Type = &Type{
		Name: name, Kind: kind, Description: l.doc.description(desc), In: l.noTypeIn,
		Introspection: ours && kind != Scalar,
	}
	if d.IsComposite() {
		d.Type.fields = map[string]*Field{}
	}
	switch {
	case !isName(name):
		l.problems.add(d.at, "", "%q is not a name", name)
	case l.schema.byName[name] != nil:
		l.problems.add(d.at, Coordinate(name), "this type is defined twice")
	case !ours && len(name) > 1 && name[:2] == "__":
		l.problems.add(d.at, Coordinate(name), "names that begin with __ belong to introspection")
	}
	l.schema.byName[name] = d.Type
	l.decls = append(l.decls, d)
	return d
}

// addFields makes a Field of each definition, without its content.
func (l *loader) addFields(d *decl, refs []int) {
	d.fields = make([]fieldDecl, 0, len(refs))
	d.Fields = make([]*Field, 0, len(refs))
	fields := make([]Field, len(refs)) // one allocation for all
	for i, ref := range refs {
		def := &l.doc.FieldDefinitions[ref]
		f := &fields[i]
		f.Name, f.Parent = l.doc.str(def.Name), d.Type
		l.checkName(def.Name, f.Coordinate(), d.Type.fields[f.Name] != nil)
		d.Type.fields[f.Name] = f
		d.Fields = append(d.Fields, f)
		d.fields = append(d.fields, fieldDecl{f, ref, l.applied(def.Directives)})
	}
}

// checkName reports a name that is none, is reserved or was there already.
func (l *loader) checkName(ref ast.ByteSliceReference, coor Coordinate, twice bool) {
	name := l.doc.str(ref)
	switch {
	case !isName(name):
		l.problems.add(ref.Start, coor, "%q is not a name", name)
	case twice:
		l.problems.add(ref.Start, coor, "this is defined twice")
	case len(name) > 1 && name[:2] == "__":
		l.problems.add(ref.Start, coor, "names that begin with __ belong to introspection")
	}
}

// define fills in what a definition says about a type itself.
func (l *loader) define() {
	for _, d := range l.decls {
		coor := Coordinate(d.Name)
		d.Inaccessible = l.inaccessible(d.directives)
		d.Rule = l.rule(d.directives, coor, d.Kind != Union && d.Kind != InputObject)
		d.OneOf = d.Kind == InputObject && d.directives.has(element{"", "oneOf"})
		if by, ok := d.directives.first(element{"", "specifiedBy"}); ok && d.Kind == Scalar {
			d.SpecifiedBy, _ = by.text("url")
		}
		for _, f := range d.fields {
			l.defineField(f)
		}
		l.defineValues(d)
		d.InputFields = l.inputValues(coor, ".", "", d.inputs)
	}
}

func (l *loader) defineField(f fieldDecl) {
	def := &l.doc.FieldDefinitions[f.def]
	coor := f.Coordinate()
	f.Type = l.typeRef(def.Type, coor)
	if f.Type.Named != nil && f.Type.Named.Kind == InputObject {
		l.problems.add(def.Name.Start, coor, "a field cannot have the input type %s", f.Type)
	}
	f.Description = l.doc.description(def.Description)
	f.Deprecated = f.directives.deprecated()
	f.Inaccessible = l.inaccessible(f.directives)
	f.Rule = l.rule(f.directives, coor, true)
	f.Args = l.inputValues(coor, "(", ":)", def.ArgumentsDefinition.Refs)
}

// defineValues fills in the values of an enum.
func (l *loader) defineValues(d *decl) {
	seen := map[string]bool{}
	for _, ref := range d.values {
		def := &l.doc.EnumValueDefinitions[ref]
		ds := l.applied(def.Directives)
		v := &EnumValue{
			Name: l.doc.str(def.EnumValue), Description: l.doc.description(def.Description),
			Deprecated: ds.deprecated(), Inaccessible: l.inaccessible(ds),
		}
		coor := Coordinate(d.Name + "." + v.Name)
		l.checkName(def.EnumValue, coor, seen[v.Name])
		if v.Name == "true" || v.Name == "false" || v.Name == "null" {
			l.problems.add(def.EnumValue.Start, coor, "no enum value can have this name")
		}
		seen[v.Name] = true
		d.EnumValues = append(d.EnumValues, v)
	}
}

// inputValues converts arguments or input fields. The coordinate of one is parent, before, its name, after.
func (l *loader) inputValues(parent Coordinate, before, after string, refs []int) []*InputValue {
	if len(refs) == 0 {
		return nil
	}
	seen := make(map[string]bool, len(refs))
	values := make([]*InputValue, 0, len(refs))
	for _, ref := range refs {
		def := &l.doc.InputValueDefinitions[ref]
		ds := l.applied(def.Directives)
		name := l.doc.str(def.Name)
		coor := Coordinate(string(parent) + before + name + after)
		v := &InputValue{
			Name: name, Type: l.typeRef(def.Type, coor), Description: l.doc.description(def.Description),
			Deprecated: ds.deprecated(), Inaccessible: l.inaccessible(ds),
		}
		l.checkName(def.Name, coor, seen[name])
		seen[name] = true
		if t := v.Type.Named; t != nil && t.IsComposite() {
			l.problems.add(def.Name.Start, coor, "an input cannot have the output type %s", v.Type)
		}
		if def.DefaultValue.IsDefined {
			l.checkLiteral(def.DefaultValue.Value, def.Name.Start, coor)
			text := string(l.doc.appendValue(nil, def.DefaultValue.Value))
			v.Default = &text
		}
		values = append(values, v)
	}
	return values
}

// inaccessible tells whether @inaccessible is among the directives, and notes that it had an effect.
func (l *loader) inaccessible(ds directives) bool {
	return len(l.take(ds, element{"inaccessible", "inaccessible"})) > 0
}

// take returns the directives with the meaning, and notes that they had an effect.
func (l *loader) take(ds directives, want element) []directive {
	for _, ref := range ds.refs {
		if l.links.names[l.doc.str(l.doc.Directives[ref].Name)] == want {
			l.protected[ref] = true
		}
	}
	return ds.all(want)
}

// typeRef converts a type reference.
func (l *loader) typeRef(ref int, coor Coordinate) TypeRef {
	t := l.doc.Types[ref]
	switch t.TypeKind {
	case ast.TypeKindNonNull:
		r := l.typeRef(t.OfType, coor)
		r.NonNull = true
		return r
	case ast.TypeKindList:
		elem := l.typeRef(t.OfType, coor)
		return TypeRef{Named: elem.Named, Elem: &elem}
	}
	name := l.doc.str(t.Name)
	named := l.schema.byName[name]
	if named == nil {
		l.problems.add(t.Name.Start, coor, "unknown type %s", name)
	}
	return TypeRef{Named: named}
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// checkLiteral reports what the parser accepts in a constant value although it is none.
func (l *loader) checkLiteral(v ast.Value, at uint32, coor Coordinate) {
	switch v.Kind {
	case ast.ValueKindVariable:
		l.problems.add(at, coor, "a constant value cannot have variables")
	case ast.ValueKindEnum:
		if name := l.doc.enumValue(v); !isName(name) {
			l.problems.add(at, coor, "%q is not a value", name)
		}
	case ast.ValueKindInteger, ast.ValueKindFloat:
		if text := l.doc.appendValue(nil, v); !number.Match(text) {
			l.problems.add(at, coor, "%q is not a number", text)
		}
	case ast.ValueKindList:
		for _, elem := range l.doc.list(v) {
			l.checkLiteral(elem, at, coor)
		}
	case ast.ValueKindObject:
		for _, ref := range l.doc.ObjectValues[v.Ref].Refs {
			f := l.doc.ObjectFields[ref]
			if name := l.doc.str(f.Name); !isName(name) {
				l.problems.add(at, coor, "%q is not a name", name)
			}
			l.checkLiteral(f.Value, at, coor)
		}
	}
}
