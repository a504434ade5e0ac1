package supergraph

import "strings"

// printer prints what clients see: nothing inaccessible, nothing of federation.
type printer struct{ strings.Builder }

// printAPI prints the schema for clients: the directives, then the types, each by name.
func (l *loader) printAPI() {
	p := &printer{}
	p.schema(l.schema)
	for _, d := range l.schema.Directives {
		if !builtInDirectives[d.Name] {
			p.directive(d)
		}
	}
	for _, t := range l.schema.Types {
		if !t.Inaccessible && !builtInScalars[t.Name] {
			p.typ(t)
		}
	}
	l.schema.API = strings.TrimPrefix(p.String(), "\n")
}

// schema prints the schema definition where it says something that the names of the root types do not.
func (p *printer) schema(s *Schema) {
	roots := []struct {
		*Type

		operation, usual string
	}{{s.Query, "query", "Query"}, {s.Mutation, "mutation", "Mutation"}, {s.Subscription, "subscription", "Subscription"}}
	needed := s.Description != ""
	for _, r := range roots {
		usual := s.Type(r.usual)
		needed = needed || r.Type != nil && r.Name != r.usual || r.Type == nil && usual != nil && !usual.Inaccessible
	}
	if !needed {
		return
	}
	p.WriteByte('\n')
	p.description("", s.Description)
	p.WriteString("schema {\n")
	for _, r := range roots {
		if r.Type != nil && !r.Inaccessible {
			p.WriteString("  " + r.operation + ": " + r.Name + "\n")
		}
	}
	p.WriteString("}\n")
}

func (p *printer) directive(d *Directive) {
	p.WriteByte('\n')
	p.description("", d.Description)
	p.WriteString("directive @" + d.Name)
	p.args("", d.Args)
	if d.Repeatable {
		p.WriteString(" repeatable")
	}
	p.WriteString(" on " + strings.Join(d.Locations, " | ") + "\n")
}

// keywords begin definitions.
var keywords = [...]string{
	Scalar: "scalar", Object: "type", Interface: "interface", Union: "union", Enum: "enum", InputObject: "input",
}

func (p *printer) typ(t *Type) {
	p.WriteByte('\n')
	p.description("", t.Description)
	p.WriteString(keywords[t.Kind] + " " + t.Name)
	p.names(" implements ", " & ", t.Interfaces)
	if t.OneOf {
		p.WriteString(" @oneOf")
	}
	if t.SpecifiedBy != "" {
		p.WriteString(" @specifiedBy(url: " + string(appendQuoted(nil, t.SpecifiedBy)) + ")")
	}
	switch t.Kind {
	case Object, Interface:
		p.fields(t)
	case Union:
		p.names(" = ", " | ", t.Possible)
	case Enum:
		p.values(t)
	case InputObject:
		p.inputFields(t)
	case Scalar:
	}
	p.WriteByte('\n')
}

// names prints the names of types that clients see, with before in front of the first and sep between them.
func (p *printer) names(before, sep string, types []*Type) {
	for _, t := range types {
		if !t.Inaccessible {
			p.WriteString(before + t.Name)
			before = sep
		}
	}
}

func (p *printer) fields(t *Type) {
	p.WriteString(" {\n")
	for _, f := range t.Fields {
		if f.Inaccessible {
			continue
		}
		p.description("  ", f.Description)
		p.WriteString("  " + f.Name)
		p.args("  ", f.Args)
		p.WriteString(": " + f.Type.String())
		p.deprecated(f.Deprecated)
		p.WriteByte('\n')
	}
	p.WriteByte('}')
}

func (p *printer) values(t *Type) {
	p.WriteString(" {\n")
	for _, v := range t.EnumValues {
		if v.Inaccessible {
			continue
		}
		p.description("  ", v.Description)
		p.WriteString("  " + v.Name)
		p.deprecated(v.Deprecated)
		p.WriteByte('\n')
	}
	p.WriteByte('}')
}

func (p *printer) inputFields(t *Type) {
	p.WriteString(" {\n")
	for _, v := range t.InputFields {
		if v.Inaccessible {
			continue
		}
		p.description("  ", v.Description)
		p.WriteString("  ")
		p.inputValue(v)
		p.WriteByte('\n')
	}
	p.WriteByte('}')
}

// args prints arguments: on one line, or, if one has a description, on a line each.
func (p *printer) args(indent string, all []*InputValue) {
	var args []*InputValue
	described := false
	for _, a := range all {
		if !a.Inaccessible {
			args = append(args, a)
			described = described || a.Description != ""
		}
	}
	if len(args) == 0 {
		return
	}
	p.WriteByte('(')
	for i, a := range args {
		switch {
		case described:
			p.WriteByte('\n')
			p.description(indent+"  ", a.Description)
			p.WriteString(indent + "  ")
		case i > 0:
			p.WriteString(", ")
		}
		p.inputValue(a)
	}
	if described {
		p.WriteString("\n" + indent)
	}
	p.WriteByte(')')
}

func (p *printer) inputValue(v *InputValue) {
	p.WriteString(v.Name + ": " + v.Type.String())
	if v.Default != nil {
		p.WriteString(" = " + *v.Default)
	}
	p.deprecated(v.Deprecated)
}

func (p *printer) deprecated(reason *string) {
	if reason != nil {
		p.WriteString(" @deprecated(reason: " + string(appendQuoted(nil, *reason)) + ")")
	}
}

// description prints a description on lines of its own: as a block string, or as a plain one where the text has
// something that parsers read differently in block strings.
func (p *printer) description(indent, text string) {
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	if !fitsBlock(lines) {
		p.WriteString(indent + string(appendQuoted(nil, text)) + "\n")
		return
	}
	p.WriteString(indent + `"""` + "\n")
	for _, line := range lines {
		if line != "" {
			p.WriteString(indent + line)
		}
		p.WriteByte('\n')
	}
	p.WriteString(indent + `"""` + "\n")
}

// fitsBlock tells whether lines are the same again after they were printed and read as a block string.
func fitsBlock(lines []string) bool {
	for i, line := range lines {
		trimmed := strings.Trim(line, " \t")
		edge := i == 0 || i == len(lines)-1
		if edge && trimmed == "" || trimmed == "" && line != "" || i == 0 && trimmed[0] != line[0] {
			return false
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' && r != '\t' || r == 0x7F }) {
			return false
		}
	}
	return true
}
