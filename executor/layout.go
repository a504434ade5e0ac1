package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// layout is a compiled planner.Object.
type layout struct {
	// typename is the slot with the run-time type, -1 when there is exactly one type.
	typename int
	types    []runtimeType
	// byName finds an index in types where there are many.
	byName map[string]int
	slots  []slot
}

// runtimeType is an object type that objects of a layout can have.
type runtimeType struct {
	def    *supergraph.Type
	quoted []byte
}

// slot is what errors have to know of a slot.
type slot struct {
	// label is the client's response key, "" when only the plan reads the slot: its name is not for clients.
	label string
	// below is the layout of the objects in the slot, nil for leaves.
	below *layout
	// filledBy are the indexes of the fetches that bring it.
	filledBy []int
	// selectedBy are the types, by index, of the objects of which the client reads it; nil when that is none.
	selectedBy []bool
	// neededBy are the types, by index, of the objects that are represented with it for what is wanted of them; nil when nothing is
	// represented with it. neededAbove are the objects above that are.
	neededBy    []bool
	neededAbove []need
}

// need is of objects of a layout: those of some types, by index.
type need struct {
	of *layout
	by []bool
}

// isNeededBy tells whether objects of a run-time type, which may be unknown, are represented with a slot.
func (l *layout) isNeededBy(slot int, runtime uint32) bool {
	return hasType(l.slots[slot].neededBy, runtime)
}

// hasType tells whether a run-time type, which may be unknown, is among some by index.
func hasType(by []bool, runtime uint32) bool {
	switch {
	case by == nil:
		return false
	case len(by) == 1:
		return by[0]
	}
	return !knownType(runtime) || by[runtime-1]
}

// manyTypes is from how many names on a map is faster than comparing one by one.
const manyTypes = 8

// layout compiles an object layout, once.
func (c *compiler) layout(o *planner.Object) *layout {
	if l := c.layouts[o]; l != nil {
		return l
	}
	l := &layout{typename: o.Typename, slots: make([]slot, len(o.Slots))}
	c.layouts[o] = l
	for i, s := range o.Slots {
		l.slots[i].label = string(s.Key)
		if s.Object != nil {
			l.slots[i].below = c.layout(s.Object)
		}
	}
	for _, t := range o.Types {
		l.types = append(l.types, runtimeType{t, gqlerr.AppendString(nil, t.Name)})
	}
	if len(o.Types) > manyTypes {
		l.byName = make(map[string]int, len(o.Types))
		for i, t := range o.Types {
			l.byName[t.Name] = i
		}
	}
	return l
}

// typeIndex returns the index of the type of that name, -1 for none. The hint is where to look first.
func (l *layout) typeIndex(name []byte, hint int) int {
	if hint < len(l.types) && l.types[hint].def.Name == string(name) {
		return hint
	}
	if l.byName != nil {
		if i, ok := l.byName[string(name)]; ok {
			return i
		}
		return -1
	}
	for i := range l.types {
		if l.types[i].def.Name == string(name) {
			return i
		}
	}
	return -1
}

// typeSet returns which of the layout's types are among the given ones; nil for all.
func (l *layout) typeSet(types []*supergraph.Type) []bool {
	if types == nil {
		return nil
	}
	set := make([]bool, len(l.types))
	for i := range l.types {
		set[i] = slices.Contains(types, l.types[i].def)
	}
	return set
}
