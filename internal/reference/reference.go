// Package reference executes GraphQL operations by the book, for tests: section 6 of the specification (October 2021)
// over the AST of gqlparser, without any cleverness. The subgraphs of a test and the oracle that knows what a gateway
// should have answered are both executions with resolvers of their own.
//
// It shares no code with what it judges: not the parser, not the coercion, not the merging of selections.
package reference

import (
	"errors"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Node is an object of an execution.
type Node interface{ Typename() string }

// Guard decides which fields a caller may select. A field node is judged by the static type of its selection set.
type Guard interface {
	// Allowed decides about selecting a field where the static type is on.
	Allowed(on, field string) bool
	// Narrower is the static type within a fragment with that condition ("" for none).
	Narrower(on, condition string) string
	// Returns is the named type of a field.
	Returns(on, field string) string
}

// Execution runs one valid operation. It is not safe for concurrent use.
type Execution struct {
	Schema *ast.Schema
	// Variables are coerced; see VariableValues.
	Variables map[string]any
	// Resolve returns nil, a leaf, []any or a Node.
	Resolve func(parent Node, f *ast.Field, args map[string]any) (any, error)
	// Guard, if any, denies fields: these are null, and not resolved.
	Guard Guard

	// Faults are the errors of fields so far.
	Faults []Fault
	// At is the path of the field that is being resolved.
	At []any
	// Mixed counts response keys that answer although a node of theirs is denied, Moved nulls that denial put elsewhere.
	Mixed, Moved int
}

// Fault is an error of a field. Denials are none.
type Fault struct {
	Path    []any
	Message string
}

// errNull says that a null could not stay where it was.
var errNull = errors.New("null")

// Run executes the operation. It returns an *Object, or nil when a null went all the way up.
func (e *Execution) Run(op *ast.OperationDefinition, root Node) any {
	data, err := e.object(root, []Place{{op.SelectionSet, root.Typename()}}, nil)
	if err != nil {
		return nil
	}
	return data
}

func (e *Execution) object(n Node, places []Place, path []any) (any, error) {
	out := &Object{Values: map[string]any{}}
	failed := false
	for _, g := range e.Groups(n.Typename(), places) {
		v, err := e.field(n, g, append(slices.Clip(path), g.Key))
		failed = failed || err != nil
		out.Keys = append(out.Keys, g.Key)
		out.Values[g.Key] = v
	}
	if failed {
		return nil, errNull
	}
	return out, nil
}

func (e *Execution) field(n Node, g *Group, path []any) (any, error) {
	if g.Nodes[0].Name == "__typename" {
		return n.Typename(), nil
	}
	def := e.Schema.Types[n.Typename()].Fields.ForName(g.Nodes[0].Name)
	nodes := e.Allowed(g)
	switch {
	case len(nodes) == 0 && def.Type.NonNull:
		e.Moved++
		return nil, errNull
	case len(nodes) == 0:
		return nil, nil // denied
	case len(nodes) < len(g.Nodes):
		e.Mixed++
	}
	f := nodes[0].Field
	e.At = path
	v, err := e.Resolve(n, f, CoerceArguments(e.Schema, def.Arguments, f.Arguments, e.Variables))
	if err != nil {
		e.Faults = append(e.Faults, Fault{path, err.Error()})
		if def.Type.NonNull {
			return nil, errNull
		}
		return nil, nil // the error is noted
	}
	return e.complete(def.Type, v, e.Below(nodes), path)
}

// complete returns the value for the response, or errNull when it is a null that must not be, noted already.
func (e *Execution) complete(t *ast.Type, v any, places []Place, path []any) (any, error) {
	v = e.visible(t, v, path)
	if v == nil {
		if t.NonNull {
			e.Faults = append(e.Faults, Fault{path, "null for a " + t.String()})
			return nil, errNull
		}
		return nil, nil
	}
	out, err := v, error(nil)
	if t.Elem != nil {
		out, err = e.list(t, v.([]any), places, path)
	} else if n, ok := v.(Node); ok {
		out, err = e.object(n, places, path)
	}
	if err != nil && !t.NonNull {
		return nil, nil
	}
	return out, err
}

// visible is the value, or null for what the schema does not have. To the client an object of an inaccessible type is not
// there, whatever field returns it: it may know that there is something, but nothing of what it is. An inaccessible value of
// an enum is no value of it, so that the field fails (section 3.9).
func (e *Execution) visible(t *ast.Type, v any, path []any) any {
	if t.Elem != nil {
		return v
	}
	def := e.Schema.Types[t.NamedType]
	if n, ok := v.(Node); ok && (e.Schema.Types[n.Typename()] == nil || !e.Applies(n.Typename(), t.NamedType)) {
		return nil
	}
	if name, ok := v.(string); ok && def != nil && def.Kind == ast.Enum && def.EnumValues.ForName(name) == nil {
		e.Faults = append(e.Faults, Fault{path, "an inaccessible value"})
		return nil
	}
	return v
}

func (e *Execution) list(t *ast.Type, v []any, places []Place, path []any) (any, error) {
	list := make([]any, len(v))
	failed := false
	for i := range v {
		item, err := e.complete(t.Elem, v[i], places, append(slices.Clip(path), i))
		failed = failed || err != nil
		list[i] = item
	}
	if failed {
		return nil, errNull
	}
	return list, nil
}
