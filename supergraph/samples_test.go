package supergraph_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/astparser"
	"github.com/wundergraph/graphql-go-tools/v2/pkg/asttransform"

	"github.com/gatehouse-graphql/gatehouse/internal/golden"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// TestSamples loads composed supergraphs: shop, rich, context and fed1 are what @theguild/federation-composition made
// of small subgraphs, the others are written by hand in the style of other composers and older versions.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.graphql")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := load(t, file)
			name := strings.TrimSuffix(file, ".graphql")
			golden.Assert(t, name+".txt", s.String())
			golden.Assert(t, name+".api.txt", s.API)
			checkSchema(t, s)
		})
	}
}

// TestExamples loads the supergraphs of the examples.
func TestExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../examples/subgraphs/supergraph*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		checkSchema(t, load(t, file))
	}
}

func load(t *testing.T, file string) *supergraph.Schema {
	t.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(sdl))
}

// checkSchema checks what holds for each schema: what Schema's comments promise, and that clients' tools can read API.
func checkSchema(t *testing.T, s *supergraph.Schema) {
	t.Helper()
	checkLengths(t, s)
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "API", Input: s.API})
	if err != nil {
		t.Errorf("gqlparser: %v\n%s", err, s.API)
		return
	}
	for _, want := range s.Types {
		def := parsed.Types[want.Name]
		if (def == nil) != want.Inaccessible {
			t.Errorf("%s: visible to clients: %t", want.Name, def != nil)
		}
		if def != nil && def.Description != want.Description && !def.BuiltIn {
			t.Errorf("%s: description %q became %q", want.Name, want.Description, def.Description)
		}
	}
	doc, report := astparser.ParseGraphqlDocumentString(s.API)
	if report.HasErrors() {
		t.Errorf("graphql-go-tools: %s\n%s", report.Error(), s.API)
		return
	}
	if err := asttransform.MergeDefinitionWithBaseSchema(&doc); err != nil {
		t.Errorf("graphql-go-tools: %v\n%s", err, s.API)
	}
}

func checkLengths(t *testing.T, s *supergraph.Schema) {
	t.Helper()
	n := len(s.Subgraphs) + 1
	all := append([]*supergraph.Type{s.Type("__Schema"), s.Type("__TypeKind"), s.Type("String")}, s.Types...)
	for i, ty := range all {
		if ty == nil || s.Type(ty.Name) != ty || len(ty.In) != n || i > 3 && s.Types[i-4].Name >= ty.Name {
			t.Fatalf("%+v", ty)
		}
		fields := ty.Fields
		if ty.IsComposite() {
			typename := ty.Field("__typename")
			fields = append([]*supergraph.Field{typename}, fields...)
			if !typename.IsTypename() || typename.Type.String() != "String!" {
				t.Errorf("%+v", typename)
			}
		}
		for _, f := range fields {
			if ty.Field(f.Name) != f || f.Parent != ty || len(f.In) != n || f.Type.Named == nil {
				t.Errorf("%+v", f)
			}
			for i, in := range f.In {
				if in != nil && (in.Subgraph.Index != i || in.Type.Named == nil || f.IsTypename() || ty.In[i] == nil) {
					t.Errorf("%s: %+v", f.Coordinate(), in)
				}
			}
		}
	}
}
