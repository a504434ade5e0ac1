package executor

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// objectShape is how the objects at one position of the response are written.
type objectShape struct {
	layout *layout
	// byType are the fields by run-time type; nil for types that the client may not see. Types that are written alike share
	// one list.
	byType []*fieldList
	// uniform is the list of all types that can be there, for objects whose type nobody has told, when it is the same, does not ask for
	// the type, and nothing may be hidden; nil otherwise.
	uniform *fieldList
}

// fields returns the fields of an object with that run-time type in its header; nil when the client may not see it, or its type
// is not known and matters.
func (s *objectShape) fields(runtime uint32) *fieldList {
	switch {
	case knownType(runtime):
		return s.byType[runtime-1]
	case runtime == typeUnset:
		return s.uniform
	}
	return nil
}

// fieldList are the fields of an object in the client's order (CollectFields: GraphQL, section 6.3.2).
type fieldList struct{ fields []fieldShape }

// fieldShape is how one field is written.
type fieldShape struct {
	prefix []byte // "key": or ,"key":
	source source
	slot   int
	lists  int
	// nonNull has bit n set when the value below n lists must not be null.
	nonNull uint64
	sub     *objectShape
	key     string
	def     *supergraph.Field
}

// source is where the value of a field comes from.
type source uint8

const (
	fromSlot source = iota
	fromType
	// fromNowhere: a denied field, which is null, or one that no object here can have.
	fromNowhere
)

// maxLists is how many lists a type may have around its named type.
const maxLists = 60

// maxShapeWork bounds the work on the shape of one response, up to 300 ns and 200 bytes for each selection that is looked at for a
// type. Where many types meet fragments on several interfaces, other fields may meet on every path of types, and with a few
// levels there are millions of paths.
const (
	maxShapeWork = 1 << 22
	groupWork    = 4 // of the fields of one response key, besides that they are looked at
)

// errTooComplex ends compiling when that takes too much work.
var errTooComplex = gqlerr.New(gqlerr.QueryPlanTooComplex, "The operation is too complex to plan")

// below is where the objects of a layout are: which types of them the client may see there, and whether there can be others.
type below struct {
	layout  *planner.Object
	visible []*supergraph.Type
	hides   bool
}

func belowType(s *planner.Slot, t *supergraph.Type) below {
	return below{s.Object, s.Visible(t), s.Hides[t]}
}

// objectShape compiles the shape of the objects of a layout for the merged selections of fields; objects of types that are
// not among the visible ones are null. Equal shapes are made once, so that many types or many positions do not multiply.
func (c *compiler) objectShape(at below, fields []*operation.Field) (*objectShape, error) {
	key := string(c.appendKey(nil, at, fields))
	if s := c.shapes[key]; s != nil {
		return s, nil
	}
	if c.work > maxShapeWork {
		return nil, errTooComplex
	}
	l := c.layout(at.layout)
	s := &objectShape{layout: l, byType: make([]*fieldList, len(l.types))}
	c.shapes[key] = s
	c.work += len(l.types) + len(at.visible)
	shown := make(map[*supergraph.Type]bool, len(at.visible))
	for _, t := range at.visible {
		shown[t] = true
	}
	for i := range l.types {
		if !shown[l.types[i].def] {
			continue
		}
		list, err := c.fieldList(at.layout, l.types[i].def, c.collect(l.types[i].def, fields))
		if err != nil {
			return nil, err
		}
		s.byType[i] = list
	}
	if !at.hides {
		s.uniform = onlyList(s.byType)
	}
	s.noteSelected()
	return s, nil
}

// onlyList is the list of all types that have one, when it is the same and does not ask for the type; nil otherwise.
func onlyList(byType []*fieldList) *fieldList {
	var only *fieldList
	for _, list := range byType {
		switch {
		case list == nil:
		case only == nil && !list.asksType():
			only = list
		case list != only:
			return nil
		}
	}
	return only
}

func (f *fieldList) asksType() bool {
	return slices.ContainsFunc(f.fields, func(f fieldShape) bool { return f.source == fromType })
}

// appendKey appends a text that is the same for the same layout, visible types and fields.
func (c *compiler) appendKey(b []byte, at below, fields []*operation.Field) []byte {
	b = strconv.AppendBool(b, at.hides)
	b = binary.AppendUvarint(b, uint64(c.id(at.layout)))
	b = binary.AppendUvarint(b, uint64(len(at.visible)))
	if len(at.visible) < len(at.layout.Visible) {
		for _, t := range at.visible {
			b = binary.AppendUvarint(b, uint64(c.id(t)))
		}
	}
	for _, f := range fields {
		b = binary.AppendUvarint(b, uint64(c.id(f)))
	}
	return b
}

func (c *compiler) id(of any) int {
	n, ok := c.ids[of]
	if !ok {
		n = len(c.ids)
		c.ids[of] = n
	}
	return n
}

