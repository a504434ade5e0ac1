package executor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// servers are the subgraphs of a case. They are strict: what the gateway must not send is noted.
type servers struct {
	*world
	labels []string

	mu         sync.Mutex
	violations []string
	mutations  []string // root fields of mutations in the order in which they were executed
}

func (s *servers) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, fmt.Sprintf(format, args...))
}

// violate notes a violation that the subgraph answers with an error.
func (s *servers) violate(format string, args ...any) error {
	s.note(format, args...)
	return fmt.Errorf(format, args...)
}

func (s *servers) Do(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
	var body struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(append(bytes.Clone(r.Body), '}'), &body); err != nil {
		return nil, s.violate("%s: %v", r.Subgraph.Name, err)
	}
	i := slices.IndexFunc(s.parts, func(p *part) bool { return p.name == string(r.Subgraph.Name) })
	text, err := json.Marshal(s.answer(s.parts[i], body.Query, body.Variables))
	if err != nil {
		return nil, err
	}
	return &upstream.Response{Status: 200, Body: text, Release: func() {}}, nil
}

func (s *servers) answer(p *part, document string, given map[string]any) map[string]any {
	doc, errs := gqlparser.LoadQueryWithRules(p.schema, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		err := s.violate("%s: %v\n%s", p.name, errs, document)
		return map[string]any{"errors": []any{map[string]any{"message": err.Error()}}}
	}
	op := doc.Operations[0]
	for name := range given {
		if op.VariableDefinitions.ForName(name) == nil {
			s.note("%s: the variable %q is not defined", p.name, name)
		}
	}
	if _, err := validator.VariableValues(p.schema, op, given); err != nil {
		s.note("%s: %v", p.name, err)
	}
	e := newExecution(s.world, p, op, given)
	e.strict = s
	response := e.run(op)
	if e.asked == 0 && op.SelectionSet[0].(*ast.Field).Name == "_entities" {
		s.note("%s: a request without representations", p.name)
	}
	return response
}

// execution runs a valid operation for a subgraph or, without strict, for the whole graph.
type execution struct {
	*world
	reference.Execution

	part   *part
	strict *servers
	// asked counts representations.
	asked int
}

func newExecution(w *world, p *part, op *ast.OperationDefinition, given map[string]any) *execution {
	e := &execution{world: w, part: p}
	e.Execution = reference.Execution{Schema: p.schema, Variables: reference.VariableValues(p.schema, op, given), Resolve: e.resolve}
	return e
}

func (e *execution) run(op *ast.OperationDefinition) map[string]any {
	root := "Query"
	if op.Operation == ast.Mutation {
		root = "Mutation"
	}
	out := map[string]any{"data": e.Run(op, &node{object: &object{root, root}, def: e.part.schema.Types[root]})}
	var list []any
	for _, f := range e.Faults {
		list = append(list, map[string]any{"message": f.Message})
	}
	if list != nil {
		out["errors"] = list
	}
	return out
}

// node is an object in an execution.
type node struct {
	*object
	// def is the type that the subgraph takes it for.
	def *ast.Definition
	// provided is what a @provides on the way lets the subgraph resolve here.
	provided ast.SelectionSet
	// representation by which it was asked for; nil when it was not.
	representation map[string]any
	// above is the object whose field led here.
	above *node
}

func (n *node) Typename() string { return n.def.Name }

func (e *execution) resolve(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
	n := parent.(*node)
	if f.Name == "_entities" {
		list, ok := args["representations"].([]any)
		if !ok {
			return nil, e.strict.violate("%s: no representations", e.part.name)
		}
		e.asked += len(list)
		entities := e.strict.entities(e.part, list)
		for _, n := range entities {
			if n, ok := n.(*node); ok && len(e.Groups(n.Typename(), []reference.Place{{Set: f.SelectionSet}})) == 0 {
				e.strict.note("%s: nothing is asked of %s", e.part.name, n.id)
			}
		}
		return entities, nil
	}
	def := n.def.Fields.ForName(f.Name)
	text, computed := e.arguments(n, def, args), ""
	below := reference.FieldSet(def.Directives.ForName("provides"))
	if e.strict != nil {
		given := provided(e.world, n.typ, n.provided, f.Name)
		for _, g := range given {
			below = append(below, g.SelectionSet...)
		}
		if err := e.strict.owned(e.part, n, def, given != nil); err != nil {
			return nil, err
		}
		if set := reference.FieldSet(def.Directives.ForName("requires")); set != nil && given == nil {
			var err error
			if computed, err = e.strict.required(e.part, n, f.Name, set); err != nil {
				return nil, err
			}
		}
	}
	if owner, own := e.owner(n.typ, f.Name); computed == "" && owner != nil {
		if set := reference.FieldSet(own.Directives.ForName("requires")); set != nil {
			computed = e.text(n.object, set)
		}
	}
	return e.nodes(e.settled(n.typ, f.Name, e.value(n.object, f.Name, text, computed)), below, n), nil
}

// settled: for the whole graph, below a field of an entity a value of a type that not every subgraph knows that resolves
// the field is null; elsewhere what one of them says counts.
func (e *execution) settled(typ, name string, v any) any {
	if e.strict != nil || !e.entities[typ] {
		return v
	}
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i := range list {
			out[i] = e.settled(typ, name, list[i])
		}
		return out
	}
	o, ok := v.(*object)
	if !ok {
		return v
	}
	if !e.known(typ, name, o.typ) {
		return nil
	}
	return v
}

