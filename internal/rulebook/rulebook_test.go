package rulebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gatehouse-graphql/gatehouse/gateway/gatewaytest"
)

// composers are those whose supergraphs are in testdata/<composer>.
var composers = []string{"apollo", "guild"}

// TestCases runs the operations of each case over the supergraphs of both composers.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range readCases(t) {
		for _, composer := range composers {
			t.Run(c.name+"/"+composer, func(t *testing.T) {
				t.Parallel()
				run(t, c, composer)
			})
		}
	}
}

func readCases(t *testing.T) []*fedCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	var list []*fedCase
	for _, file := range files {
		c, err := readCase(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func supergraphFile(c *fedCase, composer string) string {
	return filepath.Join("testdata", composer, c.name+".graphql")
}

func run(t *testing.T, c *fedCase, composer string) {
	t.Helper()
	sdl, err := os.ReadFile(supergraphFile(c, composer))
	if errors.Is(err, fs.ErrNotExist) {
		refusal, err := os.ReadFile(strings.TrimSuffix(supergraphFile(c, composer), ".graphql") + ".refused")
		if err != nil {
			t.Fatal("not composed")
		}
		t.Skipf("the composer refuses: %s", refusal)
	}
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, c, sdl)
	for _, r := range c.operations {
		b.check(t, r)
	}
}

func newBench(t *testing.T, c *fedCase, supergraph []byte) *bench {
	t.Helper()
	w, err := newWorld(c)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{order: &order{}}
	handlers := map[string]http.Handler{}
	for _, p := range w.parts {
		s := &server{world: w, part: p, order: b.order}
		b.servers, handlers[p.name] = append(b.servers, s), s
	}
	b.gateway = gatewaytest.New(t, string(supergraph), handlers)
	return b
}

// bench is a gateway in front of the subgraphs of a case.
type bench struct {
	gateway *gatewaytest.Gateway
	servers []*server
	order   *order
}

func (b *bench) check(t *testing.T, r *request) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": r.document, "variables": json.RawMessage(r.variables)})
	if err != nil {
		t.Fatalf("%v: %s", err, r.variables)
	}
	_, answer := b.gateway.Post(t, string(body))
	var asked, requests, problems []string
	for _, q := range b.gateway.Requests() {
		asked = append(asked, q.Subgraph)
		requests = append(requests, q.Subgraph+" "+q.Body)
	}
	for _, s := range b.servers {
		problems = append(problems, s.drain()...)
	}
	want := strings.Fields(r.fetches)
	slices.Sort(asked)
	slices.Sort(want)
	if !slices.Equal(asked, want) {
		problems = append(problems, "asked "+strings.Join(asked, " ")+", want "+strings.Join(want, " "))
	}
	if got, want := b.order.drain(), r.mutations(t); len(asked) > 0 && !slices.Equal(got, want) {
		problems = append(problems, "executed "+strings.Join(got, " ")+", want "+strings.Join(want, " "))
	}
	if !reflect.DeepEqual(essence(t, answer), essence(t, r.answer)) {
		problems = append(problems, "got  "+strings.TrimSpace(answer)+"\nwant "+compact(r.answer))
	} else if text := compact(r.answer); !strings.Contains(text, `"errors":`) && strings.TrimSpace(answer) != text {
		problems = append(problems, "fields in another order: got  "+answer+"\nwant "+text)
	}
	if len(problems) > 0 {
		t.Errorf("%s\n%s\n%s", r.document, strings.Join(problems, "\n"), strings.Join(requests, "\n"))
	}
}

// mutations are the root fields of a mutation, in order.
func (r *request) mutations(t *testing.T) []string {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: r.document})
	if err != nil {
		t.Fatal(err)
	}
	if doc.Operations[0].Operation != ast.Mutation {
		return nil
	}
	var list []string
	keys := map[string]bool{}
	var walk func(set ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if s.Name != "__typename" && !keys[s.Alias] {
					keys[s.Alias] = true
					list = append(list, s.Name)
				}
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				walk(doc.Fragments.ForName(s.Name).SelectionSet)
			}
		}
	}
	walk(doc.Operations[0].SelectionSet)
	return list
}

func compact(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		return text
	}
	return b.String()
}

// essence is what counts of an answer: all of the data, of errors only path and code.
func essence(t *testing.T, answer string) any {
	t.Helper()
	var out struct {
		Data   any
		Errors []struct {
			Path       []any
			Extensions struct{ Code string }
		}
	}
	decoder := json.NewDecoder(strings.NewReader(answer))
	decoder.UseNumber()
	if err := decoder.Decode(&out); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return out
}
