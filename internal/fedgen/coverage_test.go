package fedgen

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// features are what the corpus must exercise: each by operations that make a subgraph or the oracle meet it.
var features = []string{
	"@interfaceObject", "@interfaceObject: @requires", "@interfaceObject: a list",
	"@interfaceObject: a key that is not resolvable", "@interfaceObject: an interface elsewhere",
	"@interfaceObject: an interface elsewhere, of fewer types", "an object type, an interface elsewhere", "an object type, a union elsewhere",
	"@interfaceObject: @requires, nested", "@interfaceObject: @requires, arguments", "@interfaceObject: @requires, types below",
	"@interfaceObject: @requires, of another's", "@interfaceObject: @requires, by the second key",
	"@key: of an interface",
	"interface of an interface: a field of the lower", "interface of an interface: a field of the upper",
	"interface of an interface: a fragment on the upper in the lower", "interface of an interface: a fragment on the lower in the upper",
	"interface of an interface: the upper has a key", "interface of an interface: in one subgraph, not in another",
	"interface of an interface: three of them", "interface of an interface: the lower is an interface object",
	"@key: composite", "@key: nested", "@key: nested in a list", "@key: a split value", "@key: not here, but elsewhere", "@key: not resolvable, of a subgraph with shared fields",
	"@key: __typename", "@key: of a Boolean", "@key: of an enum", "@key: in another order elsewhere", "@key: nested, of an interface object", "@key: several", "@key: not resolvable", "@key: extend type",
	"@requires", "@requires: of a key", "@requires: answered by another subgraph, too", "@requires: nested", "@requires: fragments", "@requires: arguments", "@requires: other arguments elsewhere",
	"@requires: of what requires", "@requires: back and forth", "@requires: through an interface", "@requires: through a union",
	"@requires: of an interface's field", "@requires: __typename", "@requires: a fragment on the type itself", "@requires: a field twice", "@requires: an argument left out", "@requires: a default left out", "@external: with an argument more", "@external: with an argument that may be null",
	"a value type of three subgraphs, of other fields in each", "@requires: a split value", "@requires: the other part of a split value", "@requires: inaccessible", "@requires: of an overridden field",
	"@provides", "@provides: of a key", "@provides: of what requires", "@provides: from a value type", "@provides: from an interface object", "@provides: nested", "@provides: of an interface's field", "@provides: through an interface", "@provides: through a union",
	"@override", "@override: of a root field", "@override: of a key", "@override: of a key by a label", "@override: of a value type", "@override: of a shared field", "@override: unknown subgraph", "@override: label on", "@override: label off",
	"@override: label on, another one off", "@override: label off, another one on", "@override: label always on", "@override: label never on",
	"@override: label of another form", "@override: label on, of several fields", "@override: label on, two of one field",
	"@override: label on, of a shared field", "@override: label off, of a shared field",
	"@inaccessible: field", "@inaccessible: type", "@inaccessible: enum value", "@inaccessible: argument", "@inaccessible: input field",
	"@inaccessible: union member", "@inaccessible: implementation", "@inaccessible: run-time type",
	"@context", "@context: not of the parent", "@context: another one further up", "@context: of the root",
	"@context: of an interface", "@context: of a union",
	"@fromContext: fragments", "@fromContext: nested", "@fromContext: arguments", "@fromContext: __typename", "@fromContext: of another subgraph",
	"@fromContext: a list", "@fromContext: of what requires",
	"Federation 1", "Federation 1 and 2", "Federation 1: @extends", "Federation 1: extend type Query", "Federation 1: @external of no use", "Federation 1: @requires of its own key",
	"Federation 2: extend type", "Federation 2: @extends", "Federation 2: an external key of an extension", "a type in two parts", "a type in two parts: @shareable",
	"@external: a whole type", "@external: a whole entity", "@shareable: a whole type",
	"an implementation with more arguments", "an implementation of a narrower type", "nullability differs", "nullability of items differs", "members of an interface differ", "members of a union differ", "possible types are an intersection",
	"argument: only in some subgraphs", "argument: nullability differs", "argument: a default of what may not be null", "input field: a default", "input field: a default of what may not be null",
	"input field: only in some subgraphs", "input field: only in some subgraphs, with a default", "input field: nullability differs",
	"enum: values that only some subgraphs return", "enum: values that only some subgraphs take",
	"root types of other names", "back to the root", "back to the root: from a mutation", "back to the root: a list",
	"mutation", "mutation: shared root", "query: shared root", "value type in several subgraphs",
	"data: an entity without a key", "data: an entity that the subgraph does not know", "data: a field that fails",
	"error: of what the client has not selected",
}

