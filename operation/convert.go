package operation

import (
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// fewVariables are looked up one after the other.
const fewVariables = 8

// builder converts one checked operation.
type builder struct {
	op        *Operation
	labels    labels
	variables map[string]int
	bits      map[string]int
	// args are the printed arguments of nodes, since a fragment may be spread often.
	args map[*selectionNode][]supergraph.Argument
}

// convert turns a checked operation, fragments spread, into our tree, normalises it and finds its conditions.
func (p *Preparer) convert(d *definition) (*Operation, *gqlerr.Error) {
	b := &builder{
		op:        &Operation{Kind: d.kind, Name: d.name, Type: d.typ, line: int(d.line), column: int(d.column)},
		labels:    p.labels,
		variables: make(map[string]int, len(d.variables)),
		bits:      map[string]int{},
		args:      map[*selectionNode][]supergraph.Argument{},
	}
	b.addVariables(d.variables)
	sub := b.selections(d.sub, d.typ, known{})
	if err := b.countConditions(); err != nil {
		return nil, err
	}
	b.op.Sub = normalize(sub, d.typ)
	if err := b.addLabels(b.op.Sub); err != nil {
		return nil, err
	}
	return b.op, nil
}

func (b *builder) addVariables(list []*variableNode) {
	for i, v := range list {
		b.variables[v.name] = i
		variable := &Variable{Name: v.name, Type: v.ref, at: v.pos}
		if v.def != nil {
			variable.Default = appendLiteralJSON(nil, v.def, v.ref)
			variable.literal = literal(v.def)
		}
		b.op.Variables = append(b.op.Variables, variable)
	}
	if len(list) > fewVariables {
		b.op.index = b.variables
	}
}

// selections converts a selection set; outer is what is known around it.
func (b *builder) selections(sub []*selectionNode, on *supergraph.Type, outer known) []Selection {
	list := make([]Selection, 0, len(sub))
	for _, s := range sub {
		when, possible := b.when(s.directives)
		if possible {
			when, possible = when.under(outer)
		}
		if !possible {
			continue
		}
		inner := outer.with(when)
		if s.kind == fieldNode {
			list = append(list, b.field(s, when, inner))
			continue
		}
		f := &Fragment{On: s.typ, When: when}
		if f.On == nil {
			f.On = on
		}
		body := s.sub
		if s.kind == spreadNode {
			body = s.target.sub
		}
		f.Sub = b.selections(body, f.On, inner)
		list = append(list, f)
	}
	return list
}

// field converts a field.
func (b *builder) field(s *selectionNode, when When, inner known) *Field {
	f := &Field{
		Key:    ResponseKey(s.key()),
		Def:    s.def,
		When:   when,
		Args:   b.arguments(s),
		Line:   int(s.line),
		Column: int(s.column),
	}
	if s.hasSub {
		f.Sub = b.selections(s.sub, s.def.Type.Named, inner)
	}
	return f
}

// arguments prints the arguments of a field in the order of its definition.
func (b *builder) arguments(s *selectionNode) []supergraph.Argument {
	if len(s.args) == 0 {
		return nil
	}
	list, ok := b.args[s]
	if ok {
		return list
	}
	for _, in := range s.def.Args {
		for _, a := range s.args {
			if a.name == in.Name {
				list = append(list, supergraph.Argument{
					Name:      a.name,
					Value:     literal(a.value),
					Variables: variableUses(nil, a.value, in.Type, nil),
				})
			}
		}
	}
	b.args[s] = list
	return list
}
