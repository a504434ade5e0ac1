package fedgen

import "slices"

// shareStubs lets subgraphs that cannot be asked for an entity, since none of their keys is resolvable, answer fields of it that others
// answer, too: it is for entities that come from their own fields.
func (g *generator) shareStubs() {
	for _, t := range g.entityTypes {
		for s, in := range t.in {
			if in == nil || in.isEntered() || !g.chance(40) {
				continue
			}
			var list []*field
			for _, f := range t.fields {
				if g.mayShareStub(s, f) {
					list = append(list, f)
				}
			}
			for _, f := range some(&g.random, list, min(len(list), g.between(1, 2))) {
				f.in[s] = &fieldIn{}
				g.know(s, f.typ)
			}
		}
	}
}

// isEntered tells whether a subgraph can be asked for an entity.
func (in *typeIn) isEntered() bool {
	return slices.ContainsFunc(in.keys, func(k *keyIn) bool { return k.resolvable })
}

func (g *generator) mayShareStub(s int, f *field) bool {
	special := f.common || f.isKey() || f.isContextual() || f.isOverridden() || f.typ.kind.abstract() || f.typ.faces != nil
	if special || f.in[s] != nil || len(f.owners()) == 0 || !g.may(s, f.typ) {
		return false
	}
	return !slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in != nil && (in.requires != nil || in.narrow != nil) })
}

// unkey lets subgraphs know an entity without any key: they have a part of it that others have, too, and do not know that it is an
// entity. By that part one gets from there to the others all the same.
func (g *generator) unkey() {
	for _, t := range g.entityTypes {
		for s, in := range t.in {
			if in != nil && !g.old[s] && !in.isEntered() && t.isShared(s) && g.chance(35) {
				in.keys = nil
			}
		}
	}
}

// isShared tells whether others answer all that a subgraph has of a type.
func (t *typ) isShared(s int) bool {
	return !slices.ContainsFunc(t.fields, func(f *field) bool {
		return f.in[s] != nil && (f.in[s].role != resolved || f.in[s].requires != nil || len(f.owners()) < 2)
	})
}

// rareKeys makes the second of two leaves of some keys an enum or a Boolean, of which there are too few values to be a key alone.
func (g *generator) rareKeys() {
	for _, t := range g.entityTypes {
		for _, k := range t.keys {
			if len(k.sel) != 2 || len(k.sel[0].sub)+len(k.sel[1].sub) > 0 || !g.chance(20) {
				continue
			}
			k.sel[1].field.typ = pick(&g.random, append([]*typ{g.scalar("Boolean")}, g.enums...))
		}
	}
}
