package rulebook

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// server is a subgraph of a case. It is strict: what a gateway must not send is noted.
type server struct {
	*world
	*part
	order *order

	mu         sync.Mutex
	violations []string
}

// order is in which order root fields of mutations were executed.
type order struct {
	mu     sync.Mutex
	fields []string
}

func (o *order) add(field string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fields = append(o.fields, field)
}

func (o *order) drain() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.fields
	o.fields = nil
	return list
}

func (s *server) violate(format string, args ...any) error {
	err := fmt.Errorf("%s: %w", s.name, fmt.Errorf(format, args...))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.violations = append(s.violations, err.Error())
	return err
}

func (s *server) drain() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.violations
	s.violations = nil
	return list
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Query     string
		Variables map[string]any
	}
	decoder := json.NewDecoder(r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(s.answer(body.Query, body.Variables)); err != nil {
		_ = s.violate("%v", err)
	}
}

func (s *server) answer(document string, given map[string]any) map[string]any {
	doc, errs := gqlparser.LoadQueryWithRules(s.schema, document, rules.NewDefaultRules())
	if len(errs) > 0 {
		return failed(s.violate("%v in %s", errs, document))
	}
	op := doc.Operations[0]
	for name := range given {
		if op.VariableDefinitions.ForName(name) == nil {
			return failed(s.violate("the variable %q is not defined", name))
		}
	}
	if _, err := validator.VariableValues(s.schema, op, given); err != nil {
		return failed(s.violate("variables of %s: %v", document, err))
	}
	root, def := "Query", s.schema.Query
	if op.Operation == ast.Mutation {
		root, def = "Mutation", s.schema.Mutation
	}
	asked := 0
	e := &reference.Execution{Schema: s.schema, Variables: reference.VariableValues(s.schema, op, given)}
	e.Resolve = func(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
		if f.Name != "_entities" {
			return s.resolve(parent, f, args)
		}
		list, _ := args["representations"].([]any)
		asked += len(list)
		return s.entities(list)
	}
	out := map[string]any{"data": e.Run(op, &node{object: s.root(root), as: def.Name})}
	if asked == 0 && strings.Contains(document, "_entities(") {
		_ = s.violate("a request that looks nothing up")
	}
	var errors []any
	for _, f := range e.Faults {
		errors = append(errors, map[string]any{"message": f.Message, "path": f.Path})
	}
	if errors != nil {
		out["errors"] = errors
	}
	return out
}

func failed(err error) map[string]any {
	return map[string]any{"errors": []any{map[string]any{"message": err.Error()}}}
}

// node is an object in an execution.
type node struct {
	*object
	// as is the type that the subgraph takes it for.
	as string
	// provided is what a @provides on the way lets the subgraph resolve here.
	provided ast.SelectionSet
	// representation by which it was asked for; nil when it was not.
	representation map[string]any
}

func (n *node) Typename() string { return n.as }

func (s *server) resolve(parent reference.Node, f *ast.Field, args map[string]any) (any, error) {
	n, ok := parent.(*node)
	if !ok {
		return nil, s.violate("%T is no node", parent)
	}
	if n.typ == "Mutation" {
		s.order.add(f.Name)
	}
	granted := s.granted(n.typ, n.provided, f.Name)
	if err := s.owned(n, f.Name, granted != nil); err != nil {
		return nil, err
	}
	v, found := s.value(n.object, s.name, f.Name, args)
	if !found {
		return nil, s.violate("no data for %s.%s(%s) of %s", n.typ, f.Name, canonical(args), n.object.name)
	}
	below := s.types[n.as].fields[f.Name].provides
	for _, g := range granted {
		below = append(slices.Clip(below), g.SelectionSet...)
	}
	return s.nodes(v, s.schema.Types[f.Definition.Type.Name()], below)
}

// granted are the fields of that name that a @provides grants on objects of a type.
func (s *server) granted(typ string, set ast.SelectionSet, name string) []*ast.Field {
	var out []*ast.Field
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if sel.Name == name {
				out = append(out, sel)
			}
		case *ast.InlineFragment:
			if s.is(typ, sel.TypeCondition) {
				out = append(out, s.granted(typ, sel.SelectionSet, name)...)
			}
		}
	}
	return out
}

