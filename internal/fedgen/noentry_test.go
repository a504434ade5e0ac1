package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// noteEntry notes that a subgraph resolves a field of an entity for which it cannot be asked.
func (c *call) noteEntry(as string, wf *worldField) {
	t := c.part.types[as]
	if t.opaque || !c.world.types[as].entity {
		return
	}
	c.world.noteIf(len(t.keys) == 0, "@key: not here, but elsewhere")
	entered := slices.ContainsFunc(t.keys, func(k *partKey) bool { return k.resolvable })
	c.world.noteIf(len(t.keys) > 0 && !entered && wf.unique < 0 && len(wf.owners) > 1, "@key: not resolvable, of a subgraph with shared fields")
}

// noteKeyForm notes that another subgraph words the key in another order, and leaves that have few values.
func (c *call) noteKeyForm(t *partType, k *partKey) {
	for _, s := range k.sel {
		c.world.noteIf(selectsTypename(s.(*ast.Field).SelectionSet), "@key: __typename")
		named := t.fields[s.(*ast.Field).Name].def.Type.Name()
		c.world.noteIf(named == "Boolean", "@key: of a Boolean")
		def := c.part.types[named]
		c.world.noteIf(def != nil && def.def.Kind == ast.Enum, "@key: of an enum")
	}
	for _, p := range c.world.parts {
		other := p.types[t.def.Name]
		if other == nil {
			continue
		}
		for _, o := range other.keys {
			names, others := fieldNames(k.sel), fieldNames(o.sel)
			slices.Reverse(others)
			c.world.noteIf(len(names) > 1 && slices.Equal(names, others), "@key: in another order elsewhere")
		}
	}
}

func fieldNames(set ast.SelectionSet) []string {
	list := make([]string, len(set))
	for i, s := range set {
		list[i] = s.(*ast.Field).Name
	}
	return list
}
