package fedgen

import "slices"

// overrideKeys moves, sometimes, a part of a key to another subgraph that has it, too: the one that loses it can still be asked by that
// key, but one gets from there to others by another key only. And it moves fields of split value types from one side to the other.
func (g *generator) overrideKeys() {
	for _, t := range slices.Concat(g.entityTypes, g.valueTypes) {
		if !g.chance(40) {
			continue
		}
		var moves []move
		for _, f := range t.fields {
			moves = append(moves, g.moves(f)...)
		}
		if len(moves) == 0 {
			continue
		}
		m := pick(&g.random, moves)
		m.f.in[m.to].override, m.f.in[m.from].role = g.names[m.from], overridden
		if t.kind == entity && g.chance(12) { // composition often finds no way for both outcomes
			m.f.in[m.to].label = pick(&g.random, allLabels)
		}
	}
}

// move is from one subgraph that has a field to another one.
type move struct {
	f        *field
	from, to int
}

func (g *generator) moves(f *field) (list []move) {
	if f.common || f.isHubKey() || f.isOverridden() || f.isContextual() || g.isRequired(f) || len(f.args) > 0 {
		return nil
	}
	for _, from := range f.owners() {
		for _, to := range f.owners() {
			if from != to && !g.old[to] && g.mayLose(from, to, f) {
				list = append(list, move{f, from, to})
			}
		}
	}
	return list
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
