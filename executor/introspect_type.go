package executor

import (
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// kinds are the values of __TypeKind by supergraph.Kind.
var kinds = [...]string{
	supergraph.Scalar: "SCALAR", supergraph.Object: "OBJECT", supergraph.Interface: "INTERFACE",
	supergraph.Union: "UNION", supergraph.Enum: "ENUM", supergraph.InputObject: "INPUT_OBJECT",
}

func (in *introspector) schemaObject(asked *planner.Selection) {
	in.object(asked, "__Schema", func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "description":
			in.optional(in.schema.Description)
		case "types":
			each(in, visible(in.types, in.hides), func(t *supergraph.Type) { in.namedType(f.Sub, t) })
		case "queryType":
			in.namedType(f.Sub, in.schema.Query)
		case "mutationType":
			in.namedType(f.Sub, in.schema.Mutation)
		case "subscriptionType":
			in.namedType(f.Sub, in.schema.Subscription)
		case "directives":
			each(in, in.schema.Directives, func(d *supergraph.Directive) { in.directive(f.Sub, d) })
		default:
			in.null()
		}
	})
}

func (in *introspector) namedType(asked *planner.Selection, t *supergraph.Type) {
	if t == nil || in.hides(t) {
		in.null()
		return
	}
	in.typeObject(asked, supergraph.TypeRef{Named: t})
}

// typeObject writes a __Type: a named type, or a wrapper around one.
func (in *introspector) typeObject(asked *planner.Selection, ref supergraph.TypeRef) {
	in.object(asked, "__Type", func(f *planner.SelectionField) {
		switch {
		case ref.NonNull:
			in.wrapper(f, "NON_NULL", supergraph.TypeRef{Named: ref.Named, Elem: ref.Elem})
		case ref.Elem != nil:
			in.wrapper(f, "LIST", *ref.Elem)
		default:
			in.typeField(f, ref.Named)
		}
	})
}

// wrapper writes a field of a list or non-null type.
func (in *introspector) wrapper(f *planner.SelectionField, kind string, of supergraph.TypeRef) {
	switch f.Def.Name {
	case "kind":
		in.string(kind)
	case "ofType":
		in.typeObject(f.Sub, of)
	default:
		in.null()
	}
}

// typeField writes a field of a named type.
func (in *introspector) typeField(f *planner.SelectionField, t *supergraph.Type) {
	switch f.Def.Name {
	case "kind":
		in.string(kinds[t.Kind])
	case "name":
		in.string(t.Name)
	case "description":
		in.optional(t.Description)
	case "specifiedByURL":
		in.optional(t.SpecifiedBy)
	case "isOneOf":
		if t.Kind == supergraph.InputObject {
			in.bool(t.OneOf)
			return
		}
		in.null()
	default:
		in.typeList(f, t)
	}
}

// typeList writes a field of a named type that is a list, null for kinds that do not have it.
func (in *introspector) typeList(f *planner.SelectionField, t *supergraph.Type) {
	hasFields := t.Kind == supergraph.Object || t.Kind == supergraph.Interface
	switch name := f.Def.Name; {
	case name == "fields" && hasFields:
		all := visible(t.Fields, in.hidesField)
		if !in.deprecatedToo(f) {
			all = visible(all, func(f *supergraph.Field) bool { return f.Deprecated != nil })
		}
		each(in, all, func(field *supergraph.Field) { in.field(f.Sub, field) })
	case name == "interfaces" && hasFields:
		in.typesOf(f, t.Interfaces)
	case name == "possibleTypes" && t.IsAbstract():
		in.typesOf(f, t.Possible)
	case name == "enumValues" && t.Kind == supergraph.Enum:
		all := visible(t.EnumValues, func(v *supergraph.EnumValue) bool { return v.Inaccessible })
		if !in.deprecatedToo(f) {
			all = visible(all, func(v *supergraph.EnumValue) bool { return v.Deprecated != nil })
		}
		each(in, all, func(v *supergraph.EnumValue) { in.enumValue(f.Sub, v) })
	case name == "inputFields" && t.Kind == supergraph.InputObject:
		in.inputValues(f, t.InputFields)
	default:
		in.null()
	}
}

func (in *introspector) typesOf(f *planner.SelectionField, types []*supergraph.Type) {
	all := visible(types, in.hides)
	each(in, all, func(t *supergraph.Type) { in.namedType(f.Sub, t) })
}

func (in *introspector) inputValues(f *planner.SelectionField, values []*supergraph.InputValue) {
	all := visibleValues(values)
	if !in.deprecatedToo(f) {
		all = visible(all, func(v *supergraph.InputValue) bool { return v.Deprecated != nil })
	}
	each(in, all, func(v *supergraph.InputValue) { in.inputValue(f.Sub, v) })
}

func (in *introspector) field(asked *planner.Selection, field *supergraph.Field) {
	in.object(asked, "__Field", func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "name":
			in.string(field.Name)
		case "description":
			in.optional(field.Description)
		case "args":
			in.inputValues(f, field.Args)
		case "type":
			in.typeObject(f.Sub, field.Type)
		default:
			in.deprecation(f, field.Deprecated)
		}
	})
}

func (in *introspector) inputValue(asked *planner.Selection, v *supergraph.InputValue) {
	in.object(asked, "__InputValue", func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "name":
			in.string(v.Name)
		case "description":
			in.optional(v.Description)
		case "type":
			in.typeObject(f.Sub, v.Type)
		case "defaultValue":
			in.pointer(v.Default)
		default:
			in.deprecation(f, v.Deprecated)
		}
	})
}

func (in *introspector) enumValue(asked *planner.Selection, v *supergraph.EnumValue) {
	in.object(asked, "__EnumValue", func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "name":
			in.string(v.Name)
		case "description":
			in.optional(v.Description)
		default:
			in.deprecation(f, v.Deprecated)
		}
	})
}

// deprecation writes isDeprecated or deprecationReason.
func (in *introspector) deprecation(f *planner.SelectionField, reason *string) {
	if f.Def.Name == "isDeprecated" {
		in.bool(reason != nil)
		return
	}
	in.pointer(reason)
}

func (in *introspector) directive(asked *planner.Selection, d *supergraph.Directive) {
	in.object(asked, "__Directive", func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "name":
			in.string(d.Name)
		case "description":
			in.optional(d.Description)
		case "isRepeatable":
			in.bool(d.Repeatable)
		case "locations":
			each(in, d.Locations, in.string)
		case "args":
			in.inputValues(f, d.Args)
		default:
			in.null()
		}
	})
}
