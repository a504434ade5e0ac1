package subgraphs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// concrete rewrites a document for the monolith: graphql-go (v1.11) panics on fragments whose type condition is possible
// at a place only through another abstract type. Every selection set is written once for each object type that can stand
// there, with what applies to that type; directives stay on the fragments that have them. It shares nothing with the gateway.
func concrete(t *testing.T, schema *ast.Schema, document string) string {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schema, document, nil)
	if errs != nil {
		t.Fatalf("%v in %s", errs, document)
	}
	op := doc.Operations[0]
	body := concreter{&strings.Builder{}, schema}
	body.directives(op.Directives)
	body.set(op.SelectionSet, schema.Types[rootName(schema, op.Operation)])
	head := string(op.Operation)
	sep := "("
	for _, v := range op.VariableDefinitions {
		if !regexp.MustCompile(`\$` + v.Variable + `\b`).MatchString(body.String()) {
			continue // all that used it is impossible
		}
		head += sep + "$" + v.Variable + ":" + v.Type.String()
		if v.DefaultValue != nil {
			head += "=" + v.DefaultValue.String()
		}
		sep = ","
	}
	if sep == "," {
		head += ")"
	}
	return head + body.String()
}

func rootName(schema *ast.Schema, op ast.Operation) string {
	if op == ast.Mutation {
		return schema.Mutation.Name
	}
	return schema.Query.Name
}

type concreter struct {
	*strings.Builder
	schema *ast.Schema
}

// set writes a selection set of the type.
func (c concreter) set(set ast.SelectionSet, on *ast.Definition) {
	c.WriteByte('{')
	if on.IsAbstractType() {
		for _, t := range c.schema.GetPossibleTypes(on) {
			c.fragment(set, t, nil)
		}
	} else {
		c.selections(set, on)
	}
	c.WriteByte('}')
}

func (c concreter) fragment(set ast.SelectionSet, on *ast.Definition, directives ast.DirectiveList) {
	c.WriteString("...on " + on.Name)
	c.directives(directives)
	c.WriteByte('{')
	c.selections(set, on)
	c.WriteByte('}')
}

// selections writes what applies to objects of the type.
func (c concreter) selections(set ast.SelectionSet, on *ast.Definition) {
	c.WriteString("_:__typename @skip(if:true)") // a set is never empty, and no field of ours has this alias
	for _, s := range set {
		c.WriteByte(' ')
		switch s := s.(type) {
		case *ast.Field:
			c.field(s, on)
		case *ast.InlineFragment:
			if s.TypeCondition == "" || c.applies(s.TypeCondition, on) {
				c.fragment(s.SelectionSet, on, s.Directives)
			}
		case *ast.FragmentSpread:
			if c.applies(s.Definition.TypeCondition, on) {
				c.fragment(s.Definition.SelectionSet, on, s.Directives)
			}
		}
	}
}

func (c concreter) applies(condition string, on *ast.Definition) bool {
	return condition == on.Name || slices.Contains(c.schema.GetPossibleTypes(c.schema.Types[condition]), on)
}

func (c concreter) field(f *ast.Field, on *ast.Definition) {
	c.WriteString(f.Alias + ":" + f.Name)
	c.arguments(f.Arguments)
	c.directives(f.Directives)
	if len(f.SelectionSet) > 0 {
		c.set(f.SelectionSet, c.schema.Types[on.Fields.ForName(f.Name).Type.Name()])
	}
}

func (c concreter) arguments(arguments ast.ArgumentList) {
	for i, a := range arguments {
		fmt.Fprintf(c, "%s%s:%s", []string{"(", ", "}[min(i, 1)], a.Name, a.Value)
	}
	if len(arguments) > 0 {
		c.WriteByte(')')
	}
}

func (c concreter) directives(directives ast.DirectiveList) {
	for _, d := range directives {
		c.WriteString(" @" + d.Name)
		c.arguments(d.Arguments)
	}
}
