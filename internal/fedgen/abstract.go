package fedgen

import (
	"slices"
	"strings"
)

// abstracts makes interfaces and unions.
func (g *generator) abstracts() {
	objects := append([]*typ{}, g.entityTypes...)
	for _, t := range g.valueTypes {
		if t.faces == nil {
			objects = append(objects, t)
		}
	}
	for _, name := range []string{"Media", "Party"}[:g.n(3)] {
		t := g.newType(name, iface)
		pool := g.entityTypes
		if g.chance(30) {
			pool = objects
		}
		t.members = some(&g.random, pool, min(len(pool), g.between(2, 3)))
		g.centre(t)
		for i := range g.between(1, 3) {
			g.addCommon(t, i == 0)
		}
		g.secondCentre(t)
		g.abstractTypes = append(g.abstractTypes, t)
	}
	for _, name := range []string{"Result", "Thing"}[:g.n(3)] {
		t := g.newType(name, union)
		t.members = some(&g.random, objects, min(len(objects), g.between(2, 4)))
		g.abstractTypes = append(g.abstractTypes, t)
	}
}

// addCommon gives an interface a field, and each implementation the same. The first one is a leaf that every subgraph
// that knows the interface resolves; the others belong to a subgraph of their own for each implementation.
func (g *generator) addCommon(t *typ, first bool) {
	name := g.freeName(append([]*typ{t}, t.members...)...)
	ft, wrap := g.leaf(), g.wrap()
	if !first && g.chance(40) {
		ft = g.output()
		shared := slices.ContainsFunc(t.members, func(m *typ) bool { return m.kind == value })
		if ft.faces != nil || shared && ft.kind.abstract() { // of what several subgraphs resolve they may know no object in common
			ft = g.leaf()
		}
	}
	g.addCommonOf(t, name, ft, wrap, first)
}

func (g *generator) addCommonOf(t *typ, name string, ft *typ, wrap string, first bool) {
	if !g.mayAll(t.members, ft) {
		ft = g.leaf()
	}
	f := g.newField(t, name, ft, wrap)
	f.common = true
	g.addArgs(f, 15)
	if first && t.hub >= 0 {
		f.in[t.hub] = &fieldIn{}
	}
	for _, m := range t.members {
		mf := g.newField(m, name, ft, wrap)
		if !strings.HasSuffix(wrap, "!") && g.chance(15) {
			mf.wrap += "!" // an implementation may promise more
		}
		if len(ft.members) > 0 && m.kind == entity && g.chance(30) {
			mf.typ = pick(&g.random, ft.members) // or be of a narrower type
		}
		mf.common, mf.args = true, f.args
		if g.chance(8) { // or take more
			mf.args = append(slices.Clone(f.args), &arg{name: "extra", typ: g.argType(), wrap: g.argWrap(false)})
		}
		if f.in[max(t.hub, 0)] != nil { // only the first one is known anywhere by now
			g.own(t.hub, mf)
		}
		if m.kind == entity {
			if s := g.subgraphFor(mf); s >= 0 {
				g.own(s, mf)
			}
			continue
		}
		for s, in := range m.in {
			if in != nil { // all that know a value know all of it
				g.own(s, mf)
			}
		}
	}
}

// mayAll tells whether all subgraphs that know some of the objects may know a type, as one that a value has must be known to
// them.
func (g *generator) mayAll(objects []*typ, t *typ) bool {
	for _, o := range objects {
		for s, in := range o.in {
			if o.kind == value && in != nil && !g.may(s, t) {
				return false
			}
		}
	}
	return true
}

// finishInterfaces decides which common fields an interface declares in a subgraph: those that all of its
// implementations there have, some of them maybe as @external.
func (g *generator) finishInterfaces() {
	for _, t := range g.abstractTypes {
		if t.kind != iface {
			continue
		}
		for s, in := range t.in {
			if in == nil || t.opaque[s] {
				continue
			}
			for _, f := range t.commonFields()[1:] {
				missing := 0
				for _, m := range in.members {
					if m.field(f.name).in[s] == nil {
						missing++
					}
				}
				if !g.mayDeclare(s, f, in.members) {
					continue
				}
				if missing == 0 && g.chance(80) || missing < len(in.members) && g.chance(25) {
					f.declareCommon(s, in.members)
				}
			}
		}
	}
}

// mayDeclare tells whether the subgraph knows the type of a common field, as one that has those of the implementations.
func (g *generator) mayDeclare(s int, f *field, members []*typ) bool {
	return g.isKnown(s, f.typ) && !slices.ContainsFunc(members, func(m *typ) bool {
		own := m.field(f.name).typ
		return own != f.typ && (f.typ.opaque[s] || !slices.Contains(f.typ.in[s].members, own))
	})
}

// declareCommon lets an interface have a common field in a subgraph, and the members that it knows.
func (f *field) declareCommon(s int, members []*typ) {
	f.in[s] = &fieldIn{}
	for _, m := range members {
		if mf := m.field(f.name); mf.in[s] == nil {
			mf.in[s] = &fieldIn{role: external}
		}
	}
}

func (g *generator) isKnown(s int, t *typ) bool { return t.kind.leaf() || t.in[s] != nil }
