package fedgen

import (
	"fmt"
	"slices"
	"strings"
)

// link is what every subgraph begins with.
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable", "@extends", ` +
	`"@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject"])
`

// contextLink is what subgraphs with contexts begin with.
var contextLink = strings.NewReplacer("v2.7", "v2.8", `"@key"`, `"@key", "@context", "@fromContext"`).Replace(link)

// print returns the subgraphs that know anything.
func (g *generator) print() []Subgraph {
	var list []Subgraph
	for s, name := range g.names {
		p := &printer{generator: g, s: s, used: map[*typ]bool{}}
		if body := p.subgraph(); body != "" {
			switch {
			case g.old[s]:
			case p.contexts:
				body = contextLink + body
			default:
				body = link + body
			}
			list = append(list, Subgraph{name, body})
		}
	}
	return list
}

// printer prints one subgraph.
type printer struct {
	*generator
	s        int
	b        strings.Builder
	used     map[*typ]bool // leaf and input types
	contexts bool          // some are set
}

func (p *printer) subgraph() string {
	roots := []*typ{p.query}
	if p.mutation != nil {
		roots = append(roots, p.mutation)
	}
	types := slices.Concat(roots, p.entityTypes, p.valueTypes, p.abstractTypes)
	slices.SortStableFunc(types, p.objectsFirst)
	for _, t := range types {
		p.typ(t)
	}
	for _, t := range slices.Concat(p.inputs, p.enums, p.differences.outputs, p.differences.inputs, p.scalars) {
		if p.used[t] {
			p.leaf(t)
		}
	}
	return p.schema() + p.b.String()
}

// objectsFirst puts interfaces that are objects to the subgraph before what else there is: The Guild's composer throws ("Expected
// Media to be an interface type") when it meets a @requires of their fields before it meets them.
func (p *printer) objectsFirst(a, b *typ) int {
	switch {
	case a.opaque[p.s] == b.opaque[p.s]:
		return 0
	case a.opaque[p.s]:
		return -1
	default:
		return 1
	}
}

func (p *printer) typ(t *typ) {
	var fields []string
	for _, f := range t.fields {
		if f.in[p.s] != nil {
			fields = append(fields, p.field(f))
		}
	}
	switch {
	case t.kind == union && t.in[p.s] != nil:
		fmt.Fprintf(&p.b, "union %s%s%s = %s\n", t.name, p.sets(t), p.inaccessible(t.hidden), names(t.in[p.s].members, " | "))
		return
	case len(fields) == 0:
		return
	case t.opaque[p.s]:
		p.b.WriteString("type " + t.name + " @interfaceObject")
	case t.kind == iface:
		p.b.WriteString("interface " + t.name + implementing(t.supersIn(p.s)))
	default:
		keyword, directive := p.extension(t)
		p.b.WriteString(keyword + p.name(t) + p.implements(t) + directive)
	}
	if t.in[p.s] != nil {
		for _, k := range t.in[p.s].keys {
			resolvable := ""
			if !k.resolvable && !p.old[p.s] {
				resolvable = ", resolvable: false"
			}
			fmt.Fprintf(&p.b, " @key(fields: %q%s)", k.words.text(p.s, t, k.key.sel), resolvable)
		}
	}
	p.b.WriteString(p.whole(t) + p.sets(t) + p.inaccessible(t.hidden) + p.body(t, fields))
}

// sets are the contexts that a type sets.
func (p *printer) sets(t *typ) string {
	if t.in[p.s] == nil {
		return ""
	}
	var text strings.Builder
	for _, name := range t.in[p.s].contexts {
		fmt.Fprintf(&text, " @context(name: %q)", name)
		p.contexts = true
	}
	return text.String()
}

// inaccessible is the directive, where a subgraph can say it.
func (p *printer) inaccessible(hidden bool) string {
	if hidden && !p.old[p.s] {
		return " @inaccessible"
	}
	return ""
}

