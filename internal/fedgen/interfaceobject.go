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
		if s == hub || g.old[s] || slices.ContainsFunc(t.members, func(m *typ) bool { return m.in[s] != nil }) {
			continue
		}
		if len(t.opaque) == 0 || g.chance(30) {
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
	t.in[s] = &typeIn{members: t.members, keys: []*keyIn{{key: t.keys[0], resolvable: true}}}
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

// knowOpaque makes an interface known as an object type.
func (g *generator) knowOpaque(s int, t *typ) {
	if t.in[s] != nil {
		return
	}
	t.in[s] = &typeIn{keys: []*keyIn{{key: t.keys[0], resolvable: false}}}
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
