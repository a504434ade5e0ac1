package fedgen

import (
	"slices"
	"strings"
)

// requires adds fields that a subgraph can resolve only with values of others. What they require is what was there
// before, so that there are chains, also back and forth between subgraphs, but no circles.
func (g *generator) requires() {
	for range g.n(7) {
		t := pick(&g.random, g.entityTypes)
		s := g.n(len(g.names))
		if !g.may(s, t) || t.in[s] == nil && g.chance(50) {
			continue
		}
		sel := g.requirable(s, t)
		if len(sel) == 0 {
			continue
		}
		f := g.newField(t, g.freeName(t), g.leaf(), g.wrap())
		if other := g.output(); other.faces == nil && g.chance(40) && g.may(s, other) {
			f.typ = other
		}
		g.addArgs(f, 15)
		g.own(s, f)
		f.in[s].requires = sel
		if g.chance(25) {
			g.requireAgain(s, f)
		}
		g.answerElsewhere(s, f)
	}
}

// answerElsewhere lets, sometimes, another subgraph answer a field, too: it requires the same, or nothing.
func (g *generator) answerElsewhere(s int, f *field) {
	other := g.n(len(g.names))
	if !g.chance(30) || other == s || f.typ.kind.abstract() || !g.mayOwn(other, f) {
		return
	}
	g.own(other, f)
	sel := f.in[s].requires
	if g.chance(50) || slices.ContainsFunc(sel, func(e *selected) bool { return len(e.sub) > 0 || e.field.resolves(other) }) {
		return
	}
	for _, e := range sel {
		if e.field.in[other] == nil {
			e.field.in[other] = &fieldIn{role: external}
		}
	}
	f.in[other].requires = sel
}

// requireAgain adds a field that requires the same fields, with other arguments where they have any.
func (g *generator) requireAgain(s int, f *field) {
	again := g.newField(f.of, g.freeName(f.of), g.leaf(), g.wrap())
	g.own(s, again)
	for _, e := range f.in[s].requires {
		other := *e
		other.args = g.argsText(e.field)
		again.in[s].requires = append(again.in[s].requires, &other)
	}
}

// requirable returns a selection of fields of an entity that the subgraph does not resolve itself.
func (g *generator) requirable(s int, t *typ) selection {
	var candidates []*field
	for _, f := range t.fields {
		resolvable := len(f.owners()) > 0 && f.mayBeRequired()
		if resolvable && (f.in[s] == nil || f.in[s].role == external) && g.selectable(s, f.typ) {
			candidates = append(candidates, f)
		}
	}
	if len(candidates) == 0 {
		return nil
	}
	g.knowEntity(s, t, true)
	var sel selection
	for _, f := range some(&g.random, candidates, min(len(candidates), g.between(1, 2))) {
		if f.resolves(s) { // knowing the other one brought it
			continue
		}
		if e := g.want(s, f, 0); e != nil {
			sel = append(sel, e)
		}
	}
	if len(sel) == 0 || !g.stillExternal(s, sel) {
		return nil
	}
	return sel
}

// mayBeRequired: a field that takes nothing from a context, and of which no label decides who answers it.
func (f *field) mayBeRequired() bool { return !f.isContextual() && !f.isLabelled() }

// stillExternal tells whether the subgraph resolves none of the fields, which knowing types may have brought about.
func (g *generator) stillExternal(s int, sel selection) bool {
	return !slices.ContainsFunc(sel, func(e *selected) bool {
		switch {
		case e.field == nil:
			return !g.stillExternal(s, e.sub)
		case e.field.resolves(s): // what is below may be another's
			return e.field.typ.kind.leaf() || !g.stillExternal(s, e.sub)
		default:
			return false
		}
	})
}

// forgetResolved drops each @requires and @provides of which the subgraph has got to know something since, as part of a key, and
// resolves it.
func (g *generator) forgetResolved() {
	for _, t := range g.composites() {
		for _, f := range t.fields {
			for s, in := range f.in {
				if in == nil {
					continue
				}
				if !g.stillExternal(s, in.requires) {
					in.requires = nil
				}
				if in.provides.isStale(s) {
					in.provides = nil
				}
			}
		}
	}
}

// isStale tells whether a subgraph resolves some leaf of what it is to provide.
func (s selection) isStale(in int) bool {
	return slices.ContainsFunc(s, func(e *selected) bool {
		if e.field != nil && (!e.field.resolves(in) || e.field.typ.kind.leaf()) {
			return e.field.resolves(in)
		}
		return e.sub.isStale(in)
	})
}

// selectable tells whether the subgraph may know the type.
func (g *generator) selectable(s int, t *typ) bool {
	return (t.faces == nil || t.faces[s] != nil) && g.may(s, t)
}

