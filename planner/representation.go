package planner

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// represent writes the representation of objects of one type for an entry. It is nil when a member would have two values:
// fields that are required with different arguments need representations of their own.
func represent(e *entry, t *supergraph.Type, into *Representation) *Representation {
	r := into
	if r == nil {
		r = &Representation{Types: []*supergraph.Type{t}, Typename: e.typename}
		if r.Typename == "" {
			r.Typename = t.Name
		}
	}
	fields, ok := addMembers(slices.Clone(r.Fields), e.subgraph, e.site.place, e.key, typeSet{t}, typeSet{t}, true)
	if ok {
		fields, ok = addMembers(fields, e.subgraph, e.site.place, e.requires, typeSet{t}, typeSet{t}, false)
	}
	if !ok {
		return nil
	}
	return &Representation{Types: r.Types, Typename: r.Typename, Fields: fields}
}

// addMembers adds what a subgraph wants at a place, for objects of the types in scope; all are the types objects there can
// have. It reports false when a member would stand for two slots.
func addMembers(
	fields []*RepresentationField, g *supergraph.Subgraph, at *place, wants []want, scope, all typeSet, key bool,
) ([]*RepresentationField, bool) {
	for _, w := range wants {
		var ok bool
		if w.field == nil {
			inner := scope.and(w.on.Possible)
			if len(inner) == 0 {
				continue
			}
			fields, ok = addMembers(fields, g, at, w.sub, inner, all, key)
		} else {
			fields, ok = addMember(fields, g, at, w, scope, all, key)
		}
		if !ok {
			return nil, false
		}
	}
	return fields, true
}

func addMember(
	fields []*RepresentationField, g *supergraph.Subgraph, at *place, w want, scope, all typeSet, key bool,
) ([]*RepresentationField, bool) {
	m := &RepresentationField{Name: w.field.Name, Key: key}
	if !scope.equal(all) {
		m.Types = scope
	}
	if w.field.IsTypename() {
		m.Slot = at.layout.Typename
		return putMember(fields, m)
	}
	m.Slot = at.hiddenSlot(w.field, argsText(w.args))
	child := at.children[m.Slot]
	if child == nil {
		return putMember(fields, m)
	}
	m.Object = child.layout
	if (w.field.Type.Named.IsAbstract() || child.layout.Typename >= 0) && !seesObject(g, w.field) {
		m.Fields = []*RepresentationField{{Name: "__typename", Slot: child.layout.Typename, Key: key}}
	}
	below, wanted := child.below(scope)
	var ok bool
	if m.Fields, ok = addMembers(m.Fields, g, child, w.sub, below.and(wanted), below, key); !ok {
		return nil, false
	}
	return putMember(fields, m)
}

// seesObject tells whether the field is of an interface object to the subgraph: it knows none of the types that there are, and
// nobody may have told them.
func seesObject(g *supergraph.Subgraph, f *supergraph.Field) bool {
	named := f.Type.Named
	if in := f.In[g.Index]; in != nil {
		named = in.Type.Named
	}
	known := named.In[g.Index]
	return known != nil && known.InterfaceObject
}

// putMember adds a member, or adds to the one that is there already.
func putMember(fields []*RepresentationField, m *RepresentationField) ([]*RepresentationField, bool) {
	for i, f := range fields {
		if f.Name != m.Name || f.Types != nil && m.Types != nil && len(typeSet(f.Types).and(m.Types)) == 0 {
			continue
		}
		if f.Slot != m.Slot || !typeSet(f.Types).equal(m.Types) {
			return nil, false
		}
		both := *f
		both.Key = f.Key || m.Key
		both.Fields = slices.Clone(f.Fields)
		for _, sub := range m.Fields {
			var ok bool
			if both.Fields, ok = putMember(both.Fields, sub); !ok {
				return nil, false
			}
		}
		fields[i] = &both
		return fields, true
	}
	return append(fields, m), true
}

// sorted orders members by name, so that equal representations are equal texts wherever they are made. __typename stays
// first.
func sorted(fields []*RepresentationField) []*RepresentationField {
	out := make([]*RepresentationField, len(fields))
	for i, f := range fields {
		c := *f
		if f.Fields != nil {
			c.Fields = sorted(f.Fields)
		}
		out[i] = &c
	}
	slices.SortStableFunc(out, func(a, b *RepresentationField) int {
		return strings.Compare(strings.TrimPrefix(a.Name, "__typename"), strings.TrimPrefix(b.Name, "__typename"))
	})
	return out
}

// sameMembers tells whether two representations are written alike, but for the type's name.
func sameMembers(a, b []*RepresentationField) bool {
	return slices.EqualFunc(a, b, func(x, y *RepresentationField) bool {
		return x.Name == y.Name && x.Slot == y.Slot && x.Key == y.Key &&
			typeSet(x.Types).equal(y.Types) && sameMembers(x.Fields, y.Fields)
	})
}
