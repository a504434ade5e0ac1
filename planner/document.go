package planner

import (
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func (f *assembly) document(fetch *Fetch, groups [][]*lookup) string {
	var b strings.Builder
	b.WriteString(fetch.Kind.String())
	sep := byte('(')
	for _, definition := range fetch.Definitions {
		b.WriteByte(sep)
		b.WriteString(definition)
		sep = ','
	}
	for _, l := range fetch.Entities {
		b.WriteByte(sep)
		b.WriteString("$" + l.Variable + ":[_Any!]!")
		sep = ','
		for _, c := range l.Contexts {
			b.WriteString(",$" + c.Variable + ":" + c.Type)
		}
	}
	if sep == ',' {
		b.WriteByte(')')
	}
	if f.root != nil {
		f.root.appendTo(&b)
		return b.String()
	}
	b.WriteByte('{')
	for i, group := range groups {
		if i > 0 {
			b.WriteByte(' ')
		}
		f.printLookup(&b, group[0], fetch.Entities[i])
	}
	b.WriteByte('}')
	return b.String()
}

func (f *assembly) printLookup(b *strings.Builder, l *lookup, out *Lookup) {
	if out.Alias != "_entities" {
		b.WriteString(out.Alias + ":")
	}
	b.WriteString("_entities(representations:$" + out.Variable + ")")
	if len(out.Contexts) > 0 {
		b.WriteString(out.text())
		return
	}
	f.printSelection(b, l)
}

func (f *assembly) printSelection(b *strings.Builder, l *lookup) {
	if l.selection.static == nil {
		l.selection.appendTo(b)
		return
	}
	b.WriteString("{...on " + l.selection.static.Name)
	l.selection.appendTo(b)
	b.WriteByte('}')
}

// appendTo writes the selection set with its braces.
func (s *selection) appendTo(b *strings.Builder) {
	b.WriteByte('{')
	first := true
	gap := func() {
		if !first {
			b.WriteByte(' ')
		}
		first = false
	}
	if s.typename {
		gap()
		b.WriteString("__typename")
	}
	var fragments []*supergraph.Type
	byType := map[*supergraph.Type][]*item{}
	for _, it := range s.items {
		if it.on == s.static {
			gap()
			it.appendTo(b)
			continue
		}
		if byType[it.on] == nil {
			fragments = append(fragments, it.on)
		}
		byType[it.on] = append(byType[it.on], it)
	}
	for _, on := range fragments {
		gap()
		b.WriteString("...on ")
		b.WriteString(on.Name)
		sep := byte('{')
		for _, it := range byType[on] {
			b.WriteByte(sep)
			it.appendTo(b)
			sep = ' '
		}
		b.WriteByte('}')
	}
	b.WriteByte('}')
}

func (it *item) appendTo(b *strings.Builder) {
	if it.key != it.def.Name {
		b.WriteString(it.key)
		b.WriteByte(':')
	}
	b.WriteString(it.def.Name)
	b.WriteString(argsText(it.args))
	if it.sub != nil {
		it.sub.appendTo(b)
	}
}
