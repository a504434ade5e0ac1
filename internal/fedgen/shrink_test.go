package fedgen

import (
	"bytes"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

// shrink drops selections, arguments and directives from the request while it still fails in the same way.
func (g *gateway) shrink(f *attempt) *attempt {
	if f.stage == "oracle" || f.stage == "start" {
		return f
	}
	for rounds := 0; rounds < 300 && !g.slow; rounds++ {
		smaller := g.smaller(f, &rounds)
		if smaller == nil {
			return f
		}
		f = smaller
	}
	return f
}

// smaller returns a failure like f of a smaller request, nil when none is found.
func (g *gateway) smaller(f *attempt, rounds *int) *attempt {
	for i := 0; ; i++ {
		doc, err := parser.ParseQuery(&ast.Source{Input: f.request.document})
		if err != nil {
			return nil
		}
		s := &shrinker{left: i}
		s.document(doc)
		if s.left >= 0 {
			return nil
		}
		var b bytes.Buffer
		formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatQueryDocument(doc)
		if b.String() == f.request.document {
			continue
		}
		*rounds++
		again := g.check(request{b.String(), f.request.variables})
		if again.err != nil && again.kind() == f.kind() {
			return again
		}
		if *rounds > 300 {
			return nil
		}
	}
}

// shrinker makes one change: the one before which left others are possible.
type shrinker struct{ left int }

func (s *shrinker) now() bool {
	s.left--
	return s.left == -1
}

func (s *shrinker) document(doc *ast.QueryDocument) {
	op := doc.Operations[0]
	op.SelectionSet = s.selections(op.SelectionSet)
	for i := range op.VariableDefinitions {
		if s.now() {
			op.VariableDefinitions = append(op.VariableDefinitions[:i:i], op.VariableDefinitions[i+1:]...)
			return
		}
	}
	for i, f := range doc.Fragments {
		if s.now() {
			doc.Fragments = append(doc.Fragments[:i:i], doc.Fragments[i+1:]...)
			return
		}
		f.SelectionSet = s.selections(f.SelectionSet)
	}
}

func (s *shrinker) selections(set ast.SelectionSet) ast.SelectionSet {
	for i := range set {
		if len(set) > 1 && s.now() {
			return append(set[:i:i], set[i+1:]...)
		}
	}
	for i, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if len(sel.Directives) > 0 && s.now() {
				sel.Directives = nil
			}
			if sel.Alias != sel.Name && s.now() {
				sel.Alias = sel.Name
			}
			for j := range sel.Arguments {
				if s.now() {
					sel.Arguments = append(sel.Arguments[:j:j], sel.Arguments[j+1:]...)
					break
				}
			}
			sel.SelectionSet = s.selections(sel.SelectionSet)
		case *ast.InlineFragment:
			if s.now() {
				return append(append(append(ast.SelectionSet{}, set[:i]...), sel.SelectionSet...), set[i+1:]...)
			}
			if len(sel.Directives) > 0 && s.now() {
				sel.Directives = nil
			}
			sel.SelectionSet = s.selections(sel.SelectionSet)
		case *ast.FragmentSpread:
			if len(sel.Directives) > 0 && s.now() {
				sel.Directives = nil
			}
		}
	}
	return set
}
