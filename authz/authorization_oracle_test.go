package authz

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// oracle decides about operations as the client wrote them, with another parser, field by field, and with nothing that the
// package computes before: it is the specification, written down slowly.
type oracle struct {
	api *ast.Schema
	// rules by coordinate; requires are the fields that the @requires of a field names, by coordinate.
	rules    map[string]*supergraph.Rule
	requires map[string][]string
	caller   oracleCaller
	// known are decisions about the caller, so that the oracle is slow and not hopeless.
	known map[string]bool
}

type oracleCaller struct {
	known, admin     bool
	scopes, policies map[string]bool
}

func newOracle(tb testing.TB, sdl []byte, api string) *oracle {
	tb.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: api})
	if err != nil {
		tb.Fatal(err)
	}
	o := &oracle{api: schema, requires: map[string][]string{}}
	raw, err := parser.ParseSchema(&ast.Source{Input: string(sdl)})
	if err != nil {
		tb.Fatal(err)
	}
	for _, d := range raw.Definitions {
		for _, f := range d.Fields {
			for _, join := range f.Directives.ForNames("join__field") {
				if arg := join.Arguments.ForName("requires"); arg != nil {
					o.addRequired(tb, raw, d.Name+"."+f.Name, d.Name, arg.Value.Raw)
				}
			}
		}
	}
	return o
}

// addRequired notes the coordinates that a field set names.
func (o *oracle) addRequired(tb testing.TB, raw *ast.SchemaDocument, of, on, text string) {
	tb.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: "{" + text + "}"})
	if err != nil {
		tb.Fatal(err)
	}
	var walk func(set ast.SelectionSet, on string)
	walk = func(set ast.SelectionSet, on string) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				o.requires[of] = append(o.requires[of], on+"."+s.Name)
				walk(s.SelectionSet, raw.Definitions.ForName(on).Fields.ForName(s.Name).Type.Name())
			case *ast.InlineFragment:
				walk(s.SelectionSet, s.TypeCondition)
			}
		}
	}
	walk(doc.Operations[0].SelectionSet, on)
}

// holds decides about what stands on one element.
func (o *oracle) holds(element string) bool {
	r := o.rules[element]
	if r == nil {
		return true
	}
	c := o.caller
	ok := true
	if r.Authenticated || r.Scopes != nil {
		ok = c.known || c.admin
	}
	anyOf := func(lists [][]string, has map[string]bool) bool {
		for _, all := range lists {
			count := 0
			for _, name := range all {
				if has[name] || c.admin {
					count++
				}
			}
			if count == len(all) && count > 0 {
				return true
			}
		}
		return false
	}
	if r.Scopes != nil {
		ok = ok && anyOf(r.Scopes, c.scopes)
	}
	if r.Policies != nil {
		ok = ok && anyOf(r.Policies, c.policies)
	}
	return ok
}

// allowed decides about selecting a field on a type.
func (o *oracle) allowed(on, field string) bool {
	ok, known := o.known[on+"."+field]
	if !known {
		ok = o.decide(on, field, map[string]bool{})
		o.known[on+"."+field] = ok
	}
	return ok
}

func (o *oracle) decide(on, field string, seen map[string]bool) bool {
	coordinate := on + "." + field
	def := o.api.Types[on]
	f := def.Fields.ForName(field)
	if seen[coordinate] || field == "__typename" || strings.HasPrefix(on, "__") || strings.HasPrefix(field, "__") {
		return true
	}
	seen[coordinate] = true
	ok := o.holds(on) && o.holds(coordinate) && (f == nil || o.holds(f.Type.Name()))
	needs := o.requires[coordinate]
	for _, i := range def.Interfaces {
		if o.api.Types[i].Fields.ForName(field) != nil {
			ok = ok && o.holds(i) && o.holds(i+"."+field)
			needs = append(slices.Clone(needs), o.requires[i+"."+field]...)
		}
	}
	for _, need := range needs {
		on, field, _ := strings.Cut(need, ".")
		ok = ok && o.decide(on, field, seen)
	}
	if def.Kind == ast.Interface {
		for _, t := range o.api.PossibleTypes[on] {
			ok = ok && o.decide(t.Name, field, seen)
		}
	}
	return ok
}

// oracleWalk is one walk over an operation.
type oracleWalk struct {
	*oracle

	doc             *ast.QueryDocument
	variables       map[string]any
	denied, allowed map[string]bool // paths, with a * behind the key where a list is on the way
}

func (w *oracleWalk) set(set ast.SelectionSet, on string, possible map[string]bool, path string, listed bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if w.included(s.Directives) {
				w.field(s, on, path, listed)
			}
		case *ast.InlineFragment:
			if w.included(s.Directives) {
				condition := s.TypeCondition
				if condition == "" {
					condition = on
				}
				w.fragment(s.SelectionSet, on, condition, possible, path, listed)
			}
		case *ast.FragmentSpread:
			if w.included(s.Directives) {
				f := w.doc.Fragments.ForName(s.Name)
				w.fragment(f.SelectionSet, on, f.TypeCondition, possible, path, listed)
			}
		}
	}
}

