package operation

import (
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// variableDefinitions checks the variables of an operation: unique (section 5.8.1), of input types (section 5.8.2), with
// defaults that fit.
func (c *checker) variableDefinitions(d *definition) {
	seen := make(map[string]bool, len(d.variables))
	for _, v := range d.variables {
		if seen[v.name] {
			c.report(v.pos, "There can be only one variable named %s.", variableName(v.name))
		}
		seen[v.name] = true
		c.directivesAt(v.directives, "VARIABLE_DEFINITION")
		v.ref = c.inputRef(v, v.typ)
		switch {
		case v.def == nil:
		case v.ref.Named == nil:
			c.untyped(v.def)
		default:
			c.value(v.def, place{ref: v.ref})
		}
	}
}

// inputRef resolves the type of a variable. Named is nil when there is no such input type.
func (c *checker) inputRef(v *variableNode, t *typeNode) supergraph.TypeRef {
	if t.elem != nil {
		elem := c.inputRef(v, t.elem)
		return supergraph.TypeRef{Named: elem.Named, Elem: &elem, NonNull: t.nonNull}
	}
	named := visibleType(c.schema, t.name)
	switch {
	case named == nil:
		c.report(t.pos, "Unknown type %s.%s", quote(t.name), c.suggest.typ(c.schema, t.name))
	case !isInput(named):
		c.report(t.pos, "Variable %s cannot be non-input type %s.", variableName(v.name), quote(v.typ.String()))
		named = nil
	}
	return supergraph.TypeRef{Named: named, NonNull: t.nonNull}
}

// variables checks, for each operation with the fragments it uses, that variables are defined (section 5.8.3), used
// (section 5.8.4) and fit where they stand (section 5.8.5).
func (c *checker) variables() {
	for _, op := range c.doc.operations {
		byName := make(map[string]*variableNode, len(op.variables))
		for _, v := range op.variables {
			if byName[v.name] == nil {
				byName[v.name] = v
			}
		}
		used := make(map[string]bool, len(op.variables))
		for _, d := range reachable(op) {
			for _, use := range d.uses {
				used[use.name] = true
				c.use(op, byName[use.name], use)
			}
			if c.full {
				return
			}
		}
		for _, v := range op.variables {
			if !used[v.name] {
				c.report(v.pos, "Variable %s is never used%s.", variableName(v.name), inOperation(op, " in operation "))
			}
		}
	}
}

// inOperation names an operation after some words, and is empty for an anonymous one.
func inOperation(op *definition, words string) string {
	if op.name == "" {
		return ""
	}
	return words + quote(op.name)
}

// use checks one place where a variable stands; v is nil when the operation does not define it.
func (c *checker) use(op *definition, v *variableNode, use variableUse) {
	switch {
	case v == nil:
		c.report(use.pos, "Variable %s is not defined%s.", variableName(use.name), inOperation(op, " by operation "))
	case v.ref.Named == nil || use.ref.Named == nil:
	case use.oneOf && !v.ref.NonNull:
		c.report(use.pos, "Variable %s is of type %s but must be non-nullable to be used for OneOf Input Object %s.",
			variableName(use.name), quote(v.ref.String()), quote(use.owner))
	case !allowedUse(v, use):
		c.report(use.pos, "Variable %s of type %s used in position expecting type %s.",
			variableName(use.name), quote(v.ref.String()), quote(use.ref.String()))
	}
}

// allowedUse is IsVariableUsageAllowed of section 5.8.5.
func allowedUse(v *variableNode, use variableUse) bool {
	to := use.ref
	if to.NonNull && !v.ref.NonNull {
		hasDefault := v.def != nil && v.def.kind != nullValue
		if !hasDefault && !use.hasDefault {
			return false
		}
		to.NonNull = false
	}
	return compatible(v.ref, to)
}

// compatible is AreTypesCompatible of section 5.8.5.
func compatible(from, to supergraph.TypeRef) bool {
	if to.NonNull && !from.NonNull {
		return false
	}
	if to.Elem == nil || from.Elem == nil {
		return to.Elem == nil && from.Elem == nil && to.Named == from.Named
	}
	return compatible(*from.Elem, *to.Elem)
}
