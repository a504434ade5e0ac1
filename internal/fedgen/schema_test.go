package fedgen

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// checkSchema holds what clients see of the gateway's schema against the uncut one: random operations are made from the gateway's, and
// so do not ask for what it lacks.
func (g *gateway) checkSchema() string {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "API", Input: g.schema.API})
	if err != nil {
		return err.Error()
	}
	got, want := visible(schema), visible(g.servers.world.public)
	without := func(list, other []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) }), "; ")
	}
	if lacks, has := without(want, got), without(got, want); lacks+has != "" {
		return "lacks: " + lacks + "\nhas: " + has
	}
	return ""
}

// visible is everything in a schema that clients may name, a line each.
func visible(schema *ast.Schema) []string {
	var list []string
	for _, name := range sortedKeys(schema.Types) {
		t := schema.Types[name]
		if t.BuiltIn {
			continue
		}
		list = append(list, string(t.Kind)+" "+name)
		for _, i := range t.Interfaces {
			list = append(list, name+" implements "+i)
		}
		for _, member := range schema.GetPossibleTypes(t) {
			list = append(list, name+" can be "+member.Name)
		}
		for _, v := range t.EnumValues {
			list = append(list, name+"."+v.Name)
		}
		for _, f := range t.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			list = append(list, name+"."+f.Name+": "+f.Type.String()+defaultSDL(f.DefaultValue))
			for _, a := range f.Arguments {
				list = append(list, name+"."+f.Name+"("+a.Name+": "+a.Type.String()+defaultSDL(a.DefaultValue)+")")
			}
		}
	}
	return list
}

// TestVisible: a difference in anything that clients may name is noticed.
func TestVisible(t *testing.T) {
	t.Parallel()
	lines := func(sdl string) string {
		schema, err := gqlparser.LoadSchema(&ast.Source{Input: sdl})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(visible(schema), "\n")
	}
	const sdl = `type Query { a(of: Int = 1, by: In): E b: U c: I } interface I { d: ID } interface J { d: ID } type A implements I & J { d: ID }
type B { d: ID } union U = A | B enum E { X Y } input In { x: Int = 3 y: Int } scalar S`
	for _, change := range []string{"of: Int = 1,/", "= 1/= 2", "by: In/by: In!", ": E/: [E]", "b: U/", "& J/", "| B/", "Y/", "= 3/", "y: Int/y: ID", "scalar S/"} {
		from, to, _ := strings.Cut(change, "/")
		if other := strings.Replace(sdl, from, to, 1); other == sdl || lines(other) == lines(sdl) {
			t.Errorf("%s: not noticed", change)
		}
	}
}
