package planner

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// place is one object position of the response while its layout grows.
type place struct {
	parent *place
	slot   int // in parent's layout
	layout *Object
	// types are the run-time types that objects here can have, visible those of them that the client may see.
	types, visible typeSet
	// visibleOf are the visible ones by the type of the object above: objects of several types share a place, and what one
	// of them may show another may not. Likewise typesOf are all of them, and wantedOf those of which something is asked.
	visibleOf, typesOf, wantedOf map[*supergraph.Type]typeSet
	children                     []*place // by slot; nil for leaves
}

func newPlace(parent *place, slot int) *place {
	return &place{
		parent: parent, slot: slot, layout: &Object{Typename: -1},
		visibleOf: map[*supergraph.Type]typeSet{}, typesOf: map[*supergraph.Type]typeSet{}, wantedOf: map[*supergraph.Type]typeSet{},
	}
}

// bring notes that objects of some types can be here, below objects of the types above.
func (p *place) bring(types, above typeSet) {
	p.types = p.types.or(types)
	addBelow(p.typesOf, above, types)
}

// want notes that something is asked of objects of some types here, below objects of the types above.
func (p *place) want(types, above typeSet) { addBelow(p.wantedOf, above, types) }

// below are the types that objects here can have, below objects of the types above, and those of which something is asked.
func (p *place) below(above typeSet) (types, wanted typeSet) {
	for _, t := range above {
		types, wanted = types.or(p.typesOf[t]), wanted.or(p.wantedOf[t])
	}
	return types, wanted
}

// show notes that the client may see objects of some types here, below objects of the types above.
func (p *place) show(types, above typeSet) {
	p.visible = p.visible.or(types)
	addBelow(p.visibleOf, above, types)
}

// addBelow adds types to those that are noted for objects of the types above.
func addBelow(noted map[*supergraph.Type]typeSet, above, types typeSet) {
	for _, t := range above {
		noted[t] = noted[t].or(types)
	}
}

// clientSlot returns the slot for a field under a response key, made on first use.
func (p *place) clientSlot(key operation.ResponseKey, f *supergraph.Field, args string) int {
	if i := p.layout.slot(f, args, func(k operation.ResponseKey) bool { return k == key }); i >= 0 {
		return i
	}
	if i := p.layout.slot(f, args, func(k operation.ResponseKey) bool { return k == "" }); i >= 0 {
		p.layout.Slots[i].Key = key // what only the plan has read so far
		return i
	}
	return p.addSlot(&Slot{Key: key, Name: f.Name, Args: args, Type: f.Type})
}

// hiddenSlot returns a slot for a field that the plan itself reads; it may be one that the client reads too.
func (p *place) hiddenSlot(f *supergraph.Field, args string) int {
	if i := p.layout.slot(f, args, func(operation.ResponseKey) bool { return true }); i >= 0 {
		return i
	}
	return p.addSlot(&Slot{Name: f.Name, Args: args, Type: f.Type})
}

// slot returns the index of the first slot that can hold a field and has a fitting key, or -1.
func (o *Object) slot(f *supergraph.Field, args string, fits func(operation.ResponseKey) bool) int {
	shape := slotShape(f.Type)
	return slices.IndexFunc(o.Slots, func(s *Slot) bool {
		return fits(s.Key) && s.Name == f.Name && s.Args == args && slotShape(s.Type) == shape
	})
}

func (p *place) addSlot(s *Slot) int {
	i := len(p.layout.Slots)
	p.layout.Slots = append(p.layout.Slots, s)
	var child *place
	if s.Type.Named.IsComposite() {
		child = newPlace(p, i)
		s.Object = child.layout
	}
	p.children = append(p.children, child)
	return i
}

// seal ends the growth of a layout and of those below: types are final, and the run-time type gets a slot where it has to
// be read.
func (p *place) seal(typename *supergraph.Field) {
	p.layout.Types, p.layout.Visible = p.types, p.visible
	if len(p.types) != 1 {
		p.layout.Typename = len(p.layout.Slots)
		p.layout.Slots = append(p.layout.Slots, &Slot{Name: "__typename", Type: typename.Type})
		p.children = append(p.children, nil)
	}
	for i, c := range p.children {
		if c != nil {
			c.seal(typename)
			p.layout.Slots[i].Narrower, p.layout.Slots[i].Hides = c.narrower(), c.hides()
		}
	}
}

// narrower are the types of objects above that show less here than others do, with what they show; nil when there are none.
func (p *place) narrower() map[*supergraph.Type][]*supergraph.Type {
	var narrower map[*supergraph.Type][]*supergraph.Type
	for t, types := range p.visibleOf {
		if types = types.and(p.types); !types.equal(p.visible) {
			if narrower == nil {
				narrower = map[*supergraph.Type][]*supergraph.Type{}
			}
			narrower[t] = types
		}
	}
	return narrower
}

// hides are the types of objects above below which something can be that is not shown; nil when there are none.
func (p *place) hides() map[*supergraph.Type]bool {
	var hides map[*supergraph.Type]bool
	for t, types := range p.typesOf {
		if !p.visibleOf[t].hasAll(types.and(p.types)) {
			if hides == nil {
				hides = map[*supergraph.Type]bool{}
			}
			hides[t] = true
		}
	}
	return hides
}

// slotShape is what fields must have in common to share a slot: list depth, and the type of a leaf.
func slotShape(t supergraph.TypeRef) string {
	depth := 0
	for e := t.Elem; e != nil; e = e.Elem {
		depth++
	}
	if t.Named.IsComposite() {
		return strings.Repeat("[", depth)
	}
	return strings.Repeat("[", depth) + t.Named.Name
}

// argsText is the canonical text of arguments: (first:5), "" for none.
func argsText(args []supergraph.Argument) string {
	if len(args) == 0 {
		return ""
	}
	var b strings.Builder
	for i, a := range args {
		b.WriteByte("(,"[min(i, 1)])
		b.WriteString(a.Name)
		b.WriteByte(':')
		b.WriteString(a.Value)
	}
	b.WriteByte(')')
	return b.String()
}