// nodes makes nodes of the objects in a value; one that the subgraph does not know is null.
func (e *execution) nodes(v any, below ast.SelectionSet, above *node) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = e.nodes(v[i], below, above)
		}
		return out
	case *object:
		def := e.part.typeOf(e.world, v.typ)
		if def == nil {
			return nil
		}
		return &node{object: v, def: def, provided: below, above: above}
	default:
		return v
	}
}

// provided are the fields of that name that a @provides grants on objects of a type.
func provided(w *world, typ string, set ast.SelectionSet, name string) []*ast.Field {
	var out []*ast.Field
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == name {
				out = append(out, s)
			}
		case *ast.InlineFragment:
			if w.is(typ, s.TypeCondition) {
				out = append(out, provided(w, typ, s.SelectionSet, name)...)
			}
		}
	}
	return out
}

// owned: the subgraph answers only for its own fields.
func (s *servers) owned(p *part, n *node, def *ast.FieldDefinition, granted bool) error {
	if n.typ == "Mutation" {
		s.mu.Lock()
		s.mutations = append(s.mutations, def.Name)
		s.mu.Unlock()
	}
	if !granted && p.external(n.def, def) {
		return s.violate("%s: %s.%s is external", p.name, n.typ, def.Name)
	}
	if d := def.Directives.ForName("override"); d != nil {
		if label := d.Arguments.ForName("label"); label != nil && !slices.Contains(s.labels, label.Value.Raw) {
			return s.violate("%s: %s.%s is not its own while %s is off", p.name, n.typ, def.Name, label.Value.Raw)
		}
	}
	for _, other := range s.parts {
		their := other.schema.Types[n.def.Name]
		if other == p || their == nil || their.Fields.ForName(def.Name) == nil {
			continue
		}
		d := their.Fields.ForName(def.Name).Directives.ForName("override")
		if d == nil || d.Arguments.ForName("from").Value.Raw != p.name {
			continue
		}
		if label := d.Arguments.ForName("label"); label == nil || slices.Contains(s.labels, label.Value.Raw) {
			return s.violate("%s: %s.%s was overridden", p.name, n.typ, def.Name)
		}
	}
	return nil
}

// required prints what a field requires from the representation, which must say what the data says.
func (s *servers) required(p *part, n *node, name string, set ast.SelectionSet) (string, error) {
	if n.representation == nil {
		return "", s.violate("%s: %s.%s is asked for without what it requires", p.name, n.typ, name)
	}
	got, want := s.given(n.typ, n.representation, set), s.text(n.object, set)
	if got != want {
		return "", s.violate("%s: %s.%s requires %s, the representation has %s", p.name, n.typ, name, want, got)
	}
	return got, nil
}

// given prints what a representation, or an object in one, says of a selection.
func (s *servers) given(typ string, r map[string]any, set ast.SelectionSet) string {
	if name, ok := r["__typename"].(string); ok && s.types[name] != nil && s.types[name].Kind == ast.Object {
		typ = name
	}
	return setText(set, func(on string) bool { return s.is(typ, on) }, func(f *ast.Field) string {
		v, ok := r[f.Name]
		if !ok {
			return "missing"
		}
		below := ""
		if def := s.fields[typ][f.Name]; def != nil {
			below = def.Type.Name()
		}
		return valueText(v, func(v any) string { return s.given(below, v.(map[string]any), f.SelectionSet) })
	})
}

// entities answers _entities.
func (s *servers) entities(p *part, representations []any) []any {
	out := make([]any, len(representations))
	seen := map[string]bool{}
	for i, r := range representations {
		text, representation := plainText(r), r.(map[string]any)
		if seen[text] {
			s.note("%s: the same representation twice: %s", p.name, text)
		}
		seen[text] = true
		if n := s.find(p, representation, text); n != nil {
			out[i] = n
		}
	}
	return out
}

func (s *servers) find(p *part, r map[string]any, text string) *node {
	name, _ := r["__typename"].(string)
	def := p.schema.Types[name]
	if def == nil {
		s.note("%s: an unknown type: %s", p.name, text)
		return nil
	}
	known := []string{"__typename"}
	for _, f := range def.Fields {
		known = append(known, names(reference.FieldSet(f.Directives.ForName("requires")))...)
	}
	var found *object
	complete := false
	for _, key := range def.Directives.ForNames("key") {
		if !reference.Resolvable(key) {
			continue
		}
		set := reference.FieldSet(key)
		known = append(known, names(set)...)
		if slices.ContainsFunc(names(set), func(n string) bool { return r[n] == nil }) {
			continue
		}
		complete = true
		for _, typ := range s.objects(name) {
			for _, id := range []string{typ + "1", typ + "2"} {
				if o := (&object{typ, id}); s.text(o, set) == s.given(typ, r, set) {
					found = o
				}
			}
		}
	}
	for member := range r {
		if !slices.Contains(known, member) {
			s.note("%s: %s is of no key and not required: %s", p.name, member, text)
		}
	}
	if !complete {
		s.note("%s: no complete key: %s", p.name, text)
	} else if found == nil {
		s.note("%s: no such entity: %s", p.name, text)
	}
	if found == nil || p.typeOf(s.world, found.typ) == nil {
		return nil
	}
	return &node{object: found, def: p.typeOf(s.world, found.typ), representation: r}
}

func names(set ast.SelectionSet) []string {
	var out []string
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s.Name)
		case *ast.InlineFragment:
			out = append(out, names(s.SelectionSet)...)
		}
	}
	return out
}
