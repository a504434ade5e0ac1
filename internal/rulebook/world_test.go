package rulebook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// world is the data of a case, and what its subgraphs say of it.
type world struct {
	data  data
	parts []*part
	// parents are the interfaces and unions of each type, in any subgraph.
	parents map[string][]string
	// random: arguments may be any, so that values by arguments are for others, too.
	random bool
}

// object is a node of the data.
type object struct {
	typ    string
	fields map[string]any
	name   string // by which the data refers to it, if any
}

func newWorld(c *fedCase) (*world, error) {
	w := &world{data: c.data, parents: map[string][]string{}}
	for _, s := range c.subgraphs {
		p, err := newPart(s)
		if err != nil {
			return nil, err
		}
		w.parts = append(w.parts, p)
		for name, t := range p.types {
			w.parents[name] = append(w.parents[name], t.def.Interfaces...)
			for _, member := range t.def.Types {
				w.parents[member] = append(w.parents[member], name)
			}
		}
	}
	return w, nil
}

func (w *world) is(typ, of string) bool {
	return of == "" || typ == of || slices.Contains(w.parents[typ], of)
}

// root is the object of a root type.
func (w *world) root(name string) *object { return &object{name, w.data[name], name} }

// value is what a subgraph ("" for what all say) says of a field; found is false when the data says nothing.
func (w *world) value(o *object, subgraph, field string, args map[string]any) (v any, found bool) {
	v, found = o.fields[field+"@"+subgraph]
	if !found {
		v, found = o.fields[field]
	}
	if m, ok := v.(map[string]any); ok && m["$by"] != nil {
		by, _ := m["$by"].(map[string]any)
		if v, found = by[canonical(args)]; !found && w.random {
			for _, key := range slices.Sorted(maps.Keys(by)) {
				v, found = by[key], true
			}
		}
	}
	if v == "$args" {
		v = canonical(args)
	}
	return v, found
}

// asObject is a value of a composite type.
func (w *world) asObject(v any, declared string) (*object, error) {
	switch v := v.(type) {
	case string:
		typ, _, _ := strings.Cut(v, ":")
		if w.data[v] == nil {
			return nil, fmt.Errorf("the data has no %q", v)
		}
		return &object{typ, w.data[v], v}, nil
	case map[string]any:
		if typ, ok := v["__typename"].(string); ok {
			declared = typ
		}
		return &object{declared, v, ""}, nil
	}
	return nil, fmt.Errorf("no object: %v", v)
}

// fieldType is the name of a field's type, in any subgraph.
func (w *world) fieldType(typ, field string) string {
	for _, p := range w.parts {
		for _, name := range append([]string{typ}, w.parents[typ]...) {
			if t := p.types[name]; t != nil {
				if f := t.def.Fields.ForName(field); f != nil {
					return f.Type.Name()
				}
			}
		}
	}
	return ""
}

// differs tells how a representation, or an object in one, differs from what the data says of an object; "" when it does not.
func (w *world) differs(o *object, representation map[string]any, set ast.SelectionSet) string {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.InlineFragment:
			if representation["__typename"] == nil {
				return "no __typename"
			}
			if w.is(o.typ, s.TypeCondition) {
				if text := w.differs(o, representation, s.SelectionSet); text != "" {
					return text
				}
			}
		case *ast.Field:
			if s.Name == "__typename" {
				continue
			}
			got, ok := representation[s.Name]
			if !ok {
				return "no " + s.Name
			}
			want, found := w.value(o, "", s.Name, literals(s.Arguments))
			if !found {
				return "no data for " + s.Name
			}
			if text := w.valueDiffers(want, got, s.SelectionSet, w.fieldType(o.typ, s.Name)); text != "" {
				return s.Name + ": " + text
			}
		}
	}
	return ""
}

func (w *world) valueDiffers(want, got any, set ast.SelectionSet, typ string) string {
	if len(set) == 0 || want == nil || got == nil {
		if canonical(want) != canonical(got) {
			return fmt.Sprintf("%s, want %s", canonical(got), canonical(want))
		}
		return ""
	}
	if list, ok := want.([]any); ok {
		gotList, _ := got.([]any)
		if len(gotList) != len(list) {
			return fmt.Sprintf("%s, want %d objects", canonical(got), len(list))
		}
		for i := range list {
			if text := w.valueDiffers(list[i], gotList[i], set, typ); text != "" {
				return text
			}
		}
		return ""
	}
	o, err := w.asObject(want, typ)
	if err != nil {
		return err.Error()
	}
	m, ok := got.(map[string]any)
	if !ok {
		return canonical(got) + ", want an object"
	}
	return w.differs(o, m, set)
}

// literals are the arguments of a federation directive's field.
func literals(list ast.ArgumentList) map[string]any {
	args := map[string]any{}
	for _, a := range list {
		v, err := a.Value.Value(nil)
		if err != nil {
			panic(err)
		}
		args[a.Name] = number(v)
	}
	return args
}

// number makes numbers comparable as JSON.
func number(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&out); err != nil {
		panic(err)
	}
	return out
}
