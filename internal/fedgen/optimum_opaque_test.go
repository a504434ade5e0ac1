package fedgen

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Interface objects in the exhaustive search. A subgraph that sees an interface as an object says that something is there, and the
// values of fields, and not what it is. So what it says is said of all types that can be there, until somebody tells.

// ask is a field that the client selects, with its response key.
type ask struct{ response, field string }

// hasOpaque tells whether objects are there as interface objects.
func (s factSet) hasOpaque(at *spot) bool { return at.above != nil && s.has(at.above.opaque) }

// faces are how a subgraph can see the objects: as what they are (nil), or as objects of interfaces.
func (s *spot) faces(g int) []*supergraph.Type {
	list := []*supergraph.Type{nil}
	for _, i := range s.typ.Interfaces {
		if in := i.In[g]; in != nil && in.InterfaceObject {
			list = append(list, i)
		}
	}
	return list
}

// faceField is what a subgraph knows of a field of objects that it sees with that face; nil when it does not know it.
func faceField(s *spot, f *spotField, face *supergraph.Type, g int) *supergraph.FieldIn {
	def := f.def
	if face != nil {
		def = face.Field(def.Name)
	} else if s.typ.In[g] == nil {
		return nil
	}
	if def == nil {
		return nil
	}
	return def.In[g]
}

// askInterfaces asks for objects as objects of interfaces: where the interface is an object, or where the subgraph tells what
// they are.
func (o *optimum) askInterfaces(g int, s *spot, known, brings factSet) {
	for _, i := range s.typ.Interfaces {
		in := i.In[g]
		if in == nil || !o.enters(s, in, known) {
			continue
		}
		switch {
		case in.InterfaceObject:
			o.walk(arrival{subgraph: g, face: i, typed: known.has(s.exists), known: known}, s, nil, brings)
		case slices.Contains(in.Possible, s.typ):
			brings.add(s.exists)
			o.walk(arrival{subgraph: g, typed: true, known: known}, s, nil, brings)
		}
	}
}

// mayAsk: what the client selects on some types only is not asked of objects of unknown types, save for keys, and what is
// nullable and comes along with the objects. Nor is what makes a value null for objects of other types.
func (a arrival) mayAsk(s *spot, f *spotField, in *supergraph.FieldIn) bool {
	switch {
	case f.helps:
		return true
	case a.harms(f, in):
		return false
	case a.typed || !s.narrow(f):
		return true
	}
	key := slices.ContainsFunc(a.face.In[a.subgraph].Keys, func(k *supergraph.Key) bool {
		return slices.ContainsFunc(k.Fields.Selections, func(s supergraph.FieldSelection) bool { return s.Field != nil && s.Field.Name == f.def.Name })
	})
	return a.known == nil && (!in.Type.NonNull || key)
}

// alike are the fields of which objects there may have this one, if nobody knows what they are: one value for all types.
func (a arrival) alike(s *spot, f *spotField) []*spotField {
	switch {
	case !a.typed && s.above != nil:
		return askedOf(s.above.seen, f)
	case a.same != nil:
		if fields := askedOf(a.same, f); len(fields) == len(a.same) {
			return fields
		}
	}
	return nil // what not all ask for is null by itself
}

// harms tells whether only some of those who share the objects ask for the field, and it must not be null in this subgraph: it would
// take the objects away from the others.
func (a arrival) harms(f *spotField, in *supergraph.FieldIn) bool {
	n := len(askedOf(a.same, f))
	return 0 < n && n < len(a.same) && in.Type.NonNull
}

// askedOf are the fields like f that the client selects on some spots.
func askedOf(spots []*spot, f *spotField) []*spotField {
	var fields []*spotField
	for _, b := range spots {
		if slices.ContainsFunc(b.asks, func(a ask) bool { return a.field == f.key }) {
			fields = append(fields, b.fieldOf(f.key))
		}
	}
	return fields
}

// narrow tells whether the client selects a field here, and not of all objects that may be here.
func (s *spot) narrow(f *spotField) bool {
	return s.above != nil && slices.ContainsFunc(s.asks, func(a ask) bool { return a.field == f.key && !s.above.asked(a) })
}

// asked tells whether the client selects the field on all types that it sees.
func (f *spotField) asked(a ask) bool {
	return !slices.ContainsFunc(f.seen, func(b *spot) bool { return !slices.Contains(b.asks, a) })
}

// mustBeTyped tells whether the client must get what the objects are: where it asks, or selects something of some types only or in an
// order of their own, or may not see all of them. Otherwise it is enough that they are there as interface objects.
func (s *spot) mustBeTyped() bool {
	f := s.above
	if f == nil || s.typename || len(s.asks) == 0 || len(f.seen) < len(f.def.Type.Named.Possible) {
		return true
	}
	return slices.ContainsFunc(f.seen, func(b *spot) bool { return !slices.Equal(b.asks, f.seen[0].asks) })
}

// readsTypes tells whether a subgraph that is told of a field's objects knows types that they can have.
func readsTypes(g *supergraph.Subgraph, f *supergraph.Field) bool {
	named := f.Type.Named
	if in := f.In[g.Index]; in != nil {
		named = in.Type.Named
	}
	known := named.In[g.Index]
	return f.Type.Named.IsAbstract() && (known == nil || !known.InterfaceObject)
}
