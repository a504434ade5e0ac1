package fedgen

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// part is what a subgraph's SDL says.
type part struct {
	name string
	sdl  string
	// old: the subgraph is of Federation 1.
	old bool
	// schema validates requests: the SDL with the federation machinery.
	schema *ast.Schema
	types  map[string]*partType
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

// machinery is what a subgraph has beside its own SDL.
const machinery = `
scalar _Any
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @external on OBJECT | FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
directive @extends on OBJECT | INTERFACE
directive @interfaceObject on OBJECT
directive @context(name: String!) repeatable on OBJECT | INTERFACE | UNION
directive @fromContext(field: String) on ARGUMENT_DEFINITION
`

func newPart(s Subgraph) (*part, error) {
	sdl := s.SDL
	if strings.HasPrefix(sdl, "extend schema") {
		_, sdl, _ = strings.Cut(sdl, "\n")
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: s.Name, Input: sdl})
	if err != nil {
		return nil, err
	}
	p := &part{name: s.Name, sdl: s.SDL, old: sdl == s.SDL, types: map[string]*partType{}, provides: map[string]bool{}}
	list, forms := wholeTypes(doc)
	for _, def := range list {
		if err := p.addType(def, forms[def.Name]); err != nil {
			return nil, err
		}
	}
	p.findPossible()
	p.schema, err = gqlparser.LoadSchema(&ast.Source{Name: s.Name, Input: sdl + machinery + p.entitySDL()})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return p, nil
}

// entitySDL declares _entities for the types that have a key.
func (p *part) entitySDL() string {
	var list []string
	for name, t := range p.types {
		for _, k := range t.keys {
			if k.resolvable && t.def.Kind == ast.Object {
				list = append(list, name)
				break
			}
		}
	}
	text, extend := "", ""
	if p.types["Query"] != nil {
		extend = "extend "
	}
	if len(list) > 0 {
		text = "union _Entity = " + strings.Join(list, " | ") + "\n" + extend + "type Query { _entities(representations: [_Any!]!): [_Entity]! }\n"
		extend = "extend "
	}
	return text + extend + "type Query { _service: String }\n"
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
		sel, err := parseSelection(d.Arguments.ForName("fields").Value.Raw)
		if err != nil {
			return err
		}
		r := d.Arguments.ForName("resolvable")
		t.keys = append(t.keys, &partKey{sel, r == nil || r.Value.Raw != "false"})
	}
	for _, f := range def.Fields {
		pf := &partField{def: f, external: form.external || f.Directives.ForName("external") != nil}
		t.fields[f.Name] = pf
		var err error
		if pf.contexts, err = takeContexts(f); err != nil {
			return err
		}
		for name, at := range map[string]*ast.SelectionSet{"requires": &pf.requires, "provides": &pf.provides} {
			d := f.Directives.ForName(name)
			if d == nil {
				continue
			}
			if *at, err = parseSelection(d.Arguments.ForName("fields").Value.Raw); err != nil {
				return err
			}
		}
		if d := f.Directives.ForName("override"); d != nil {
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
