package fedgen

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Gaps are what is missing in the data: entities that a subgraph does not know, entities without a key, and fields that
// fail. Each is only where the answer cannot depend on the plan.

// errResolver is the error of a field that fails.
var errResolver = errors.New("the resolver fails")

// What a subgraph answers for an entity that it does not know.
const (
	nullForUnknown  = "null"
	errorForUnknown = "null and an error"
)

// keyless is the index of the entity of a type that has no key.
const keyless = poolSize

// get returns the value of a field of an object as the client may see it through a federation, or errResolver.
func (w *world) get(o *object, f *worldField, args map[string]any) (any, error) {
	required := w.required(o, f)
	switch {
	case o.reach != nil && (len(f.requires)+len(f.contexts) > 0 || !slices.Contains(f.owners, o.reach)):
		// Without a key nobody else can be asked about it, and nobody be told what a field requires.
		w.note("data: an entity without a key")
		return nil, nil
	case w.isUnknown(o, f.owners):
		w.note("data: an entity that the subgraph does not know")
		return nil, nil
	case w.fails(o, f):
		w.note("data: a field that fails")
		return nil, errResolver
	}
	v := w.resolve(o, f, args, required)
	if len(f.owners) == 1 {
		v = reachable(v, f.owners[0])
	}
	return v, nil
}

// complains tells whether a subgraph has an error for an entity that it does not know, and not just null. It does not where
// others require fields of it: what requires a value that is unknown is not asked for, and takes along whatever else is
// asked for in the same representation.
func (w *world) complains(p *part, o *object) bool {
	return o.id%2 == 0 && w.types[o.typ].ignorant[p.name] == errorForUnknown
}

// reachable notes on entities without a key through which subgraph they are reached.
func reachable(v any, p *part) any {
	switch v := v.(type) {
	case *object:
		if v.index == keyless {
			return &object{v.typ, v.id, v.index, p}
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = reachable(v[i], p)
		}
		return list
	}
	return v
}

// isUnknown tells whether none of the subgraphs knows the object.
func (w *world) isUnknown(o *object, owners []*part) bool {
	if o.index < 0 || len(owners) == 0 {
		return false
	}
	for _, p := range owners {
		if !w.ignores(p, o) {
			return false
		}
	}
	return true
}

// ignores tells whether the subgraph does not know an entity.
func (w *world) ignores(p *part, o *object) bool {
	return o.index == poolSize-1 && w.types[o.typ].ignorant[p.name] != ""
}

// choices are the entities of a type that a field can have as values: those that all of its subgraphs know, and all that may
// provide it. One without a key is only where a single subgraph resolves the field, since another one could not be told which entity it is.
func (w *world) choices(f *worldField, name string) []*object {
	var list []*object
	for _, o := range w.pools[name] {
		ok := o.index != keyless || len(f.owners) == 1 && !f.provided
		for _, p := range w.parts {
			ok = ok && (!f.provided && !slices.Contains(f.owners, p) || !w.ignores(p, o))
		}
		if ok {
			list = append(list, o)
		}
	}
	return list
}

// fails tells whether a field of an object fails.
func (w *world) fails(o *object, f *worldField) bool {
	return f.mayFail && hash(w.seed, "fails", o.typ, o.id, f.coordinate)%100 < 3
}

// findGaps decides which gaps there may be. A field that must not be null does not fail where it would take along what
// something else requires: whether it does depends on what else is asked for in one request.
func (w *world) findGaps() {
	if w.whole {
		return
	}
	keys, required := map[string]bool{}, map[string]bool{}
	provided, taken := map[string]bool{}, map[string]bool{}
	for _, p := range w.parts {
		for _, name := range sortedKeys(p.types) {
			for _, k := range p.types[name].keys {
				w.mention(keys, name, k.sel)
				w.mentionNullable(taken, name, k.sel)
			}
			for _, f := range p.types[name].fields {
				w.mention(required, name, f.requires)
				w.mentionContexts(required, p, f)
				w.mention(provided, f.def.Type.Name(), f.provides)
			}
		}
	}
	maps.Copy(taken, required)
	fragile := w.fragile(taken)
	for _, name := range sortedKeys(w.types) {
		t := w.types[name]
		for _, f := range t.fields {
			f.provided = provided[f.coordinate]
			f.mayFail = !keys[f.coordinate] && t.kind == ast.Object && f.typ.String() == f.strict.String() &&
				(!f.typ.NonNull || !required[f.coordinate] && !fragile[name])
		}
	}
	for _, name := range sortedKeys(w.types) {
		if t := w.types[name]; t.entity && !keys[name] {
			t.keyless = !required[name] && w.mayBeKeyless(t)
			w.findIgnorant(t, required)
		}
	}
}

