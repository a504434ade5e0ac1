package rulebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// part is what a subgraph's SDL says.
type part struct {
	name   string
	schema *ast.Schema // without federation directives, with _entities
	types  map[string]*partType
	old    bool // of Federation 1: it links no version of federation
	// local maps the subgraph's own names of federation directives to their names.
	local map[string]string
}

type partType struct {
	def    *ast.Definition
	keys   []ast.SelectionSet // resolvable ones
	fields map[string]*partField
	// opaque: the type is an interface that the subgraph knows as an object type.
	opaque bool
}

type partField struct {
	external           bool
	requires, provides ast.SelectionSet
	from, label        string // of @override
}

func newPart(s subgraphSDL) (*part, error) {
	doc, err := parser.ParseSchema(&ast.Source{Name: s.Name, Input: s.SDL})
	if err != nil {
		return nil, err
	}
	p := &part{name: s.Name, types: map[string]*partType{}, old: true, local: map[string]string{}}
	roots := &ast.SchemaDefinition{}
	for _, def := range append(doc.Schema, doc.SchemaExtension...) {
		p.links(def.Directives.ForNames("link"))
		roots.OperationTypes = append(roots.OperationTypes, def.OperationTypes...)
	}
	if p.old {
		for _, name := range []string{"key", "external", "requires", "provides", "extends", "inaccessible", "tag", "shareable", "override"} {
			p.local[name] = name
		}
	}
	defs := p.merge(append(doc.Definitions, doc.Extensions...))
	query := "Query"
	for _, o := range roots.OperationTypes {
		if o.Operation == ast.Query {
			query = o.Type
		}
	}
	if p.types[query] == nil {
		def := &ast.Definition{Kind: ast.Object, Name: query}
		defs = append(defs, def)
	}
	out := &ast.SchemaDocument{Definitions: defs}
	if len(roots.OperationTypes) > 0 {
		if !slices.ContainsFunc(roots.OperationTypes, func(o *ast.OperationTypeDefinition) bool { return o.Operation == ast.Query }) {
			roots.OperationTypes = append(roots.OperationTypes, &ast.OperationTypeDefinition{Operation: ast.Query, Type: query})
		}
		out.Schema = ast.SchemaDefinitionList{roots}
	}
	var b strings.Builder
	text := fmt.Sprintf("scalar _Any\n%s\nextend type %s { %s_service: String }\n", p.entityUnion(), query, p.entityField())
	empty := fmt.Sprintf("type %s\n", query) // the formatter writes braces without fields
	formatter.NewFormatter(&b).FormatSchemaDocument(out)
	sdl := strings.ReplaceAll(b.String(), fmt.Sprintf("type %s {\n}\n", query), empty)
	p.schema, err = gqlparser.LoadSchema(&ast.Source{Name: s.Name, Input: sdl + text})
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", s.Name, err, sdl+text)
	}
	return p, nil
}

// links notes the names of federation directives.
func (p *part) links(links []*ast.Directive) {
	for _, d := range links {
		url := d.Arguments.ForName("url").Value.Raw
		if !strings.HasPrefix(url, "https://specs.apollo.dev/federation/") {
			continue
		}
		p.old = false
		prefix := "federation"
		if as := d.Arguments.ForName("as"); as != nil {
			prefix = as.Value.Raw
		}
		for _, name := range []string{"key", "external", "requires", "provides", "extends", "inaccessible", "shareable", "override", "interfaceObject"} {
			p.local[prefix+"__"+name] = name
		}
		imports := d.Arguments.ForName("import")
		if imports == nil {
			continue
		}
		for _, i := range imports.Value.Children {
			name, as := i.Value.Raw, i.Value.Raw
			if i.Value.Kind == ast.ObjectValue {
				name, as = i.Value.Children.ForName("name").Raw, i.Value.Children.ForName("name").Raw
				if v := i.Value.Children.ForName("as"); v != nil {
					as = v.Raw
				}
			}
			p.local[strings.TrimPrefix(as, "@")] = strings.TrimPrefix(name, "@")
		}
	}
}

// merge makes one definition of all that a type has, without its directives.
func (p *part) merge(all ast.DefinitionList) ast.DefinitionList {
	var defs ast.DefinitionList
	for _, def := range all {
		t := p.types[def.Name]
		if t == nil {
			copied := *def
			copied.Directives, copied.Fields, copied.EnumValues = nil, nil, nil
			t = &partType{def: &copied, fields: map[string]*partField{}}
			p.types[def.Name] = t
			defs = append(defs, t.def)
		} else {
			t.def.Interfaces = append(t.def.Interfaces, def.Interfaces...)
			t.def.Types = append(t.def.Types, def.Types...)
		}
		p.addType(t, def)
	}
	for _, t := range p.types {
		if p.old {
			for _, key := range t.keys { // there, @external on keys means nothing
				for _, s := range key {
					t.fields[s.(*ast.Field).Name].external = false
				}
			}
		}
	}
	return defs
}

func (p *part) addType(t *partType, def *ast.Definition) {
	external := false
	for _, d := range def.Directives {
		switch p.local[d.Name] {
		case "external":
			external = true
		case "interfaceObject":
			t.opaque = true
		case "key":
			if reference.Resolvable(d) {
				t.keys = append(t.keys, reference.FieldSet(d))
			}
		}
	}
	for _, v := range def.EnumValues {
		copied := *v
		copied.Directives = nil
		t.def.EnumValues = append(t.def.EnumValues, &copied)
	}
	for _, f := range def.Fields {
		t.fields[f.Name] = p.field(f, external)
		copied := *f
		copied.Directives, copied.Arguments = nil, nil
		for _, a := range f.Arguments {
			plain := *a
			plain.Directives = nil
			copied.Arguments = append(copied.Arguments, &plain)
		}
		t.def.Fields = append(t.def.Fields, &copied)
	}
}

func (p *part) field(def *ast.FieldDefinition, external bool) *partField {
	f := &partField{external: external}
	for _, d := range def.Directives {
		switch p.local[d.Name] {
		case "external":
			f.external = true
		case "requires":
			f.requires = reference.FieldSet(d)
		case "provides":
			f.provides = reference.FieldSet(d)
		case "override":
			f.from = d.Arguments.ForName("from").Value.Raw
			if label := d.Arguments.ForName("label"); label != nil {
				f.label = label.Value.Raw
			}
		}
	}
	return f
}

func (p *part) entities() []string {
	var list []string
	for name, t := range p.types {
		if len(t.keys) > 0 && t.def.Kind == ast.Object {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func (p *part) entityUnion() string {
	if list := p.entities(); len(list) > 0 {
		return "union _Entity = " + strings.Join(list, " | ")
	}
	return ""
}

func (p *part) entityField() string {
	if len(p.entities()) > 0 {
		return "_entities(representations: [_Any!]!): [_Entity]! "
	}
	return ""
}
