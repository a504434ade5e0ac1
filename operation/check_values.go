package operation

import (
	"math"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// place is where a value stands.
type place struct {
	ref supergraph.TypeRef
	// hasDefault: the argument or input field has a default. owner is the @oneOf input object whose field this is.
	hasDefault bool
	owner      *supergraph.Type
}

// value checks that a literal fits its place (section 5.6.1) and notes the variables in it.
func (c *checker) value(v *valueNode, at place) {
	switch {
	case v.kind == varValue:
		use := variableUse{name: v.text, pos: v.pos, ref: at.ref, hasDefault: at.hasDefault}
		if at.owner != nil {
			use.oneOf, use.owner = true, at.owner.Name
		}
		c.current.uses = append(c.current.uses, use)
	case v.kind == nullValue:
		if at.ref.NonNull {
			c.report(v.pos, "Expected value of type %s, found null.", quote(at.ref.String()))
		}
	case at.ref.Elem != nil && v.kind == listValue:
		for _, e := range v.list {
			c.value(e, place{ref: *at.ref.Elem})
		}
	case at.ref.Elem != nil:
		c.value(v, place{ref: *at.ref.Elem})
	case at.ref.Named.Kind == supergraph.InputObject:
		c.inputObject(v, at.ref.Named)
	case at.ref.Named.Kind == supergraph.Enum:
		c.enum(v, at.ref.Named)
	default:
		c.scalar(v, at.ref.Named)
	}
}

// untyped notes the variables in a value of which no type is known, and checks what needs none.
func (c *checker) untyped(v *valueNode) {
	switch v.kind {
	case varValue:
		c.current.uses = append(c.current.uses, variableUse{name: v.text, pos: v.pos})
	case listValue:
		for _, e := range v.list {
			c.untyped(e)
		}
	case objectValue:
		c.uniqueInputs(v)
		for _, f := range v.fields {
			c.untyped(f.value)
		}
	default:
	}
}

// uniqueInputs reports input fields that are given twice (section 5.6.3).
func (c *checker) uniqueInputs(v *valueNode) {
	c.uniqueNodes(v.fields, "There can be only one input field named %s.")
}

// inputObject checks an object literal (sections 5.6.2 to 5.6.4).
func (c *checker) inputObject(v *valueNode, t *supergraph.Type) {
	if v.kind != objectValue {
		c.report(v.pos, "Expected value of type %s, found %s.", quote(t.Name), shown(v))
		c.untyped(v)
		return
	}
	c.uniqueInputs(v)
	for _, f := range v.fields {
		def := visibleInput(t.InputFields, f.name)
		if def == nil {
			c.report(f.pos, "Field %s is not defined by type %s.%s", quote(f.name), quote(t.Name), c.suggest.input(t.InputFields, f.name))
			c.untyped(f.value)
			continue
		}
		at := place{ref: def.Type, hasDefault: def.Default != nil}
		if t.OneOf {
			at.owner = t
			if f.value.kind == nullValue {
				c.report(f.pos, "Field %s must be non-null.", quote(t.Name+"."+f.name))
			}
		}
		c.value(f.value, at)
	}
	for _, def := range t.InputFields {
		if isRequired(def) && !hasArgument(v.fields, def.Name) {
			c.report(v.pos, "Field %s of required type %s was not provided.", quote(t.Name+"."+def.Name), quote(def.Type.String()))
		}
	}
	if t.OneOf && len(v.fields) != 1 {
		c.report(v.pos, "OneOf Input Object %s must specify exactly one key.", quote(t.Name))
	}
}

// enum checks the name of an enum value.
func (c *checker) enum(v *valueNode, t *supergraph.Type) {
	switch {
	case v.kind != enumValue:
		c.report(v.pos, "Enum %s cannot represent non-enum value: %s.%s", quote(t.Name), shown(v), c.suggest.enum(t, shown(v)))
		c.untyped(v)
	case !visibleEnum(t, v.text):
		c.report(v.pos, "Value %s does not exist in %s enum.%s", quote(v.text), quote(t.Name), c.suggest.enum(t, v.text))
	}
}

// scalar checks a literal of a scalar type. Values of custom scalars are the business of the subgraphs.
func (c *checker) scalar(v *valueNode, t *supergraph.Type) {
	problem := ""
	switch t.Name {
	case "Int":
		switch {
		case v.kind != intValue:
			problem = "Int cannot represent non-integer value"
		case !isInt32(v.text):
			problem = "Int cannot represent non 32-bit signed integer value"
		}
	case "Float":
		if v.kind != intValue && v.kind != floatValue || !isFinite(v.text) {
			problem = "Float cannot represent non numeric value"
		}
	case "String":
		if v.kind != stringValue {
			problem = "String cannot represent a non string value"
		}
	case "Boolean":
		if v.kind != boolValue {
			problem = "Boolean cannot represent a non boolean value"
		}
	case "ID":
		if v.kind != stringValue && v.kind != intValue {
			problem = "ID cannot represent a non-string and non-integer value"
		}
	default:
		c.untyped(v)
	}
	if problem != "" {
		c.report(v.pos, "%s: %s", problem, shown(v))
		c.untyped(v)
	}
}

// isInt32 tells whether an integer is in the range of Int.
func isInt32(text string) bool {
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

// isFinite tells whether a number is in the range of Float.
func isFinite(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsInf(f, 0)
}
