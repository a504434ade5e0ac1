package supergraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/operationreport"
)

// fieldSetParser parses the selections of federation directives. It is used again and again, since a large graph has
// tens of thousands of them.
type fieldSetParser struct {
	doc    *ast.Document
	parser *astparser.Parser
}

// fieldSets parses the keys of types, and requires and provides of fields.
func (l *loader) fieldSets() {
	l.parser = fieldSetParser{ast.NewSmallDocument(), astparser.NewParser()}
	for _, d := range l.decls {
		for _, join := range d.directives.all(element{"join", "type"}) {
			text, ok := join.text("key")
			if !ok {
				continue
			}
			g := l.subgraph(join, Coordinate(d.Name))
			if !d.IsComposite() || d.Kind == Union || g == nil {
				l.problems.add(join.at(), Coordinate(d.Name), "a key needs an object or interface type and a subgraph")
				continue
			}
			set := l.fieldSet(text, d.Type, g, where{join, Coordinate(d.Name), "key"})
			in := d.In[g.Index]
			in.Keys = append(in.Keys, &Key{Fields: set, Resolvable: join.is("resolvable", true)})
		}
		for _, f := range d.fields {
			for _, join := range f.directives.all(element{"join", "field"}) {
				l.joinFieldSets(f.Field, join)
			}
		}
	}
}

// joinFieldSets parses what a @join__field requires and provides.
func (l *loader) joinFieldSets(f *Field, join directive) {
	g := l.subgraph(join, f.Coordinate())
	if g == nil || f.In[g.Index] == nil {
		return
	}
	in := f.In[g.Index]
	if text, ok := join.text("requires"); ok {
		in.Requires = l.fieldSet(text, f.Parent, g, where{join, f.Coordinate(), "requires"})
	}
	if text, ok := join.text("provides"); ok {
		in.Provides = l.fieldSet(text, in.Type.Named, g, where{join, f.Coordinate(), "provides"})
	}
	for i := range in.ContextArgs {
		l.contextSources(&in.ContextArgs[i], g, where{join, f.Coordinate(), "contextArguments"})
	}
}

// contextSources parses what a contextual argument selects, on each type that sets its context.
func (l *loader) contextSources(arg *ContextArg, g *Subgraph, w where) {
	for _, d := range l.decls {
		if in := d.In[g.Index]; in != nil && slices.Contains(in.Contexts, arg.Context) {
			text := arg.Selection
			if inner, ok := strings.CutPrefix(text, "{"); ok {
				text = strings.TrimSuffix(inner, "}")
			}
			arg.From = append(arg.From, ContextSource{d.Type, l.fieldSet(text, d.Type, g, w)})
		}
	}
}

// where is the place of a field set, for messages.
type where struct {
	directive

	coor Coordinate
	arg  string
}

// fieldSet parses text as a selection on parent, as subgraph g sees it. Problems are reported.
func (l *loader) fieldSet(text string, parent *Type, g *Subgraph, w where) FieldSet {
	r, err := l.parser.parse(text)
	if err == nil {
		r.schema, r.subgraph = l.schema, g
		var set FieldSet
		if set.Selections, err = r.selections(r.doc.OperationDefinitions[0].SelectionSet, parent); err == nil {
			set.Text = string(appendSelections(nil, set.Selections))
			return set
		}
	}
	l.problems.add(w.at(), w.coor, "@%s(%s: %s): %s", w.name(), w.arg, appendQuoted(nil, text), err)
	return FieldSet{}
}

// fieldSetReader resolves one parsed field set.
type fieldSetReader struct {
	doc      *document
	schema   *Schema
	subgraph *Subgraph
}

// parse parses a field set, which may have braces around it.
func (p *fieldSetParser) parse(text string) (*fieldSetReader, error) {
	src := &source{text: "{" + text + "}"}
	var err error
	if src.blocks, _, err = scan(src.text); err != nil {
		return nil, err
	}
	p.doc.Reset()
	p.doc.Input.ResetInputString(src.text)
	report := operationreport.Report{}
	parse(p.parser, p.doc, &report)
	if report.HasErrors() {
		return nil, errors.New("not a selection of fields")
	}
	if len(p.doc.RootNodes) != 1 || len(p.doc.OperationDefinitions) != 1 {
		return nil, errors.New("not one selection of fields")
	}
	return &fieldSetReader{doc: &document{p.doc, src}}, nil
}