// slotOf is where the slot of a field is to be found.
type slotOf struct {
	object *planner.Object
	field  *operation.Field
}

// slot returns the slot of a field in an object: it is asked for each type that objects there can have.
func (c *compiler) slot(o *planner.Object, f *operation.Field) int {
	at := slotOf{o, f}
	slot, ok := c.slots[at]
	if !ok {
		slot = o.Slot(f)
		c.slots[at] = slot
	}
	return slot
}

// group are the fields under one response key.
type group struct {
	key    operation.ResponseKey
	fields []*operation.Field
}

// collect merges the selections of fields for objects of type t, in the order of the first field of each key.
func (c *compiler) collect(t *supergraph.Type, fields []*operation.Field) []group {
	var groups []group
	byKey := map[operation.ResponseKey]int{}
	var walk func(selections []operation.Selection)
	walk = func(selections []operation.Selection) {
		c.work += len(selections)
		for _, s := range selections {
			switch s := s.(type) {
			case *operation.Fragment:
				if s.On == t || s.On.Has(t) {
					walk(s.Sub)
				}
			case *operation.Field:
				i, ok := byKey[s.Key]
				if !ok {
					i = len(groups)
					byKey[s.Key] = i
					groups = append(groups, group{key: s.Key})
				}
				groups[i].fields = append(groups[i].fields, s)
			}
		}
	}
	for _, f := range fields {
		walk(f.Sub)
	}
	return groups
}

// fieldList compiles the fields of objects of type t, once for all types that are written alike.
func (c *compiler) fieldList(o *planner.Object, t *supergraph.Type, groups []group) (*fieldList, error) {
	c.work += groupWork * len(groups)
	key := make([]byte, 0, 32*len(groups))
	defs := make([]*supergraph.Field, len(groups))
	for i, g := range groups {
		defs[i] = g.fields[0].Def
		if own := t.Field(defs[i].Name); own != nil {
			defs[i] = own
		}
		key = c.appendGroupKey(key, o, t, g)
		key = append(key, defs[i].Type.String()...)
		key = append(key, 0)
	}
	if list := c.lists[string(key)]; list != nil {
		return list, nil
	}
	list := &fieldList{fields: make([]fieldShape, len(groups))}
	c.lists[string(key)] = list
	for i, g := range groups {
		if err := c.fieldShape(&list.fields[i], o, t, defs[i], g); err != nil {
			return nil, err
		}
		prefix := gqlerr.AppendString([]byte(","), string(g.key))
		list.fields[i].prefix = append(prefix, ':')[1-min(i, 1):]
	}
	return list, nil
}

// appendGroupKey appends a text that is the same for what is written alike: for a leaf its slot counts, not which fragments have
// selected it.
func (c *compiler) appendGroupKey(b []byte, o *planner.Object, t *supergraph.Type, g group) []byte {
	allowed := slices.IndexFunc(g.fields, func(f *operation.Field) bool { return !f.Denied })
	if allowed < 0 {
		return c.appendKey(b, below{layout: o}, g.fields)
	}
	slot := c.slot(o, g.fields[allowed])
	switch {
	case !g.fields[allowed].Def.Type.Named.IsComposite():
		b = append(append(b, g.key...), ' ')
		b = append(append(b, g.fields[allowed].Def.Name...), ' ')
		return strconv.AppendInt(b, int64(slot), 10)
	case slot < 0: // all below it may be skipped
		return c.appendKey(b, below{layout: o}, g.fields)
	}
	return c.appendKey(b, belowType(o.Slots[slot], t), g.fields)
}

// fieldShape compiles one field of an object of type t.
func (c *compiler) fieldShape(out *fieldShape, o *planner.Object, t *supergraph.Type, def *supergraph.Field, g group) error {
	out.key, out.def = string(g.key), def
	out.lists = listDepth(def.Type)
	if out.lists > maxLists {
		return fmt.Errorf("compiling response: %s has more than %d lists", def.Coordinate(), maxLists)
	}
	ref := &def.Type
	for n := 0; ref != nil; n++ {
		if ref.NonNull {
			out.nonNull |= 1 << n
		}
		ref = ref.Elem
	}
	g.fields = slices.DeleteFunc(g.fields, func(f *operation.Field) bool { return f.Denied })
	switch {
	case len(g.fields) == 0:
		out.source = fromNowhere
		return nil
	case def.IsTypename():
		out.source = fromType
		return nil
	}
	if out.slot = c.slot(o, g.fields[0]); out.slot < 0 {
		out.source = fromNowhere
		return nil
	}
	if slot := o.Slots[out.slot]; slot.Object != nil {
		var err error
		out.sub, err = c.objectShape(belowType(slot, t), g.fields)
		return err
	}
	return nil
}