// fragment narrows the type, unless it says less than what is known. One that no object can satisfy selects nothing.
func (w *oracleWalk) fragment(set ast.SelectionSet, on, condition string, possible map[string]bool, path string, listed bool) {
	narrowed := map[string]bool{}
	for _, t := range w.api.PossibleTypes[condition] {
		if possible[t.Name] {
			narrowed[t.Name] = true
		}
	}
	if len(narrowed) == 0 {
		return
	}
	known := on == condition
	for _, other := range w.api.Implements[on] {
		known = known || other.Name == condition
	}
	if !known {
		on = condition
	}
	w.set(set, on, narrowed, path, listed)
}

func (w *oracleWalk) field(s *ast.Field, on, path string, listed bool) {
	path = strings.TrimPrefix(path+"."+s.Alias, ".")
	mark := path
	if listed {
		mark += "*"
	}
	if !w.oracle.allowed(on, s.Name) {
		w.denied[mark] = true
		return
	}
	w.allowed[mark] = true
	if f := w.api.Types[on].Fields.ForName(s.Name); f != nil && len(s.SelectionSet) > 0 {
		w.set(s.SelectionSet, f.Type.Name(), w.possible(f.Type.Name()), path, listed || f.Type.Elem != nil)
	}
}

func (w *oracleWalk) possible(of string) map[string]bool {
	all := map[string]bool{}
	for _, t := range w.api.PossibleTypes[of] {
		all[t.Name] = true
	}
	return all
}

func (w *oracleWalk) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		v := d.Arguments.ForName("if").Value
		value := v.Raw == "true"
		if v.Kind == ast.Variable {
			given, ok := w.variables[v.Raw]
			value = given == true
			if !ok {
				def := w.doc.Operations[0].VariableDefinitions.ForName(v.Raw).DefaultValue
				value = def != nil && def.Raw == "true"
			}
		}
		if value == (d.Name == "skip") {
			return false
		}
	}
	return true
}

// randomRules puts rules on some elements of a schema and returns them by coordinate.
func randomRules(r *rand.Rand, schema *supergraph.Schema) map[string]*supergraph.Rule {
	rules := map[string]*supergraph.Rule{}
	lists := func(names string) [][]string {
		all := [][]string{}
		for range 1 + r.IntN(2) {
			var one []string
			for range 1 + r.IntN(2) {
				one = append(one, string(names[r.IntN(len(names))]))
			}
			all = append(all, one)
		}
		switch r.IntN(12) {
		case 0:
			return [][]string{}
		case 1:
			return append(all, []string{})
		}
		return all
	}
	rule := func(percent int) *supergraph.Rule {
		if r.IntN(100) >= percent {
			return nil
		}
		one := &supergraph.Rule{}
		switch r.IntN(4) {
		case 0:
			one.Authenticated = true
		case 1:
			one.Scopes = lists("abc")
		case 2:
			one.Policies = lists("xyz")
		case 3:
			one.Scopes, one.Policies, one.Authenticated = lists("abc"), lists("xyz"), r.IntN(2) == 0
		}
		return one
	}
	percent := 1 + r.IntN(12)
	for _, t := range schema.Types {
		t.Rule = nil
		if t.Kind != supergraph.Union && t.Kind != supergraph.InputObject && t != schema.Query && !t.Inaccessible {
			t.Rule = rule(percent / 2)
			rules[t.Name] = t.Rule
		}
		for _, f := range t.Fields {
			if f.Rule = nil; !t.Inaccessible {
				f.Rule = rule(percent)
				rules[string(f.Coordinate())] = f.Rule
			}
		}
	}
	return rules
}

// randomCaller returns the same caller for the package and for the oracle.
func randomCaller(tb testing.TB, r *rand.Rand) (Identity, oracleCaller) {
	tb.Helper()
	c := oracleCaller{scopes: map[string]bool{}, policies: map[string]bool{"open": true}}
	switch r.IntN(10) {
	case 0:
		return Identity{}, c
	case 1:
		c.admin = true
		return Identity{Admin: true}, c
	}
	c.known = true
	text := "-"
	for name := range strings.FieldsSeq("a b c x y z") {
		if r.IntN(100) < 60 {
			if name < "x" {
				c.scopes[name] = true
				text += " " + name
			} else {
				c.policies[name] = true
				text += " p:" + name
			}
		}
	}
	return as(tb, text), c
}