// mentionNullable notes the types of the objects in a key that may be null: what fails of such a one takes along the key.
func (w *world) mentionNullable(types map[string]bool, on string, sel ast.SelectionSet) {
	for _, s := range sel {
		f := s.(*ast.Field)
		if wf := w.types[on].fields[f.Name]; wf != nil && len(f.SelectionSet) > 0 && !wf.strict.NonNull {
			w.mention(types, on, ast.SelectionSet{f})
		}
	}
}

// fragile are the types of which no field that must not be null may fail: it would take along what something requires, or
// more than the client expects, since a subgraph says that something above it must not be null, and others say it may.
func (w *world) fragile(required map[string]bool) map[string]bool {
	types := maps.Clone(required)
	for more := true; more; {
		more = false
		for _, name := range sortedKeys(w.types) {
			for _, f := range w.types[name].fields {
				of := w.types[f.typ.Name()]
				if of == nil || f.typ.String() == f.strict.String() && (!types[name] || !strings.Contains(f.typ.String(), "!")) {
					continue
				}
				for _, t := range append([]string{of.name}, of.possible...) {
					more = more || !types[t]
					types[t] = true
				}
			}
		}
	}
	return types
}

// mentionContexts notes what a field takes from contexts, and from which types: what takes along such an object in one
// subgraph need not do so in another one, where what lies below it comes from.
func (w *world) mentionContexts(coordinates map[string]bool, p *part, f *partField) {
	for _, c := range f.contexts {
		for name, t := range p.types {
			if slices.Contains(t.contexts, c.name) {
				for _, of := range append([]string{name}, w.types[name].possible...) {
					coordinates[of] = true
				}
				w.mention(coordinates, name, c.sel)
			}
		}
	}
}

// mention notes the coordinates of all fields of a selection, and the types of those that have selections.
func (w *world) mention(coordinates map[string]bool, on string, sel ast.SelectionSet) {
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			f := w.types[on].fields[s.Name]
			if f == nil {
				continue // __typename
			}
			coordinates[f.coordinate] = true
			for _, member := range w.types[on].possible {
				if mf := w.types[member].fields[s.Name]; mf != nil {
					coordinates[mf.coordinate] = true
				}
			}
			if len(s.SelectionSet) > 0 {
				coordinates[f.typ.Name()] = true
				for _, member := range w.types[f.typ.Name()].possible {
					coordinates[member] = true
				}
				w.mention(coordinates, f.typ.Name(), s.SelectionSet)
			}
		case *ast.InlineFragment:
			w.mention(coordinates, s.TypeCondition, s.SelectionSet)
		}
	}
}

// mayBeKeyless: one entity has no key, if each key has a part that may be null. No @provides may bring fields of it,
// nothing may require fields through it, and whatever it has without a key must be of one subgraph.
func (w *world) mayBeKeyless(t *worldType) bool {
	for _, f := range t.fields {
		if f.provided || len(f.owners) > 1 && (f.unique < 0 || f.strict.NonNull) {
			return false
		}
	}
	for _, p := range w.parts {
		for _, pt := range w.known(p, t.name) {
			for _, k := range pt.keys {
				if !slices.ContainsFunc(k.sel, func(s ast.Selection) bool { return !t.fields[s.(*ast.Field).Name].strict.NonNull }) {
					return false
				}
			}
		}
	}
	return true
}

// findIgnorant: a subgraph may not know one of the entities, if it is the only one that resolves its fields, and one does
// not get through it from one key to another.
func (w *world) findIgnorant(t *worldType, required map[string]bool) {
	t.ignorant = map[string]string{}
	for _, p := range w.parts {
		if hash(w.seed, "ignorant", t.name, p.name)%2 != 0 || !w.mayIgnore(p, t) {
			continue
		}
		t.ignorant[p.name] = errorForUnknown
		for _, f := range t.fields {
			if required[f.coordinate] && slices.Contains(f.owners, p) {
				t.ignorant[p.name] = nullForUnknown
			}
		}
	}
}

func (w *world) mayIgnore(p *part, t *worldType) bool {
	known := w.known(p, t.name)
	if len(known) != 1 || len(known[0].keys) != 1 {
		return false
	}
	for _, parent := range t.parents { // which type an object has is asked of the subgraph that has a key of the interface
		if pt := p.types[parent]; pt != nil && !pt.opaque && len(pt.keys) > 0 {
			return false
		}
	}
	key := map[string]bool{}
	for _, s := range known[0].keys[0].sel {
		if len(s.(*ast.Field).SelectionSet) > 0 {
			return false
		}
		key[s.(*ast.Field).Name] = true
	}
	for name, pf := range known[0].fields {
		if f := t.fields[name]; pf.resolves() && !key[name] && (len(f.owners) != 1 || f.provided) {
			return false
		}
	}
	return true
}
