package fedgen

import (
	"slices"
	"strings"
)

// supers puts interfaces above others: interfaces that interfaces implement, in some subgraphs and not in others.
func (g *generator) supers() {
	below := slices.DeleteFunc(slices.Clone(g.abstractTypes), func(t *typ) bool { return t.kind != iface })
	if len(below) == 0 || !g.chance(50) {
		return
	}
	low := g.super("Node", some(&g.random, below, g.between(1, len(below))))
	if low != nil && g.chance(30) {
		g.super("Base", []*typ{low})
	}
}

// super makes one interface above others; nil when no subgraph may know all of its members. That one subgraph does makes the
// supergraph valid wherever the others implement it.
func (g *generator) super(name string, below []*typ) *typ {
	t := g.newType(name, iface)
	for _, m := range g.objects() {
		isBelow := slices.ContainsFunc(below, func(b *typ) bool { return slices.Contains(b.members, m) })
		if m.kind != root && (isBelow || m.kind == entity && g.chance(20)) {
			t.members = append(t.members, m)
		}
	}
	home := g.home(append(slices.Clone(below), t.members...))
	if home < 0 {
		return nil
	}
	t.opaque = map[int]bool{}
	g.abstractTypes = append(g.abstractTypes, t)
	g.key(t, home)
	for i := range g.between(1, 3) {
		g.addCommon(t, i == 0)
	}
	for _, b := range below {
		g.above[b] = t
		g.lower(t, b)
	}
	if t.in[home] == nil {
		t.in[home] = &typeIn{}
	}
	t.in[home].members = nil
	for _, m := range t.members {
		g.addMember(home, t, m)
	}
	t.commonFields()[0].in[home] = &fieldIn{}
	for _, b := range below {
		if g.know(home, b); t.hub >= 0 && len(b.in[home].supers) == 0 {
			g.implement(home, b, t) // it needs the key's field
		}
		for s := range g.names {
			if b.in[s] != nil && !b.opaque[s] {
				g.rise(s, b)
			}
		}
	}
	return t
}

// lower gives an interface, and those below it, the fields of the one above.
func (g *generator) lower(up, t *typ) {
	for _, f := range up.fields {
		if t.field(f.name) == nil {
			own := g.newField(t, f.name, f.typ, f.wrap)
			own.common, own.args = f.common, f.args
		}
	}
	for _, b := range g.abstractTypes {
		if g.above[b] == t {
			g.lower(t, b)
		}
	}
}

