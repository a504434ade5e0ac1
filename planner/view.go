package planner

import (
	"iter"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// view is how a subgraph sees objects: as what they are or, where iface is set, as interface objects, of which it knows the
// interface and not the real type.
type view struct {
	subgraph *supergraph.Subgraph
	iface    *supergraph.Type
}

// views are those that a subgraph has of objects of a type. Each has keys and fields of its own. That there are several is
// not as it should be, but some composers take it.
func views(t *supergraph.Type, g *supergraph.Subgraph) iter.Seq[view] {
	return func(yield func(view) bool) {
		if t.In[g.Index] != nil && !yield(view{subgraph: g}) {
			return
		}
		for _, i := range t.Interfaces {
			if in := i.In[g.Index]; in != nil && in.InterfaceObject && !yield(view{g, i}) {
				return
			}
		}
	}
}

// fieldOf returns what the subgraph knows of the field that objects of type t have under that name; nil for nothing.
func (v view) fieldOf(t *supergraph.Type, name string) *supergraph.FieldIn {
	if v.iface != nil {
		t = v.iface
	}
	f := t.Field(name)
	if f == nil {
		return nil
	}
	return f.In[v.subgraph.Index]
}

// understands tells whether a use can be asked in the view: a real type may take arguments that its interface does not.
func (v view) understands(u *use) bool {
	return v.iface == nil || len(u.args) == 0 || takes(v.iface.Field(u.def.Name), u.args)
}

// resolvesUse tells whether a subgraph resolves a use for objects of type t in this view of them.
func (p *planning) resolvesUse(v view, t *supergraph.Type, u *use) bool {
	return p.resolves(v.fieldOf(t, u.def.Name)) && v.understands(u)
}

// resolver returns how a subgraph resolves a use for objects of type t, and with which view of them; nil when it does not.
func (p *planning) resolver(t *supergraph.Type, u *use, g *supergraph.Subgraph) (*supergraph.FieldIn, view) {
	for v := range views(t, g) {
		if p.resolvesUse(v, t, u) {
			return v.fieldOf(t, u.def.Name), v
		}
	}
	return nil, view{}
}

// resolves tells whether a subgraph resolves a field in this request: the field is its own, and no override has moved it away.
// It may still demand a representation with required fields.
func (p *planning) resolves(in *supergraph.FieldIn) bool {
	return in != nil && (!in.External || in.Doubt&p.trusted != 0) && !p.elsewhere(in)
}

// elsewhere tells whether a labelled override leaves the field to another subgraph in this request.
func (p *planning) elsewhere(in *supergraph.FieldIn) bool {
	return in.OverrideLabel != "" && !p.op.LabelOn(in.OverrideLabel) || in.OverriddenBy != "" && p.op.LabelOn(in.OverriddenBy)
}
