package fedgen

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// entities answers _entities: strictly, since the gateway is what is tested.
func (c *call) entities(f *ast.Field, representations []any) (any, error) {
	seen := map[string]bool{}
	list := make([]any, len(representations))
	c.asked += len(representations)
	for i, r := range representations {
		text := canonical(r)
		if seen[text] {
			c.violate("%s: the same representation twice under %s: %s", c.part.name, f.Alias, text)
		}
		seen[text] = true
		representation, ok := r.(map[string]any)
		if !ok {
			return nil, c.refuse("%s: a representation %s", c.part.name, text)
		}
		o := c.find(representation, f)
		if o != nil {
			c.noteKeys(c.part.types[representation["__typename"].(string)])
		}
		if o != nil && c.world.ignores(c.part, o) {
			if c.world.complains(c.part, o) {
				c.faults = append(c.faults, reference.Fault{Path: []any{f.Alias, i}, Message: "not known"})
			}
			continue
		}
		if o != nil {
			list[i] = &partNode{object: o, as: c.asEntity(o, representation), representation: representation}
		}
	}
	return list, nil
}

// find returns the entity of a representation under an _entities. All complete keys must be of the same one, and there must be nothing
// but these and what the fields selected there require: a subgraph may ignore more, but to fetch it was for nothing.
func (c *call) find(representation map[string]any, under *ast.Field) *object {
	name, _ := representation["__typename"].(string)
	text := canonical(representation)
	t := c.part.types[name]
	if t == nil || len(t.keys) == 0 {
		c.violate("%s: a representation of an unknown type: %s", c.part.name, text)
		return nil
	}
	var wanted ast.SelectionSet
	for _, typ := range t.possible {
		wanted = append(wanted, c.requiredBy(under.SelectionSet, typ)...)
	}
	var found []*object
	for _, k := range t.keys {
		if !k.resolvable {
			continue
		}
		key, err := projectJSON(c.world, representation, k.sel, name, true)
		if err != nil {
			continue
		}
		wanted = append(wanted, k.sel...)
		found = append(found, c.world.identified(name, k.sel, key))
	}
	switch {
	case len(found) == 0:
		c.violate("%s: a representation without a complete key: %s", c.part.name, text)
		return nil
	case slices.Contains(found, nil):
		c.violate("%s: a representation of an entity that does not exist: %s", c.part.name, text)
		return nil
	case len(slices.Compact(found)) > 1:
		c.violate("%s: a representation with keys of several entities: %s", c.part.name, text)
	}
	if member := c.world.needless(representation, wanted); member != "" {
		c.violate("%s: a representation with %s, which is of no key and not required: %s", c.part.name, member, text)
	}
	return found[0]
}

// identified is the entity that a key identifies; nil for none.
func (w *world) identified(name string, sel ast.SelectionSet, key map[string]any) *object {
	for _, o := range w.objects(name) {
		if canonical(w.project(o, sel)) == canonical(key) {
			return o
		}
	}
	return nil
}

// requiredBy is what the fields require that are selected of objects of a type.
func (c *call) requiredBy(selected ast.SelectionSet, typ string) (set ast.SelectionSet) {
	for _, s := range selected {
		switch s := s.(type) {
		case *ast.Field:
			if f := c.part.types[typ].fields[s.Name]; f != nil {
				set = append(set, f.requires...)
			}
		case *ast.InlineFragment:
			if c.world.is(typ, s.TypeCondition) {
				set = append(set, c.requiredBy(s.SelectionSet, typ)...)
			}
		case *ast.FragmentSpread:
			if c.world.is(typ, s.Definition.TypeCondition) {
				set = append(set, c.requiredBy(s.Definition.SelectionSet, typ)...)
			}
		}
	}
	return set
}

