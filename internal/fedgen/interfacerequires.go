package fedgen

import (
	"slices"
	"strings"
)

// requiresOfObjects adds fields to interfaces that are objects to a subgraph, which it can resolve only with values of
// others: with what the members have in common, wherever that is resolved, or with what another subgraph adds to which the
// interface is an object, too.
func (g *generator) requiresOfObjects() {
	for _, t := range g.abstractTypes {
		if t.hub < 0 || len(t.opaque) == 0 {
			continue
		}
		if g.chance(35) {
			g.secondKey(t)
		}
		for s := range g.names {
			for i := 0; t.opaque[s] && i < 3 && g.chance(50); i++ {
				g.requireOfObject(s, t)
			}
		}
	}
}

// secondKey gives an interface one more key, of which only the subgraph in its centre and those to which it is an object
// know. The first one may then be one by which these cannot be asked.
func (g *generator) secondKey(t *typ) {
	name := strings.ToLower(t.name) + "Mark"
	f := g.newField(t, name, g.scalar(pick(&g.random, []string{"ID", "String"})), "%!")
	f.in[t.hub] = &fieldIn{}
	second := &key{sel: selection{{field: f}}}
	t.keys = append(t.keys, second)
	t.in[t.hub].keys = append(t.in[t.hub].keys, &keyIn{key: second, resolvable: true})
	for _, m := range t.members {
		k := &key{sel: selection{{field: g.newField(m, name, f.typ, f.wrap)}}}
		m.keys = append(m.keys, k)
		g.knowEntityBy(t.hub, m, k)
	}
	for s := range g.names {
		if !t.opaque[s] || g.chance(30) {
			continue
		}
		g.knowOpaque(s, t)
		f.in[s] = &fieldIn{}
		first := t.in[s].keys[0]
		t.in[s].keys = append(t.in[s].keys, &keyIn{key: second, resolvable: first.resolvable})
		first.resolvable = first.resolvable && g.chance(40)
	}
}

// requireOfObject adds one field. By some key the subgraph can be asked then.
func (g *generator) requireOfObject(s int, t *typ) {
	if g.chance(50) {
		g.addObjects(s, t)
	}
	var candidates []*field
	for _, f := range t.fields {
		if !f.mayBeRequired() || f.typ.faces != nil || f.resolves(s) || !g.selectable(s, f.typ) {
			continue
		}
		if g.declareInHub(f); len(f.owners()) > 0 {
			candidates = append(candidates, f)
		}
	}
	g.knowOpaque(s, t)
	var sel selection
	for _, f := range some(&g.random, candidates, min(len(candidates), g.between(1, 2))) {
		if e := g.want(s, f, 0); e != nil {
			sel = append(sel, e)
		}
	}
	if len(sel) == 0 {
		return
	}
	f := g.newField(t, g.freeName(append([]*typ{t}, t.members...)...), g.leaf(), g.wrap())
	if other := pick(&g.random, g.entityTypes); g.chance(20) && g.may(s, other) {
		f.typ = other
	}
	g.addArgs(f, 20)
	g.own(s, f)
	f.in[s].requires = sel
	keys := t.in[s].keys
	if !keys[0].resolvable && (len(keys) == 1 || !keys[1].resolvable) {
		pick(&g.random, keys).resolvable = true
	}
}

// addObjects gives the members of an interface a field with objects that the subgraph knows. Mostly these are of several types.
func (g *generator) addObjects(s int, t *typ) {
	knows := func(x *typ) bool { return x.faces == nil && g.selectable(s, x) && g.may(t.hub, x) }
	not := func(x *typ) bool { return !knows(x) || x.opaque[s] }
	g.addUnion(t, slices.DeleteFunc(slices.Concat(g.valueTypes, g.entityTypes), not))
	list := slices.DeleteFunc(slices.Clone(g.abstractTypes), not)
	if len(list) == 0 || g.chance(40) {
		list = slices.DeleteFunc(slices.Concat(g.valueTypes, g.entityTypes, g.abstractTypes), func(x *typ) bool { return !knows(x) })
	}
	if len(list) > 0 {
		g.addCommonOf(t, g.freeName(append([]*typ{t}, t.members...)...), pick(&g.random, list), g.wrap(), false)
	}
}

// addUnion makes a union of some types.
func (g *generator) addUnion(beside *typ, types []*typ) {
	name := beside.name + "Detail"
	if len(types) < 2 || slices.ContainsFunc(g.abstractTypes, func(t *typ) bool { return t.name == name }) {
		return
	}
	t := g.newType(name, union)
	t.members = some(&g.random, types, g.between(2, min(len(types), 3)))
	g.abstractTypes = append(g.abstractTypes, t)
}

// declareInHub lets the subgraph in the centre of an interface have what the members have in common.
func (g *generator) declareInHub(f *field) {
	hub := f.of.hub
	if !f.common || f.in[hub] != nil || !g.may(hub, f.typ) {
		return
	}
	g.know(hub, f.typ)
	if g.mayDeclare(hub, f, f.of.members) {
		f.declareCommon(hub, f.of.members)
	}
}
