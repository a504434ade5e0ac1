package operation

import "github.com/gatehouse-graphql/gatehouse/internal/gqlerr"

// parser reads a document by recursive descent (GraphQL, September 2025, section 2). The lexer bounds its depth and length.
//
// It is our own, beside the library's, since conversion needs what the library's tree does not have: the exact text of
// block strings (their first indentation is lost), the place of every name, and a grammar without exceptions.
type parser struct {
	lex *lexer
	tok token
	err *gqlerr.Error
	// nodes is the number of selections so far.
	nodes int
}

// parse reads an executable document. It reports the first mistake only, or the first definition of a type.
func parse(src string, limits Limits) (*document, gqlerr.List) {
	p := &parser{lex: newLexer(src, limits)}
	p.advance()
	doc := &document{byName: map[string]*definition{}, length: len(src)}
	for p.err == nil && (p.tok.kind != tokEOF || len(doc.operations)+len(doc.fragments) == 0) {
		p.definition(doc)
	}
	if p.err != nil {
		return nil, gqlerr.List{p.err}
	}
	return doc, nil
}

func (p *parser) advance() {
	if p.err != nil {
		return
	}
	p.tok, p.err = p.lex.next()
}

// unexpected reports the current token, unless something was reported before.
func (p *parser) unexpected(want string) {
	if p.err != nil {
		return
	}
	if want != "" {
		p.err = p.lex.fail(p.tok.pos, "Expected %s, found %s.", want, p.tok.describe())
		return
	}
	p.err = p.lex.fail(p.tok.pos, "Unexpected %s.", p.tok.describe())
}

// is tells whether the current token is that punctuator; after an error it is none.
func (p *parser) is(punct string) bool { return p.err == nil && p.tok.is(punct) }

