package planner

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// faces are how a subgraph can see objects of a type: as what they are (nil), or as interface objects, of one interface or
// another; each has keys and fields of its own. That a subgraph knows both is not as it should be, but some composers take it.
func faces(t *supergraph.Type, g *supergraph.Subgraph) []*supergraph.Type {
	var list []*supergraph.Type
	if t.In[g.Index] != nil {
		list = append(list, nil)
	}
	for _, i := range t.Interfaces {
		if in := i.In[g.Index]; in != nil && in.InterfaceObject {
			list = append(list, i)
		}
	}
	return list
}

// fieldAs is what a subgraph knows of a field of objects of a type that it sees with one of these faces.
func fieldAs(t, face *supergraph.Type, name string, g *supergraph.Subgraph) *supergraph.FieldIn {
	if face != nil {
		t = face
	}
	return fieldIn(t, name, g)
}

// fieldOf returns what a way's subgraph knows of the field that objects of type t have under that name.
func (w *way) fieldOf(t *supergraph.Type, name string) *supergraph.FieldIn {
	if w.iface != nil {
		t = w.iface
	}
	return fieldIn(t, name, w.subgraph)
}

func fieldIn(t *supergraph.Type, name string, s *supergraph.Subgraph) *supergraph.FieldIn {
	f := t.Field(name)
	if f == nil {
		return nil
	}
	return f.In[s.Index]
}

// resolver returns how a subgraph resolves a field of objects of type t, directly or through an interface object; nil when
// it does not.
func (p *planning) resolver(t *supergraph.Type, name string, g *supergraph.Subgraph) (*supergraph.FieldIn, *supergraph.Type) {
	if in := fieldIn(t, name, g); p.resolves(in) {
		return in, nil
	}
	for _, i := range t.Interfaces {
		if known := i.In[g.Index]; known != nil && known.InterfaceObject {
			if in := fieldIn(i, name, g); p.resolves(in) {
				return in, i
			}
		}
	}
	return nil, nil
}

// resolves tells whether a subgraph resolves a field at all: it owns it for this request. The field may still need a
// representation with required fields.
func (p *planning) resolves(in *supergraph.FieldIn) bool {
	return in != nil && !in.External && !p.elsewhere(in)
}

// elsewhere tells whether a labelled override has, for this request, left the field to another subgraph.
func (p *planning) elsewhere(in *supergraph.FieldIn) bool {
	return in.OverrideLabel != "" && !p.op.LabelOn(in.OverrideLabel) || in.OverriddenBy != "" && p.op.LabelOn(in.OverriddenBy)
}
