package fedgen

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// object is a node of the data.
type object struct {
	typ string
	id  uint64
	// index in the pool of its type; -1 when it is no entity.
	index int
	// reach is the subgraph through which an entity without a key was reached, the only one that can be asked about it.
	reach *part
}

// poolSize is how many entities there are of each type.
const poolSize = 4

// fill makes the pools. Keys that do not tell entities apart are made to.
func (w *world) fill() error {
	for _, name := range sortedKeys(w.types) {
		if !w.types[name].entity {
			continue
		}
		for i := range poolSize {
			w.pools[name] = append(w.pools[name], &object{name, hash(name, i), i, nil})
		}
	}
	for _, p := range w.parts {
		for _, name := range sortedKeys(p.types) {
			for _, k := range p.types[name].keys {
				if w.tellsApart(name, k) {
					continue
				}
				w.markUnique(name, k.sel)
				if !w.tellsApart(name, k) {
					return fmt.Errorf("a key of %s does not tell entities apart", name)
				}
			}
		}
	}
	for name, t := range w.types {
		if t.keyless {
			w.pools[name] = append(w.pools[name], &object{name, hash(name, keyless), keyless, nil})
		}
	}
	return nil
}

func (w *world) tellsApart(name string, k *partKey) bool {
	seen := map[string]bool{}
	all := w.objects(name)
	for _, o := range all {
		seen[canonical(w.project(o, k.sel))] = true
	}
	return len(seen) == len(all)
}

// objects are the entities of a type, of all members of an interface.
func (w *world) objects(name string) []*object {
	var list []*object
	for _, member := range w.types[name].possible {
		for _, o := range w.pools[member] {
			if o.index != keyless {
				list = append(list, o)
			}
		}
	}
	return list
}

func (w *world) markUnique(on string, sel ast.SelectionSet) {
	if w.types[on].kind == ast.Interface {
		for _, member := range w.types[on].possible {
			w.markUnique(member, sel)
		}
		return
	}
	for _, s := range withoutTypename(sel) {
		f := w.types[on].fields[s.(*ast.Field).Name]
		if sub := s.(*ast.Field).SelectionSet; len(sub) > 0 {
			w.markUnique(f.typ.Name(), sub)
			continue
		}
		f.unique = 0
	}
}

// root returns the object of a root type.
func (w *world) root(name string) *object { return &object{name, hash(name), -1, nil} }

// resolve returns the value of a field: nil, a leaf as encoding/json has it, []any or *object. The arguments are
// coerced; required is what the field requires, as canonical JSON.
func (w *world) resolve(o *object, f *worldField, args map[string]any, required string) any {
	if f.unique >= 0 {
		return w.keyValue(o, f)
	}
	r := &random{hash(w.seed, o.typ, o.id, f.coordinate, canonical(args), required)}
	return w.value(r, f, f.strict)
}

// required returns what a field requires, as canonical JSON; "" when it requires nothing.
func (w *world) required(o *object, f *worldField) string {
	if len(f.requires) == 0 {
		return ""
	}
	return canonical(w.project(o, f.requires))
}

func (w *world) value(r *random, f *worldField, t *ast.Type) any {
	if !t.NonNull && r.chance(12) {
		return nil
	}
	if t.Elem != nil {
		list := make([]any, r.n(4))
		for i := range list {
			list[i] = w.value(r, f, t.Elem)
		}
		return list
	}
	if len(f.possible) > 0 {
		name := pick(r, f.possible)
		switch {
		case name == "Query":
			return w.root(name)
		case w.pools[name] != nil:
			return pick(r, w.choices(f, name))
		}
		return &object{name, r.next(), -1, nil}
	}
	if d := w.types[t.NamedType]; d != nil && d.kind == ast.Enum {
		return pick(r, f.values)
	}
	return leafValue(r, t.NamedType)
}

func leafValue(r *random, name string) any {
	switch name {
	case "Int":
		return float64(r.n(1000))
	case "Float":
		return float64(r.n(1000)) / 4
	case "Boolean":
		return r.chance(50)
	case "Json":
		return pick(r, []any{"text", 1.5, true, map[string]any{"a": []any{1.0, nil}, "b": fmt.Sprint(r.n(100))}, []any{}, []any{"x", 2.0}})
	case "Date":
		return fmt.Sprintf("2024-01-%02d", r.between(1, 28))
	default:
		return fmt.Sprintf("%s-%d", name, r.n(100000))
	}
}

// keyValue is a value of a field that is part of a key.
func (w *world) keyValue(o *object, f *worldField) any {
	if o.index == keyless && !f.strict.NonNull {
		return nil
	}
	if len(f.possible) > 0 {
		return w.keyObjects(o, f)
	}
	n := int(o.id % 1000000)
	if o.index >= 0 {
		switch f.unique {
		case 0:
			n = w.types[o.typ].number*10 + o.index // among the members of an interface, too
		case 1:
			n = o.index / 2
		default:
			n = o.index%2 + 10*f.unique
		}
	}
	if d := w.types[f.typ.Name()]; d != nil && d.kind == ast.Enum {
		return f.values[n%2]
	}
	switch f.typ.Name() {
	case "Int", "Float":
		return float64(n)
	case "Boolean":
		return n%2 == 1
	default:
		return fmt.Sprintf("%s-%d", f.def.Name, n)
	}
}

// keyObjects is a value of a field of which a key has some fields: an object, or a list of some.
func (w *world) keyObjects(o *object, f *worldField) any {
	name, list := f.possible[0], []any{}
	for i := range 1 + max(o.index, 0)%2 {
		if w.pools[name] != nil {
			list = append(list, w.pools[name][(max(o.index, 0)+i)%poolSize])
		} else {
			list = append(list, &object{name, hash(o.id, f.coordinate, i), -1, nil})
		}
	}
	switch {
	case f.typ.Elem == nil:
		return list[0]
	case f.typ.Elem.Elem != nil:
		return []any{list, []any{}, list[:1]}
	default:
		return list
	}
}

// project returns what a selection of a federation directive selects of an object. It has __typename where fragments
// choose by it. To require a field that fails, or one of an entity that is not known, is to require null.
func (w *world) project(o *object, sel ast.SelectionSet) map[string]any {
	out := map[string]any{}
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name == "__typename" {
				out[s.Name] = o.typ
				continue
			}
			f := w.types[o.typ].fields[s.Name]
			v, err := w.get(o, f, reference.CoerceArguments(w.schema, f.def.Arguments, s.Arguments, nil))
			if err != nil {
				w.failed.Add(1)
			}
			out[s.Name] = w.projectValue(v, s.SelectionSet)
		case *ast.InlineFragment:
			out["__typename"] = o.typ
			if w.is(o.typ, s.TypeCondition) {
				maps.Copy(out, w.project(o, s.SelectionSet))
			}
		}
	}
	return out
}

func (w *world) projectValue(v any, sel ast.SelectionSet) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = w.projectValue(v[i], sel)
		}
		return list
	case *object:
		return w.project(v, sel)
	default:
		return v
	}
}

// is tells whether an object type is, or is one of, another.
func (w *world) is(name, of string) bool {
	if of == "" || name == of {
		return true
	}
	return slices.Contains(w.types[of].possible, name)
}

func hash(parts ...any) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		fmt.Fprintf(h, "%v\x00", p)
	}
	r := random{h.Sum64()}
	return r.next()
}

func canonical(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
