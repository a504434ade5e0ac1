package shop_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/ast"
)

const introspection = `{__schema{types{name kind fields(includeDeprecated:true){name type{...T} args{name defaultValue type{...T}}}
	inputFields{name defaultValue type{...T}} enumValues(includeDeprecated:true){name} possibleTypes{name}}}}
	fragment T on __Type{name kind ofType{name kind ofType{name kind ofType{name kind ofType{name kind ofType{name kind}}}}}}`

type typeRef struct {
	Name, Kind string
	OfType     *typeRef
}

func (r *typeRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	default:
		return r.Name
	}
}

type inputValue struct {
	Name         string
	DefaultValue *string
	Type         typeRef
}

func (v inputValue) String() string {
	text := v.Name + ":" + v.Type.String()
	if v.DefaultValue != nil {
		text += "=" + strings.NewReplacer(" ", "", ",", "").Replace(*v.DefaultValue)
	}
	return text
}

// lines returns what an introspected schema offers: a line for each field with its arguments and type, for each enum value and member.
func lines(t *testing.T, introspected []byte) map[string]bool {
	t.Helper()
	var schema struct {
		Schema struct {
			Types []struct {
				Name, Kind string
				Fields     []struct {
					Name string
					Type typeRef
					Args []inputValue
				}
				InputFields               []inputValue
				EnumValues, PossibleTypes []struct{ Name string }
			}
		} `json:"__schema"`
	}
	if err := json.Unmarshal(introspected, &schema); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, definition := range schema.Schema.Types {
		if strings.Contains(definition.Name, "__") || strings.HasPrefix(definition.Name, "_") {
			continue
		}
		prefix := definition.Name + "."
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "_") {
				continue
			}
			line := prefix + field.Name + "("
			for _, arg := range field.Args {
				line += arg.String() + " "
			}
			found[line+"):"+field.Type.String()] = true
		}
		for _, field := range definition.InputFields {
			found[prefix+field.String()] = true
		}
		for _, value := range definition.EnumValues {
			found[prefix+value.Name] = true
		}
		for _, possible := range definition.PossibleTypes {
			found[prefix+"is "+possible.Name] = true
		}
	}
	return found
}

// loadLines returns the lines of a schema file, and the fields in it that are @inaccessible, as "Type.field".
func loadLines(t *testing.T, file string) (offered map[string]bool, inaccessible []string) {
	t.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := graphql.ParseSchema(string(sdl), nil, graphql.UseStringDescriptions())
	if err != nil {
		t.Fatal(err)
	}
	introspected, err := schema.ToJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range schema.AST().Objects {
		for _, field := range object.Fields {
			if field.Directives.Get("inaccessible") != nil {
				inaccessible = append(inaccessible, object.Name+"."+field.Name)
			}
		}
	}
	return lines(t, introspected), inaccessible
}

func subgraphLines(t *testing.T, url string) map[string]bool {
	t.Helper()
	var answer struct{ Data json.RawMessage }
	if err := json.Unmarshal([]byte(ask(t, url, introspection, nil)), &answer); err != nil {
		t.Fatal(err)
	}
	return lines(t, answer.Data)
}

// TestSupergraphHasEveryField is the cheap test that the supergraphs were composed after the last change of an SDL.
func TestSupergraphHasEveryField(t *testing.T) {
	urls := start(t)
	for _, file := range []string{"../supergraph.graphql", "../supergraph-open.graphql"} {
		supergraph, _ := loadLines(t, file)
		known := map[string]bool{}
		for _, name := range []string{"accounts", "products", "reviews", "inventory"} {
			for line := range subgraphLines(t, urls[name]) {
				known[line] = true
				if !supergraph[line] {
					t.Errorf("%s: %s of %s is missing; see examples/subgraphs/compose", file, line, name)
				}
			}
		}
		// The implementations have the fields of the interface object only in the supergraph.
		for line := range supergraph {
			generic := strings.NewReplacer("Book.", "Media.", "Film.", "Media.").Replace(line)
			if !known[line] && !known[generic] {
				t.Errorf("%s: no subgraph has %s; see examples/subgraphs/compose", file, line)
			}
		}
	}
}

// TestMonolithIsTheSupergraph compares what the monolith and the supergraph offer to clients.
func TestMonolithIsTheSupergraph(t *testing.T) {
	monolith, _ := loadLines(t, "monolith.graphql")
	supergraph, inaccessible := loadLines(t, "../supergraph.graphql")
	maps.DeleteFunc(supergraph, func(line string, _ bool) bool {
		name, _, _ := strings.Cut(line, "(")
		return slices.Contains(inaccessible, name)
	})
	for line := range supergraph {
		if !monolith[line] {
			t.Errorf("the monolith has no %s", line)
		}
	}
	for line := range monolith {
		if !supergraph[line] {
			t.Errorf("the supergraph has no %s", line)
		}
	}
}

// TestAuthDirectives names what is protected. The open supergraph has none of it.
func TestAuthDirectives(t *testing.T) {
	want := []string{
		"Address @authenticated", "Mutation.addReply @authenticated", "Mutation.addReview @authenticated",
		"Mutation.deleteReview @requiresScopes", "Mutation.setPrice @requiresScopes", "Mutation.setRole @requiresScopes",
		"Mutation.setStock @requiresScopes", "Mutation.updateProfile @authenticated", "Product.cost @policy",
		"Query.me @authenticated", "User.email @requiresScopes",
	}
	if got := authDirectives(t, "../supergraph.graphql"); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := authDirectives(t, "../supergraph-open.graphql"); len(got) > 0 {
		t.Errorf("open: %q", got)
	}
}

func authDirectives(t *testing.T, file string) []string {
	t.Helper()
	sdl, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := graphql.ParseSchema(string(sdl), nil, graphql.UseStringDescriptions())
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	add := func(coordinate string, directives ast.DirectiveList) {
		for _, directive := range directives {
			if slices.Contains([]string{"authenticated", "requiresScopes", "policy"}, directive.Name.Name) {
				found = append(found, coordinate+" @"+directive.Name.Name)
			}
		}
	}
	for _, object := range schema.AST().Objects {
		add(object.Name, object.Directives)
		for _, field := range object.Fields {
			add(object.Name+"."+field.Name, field.Directives)
		}
	}
	slices.Sort(found)
	return found
}

// TestRecompose composes anew and compares. It needs Node and, once, npm install.
func TestRecompose(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed; composing needs it")
	}
	if _, err := os.Stat("../compose/node_modules"); err != nil {
		t.Skip("the composer is not installed; run: npm install --prefix examples/subgraphs/compose")
	}
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), node, "compose.mjs", folder)
	command.Dir = "../compose"
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, name := range []string{"supergraph.graphql", "supergraph-open.graphql"} {
		composed, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(composed) != string(committed) {
			t.Errorf("%s is stale; run: npm run compose --prefix examples/subgraphs/compose", name)
		}
	}
}