func (p *printer) implements(t *typ) string {
	var list []*typ
	for _, a := range p.abstractTypes {
		if a.kind == iface && a.in[p.s] != nil && slices.Contains(a.in[p.s].members, t) {
			list = append(list, a)
		}
	}
	return implementing(list)
}

func implementing(list []*typ) string {
	if len(list) == 0 {
		return ""
	}
	return " implements " + names(list, " & ")
}

func names(types []*typ, separator string) string {
	list := make([]string, len(types))
	for i, t := range types {
		list[i] = t.name
	}
	return strings.Join(list, separator)
}

func (p *printer) field(f *field) string {
	p.use(f.typ)
	all := p.argsOf(f)
	args := make([]string, len(all))
	for i, a := range all {
		p.use(a.typ)
		args[i] = a.name + ": " + strings.Replace(loosened(a.wrap, p.differences.nullable[a], p.s), "%", a.typ.name, 1)
		if a.def != "" {
			args[i] += " = " + a.def
		}
		args[i] += p.inaccessible(a.hidden && f.in[p.s].role != external) // there, Apollo's composition does not look at it
		if a.context != nil {
			args[i] += fmt.Sprintf(" @fromContext(field: %q)", a.context)
		}
	}
	text := "  " + f.name
	if len(args) > 0 {
		text += "(" + strings.Join(args, ", ") + ")"
	}
	return text + ": " + f.typeText(p.s) + p.directives(f) + "\n"
}

func (p *printer) directives(f *field) string {
	in, text := f.in[p.s], ""
	if f.of.kind == iface && !f.of.opaque[p.s] {
		return p.inaccessible(f.hidden)
	}
	switch {
	case in.role == external && p.whole(f.of) == allExternal:
		return ""
	case in.role == external || f.isKeyIn(p.s) && f.of.in[p.s].form.borrowed:
		return " @external" // of other keys composition says in the supergraph, too, that they are external
	}
	text += p.inaccessible(f.hidden)
	if shareable := in.shareable || len(f.owners()) > 1 && !f.isKeyIn(p.s); shareable && !p.old[p.s] && p.whole(f.of) != allShareable {
		text += " @shareable"
	}
	if in.requires != nil {
		text += fmt.Sprintf(" @requires(fields: %q)", in.words.text(p.s, f.of, in.requires))
	}
	if in.provides != nil {
		text += fmt.Sprintf(" @provides(fields: %q)", in.provides)
	}
	if in.override != "" {
		label := ""
		if in.label != "" {
			label = fmt.Sprintf(", label: %q", in.label)
		}
		text += fmt.Sprintf(" @override(from: %q%s)", in.override, label)
	}
	return text
}

// use notes that a leaf or input type is mentioned.
func (p *printer) use(t *typ) {
	if p.used[t] || !t.kind.leaf() && t.kind != input {
		return
	}
	p.used[t] = true
	for _, f := range t.fields {
		p.use(f.typ)
	}
}

func (p *printer) leaf(t *typ) {
	switch t.kind {
	case enum:
		hidden := ""
		if t.hiddenValue != "" {
			hidden = t.hiddenValue + p.inaccessible(true) + " "
		}
		fmt.Fprintf(&p.b, "enum %s { %s %s}\n", t.name, strings.Join(p.valuesOf(t), " "), hidden)
	case input:
		p.b.WriteString("input " + t.name + " {")
		for _, f := range p.inputFields(t) {
			text := strings.Replace(loosened(f.wrap, p.differences.nullableFields[f], p.s), "%", f.typ.name, 1)
			fmt.Fprintf(&p.b, " %s: %s%s", f.name, text, p.inaccessible(f.hidden))
		}
		p.b.WriteString(" }\n")
	default:
		if !slices.Contains([]string{"String", "Int", "Float", "Boolean", "ID"}, t.name) {
			p.b.WriteString("scalar " + t.name + "\n")
		}
	}
}
