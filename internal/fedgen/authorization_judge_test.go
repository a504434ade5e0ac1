package fedgen

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// judge decides what a caller may select: the specification, written down slowly. It shares no code with package authz.
type judge struct {
	*authorization

	world *world
	// keys are the coordinates of fields that stand in some @key: the gateway may fetch them for its own use.
	keys map[string]bool

	mu    sync.Mutex
	known map[string]bool
	above int // fields of interfaces that are denied because of an interface that these implement
}

func newJudge(w *world, a *authorization) *judge {
	j := &judge{authorization: a, world: w, keys: map[string]bool{}, known: map[string]bool{}}
	for _, p := range w.parts {
		for name, t := range p.types {
			for _, k := range t.keys {
				j.addKeys(name, k.sel)
			}
		}
	}
	return j
}

func (j *judge) addKeys(on string, sel ast.SelectionSet) {
	for _, s := range sel {
		f := s.(*ast.Field)
		j.keys[on+"."+f.Name] = true
		if len(f.SelectionSet) > 0 {
			j.addKeys(j.Returns(on, f.Name), f.SelectionSet)
		}
	}
}

// Returns is the named type of a field.
func (j *judge) Returns(on, field string) string {
	return j.world.schema.Types[on].Fields.ForName(field).Type.Name()
}

// Allowed decides about selecting a field where the static type is on.
func (j *judge) Allowed(on, field string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	coordinate := on + "." + field
	ok, known := j.known[coordinate]
	if !known {
		ok = j.decide(on, field, map[string]bool{})
		j.known[coordinate] = ok
	}
	return ok
}

func (j *judge) decide(on, field string, seen map[string]bool) bool {
	coordinate := on + "." + field
	if seen[coordinate] || field == "__typename" {
		return true
	}
	seen[coordinate] = true
	def := j.world.schema.Types[on]
	ok := j.holds(on) && j.holds(coordinate) && j.holds(j.Returns(on, field)) && j.requirementsHold(on, on, field, seen)
	for _, i := range def.Interfaces {
		if j.world.schema.Types[i].Fields.ForName(field) != nil {
			before := ok
			ok = ok && j.holds(i) && j.holds(i+"."+field) && j.requirementsHold(i, on, field, seen)
			if before && !ok && def.Kind == ast.Interface {
				j.above++
			}
		}
	}
	if def.Kind == ast.Interface {
		for _, t := range j.world.schema.GetPossibleTypes(def) {
			// An object of an inaccessible type is null for the client, whatever it selects.
			ok = ok && (j.world.isHidden(t.Name) || j.decide(t.Name, field, seen))
		}
	}
	return ok
}

// requirementsHold decides about what the @requires of a field names, in all subgraphs that resolve it.
func (j *judge) requirementsHold(declared, on, field string, seen map[string]bool) bool {
	for _, p := range j.world.parts {
		t := p.types[declared]
		if t == nil || !t.fields[field].resolves() {
			continue
		}
		at := on
		if t.opaque {
			at = declared // the interface's fields are required, whatever the object is: the subgraph does not know that
		}
		if !j.selectionHolds(at, t.fields[field].requires, seen) || !j.contextsHold(p, t.fields[field].contexts, seen) {
			return false
		}
	}
	return true
}

// contextsHold decides about what @fromContext takes from the types that set the contexts.
func (j *judge) contextsHold(p *part, contexts []*partContext, seen map[string]bool) bool {
	for _, c := range contexts {
		for name, t := range p.types {
			if slices.Contains(t.contexts, c.name) && !j.selectionHolds(name, c.sel, seen) {
				return false
			}
		}
	}
	return true
}

func (j *judge) selectionHolds(on string, sel ast.SelectionSet, seen map[string]bool) bool {
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__typename" {
				continue
			}
			if !j.decide(on, s.Name, seen) || !j.selectionHolds(j.Returns(on, s.Name), s.SelectionSet, seen) {
				return false
			}
		case *ast.InlineFragment:
			if !j.selectionHolds(s.TypeCondition, s.SelectionSet, seen) {
				return false
			}
		}
	}
	return true
}

// holds decides about the rule on one element.
func (j *judge) holds(element string) bool {
	rule := j.Rules[element]
	if rule == nil {
		return true
	}
	c := &j.Caller
	if (rule.Authenticated || rule.Scopes != nil) && !c.Known && !c.Admin {
		return false
	}
	policies := c.Policies
	if c.Broken {
		policies = nil
	}
	return (rule.Scopes == nil || c.has(rule.Scopes, c.Scopes)) && (rule.Policies == nil || c.has(rule.Policies, policies))
}

func (c *caller) has(anyOf [][]string, names []string) bool {
	for _, all := range anyOf {
		missing := slices.ContainsFunc(all, func(name string) bool { return !c.Admin && !slices.Contains(names, name) })
		if len(all) > 0 && !missing { // an empty list is satisfied by nobody, not even an admin: it is a mistake (authz lists it)
			return true
		}
	}
	return false
}

// Narrower is what is known of objects of the type on in a fragment: what the fragment says, unless it says less.
func (j *judge) Narrower(on, condition string) string {
	def := j.world.schema.Types[on]
	if condition == "" || on == condition || slices.Contains(def.Interfaces, condition) {
		return on
	}
	if other := j.world.schema.Types[condition]; other.Kind == ast.Union && slices.Contains(other.Types, on) {
		return on
	}
	return condition
}

