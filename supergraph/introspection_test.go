package supergraph_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

func TestIntrospection(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+query)
	own := s.Introspection.Index
	if own != len(s.Subgraphs) {
		t.Errorf("index %d", own)
	}
	for name, want := range map[string]string{"__schema": "__Schema!", "__type": "__Type"} {
		f := s.Query.Field(name)
		if f == nil || f.Type.String() != want || f.In[own] == nil || f.In[own].Subgraph != s.Introspection {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if arg := s.Query.Field("__type").Arg("name"); arg == nil || arg.Type.String() != "String!" {
		t.Errorf("%+v", arg)
	}
	if s.Query.In[own] == nil || len(s.Query.Fields) != 1 {
		t.Error("the introspection subgraph must know the query type, and the meta fields are not among its fields")
	}
	for name := range strings.FieldsSeq("__Schema __Type __Field __InputValue __EnumValue __Directive __TypeKind __DirectiveLocation") {
		ty := s.Type(name)
		if ty == nil || !ty.Introspection || ty.In[own] == nil || ty.In[0] != nil {
			t.Fatalf("%s: %+v", name, ty)
		}
		for _, f := range ty.Fields {
			if f.In[own] == nil || f.In[0] != nil {
				t.Errorf("%s", f.Coordinate())
			}
		}
	}
	for _, ty := range s.Types {
		if strings.HasPrefix(ty.Name, "__") {
			t.Errorf("%s is among Schema.Types", ty.Name)
		}
	}
	var names []string
	for _, d := range s.Directives {
		names = append(names, d.Name)
	}
	if got := strings.Join(names, " "); got != "deprecated include oneOf skip specifiedBy" {
		t.Error(got)
	}
}

// TestIntrospectionTypes compares with what another implementation has.
func TestIntrospectionTypes(t *testing.T) {
	t.Parallel()
	s := mustParse(t, header+graphs+query)
	other, err := validator.LoadSchema(validator.Prelude, &ast.Source{Input: s.API})
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range other.Types {
		if !strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range def.Fields {
			ours := s.Type(name).Field(f.Name)
			if ours == nil || ours.Type.String() != f.Type.String() {
				t.Errorf("%s.%s: %v, not %s", name, f.Name, ours, f.Type)
				continue
			}
			for _, a := range f.Arguments {
				if ours.Arg(a.Name) == nil {
					t.Errorf("%s.%s(%s:)", name, f.Name, a.Name)
				}
			}
		}
		for _, v := range s.Type(name).EnumValues { // it has more: a location of a later draft
			if def.EnumValues.ForName(v.Name) == nil {
				t.Errorf("%s.%s", name, v.Name)
			}
		}
	}
}
