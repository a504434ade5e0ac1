package fedgen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// partContext is an argument of a subgraph's field that @fromContext fills.
type partContext struct {
	arg, name string
	sel       ast.SelectionSet
}

// worldContext is an argument of a field that a subgraph fills with what lies above the object. Clients do not see it.
type worldContext struct {
	*partContext

	part *part
}

// placed is an object of an answer, and what lies above it.
type placed struct {
	*object

	above *placed
}

// takeContexts takes the arguments from a field that @fromContext fills.
func takeContexts(f *ast.FieldDefinition) ([]*partContext, error) {
	var list []*partContext
	var rest ast.ArgumentDefinitionList
	for _, a := range f.Arguments {
		d := a.Directives.ForName("fromContext")
		if d == nil {
			rest = append(rest, a)
			continue
		}
		name, text, _ := strings.Cut(strings.TrimPrefix(d.Arguments.ForName("field").Value.Raw, "$"), " ")
		if inner, ok := strings.CutPrefix(text, "{"); ok {
			text = strings.TrimSuffix(inner, "}")
		}
		sel, err := parseSelection(text)
		if err != nil {
			return nil, err
		}
		list = append(list, &partContext{a.Name, name, sel})
	}
	f.Arguments = rest
	return list, nil
}

// contextNames are the contexts that a type sets.
func contextNames(def *ast.Definition) []string {
	var list []string
	for _, d := range def.Directives.ForNames("context") {
		list = append(list, d.Arguments.ForName("name").Value.Raw)
	}
	return list
}

// fillContexts adds the arguments that come from above an object, and notes that the subgraph may be asked for the field
// with these.
func (w *world) fillContexts(o *placed, f *worldField, args map[string]any) {
	if len(f.contexts) == 0 {
		return
	}
	own := map[string]any{}
	for _, c := range f.contexts {
		own[c.arg] = w.contextValue(o, c)
		args[c.arg] = own[c.arg]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.above.expected[contextKey(o.object, f, own)] = true
}

// spoilsContext tells whether something fails that an object has for a context. A gateway may notice, whether or not there
// is anything below for which it asks.
func (w *world) spoilsContext(o *object) bool {
	before := w.failed.Load()
	for _, c := range w.contexts {
		if len(w.setters(c, o.typ)) > 0 {
			w.contextOf(o, c.sel)
		}
	}
	return w.failed.Load() > before
}

// above is what the arguments of one operation may be that come from contexts.
type above struct {
	// expected are those of what the client selects.
	expected map[string]bool
	// untold: some field that the client selects may bring objects of which nobody tells the type at first. brought are the values
	// of the objects that subgraphs returned since.
	untold  bool
	brought map[broughtValue]bool
}

type broughtValue struct {
	context *partContext
	value   string
}

// expectNothing forgets what may be asked for.
func (w *world) expectNothing() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.above = above{expected: map[string]bool{}, brought: map[broughtValue]bool{}}
}

// expectOthers notes whether a field may bring objects as interface objects: whatever such a one has comes along before anybody tells its
// type, and what lies below is looked up at once, with values for the type that it does not have.
func (w *world) expectOthers(f *worldField) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.above.untold = w.above.untold || slices.ContainsFunc(f.owners, func(p *part) bool {
		t := p.types[f.typ.Name()]
		return t != nil && t.opaque
	})
}

// bring notes what an object that a subgraph returns has for contexts.
func (w *world) bring(o *object) {
	for _, c := range w.contexts {
		if len(w.setters(c, o.typ)) > 0 {
			value := broughtValue{c.partContext, canonical(w.contextOf(o, c.sel))}
			w.mu.Lock()
			w.above.brought[value] = true
			w.mu.Unlock()
		}
	}
}

// unselected is the message of errors about what the client has not selected. Codes do not tell them from others; that the gateway
// still has this text shows in the features that the corpus exercises.
const unselected = "The subgraph could not resolve a field that the gateway needs"

// isOfContext tells whether an error may be there, or not, depending on the plan: one about what the root has for a context.
func (w *world) isOfContext(e reported, want *answer) bool {
	w.noteIf(e.Message == unselected, "error: of what the client has not selected")
	return e.Message == unselected && want.spoilt
}

// contextKey is a field of an object with the arguments that it has from contexts, as text.
func contextKey(o *object, f *worldField, own map[string]any) string {
	return fmt.Sprintf("%s %d %s %s", o.typ, o.id, f.coordinate, canonical(own))
}

// contextValue is what the nearest object above that sets a context has of it.
func (w *world) contextValue(o *placed, c *worldContext) any {
	steps, skipped := 0, false
	for above := o.above; above != nil; above = above.above {
		steps++
		setters := w.setters(c, above.typ)
		if len(setters) == 0 {
			continue
		}
		for next := above.above; next != nil; next = next.above {
			skipped = skipped || len(w.setters(c, next.typ)) > 0
		}
		w.noteContext(c, above, setters, steps)
		w.noteIf(skipped, "@context: another one further up")
		return w.contextOf(above.object, c.sel)
	}
	panic("nobody sets the context " + c.name) // the generator sees to it that somebody does
}

// setters are the types on which a subgraph sets the context for objects of a type.
func (w *world) setters(c *worldContext, typename string) []*partType {
	var list []*partType
	for _, name := range sortedKeys(c.part.types) {
		if t := c.part.types[name]; slices.Contains(t.contexts, c.name) && w.is(typename, name) {
			list = append(list, t)
		}
	}
	return list
}

