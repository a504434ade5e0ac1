package executor

import (
	"fmt"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// selection is a compiled planner.Selection: the decoder of one object of an answer.
type selection struct {
	layout *layout
	// members in the order in which the subgraph is expected to answer.
	members []member
	// byKey finds an index in members where there are many.
	byKey map[string]int
}

// member decodes one member of an object.
type member struct {
	key    string
	quoted string // "key":
	slot   int    // -1: not kept
	// lists is how many lists are around the value.
	lists int
	leaf  leaf
	// typename: the value is the object's run-time type. text: any string is right, and nothing else is to be done with it.
	typename, text bool
	enum           *enum
	sub            *selection
}

// leaf is what a scalar has to look like.
type leaf uint8

const (
	leafAny leaf = iota
	leafInt
	leafFloat
	leafBoolean
	leafEnum
	// From here on a JSON string is right, whatever is in it.
	leafString
	leafID
)

// enum is an enum's values: true for those that clients see.
type enum struct{ values map[string]bool }

// manyMembers is from how many members on a map is faster than comparing one by one.
const manyMembers = 12

// selection compiles a selection of the fetch with index i.
func (c *compiler) selection(i int, s *planner.Selection) (*selection, error) {
	out := &selection{layout: c.layout(s.Object), members: make([]member, len(s.Fields))}
	for n, f := range s.Fields {
		m := &out.members[n]
		m.key, m.slot = f.Key, f.Slot
		m.quoted = string(append(gqlerr.AppendString(nil, f.Key), ':'))
		if f.Slot < 0 {
			continue
		}
		if f.Slot >= len(s.Object.Slots) {
			return nil, fmt.Errorf("compiling plan: fetch %d fills slot %d of %d", i+1, f.Slot, len(s.Object.Slots))
		}
		slot := s.Object.Slots[f.Slot]
		m.typename = f.Slot == s.Object.Typename
		m.lists = listDepth(slot.Type)
		c.leaf(m, slot.Type)
		m.text = m.leaf >= leafString && m.lists == 0 && !m.typename
		if filled := &out.layout.slots[f.Slot].filledBy; len(*filled) == 0 || (*filled)[len(*filled)-1] != i {
			*filled = append(*filled, i)
		}
		if (f.Sub == nil) != (slot.Object == nil) || f.Sub != nil && f.Sub.Object != slot.Object {
			return nil, fmt.Errorf("compiling plan: fetch %d fills slot %s with something else", i+1, slot.Label())
		}
		if f.Sub == nil {
			continue
		}
		var err error
		if m.sub, err = c.selection(i, f.Sub); err != nil {
			return nil, err
		}
	}
	if len(out.members) > manyMembers {
		out.byKey = make(map[string]int, len(out.members))
		for n := range out.members {
			out.byKey[out.members[n].key] = n
		}
	}
	return out, nil
}

// leaf says how a member's scalars are checked.
func (c *compiler) leaf(m *member, ref supergraph.TypeRef) {
	t := ref.Named
	if t.Kind == supergraph.Enum {
		m.leaf, m.enum = leafEnum, c.exec.enums[t]
		return
	}
	switch t.Name {
	case "Int":
		m.leaf = leafInt
	case "Float":
		m.leaf = leafFloat
	case "String":
		m.leaf = leafString
	case "Boolean":
		m.leaf = leafBoolean
	case "ID":
		m.leaf = leafID
	}
}

func listDepth(ref supergraph.TypeRef) int {
	n := 0
	for e := ref.Elem; e != nil; e = e.Elem {
		n++
	}
	return n
}

// find returns the index of the member with that key, looking at next first; -1 for none.
func (s *selection) find(key []byte, next int) int {
	if s.byKey != nil {
		if i, ok := s.byKey[string(key)]; ok {
			return i
		}
		return -1
	}
	for i := next; i < len(s.members); i++ {
		if s.members[i].key == string(key) {
			return i
		}
	}
	for i := range min(next, len(s.members)) {
		if s.members[i].key == string(key) {
			return i
		}
	}
	return -1
}
