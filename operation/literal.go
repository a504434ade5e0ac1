package operation

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// quote writes a text in double quotes, as messages show it: a long one is clipped, since a message may repeat a name that the
// document has once.
func quote(s string) string { return string(gqlerr.AppendString(nil, clip(s))) }

// clip shortens a text for a message.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// appendLiteral prints a value as supergraph.Argument documents it: one space after commas and colons, none elsewhere,
// block strings as plain strings. A string is printed with the escapes of JSON, which GraphQL shares.
func appendLiteral(dst []byte, v *valueNode) []byte {
	switch v.kind {
	case varValue:
		return append(append(dst, '$'), v.text...)
	case stringValue:
		return gqlerr.AppendString(dst, v.text)
	case listValue:
		dst = append(dst, '[')
		for i, e := range v.list {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendLiteral(dst, e)
		}
		return append(dst, ']')
	case objectValue:
		dst = append(dst, '{')
		for i, f := range v.fields {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(append(dst, f.name...), ": "...)
			dst = appendLiteral(dst, f.value)
		}
		return append(dst, '}')
	case floatValue:
		return appendFloat(dst, v.text)
	default:
		return append(dst, v.text...)
	}
}

// appendFloat prints a float; 1e-7 is 1.0e-7, since the second reader, and maybe a subgraph, cannot read a sign in the
// exponent where there is no fraction.
func appendFloat(dst []byte, text string) []byte {
	exponent := strings.IndexAny(text, "eE")
	if exponent < 0 || strings.Contains(text, ".") || !strings.ContainsAny(text[exponent:], "+-") {
		return append(dst, text...)
	}
	dst = append(append(dst, text[:exponent]...), ".0"...)
	return append(dst, text[exponent:]...)
}

// literal prints a value in full.
func literal(v *valueNode) string { return string(appendLiteral(nil, v)) }

// shown prints a value for a message.
func shown(v *valueNode) string { return clip(literal(v)) }

// variableUses appends the variables in a checked value for a place of a type, each once, in order; inside is the custom scalar of
// which the value is a part. A place with a type comes before one without: what fits there fits everywhere.
func variableUses(dst []supergraph.VariableUse, v *valueNode, ref supergraph.TypeRef, inside *supergraph.Type) []supergraph.VariableUse {
	if inside == nil && ref.Named.Kind == supergraph.Scalar && (v.kind == objectValue || v.kind == listValue && ref.Elem == nil) {
		inside = ref.Named
	}
	switch v.kind {
	case varValue:
		use := supergraph.VariableUse{Name: v.text, Inside: inside}
		if i := slices.IndexFunc(dst, func(u supergraph.VariableUse) bool { return u.Name == v.text }); i < 0 {
			return append(dst, use)
		} else if inside == nil {
			dst[i] = use
		}
	case listValue:
		if ref.Elem != nil {
			ref = *ref.Elem
		}
		for _, e := range v.list {
			dst = variableUses(dst, e, ref, inside)
		}
	case objectValue:
		for _, f := range v.fields {
			below := ref
			if inside == nil {
				below = visibleInput(ref.Named.InputFields, f.name).Type
			}
			dst = variableUses(dst, f.value, below, inside)
		}
	default:
	}
	return dst
}

// variableName writes a variable as messages show it.
func variableName(name string) string { return quote("$" + clip(name)) }
