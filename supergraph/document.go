package supergraph

import (
	"fmt"

	"github.com/wundergraph/graphql-go-tools/v2/pkg/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/operationreport"
)

// document is a parsed text with accessors that copy nothing: strings are parts of the text.
type document struct {
	*ast.Document
	src *source
}

// parseDocument parses a source that scan has accepted. On an error it returns the offset, too.
func parseDocument(src *source) (doc *document, at uint32, message string) {
	doc = &document{ast.NewSmallDocument(), src}
	doc.Input.ResetInputString(src.text)
	report := operationreport.Report{}
	// A parser of our own, not one of the package's pool: the pool would keep the tokens, 40 MB for 10 MB of text.
	parse(astparser.NewParser(), doc.Document, &report)
	if len(report.ExternalErrors) > 0 {
		e := report.ExternalErrors[0] // the parser stops at the first
		at := uint32(len(src.text))
		if len(e.Locations) > 0 && e.Locations[0].Line > 0 {
			at = src.offset(int(e.Locations[0].Line), int(e.Locations[0].Column))
		}
		return nil, at, e.Message
	}
	if report.HasErrors() {
		return nil, noPlace, report.Error()
	}
	return doc, 0, ""
}

// parse runs the foreign parser. A panic becomes an error: none is known, and who loads a bad supergraph must
// go on all the same. Nothing of ours runs in here that this could hide.
func parse(parser *astparser.Parser, doc *ast.Document, report *operationreport.Report) {
	defer func() {
		if p := recover(); p != nil {
			report.AddInternalError(fmt.Errorf("the parser failed: %v", p))
		}
	}()
	parser.Parse(doc, report)
}

// str returns the text of a reference.
func (d *document) str(ref ast.ByteSliceReference) string { return d.src.text[ref.Start:ref.End] }

// description returns the value of a description.
func (d *document) description(desc ast.Description) string {
	if !desc.IsDefined {
		return ""
	}
	if desc.IsBlockString {
		return dedent(d.src.block(desc.Content.Start))
	}
	return unescape(d.str(desc.Content))
}

// stringValue returns the value of a string literal, and false if v is none.
func (d *document) stringValue(v ast.Value) (string, bool) {
	if v.Kind != ast.ValueKindString {
		return "", false
	}
	s := d.StringValues[v.Ref]
	if s.BlockString {
		return dedent(d.src.block(s.Content.Start)), true
	}
	return unescape(d.str(s.Content)), true
}

// enumValue returns the name of an enum literal, "" if v is none.
func (d *document) enumValue(v ast.Value) string {
	if v.Kind != ast.ValueKindEnum {
		return ""
	}
	return d.str(d.EnumValues[v.Ref].Name)
}

// list returns the elements of a list literal, or v itself where it is not a list: input coercion (section 3.11).
func (d *document) list(v ast.Value) []ast.Value {
	if v.Kind != ast.ValueKindList {
		return []ast.Value{v}
	}
	refs := d.ListValues[v.Ref].Refs
	values := make([]ast.Value, len(refs))
	for i, ref := range refs {
		values[i] = d.Values[ref]
	}
	return values
}

// member returns the value of a field of an object literal, and false if v is no object or has no such field.
func (d *document) member(v ast.Value, name string) (ast.Value, bool) {
	if v.Kind != ast.ValueKindObject {
		return ast.Value{}, false
	}
	for _, ref := range d.ObjectValues[v.Ref].Refs {
		if d.str(d.ObjectFields[ref].Name) == name {
			return d.ObjectFields[ref].Value, true
		}
	}
	return ast.Value{}, false
}

// memberString is member for strings, "" if there is none.
func (d *document) memberString(v ast.Value, name string) string {
	m, _ := d.member(v, name)
	s, _ := d.stringValue(m)
	return s
}

