package fedgen

import (
	"slices"
	"strings"
)

// contextual is where the value of an argument comes from: @fromContext(field: "$name { ... }").
type contextual struct {
	name string
	// by has what is selected on each type that sets the context. It is the same text on all of them, and stands once, or it
	// is all fragments.
	by []selection
}

func (c *contextual) String() string {
	if c.by[0][0].on == nil {
		return "$" + c.name + " { " + c.by[0].String() + " }"
	}
	return "$" + c.name + " " + slices.Concat(c.by...).String()
}

// contexts adds fields with arguments that are filled from what lies above the objects.
func (g *generator) contexts() {
	for i := 0; i < 3 && g.chance(35); i++ {
		g.context("ctx" + string(rune('A'+i)))
	}
}

// context adds one context, and fields that take something from it, in a subgraph.
func (g *generator) context(name string) {
	s := g.n(len(g.names))
	if g.old[s] {
		return
	}
	setters := some(&g.random, g.setters(s), g.between(0, 3))
	for _, x := range setters {
		g.know(s, x)
	}
	t := g.takes(s, setters)
	if t == nil || g.mutation != nil && exposes(s, g.mutation, t, setters) {
		return
	}
	if exposes(s, g.query, t, setters) || g.chance(20) {
		setters = append(setters, g.query)
	}
	if len(setters) == 0 {
		return
	}
	if !slices.ContainsFunc(g.query.fields, func(f *field) bool { return f.resolves(s) }) {
		g.own(s, g.newField(g.query, g.freeName(g.query), g.leaf(), g.wrap())) // or there is no Query to set anything on
	}
	for range g.between(1, 2) {
		g.contextField(s, t, name, setters)
	}
	for _, x := range setters {
		x.in[s].contexts = append(x.in[s].contexts, name)
	}
	g.targets = append(g.targets, contextTarget{s, t, setters})
}

// contextTarget is an entity whose fields take something from a context of a subgraph, and the types that set it there.
type contextTarget struct {
	subgraph int
	typ      *typ
	setters  []*typ
}

// leaks tells whether a field of a type would lead to fields that take something from a context, maybe past all that sets it.
func (g *generator) leaks(t *typ) bool {
	return slices.ContainsFunc(g.targets, func(c contextTarget) bool {
		return exposes(c.subgraph, &typ{fields: []*field{{typ: t}}}, c.typ, c.setters)
	})
}

// setters are the types on which a subgraph can set a context: of some it may have to be told.
func (g *generator) setters(s int) []*typ {
	var list []*typ
	for _, t := range slices.Concat(g.entityTypes, g.valueTypes, g.abstractTypes) {
		if t.faces == nil && !t.opaque[s] && g.may(s, t) && (t.in[s] != nil || g.chance(40)) {
			list = append(list, t)
		}
	}
	return list
}

// takes is the entity whose fields take something from a context, mostly a new one that is below what sets the context.
func (g *generator) takes(s int, setters []*typ) *typ {
	if g.chance(60) {
		return g.item(s, setters)
	}
	list := slices.DeleteFunc(slices.Clone(g.entityTypes), func(t *typ) bool { return !g.may(s, t) })
	if len(list) == 0 {
		return nil
	}
	return pick(&g.random, list)
}

// item makes an entity, and fields that return it: of what sets the context, and of something else.
func (g *generator) item(s int, setters []*typ) *typ {
	names := []string{"Item", "Part", "Task"}
	i := slices.IndexFunc(names, func(name string) bool {
		return !slices.ContainsFunc(g.entityTypes, func(t *typ) bool { return t.name == name })
	})
	t := g.newType(names[i], entity)
	t.nullKeys = g.chance(15)
	for range g.between(1, 2) {
		g.addKey(t)
	}
	if !g.may(s, t) || g.leaks(t) { // by an entity in its key
		return nil
	}
	g.knowEntity(s, t, true)
	g.entityTypes = append(g.entityTypes, t)
	for range g.between(1, 2) {
		f := g.newField(t, g.freeName(t), g.output(), g.wrap())
		if g.leaks(f.typ) {
			f.typ = g.leaf()
		}
		g.place(f)
	}
	parents := slices.DeleteFunc(slices.Clone(setters), func(x *typ) bool { return x.kind.abstract() })
	for _, x := range setters {
		if x.kind.abstract() {
			parents = append(parents, pick(&g.random, x.in[s].members))
		}
	}
	if g.chance(30) || len(parents) == 0 {
		parents = append(parents, pick(&g.random, append([]*typ{t, g.query}, g.entityTypes...)))
	}
	for _, x := range parents {
		g.addToType(x, t, g.wrap())
	}
	return t
}

