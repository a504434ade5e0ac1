package fedgen

import "slices"

// keyThrough gives an entity a key with the key of an interface in it, for subgraphs to which the interface is an object. All
// of them know the entity by another key, too, so that those are connected to it that do not know this one.
func (g *generator) keyThrough(t *typ) {
	pool := slices.DeleteFunc(slices.Clone(g.entityTypes), func(e *typ) bool {
		return slices.Contains(t.members, e) || slices.ContainsFunc(g.objectsOf(t), func(s int) bool { return !g.may(s, e) })
	})
	if len(pool) == 0 || len(t.opaque) == 0 {
		return
	}
	e := pick(&g.random, pool)
	f := g.newField(e, g.freeName(e), t, pick(&g.random, []string{"%!", "%!", "[%!]!"}))
	k := &key{sel: selection{{field: f, sub: t.keys[0].sel}}, through: t}
	if g.chance(60) {
		k.sel = append(k.sel, &selected{field: g.keyField(e)})
	}
	for _, s := range g.objectsOf(t) {
		g.knowEntity(s, e, true)
		g.knowKey(s, e, k, true)
	}
	e.keys = append(e.keys, k)
}

// objectsOf are the subgraphs to which an interface is an object.
func (g *generator) objectsOf(t *typ) []int {
	return slices.DeleteFunc(g.indexes(), func(s int) bool { return !t.opaque[s] })
}

// keysFor are the candidates for keys in a subgraph.
func (t *typ) keysFor(s int) []*key {
	return slices.DeleteFunc(slices.Clone(t.keys), func(k *key) bool { return k.through != nil && !k.through.opaque[s] })
}

// coreFor are the keys by which a subgraph is connected to those that know the type.
func (t *typ) coreFor(s int) []*key {
	var list []*key
	for _, c := range t.core {
		if c.key.through == nil || c.key.through.opaque[s] {
			list = append(list, c.key)
		}
	}
	return list
}
