package planner

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// typesBelow are the run-time types that objects below a branch can have: below a field of an entity that several subgraphs
// resolve, those that all of them know. Which of them is asked must make no difference, so that an object of another type is
// null, whoever could bring it.
func (p *planning) typesBelow(b *branch) typeSet {
	var types typeSet
	for _, t := range b.types {
		types = types.or(p.typesOf(t, t.Field(b.use.def.Name)))
	}
	return types
}

func (p *planning) typesOf(t *supergraph.Type, f *supergraph.Field) typeSet {
	types := typeSet(f.Type.Named.Possible)
	if !f.Type.Named.IsAbstract() || !isEntity(t) {
		return types
	}
	for _, in := range f.In {
		if !p.resolves(in) {
			continue
		}
		known := in.Type.Named.In[in.Subgraph.Index]
		if known != nil && !known.InterfaceObject {
			types = types.and(known.Possible)
		}
	}
	return types
}

// hiddenBelow are the types of objects that a way can bring below a field of objects of type t, and that the client may
// not see there.
func (p *planning) hiddenBelow(w *way, t *supergraph.Type, name string) typeSet {
	f := t.Field(name)
	allowed := p.typesOf(t, f)
	if len(allowed) == len(f.Type.Named.Possible) {
		return nil
	}
	brought, _ := w.below(w.fieldOf(t, name).Type.Named)
	return brought.filter(func(t *supergraph.Type) bool { return !allowed.has(t) })
}

// isEntity tells whether some subgraph knows the type by a key.
func isEntity(t *supergraph.Type) bool {
	for _, in := range t.In {
		if in != nil && len(in.Keys) > 0 {
			return true
		}
	}
	return false
}