var isFeature = func() map[string]struct{} {
	set := map[string]struct{}{}
	for _, name := range features {
		set[name] = struct{}{}
	}
	return set
}()

// coverage counts what is exercised.
type coverage struct {
	mu                      sync.Mutex
	federations, operations map[string]int
}

var covered = coverage{federations: map[string]int{}, operations: map[string]int{}}

// drainNoted returns and forgets what was exercised.
func (w *world) drainNoted() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := sortedKeys(w.noted)
	clear(w.noted)
	return list
}

// add adds what the operations of a federation exercised.
func (c *coverage) add(operations map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, n := range operations {
		c.federations[name]++
		c.operations[name] += n
	}
}

func (c *coverage) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, name := range features {
		fmt.Fprintf(&b, "\n%5d federations, %6d operations: %s", c.federations[name], c.operations[name], name)
	}
	return b.String()
}

// missing are the features that nothing exercised.
func (c *coverage) missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(features), func(name string) bool { return c.operations[name] > 0 })
}

// checkCoverage fails when a feature is never exercised; it is for the whole corpus only.
func checkCoverage(t *testing.T) {
	t.Helper()
	if strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return
	}
	if missing := covered.missing(); len(missing) > 0 {
		t.Errorf("never exercised: %q%s", missing, &covered)
	}
	t.Log(&covered)
}

