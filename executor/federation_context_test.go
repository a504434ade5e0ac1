package executor_test

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// arguments prints the arguments of a field: for the whole graph with those that @fromContext fills.
func (e *execution) arguments(n *node, def *ast.FieldDefinition, args map[string]any) string {
	p, own := e.owner(n.typ, def.Name)
	if e.strict != nil || own == nil || !slices.ContainsFunc(own.Arguments, fromContext) {
		return argumentText(def, args)
	}
	for _, a := range own.Arguments {
		if d := a.Directives.ForName("fromContext"); d != nil {
			args[a.Name] = e.fromContext(p, n, d.Arguments.ForName("field").Value.Raw)
		}
	}
	return argumentText(own, args)
}

func fromContext(a *ast.ArgumentDefinition) bool { return a.Directives.ForName("fromContext") != nil }

// fromContext is the value of a selection such as $user { currency } on the nearest object above that sets the context in
// the subgraph.
func (e *execution) fromContext(p *part, n *node, field string) any {
	name, selection, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(field), "$"), " ")
	if strings.HasPrefix(strings.TrimSpace(selection), "...") {
		selection = "{" + selection + "}"
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: selection})
	if err != nil {
		return err.Error()
	}
	for n = n.above; n != nil; n = n.above {
		def := p.typeOf(e.world, n.typ)
		if def == nil {
			continue
		}
		for _, t := range append([]*ast.Definition{def}, p.schema.GetImplements(def)...) {
			for _, d := range t.Directives.ForNames("context") {
				if d.Arguments.ForName("name").Value.Raw == name {
					return e.contextValue(n.object, doc.Operations[0].SelectionSet)
				}
			}
		}
	}
	return nil
}

func (e *execution) contextValue(o *object, set ast.SelectionSet) any {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			if e.is(o.typ, s.TypeCondition) {
				return e.contextValue(o, s.SelectionSet)
			}
		case *ast.Field:
			if s.Name == "__typename" {
				return o.typ
			}
			return e.contextLeaf(e.read(o, s), s.SelectionSet)
		}
	}
	return nil
}

func (e *execution) contextLeaf(v any, set ast.SelectionSet) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = e.contextLeaf(v[i], set)
		}
		return out
	case *object:
		return e.contextValue(v, set)
	default:
		return v
	}
}