// addToType gives an object type one more field.
func (g *generator) addToType(x, t *typ, wrap string) *field {
	f := g.newField(x, g.freeName(x), t, wrap)
	if x.kind != value {
		g.place(f)
		return f
	}
	for s, in := range x.in { // all that know a value know all of it
		if in == nil {
			continue
		}
		if !g.may(s, f.typ) {
			f.typ, f.in = g.leaf(), make([]*fieldIn, len(g.names))
			break
		}
	}
	for s, in := range x.in {
		if in != nil {
			g.own(s, f)
		}
	}
	return f
}

// exposes tells whether one gets from a root to objects of a type, without passing one that sets the context of a subgraph.
func exposes(s int, root, target *typ, setters []*typ) bool {
	sets := func(t *typ) bool {
		return slices.ContainsFunc(setters, func(x *typ) bool { return x == t || x.kind.abstract() && slices.Contains(x.in[s].members, t) })
	}
	seen := map[*typ]bool{}
	var walk func(t *typ) bool
	walk = func(t *typ) bool {
		if t == target || slices.Contains(target.members, t) {
			return true
		}
		if seen[t] || t.kind.leaf() {
			return false
		}
		seen[t] = true
		if slices.ContainsFunc(t.members, walk) {
			return true
		}
		return !sets(t) && slices.ContainsFunc(t.fields, func(f *field) bool { return walk(f.typ) })
	}
	return slices.ContainsFunc(root.fields, func(f *field) bool { return walk(f.typ) })
}

// contextField gives the type a field with arguments from the context.
func (g *generator) contextField(s int, t *typ, name string, setters []*typ) {
	f := g.newField(t, g.freeName(t), g.leaf(), g.wrap())
	if other := pick(&g.random, g.entityTypes); g.chance(25) && g.may(s, other) && !g.leaks(other) {
		f.typ = other
	}
	g.addArgs(f, 20)
	var required selection
	if g.chance(20) {
		required = g.requirable(s, t)
	}
	for i := 0; i < 2 && (i == 0 || g.chance(25)); i++ {
		c, argType, wrap := g.contextual(s, name, setters)
		f.args = append(f.args, &arg{name: []string{"from", "with"}[i], typ: argType, wrap: wrap, context: c})
	}
	g.own(s, f) // not before: it needs nothing of itself
	f.in[s].requires = required
}

// contextual selects something on all types that set the context, always of the same type.
func (g *generator) contextual(s int, name string, setters []*typ) (c *contextual, argType *typ, wrap string) {
	c = &contextual{name: name}
	faced := slices.ContainsFunc(setters, func(x *typ) bool { return x.kind.abstract() })
	switch {
	case g.chance(6):
		c.by = []selection{{{field: &field{name: "__typename", of: setters[0]}}}}
		return c, g.scalar("String"), "%"
	case len(setters) == 1 && setters[0].kind == iface && g.chance(60):
		common := setters[0].commonFields()[0]
		if common.typ.kind.leaf() {
			c.by = []selection{{{field: common, args: g.argsText(common)}}}
			return c, common.typ, nullable(common.wrap)
		}
	case !faced && len(setters) > 1 && g.chance(50):
		return g.sameOnAll(s, c, setters)
	}
	var objects []*typ
	for _, x := range setters {
		if !x.kind.abstract() {
			objects = append(objects, x)
			continue
		}
		members := x.in[s].members
		objects = append(objects, some(&g.random, members, g.between(1, len(members)))...)
	}
	slices.SortStableFunc(objects, func(a, b *typ) int { return strings.Compare(a.name, b.name) })
	objects = slices.Compact(objects)
	argType, wrap = g.leaf(), pick(&g.random, []string{"%", "%", "%", "[%]"})
	if paths := g.contextPaths(s, objects[0], nil, "", 0); len(paths) > 0 && g.chance(80) {
		argType, wrap = pathType(g.pickPath(paths))
	}
	for _, x := range objects {
		sel := g.contextPath(s, x, argType, wrap)
		if len(setters) > 1 || faced || g.chance(20) {
			sel = selection{{on: x, sub: sel}}
		}
		c.by = append(c.by, sel)
	}
	return c, argType, wrap
}