// inspect looks at a document that a subgraph received: on every object type that can stand there in this subgraph, the
// caller may select what is selected, or it is part of a key. What @requires asks for is no exception, since a permitted
// field requires permitted fields.
func (j *judge) inspect(p *part, doc *ast.QueryDocument, violate func(format string, args ...any)) {
	var walk func(set ast.SelectionSet, possible []string, anything bool)
	walk = func(set ast.SelectionSet, possible []string, anything bool) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if s.Name == "_entities" {
					walk(s.SelectionSet, nil, true)
					continue
				}
				below := j.inspectField(p, s.Name, possible, violate)
				walk(s.SelectionSet, below, false)
			case *ast.InlineFragment:
				walk(s.SelectionSet, p.narrowed(possible, s.TypeCondition, anything), anything && s.TypeCondition == "")
			case *ast.FragmentSpread:
				walk(s.Definition.SelectionSet, p.narrowed(possible, s.Definition.TypeCondition, anything), false)
			}
		}
	}
	op := doc.Operations[0]
	walk(op.SelectionSet, []string{rootName(op)}, false)
}

// allowedIn is allowed, in a subgraph. An interface that is an object there may be asked for what is allowed of some member:
// of others the gateway does not ask, which the document does not show. See inspectEntity.
func (j *judge) allowedIn(p *part, on, field string) bool {
	if !p.types[on].opaque {
		return j.Allowed(on, field)
	}
	return slices.ContainsFunc(j.world.types[on].possible, func(member string) bool { return j.Allowed(member, field) })
}

// inspectEntity looks at a field of an object that is an interface object to the subgraph, and for which a representation asks: by then
// the gateway knows what it is, and so whether the caller may select the field.
func (j *judge) inspectEntity(p *part, n *partNode, name string, violate func(format string, args ...any)) {
	on := n.object.typ
	if n.representation != nil && p.types[n.as].opaque && !j.world.isHidden(on) && !j.Allowed(on, name) && !j.keys[n.as+"."+name] && !j.keys[on+"."+name] {
		violate("%s: asked for %s of a %s, which is denied", p.name, name, on)
	}
}

// inspectField looks at one field on the object types that are possible, and returns those that are possible below it.
func (j *judge) inspectField(p *part, name string, possible []string, violate func(format string, args ...any)) []string {
	var below []string
	if name == "__typename" {
		return nil
	}
	for _, on := range possible {
		// An inaccessible object type is none that clients could select on: what an interface's field brings of it is nowhere.
		if !j.world.isHidden(on) && !j.allowedIn(p, on, name) && !j.keys[on+"."+name] {
			violate("%s: asked for %s.%s, which is denied", p.name, on, name)
		}
		if t := p.types[on]; t != nil && t.fields[name] != nil {
			if of := p.types[t.fields[name].def.Type.Name()]; of != nil {
				addAll(&below, of.possible)
			}
		}
	}
	return below
}

// narrowed are the possible types to which a type condition applies in the subgraph.
func (p *part) narrowed(possible []string, condition string, anything bool) []string {
	if condition == "" || p.types[condition] == nil {
		return possible
	}
	if anything {
		return p.types[condition].possible
	}
	var list []string
	for _, name := range possible {
		if slices.Contains(p.types[condition].possible, name) {
			list = append(list, name)
		}
	}
	return list
}

// TestInspect: the subgraphs of the tests notice when they are asked for what the caller may not select, also of an object whose type they
// do not know.
func TestInspect(t *testing.T) {
	t.Parallel()
	const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@interfaceObject"])` + "\n"
	w, err := newWorld(1, []Subgraph{
		{"alpha", header + `type Query { all: [Media!]! } interface Media @key(fields: "id") { id: ID! name: String }
type A implements Media @key(fields: "id") { id: ID! name: String } type B implements Media @key(fields: "id") { id: ID! name: String }`},
		{"beta", header + `type Media @interfaceObject @key(fields: "id") { id: ID! size: Int }`},
	}, worldOptions{whole: true})
	if err != nil {
		t.Fatal(err)
	}
	denied := &supergraph.Rule{Authenticated: true}
	s := &servers{world: w, judge: newJudge(w, &authorization{Rules: map[string]*supergraph.Rule{"B.size": denied, "A.name": denied, "B.name": denied}})}
	of := func(name string) map[string]any {
		return map[string]any{"r": []any{map[string]any{"__typename": "Media", "id": w.project(w.pools[name][0], w.parts[1].types["Media"].keys[0].sel)["id"]}}}
	}
	const entities = `query($r: [_Any!]!) { _entities(representations: $r) { ... on Media { id size } } }`
	for _, c := range []struct {
		title, document string
		of              int
		variables       map[string]any
		want            string // a part of the violation; "" when there is none
	}{
		{"what is allowed", entities, 1, of("A"), ""},
		{"what is denied of the real type", entities, 1, of("B"), "size of a B"},
		{"what is denied of all types", `{ all { name } }`, 0, nil, "A.name"},
		{"what is denied, and part of a key", `{ all { id } }`, 0, nil, ""},
	} {
		s.execute(w.parts[c.of], c.document, c.variables)
		violations, _, _ := s.drain()
		got := strings.Join(violations, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}