// needless is a member of what a representation has, at any depth, that is not selected; "" for none.
func (w *world) needless(value any, set ast.SelectionSet) string {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			if member := w.needless(v, set); member != "" {
				return member
			}
		}
	case map[string]any:
		below := map[string]ast.SelectionSet{"__typename": nil}
		w.members(value, set, below)
		for _, name := range sortedKeys(value) {
			sub, selected := below[name]
			if !selected {
				return name
			}
			if len(sub) == 0 {
				continue // a leaf, maybe a scalar that looks like an object
			}
			if member := w.needless(value[name], sub); member != "" {
				return name + "." + member
			}
		}
	}
	return ""
}

// members adds the members of an object that a selection set selects, with what it selects below them.
func (w *world) members(object map[string]any, set ast.SelectionSet, below map[string]ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			below[s.Name] = append(below[s.Name], s.SelectionSet...)
		case *ast.InlineFragment:
			if name, _ := object["__typename"].(string); w.is(name, s.TypeCondition) {
				w.members(object, s.SelectionSet, below)
			}
		}
	}
}

// asEntity is the type by which the subgraph knows an entity that was asked for.
func (c *call) asEntity(o *object, representation map[string]any) string {
	if name := representation["__typename"].(string); c.part.types[name].opaque {
		return name
	}
	return o.typ
}

// required returns what the representation says of what a field requires, as canonical JSON. It must be what the data
// says. To a subgraph that requires nothing, or provides the field, it is known.
func (c *call) required(n *partNode, name string, pf *partField, granted bool) (string, error) {
	if len(pf.requires) == 0 || granted {
		return c.world.required(n.object, c.world.types[n.object.typ].fields[name]), nil
	}
	at := fmt.Sprintf("%s: %s.%s", c.part.name, n.as, name)
	if n.representation == nil {
		return "", c.refuse("%s is asked for without a representation that has what it requires", at)
	}
	value, err := projectJSON(c.world, n.representation, pf.requires, n.object.typ, false)
	if err != nil {
		return "", c.refuse("%s: what it requires: %v: %s", at, err, canonical(n.representation))
	}
	got, want := canonical(value), canonical(c.world.project(n.object, pf.requires))
	if got != want {
		return "", c.refuse("%s requires %s, the representation has %s", at, want, got)
	}
	return got, nil
}

// projectJSON returns what a selection selects of a representation, as world.project does of an object. Every selected
// member must be there, and, for keys, not be null.
func projectJSON(w *world, r map[string]any, sel ast.SelectionSet, on string, key bool) (map[string]any, error) {
	out := map[string]any{}
	for _, s := range sel {
		switch s := s.(type) {
		case *ast.Field:
			v, ok := r[s.Name]
			if !ok || key && v == nil {
				return nil, fmt.Errorf("%s is missing or null", s.Name)
			}
			below, err := projectJSONValue(w, v, s.SelectionSet, fieldType(w, on, s.Name), key)
			if err != nil {
				return nil, err
			}
			out[s.Name] = below
		case *ast.InlineFragment:
			name, ok := r["__typename"].(string)
			if !ok {
				return nil, fmt.Errorf("__typename is missing beside %s", canonical(r))
			}
			out["__typename"] = name
			if !w.is(name, s.TypeCondition) {
				continue
			}
			part, err := projectJSON(w, r, s.SelectionSet, name, key)
			if err != nil {
				return nil, err
			}
			maps.Copy(out, part)
		}
	}
	return out, nil
}

// fieldType is the type of a field on a type of which the run-time type may be unknown.
func fieldType(w *world, on, name string) string {
	if t := w.types[on]; t != nil && t.fields[name] != nil {
		return t.fields[name].typ.Name()
	}
	return ""
}

func projectJSONValue(w *world, v any, sel ast.SelectionSet, on string, key bool) (any, error) {
	switch v := v.(type) {
	case []any:
		if len(sel) == 0 {
			return v, nil
		}
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = projectJSONValue(w, v[i], sel, on, key); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if len(sel) == 0 {
			return v, nil
		}
		return projectJSON(w, v, sel, on, key)
	default:
		return v, nil
	}
}
