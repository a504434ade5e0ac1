package fedgen

import "slices"

// splits lets subgraphs select what no other subgraph has whole: of a value type of which some have different fields. It must be
// put together from all of these, as what a field requires, or as a key.
func (g *generator) splits() {
	for _, v := range g.valueTypes {
		if v.faces == nil {
			continue
		}
		for range g.between(1, 2) {
			g.requireSplit(v)
		}
		if g.chance(35) {
			g.keySplit(v)
		}
	}
}

// sides are the subgraphs that have fields of a split value type.
func (g *generator) sides(v *typ) []int {
	return slices.DeleteFunc(g.indexes(), func(s int) bool { return v.faces[s] == nil })
}

// requireSplit adds a field that requires something of all sides. One of these itself only requires what the other one has: composition
// wants nothing in a @requires that the subgraph resolves.
func (g *generator) requireSplit(v *typ) {
	t, s := pick(&g.random, g.entityTypes), g.n(len(g.names))
	if g.old[s] || !g.may(s, t) {
		return
	}
	whole := g.splitField(t, v)
	if whole == nil {
		return
	}
	g.know(s, v)
	var sub selection
	for _, side := range g.sides(v) {
		theirs := slices.DeleteFunc(slices.Clone(v.faces[side]), func(f *field) bool {
			return f.resolves(s) || !f.mayBeRequired() || !g.selectable(s, f.typ)
		})
		if len(theirs) == 0 {
			continue
		}
		f := pick(&g.random, theirs)
		if slices.Contains(sub.fields(), f) {
			continue
		}
		if e := g.want(s, f, 1); e != nil {
			sub = append(sub, e)
		}
	}
	if len(sub) == 0 {
		return
	}
	f := g.newField(t, g.freeName(t), g.leaf(), g.wrap())
	g.own(s, f)
	if whole.in[s] == nil {
		whole.in[s] = &fieldIn{role: external}
	}
	f.in[s].requires = selection{{field: whole, args: g.argsText(whole), sub: sub}}
	if v.faces[s] == nil && g.chance(30) {
		g.claim(s, v)
	}
}

// claim lets a subgraph say of the fields of a split value type, which it only requires, that it shares them. It has no objects of
// the type.
func (g *generator) claim(s int, v *typ) {
	for _, f := range v.fields {
		if f.in[s] != nil {
			f.in[s] = &fieldIn{}
		}
	}
	v.in[s].form.whole = allShareable
}

// splitField returns a field of an entity that has values of a split type, sometimes a new one; nil when the sides may not have it.
func (g *generator) splitField(t, v *typ) *field {
	for _, f := range t.fields {
		if f.typ == v && len(f.owners()) == len(v.faces) && f.mayBeRequired() && !f.isKey() && g.chance(70) {
			return f
		}
	}
	f := &field{of: t, typ: v}
	for _, side := range g.sides(v) {
		if !g.mayOwn(side, f) {
			return nil
		}
	}
	f = g.newField(t, g.freeName(t), v, g.wrap())
	g.addArgs(f, 20)
	g.place(f)
	return f
}

// keySplit gives an entity a key that goes through a split value type, in a third subgraph. That one has another key, too, by which one
// gets from there to the others.
func (g *generator) keySplit(v *typ) {
	t, s := pick(&g.random, g.entityTypes), g.n(len(g.names))
	if g.old[s] || v.in[s] != nil || !g.may(s, t) || v.field("ref") != nil || len(t.coreFor(s)) == 0 {
		return
	}
	f := &field{of: t, typ: v}
	for _, side := range g.sides(v) {
		if side == s || !g.mayOwn(side, f) {
			return
		}
	}
	f = g.newField(t, g.freeName(t), v, pick(&g.random, []string{"%!", "%!", "[%!]!"}))
	g.place(f)
	k := &key{sel: selection{{field: f}}}
	for i, side := range g.sides(v) {
		part := g.newField(v, []string{"ref", "lot", "bin"}[i], g.scalar("ID"), "%!")
		v.faces[side] = append(v.faces[side], part)
		part.in[side] = &fieldIn{}
		k.sel[0].sub = append(k.sel[0].sub, &selected{field: part})
	}
	if t.in[s] == nil {
		t.in[s] = &typeIn{}
		g.knowKey(s, t, pick(&g.random, t.coreFor(s)), g.chance(30))
	}
	t.keys = append(t.keys, k)
	g.knowKey(s, t, k, true)
	for range g.between(1, 2) {
		own := g.newField(t, g.freeName(t), g.leaf(), g.wrap())
		own.in[s] = &fieldIn{}
	}
}
