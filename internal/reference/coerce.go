package reference

import (
	"encoding/json"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// VariableValues coerces the variables of a request. Absent ones without a default stay absent.
func VariableValues(schema *ast.Schema, op *ast.OperationDefinition, given map[string]any) map[string]any {
	out := map[string]any{}
	for _, v := range op.VariableDefinitions {
		if value, ok := given[v.Variable]; ok {
			out[v.Variable] = coerceJSON(schema, v.Type, value)
		} else if v.DefaultValue != nil {
			out[v.Variable] = CoerceLiteral(schema, v.Type, v.DefaultValue, nil)
		}
	}
	return out
}

// CoerceArguments returns the arguments of a field; absent ones without a default are absent.
func CoerceArguments(schema *ast.Schema, defs ast.ArgumentDefinitionList, given ast.ArgumentList, variables map[string]any) map[string]any {
	out := map[string]any{}
	for _, def := range defs {
		if a := given.ForName(def.Name); a != nil && !isAbsent(a.Value, variables) {
			out[def.Name] = CoerceLiteral(schema, def.Type, a.Value, variables)
		} else if def.DefaultValue != nil {
			out[def.Name] = CoerceLiteral(schema, def.Type, def.DefaultValue, nil)
		}
	}
	return out
}

func isAbsent(v *ast.Value, variables map[string]any) bool {
	if v.Kind != ast.Variable {
		return false
	}
	_, ok := variables[v.Raw]
	return !ok
}

// CoerceLiteral coerces a literal, in which variables may stand.
func CoerceLiteral(schema *ast.Schema, t *ast.Type, v *ast.Value, variables map[string]any) any {
	switch {
	case v.Kind == ast.Variable:
		value := variables[v.Raw]
		if _, isList := value.([]any); t.Elem != nil && value != nil && !isList {
			return []any{value}
		}
		return value
	case v.Kind == ast.NullValue:
		return nil
	case t.Elem != nil && v.Kind != ast.ListValue:
		return []any{CoerceLiteral(schema, t.Elem, v, variables)}
	case t.Elem != nil:
		list := []any{}
		for _, c := range v.Children {
			list = append(list, CoerceLiteral(schema, t.Elem, c.Value, variables))
		}
		return list
	}
	def := schema.Types[t.NamedType]
	if def.Kind == ast.InputObject {
		out := map[string]any{}
		for _, f := range def.Fields {
			if c := v.Children.ForName(f.Name); c != nil && !isAbsent(c, variables) {
				out[f.Name] = CoerceLiteral(schema, f.Type, c, variables)
			} else if f.DefaultValue != nil {
				out[f.Name] = CoerceLiteral(schema, f.Type, f.DefaultValue, nil)
			}
		}
		return out
	}
	return coerceLeaf(t.NamedType, literalJSON(v, variables))
}

// literalJSON is a literal as encoding/json would have it.
func literalJSON(v *ast.Value, variables map[string]any) any {
	switch v.Kind {
	case ast.Variable:
		return variables[v.Raw]
	case ast.IntValue, ast.FloatValue:
		n, _ := strconv.ParseFloat(v.Raw, 64)
		return n
	case ast.BooleanValue:
		return v.Raw == "true"
	case ast.NullValue:
		return nil
	case ast.ListValue:
		list := []any{}
		for _, c := range v.Children {
			list = append(list, literalJSON(c.Value, variables))
		}
		return list
	case ast.ObjectValue:
		out := map[string]any{}
		for _, c := range v.Children {
			out[c.Name] = literalJSON(c.Value, variables)
		}
		return out
	default:
		return v.Raw
	}
}

func coerceJSON(schema *ast.Schema, t *ast.Type, v any) any {
	list, isList := v.([]any)
	switch {
	case v == nil:
		return nil
	case t.Elem != nil && !isList:
		return []any{coerceJSON(schema, t.Elem, v)}
	case t.Elem != nil:
		out := make([]any, len(list))
		for i := range list {
			out[i] = coerceJSON(schema, t.Elem, list[i])
		}
		return out
	}
	def := schema.Types[t.NamedType]
	given, isObject := v.(map[string]any)
	if def.Kind != ast.InputObject || !isObject {
		return coerceLeaf(t.NamedType, v)
	}
	out := map[string]any{}
	for _, f := range def.Fields {
		if value, ok := given[f.Name]; ok {
			out[f.Name] = coerceJSON(schema, f.Type, value)
		} else if f.DefaultValue != nil {
			out[f.Name] = CoerceLiteral(schema, f.Type, f.DefaultValue, nil)
		}
	}
	return out
}

// coerceLeaf: the one coercion that changes a value is that of a number to an ID.
func coerceLeaf(name string, v any) any {
	if n, ok := v.(float64); ok && name == "ID" {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	if n, ok := v.(json.Number); ok {
		f, _ := n.Float64()
		return f
	}
	return v
}
