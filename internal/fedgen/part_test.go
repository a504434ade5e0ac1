package fedgen

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// part is what a subgraph's SDL says.
type part struct {
	name string
	sdl  string
	// old: the subgraph is of Federation 1.
	old bool
	// valid validates requests; schema is the same but for the names of root types, which are the usual ones.
	valid, schema *ast.Schema
	types         map[string]*partType
	// provides has the coordinates of what some field provides.
	provides map[string]bool
}

type partType struct {
	def    *ast.Definition
	keys   []*partKey
	fields map[string]*partField
	// possible object types of an abstract type in this subgraph; the type itself for an object type.
	possible []string
	// opaque: the type is an interface that this subgraph knows as an object type (@interfaceObject).
	opaque bool
	// contexts that it sets.
	contexts []string
	form     partForm
}

// partForm is how the SDL words the type.
type partForm struct{ external, shareable, extends, parts bool }

type partKey struct {
	sel        ast.SelectionSet
	resolvable bool
}

// partField is how the subgraph knows a field. It resolves it unless external or overridden.
type partField struct {
	def                  *ast.FieldDefinition
	external, overridden bool
	elsewhere            bool // overridden because of what a label says
	requires, provides   ast.SelectionSet
	overrideFrom, label  string
	contexts             []*partContext
}

func (f *partField) resolves() bool { return f != nil && !f.external && !f.overridden }

func newPart(s Subgraph) (*part, error) {
	p := &part{name: s.Name, sdl: s.SDL, old: !strings.HasPrefix(s.SDL, "extend schema"), types: map[string]*partType{}, provides: map[string]bool{}}
	var err error
	if p.valid, err = reference.LoadSubgraph(s.Name, s.SDL); err != nil {
		return nil, err
	}
	s.SDL = usualRoots(s.SDL)
	if p.schema, err = reference.LoadSubgraph(s.Name, s.SDL); err != nil {
		return nil, err
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: s.Name, Input: s.SDL})
	if err != nil {
		return nil, err
	}
	list, forms := wholeTypes(doc)
	for _, def := range list {
		if err := p.addType(def, forms[def.Name]); err != nil {
			return nil, err
		}
	}
	p.findPossible()
	return p, nil
}

// wholeTypes are the types of a subgraph, with their extensions, and how it words them.
func wholeTypes(doc *ast.SchemaDocument) (list ast.DefinitionList, forms map[string]partForm) {
	forms = map[string]partForm{}
	for _, def := range doc.Definitions {
		forms[def.Name] = formOf(def)
	}
	list = doc.Definitions
	for _, def := range doc.Extensions {
		form := formOf(def)
		if first := doc.Definitions.ForName(def.Name); first != nil {
			first.Fields = append(first.Fields, def.Fields...)
			forms[def.Name] = partForm{parts: true, shareable: form.shareable}
			continue
		}
		form.extends = true
		forms[def.Name], list = form, append(list, def)
	}
	return list, forms
}

func formOf(def *ast.Definition) partForm {
	says := func(name string) bool { return def.Directives.ForName(name) != nil }
	return partForm{external: says("external"), shareable: says("shareable"), extends: says("extends")}
}

func (p *part) addType(def *ast.Definition, form partForm) error {
	t := &partType{def: def, fields: map[string]*partField{}, opaque: def.Directives.ForName("interfaceObject") != nil, contexts: contextNames(def), form: form}
	p.types[def.Name] = t
	for _, d := range def.Directives.ForNames("key") {
		t.keys = append(t.keys, &partKey{reference.FieldSet(d), reference.Resolvable(d)})
	}
	for _, f := range def.Fields {
		says := f.Directives.ForName
		pf := &partField{
			def: f, external: form.external || says("external") != nil,
			requires: plainSet(def.Name, reference.FieldSet(says("requires"))), provides: reference.FieldSet(says("provides")),
		}
		t.fields[f.Name] = pf
		var err error
		if pf.contexts, err = takeContexts(f); err != nil {
			return err
		}
		if d := says("override"); d != nil {
			pf.overrideFrom = d.Arguments.ForName("from").Value.Raw
			if label := d.Arguments.ForName("label"); label != nil {
				pf.label = label.Value.Raw
			}
		}
	}
	for _, k := range t.keys {
		for _, s := range k.sel {
			if f := t.fields[s.(*ast.Field).Name]; (p.old || form.extends) && f != nil {
				f.external = false // @external means nothing on keys in Federation 1 and of extensions
			}
		}
	}
	return nil
}

// parseSelection parses what stands in an @fromContext.
func parseSelection(text string) (ast.SelectionSet, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: "{" + text + "}"})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return doc.Operations[0].SelectionSet, nil
}

func (p *part) findPossible() {
	for name, t := range p.types {
		switch t.def.Kind {
		case ast.Object:
			t.possible = []string{name}
		case ast.Union:
			t.possible = t.def.Types
		case ast.Interface:
			for other, o := range p.types {
				for _, i := range o.def.Interfaces {
					if i == name && o.def.Kind == ast.Object {
						t.possible = append(t.possible, other)
					}
				}
			}
		default:
		}
	}
}
