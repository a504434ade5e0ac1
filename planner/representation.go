package planner

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// represent adds to the representation of objects of one type what an entry needs of them. It is nil when a member would have
// two values: fields that are required with different arguments need representations of their own.
func represent(e *entry, t *supergraph.Type, into *Representation) *Representation {
	r := into
	if r == nil {
		r = &Representation{Types: []*supergraph.Type{t}, Typename: cmp.Or(e.way.static, t).Name}
	}
	at := objects{e.site.place, typeSet{t}}
	key, required := describing{subgraph: e.subgraph, key: true}, describing{subgraph: e.subgraph}
	fields := key.members(slices.Clone(r.Fields), at, e.key, at.types)
	fields = required.members(fields, at, e.requires, at.types)
	if key.conflict || required.conflict {
		return nil
	}
	return &Representation{Types: r.Types, Typename: r.Typename, Fields: fields}
}

// describing is the work on what a subgraph is told of objects: their key, or something else, which may be null.
type describing struct {
	subgraph *supergraph.Subgraph
	key      bool
	// conflict: a member would stand for two slots.
	conflict bool
}

// objects are those at a place, of the types that they can have there.
type objects struct {
	place *place
	types typeSet
}

// members adds what is wanted of those of the objects that are of the types in scope.
func (d *describing) members(fields []*RepresentationField, at objects, wants []want, scope typeSet) []*RepresentationField {
	for _, w := range wants {
		if w.field != nil {
			fields = d.put(fields, at, d.member(at, w, scope))
		} else if inner := scope.and(w.on.Possible); len(inner) > 0 {
			fields = d.members(fields, at, w.sub, inner)
		}
	}
	return fields
}

func (d *describing) member(at objects, w want, scope typeSet) *RepresentationField {
	m := &RepresentationField{Name: w.field.Name, Key: d.key}
	if !scope.equal(at.types) {
		m.Types = scope
	}
	if w.field.IsTypename() {
		m.Slot = at.place.layout.Typename
		return m
	}
	m.Slot = at.place.hiddenSlot(w.field, argsText(w.args))
	child := at.place.children[m.Slot]
	if child == nil {
		return m
	}
	m.Object = child.layout
	if (w.field.Type.Named.IsAbstract() || child.layout.Typename >= 0) && !seesObject(d.subgraph, w.field) {
		m.Fields = []*RepresentationField{{Name: "__typename", Slot: child.layout.Typename, Key: d.key}}
	}
	below, wanted := child.below(scope)
	m.Fields = d.members(m.Fields, objects{child, below}, w.sub, wanted)
	return m
}

// put adds a member, or adds to those that are there already for objects of some of its types.
func (d *describing) put(fields []*RepresentationField, at objects, m *RepresentationField) []*RepresentationField {
	left := at.having(m)
	for i, f := range fields {
		own := at.having(f)
		common := own.and(left)
		if f.Name != m.Name || len(common) == 0 && len(at.types) > 0 {
			continue // where no types are known, there is one member of a name
		}
		if f.Slot != m.Slot {
			d.conflict = true
			return fields
		}
		both := *f
		both.Key = f.Key || m.Key
		both.Fields = d.merge(f, m, at.place, common)
		if rest := own.without(common); len(rest) > 0 && !sameMembers([]*RepresentationField{f}, []*RepresentationField{&both}) {
			both.Types = common
			fields = append(fields, at.narrow(f, rest))
		}
		fields[i] = &both
		if left = left.without(common); len(left) == 0 {
			return fields
		}
	}
	return append(fields, at.narrow(m, left))
}

// merge are the members below two members, for objects of some types that have both.
func (d *describing) merge(f, m *RepresentationField, at *place, types typeSet) []*RepresentationField {
	if len(m.Fields) == 0 {
		return f.Fields
	}
	child := at.children[f.Slot]
	below, _ := child.below(types)
	list := slices.Clone(f.Fields)
	for _, sub := range m.Fields {
		list = d.put(list, objects{child, below}, sub)
	}
	return list
}

// having are those of the types of the objects that have a member.
func (o objects) having(f *RepresentationField) typeSet {
	if f.Types == nil {
		return o.types
	}
	return o.types.and(f.Types)
}

// narrow is a member for objects of some types only.
func (o objects) narrow(f *RepresentationField, types typeSet) *RepresentationField {
	narrow := *f
	if narrow.Types = types; types.equal(o.types) {
		narrow.Types = nil
	}
	return &narrow
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
