package fedgen

import (
	"fmt"
	"maps"

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
		o := c.find(representation, text)
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

// find returns the entity of a representation.
func (c *call) find(representation map[string]any, text string) *object {
	name, _ := representation["__typename"].(string)
	t := c.part.types[name]
	if t == nil || len(t.keys) == 0 {
		c.violate("%s: a representation of an unknown type: %s", c.part.name, text)
		return nil
	}
	known := map[string]bool{"__typename": true}
	for _, pf := range t.fields {
		addNames(known, pf.requires)
	}
	var found *object
	complete := false
	for _, k := range t.keys {
		if !k.resolvable {
			continue
		}
		addNames(known, k.sel)
		value, err := projectJSON(c.world, representation, k.sel, name, true)
		if err != nil {
			continue
		}
		complete = true
		for _, o := range c.world.objects(name) {
			if canonical(c.world.project(o, k.sel)) == canonical(value) {
				found = o
			}
		}
	}
	for member := range representation {
		if !known[member] {
			c.violate("%s: a representation with %s, which is of no key and not required: %s", c.part.name, member, text)
		}
	}
	switch {
	case !complete:
		c.violate("%s: a representation without a complete key: %s", c.part.name, text)
	case found == nil:
		c.violate("%s: a representation of an entity that does not exist: %s", c.part.name, text)
	}
	return found
}

// asEntity is the type by which the subgraph knows an entity that was asked for.
func (c *call) asEntity(o *object, representation map[string]any) string {
	if name := representation["__typename"].(string); c.part.types[name].opaque {
		return name
	}
	return o.typ
}

func addNames(names map[string]bool, sel ast.SelectionSet) {
	for _, s := range sel {
		if f, ok := s.(*ast.Field); ok {
			names[f.Name] = true
		}
	}
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
