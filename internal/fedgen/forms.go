package fedgen

import (
	"slices"
	"strings"
)

// form is how a subgraph words a type; those of Federation 1 only extend it, in one part. All of it means the same.
type form struct {
	extends string // how it extends the type, "" where it defines it
	whole   string // what it says of the type in place of all fields
	cut     int    // how many fields stand in a second part, as an extension
	// borrowed: of the key of the extension it says that it is @external. It resolves it all the same.
	borrowed bool
}

// How a subgraph extends a type.
const (
	extendType = "extend type"
	atExtends  = "@extends"
)

var extensions = []string{extendType, extendType, atExtends}

// What a subgraph says of a whole type.
const (
	allExternal  = " @external"
	allShareable = " @shareable"
)

// stubs lets some fields bring entities of which their subgraph resolves only a key, with all else by @provides. Mostly these are root
// fields.
func (g *generator) stubs() {
	for _, of := range g.objects() {
		percent := 25
		if of.kind == root {
			percent = 50
		}
		for _, f := range of.fields {
			for _, s := range f.owners() {
				t := f.at(s)
				if t.kind == entity && t.isStub(s) && f.in[s].provides == nil && g.mayProvide(s, f) && g.chance(percent) {
					f.in[s].provides = f.narrowed(s, g.provideStub(s, t))
				}
			}
		}
	}
}

// provideStub selects fields of an entity, among them one with values of a type that the subgraph does not know otherwise.
func (g *generator) provideStub(s int, t *typ) selection {
	var values []*field
	for _, f := range t.fields {
		unknown := f.typ.kind == value && f.typ.in[s] == nil && g.selectable(s, f.typ)
		if unknown && f.in[s] == nil && len(f.args) == 0 && len(f.owners()) > 0 && f.isProvidable(s) {
			values = append(values, f)
		}
	}
	if len(values) > 0 && g.chance(60) {
		if e := g.provideField(s, pick(&g.random, values), 0); e != nil {
			return selection{e}
		}
	}
	return g.provide(s, t, 0)
}

// isStub tells whether a subgraph resolves nothing of an entity but a simple key.
func (t *typ) isStub(s int) bool {
	return t.in[s].isSimple() && !slices.ContainsFunc(t.fields, func(f *field) bool { return f.resolves(s) && !f.isKeyIn(s) })
}

// externals makes types without keys external in subgraphs of Federation 2 that are only told of their objects.
func (g *generator) externals() {
	for s := range g.names {
		for _, t := range slices.Backward(g.valueTypes) { // those that others have as fields come last
			if !g.old[s] && t.in[s] != nil && t.in[s].form.whole == "" && !g.isReached(s, t) && g.chance(85) {
				g.externalize(s, t)
			}
		}
	}
}

// word chooses the other forms.
func (g *generator) word() {
	for s := range g.names {
		for _, t := range g.objects() {
			switch {
			case t.in[s] == nil || t.in[s].form.whole != "":
			case g.old[s]:
				g.wordOld(s, t)
			default:
				g.wordType(s, t)
			}
		}
	}
}

// isReached tells whether a subgraph may come to an object of a type of which it is not told.
func (g *generator) isReached(s int, t *typ) bool {
	if len(t.in[s].contexts) > 0 {
		return true
	}
	for _, of := range g.composites() {
		if of.kind.abstract() && of.in[s] != nil && slices.Contains(of.in[s].members, t) {
			return true
		}
		for _, f := range of.fields {
			if f.in[s] != nil && f.in[s].role != external && f.at(s) == t {
				return true
			}
		}
	}
	return false
}