// accept steps over the punctuator if it is there.
func (p *parser) accept(punct string) bool {
	if !p.is(punct) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(punct string) {
	if !p.accept(punct) {
		p.unexpected(quote(punct))
	}
}

// many calls one as often as there is something before the closing punctuator, at least once.
func (p *parser) many(closing string, one func()) {
	for first := true; p.err == nil && (first || !p.tok.is(closing)); first = false {
		one()
	}
	p.expect(closing)
}

func (p *parser) name() string {
	if p.err != nil || p.tok.kind != tokName {
		p.unexpected("Name")
		return ""
	}
	name := p.tok.text
	p.advance()
	return name
}

func (p *parser) definition(doc *document) {
	d := &definition{pos: p.tok.pos}
	described := p.tok.kind == tokString
	if described {
		p.advance() // a description (section 2.4)
	}
	switch {
	case p.is("{") && !described:
		p.operation(d, Query)
	case p.err != nil || p.tok.kind != tokName:
		p.unexpected("")
	case p.tok.text == "query":
		p.operation(d, Query)
	case p.tok.text == "mutation":
		p.operation(d, Mutation)
	case p.tok.text == "subscription":
		p.operation(d, Subscription)
	case p.tok.text == "fragment":
		p.fragment(d)
	default:
		p.typeDefinition()
	}
	if p.err != nil {
		return
	}
	if !d.fragment {
		doc.operations = append(doc.operations, d)
		return
	}
	doc.fragments = append(doc.fragments, d)
	if doc.byName[d.name] == nil {
		doc.byName[d.name] = d
	}
}

// typeDefinition reports what is no executable definition. A type definition is a validation error (section 5.1.1),
// but nothing behind it is read, since no more of its grammar is known here.
func (p *parser) typeDefinition() {
	switch p.tok.text {
	case "schema", "scalar", "type", "interface", "union", "enum", "input", "directive", "extend":
		p.err = gqlerr.New(gqlerr.ValidationFailed, "The %s definition is not executable.", quote(p.tok.text)).
			At(int(p.tok.line), int(p.tok.column))
	default:
		p.unexpected("")
	}
}

func (p *parser) operation(d *definition, kind Kind) {
	d.kind = kind
	if !p.is("{") {
		p.advance()
		if p.err == nil && p.tok.kind == tokName {
			d.namePos = p.tok.pos
			d.name = p.name()
		}
		if p.accept("(") {
			p.many(")", func() { d.variables = append(d.variables, p.variableDefinition()) })
		}
		d.directives = p.directives(false)
	}
	d.sub = p.selectionSet()
}

func (p *parser) fragment(d *definition) {
	d.fragment = true
	p.advance()
	if p.err == nil && p.tok.kind == tokName && p.tok.text == "on" {
		p.unexpected("")
	}
	d.namePos = p.tok.pos
	d.name = p.name()
	if p.err == nil && (p.tok.kind != tokName || p.tok.text != "on") {
		p.unexpected(quote("on"))
	}
	p.advance()
	d.cond = p.namedType()
	d.directives = p.directives(false)
	d.sub = p.selectionSet()
}

func (p *parser) variableDefinition() *variableNode {
	if p.err == nil && p.tok.kind == tokString {
		p.advance() // a description
	}
	v := &variableNode{pos: p.tok.pos}
	p.expect("$")
	v.name = p.name()
	p.expect(":")
	v.typ = p.typeRef()
	if p.accept("=") {
		v.def = p.value(true)
	}
	v.directives = p.directives(true)
	return v
}

func (p *parser) typeRef() *typeNode {
	var t *typeNode
	if at := p.tok.pos; p.accept("[") {
		t = &typeNode{pos: at, elem: p.typeRef()}
		p.expect("]")
	} else {
		t = p.namedType()
	}
	t.nonNull = p.accept("!")
	return t
}

func (p *parser) namedType() *typeNode {
	at := p.tok.pos
	return &typeNode{pos: at, name: p.name()}
}

func (p *parser) selectionSet() []*selectionNode {
	var sub []*selectionNode
	p.expect("{")
	if p.err == nil {
		p.many("}", func() { sub = append(sub, p.selection()) })
	}
	return sub
}

func (p *parser) selection() *selectionNode {
	s := &selectionNode{pos: p.tok.pos, id: p.nodes}
	p.nodes++
	if p.accept("...") {
		p.fragmentSelection(s)
		return s
	}
	s.name = p.name()
	if p.accept(":") {
		s.alias = s.name
		s.name = p.name()
	}
	s.args = p.arguments(false)
	s.directives = p.directives(false)
	if p.is("{") {
		s.hasSub = true
		s.sub = p.selectionSet()
	}
	return s
}

// fragmentSelection reads what follows the three dots.
func (p *parser) fragmentSelection(s *selectionNode) {
	if p.err == nil && p.tok.kind == tokName && p.tok.text != "on" {
		s.kind = spreadNode
		s.name = p.name()
		s.directives = p.directives(false)
		return
	}
	s.kind = inlineNode
	s.hasSub = true
	if p.err == nil && p.tok.kind == tokName {
		p.advance()
		s.cond = p.namedType()
	}
	s.directives = p.directives(false)
	s.sub = p.selectionSet()
}

func (p *parser) directives(constant bool) []*directiveNode {
	var list []*directiveNode
	for p.is("@") {
		d := &directiveNode{pos: p.tok.pos}
		p.advance()
		d.name = p.name()
		d.args = p.arguments(constant)
		list = append(list, d)
	}
	return list
}

func (p *parser) arguments(constant bool) []*argumentNode {
	var list []*argumentNode
	if p.accept("(") {
		p.many(")", func() { list = append(list, p.argument(constant)) })
	}
	return list
}

// argument reads name: value, as it stands in arguments and in objects.
func (p *parser) argument(constant bool) *argumentNode {
	a := &argumentNode{pos: p.tok.pos}
	a.name = p.name()
	p.expect(":")
	a.value = p.value(constant)
	return a
}

// value reads a value; in a constant one there are no variables.
func (p *parser) value(constant bool) *valueNode {
	v := &valueNode{pos: p.tok.pos, text: p.tok.text}
	switch {
	case p.err != nil:
	case p.tok.is("$") && !constant:
		p.advance()
		v.kind, v.text = varValue, p.name()
		return v
	case p.tok.is("["):
		v.kind = listValue
		p.advance()
		for p.err == nil && !p.tok.is("]") {
			v.list = append(v.list, p.value(constant))
		}
		p.expect("]")
		return v
	case p.tok.is("{"):
		v.kind = objectValue
		p.advance()
		for p.err == nil && !p.tok.is("}") {
			v.fields = append(v.fields, p.argument(constant))
		}
		p.expect("}")
		return v
	case p.tok.kind == tokInt:
		v.kind = intValue
	case p.tok.kind == tokFloat:
		v.kind = floatValue
	case p.tok.kind == tokString:
		v.kind = stringValue
	case p.tok.kind == tokName:
		v.kind = nameValue(p.tok.text)
	default:
		p.unexpected("")
	}
	p.advance()
	return v
}

// nameValue is the kind of a value that is a name.
func nameValue(name string) valueKind {
	switch name {
	case "true", "false":
		return boolValue
	case "null":
		return nullValue
	default:
		return enumValue
	}
}