// appendValue appends v as GraphQL text in the canonical form that Argument describes.
func (d *document) appendValue(dst []byte, v ast.Value) []byte {
	switch v.Kind {
	case ast.ValueKindString:
		s, _ := d.stringValue(v)
		return appendQuoted(dst, s)
	case ast.ValueKindEnum:
		return append(dst, d.str(d.EnumValues[v.Ref].Name)...)
	case ast.ValueKindList:
		dst = append(dst, '[')
		for i, ref := range d.ListValues[v.Ref].Refs {
			dst = appendComma(dst, i)
			dst = d.appendValue(dst, d.Values[ref])
		}
		return append(dst, ']')
	case ast.ValueKindObject:
		dst = append(dst, '{')
		for i, ref := range d.ObjectValues[v.Ref].Refs {
			dst = appendComma(dst, i)
			dst = append(dst, d.str(d.ObjectFields[ref].Name)...)
			dst = append(dst, ": "...)
			dst = d.appendValue(dst, d.ObjectFields[ref].Value)
		}
		return append(dst, '}')
	case ast.ValueKindNull:
		return append(dst, "null"...)
	default: // numbers, booleans and variables are printed as they are
		text, err := d.PrintValueBytes(v, nil)
		if err != nil {
			return append(dst, "null"...)
		}
		return append(dst, text...)
	}
}

func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ", "...)
	}
	return dst
}

// directives are the directives on an element, whatever they are called in this document.
type directives struct {
	doc   *document
	links *links
	refs  []int
}

// directive is one applied directive.
type directive struct {
	ast.Directive

	doc *document
}

// all returns the directives with the meaning.
func (ds directives) all(want element) []directive {
	var found []directive
	for _, ref := range ds.refs {
		d := ds.doc.Directives[ref]
		if ds.links.names[ds.doc.str(d.Name)] == want {
			found = append(found, directive{d, ds.doc})
		}
	}
	return found
}

// first returns the first directive with the meaning, and false if there is none.
func (ds directives) first(want element) (directive, bool) {
	for _, ref := range ds.refs {
		d := ds.doc.Directives[ref]
		if ds.links.names[ds.doc.str(d.Name)] == want {
			return directive{d, ds.doc}, true
		}
	}
	return directive{}, false
}

// has tells whether there is a directive with the meaning.
func (ds directives) has(want element) bool {
	_, ok := ds.first(want)
	return ok
}

// deprecated returns the reason of @deprecated, nil without it.
func (ds directives) deprecated() *string {
	d, ok := ds.first(element{"", "deprecated"})
	if !ok {
		return nil
	}
	reason, ok := d.text("reason")
	if !ok {
		reason = "No longer supported"
	}
	return &reason
}

// at returns the place of the directive's name.
func (d directive) at() uint32 { return d.Name.Start }

// name returns what the directive is called here.
func (d directive) name() string { return d.doc.str(d.Name) }

// arg returns an argument that is given and not null.
func (d directive) arg(name string) (ast.Value, bool) {
	for _, ref := range d.Arguments.Refs {
		a := d.doc.Arguments[ref]
		if d.doc.str(a.Name) == name {
			return a.Value, a.Value.Kind != ast.ValueKindNull
		}
	}
	return ast.Value{}, false
}

// hasTwice tells whether an argument is given twice. Directives of features have few arguments: more than ten are some
// of them twice.
func (d directive) hasTwice() bool {
	refs := d.Arguments.Refs
	for i, ref := range refs {
		for _, other := range refs[:i] {
			if len(refs) > 10 || d.doc.str(d.doc.Arguments[ref].Name) == d.doc.str(d.doc.Arguments[other].Name) {
				return true
			}
		}
	}
	return false
}

// text returns a string argument.
func (d directive) text(name string) (string, bool) {
	v, ok := d.arg(name)
	if !ok {
		return "", false
	}
	return d.doc.stringValue(v)
}

// is returns a Boolean argument, or its default.
func (d directive) is(name string, byDefault bool) bool {
	v, ok := d.arg(name)
	if !ok || v.Kind != ast.ValueKindBoolean {
		return byDefault
	}
	return v.Ref == 1
}
