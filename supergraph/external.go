package supergraph

import "slices"

// externals corrects FieldIn.External where the SDL says less, or more, than it means.
func (l *loader) externals() {
	l.unexternal()
	for _, d := range l.decls {
		for _, in := range d.In {
			if in != nil && in.InterfaceObject {
				l.externalInterfaceObject(d, in)
			}
		}
	}
	for _, d := range l.decls {
		for _, in := range d.In {
			if in != nil {
				for _, k := range in.Keys {
					noteExternalKeys(k.Fields.Selections, in.Subgraph)
				}
			}
		}
	}
}

func noteExternalKeys(selections []FieldSelection, g *Subgraph) {
	for _, s := range selections {
		if s.Field != nil && s.Field.In[g.Index] != nil {
			in := s.Field.In[g.Index]
			in.ExternalKey = in.External
		}
		noteExternalKeys(s.Sub, g)
	}
}

// unexternal clears External of key fields that Federation 1 demanded to be @external where a type was extended.
func (l *loader) unexternal() {
	for _, d := range l.decls {
		next := map[*Subgraph]int{}
		for _, join := range d.directives.all(element{"join", "type"}) {
			if _, ok := join.text("key"); !ok {
				continue
			}
			g := l.subgraph(join, "")
			key := d.In[g.Index].Keys[next[g]]
			next[g]++
			if join.is("extension", false) {
				unexternal(key.Fields.Selections, g)
			}
		}
	}
}

func unexternal(selections []FieldSelection, g *Subgraph) {
	for _, s := range selections {
		if s.Field != nil && s.Field.In[g.Index] != nil {
			s.Field.In[g.Index].External = false
		}
		unexternal(s.Sub, g)
	}
}

// externalInterfaceObject marks as external what a field of an interface object requires and nothing says of how the
// subgraph knows it. A field must be external to be required, but composition may leave it without @join__field,
// when the other subgraphs all resolve it. Key fields are what the subgraph does have.
func (l *loader) externalInterfaceObject(d *decl, in *TypeIn) {
	keys := map[*Field]bool{}
	for _, k := range in.Keys {
		for _, s := range k.Fields.Selections {
			keys[s.Field] = true
		}
	}
	for _, f := range d.fields {
		at := f.In[in.Subgraph.Index]
		if at == nil {
			continue
		}
		for _, s := range at.Requires.Selections {
			n := slices.IndexFunc(d.fields, func(f fieldDecl) bool { return f.Field == s.Field })
			if n >= 0 && !keys[s.Field] && !d.fields[n].directives.has(element{"join", "field"}) {
				s.Field.In[in.Subgraph.Index].External = true
			}
		}
	}
}
