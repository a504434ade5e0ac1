package supergraph

import (
	"cmp"
	"slices"
	"strings"
)

// joinTypes reads which subgraphs know a type (@join__type), and the contexts that it sets there (@context).
func (l *loader) joinTypes() {
	n := len(l.noTypeIn)
	for _, d := range l.decls {
		if d.Introspection || builtInScalars[d.Name] {
			continue
		}
		coor := Coordinate(d.Name)
		d.In = make([]*TypeIn, n)
		for _, join := range d.directives.all(element{"join", "type"}) {
			g := l.subgraph(join, coor)
			if g == nil {
				continue
			}
			in := d.In[g.Index]
			if in == nil {
				in = &TypeIn{Subgraph: g, Type: d.Type}
				d.In[g.Index] = in
			}
			if join.is("isInterfaceObject", false) {
				in.InterfaceObject = true
				if d.Kind != Interface {
					l.problems.add(join.at(), coor, "only an interface can be an interface object")
				}
			}
		}
		l.joinContexts(d)
		l.joinValues(d)
	}
	index := l.schema.Introspection.Index
	q := l.schema.Query
	q.In[index] = &TypeIn{Subgraph: l.schema.Introspection, Type: q, Possible: []*Type{q}}
}

// joinContexts reads @context. Its name begins with the subgraph's; one that does not stands for all subgraphs.
func (l *loader) joinContexts(d *decl) {
	for _, c := range d.directives.all(element{"context", "context"}) {
		name, _ := c.text("name")
		var best *Subgraph
		for _, g := range l.schema.Subgraphs {
			if prefix := string(g.Name) + "__"; strings.HasPrefix(name, prefix) && (best == nil || len(g.Name) > len(best.Name)) {
				best = g
			}
		}
		for _, in := range d.In {
			if in != nil && (best == nil || in.Subgraph == best) {
				in.Contexts = append(in.Contexts, name)
			}
		}
	}
}

// joinValues reads which subgraphs know an enum value: those that @join__enumValue names, or, if no value of the
// enum has it, all that know the enum.
func (l *loader) joinValues(d *decl) {
	joined := false
	for i, ref := range d.values {
		v := d.EnumValues[i]
		for _, join := range l.applied(l.doc.EnumValueDefinitions[ref].Directives).all(element{"join", "enumValue"}) {
			joined = true
			if g := l.subgraph(join, Coordinate(d.Name+"."+v.Name)); g != nil && !slices.Contains(v.In, g) {
				v.In = append(v.In, g)
			}
		}
	}
	if joined {
		return
	}
	var all []*Subgraph
	for _, in := range d.In {
		if in != nil {
			all = append(all, in.Subgraph)
		}
	}
	for _, v := range d.EnumValues {
		v.In = all
	}
}

// joinFields reads which subgraphs know a field (@join__field).
func (l *loader) joinFields() {
	for _, d := range l.decls {
		if d.Introspection {
			continue
		}
		for _, f := range d.fields {
			f.In = l.newFieldIns()
			joins := f.directives.all(element{"join", "field"})
			if len(joins) == 0 {
				l.joinEverywhere(f.Field)
				continue
			}
			for _, join := range joins {
				if g := l.subgraph(join, f.Coordinate()); g != nil {
					l.joinField(f.Field, g, join)
				}
			}
		}
	}
}

// joinEverywhere puts a field without @join__field into all subgraphs that know its parent.
func (l *loader) joinEverywhere(f *Field) {
	for i, in := range f.Parent.In {
		if in != nil && in.Subgraph != l.schema.Introspection {
			f.In[i] = &FieldIn{Subgraph: in.Subgraph, Type: f.Type}
		}
	}
}

