package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/planner"
)

// needs notes what objects need, from the last fetch to the first: an object needs what a lookup is made of only if something that
// the lookup brings is wanted of it, by the client or by a later lookup. Where types are not known yet, objects of all types are
// looked up for the sake of some.
func (c *compiler) needs() {
	for _, f := range slices.Backward(c.plan.Fetches) {
		for _, l := range f.Entities {
			for _, t := range l.Targets {
				c.targetNeeds(t)
			}
		}
	}
}

func (c *compiler) targetNeeds(t *planner.Target) {
	l := c.layout(t.Object)
	wanted := l.wantedOf(t.Selection)
	for _, r := range t.Representations {
		c.noteNeeds(l, both(l.typeSet(r.Types), wanted), r.Fields)
	}
	for _, sources := range t.Contexts {
		for _, s := range sources {
			l := c.layout(s.Object)
			c.noteNeeds(l, l.typeSet(s.Types), s.Fields)
		}
	}
}

// wantedOf are the types, by index, of the objects of which something in a selection is wanted; nil for all. What is there for
// something else, as the run-time type is, is wanted of all.
func (l *layout) wantedOf(s *planner.Selection) (wanted []bool) {
	for _, f := range s.Fields {
		if f.Slot < 0 {
			continue
		}
		slot := &l.slots[f.Slot]
		if f.Slot == l.typename || slot.neededAbove != nil || slot.selectedBy == nil && slot.neededBy == nil {
			return nil
		}
		wanted = either(either(wanted, slot.selectedBy), slot.neededBy)
	}
	return wanted
}

// noteSelected notes of which types of objects the client reads the slots.
func (s *objectShape) noteSelected() {
	for i, list := range s.byType {
		if list == nil {
			continue
		}
		for _, f := range list.fields {
			if f.source != fromSlot {
				continue
			}
			slot := &s.layout.slots[f.slot]
			if slot.selectedBy == nil {
				slot.selectedBy = make([]bool, len(s.byType))
			}
			slot.selectedBy[i] = true
		}
	}
}

// noteNeeds notes which slots the objects of these types need, by index, nil for all, so that subgraphs can be sent fields of them.
func (c *compiler) noteNeeds(l *layout, types []bool, fields []*planner.RepresentationField) {
	for _, f := range fields {
		by := both(types, l.typeSet(f.Types))
		if by == nil {
			by = slices.Repeat([]bool{true}, len(l.types))
		}
		if f.Object != nil {
			c.noteNeedsAbove(c.layout(f.Object), f.Fields, need{l, by})
		}
		if f.Slot >= 0 {
			s := &l.slots[f.Slot]
			s.neededBy = either(s.neededBy, by)
		}
	}
}

// noteNeedsAbove notes which slots of objects are part of what objects above need.
func (c *compiler) noteNeedsAbove(l *layout, fields []*planner.RepresentationField, above need) {
	for _, f := range fields {
		if f.Slot >= 0 {
			s := &l.slots[f.Slot]
			i := slices.IndexFunc(s.neededAbove, func(n need) bool { return n.of == above.of })
			if i < 0 {
				s.neededAbove = append(s.neededAbove, above)
			} else {
				s.neededAbove[i].by = either(s.neededAbove[i].by, above.by)
			}
		}
		if f.Object != nil {
			c.noteNeedsAbove(c.layout(f.Object), f.Fields, above)
		}
	}
}

// either is true where one of them is; nil is true nowhere.
func either(a, b []bool) []bool {
	if a == nil || b == nil {
		return append(a, b...)
	}
	out := slices.Clone(a)
	for i := range b {
		out[i] = out[i] || b[i]
	}
	return out
}

// both is true where both are; nil is true everywhere.
func both(a, b []bool) []bool {
	if a == nil || b == nil {
		return append(a, b...)
	}
	out := slices.Clone(a)
	for i := range b {
		out[i] = out[i] && b[i]
	}
	return out
}