// home returns a subgraph that may know all of the types as what they are, -1 when there is none.
func (g *generator) home(types []*typ) int {
	var list []int
	for s := range g.names {
		if !slices.ContainsFunc(types, func(t *typ) bool { return t.opaque[s] || !g.may(s, t) }) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return pick(&g.random, list)
}

// key gives the interface, sometimes, a key in its home.
func (g *generator) key(t *typ, home int) {
	if g.old[home] || !g.chance(40) || slices.ContainsFunc(t.members, func(m *typ) bool { return m.kind != entity }) {
		return
	}
	t.hub = home
	f := g.newField(t, strings.ToLower(t.name)+"Key", g.scalar(pick(&g.random, []string{"ID", "String", "Int"})), "%!")
	t.keys = []*key{{sel: selection{{field: f}}}}
	for _, m := range t.members {
		m.faced = append(m.faced, t)
		mf := g.newField(m, f.name, f.typ, f.wrap)
		k := &key{sel: selection{{field: mf}}}
		m.keys = append(m.keys, k)
		g.knowEntityBy(home, m, k)
	}
	t.in[home] = &typeIn{keys: []*keyIn{{key: t.keys[0], resolvable: true}}}
	f.in[home] = &fieldIn{}
}

// rise lets an interface that a subgraph knows implement, sometimes, the one above it there.
func (g *generator) rise(s int, t *typ) {
	if up := g.above[t]; up != nil && g.may(s, up) && g.chance(65) {
		g.implement(s, t, up)
	}
}

func (g *generator) implement(s int, t, up *typ) {
	g.know(s, up)
	if t.implementsIn(s, up) {
		return
	}
	t.in[s].supers = append(t.in[s].supers, up)
	for _, m := range t.in[s].members {
		g.addMember(s, up, m)
	}
	t.field(up.commonFields()[0].name).in[s] = &fieldIn{}
}

// addMember makes a type implement an interface in a subgraph that knows this, and whatever that one implements there.
func (g *generator) addMember(s int, t, m *typ) {
	if slices.Contains(t.in[s].members, m) {
		return
	}
	t.in[s].members = append(t.in[s].members, m)
	g.know(s, m)
	first := m.field(t.commonFields()[0].name)
	if first.in[s] == nil {
		first.in[s] = &fieldIn{}
	}
	for _, up := range t.in[s].supers {
		g.addMember(s, up, m)
	}
}

// finishSupers gives interfaces the fields of those that they implement, in every subgraph; a field that one of them has
// nowhere the other loses, unless it needs it.
func (g *generator) finishSupers() {
	g.closeSupers()
	for more := true; more; {
		more = false
		for _, t := range slices.Backward(g.abstractTypes) { // those above others come last
			if up := g.above[t]; up != nil && t.implementsAnywhere(up) {
				more = g.finishSuper(t, up) || more
			}
		}
	}
}

// finishSuper tells whether the upper interface lost a field.
func (g *generator) finishSuper(t, up *typ) bool {
	lost := false
	for _, f := range up.fields {
		own := t.field(f.name)
		for s := range g.names {
			if f.in[s] != nil && t.implementsIn(s, up) {
				own.in[s] = &fieldIn{}
			}
		}
		switch {
		case isDeclared(own) || !isDeclared(f):
		case g.needed(f):
			t.leave(up)
			return false
		default:
			for above := up; above != nil; above = g.above[above] {
				if f := above.field(f.name); f != nil {
					clear(f.in)
				}
			}
			lost = true
		}
	}
	return lost
}

// needed tells whether an interface, or one above, would have no key or no field without one of its fields.
func (g *generator) needed(f *field) bool {
	for t := f.of; t != nil; t = g.above[t] {
		if own := t.field(f.name); own != nil && (own.isKey() || own == t.commonFields()[0]) {
			return true
		}
	}
	return false
}

// leave lets an interface implement another one nowhere.
func (t *typ) leave(up *typ) {
	for _, in := range t.in {
		if in != nil {
			in.supers = slices.DeleteFunc(in.supers, func(other *typ) bool { return other == up })
		}
	}
}

func isDeclared(f *field) bool {
	return slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in != nil })
}

func (t *typ) implementsIn(s int, up *typ) bool {
	return t.in[s] != nil && slices.Contains(t.in[s].supers, up)
}

func (t *typ) implementsAnywhere(up *typ) bool {
	return slices.ContainsFunc(t.in, func(in *typeIn) bool { return in != nil && slices.Contains(in.supers, up) })
}

// isImplementation tells whether an interface has the field, too, visible, that the type implements.
func (g *generator) isImplementation(f *field) bool {
	for _, t := range g.abstractTypes {
		if t.kind != iface || !slices.Contains(t.members, f.of) && g.above[f.of] != t {
			continue
		}
		if of := t.field(f.name); of != nil && !of.hidden {
			return true
		}
	}
	return false
}

// closeSupers: an interface implements, in some subgraph, what those implement that it implements in another one.
func (g *generator) closeSupers() {
	for _, t := range g.abstractTypes {
		up := g.above[t]
		if up == nil || g.above[up] == nil || !t.implementsAnywhere(up) || !up.implementsAnywhere(g.above[up]) {
			continue
		}
		closed := false
		for s := range g.names {
			closed = closed || t.implementsIn(s, up) && up.implementsIn(s, g.above[up])
		}
		if closed {
			continue
		}
		for _, in := range up.in {
			if in != nil {
				in.supers = nil
			}
		}
	}
}

// supersIn are all interfaces that an interface implements in a subgraph.
func (t *typ) supersIn(s int) []*typ {
	var list []*typ
	if t.in[s] == nil {
		return nil
	}
	for _, up := range t.in[s].supers {
		list = append(append(list, up), up.supersIn(s)...)
	}
	return list
}
