package fedgen

import "strings"

// know makes a type known to a subgraph, with all that a type needs to stand in its SDL.
func (g *generator) know(s int, t *typ) {
	switch t.kind {
	case value:
		g.knowValue(s, t)
	case entity:
		g.knowEntity(s, t, false)
	case iface, union:
		g.knowAbstract(s, t)
	case scalar, enum, input, root: // printed where they are used
	}
}

func (g *generator) knowValue(s int, t *typ) {
	if t.in[s] != nil {
		return
	}
	t.in[s] = &typeIn{}
	fields := t.fields
	if t.faces != nil {
		fields = t.faces[s]
	}
	for _, f := range fields {
		f.in[s] = &fieldIn{}
		if !f.common && f.name != "ref" && f.name != "lot" && strings.HasSuffix(f.wrap, "!") && g.chance(10) {
			f.in[s].nullable = nullValue
		}
		g.know(s, f.typ)
	}
}

// knowEntity makes an entity known by a key that connects the subgraph to those that know it already. An owner's key is
// resolvable.
func (g *generator) knowEntity(s int, t *typ, owner bool) {
	if t.in[s] == nil {
		keys := t.keysFor(s)
		k := pick(&g.random, keys)
		if core := t.coreFor(s); len(core) > 0 {
			k = pick(&g.random, core)
		}
		t.in[s] = &typeIn{}
		g.knowKey(s, t, k, owner || len(t.core) == 0 || g.chance(60))
		for _, other := range keys {
			if other == k || !g.chance(25) {
				continue
			}
			// Resolvable only where one gets by the first key, and else only what can be had elsewhere.
			if resolvable := t.in[s].keys[0].resolvable && g.chance(70); resolvable || t.isCore(other) {
				g.knowKey(s, t, other, resolvable)
			}
		}
	}
	if first := t.in[s].keys[0]; owner && !first.resolvable {
		first.resolvable = true
		t.core = append(t.core, coreKey{s, first.key})
	}
}

// isCore tells whether some subgraph can be reached by the key.
func (t *typ) isCore(k *key) bool {
	for _, c := range t.core {
		if c.key == k {
			return true
		}
	}
	return false
}

// knowEntityBy makes an entity known by a key, resolvable, whatever others know it by.
func (g *generator) knowEntityBy(s int, t *typ, k *key) {
	if t.in[s] == nil {
		t.in[s] = &typeIn{}
		if core := t.coreFor(s); len(core) > 0 {
			g.knowKey(s, t, pick(&g.random, core), true)
		}
	}
	for _, there := range t.in[s].keys {
		if there.key != k {
			continue
		}
		if !there.resolvable {
			there.resolvable = true
			t.core = append(t.core, coreKey{s, k})
		}
		return
	}
	g.knowKey(s, t, k, true)
}

func (g *generator) knowKey(s int, t *typ, k *key, resolvable bool) {
	t.in[s].keys = append(t.in[s].keys, &keyIn{key: k, resolvable: resolvable})
	if resolvable {
		t.core = append(t.core, coreKey{s, k})
	}
	g.have(s, k.sel)
}

// have lets the subgraph resolve all of a selection.
func (g *generator) have(s int, sel selection) {
	for _, e := range sel {
		if e.field.in[s] == nil || e.field.in[s].role == external {
			e.field.in[s] = &fieldIn{}
		}
		g.know(s, e.field.typ)
		g.have(s, e.sub)
	}
}

// knowAbstract makes some of the members known, at least one.
func (g *generator) knowAbstract(s int, t *typ) {
	if t.opaque[s] {
		g.knowOpaque(s, t)
		return
	}
	if t.in[s] != nil {
		return
	}
	t.in[s] = &typeIn{}
	n := len(t.members)
	if g.chance(50) {
		n = g.between(1, n)
	}
	for _, m := range some(&g.random, t.members, n) {
		t.in[s].members = append(t.in[s].members, m)
		g.know(s, m)
		if t.kind == iface {
			first := m.field(t.commonFields()[0].name)
			if first.in[s] == nil { // where it is @external, something requires it
				first.in[s] = &fieldIn{}
			}
		}
	}
	if t.kind == iface {
		t.commonFields()[0].in[s] = &fieldIn{}
		g.rise(s, t)
	}
}

// own lets a subgraph answer a field of an object type.
func (g *generator) own(s int, f *field) { g.ownAs(s, f, nil) }

// ownAs lets it say that the field is of a narrower type, unless that is nil.
func (g *generator) ownAs(s int, f *field, narrow *typ) {
	if f.of.kind == entity {
		g.knowEntity(s, f.of, true)
	}
	f.in[s] = &fieldIn{narrow: narrow}
	g.know(s, f.at(s))
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
