package fedgen

import "slices"

// overrideKeys moves, sometimes, a part of a key to another subgraph that has it, too: the one that loses it can still be asked by that
// key, but one gets from there to others by another key only. And it moves fields of split value types from one side to the other.
func (g *generator) overrideKeys() {
	for _, t := range slices.Concat(g.entityTypes, g.valueTypes) {
		if !g.chance(20) {
			continue
		}
		f := pick(&g.random, t.fields)
		if f.common || f.isHubKey() || f.isOverridden() || f.isContextual() || g.isRequired(f) || len(f.args) > 0 {
			continue
		}
		owners := f.owners()
		if len(owners) < 2 {
			continue
		}
		pair := some(&g.random, owners, 2)
		from, to := pair[0], pair[1]
		if g.chance(50) {
			from, to = to, from
		}
		if g.old[to] || !g.mayLose(from, to, f) {
			continue
		}
		f.in[to].override, f.in[from].role = g.names[from], overridden
		if t.kind == entity && g.chance(30) {
			f.in[to].label = pick(&g.random, allLabels)
		}
	}
}

// mayLose tells whether a subgraph can do without the field: objects of it come from the other one.
func (g *generator) mayLose(from, to int, f *field) bool {
	t := f.of
	if t.kind == value {
		return t.faces[from] != nil && t.faces[to] != nil && f.typ.kind.leaf() && f.in[from].requires == nil
	}
	if !f.isKey() || !f.typ.kind.leaf() || g.isNested(f) {
		return false
	}
	// Some key is left that both have, and by which the other one can be asked.
	return slices.ContainsFunc(t.in[from].keys, func(k *keyIn) bool {
		has := slices.ContainsFunc(t.in[to].keys, func(o *keyIn) bool { return o.key == k.key && o.resolvable })
		return has && !slices.Contains(k.key.sel.fields(), f)
	})
}

// isNested tells whether the field stands in a key of another type.
func (g *generator) isNested(f *field) bool {
	return slices.ContainsFunc(g.entityTypes, func(t *typ) bool {
		return t != f.of && slices.ContainsFunc(t.keys, func(k *key) bool { return slices.Contains(k.sel.fields(), f) })
	})
}