// TestOracle compares, on random operations with random rules and callers, what the package denies and leaves with what the
// oracle says.
func TestOracle(t *testing.T) {
	t.Parallel()
	rounds := 26
	if os.Getenv("GATEHOUSE_LONG") != "" {
		rounds = 500
	}
	for _, file := range []string{"../examples/subgraphs/supergraph.graphql", "../operation/testdata/rules.graphql"} {
		sdl, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			denials, operations := 0, 0
			schema, err := supergraph.Parse(sdl)
			if err != nil {
				t.Fatal(err)
			}
			p, err := operation.New(schema, operation.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			o := newOracle(t, sdl, schema.API)
			g := opgen.New(schema, 7, opgen.Options{Mutations: 10, Nulls: true})
			for round := range rounds {
				r := rand.New(rand.NewPCG(uint64(round), 1))
				o.rules = randomRules(r, schema)
				a := authorizer(t, schema, AuthorizationConfig{})
				for n := range 100 {
					document, variables := g.Next()
					op, err := p.Prepare(t.Context(), []byte(document), "")
					if err != nil {
						continue // opgen has tests of its own
					}
					var caller Identity
					caller, o.caller = randomCaller(t, r)
					o.known = map[string]bool{}
					permitted, denied := decided(t, a, op, string(variables), caller)
					operations++
					denials += len(denied)
					if problem := o.compare(t, document, variables, permitted, denied); problem != "" {
						t.Fatalf("round %d, operation %d, caller %+v: %s\n%s\n%s\n%s", round, n, o.caller, problem, document, variables, permitted.Text())
					}
				}
			}
			t.Logf("%d operations, %d denials", operations, denials)
			if operations < rounds*99 || denials < operations/3 {
				t.Errorf("only %d operations and %d denials", operations, denials)
			}
		})
	}
}

// compare returns what differs.
func (o *oracle) compare(tb testing.TB, document string, variables []byte, permitted operation.Permitted, denials []Denial) string {
	tb.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: document})
	if err != nil {
		tb.Fatal(err)
	}
	w := &oracleWalk{oracle: o, doc: doc, denied: map[string]bool{}, allowed: map[string]bool{}}
	if err := json.Unmarshal(variables, &w.variables); err != nil {
		tb.Fatal(err)
	}
	root := o.api.Query
	if doc.Operations[0].Operation == ast.Mutation {
		root = o.api.Mutation
	}
	w.set(doc.Operations[0].SelectionSet, root.Name, w.possible(root.Name), "", false)
	got := map[string]bool{}
	for _, d := range denials {
		path := d.AffectedPath()
		if d.Listed {
			path += "*"
		}
		got[path] = true
		if (d.GraphQLError(false).Path == nil) != d.Listed || d.Anonymous != (!o.caller.known && !o.caller.admin) || len(d.Unmet) == 0 {
			return fmt.Sprintf("the denial %+v", d)
		}
	}
	if text := differ(got, w.denied); text != "" {
		return "denied: " + text
	}
	fetched, answered, null := map[string]bool{}, map[string]bool{}, map[string]bool{}
	if problem := o.collect(permitted.Selections(), "", false, fetched, null); problem != "" || len(null) > 0 {
		return problem + " (selections)"
	}
	if problem := o.collect(permitted.Response(), "", false, answered, null); problem != "" {
		return problem
	}
	if text := differ(fetched, answered); text != "" {
		return "fetched and answered: " + text
	}
	for path := range answered {
		if !w.allowed[path] {
			return path + " is answered"
		}
	}
	for path := range w.allowed {
		if !answered[path] && !o.excused(strings.TrimSuffix(path, "*"), null, w.denied) {
			return path + " is not answered"
		}
	}
	return ""
}

// excused tells whether an allowed path may be absent: something at or above it is null, and something non-null that is
// denied stands somewhere below that, or at the root.
func (o *oracle) excused(path string, null, denied map[string]bool) bool {
	for n := range null {
		n = strings.TrimSuffix(n, "*")
		if path != n && !strings.HasPrefix(path, n+".") {
			continue
		}
		for d := range denied {
			if strings.HasPrefix(d, n+".") || !strings.Contains(n, ".") {
				return true
			}
		}
	}
	return false
}

// collect adds the paths of fields, in null those that are denied, and returns a field that is there and must not be.
func (o *oracle) collect(sub []operation.Selection, path string, listed bool, found, null map[string]bool) string {
	for _, s := range sub {
		problem := ""
		switch s := s.(type) {
		case *operation.Fragment:
			problem = o.collect(s.Sub, path, listed, found, null)
		case *operation.Field:
			path := strings.TrimPrefix(path+"."+string(s.Key), ".")
			mark := path
			if listed {
				mark += "*"
			}
			if s.Denied {
				null[mark] = true
				continue
			}
			found[mark] = true
			if !o.allowed(s.Def.Parent.Name, s.Def.Name) {
				return string(s.Def.Coordinate()) + " is left"
			}
			problem = o.collect(s.Sub, path, listed || s.Def.Type.Elem != nil, found, null)
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}

func differ(got, want map[string]bool) string {
	var text []string
	for path := range got {
		if !want[path] {
			text = append(text, "+"+path)
		}
	}
	for path := range want {
		if !got[path] {
			text = append(text, "-"+path)
		}
	}
	slices.Sort(text)
	return strings.Join(text, " ")
}