// note notes that something was exercised.
func (w *world) note(feature string) {
	if _, is := isFeature[feature]; !is {
		panic(feature + " is not one of the features")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.noted[feature] = true
}

// noteIf notes a feature when it is there.
func (w *world) noteIf(is bool, feature string) {
	if is {
		w.note(feature)
	}
}

// noteField notes what there is about a field that a subgraph resolves.
func (c *call) noteField(n *partNode, pf *partField, wf *worldField, granted bool) {
	w, opaque := c.world, c.part.types[n.as].opaque
	of := c.part.types[pf.def.Type.Name()]
	w.noteIf(opaque, "@interfaceObject")
	if opaque && len(pf.requires) > 0 {
		c.noteRequiresOfObject(c.part.types[n.as], pf)
	}
	w.noteIf(of != nil && of.opaque && pf.def.Type.Elem != nil, "@interfaceObject: a list")
	w.noteIf(of != nil && of.opaque && !of.keys[0].resolvable, "@interfaceObject: a key that is not resolvable")
	w.noteIf(wf.typ.String() != wf.strict.String(), "nullability differs")
	w.noteIf(wf.typ.Elem != nil && wf.typ.Elem.NonNull != wf.strict.Elem.NonNull, "nullability of items differs")
	w.noteIf(c.part.old, "Federation 1")
	w.noteIf(c.part.old && slices.ContainsFunc(w.parts, func(p *part) bool { return !p.old }), "Federation 1 and 2")
	w.noteIf(n.object.id == w.root(n.object.typ).id && c.part.sdl != usualRoots(c.part.sdl), "root types of other names")
	c.noteOld(n.as)
	c.noteForm(n.as)
	w.noteIf(n.object.typ == "Mutation", "mutation")
	w.noteIf(n.object.typ == "Mutation" && len(wf.owners) > 1, "mutation: shared root")
	w.noteIf(n.object.typ == "Query" && len(wf.owners) > 1, "query: shared root")
	w.noteIf(pf.def.Type.Name() == "Query", "back to the root")
	w.noteIf(pf.def.Type.Name() == "Query" && n.object.typ == "Mutation", "back to the root: from a mutation")
	w.noteIf(pf.def.Type.Name() == "Query" && pf.def.Type.Elem != nil, "back to the root: a list")
	w.noteIf(len(wf.owners) > 1 && !w.types[n.object.typ].entity && n.object.index < 0, "value type in several subgraphs")
	w.noteDefaults(wf)
	w.noteSides(pf.def.Type.Name())
	c.noteEntry(n.as, wf)
	c.noteAbstract(pf, wf)
	c.noteNarrow(pf, wf)
	c.noteDifferences(pf, wf)
	c.noteSupersOf(pf)
	c.noteOverride(n, pf)
	if granted {
		w.note("@provides")
		w.noteIf(wf.unique >= 0, "@provides: of a key")
		w.noteIf(len(wf.requires) > 0, "@provides: of what requires")
	} else if len(pf.requires) > 0 {
		w.note("@requires")
		c.noteWording(pf)
		w.noteIf(c.part.old && len(c.part.types[n.as].keys) > 0 && selects(pf.requires, c.part.types[n.as].keys[0].sel[0].(*ast.Field).Name), "Federation 1: @requires of its own key")
		w.noteIf(len(wf.owners) > 1, "@requires: answered by another subgraph, too")
		c.noteRequires(n.object.typ, pf.requires, "")
		c.noteOtherArguments(n.as, pf)
	}
	c.noteProvides(pf.def.Type.Name(), pf.provides)
	w.noteIf(len(pf.provides) > 0 && opaque, "@provides: from an interface object")
	w.noteIf(len(pf.provides) > 0 && w.types[n.object.typ].kind == ast.Object && !w.types[n.object.typ].entity && n.object.typ != "Query" && n.object.typ != "Mutation", "@provides: from a value type")
	c.noteImplementation(n.as, pf)
}

// noteImplementation notes what a field of an object type has more than that of its interface.
func (c *call) noteImplementation(as string, pf *partField) {
	for _, i := range c.part.types[as].def.Interfaces {
		t := c.part.types[i]
		if t == nil || t.fields[pf.def.Name] == nil {
			continue
		}
		of := t.fields[pf.def.Name].def
		c.world.noteIf(len(pf.def.Arguments) > len(of.Arguments), "an implementation with more arguments")
		c.world.noteIf(pf.def.Type.Name() != of.Type.Name(), "an implementation of a narrower type")
	}
}

func (c *call) noteAbstract(pf *partField, wf *worldField) {
	w := c.world
	t := w.types[pf.def.Type.Name()]
	if t == nil || t.kind != ast.Interface && t.kind != ast.Union {
		return
	}
	for _, p := range w.parts {
		if p.types[t.name] != nil && len(w.possibleIn(p, t.name)) < len(t.possible) {
			w.noteIf(t.kind == ast.Interface, "members of an interface differ")
			w.noteIf(t.kind == ast.Union, "members of a union differ")
		}
	}
	w.noteIf(len(wf.owners) > 1 && len(wf.possible) < len(t.possible), "possible types are an intersection")
}

func (c *call) noteOverride(n *partNode, pf *partField) {
	w := c.world
	if pf.overrideFrom != "" {
		known := slices.ContainsFunc(w.parts, func(p *part) bool { return p.name == pf.overrideFrom })
		w.noteIf(known, "@override")
		wf := w.types[n.object.typ].fields[pf.def.Name]
		w.noteIf(wf.unique >= 0, "@override: of a key")
		w.noteIf(wf.unique >= 0 && pf.label != "", "@override: of a key by a label")
		w.noteIf(!w.types[n.as].entity && n.object.id != w.root(n.object.typ).id, "@override: of a value type")
		w.noteIf(!known, "@override: unknown subgraph")
		w.noteIf(n.object.typ == "Query" || n.object.typ == "Mutation", "@override: of a root field")
		w.noteIf(len(w.types[n.as].fields[pf.def.Name].owners) > 1, "@override: of a shared field")
	}
	c.noteLabels(n.as, pf.def.Name, pf)
}

// noteRequires notes what a @requires selects of objects of a type.
func (c *call) noteRequires(on string, sel ast.SelectionSet, through ast.DefinitionKind) {
	w := c.world
	for _, s := range sel {
		f, ok := s.(*ast.Field)
		if !ok {
			fragment := s.(*ast.InlineFragment)
			w.note("@requires: fragments")
			w.noteIf(through == ast.Interface, "@requires: through an interface")
			w.noteIf(through == ast.Union, "@requires: through a union")
			c.noteRequires(fragment.TypeCondition, fragment.SelectionSet, through)
			continue
		}
		wf := w.types[on].fields[f.Name]
		if wf == nil {
			continue // __typename
		}
		w.noteIf(wf.unique >= 0, "@requires: of a key")
		w.noteIf(c.part.types[on] != nil && c.part.types[on].form.external, "@external: a whole type")
		w.noteIf(len(f.Arguments) > 0, "@requires: arguments")
		c.noteExternal(on, f, wf)
		w.noteIf(len(f.SelectionSet) > 0, "@requires: nested")
		w.noteIf(len(wf.requires) > 0, "@requires: of what requires")
		w.noteIf(w.types[on].kind == ast.Interface, "@requires: of an interface's field")
		w.noteIf(w.isHidden(wf.coordinate), "@requires: inaccessible")
		for _, s := range wf.requires {
			if first, ok := s.(*ast.Field); ok && w.types[on].fields[first.Name] != nil {
				w.noteIf(slices.Contains(w.types[on].fields[first.Name].owners, c.part) || len(w.types[on].fields[first.Name].requires) > 0,
					"@requires: back and forth")
			}
		}
		for _, p := range wf.owners {
			if t := p.types[on]; t != nil && t.fields[f.Name] != nil {
				w.noteIf(t.fields[f.Name].overrideFrom != "", "@requires: of an overridden field")
			}
		}
		c.noteSplit(wf.typ.Name(), f.SelectionSet, "@requires")
		if len(f.SelectionSet) > 0 {
			c.noteRequires(wf.typ.Name(), f.SelectionSet, w.types[wf.typ.Name()].kind)
		}
	}
}

// noteOtherArguments: another field requires the same with other arguments.
func (c *call) noteOtherArguments(on string, pf *partField) {
	for _, other := range c.part.types[on].fields {
		for _, a := range other.requires {
			for _, b := range pf.requires {
				x, ok := a.(*ast.Field)
				y, too := b.(*ast.Field)
				c.world.noteIf(ok && too && x.Name == y.Name && argumentsText(x) != argumentsText(y), "@requires: other arguments elsewhere")
			}
		}
	}
}

func argumentsText(f *ast.Field) string {
	text := ""
	for _, a := range f.Arguments {
		text += a.Name + ":" + a.Value.String() + " "
	}
	return text
}

func (c *call) noteProvides(on string, sel ast.SelectionSet) {
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			c.world.noteIf(len(s.SelectionSet) > 0, "@provides: nested")
			c.world.noteIf(c.world.types[on].kind == ast.Interface, "@provides: of an interface's field")
			if f := c.world.types[on].fields[s.Name]; f != nil {
				c.noteProvides(f.typ.Name(), s.SelectionSet)
			}
		case *ast.InlineFragment:
			kind := c.world.types[on].kind
			c.world.noteIf(kind == ast.Interface, "@provides: through an interface")
			c.world.noteIf(kind == ast.Union, "@provides: through a union")
			c.noteProvides(s.TypeCondition, s.SelectionSet)
		}
	}
}

