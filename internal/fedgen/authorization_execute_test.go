package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// guardedExecution runs an operation for a caller, with a decision about every field. It keeps, for each field node, the
// static type of the selection set in which it stands.
type guardedExecution struct {
	*execution

	judge *judge
	// mixed counts response keys that answer although a node of theirs is denied, moved nulls that denial put elsewhere.
	mixed, moved int
}

// place is a selection set and its static type.
type place struct {
	set ast.SelectionSet
	on  string
}

// guardedNode is a field node and the static type of its selection set.
type guardedNode struct {
	field *ast.Field
	on    string
}

// guardedGroup are the field nodes of one response key.
type guardedGroup struct {
	key   string
	nodes []guardedNode
}

func (e *guardedExecution) object(n node, places []place) (any, error) {
	out := &ordered{values: map[string]any{}}
	failed := false
	for _, g := range e.groups(n.typename(), places) {
		v, err := e.field(n, g)
		failed = failed || err != nil
		out.keys = append(out.keys, g.key)
		out.values[g.key] = v
	}
	if failed {
		return nil, errNull
	}
	return out, nil
}

func (e *guardedExecution) groups(typename string, places []place) []*guardedGroup {
	var groups []*guardedGroup
	for _, p := range places {
		groups = e.collect(typename, p, groups)
	}
	return groups
}

func (e *guardedExecution) collect(typename string, p place, groups []*guardedGroup) []*guardedGroup {
	for _, s := range p.set {
		switch s := s.(type) {
		case *ast.Field:
			if !e.included(s.Directives) {
				continue
			}
			i := slices.IndexFunc(groups, func(g *guardedGroup) bool { return g.key == s.Alias })
			if i < 0 {
				i = len(groups)
				groups = append(groups, &guardedGroup{key: s.Alias})
			}
			groups[i].nodes = append(groups[i].nodes, guardedNode{s, p.on})
		case *ast.InlineFragment:
			if e.included(s.Directives) && e.applies(typename, s.TypeCondition) {
				groups = e.collect(typename, place{s.SelectionSet, e.judge.narrower(p.on, s.TypeCondition)}, groups)
			}
		case *ast.FragmentSpread:
			if e.included(s.Directives) && e.applies(typename, s.Definition.TypeCondition) {
				groups = e.collect(typename, place{s.Definition.SelectionSet, e.judge.narrower(p.on, s.Definition.TypeCondition)}, groups)
			}
		}
	}
	return groups
}

// allowed are the nodes that the caller may select.
func (e *guardedExecution) allowed(g *guardedGroup) []guardedNode {
	var list []guardedNode
	for _, n := range g.nodes {
		if e.judge.allowed(n.on, n.field.Name) {
			list = append(list, n)
		}
	}
	return list
}

// below are the selection sets of nodes of one response key.
func (e *guardedExecution) below(nodes []guardedNode) []place {
	var list []place
	for _, n := range nodes {
		if len(n.field.SelectionSet) > 0 {
			list = append(list, place{n.field.SelectionSet, e.judge.returns(n.on, n.field.Name)})
		}
	}
	return list
}

func (e *guardedExecution) field(n node, g *guardedGroup) (any, error) {
	f := g.nodes[0].field
	if f.Name == "__typename" {
		return n.typename(), nil
	}
	def := e.schema.Types[n.typename()].Fields.ForName(f.Name)
	nodes := e.allowed(g)
	if len(nodes) == 0 {
		if def.Type.NonNull {
			e.moved++
			return nil, errNull
		}
		return nil, nil // denied
	}
	if len(nodes) < len(g.nodes) {
		e.mixed++
	}
	f = nodes[0].field
	v, err := e.resolve(n, f, coerceArguments(e.schema, def.Arguments, f.Arguments, e.variables))
	if err != nil {
		return nil, err
	}
	return e.complete(def.Type, v, e.below(nodes))
}

// complete returns the value for the response, or errNull when it is a null that must not be.
func (e *guardedExecution) complete(t *ast.Type, v any, places []place) (any, error) {
	v = e.visible(t, v, nil)
	if v == nil {
		if t.NonNull {
			e.errors = append(e.errors, fault{nil, "null for a non-null field"})
			return nil, errNull
		}
		return nil, nil
	}
	out, err := v, error(nil)
	if t.Elem != nil {
		out, err = e.list(t, v.([]any), places)
	} else if n, ok := v.(node); ok {
		out, err = e.object(n, places)
	}
	if err != nil && !t.NonNull {
		return nil, nil
	}
	return out, err
}

func (e *guardedExecution) list(t *ast.Type, v []any, places []place) (any, error) {
	list := make([]any, len(v))
	failed := false
	for i := range v {
		item, err := e.complete(t.Elem, v[i], places)
		failed = failed || err != nil
		list[i] = item
	}
	if failed {
		return nil, errNull
	}
	return list, nil
}

// doomed tells whether denial makes every object of a type null, whatever the data is.
func (e *guardedExecution) doomed(typename string, places []place) bool {
	for _, g := range e.groups(typename, places) {
		if g.nodes[0].field.Name == "__typename" {
			continue
		}
		if t := e.schema.Types[typename].Fields.ForName(g.nodes[0].field.Name).Type; t.NonNull && e.nothing(t, g) {
			return true
		}
	}
	return false
}

// nothing tells whether denial makes a field null, whatever the data is. A list shows at least its length.
func (e *guardedExecution) nothing(t *ast.Type, g *guardedGroup) bool {
	nodes := e.allowed(g)
	if len(nodes) == 0 {
		return true
	}
	possible := e.schema.GetPossibleTypes(e.schema.Types[t.Name()])
	if t.Elem != nil || len(possible) == 0 {
		return false
	}
	for _, p := range possible {
		if !e.doomed(p.Name, e.below(nodes)) {
			return false
		}
	}
	return true
}
