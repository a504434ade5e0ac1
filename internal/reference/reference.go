// Package reference executes GraphQL operations by the book, for tests: section 6 of the specification (October 2021)
// over the AST of gqlparser, without any cleverness. The subgraphs of a test and the oracle that knows what a gateway
// should have answered are both executions with resolvers of their own.
//
// It shares no code with what it judges: not the parser, not the coercion, not the merging of selections.
package reference

import (
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
	// Mixed counts response keys that answer although a node of theirs is denied.
	Mixed int
	// Moved are the paths of denied fields that must not be null, so that something above them is, and of fields that failed, and
	// that denial makes null anyway: nobody has to look whether they do.
	Moved [][]any
}

// Fault is an error of a field. Denials are none.
type Fault struct {
	Path    []any
	Message string
}

// Run executes the operation. It returns an *Object, or nil when a null went all the way up.
func (e *Execution) Run(op *ast.OperationDefinition, root Node) any {
	data, _ := e.object(root, []Place{{op.SelectionSet, root.Typename()}}, nil)
	return data
}

// object returns an object for the response; stays is false, and the object nil, when a field has a null that it must not
// have (section 6.4.4). The same holds for the functions below.
func (e *Execution) object(n Node, places []Place, path []any) (v any, stays bool) {
	out := &Object{Values: map[string]any{}}
	stays = true
	for _, g := range e.Groups(n.Typename(), places) {
		value, ok := e.field(n, g, append(slices.Clip(path), g.Key))
		stays = stays && ok
		out.Keys = append(out.Keys, g.Key)
		out.Values[g.Key] = value
	}
	if !stays {
		return nil, false
	}
	return out, true
}

func (e *Execution) field(n Node, g *Group, path []any) (value any, stays bool) {
	if g.Nodes[0].Name == "__typename" {
		return n.Typename(), true
	}
	def := e.Schema.Types[n.Typename()].Fields.ForName(g.Nodes[0].Name)
	nodes := e.Allowed(g)
	switch {
	case len(nodes) == 0 && def.Type.NonNull:
		e.Moved = append(e.Moved, path)
		return nil, false
	case len(nodes) == 0:
		return nil, true // denied
	case len(nodes) < len(g.Nodes):
		e.Mixed++
	}
	f := nodes[0].Field
	e.At = path
	before := len(e.Faults)
	if v, err := e.Resolve(n, f, CoerceArguments(e.Schema, def.Arguments, f.Arguments, e.Variables)); err != nil {
		e.fault(path, err.Error())
		stays = !def.Type.NonNull
	} else {
		value, stays = e.complete(def.Type, v, e.Below(nodes), path)
	}
	if e.Guard != nil && len(e.Faults) > before && e.Nothing(def.Type, g) {
		e.Moved = append(e.Moved, path)
	}
	return value, stays
}

// Doomed tells whether denial makes every object of a type null.
func (e *Execution) Doomed(typename string, places []Place) bool {
	for _, g := range e.Groups(typename, places) {
		if g.Nodes[0].Name == "__typename" {
			continue
		}
		if t := e.Schema.Types[typename].Fields.ForName(g.Nodes[0].Name).Type; t.NonNull && e.Nothing(t, g) {
			return true
		}
	}
	return false
}

// Nothing tells whether denial makes a field null. A list shows at least its length.
func (e *Execution) Nothing(t *ast.Type, g *Group) bool {
	nodes := e.Allowed(g)
	if len(nodes) == 0 {
		return true
	}
	possible := e.Schema.GetPossibleTypes(e.Schema.Types[t.Name()])
	if t.Elem != nil || len(possible) == 0 {
		return false
	}
	for _, p := range possible {
		if !e.Doomed(p.Name, e.Below(nodes)) {
			return false
		}
	}
	return true
}

func (e *Execution) fault(path []any, message string) {
	e.Faults = append(e.Faults, Fault{path, message})
}

// complete returns the value for the response.
func (e *Execution) complete(t *ast.Type, v any, places []Place, path []any) (completed any, stays bool) {
	v = e.visible(t, v, path)
	if v == nil {
		if t.NonNull {
			e.fault(path, "null for a "+t.String())
		}
		return nil, !t.NonNull
	}
	stays = true
	switch value := v.(type) {
	case []any:
		if t.Elem != nil { // not a scalar that has a list for a value
			v, stays = e.list(t, value, places, path)
		}
	case Node:
		v, stays = e.object(value, places, path)
	}
	return v, stays || !t.NonNull
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
		e.fault(path, "an inaccessible value")
		return nil
	}
	return v
}

func (e *Execution) list(t *ast.Type, items []any, places []Place, path []any) (v any, stays bool) {
	list := make([]any, len(items))
	stays = true
	for i := range items {
		var ok bool
		list[i], ok = e.complete(t.Elem, items[i], places, append(slices.Clip(path), i))
		stays = stays && ok
	}
	if !stays {
		return nil, false
	}
	return list, true
}