// noteKeys notes by which keys a representation finds an entity.
func (c *call) noteKeys(t *partType) {
	w := c.world
	w.noteIf(t.def.Kind == ast.Interface, "@key: of an interface")
	w.noteIf(len(t.keys) > 1, "@key: several")
	w.noteIf(slices.ContainsFunc(t.keys, func(k *partKey) bool { return !k.resolvable }), "@key: not resolvable")
	w.noteIf(c.part.old && strings.Contains(c.part.sdl, "extend type "+t.def.Name+" "), "@key: extend type")
	for _, k := range t.keys {
		w.noteIf(len(k.sel) > 1, "@key: composite")
		c.noteKeyForm(t, k)
		for _, s := range k.sel {
			f := s.(*ast.Field)
			w.noteIf(len(f.SelectionSet) > 0, "@key: nested")
			c.noteSplit(t.fields[f.Name].def.Type.Name(), f.SelectionSet, "@key")
			of := c.part.types[t.fields[f.Name].def.Type.Name()]
			w.noteIf(of != nil && of.opaque, "@key: nested, of an interface object")
			w.noteIf(len(f.SelectionSet) > 0 && t.fields[f.Name].def.Type.Elem != nil, "@key: nested in a list")
		}
	}
}

// noteHidden notes what is @inaccessible around a field that the oracle resolves.
func (w *world) noteHidden(o *object, f *worldField) {
	for _, other := range w.types[o.typ].fields {
		w.noteIf(w.isHidden(other.coordinate), "@inaccessible: field")
	}
	for _, a := range f.def.Arguments {
		w.noteIf(w.isHidden(f.coordinate+"."+a.Name), "@inaccessible: argument")
		t := w.types[a.Type.Name()]
		if t == nil {
			continue
		}
		for _, v := range t.values {
			w.noteIf(w.isHidden(t.name+"."+v), "@inaccessible: enum value")
		}
		for name := range t.fields {
			w.noteIf(w.isHidden(t.name+"."+name), "@inaccessible: input field")
		}
	}
	t := w.types[f.typ.Name()]
	if t == nil {
		return
	}
	for _, member := range t.possible {
		hidden := w.isHidden(member)
		w.noteIf(hidden, "@inaccessible: type")
		w.noteIf(hidden && t.kind == ast.Union, "@inaccessible: union member")
		w.noteIf(hidden && t.kind == ast.Interface, "@inaccessible: implementation")
	}
}
