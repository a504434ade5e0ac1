package executor

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/planner"
)

// template writes the representation of an object. Members are in the order of their names, so that the text is canonical.
type template struct {
	head    []byte // {"__typename":"User", or { when other names come first
	members []part
}

// part writes one member of a representation, or of an object within one.
type part struct {
	name   string
	prefix []byte // "name":, or all of a constant member
	writes partKind
	slot   int
	// types that have the member, by index; nil for all.
	types []bool
	// key: without a value the object is not looked up. typed: the parts depend on the run-time type.
	key, typed bool
	layout     *layout
	parts      []part
}

// partKind says what a part writes.
type partKind uint8

const (
	// The zero value: the value of its slot.
	_ partKind = iota
	// typenameValue: the name of the object's run-time type.
	typenameValue
	// constant: nothing but the prefix.
	constant
)

func (p part) isTypename() bool { return p.writes == typenameValue }

// dependsOnType tells whether the run-time type decides about the part.
func (p part) dependsOnType() bool { return p.isTypename() || p.types != nil }

// templates compiles the representations of a target.
func (c *compiler) templates(out *target, l *planner.Target) {
	out.byType = make([]*template, len(out.layout.types))
	for _, r := range l.Representations {
		t := c.template(out.layout, r)
		concrete := false
		for i := range out.layout.types {
			def := out.layout.types[i].def
			concrete = concrete || def.Name == r.Typename
			if out.byType[i] == nil && slices.Contains(r.Types, def) {
				out.byType[i] = t
			}
		}
		if !concrete && out.untyped == nil {
			out.untyped = t
		}
	}
	if out.untyped == nil && len(out.byType) > 0 && !slices.ContainsFunc(out.byType, func(t *template) bool { return t != out.byType[0] }) {
		out.untyped = out.byType[0]
	}
	out.selective = slices.Contains(out.byType, nil)
}

// template compiles one representation.
func (c *compiler) template(l *layout, r *planner.Representation) *template {
	typename := part{
		name: typenameField, writes: constant,
		prefix: gqlerr.AppendString([]byte(`"__typename":`), r.Typename),
	}
	members := slices.DeleteFunc(c.parts(l, r.Fields), part.isTypename)
	if len(members) > 0 && members[0].name < typenameField {
		t := &template{head: []byte{'{'}, members: append(members, typename)}
		sortParts(t.members)
		return t
	}
	return &template{head: append([]byte{'{'}, typename.prefix...), members: members}
}

// typenameField is the name of the member with the type.
const typenameField = "__typename"

// sortParts puts members in the order of their names.
func sortParts(parts []part) {
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
}

// parts compiles the members of an object, in the order of their names.
func (c *compiler) parts(l *layout, fields []*planner.RepresentationField) []part {
	out := make([]part, len(fields))
	for i, f := range fields {
		p := &out[i]
		p.name, p.prefix = f.Name, append(gqlerr.AppendString(nil, f.Name), ':')
		p.slot, p.types, p.key = f.Slot, l.typeSet(f.Types), f.Key
		if f.Name == typenameField {
			p.writes = typenameValue
		}
		if f.Object != nil {
			p.layout = c.layout(f.Object)
			p.parts = c.parts(p.layout, f.Fields)
			p.typed = slices.ContainsFunc(p.parts, part.dependsOnType)
		}
	}
	sortParts(out)
	return out
}

// templateFor returns how objects of a run-time type are represented, nil when they are not looked up.
func (l *target) templateFor(runtime uint32) *template {
	switch {
	case runtime == typeUnset:
		return l.untyped
	case knownType(runtime):
		return l.byType[runtime-1]
	}
	return nil
}

// represent appends the representation of an object; false when a part of its key is missing, a value is invalid, or it is too
// long.
func (c *collector) represent(t *template, at uint32) bool {
	c.body = append(c.body, t.head...)
	c.fault = faultless
	if !c.parts(c.target.layout, t.members, at) {
		return false
	}
	c.body = append(c.body, '}')
	return c.fits()
}