// joinField reads one @join__field that names a subgraph. The field sets follow later: they need all fields.
func (l *loader) joinField(f *Field, g *Subgraph, join directive) {
	coor := f.Coordinate()
	switch {
	case f.Parent.In[g.Index] == nil:
		l.problems.add(join.at(), coor, "subgraph %s has the field but not %s", g.Name, f.Parent.Name)
	case f.In[g.Index] != nil:
		l.problems.add(join.at(), coor, "subgraph %s is given twice", g.Name)
	}
	in := &FieldIn{Subgraph: g, Type: f.Type}
	if text, ok := join.text("type"); ok {
		ref, ok := l.parseTypeRef(text)
		if !ok {
			l.problems.add(join.at(), coor, "@%s: %q is not a known type", join.name(), text)
			ref = f.Type
		}
		in.Type = ref
	}
	in.External = join.is("external", false) || join.is("usedOverridden", false)
	args, ok := join.arg("contextArguments")
	if ok {
		for _, v := range l.doc.list(args) {
			in.ContextArgs = append(in.ContextArgs, ContextArg{
				Context: l.doc.memberString(v, "context"), Name: l.doc.memberString(v, "name"),
				Type: l.doc.memberString(v, "type"), Selection: strings.TrimSpace(l.doc.memberString(v, "selection")),
			})
		}
	}
	f.In[g.Index] = in
}

// parseTypeRef reads a type reference such as [Product!]!, and returns false if it is none or its type is unknown.
func (l *loader) parseTypeRef(text string) (TypeRef, bool) {
	text = strings.TrimSpace(text)
	text, nonNull := strings.CutSuffix(text, "!")
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || strings.Count(inner, "[") > maxNesting {
			return TypeRef{}, false
		}
		elem, ok := l.parseTypeRef(inner)
		return TypeRef{Named: elem.Named, Elem: &elem, NonNull: nonNull}, ok
	}
	t := l.schema.byName[text]
	return TypeRef{Named: t, NonNull: nonNull}, t != nil && t.Kind != InputObject
}

// override applies @override: a field that was taken away is gone from its former subgraph, or is external there if
// it is still used by it; with a label both stay and know of it. The subgraph may be named as in the subgraph's
// schema or by its enum value. A subgraph that does not exist (any more) loses nothing.
func (l *loader) override() {
	for _, d := range l.decls {
		for _, f := range d.fields {
			for _, join := range f.directives.all(element{"join", "field"}) {
				if loser := l.overridden(join); loser != nil {
					l.overrideField(f, l.subgraph(join, ""), loser, join)
				}
			}
		}
	}
}

// overridden returns the subgraph that an @override takes a field from; nil when there is none.
func (l *loader) overridden(join directive) *Subgraph {
	from, ok := join.text("override")
	winner, loser := l.subgraph(join, ""), l.namedSubgraph(from)
	if !ok || winner == nil || winner == loser {
		return nil
	}
	return loser
}

func (l *loader) overrideField(f fieldDecl, winner, loser *Subgraph, join directive) {
	for _, other := range f.directives.all(element{"join", "field"}) {
		if l.subgraph(other, "") == loser && l.overridden(other) != nil {
			l.problems.add(join.at(), f.Coordinate(), "subgraph %s overrides the field of %s, which overrides it, too",
				winner.Name, loser.Name)
			return
		}
	}
	in, lost := f.In[winner.Index], f.In[loser.Index]
	in.OverrideFrom = loser.Name
	if label, ok := join.text("overrideLabel"); ok {
		in.OverrideLabel = label
		if lost != nil {
			lost.OverriddenBy = label
			lost.External = l.isExternal(f, loser) // usedOverridden is only so when the label is on
		}
		return
	}
	if lost != nil && !lost.External {
		f.In[loser.Index] = nil
	}
}

// isExternal tells whether a field is @external in a subgraph.
func (l *loader) isExternal(f fieldDecl, g *Subgraph) bool {
	for _, join := range f.directives.all(element{"join", "field"}) {
		if l.subgraph(join, "") == g && join.is("external", false) {
			return true
		}
	}
	return false
}

// namedSubgraph finds a subgraph by name, or by enum value; nil if there is none.
func (l *loader) namedSubgraph(name string) *Subgraph {
	for _, g := range l.schema.Subgraphs {
		if string(g.Name) == name {
			return g
		}
	}
	return l.graph[name]
}

// byTypeName orders types.
func byTypeName(a, b *Type) int { return cmp.Compare(a.Name, b.Name) }
