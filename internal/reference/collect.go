package reference

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Place is a selection set and its static type, by which a Guard judges; without one the type is of no interest.
type Place struct {
	Set ast.SelectionSet
	On  string
}

// FieldNode is a field and the static type of the selection set in which it stands.
type FieldNode struct {
	*ast.Field

	On string
}

// Group are the field nodes of one response key, in the order of the document.
type Group struct {
	Key   string
	Nodes []FieldNode
}

// Groups collects the fields that places select of an object of that type (section 6.3.2).
func (e *Execution) Groups(typename string, places []Place) []*Group {
	var groups []*Group
	for _, p := range places {
		groups = e.collect(typename, p, groups)
	}
	return groups
}

func (e *Execution) collect(typename string, p Place, groups []*Group) []*Group {
	for _, s := range p.Set {
		switch s := s.(type) {
		case *ast.Field:
			if !e.Included(s.Directives) {
				continue
			}
			i := slices.IndexFunc(groups, func(g *Group) bool { return g.Key == s.Alias })
			if i < 0 {
				i = len(groups)
				groups = append(groups, &Group{Key: s.Alias})
			}
			groups[i].Nodes = append(groups[i].Nodes, FieldNode{s, p.On})
		case *ast.InlineFragment:
			if e.Included(s.Directives) && e.Applies(typename, s.TypeCondition) {
				groups = e.collect(typename, e.within(p, s.TypeCondition, s.SelectionSet), groups)
			}
		case *ast.FragmentSpread:
			if d := s.Definition; e.Included(s.Directives) && e.Applies(typename, d.TypeCondition) {
				groups = e.collect(typename, e.within(p, d.TypeCondition, d.SelectionSet), groups)
			}
		}
	}
	return groups
}

func (e *Execution) within(p Place, condition string, set ast.SelectionSet) Place {
	if e.Guard == nil {
		return Place{Set: set}
	}
	return Place{set, e.Guard.Narrower(p.On, condition)}
}

// Included tells whether @skip and @include let a selection be.
func (e *Execution) Included(directives ast.DirectiveList) bool {
	for name, want := range map[string]bool{"skip": false, "include": true} {
		if d := directives.ForName(name); d != nil {
			if literalJSON(d.Arguments.ForName("if").Value, e.Variables) != want {
				return false
			}
		}
	}
	return true
}

// Applies tells whether an object of that type satisfies the condition of a fragment, "" for none.
func (e *Execution) Applies(typename, condition string) bool {
	if condition == "" || condition == typename {
		return true
	}
	possible := e.Schema.GetPossibleTypes(e.Schema.Types[condition])
	return slices.ContainsFunc(possible, func(d *ast.Definition) bool { return d.Name == typename })
}

// Allowed are the nodes that the caller may select.
func (e *Execution) Allowed(g *Group) []FieldNode {
	if e.Guard == nil {
		return g.Nodes
	}
	var list []FieldNode
	for _, n := range g.Nodes {
		if e.Guard.Allowed(n.On, n.Name) {
			list = append(list, n)
		}
	}
	return list
}

// Below are the selection sets of nodes of one response key.
func (e *Execution) Below(nodes []FieldNode) []Place {
	var list []Place
	for _, n := range nodes {
		switch {
		case len(n.SelectionSet) == 0:
		case e.Guard == nil:
			list = append(list, Place{Set: n.SelectionSet})
		default:
			list = append(list, Place{n.SelectionSet, e.Guard.Returns(n.On, n.Name)})
		}
	}
	return list
}
