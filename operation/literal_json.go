package operation

import (
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// appendLiteralJSON appends a checked constant literal as the JSON value that a client would send for it, coerced to the
// type: single values become lists, numbers for ID become strings. Ref.Named is nil inside custom scalars.
func appendLiteralJSON(dst []byte, v *valueNode, ref supergraph.TypeRef) []byte {
	switch {
	case v.kind == nullValue:
		return append(dst, "null"...)
	case ref.Elem != nil && v.kind == listValue:
		return appendListJSON(dst, v, *ref.Elem)
	case ref.Elem != nil:
		return append(appendLiteralJSON(append(dst, '['), v, *ref.Elem), ']')
	case v.kind == listValue:
		return appendListJSON(dst, v, supergraph.TypeRef{})
	case v.kind == objectValue:
		return appendObjectJSON(dst, v, ref.Named)
	case v.kind == stringValue || v.kind == enumValue:
		return gqlerr.AppendString(dst, v.text)
	case v.kind == intValue && ref.Named != nil && ref.Named.Name == "ID":
		return gqlerr.AppendString(dst, v.text)
	default:
		return append(dst, v.text...)
	}
}

func appendListJSON(dst []byte, v *valueNode, elem supergraph.TypeRef) []byte {
	dst = append(dst, '[')
	for i, e := range v.list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLiteralJSON(dst, e, elem)
	}
	return append(dst, ']')
}

// appendObjectJSON appends the fields in the order of their definition, or as written in a custom scalar.
func appendObjectJSON(dst []byte, v *valueNode, t *supergraph.Type) []byte {
	dst = append(dst, '{')
	first := true
	add := func(f *argumentNode, ref supergraph.TypeRef) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(gqlerr.AppendString(dst, f.name), ':')
		dst = appendLiteralJSON(dst, f.value, ref)
	}
	if t == nil || t.Kind != supergraph.InputObject {
		for _, f := range v.fields {
			add(f, supergraph.TypeRef{})
		}
		return append(dst, '}')
	}
	for _, def := range t.InputFields {
		for _, f := range v.fields {
			if f.name == def.Name {
				add(f, def.Type)
			}
		}
	}
	return append(dst, '}')
}