// contextOf is what a selection leads to: one leaf, or lists of it. To fail, or to be unknown, is null.
func (w *world) contextOf(o *object, sel ast.SelectionSet) any {
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__typename" {
				return o.typ
			}
			f := w.types[o.typ].fields[s.Name]
			v, err := w.get(o, f, reference.CoerceArguments(w.schema, f.def.Arguments, s.Arguments, nil))
			if err != nil {
				w.failed.Add(1)
			}
			return w.contextBelow(v, s.SelectionSet)
		case *ast.InlineFragment:
			if w.is(o.typ, s.TypeCondition) {
				return w.contextOf(o, s.SelectionSet)
			}
		}
	}
	return nil
}

func (w *world) contextBelow(v any, sel ast.SelectionSet) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = w.contextBelow(v[i], sel)
		}
		return list
	case *object:
		return w.contextOf(v, sel)
	default:
		return v
	}
}

// contextual checks that a field is asked for with all arguments from contexts, as some object of the answer has them.
func (c *call) contextual(n *partNode, pf *partField, wf *worldField, args map[string]any) error {
	if len(pf.contexts) == 0 {
		return nil
	}
	at, own := fmt.Sprintf("%s: %s.%s", c.part.name, n.as, pf.def.Name), map[string]any{}
	for _, context := range pf.contexts {
		v, given := args[context.arg]
		if !given {
			return c.refuse("%s is asked for without %s, which is from a context", at, context.arg)
		}
		own[context.arg] = v
	}
	if !c.world.isAbove(n.object, wf, own) {
		return c.refuse("%s is asked for with %s from contexts, which is nowhere above it", at, canonical(own))
	}
	return nil
}

// isAbove tells whether arguments from contexts are those of a field, or may be meant for an object whose type is not told yet.
func (w *world) isAbove(o *object, f *worldField, own map[string]any) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.above.expected[contextKey(o, f, own)] || w.above.untold && !slices.ContainsFunc(f.contexts, func(c *worldContext) bool {
		return !w.above.brought[broughtValue{c.partContext, canonical(own[c.arg])}]
	})
}

// noteContext notes from where a value is.
func (w *world) noteContext(c *worldContext, from *placed, setters []*partType, steps int) {
	w.note("@context")
	w.noteIf(steps > 1, "@context: not of the parent")
	w.noteIf(from.above == nil, "@context: of the root")
	for _, t := range setters {
		w.noteIf(t.def.Kind == ast.Interface, "@context: of an interface")
		w.noteIf(t.def.Kind == ast.Union, "@context: of a union")
	}
	for _, s := range c.sel {
		f, ok := s.(*ast.Field)
		if !ok {
			w.note("@fromContext: fragments")
			f, ok = s.(*ast.InlineFragment).SelectionSet[0].(*ast.Field)
		}
		w.noteIf(ok && f.Name == "__typename", "@fromContext: __typename")
		wf := w.types[from.typ].fields[f.Name]
		if !ok || wf == nil {
			continue
		}
		w.noteIf(len(f.SelectionSet) > 0, "@fromContext: nested")
		w.noteIf(len(f.Arguments) > 0, "@fromContext: arguments")
		w.noteIf(!slices.Contains(wf.owners, c.part), "@fromContext: of another subgraph")
		w.noteIf(wf.typ.Elem != nil, "@fromContext: a list")
		w.noteIf(len(wf.requires) > 0, "@fromContext: of what requires")
	}
}

const contextAlpha = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@context", "@fromContext"])
type Query { users: [User!]! }
type User @key(fields: "id") @context(name: "user") { id: ID!  locale: String!  task: Task! }
type Task @key(fields: "id") { id: ID!  next: Task!  title(locale: String @fromContext(field: "$user { locale }")): String! }
`

// TestStrictContext: the subgraphs of the tests notice when an argument from a context is missing, or is not what the uncut
// schema has above the object.
func TestStrictContext(t *testing.T) {
	t.Parallel()
	w, err := newWorld(1, []Subgraph{{"alpha", contextAlpha}}, worldOptions{whole: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &servers{world: w}
	want, err := w.oracle(request{`{ users { locale task { id title next { id title } } } }`, `{}`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	users := plain(want.data).(map[string]any)["users"].([]any)
	if len(users) == 0 {
		t.Fatal("the data has no users: another seed is needed")
	}
	user := users[0].(map[string]any)
	task := user["task"].(map[string]any)
	for _, c := range []struct {
		title, argument string
		of              map[string]any
		want            string // a part of the violation; "" when there is none
	}{
		{"of the parent", `(locale: $l)`, task, ""},
		{"of its parent", `(locale: $l)`, task["next"].(map[string]any), ""},
		{"another value", `(locale: "elsewhere")`, task, "nowhere above it"},
		{"null", `(locale: null)`, task, "nowhere above it"},
		{"missing", ``, task, "without locale"},
	} {
		document := `query($r: [_Any!]!, $l: String = "") { _entities(representations: $r) { ... on Task { title` + c.argument + ` other: title(locale: $l) } } }`
		representation := map[string]any{"__typename": "Task", "id": c.of["id"]}
		data, _ := s.execute(w.parts[0], document, map[string]any{"r": []any{representation}, "l": user["locale"]})
		violations, _, _ := s.drain()
		got := strings.Join(violations, "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
		entity, _ := plain(data).(map[string]any)["_entities"].([]any)[0].(map[string]any)
		if c.want == "" && entity["title"] != c.of["title"] {
			t.Errorf("%s: %v, want %v", c.title, entity, c.of)
		}
	}
}
