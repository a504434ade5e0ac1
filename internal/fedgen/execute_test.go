package fedgen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// node is an object of an execution.
type node interface{ typename() string }

// execution runs a valid operation, by the book: section 6 of the specification, without any cleverness.
type execution struct {
	schema    *ast.Schema
	variables map[string]any
	// resolve returns nil, a leaf, []any or a node.
	resolve func(parent node, f *ast.Field, args map[string]any) (any, error)
	errors  []fault
	// at is the path of the field that is being resolved.
	at []any
}

// fault is an error of a field.
type fault struct {
	path    []any
	message string
}

// errNull says that a null could not stay where it was.
var errNull = errors.New("null")

// run executes the operation; the data is ordered, as the specification wants it.
func (e *execution) run(op *ast.OperationDefinition, root node) any {
	data, err := e.object(root, []ast.SelectionSet{op.SelectionSet}, nil)
	if err != nil {
		return nil
	}
	return data
}

// ordered is an object of a response.
type ordered struct {
	keys   []string
	values map[string]any
}

func (o *ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		v, err := json.Marshal(o.values[k])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", k, v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// group are the fields of one response key.
type group struct {
	key    string
	fields []*ast.Field
}

func (e *execution) object(n node, sets []ast.SelectionSet, path []any) (any, error) {
	var groups []*group
	for _, set := range sets {
		groups = e.collect(n.typename(), set, groups)
	}
	out := &ordered{values: map[string]any{}}
	failed := false
	for _, g := range groups {
		v, err := e.field(n, g, append(slices.Clip(path), g.key))
		failed = failed || err != nil
		out.keys = append(out.keys, g.key)
		out.values[g.key] = v
	}
	if failed {
		return nil, errNull
	}
	return out, nil
}

func (e *execution) collect(typename string, set ast.SelectionSet, groups []*group) []*group {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if !e.included(s.Directives) {
				continue
			}
			i := slices.IndexFunc(groups, func(g *group) bool { return g.key == s.Alias })
			if i < 0 {
				i = len(groups)
				groups = append(groups, &group{key: s.Alias})
			}
			groups[i].fields = append(groups[i].fields, s)
		case *ast.InlineFragment:
			if e.included(s.Directives) && e.applies(typename, s.TypeCondition) {
				groups = e.collect(typename, s.SelectionSet, groups)
			}
		case *ast.FragmentSpread:
			if e.included(s.Directives) && e.applies(typename, s.Definition.TypeCondition) {
				groups = e.collect(typename, s.Definition.SelectionSet, groups)
			}
		}
	}
	return groups
}

func (e *execution) included(directives ast.DirectiveList) bool {
	for name, want := range map[string]bool{"skip": false, "include": true} {
		if d := directives.ForName(name); d != nil {
			if literalJSON(d.Arguments.ForName("if").Value, e.variables) != want {
				return false
			}
		}
	}
	return true
}

func (e *execution) applies(typename, condition string) bool {
	if condition == "" || condition == typename {
		return true
	}
	for _, d := range e.schema.GetPossibleTypes(e.schema.Types[condition]) {
		if d.Name == typename {
			return true
		}
	}
	return false
}

func (e *execution) field(n node, g *group, path []any) (any, error) {
	f := g.fields[0]
	if f.Name == "__typename" {
		return n.typename(), nil
	}
	def := e.schema.Types[n.typename()].Fields.ForName(f.Name)
	e.at = path
	v, err := e.resolve(n, f, coerceArguments(e.schema, def.Arguments, f.Arguments, e.variables))
	if err != nil {
		e.errors = append(e.errors, fault{path, err.Error()})
		if def.Type.NonNull {
			return nil, errNull
		}
		return nil, nil // the error is noted
	}
	var sets []ast.SelectionSet
	for _, f := range g.fields {
		sets = append(sets, f.SelectionSet)
	}
	return e.complete(def.Type, v, sets, path)
}

// complete returns the value for the response, or errNull when it is a null that must not be, noted already.
func (e *execution) complete(t *ast.Type, v any, sets []ast.SelectionSet, path []any) (any, error) {
	v = e.visible(t, v, path)
	if v == nil {
		if t.NonNull {
			e.errors = append(e.errors, fault{path, "null for a non-null field"})
			return nil, errNull
		}
		return nil, nil
	}
	out, err := v, error(nil)
	if t.Elem != nil {
		out, err = e.list(t, v.([]any), sets, path)
	} else if n, ok := v.(node); ok {
		out, err = e.object(n, sets, path)
	}
	if err != nil && !t.NonNull {
		return nil, nil
	}
	return out, err
}

// visible is the value, or null for what the schema does not have. To the client an object of an inaccessible type is not
// there, whatever field returns it: it may know that there is something, but nothing of what it is. An inaccessible value of
// an enum is no value of it, so that the field fails (GraphQL, section 3.9).
func (e *execution) visible(t *ast.Type, v any, path []any) any {
	if n, ok := v.(node); ok && e.schema.Types[n.typename()] == nil {
		return nil
	}
	def := e.schema.Types[t.NamedType]
	if name, ok := v.(string); ok && t.Elem == nil && def != nil && def.Kind == ast.Enum && def.EnumValues.ForName(name) == nil {
		e.errors = append(e.errors, fault{path, "an inaccessible value"})
		return nil
	}
	return v
}

func (e *execution) list(t *ast.Type, v []any, sets []ast.SelectionSet, path []any) (any, error) {
	list := make([]any, len(v))
	failed := false
	for i := range v {
		item, err := e.complete(t.Elem, v[i], sets, append(slices.Clip(path), i))
		failed = failed || err != nil
		list[i] = item
	}
	if failed {
		return nil, errNull
	}
	return list, nil
}
