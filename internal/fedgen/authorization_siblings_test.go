package fedgen

import (
	"bytes"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// siblings adds to fields that are selected on interfaces the same fields on object types, so that nodes with different
// requirements meet in one response key. The document stays what it is when nothing can be added.
func siblings(r *random, schema *ast.Schema, document string) string {
	doc, errs := gqlparser.LoadQueryWithRules(schema, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return document
	}
	s := &siblingAdder{r, schema}
	for _, op := range doc.Operations {
		op.SelectionSet = s.set(op.SelectionSet, rootName(op))
	}
	for _, f := range doc.Fragments {
		f.SelectionSet = s.set(f.SelectionSet, f.TypeCondition)
	}
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatQueryDocument(doc)
	if _, errs := gqlparser.LoadQueryWithRules(schema, b.String(), rules.NewDefaultRules()); len(errs) > 0 {
		return document
	}
	return b.String()
}

type siblingAdder struct {
	*random

	schema *ast.Schema
}

func (s *siblingAdder) set(set ast.SelectionSet, on string) ast.SelectionSet {
	var out ast.SelectionSet
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if sel.Name != "__typename" && len(sel.SelectionSet) > 0 {
				sel.SelectionSet = s.set(sel.SelectionSet, s.schema.Types[on].Fields.ForName(sel.Name).Type.Name())
			}
			if other := s.other(sel, on); other != nil && s.chance(50) {
				out = append(out, other, sel)
				continue
			} else if other != nil {
				out = append(out, sel, other)
				continue
			}
		case *ast.InlineFragment:
			condition := sel.TypeCondition
			if condition == "" {
				condition = on
			}
			sel.SelectionSet = s.set(sel.SelectionSet, condition)
		}
		out = append(out, sel)
	}
	return out
}

// other is the same field on a possible type, if it may stand beside the field.
func (s *siblingAdder) other(f *ast.Field, on string) ast.Selection {
	def := s.schema.Types[on]
	if def.Kind != ast.Interface || f.Name == "__typename" || s.chance(50) {
		return nil
	}
	possible := s.schema.GetPossibleTypes(def)
	if len(possible) == 0 {
		return nil
	}
	t := pick(s.random, possible)
	if t.Fields.ForName(f.Name).Type.String() != def.Fields.ForName(f.Name).Type.String() {
		return nil
	}
	return &ast.InlineFragment{TypeCondition: t.Name, SelectionSet: ast.SelectionSet{f}}
}