// fits tells whether the body is not too long yet. Objects in it may be shared by many, so that it may grow very long from
// little.
func (c *collector) fits() bool {
	if len(c.body) > c.limits.bytes {
		c.tooLong = true
	}
	return !c.tooLong
}

// parts appends members of an object of a layout.
func (c *collector) parts(l *layout, parts []part, at uint32) bool {
	if !c.fits() {
		return false
	}
	runtime := c.tree.slab[at].len
	for i := range parts {
		p := &parts[i]
		if p.types != nil && (!knownType(runtime) || !p.types[runtime-1]) {
			continue
		}
		if c.body[len(c.body)-1] != '{' {
			c.body = append(c.body, ',')
		}
		c.body = append(c.body, p.prefix...)
		switch p.writes {
		case constant:
			continue
		case typenameValue:
			c.body = append(c.body, l.types[runtime-1].quoted...)
			continue
		default:
		}
		v := c.tree.slab[at+1+uint32(p.slot)]
		if !v.there() && !c.absent(l, p, v) {
			return false
		}
		if !c.value(p, v) {
			return false
		}
	}
	return true
}

// absent tells whether an object may be looked up although a member has no value: not for a key, and not when the value is
// invalid, or unknown because a fetch or something beside it failed, or the object could not be looked up. A subgraph must
// not compute with a null that is none.
func (c *collector) absent(l *layout, p *part, v value) bool {
	if v.kind == bad {
		return c.invalid(p)
	}
	if v.kind == gone || v.kind == unset && v.buf != withheld && c.lost(l, p.slot, v) {
		c.fault = faultUnknown
		return false
	}
	return !p.key && (v.kind != unset || v.buf != withheld)
}

// invalid notes that the value of a member is invalid, and returns false.
func (c *collector) invalid(p *part) bool {
	c.fault = faultInRequired
	if p.key {
		c.fault = faultInKey
	}
	return false
}

// typeless appends the value of a member that is an object, of a type that is not among those that can be told: null when
// others know the type. One that nobody knows is invalid.
func (c *collector) typeless(p *part, v value) bool {
	l := p.layout
	switch c.tree.slab[v.off].len {
	case typeForeign:
		c.body = append(c.body, "null"...)
		return !p.key
	case typeUnset:
		if c.typeLost(l, v.off) {
			c.fault = faultUnknown
			return false
		}
	}
	return c.invalid(p)
}

// typeLost tells whether nobody knows what an object is because something failed.
func (c *collector) typeLost(l *layout, at uint32) bool {
	if l.typename < 0 {
		return false
	}
	v := c.tree.slab[at+1+uint32(l.typename)]
	return v.kind == gone || c.lost(l, l.typename, v)
}

// value appends the value of a member.
func (c *collector) value(p *part, v value) bool {
	switch v.kind {
	case raw, hidden:
		text := c.tree.bytes(v)
		if c.foreign.noted && !jsonscan.IsUnicode(text) {
			return c.invalid(p)
		}
		c.foreignValue(text)
	case quoted: // a subgraph gets an ID as all others write it, and 1 and "1" are one entity
		c.body = append(c.body, '"')
		c.body = append(c.body, c.tree.bytes(v)...)
		c.body = append(c.body, '"')
	case bad:
		return c.invalid(p)
	case object:
		if p.typed && !knownType(c.tree.slab[v.off].len) {
			return c.typeless(p, v)
		}
		c.body = append(c.body, '{')
		if !c.parts(p.layout, p.parts, v.off) {
			return false
		}
		c.body = append(c.body, '}')
	case list:
		c.body = append(c.body, '[')
		for i := range v.len {
			if i > 0 {
				c.body = append(c.body, ',')
			}
			if !c.fits() || !c.value(p, c.tree.slab[v.off+i]) {
				return false
			}
		}
		c.body = append(c.body, ']')
	case gone:
		c.fault = faultUnknown
		return false
	default:
		c.body = append(c.body, "null"...)
	}
	return true
}
