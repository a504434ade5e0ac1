package operation

import (
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Text prints the operation in a canonical form: one selection a line, fragments inline, conditions as directives. Every
// condition that is no variable is listed first. It is for people and golden files.
func (op *Operation) Text() string {
	t := textWriter{op: op}
	for i, c := range op.Conditions {
		if c.Variable < 0 {
			t.WriteString("# condition " + strconv.Itoa(i) + ": override label " + quote(c.Label) + "\n")
		}
	}
	t.head()
	t.selections(op.Sub, 0)
	t.WriteString("\n")
	return t.String()
}

// Text prints what is answered: the operation as it is executed, denied fields marked with a comment.
func (p Permitted) Text() string {
	t := textWriter{op: p.op}
	t.head()
	t.selections(p.response, 0)
	t.WriteString("\n")
	return t.String()
}

// secondText prints the operation for another parser: where nothing is selected, __typename is.
func (op *Operation) secondText() string {
	t := textWriter{op: op, fill: true}
	t.head()
	t.selections(op.Sub, 0)
	return t.String()
}

type textWriter struct {
	strings.Builder
	op *Operation
	// fill: write no empty selection sets, and no indentation.
	fill bool
}

func (t *textWriter) head() {
	t.WriteString(t.op.Kind.String())
	if t.op.Name != "" {
		t.WriteString(" " + t.op.Name)
	}
	for i, v := range t.op.Variables {
		t.WriteString([...]string{"(", ", "}[min(i, 1)] + "$" + v.Name + ": " + v.Type.String())
		if v.literal != "" {
			t.WriteString(" = " + v.literal)
		}
	}
	if len(t.op.Variables) > 0 {
		t.WriteString(")")
	}
	t.WriteString(" ")
}

func (t *textWriter) selections(sub []Selection, depth int) {
	t.WriteString("{\n")
	if t.fill && len(sub) == 0 {
		t.WriteString("__typename ")
	}
	for _, s := range sub {
		t.indent(depth + 1)
		switch s := s.(type) {
		case *Field:
			t.field(s, depth)
		case *Fragment:
			t.WriteString("... on " + s.On.Name)
			t.when(s.When)
			t.WriteString(" ")
			t.selections(s.Sub, depth+1)
		}
		t.WriteString("\n")
	}
	t.indent(depth)
	t.WriteString("}")
}

func (t *textWriter) indent(depth int) {
	if t.fill {
		return
	}
	for range depth {
		t.WriteString("  ")
	}
}

func (t *textWriter) field(f *Field, depth int) {
	if string(f.Key) != f.Def.Name {
		t.WriteString(string(f.Key) + ": ")
	}
	t.WriteString(f.Def.Name)
	t.arguments(f.Args)
	t.when(f.When)
	switch {
	case f.Denied:
		t.WriteString(" # denied")
	case f.Def.Type.Named.IsComposite():
		t.WriteString(" ")
		t.selections(f.Sub, depth+1)
	}
}

func (t *textWriter) arguments(args []supergraph.Argument) {
	for i, a := range args {
		t.WriteString([...]string{"(", ", "}[min(i, 1)] + a.Name + ": " + a.Value)
	}
	if len(args) > 0 {
		t.WriteString(")")
	}
}

func (t *textWriter) when(w When) {
	for _, test := range w {
		c := t.op.Conditions[test.Bit]
		directive := " @skip(if: $"
		if test.Want {
			directive = " @include(if: $"
		}
		t.WriteString(directive + t.op.Variables[c.Variable].Name + ")")
	}
}
