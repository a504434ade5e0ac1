package fedgen

import "slices"

// provides lets some fields bring fields of entities that their subgraph does not resolve otherwise.
func (g *generator) provides() {
	for range g.n(5) {
		var candidates []*field
		s := g.n(len(g.names))
		for _, t := range g.composites() {
			if t.kind.abstract() && !t.opaque[s] {
				continue
			}
			for _, f := range t.fields {
				if f.resolves(s) && !f.typ.kind.leaf() && f.in[s].provides == nil && g.mayProvide(s, f) {
					candidates = append(candidates, f)
				}
			}
		}
		if len(candidates) == 0 {
			continue
		}
		f := pick(&g.random, candidates)
		sel := f.narrowed(s, g.provide(s, f.at(s), 0))
		if f.of.opaque[s] && slices.ContainsFunc(sel.fields(), (*field).isKey) {
			continue // The Guild's leaves that out, so that keys that all subgraphs have look like this one's own
		}
		f.in[s].provides = sel
	}
}

// mayProvide: where every subgraph defines a field of Query, the composer leaves @provides out of the supergraph. Where the
// subgraph says that a field is of an object type, and others that it is of an interface of which it knows nothing, The Guild's
// throws ("reading 'extension'").
func (g *generator) mayProvide(s int, f *field) bool {
	if f.of == g.query && f.everywhere() {
		return false
	}
	return f.at(s) == f.typ || f.typ.kind == union || f.typ.in[s] != nil
}

// provide selects fields of a type that the subgraph does not resolve.
func (g *generator) provide(s int, t *typ, depth int) selection {
	var sel selection
	if t.kind.abstract() {
		if t.kind == iface {
			sel = g.provideCommon(s, t, depth)
		}
		for _, m := range t.in[s].members {
			if sub := g.provide(s, m, depth); len(sub) > 0 && g.chance(60) {
				sel = append(sel, &selected{on: m, sub: sub})
			}
		}
		return mergeable(sel)
	}
	for _, f := range t.fields {
		switch {
		case len(f.args) > 0 || !g.selectable(s, f.at(s)) || len(f.owners()) == 0:
		case f.resolves(s) && !f.typ.kind.leaf() && depth < 2 && g.chance(60):
			if sub := f.narrowed(s, g.provide(s, f.at(s), depth+1)); len(sub) > 0 {
				sel = append(sel, &selected{field: f, sub: sub})
			}
		case t.kind == entity && !f.resolves(s) && f.isProvidable(s) && g.chance(50):
			if e := g.provideField(s, f, depth); e != nil {
				sel = append(sel, e)
			}
		}
	}
	return sel
}

// provideCommon selects something below fields that an interface has itself. Of leaves there composition says that they are the
// subgraph's own.
func (g *generator) provideCommon(s int, t *typ, depth int) selection {
	var sel selection
	for _, f := range t.commonFields() {
		if f.typ.kind.leaf() || depth > 1 || !g.selectable(s, f.typ) || !g.chance(60) {
			continue
		}
		if g.know(s, f.typ); !g.providesCommon(s, f) {
			continue
		}
		sub := g.provide(s, f.typ, depth+1)
		if len(sub) == 0 || !g.mayDeclare(s, f, t.in[s].members) {
			continue
		}
		f.declareCommon(s, t.in[s].members)
		for _, below := range (selection{{field: f}}).fields() {
			for _, o := range below.owners() {
				below.in[o].shareable = below.in[o].shareable || below.of.kind != iface && !below.resolves(s)
			}
		}
		sel = append(sel, &selected{field: f, sub: sub})
	}
	return sel
}

// providesCommon tells whether a subgraph can provide what is below the field in all types of the interface.
func (g *generator) providesCommon(s int, f *field) bool {
	return f.typ.knownWhole(s) && !slices.ContainsFunc(f.of.in[s].members, func(m *typ) bool {
		own := m.field(f.name)
		return len(own.args) > 0 || own.typ != f.typ || len(own.owners()) == 0 || !own.resolves(s) && !own.isProvidable(s)
	})
}

func (g *generator) provideField(s int, f *field, depth int) *selected {
	if depth > 2 {
		return nil
	}
	g.plain = true
	e := g.want(s, f, 1)
	g.plain = false
	if e == nil || len(e.args) > 0 || f.resolves(s) {
		return nil
	}
	for _, below := range (selection{e}).fields() {
		for _, o := range below.owners() {
			below.in[o].shareable = below.in[o].shareable || !below.resolves(s)
		}
	}
	return e
}
