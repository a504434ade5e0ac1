package fedgen

import (
	"slices"
	"strings"
)

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
	t.keys = []*key{{}}
	for _, part := range []string{"Key", "Zone"}[:1+g.n(4)/3] {
		f := g.newField(t, strings.ToLower(t.name)+part, g.scalar(pick(&g.random, []string{"ID", "String", "Int"})), "%!")
		t.keys[0].sel = append(t.keys[0].sel, &selected{field: f})
	}
	for _, m := range t.members {
		m.faced = append(m.faced, t)
		k := &key{}
		for _, e := range t.keys[0].sel {
			k.sel = append(k.sel, &selected{field: g.newField(m, e.field.name, e.field.typ, e.field.wrap)})
		}
		m.keys = append(m.keys, k)
	}
	g.centreIn(t, hub)
	if g.chance(50) {
		g.keyThrough(t)
	}
}

// centreIn lets a subgraph have the key of an interface, and of all of its members.
func (g *generator) centreIn(t *typ, s int) {
	for _, m := range t.members {
		k := m.keys[slices.IndexFunc(m.keys, func(k *key) bool { return k.sel[0].field.name == t.keys[0].sel[0].field.name })]
		g.knowEntityBy(s, m, k)
	}
	t.in[s] = &typeIn{members: t.members, keys: []*keyIn{{t.keys[0], true}}}
	for _, e := range t.keys[0].sel {
		e.field.in[s] = &fieldIn{}
	}
}

// secondCentre lets, sometimes, one more subgraph have it.
func (g *generator) secondCentre(t *typ) {
	s := g.n(len(g.names))
	if t.hub < 0 || t.in[s] != nil || g.old[s] || t.opaque[s] || !g.chance(40) {
		return
	}
	if slices.ContainsFunc(t.members, func(m *typ) bool { return !g.may(s, m) }) {
		return
	}
	g.centreIn(t, s)
	first := t.commonFields()[0]
	first.in[s] = &fieldIn{}
	for _, m := range t.members {
		g.own(s, m.field(first.name))
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
	for _, e := range t.keys[0].sel {
		e.field.in[s] = &fieldIn{}
	}
}

// extend gives interfaces fields in the subgraphs to which they are objects. Two of these never share one: The Guild's composer
// overlooks @shareable there.
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
	}
}