// externalize makes a type without keys external in a subgraph that only requires or provides fields of it: those stay, since
// composition wants no others.
func (g *generator) externalize(s int, t *typ) {
	used := g.mentioned(s)
	if !slices.ContainsFunc(t.fields, func(f *field) bool { return f.in[s] != nil && used[f] }) {
		return
	}
	for _, f := range t.fields {
		switch {
		case f.in[s] == nil:
		case used[f]:
			f.in[s] = &fieldIn{role: external}
			for _, o := range f.owners() { // Apollo's composition counts who provides a field
				f.in[o].shareable = true
			}
		default:
			f.in[s] = nil
		}
	}
	t.in[s].form.whole = allExternal
}

func (g *generator) wordType(s int, t *typ) {
	form := &t.in[s].form
	if (t.kind == root || t.isExtendable(s)) && g.chance(20) { // everybody may extend the root
		form.extends = pick(&g.random, extensions)
	}
	mayBorrow := t.in[s].isSimple() && t.isExtendable(s) && !g.mentionsKey(s, t)
	form.borrowed = mayBorrow && form.extends != "" && g.chance(60)
	all, own, externals := t.declared(s)
	switch {
	case externals > 0 && own == 0:
		if mayBorrow && g.chance(80) {
			form.whole, form.borrowed = allExternal, true
			if form.extends == "" {
				form.extends = extendType
			}
		}
	case all > 1 && form.extends == "" && g.chance(12):
		form.cut = g.between(1, all-1)
	case externals == 0 && slices.ContainsFunc(t.fields, func(f *field) bool { return f.in[s] != nil && f.isShareable() }) && g.chance(30):
		form.whole = allShareable
	}
}

// declared counts the fields of a type in a subgraph: all, and, of those that are of no key, its own and the external ones.
func (t *typ) declared(s int) (all, own, externals int) {
	for _, f := range t.fields {
		switch {
		case f.in[s] == nil:
			continue
		case f.isKeyIn(s):
		case f.in[s].role == external:
			externals++
		default:
			own++
		}
		all++
	}
	return all, own, externals
}

// mentionsKey tells whether a subgraph selects the key of an entity otherwise, as what is external: it cannot say so of the key then.
func (g *generator) mentionsKey(s int, t *typ) bool {
	used := g.mentioned(s)
	return slices.ContainsFunc(t.fields, func(f *field) bool { return used[f] && f.isKeyIn(s) })
}

// isExtendable tells whether some subgraph before has the type itself.
func (t *typ) isExtendable(s int) bool {
	return slices.ContainsFunc(t.in[:s], func(in *typeIn) bool { return in != nil && in.form.extends == "" })
}

// isShareable tells whether subgraphs say that they share the field.
func (f *field) isShareable() bool {
	return len(f.owners()) > 1 || slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in != nil && in.shareable })
}

// extension is how a subgraph begins an extension of a type that others have, and what it says behind the name.
func (p *printer) extension(t *typ) (keyword, directive string) {
	switch {
	case t.in[p.s] == nil:
		return "type ", ""
	case t.in[p.s].form.extends == extendType:
		return "extend type ", ""
	case t.in[p.s].form.extends == atExtends:
		return "type ", " @extends"
	}
	return "type ", ""
}

// body is what a subgraph says of the fields of a type, in one part or two.
func (p *printer) body(t *typ, fields []string) string {
	if t.in[p.s] == nil || t.in[p.s].form.cut == 0 {
		return " {\n" + strings.Join(fields, "") + "}\n"
	}
	at, whole := len(fields)-t.in[p.s].form.cut, ""
	first, rest := strings.Join(fields[:at], ""), strings.Join(fields[at:], "")
	if strings.Count(rest, allShareable) == t.in[p.s].form.cut { // said of an extension it is said of the fields in it
		whole, rest = allShareable, strings.ReplaceAll(rest, allShareable, "")
	}
	return " {\n" + first + "}\nextend type " + p.name(t) + whole + " {\n" + rest + "}\n"
}

// whole is what the subgraph says of all fields of a type at once.
func (p *printer) whole(t *typ) string {
	if t.in[p.s] == nil {
		return ""
	}
	return t.in[p.s].form.whole
}
