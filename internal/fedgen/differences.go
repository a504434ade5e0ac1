package fedgen

import (
	"slices"
	"strings"
)

// differences are what subgraphs say differently of one element, and composition merges: of what clients send there is what all
// say, and null may be what all let be null; of what they get there is what any says. All of it is by subgraph.
type differences struct {
	// outputs are enums that are only of fields, inputs those that are only of arguments and input fields.
	outputs, inputs []*typ
	values          map[*typ][][]string
	nullable        map[*arg][]bool
	nullableFields  map[*field][]bool
	more            map[*field][]*arg // one argument more
	moreFields      map[*typ][]*field // one input field more
	ownRoots        []bool            // root types have other names
}

// differ lets subgraphs say different things. It comes last: what is selected and what literals say goes by what all subgraphs have.
func (g *generator) differ() {
	g.differences.values = map[*typ][][]string{}
	g.differences.nullable, g.differences.nullableFields = map[*arg][]bool{}, map[*field][]bool{}
	g.differences.more, g.differences.moreFields = map[*field][]*arg{}, map[*typ][]*field{}
	for _, e := range g.differences.outputs {
		if !g.isTaken(e) {
			g.returnDifferent(e)
		}
	}
	for _, e := range g.differences.inputs {
		g.takeDifferent(e)
	}
	for _, t := range g.inputs {
		g.differInput(t)
	}
	plain := g.withoutArgs()
	for _, t := range g.objects() {
		for _, f := range t.fields {
			if f.mayDiffer() {
				g.differArgs(f, !plain[f])
			} else {
				g.differExternal(f, !plain[f])
			}
		}
	}
}

// withoutArgs are the fields in keys and @provides, which take no arguments.
func (g *generator) withoutArgs() map[*field]bool {
	list := map[*field]bool{}
	for _, t := range g.composites() {
		for _, k := range t.keys {
			mention(list, k.sel)
		}
		for _, f := range t.fields {
			for _, in := range f.in {
				if in != nil {
					mention(list, in.provides)
				}
			}
		}
	}
	return list
}

// isTaken tells whether an enum is of an argument after all, from a context: composition wants it to be the same everywhere then.
func (g *generator) isTaken(e *typ) bool {
	return slices.ContainsFunc(g.objects(), func(t *typ) bool {
		return slices.ContainsFunc(t.fields, func(f *field) bool {
			return slices.ContainsFunc(f.args, func(a *arg) bool { return a.typ == e })
		})
	})
}

// returnDifferent gives an enum different values by subgraph: all have the first one, for what several resolve.
func (g *generator) returnDifferent(e *typ) {
	for range g.names {
		list := e.values[:1:1]
		for _, v := range e.values[1:] {
			if g.chance(65) {
				list = append(list, v)
			}
		}
		g.differences.values[e] = append(g.differences.values[e], list)
	}
}

// takeDifferent gives an enum one value more in some subgraphs.
func (g *generator) takeDifferent(e *typ) {
	for range g.names {
		list := slices.Clone(e.values)
		if g.chance(40) {
			list = append(list, e.name+"More")
		}
		g.differences.values[e] = append(g.differences.values[e], list)
	}
}

func (g *generator) differInput(t *typ) {
	for _, f := range t.fields {
		for range g.names {
			g.differences.nullableFields[f] = append(g.differences.nullableFields[f], strings.HasSuffix(f.wrap, "!") && g.chance(40))
		}
	}
	if !g.chance(50) {
		return
	}
	more := &field{name: "more", typ: g.scalar("Int"), wrap: pick(&g.random, []string{"%", "[%]", "% = 7"})}
	for range g.names {
		var here *field
		if g.chance(50) {
			here = more
		}
		g.differences.moreFields[t] = append(g.differences.moreFields[t], here)
	}
}

// mayDiffer tells whether subgraphs may say different arguments of a field: composition compares those of implementations and
// of what is external, and does not look at those of fields that somebody else took.
func (f *field) mayDiffer() bool {
	declared := 0
	for _, in := range f.in {
		switch {
		case in == nil:
		case in.role != resolved || in.override != "":
			return false
		default:
			declared++
		}
	}
	return declared > 1 && !f.common && !f.isContextual()
}

func (g *generator) differArgs(f *field, more bool) {
	strict := pick(&g.random, f.owners())
	for _, a := range f.args {
		for s := range g.names {
			g.differences.nullable[a] = append(g.differences.nullable[a], s != strict && strings.HasSuffix(a.wrap, "!") && g.chance(60))
		}
	}
	if !more || !g.chance(30) {
		return
	}
	without := pick(&g.random, f.owners())
	extra := &arg{name: "more", typ: g.scalar("String"), wrap: pick(&g.random, []string{"%", "[%!]"})}
	if g.chance(40) {
		extra.def = g.literal(extra.typ, extra.wrap, 0)
	}
	for s := range g.names {
		var here *arg
		if s != without && g.chance(60) {
			here = extra
		}
		g.differences.more[f] = append(g.differences.more[f], here)
	}
}

// loosened is a wrap without its last exclamation mark where a subgraph lets an argument or input field be null.
func loosened(wrap string, nullable []bool, s int) string {
	if nullable != nil && nullable[s] {
		return strings.TrimSuffix(wrap, "!")
	}
	return wrap
}

// argsOf are the arguments of a field as the subgraph has them.
func (p *printer) argsOf(f *field) []*arg {
	if more := p.differences.more[f]; more != nil && more[p.s] != nil {
		return append(slices.Clip(f.args), more[p.s])
	}
	return f.args
}

// inputFields are the fields of an input type as the subgraph has them.
func (p *printer) inputFields(t *typ) []*field {
	if more := p.differences.moreFields[t]; more != nil && more[p.s] != nil {
		return append(slices.Clip(t.fields), more[p.s])
	}
	return t.fields
}

// valuesOf are the values of an enum as the subgraph has them.
func (p *printer) valuesOf(e *typ) []string {
	if values := p.differences.values[e]; values != nil {
		return values[p.s]
	}
	return e.values
}
