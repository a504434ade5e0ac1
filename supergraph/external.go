package supergraph

import (
	"cmp"
	"math/bits"
	"slices"
)

// The reasons of FieldIn.Doubt, the best first.
const (
	// assumed: the SDL does not say that the field is external, and what the subgraph has it for makes sense without it, too.
	assumed = 1 << iota
	// ownKey: the field is part of one of the subgraph's own keys.
	ownKey
	// useless: nothing says what the subgraph has the field for.
	useless
	// concluded: the SDL does not say that the field is external, but what the subgraph requires or provides would be in vain otherwise.
	concluded
)

// externals corrects FieldIn.External where the SDL says less, or more, than it means.
func (l *loader) externals() {
	l.unexternal()
	u := usage{
		joined: map[*Field]bool{}, keys: map[*Field]bool{}, own: map[*FieldIn]bool{}, needed: map[*FieldIn]bool{},
		silent: map[*Subgraph]bool{},
	}
	for _, d := range l.decls {
		for _, f := range d.fields {
			u.joined[f.Field] = f.directives.has(element{"join", "field"})
			if d.Type == l.schema.Query {
				u.noteSilent(f.Field)
			}
		}
		for _, in := range d.In {
			if in != nil {
				u.noteKeys(in)
				u.noteInterfaces(in)
			}
		}
	}
	for _, f := range l.fieldsIn() {
		u.use(f.Requires.Selections, f.Subgraph, false)
		u.use(f.Provides.Selections, f.Subgraph, false)
		for _, arg := range f.ContextArgs {
			for _, from := range arg.From {
				u.use(from.Fields.Selections, f.Subgraph, true)
			}
		}
	}
	var doubts uint8
	for _, d := range l.decls {
		for _, f := range d.fields {
			for _, in := range f.In {
				if in != nil {
					u.doubt(f.Field, in)
					doubts |= in.Doubt
				}
			}
		}
	}
	l.schema.Trusts = subsets(doubts)
}

// subsets are the sets of some of its bits, those of few first, and of those the ones of the lowest.
func subsets(of uint8) (list []uint8) {
	for n := range int(of) + 1 {
		if set := uint8(n); set&^of == 0 {
			list = append(list, set)
		}
	}
	slices.SortStableFunc(list, func(a, b uint8) int { return cmp.Compare(bits.OnesCount8(a), bits.OnesCount8(b)) })
	return list
}

// fieldsIn are what all subgraphs know of all fields.
func (l *loader) fieldsIn() (all []*FieldIn) {
	for _, d := range l.decls {
		for _, f := range d.fields {
			for _, in := range f.In {
				if in != nil {
					all = append(all, in)
				}
			}
		}
	}
	return all
}

// usage is what subgraphs have fields for that they may not resolve.
type usage struct {
	// joined are the fields of which the SDL says how each subgraph knows them, keys those that are part of a key anywhere.
	joined, keys map[*Field]bool
	// own are the fields of keys of the same subgraph; needed are what it requires or provides, or has for an interface.
	own, needed map[*FieldIn]bool
	// silent are the subgraphs of which the SDL may have left out a @provides, see noteSilent.
	silent map[*Subgraph]bool
}

// noteSilent notes who has a field of which The Guild's composer does not say what it provides: a root field that all subgraphs have.
func (u *usage) noteSilent(f *Field) {
	for _, in := range f.In {
		if in != nil && f.Type.Named.IsComposite() && !u.joined[f] {
			u.silent[in.Subgraph] = true
		}
	}
}

func (u *usage) noteKeys(in *TypeIn) {
	for _, k := range in.Keys {
		u.noteKey(k.Fields.Selections, in.Subgraph)
	}
}

func (u *usage) noteKey(selections []FieldSelection, g *Subgraph) {
	for _, s := range selections {
		if s.Field != nil {
			u.keys[s.Field] = true
			u.own[s.Field.In[g.Index]] = true
		}
		u.noteKey(s.Sub, g)
	}
}

func (u *usage) noteInterfaces(in *TypeIn) {
	for _, i := range in.Implements {
		for _, f := range i.Fields {
			if own := in.Type.Field(f.Name); own != nil && f.In[in.Subgraph.Index] != nil {
				u.needed[own.In[in.Subgraph.Index]] = true
			}
		}
	}
}

// use notes what a subgraph requires or provides, or selects for a context. It has to be external there, or below what is (outer;
// for a context it may be the subgraph's own, too): where the SDL says nothing of it, it is. The Guild's composer leaves fields
// out that only fragments and interfaces provide, and says nothing of fields that all subgraphs have, when they are keys of
// others, or of interface objects (of these neither does Apollo's).
func (u *usage) use(selections []FieldSelection, g *Subgraph, outer bool) {
	for _, s := range selections {
		external := outer
		for _, f := range fieldsSeen(s.Field, g) {
			in := f.In[g.Index]
			switch {
			case in == nil && f.isTakenFrom(g):
				continue
			case in == nil:
				in = &FieldIn{Subgraph: g, Type: f.Type, External: true}
				f.In[g.Index] = in
			case !u.joined[f] && !u.own[in]:
				u.assume(f, in, outer)
			}
			u.needed[in] = true
			external = external || in.External
		}
		u.use(s.Sub, g, external)
	}
}

// doubt notes why it is to be doubted that a field is external.
func (u *usage) doubt(f *Field, in *FieldIn) {
	switch {
	case !in.External || in.Doubt != 0 || f.isTakenFrom(in.Subgraph):
	case u.own[in]:
		in.Doubt = ownKey
	case !u.needed[in] && u.silent[in.Subgraph]:
		in.Doubt = useless
	}
}

// assume tells of a used field of which the SDL says only that the subgraph has it whether it is external.
func (u *usage) assume(f *Field, in *FieldIn, outer bool) {
	switch knows := f.Parent.In[in.Subgraph.Index]; {
	case knows.InterfaceObject:
		in.External = in.External || !outer
	case !u.keys[f] || len(knows.Keys) == 0:
	case outer && !in.External:
		in.External, in.Doubt = true, assumed
	case !outer:
		in.External, in.Doubt = true, concluded
	}
}

// fieldsSeen are the fields that a subgraph sees where a field is selected: of an interface, those of all of its types.
func fieldsSeen(f *Field, g *Subgraph) (seen []*Field) {
	if f == nil || f.IsTypename() || f.Parent.In[g.Index] == nil {
		return nil
	}
	types := f.Parent.In[g.Index].Possible
	if len(types) == 0 {
		types = []*Type{f.Parent} // an interface object
	}
	for _, t := range types {
		if own := t.Field(f.Name); own != nil {
			seen = append(seen, own)
		}
	}
	return seen
}

// isTakenFrom tells whether @override took a field away from a subgraph for good, without a label. That may still have it in keys by
// which it is asked.
func (f *Field) isTakenFrom(g *Subgraph) bool {
	return slices.ContainsFunc(f.In, func(in *FieldIn) bool { return in != nil && in.OverrideFrom == g.Name && in.OverrideLabel == "" })
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
		if s.Field != nil && s.Field.In[g.Index] != nil && !s.Field.isTakenFrom(g) {
			s.Field.In[g.Index].External = false
		}
		unexternal(s.Sub, g)
	}
}