// want selects a field and something below it, and makes the subgraph know it: as @external where it does not resolve it.
func (g *generator) want(s int, f *field, depth int) *selected {
	g.know(s, f.at(s))
	if g.plain && !f.at(s).knownWhole(s) {
		return nil
	}
	var sub selection
	if !f.typ.kind.leaf() {
		if sub = f.narrowed(s, g.wantBelow(s, f, depth+1)); len(sub) == 0 {
			return nil
		}
	}
	if f.in[s] == nil {
		f.in[s] = &fieldIn{role: external}
	}
	return &selected{field: f, args: g.argsText(f), sub: sub}
}

// wantBelow selects something of the values of a field, of a type that the subgraph knows.
func (g *generator) wantBelow(s int, f *field, depth int) selection {
	t := f.at(s)
	switch {
	case t.opaque[s]:
		return t.keys[0].sel
	case !t.kind.abstract():
		return g.wantOf(s, t, depth)
	}
	var sel selection
	if common := t.commonFields(); t.kind == iface && g.chance(70) && (!g.plain || len(common[0].args) == 0) {
		sel = append(sel, g.want(s, common[0], depth))
	}
	for _, m := range t.in[s].members {
		if !f.returns(m) || len(sel) > 0 && g.chance(50) {
			continue
		}
		if sub := g.wantOf(s, m, depth); len(sub) > 0 {
			sel = append(sel, &selected{on: m, sub: sub})
		}
	}
	return mergeable(sel)
}

// wantOf selects something of an object type that the subgraph knows.
func (g *generator) wantOf(s int, t *typ, depth int) selection {
	var sel selection
	var candidates []*field
	for _, f := range t.fields {
		if g.wantable(s, f, depth) && !f.isLabelled() {
			candidates = append(candidates, f)
		}
	}
	for _, f := range some(&g.random, candidates, min(len(candidates), g.between(1, 2))) {
		if e := g.want(s, f, depth); e != nil {
			sel = append(sel, e)
		}
	}
	return sel
}

// returns tells whether some subgraph that resolves the field may return an object of the type. Composition refuses a @requires with a
// fragment on any other type.
func (f *field) returns(m *typ) bool {
	inherited := false
	for _, x := range f.of.members {
		if xf := x.field(f.name); xf != nil {
			inherited = true
			if !xf.returns(m) {
				return false
			}
		}
	}
	return inherited || slices.ContainsFunc(f.owners(), func(s int) bool {
		t := f.at(s)
		return t == m || t.opaque[s] || t.in[s] != nil && slices.Contains(t.in[s].members, m)
	})
}

// wantable tells whether a field below a required one may be selected, too.
func (g *generator) wantable(s int, f *field, depth int) bool {
	if slices.Contains(g.old, true) && f.isKey() && f.in[s] == nil {
		return false // composition takes @external on any key for what Federation 1 wants to see
	}
	if f.isContextual() || g.plain && f.of.kind == entity && !f.resolves(s) && !f.isProvidable(s) {
		return false
	}
	if len(f.owners()) == 0 || g.plain && len(f.args) > 0 || depth > 2 && !f.typ.kind.leaf() || !g.selectable(s, f.at(s)) {
		return false
	}
	if f.of.kind == value {
		return f.in[s] != nil
	}
	return f.in[s] != nil || g.chance(50)
}

// mergeable drops fragments with fields that might not merge with those of the same name beside them.
func mergeable(sel selection) selection {
	seen := map[string][]*selected{}
	var out selection
	for _, e := range sel {
		fields := e.sub
		if e.field != nil {
			fields = selection{e}
		} else if slices.ContainsFunc(e.sub, func(sub *selected) bool { return sub.field == nil || !sub.merges(seen[sub.field.name]) }) {
			continue
		}
		for _, f := range fields {
			seen[f.field.name] = append(seen[f.field.name], f)
		}
		out = append(out, e)
	}
	return out
}

// merges tells whether a field of a fragment can stand beside others of its name: leaves of the same shape can, which have the
// same arguments unless no object has both.
func (e *selected) merges(others []*selected) bool {
	return !slices.ContainsFunc(others, func(o *selected) bool {
		a, b := e.field, o.field
		return a.typ != b.typ || !a.typ.kind.leaf() || a.wrap != b.wrap || e.args != o.args && b.of.kind.abstract()
	})
}

// argsText gives a required field arguments.
func (g *generator) argsText(f *field) string {
	var list []string
	for _, a := range f.args {
		if strings.HasSuffix(a.wrap, "!") && a.def == "" || g.chance(60) {
			list = append(list, a.name+": "+g.literal(a.typ, a.wrap, 0))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}
