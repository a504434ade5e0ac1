package fedgen

import (
	"slices"
	"strings"
)

// hide makes some elements @inaccessible, such that composition takes it: something of everything stays.
func (g *generator) hide() {
	if !g.chance(45) {
		return
	}
	for _, e := range g.enums {
		if g.chance(40) {
			e.hiddenValue = e.name + "Hidden"
		}
	}
	for _, t := range g.inputs {
		if g.chance(40) {
			g.newField(t, "hidden", g.scalar("Int"), "%").hidden = true
		}
	}
	if pool := append(append([]*typ{}, g.valueTypes...), g.entityTypes...); g.chance(40) {
		g.hideType(pick(&g.random, pool))
	}
	if len(g.abstractTypes) > 0 && g.chance(20) {
		g.hideType(pick(&g.random, g.abstractTypes))
	}
	for _, t := range append(append([]*typ{}, g.entityTypes...), g.valueTypes...) {
		for _, f := range t.fields {
			if g.chance(10) && !f.common && !f.isHubKey() {
				g.hideField(f)
			}
			g.hideArgs(f)
		}
	}
	for _, f := range g.query.fields {
		g.hideArgs(f)
	}
	g.hideCommon()
}

// isHubKey tells whether the field is the key of an interface that the type implements.
func (f *field) isHubKey() bool {
	for _, i := range f.of.faced {
		if i.field(f.name) != nil {
			return true
		}
	}
	return false
}

// hideCommon hides fields of interfaces; those of the members may stay. Interfaces above others come first.
func (g *generator) hideCommon() {
	for _, t := range slices.Backward(g.abstractTypes) {
		for _, f := range t.commonFields() {
			if !g.chance(10) || g.isImplementation(f) || !g.hideField(f) {
				continue
			}
			for _, m := range t.members {
				if g.chance(50) && !g.isImplementation(m.field(f.name)) {
					g.hideField(m.field(f.name))
				}
			}
		}
	}
}

func (g *generator) hideArgs(f *field) {
	for _, a := range f.args {
		a.hidden = a.hidden || !f.common && a.context == nil && !strings.HasSuffix(a.wrap, "!") && g.chance(8)
	}
}

// hideField hides a field, unless it is the last one of its type that is visible, or no subgraph that knows it can say so.
func (g *generator) hideField(f *field) bool {
	if !slices.ContainsFunc(f.declaredIn(), func(s int) bool { return !g.old[s] }) {
		return false
	}
	visible := 0
	for _, other := range f.of.fields {
		if !other.hidden && len(other.owners()) > 0 {
			visible++
		}
	}
	if visible < 2 {
		return false
	}
	f.hidden = true
	return true
}

// hideType hides a type with all fields that return it, unless something would be left without any field or member.
func (g *generator) hideType(t *typ) {
	if slices.Contains(g.old, true) { // there, nothing can be @inaccessible
		return
	}
	var fields []*field
	for _, of := range g.composites() {
		visible := 0
		for _, f := range of.fields {
			if f.typ == t {
				if g.isNarrower(f) {
					return // what it implements would stay
				}
				fields = append(fields, f)
			} else if !f.hidden && len(f.owners()) > 0 {
				visible++
			}
		}
		if of == t {
			continue
		}
		if visible == 0 && of.kind != union {
			return
		}
		left := 0
		for _, in := range of.in {
			if in == nil {
				continue
			}
			for _, m := range in.members {
				if m != t && !m.hidden {
					left++
				}
			}
		}
		if of.kind.abstract() && left == 0 {
			return
		}
	}
	t.hidden = true
	for _, f := range fields {
		f.hidden = true
	}
}

// isNarrower tells whether the field implements one of a wider type.
func (g *generator) isNarrower(f *field) bool {
	return slices.ContainsFunc(g.abstractTypes, func(t *typ) bool {
		of := t.field(f.name)
		return t.kind == iface && slices.Contains(t.members, f.of) && of != nil && of.typ != f.typ
	})
}