// sameOnAll gives all types that set the context a field of one name.
func (g *generator) sameOnAll(s int, c *contextual, setters []*typ) (*contextual, *typ, string) {
	name, leaf, wrap := g.freeName(setters...), g.leaf(), g.wrap()
	for _, x := range setters {
		f := g.addToType(x, leaf, wrap)
		f.name = name
		g.declare(s, f)
		c.by = append(c.by, selection{{field: f}})
	}
	return c, leaf, nullable(wrap)
}

// declare lets the subgraph know a field that another one may resolve. Root fields cannot be @external.
func (g *generator) declare(s int, f *field) {
	switch {
	case f.in[s] != nil:
	case f.of.kind == root:
		g.own(s, f)
	default:
		g.know(s, f.of)
		f.in[s] = &fieldIn{role: external}
	}
}

// contextPath selects a leaf of some type below an object type, of a new field if need be.
func (g *generator) contextPath(s int, x *typ, leaf *typ, wrap string) selection {
	if paths := g.contextPaths(s, x, leaf, wrap, 0); len(paths) > 0 && g.chance(80) {
		sel := g.pickPath(paths)
		for below := sel; len(below) > 0; below = below[0].sub {
			f := below[0].field
			g.know(s, f.at(s))
			g.declare(s, f)
			below[0].args = g.argsText(f)
		}
		return sel
	}
	f := g.addToType(x, leaf, wrap)
	g.declare(s, f)
	if owners := f.owners(); x.kind == entity && len(owners) == 1 && g.chance(40) {
		in := f.in[owners[0]]
		f.in[owners[0]] = nil // meanwhile nobody resolves it: it needs nothing of itself, at any distance
		required := g.requirable(owners[0], x)
		in.requires, f.in[owners[0]] = required, in
	}
	return selection{{field: f}}
}

// pickPath returns one of some paths, often one of those, which are few, that need more than a key.
func (g *generator) pickPath(paths []selection) selection {
	requiring := slices.DeleteFunc(slices.Clone(paths), func(sel selection) bool {
		f := sel[0].field
		return !slices.ContainsFunc(f.owners(), func(s int) bool { return f.in[s].requires != nil })
	})
	if len(requiring) > 0 && g.chance(50) {
		return pick(&g.random, requiring)
	}
	return pick(&g.random, paths)
}

// contextPaths are the ways to leaves of a type, or, without one, to any.
func (g *generator) contextPaths(s int, x *typ, leaf *typ, wrap string, depth int) []selection {
	var list []selection
	for _, f := range x.fields {
		if f.isContextual() || !g.wantable(s, f, depth) || f.typ.kind.abstract() || x.kind == root && !f.resolves(s) {
			continue
		}
		if f.typ.kind.leaf() {
			if leaf == nil || f.typ == leaf && nullable(f.wrap) == wrap {
				list = append(list, selection{{field: f}})
			}
			continue
		}
		inner := wrap
		if lists := strings.Count(f.wrap, "["); leaf != nil {
			if strings.Count(wrap, "[") < lists {
				continue
			}
			inner = wrap[lists : len(wrap)-lists]
		}
		if depth < 2 {
			for _, sub := range g.contextPaths(s, f.at(s), leaf, inner, depth+1) {
				list = append(list, selection{{field: f, sub: sub}})
			}
		}
	}
	return list
}

// pathType is the type of an argument that takes what a path leads to.
func pathType(sel selection) (leaf *typ, wrap string) {
	f := sel[0].field
	if len(sel[0].sub) == 0 {
		return f.typ, nullable(f.wrap)
	}
	leaf, wrap = pathType(sel[0].sub)
	return leaf, strings.Replace(nullable(f.wrap), "%", wrap, 1)
}

// nullable is a wrap without its !: composition wants arguments from contexts to be nullable all through.
func nullable(wrap string) string { return strings.ReplaceAll(wrap, "!", "") }

// isContextual tells whether some argument is filled from a context.
func (f *field) isContextual() bool {
	return slices.ContainsFunc(f.args, func(a *arg) bool { return a.context != nil })
}

// contextual is what the field takes from contexts.
func (f *field) contextual() []selection {
	var list []selection
	for _, a := range f.args {
		if a.context != nil {
			list = append(list, a.context.by...)
		}
	}
	return list
}