// selections resolves a selection set on a type.
func (r *fieldSetReader) selections(set int, on *Type) ([]FieldSelection, error) {
	if !on.IsComposite() {
		return nil, fmt.Errorf("%s has no fields to select", on.Name)
	}
	refs := r.doc.SelectionSets[set].SelectionRefs
	list := make([]FieldSelection, 0, len(refs))
	for _, ref := range refs {
		one, err := r.selection(r.doc.Selections[ref], on)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (r *fieldSetReader) selection(s ast.Selection, on *Type) (FieldSelection, error) {
	switch s.Kind {
	case ast.SelectionKindField:
		return r.field(r.doc.Fields[s.Ref], on)
	case ast.SelectionKindInlineFragment:
		return r.fragment(r.doc.InlineFragments[s.Ref], on)
	}
	return FieldSelection{}, errors.New("named fragments are not allowed")
}

func (r *fieldSetReader) fragment(f ast.InlineFragment, on *Type) (FieldSelection, error) {
	if f.TypeCondition.Type != ast.InvalidRef {
		name := r.doc.str(r.doc.Types[f.TypeCondition.Type].Name)
		if on = r.schema.Type(name); on == nil {
			return FieldSelection{}, fmt.Errorf("unknown type %s", name)
		}
	}
	if len(f.Directives.Refs) > 0 {
		return FieldSelection{}, errors.New("directives are not allowed")
	}
	if !f.HasSelections {
		return FieldSelection{}, errors.New("fragment without selections")
	}
	sub, err := r.selections(f.SelectionSet, on)
	return FieldSelection{On: on, Sub: sub}, err
}

func (r *fieldSetReader) field(f ast.Field, on *Type) (FieldSelection, error) {
	name := r.doc.str(f.Name)
	field := on.Field(name)
	switch {
	case field == nil || on.Introspection:
		return FieldSelection{}, fmt.Errorf("%s has no field %s", on.Name, name)
	case f.Alias.IsDefined || len(f.Directives.Refs) > 0:
		return FieldSelection{}, fmt.Errorf("%s: aliases and directives are not allowed", field.Coordinate())
	}
	args, err := r.args(f.Arguments.Refs, field)
	if err != nil {
		return FieldSelection{}, err
	}
	result := field.Type.Named
	if in := field.In[r.subgraph.Index]; in != nil {
		result = in.Type.Named // an object type, maybe, where the supergraph has an interface
	}
	if f.HasSelections != result.IsComposite() {
		return FieldSelection{}, fmt.Errorf("%s has type %s: fields of it must be selected if it has any, and only then",
			field.Coordinate(), field.Type)
	}
	s := FieldSelection{Field: field, Args: args}
	if f.HasSelections {
		s.Sub, err = r.selections(f.SelectionSet, result)
	}
	return s, err
}

func (r *fieldSetReader) args(refs []int, field *Field) ([]Argument, error) {
	var args []Argument
	for _, ref := range refs {
		a := r.doc.Arguments[ref]
		name := r.doc.str(a.Name)
		if field.Arg(name) == nil || slices.ContainsFunc(args, func(b Argument) bool { return b.Name == name }) {
			return nil, fmt.Errorf("%s has no argument %s, or it is given twice", field.Coordinate(), name)
		}
		if r.doc.ValueContainsVariable(a.Value) {
			return nil, fmt.Errorf("%s(%s:): variables are not allowed", field.Coordinate(), name)
		}
		args = append(args, Argument{Name: name, Value: string(r.doc.appendValue(nil, a.Value))})
	}
	return args, nil
}

// appendSelections appends selections in the form of FieldSet.Text.
func appendSelections(dst []byte, selections []FieldSelection) []byte {
	for i, s := range selections {
		if i > 0 {
			dst = append(dst, ' ')
		}
		if s.Field == nil {
			dst = append(append(dst, "... on "...), s.On.Name...)
		} else {
			dst = appendArgs(append(dst, s.Field.Name...), s.Args)
		}
		if len(s.Sub) > 0 {
			dst = append(appendSelections(append(dst, " { "...), s.Sub), " }"...)
		}
	}
	return dst
}

func appendArgs(dst []byte, args []Argument) []byte {
	if len(args) == 0 {
		return dst
	}
	dst = append(dst, '(')
	for i, a := range args {
		dst = append(append(appendComma(dst, i), a.Name...), ": "...)
		dst = append(dst, a.Value...)
	}
	return append(dst, ')')
}
