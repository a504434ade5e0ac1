package fedgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// mergeArguments: clients may give the arguments that all subgraphs have that declare a field.
func mergeArguments(a, b ast.ArgumentDefinitionList) ast.ArgumentDefinitionList {
	var list ast.ArgumentDefinitionList
	for _, arg := range a {
		other := b.ForName(arg.Name)
		if other == nil {
			continue
		}
		merged := *arg
		merged.Type = stricter(arg.Type, other.Type)
		list = append(list, &merged)
	}
	return list
}

// mergeInputs takes from input types what not all subgraphs have, and from enums that are only taken the values that not all
// take.
func (w *world) mergeInputs() {
	taken, returned := w.enumUses()
	for _, p := range w.parts {
		for name, pt := range p.types {
			t := w.types[name]
			if t.kind == ast.InputObject {
				t.order = slices.DeleteFunc(t.order, func(n string) bool { return pt.fields[n] == nil })
			}
			if t.kind == ast.Enum && taken[name] && !returned[name] {
				t.values = slices.DeleteFunc(t.values, func(v string) bool { return pt.def.EnumValues.ForName(v) == nil })
			}
		}
	}
	for _, t := range w.types {
		for name := range t.fields {
			if !slices.Contains(t.order, name) {
				delete(t.fields, name)
			}
		}
	}
}

// enumUses are the types that are taken from clients, and those that clients get.
func (w *world) enumUses() (taken, returned map[string]bool) {
	taken, returned = map[string]bool{}, map[string]bool{}
	for _, p := range w.parts {
		for _, t := range p.types {
			for _, f := range t.def.Fields {
				if t.def.Kind == ast.InputObject {
					taken[f.Type.Name()] = true
				} else {
					returned[f.Type.Name()] = true
				}
				for _, a := range f.Arguments {
					taken[a.Type.Name()] = true
				}
			}
		}
	}
	return taken, returned
}

// findProvided notes what a subgraph provides.
func (w *world) findProvided(p *part) {
	for _, t := range p.types {
		for _, f := range t.fields {
			w.mention(p.provides, f.def.Type.Name(), f.provides)
		}
	}
}

// returnable are the values of an enum that a field can have: those that all subgraphs know that resolve or provide it.
func (w *world) returnable(t *worldType, f *worldField) []string {
	e := w.types[f.typ.Name()]
	if e == nil || e.kind != ast.Enum {
		return nil
	}
	values := slices.Clone(e.values)
	for _, p := range w.parts {
		provides := p.provides[f.coordinate]
		for _, pt := range w.known(p, t.name) {
			if pf := pt.fields[f.def.Name]; pf.resolves() || pf != nil && provides {
				values = slices.DeleteFunc(values, func(v string) bool { return p.types[e.name].def.EnumValues.ForName(v) == nil })
			}
		}
	}
	return values
}

// given are the arguments of a field that a gateway can give: a subgraph has others, and other input fields, by default.
func (c *call) given(f *ast.Field, wf *worldField, args map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for name, v := range args {
		a := wf.def.Arguments.ForName(name)
		isOfContext := slices.ContainsFunc(wf.contexts, func(c *worldContext) bool { return c.arg == name })
		switch {
		case a != nil:
			out[name] = c.world.givenValue(a.Type, v)
		case isOfContext:
			out[name] = v
		case f.Arguments.ForName(name) != nil:
			return nil, c.refuse("%s: %s is asked for with %s, which not all subgraphs have", c.part.name, wf.coordinate, name)
		}
	}
	return out, nil
}

func (w *world) givenValue(t *ast.Type, v any) any {
	switch v := v.(type) {
	case []any:
		if t.Elem == nil { // a scalar
			return v
		}
		list := make([]any, len(v))
		for i := range v {
			list[i] = w.givenValue(t.Elem, v[i])
		}
		return list
	case map[string]any:
		of := w.types[t.Name()]
		if of == nil || of.kind != ast.InputObject {
			return v
		}
		out := map[string]any{}
		for name, member := range v {
			if f := of.fields[name]; f != nil {
				out[name] = w.givenValue(f.typ, member)
			}
		}
		return out
	default:
		return v
	}
}

// noteDifferences notes what subgraphs say differently of a field that one of them resolves.
func (c *call) noteDifferences(pf *partField, wf *worldField) {
	w := c.world
	w.noteIf(len(wf.values) > 0 && len(wf.values) < len(w.types[wf.typ.Name()].values), "enum: values that only some subgraphs return")
	for _, a := range pf.def.Arguments {
		merged := wf.def.Arguments.ForName(a.Name)
		w.noteIf(merged == nil, "argument: only in some subgraphs")
		if merged == nil {
			continue
		}
		w.noteIf(merged.Type.String() != a.Type.String(), "argument: nullability differs")
		c.noteInput(a.Type.Name())
	}
}

func (c *call) noteInput(name string) {
	w, pt := c.world, c.part.types[name]
	if pt == nil {
		return
	}
	t := w.types[name]
	w.noteIf(t.kind == ast.Enum && len(t.values) < len(pt.def.EnumValues), "enum: values that only some subgraphs take")
	if t.kind != ast.InputObject {
		return
	}
	for _, f := range pt.def.Fields {
		merged := t.fields[f.Name]
		w.noteIf(merged == nil, "input field: only in some subgraphs")
		w.noteIf(merged == nil && f.DefaultValue != nil, "input field: only in some subgraphs, with a default")
		w.noteIf(merged != nil && merged.typ.String() != f.Type.String(), "input field: nullability differs")
		c.noteInput(f.Type.Name())
	}
}
