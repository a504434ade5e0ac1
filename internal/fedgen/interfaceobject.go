package fedgen

import "strings"

// centre lets, sometimes, one subgraph have a key of an interface and know all of its members, and others know the
// interface as an object type.
func (g *generator) centre(t *typ) {
	for _, m := range t.members {
		if m.kind != entity || len(m.faced) > 0 && g.chance(50) {
			return
		}
	}
	if !g.chance(50) {
		return
	}
	hub := g.n(len(g.names))
	if g.old[hub] {
		return
	}
	for _, m := range t.members {
		if !g.may(hub, m) {
			return
		}
	}
	t.hub, t.opaque = hub, map[int]bool{}
	for _, s := range g.indexes() {
		if s != hub && !g.old[s] && g.free(s, t.members) && (len(t.opaque) == 0 || g.chance(30)) {
			t.opaque[s] = true
		}
	}
	name := strings.ToLower(t.name) + "Key"
	f := g.newField(t, name, g.scalar(pick(&g.random, []string{"ID", "String", "Int"})), "%!")
	t.keys = []*key{{sel: selection{{field: f}}}}
	for _, m := range t.members {
		m.faced = append(m.faced, t)
		mf := g.newField(m, name, f.typ, f.wrap)
		k := &key{sel: selection{{field: mf}}}
		m.keys = append(m.keys, k)
		g.knowEntityBy(hub, m, k)
	}
	t.in[hub] = &typeIn{members: t.members, keys: []*keyIn{{t.keys[0], true}}}
	f.in[hub] = &fieldIn{}
	if g.chance(50) {
		g.keyThrough(t)
	}
}

// free tells whether the subgraph knows none of the types.
func (g *generator) free(s int, types []*typ) bool {
	for _, t := range types {
		if t.in[s] != nil {
			return false
		}
	}
	return true
}

// commonFields are the fields of an interface that its members have, too: not its key, and not what subgraphs add to
// which it is an object. There is at least one.
func (t *typ) commonFields() []*field {
	var list []*field
	for _, f := range t.fields {
		if f.common {
			list = append(list, f)
		}
	}
	return list
}

// may tells whether the subgraph may know the type, with all that this brings: it may not where it knows an interface as
// an object type.
func (g *generator) may(s int, t *typ) bool { return g.mayKnow(s, t, map[*typ]bool{}) }

func (g *generator) mayKnow(s int, t *typ, seen map[*typ]bool) bool {
	if t.in[s] != nil || t.opaque[s] || seen[t] {
		return true
	}
	seen[t] = true
	for _, i := range t.faced {
		if i.opaque[s] {
			return false
		}
	}
	for _, m := range t.members {
		if !g.mayKnow(s, m, seen) {
			return false
		}
	}
	if t.kind == value {
		fields := t.fields
		if t.faces != nil {
			fields = t.faces[s]
		}
		for _, f := range fields {
			if !g.mayKnow(s, f.typ, seen) {
				return false
			}
		}
	}
	for _, k := range t.keysFor(s) {
		if !g.mayHave(s, k.sel, seen) {
			return false
		}
	}
	return true
}

func (g *generator) mayHave(s int, sel selection, seen map[*typ]bool) bool {
	for _, e := range sel {
		if !g.mayKnow(s, e.field.typ, seen) || !g.mayHave(s, e.sub, seen) {
			return false
		}
	}
	return true
}

// mayOwn tells whether the subgraph may answer the field.
func (g *generator) mayOwn(s int, f *field) bool { return g.may(s, f.of) && g.may(s, f.typ) }

// knowOpaque makes an interface known as an object type.
func (g *generator) knowOpaque(s int, t *typ) {
	if t.in[s] != nil {
		return
	}
	t.in[s] = &typeIn{keys: []*keyIn{{t.keys[0], false}}}
	t.keys[0].sel[0].field.in[s] = &fieldIn{}
}

// extend gives interfaces fields in the subgraphs to which they are objects.
func (g *generator) extend() {
	for _, t := range g.abstractTypes {
		if t.hub < 0 {
			continue
		}
		for s := range g.names {
			if !t.opaque[s] {
				continue
			}
			for range g.n(4) {
				g.extendIn(s, t)
			}
		}
	}
}

func (g *generator) extendIn(s int, t *typ) {
	f := g.newField(t, g.freeName(append([]*typ{t}, t.members...)...), g.output(), g.wrap())
	if !g.may(s, f.typ) || f.typ.faces != nil {
		f.typ = g.leaf()
	}
	g.addArgs(f, 20)
	g.knowOpaque(s, t)
	t.in[s].keys[0].resolvable = true
	g.own(s, f)
	if first := t.commonFields()[0]; g.chance(30) && first.typ.kind.leaf() {
		first.in[s] = &fieldIn{role: external}
		f.in[s].requires = selection{{field: first, args: g.argsText(first)}}
		return
	}
	for other := range g.names {
		if other != s && t.opaque[other] && !g.differs(f.typ) && g.may(other, f.typ) && g.chance(40) {
			g.knowOpaque(other, t)
			t.in[other].keys[0].resolvable = true
			g.own(other, f)
		}
	}
}