// nodes makes nodes of the objects in a value, and an error of a failure.
func (s *server) nodes(v any, t *ast.Definition, provided ast.SelectionSet) (any, error) {
	if list, ok := v.([]any); ok {
		out := make([]any, len(list))
		for i := range list {
			var err error
			if out[i], err = s.nodes(list[i], t, provided); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if m, ok := v.(map[string]any); ok && m["$error"] != nil {
		return nil, fmt.Errorf("%v", m["$error"])
	}
	if v == nil || !t.IsCompositeType() {
		return v, nil
	}
	o, err := s.asObject(v, t.Name)
	if err != nil {
		return nil, s.violate("%w", err)
	}
	as := o.typ
	for _, parent := range s.parents[o.typ] {
		if own := s.types[parent]; s.types[as] == nil && own != nil && own.opaque {
			as = parent
		}
	}
	if t.Kind == ast.Object {
		as = t.Name
	}
	if s.types[as] == nil {
		return nil, s.violate("%s is not known", o.typ)
	}
	return &node{object: o, as: as, provided: provided}, nil
}

// entities answers _entities.
func (s *server) entities(representations []any) ([]any, error) {
	out := make([]any, len(representations))
	seen := map[string]bool{}
	for i, r := range representations {
		text := canonical(r)
		if seen[text] {
			_ = s.violate("the same representation twice: %s", text)
		}
		seen[text] = true
		m, ok := r.(map[string]any)
		if !ok {
			return nil, s.violate("a representation %s", text)
		}
		o, t, err := s.find(m, text)
		if err != nil {
			return nil, err
		}
		unknown, _ := s.data["$unknown"][s.name].([]any)
		if slices.Contains(unknown, any(o.name)) {
			continue
		}
		as := t.def.Name
		if t.def.Kind == ast.Interface {
			as = o.typ
		}
		out[i] = &node{object: o, as: as, representation: m}
	}
	return out, nil
}

// find returns the object of a representation, which has a complete key and nothing else that the subgraph has not asked for.
func (s *server) find(r map[string]any, text string) (*object, *partType, error) {
	name, _ := r["__typename"].(string)
	t := s.types[name]
	if t == nil || len(t.keys) == 0 {
		return nil, nil, s.violate("a representation of a type without a key: %s", text)
	}
	known := []string{"__typename"}
	for _, set := range t.keys {
		known = append(known, names(set)...)
	}
	for _, f := range t.fields {
		known = append(known, names(f.requires)...)
	}
	for member := range r {
		if !slices.Contains(known, member) {
			return nil, nil, s.violate("%s is of no key and not required: %s", member, text)
		}
	}
	for ref := range s.data {
		o, err := s.asObject(ref, "")
		if err != nil || o.typ == "$unknown" || !s.is(o.typ, name) {
			continue
		}
		for _, key := range t.keys {
			if s.differs(o, r, key) == "" && !slices.ContainsFunc(names(key), func(n string) bool { return r[n] == nil }) {
				return o, t, nil
			}
		}
	}
	return nil, nil, s.violate("a representation of nothing: %s", text)
}

// names are those of the fields of a selection.
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

// owned: the subgraph answers only for its own fields.
func (s *server) owned(n *node, field string, provided bool) error {
	t := s.types[n.as]
	if t == nil || t.fields[field] == nil {
		return s.violate("no data: %s.%s", n.as, field)
	}
	f := t.fields[field]
	inKey := slices.ContainsFunc(t.keys, func(key ast.SelectionSet) bool { return slices.Contains(names(key), field) })
	if f.external && !provided && !inKey {
		return s.violate("%s.%s is external", n.as, field)
	}
	for _, p := range s.parts {
		other := p.types[n.as]
		if other == nil || other.fields[field] == nil {
			continue
		}
		if theirs := other.fields[field]; theirs.from == s.name && (theirs.label == "" || theirs.label == "percent(100)") {
			return s.violate("%s.%s is overridden", n.as, field)
		}
	}
	if f.label != "" && f.label != "percent(100)" {
		return s.violate("the override of %s.%s is off", n.as, field)
	}
	if len(f.requires) == 0 || provided {
		return nil
	}
	if n.representation == nil {
		return s.violate("%s.%s is asked for without what it requires", n.as, field)
	}
	if text := s.differs(n.object, n.representation, f.requires); text != "" {
		return s.violate("%s.%s: what it requires: %s: %s", n.as, field, text, canonical(n.representation))
	}
	return nil
}
