package operation

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Field selection merging (section 5.3.2), in two walks over each operation with its fragments spread.
//
// The first compares shapes: all fields of one response key must answer the same kind of value, on whatever type they
// stand. Being an equivalence, it is checked against the first field only. The second compares fields that can meet on
// one object: these must be the same field with the same arguments. There, fields of one parent type are taken together
// first, so that only the parent types of a response key are compared in pairs, and many equal fields cost no more than
// as many different ones.

// fieldOn is a field node with the type it stands on.
type fieldOn struct {
	*selectionNode
	parent *supergraph.Type
}

// setOn is a selection set with its type.
type setOn struct {
	sub []*selectionNode
	on  *supergraph.Type
}

// keyed are the fields of a selection set by response key, in the order of the keys' first fields.
type keyed struct {
	keys   []string
	fields map[string][]fieldOn
}

// overlapCheck is the check of one operation.
type overlapCheck struct {
	*checker
	args     map[*selectionNode]string
	reported map[[2]*selectionNode]bool
	tooMany  bool
}

// overlaps checks all operations. It stands down once there are other errors: unresolved fields would be compared.
func (c *checker) overlaps() {
	if len(c.errs) > 0 {
		return
	}
	for _, op := range c.doc.operations {
		o := overlapCheck{checker: c, args: map[*selectionNode]string{}, reported: map[[2]*selectionNode]bool{}}
		set := []setOn{{op.sub, op.typ}}
		o.shapes(set)
		if o.tooMany || c.full {
			return
		}
		o.within(o.collect(set))
	}
}

// collect gathers the fields of selection sets that are merged. A fragment is spread once.
func (o *overlapCheck) collect(sets []setOn) keyed {
	k := keyed{fields: map[string][]fieldOn{}}
	seen := map[*definition]bool{}
	for _, s := range sets {
		o.collectInto(&k, s, seen)
	}
	return k
}

func (o *overlapCheck) collectInto(k *keyed, set setOn, seen map[*definition]bool) {
	for _, s := range set.sub {
		switch {
		case s.kind == fieldNode && s.def != nil:
			key := s.key()
			if k.fields[key] == nil {
				k.keys = append(k.keys, key)
			}
			k.fields[key] = append(k.fields[key], fieldOn{selectionNode: s, parent: set.on})
		case s.kind == inlineNode:
			o.collectInto(k, setOn{s.sub, s.typ}, seen)
		case s.kind == spreadNode && s.target != nil && !seen[s.target]:
			seen[s.target] = true
			o.collectInto(k, setOn{s.target.sub, s.target.typ}, seen)
		}
	}
}

// shapes is SameResponseShape.
func (o *overlapCheck) shapes(sets []setOn) {
	k := o.collect(sets)
	for _, key := range k.keys {
		fields := k.fields[key]
		first := fields[0]
		if len(fields) > maxEqualNames {
			o.tooMany = true
			o.add(gqlerr.New(gqlerr.QueryFieldLimitExceeded, "The response key %s is selected %d times in one selection set, more than %d.",
				quote(key), len(fields), maxEqualNames).At(int(first.line), int(first.column)))
			return
		}
		var below []setOn
		for _, f := range fields {
			if !sameShape(first.def.Type, f.def.Type) {
				o.conflict(first, f, "they return conflicting types "+quote(first.def.Type.String())+" and "+quote(f.def.Type.String()))
			}
			if f.hasSub {
				below = append(below, setOn{f.sub, f.typ})
			}
		}
		if len(below) > 0 {
			o.shapes(below)
		}
		if o.tooMany || o.full {
			return
		}
	}
}

// sameShape compares wrappers and, unless both are composite, the types.
func sameShape(a, b supergraph.TypeRef) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return sameShape(*a.Elem, *b.Elem)
	}
	return a.Named == b.Named || a.Named.IsComposite() && b.Named.IsComposite()
}

// class are the fields of one response key on one parent type.
type class struct {
	first fieldOn
	below []setOn
}

// classes splits fields by parent type, and reports fields of one parent type that differ.
func (o *overlapCheck) classes(fields []fieldOn) []class {
	var list []class
	index := make(map[*supergraph.Type]int, 1)
	for _, f := range fields {
		i, ok := index[f.parent]
		if !ok {
			i = len(list)
			index[f.parent] = i
			list = append(list, class{first: f})
		} else {
			o.same(list[i].first, f)
		}
		if f.hasSub {
			list[i].below = append(list[i].below, setOn{f.sub, f.typ})
		}
	}
	return list
}

// within is FieldsInSetCanMerge for one merged selection set.
func (o *overlapCheck) within(k keyed) {
	for _, key := range k.keys {
		list := o.classes(k.fields[key])
		if o.full {
			return
		}
		below := make([]keyed, len(list))
		for i, c := range list {
			if len(c.below) > 0 {
				below[i] = o.collect(c.below)
				o.within(below[i])
			}
		}
		for i := range list {
			for j := range i {
				if canMeet(list[i].first.parent, list[j].first.parent) && o.same(list[j].first, list[i].first) {
					o.between(below[j], below[i])
				}
			}
		}
	}
}

// between compares the fields of two selection sets that can be merged, each of which is checked by itself.
func (o *overlapCheck) between(a, b keyed) {
	for _, key := range a.keys {
		other := b.fields[key]
		if other == nil || o.full {
			continue
		}
		left, right := o.classes(a.fields[key]), o.classes(other)
		for _, x := range left {
			for _, y := range right {
				if canMeet(x.first.parent, y.first.parent) && o.same(x.first, y.first) && len(x.below)+len(y.below) > 0 {
					o.between(o.collect(x.below), o.collect(y.below))
				}
			}
		}
	}
}

// canMeet tells whether fields of two parent types may be selected on one object: not so for different object types.
func canMeet(a, b *supergraph.Type) bool {
	return a == b || a.Kind != supergraph.Object || b.Kind != supergraph.Object
}

// same reports fields that must be equal and are not.
func (o *overlapCheck) same(a, b fieldOn) bool {
	switch {
	case a.selectionNode == b.selectionNode:
		return true
	case a.name != b.name:
		o.conflict(a, b, quote(a.name)+" and "+quote(b.name)+" are different fields")
		return false
	case o.arguments(a) != o.arguments(b):
		o.conflict(a, b, "they have differing arguments")
		return false
	default:
		return true
	}
}

// arguments is the canonical text of a field's arguments.
func (o *overlapCheck) arguments(f fieldOn) string {
	if len(f.selectionNode.args) == 0 {
		return ""
	}
	text, ok := o.args[f.selectionNode]
	if !ok {
		text = canonicalArguments(f.selectionNode.args)
		o.args[f.selectionNode] = text
	}
	return text
}

// canonicalArguments prints arguments, and the fields of objects in them, sorted by name: their order means nothing.
func canonicalArguments(args []*argumentNode) string {
	return string(appendSortedFields(nil, args))
}

// sortedByName returns arguments in the order of their names.
func sortedByName(args []*argumentNode) []*argumentNode {
	byName := func(a, b *argumentNode) int { return strings.Compare(a.name, b.name) }
	if slices.IsSortedFunc(args, byName) {
		return args
	}
	args = slices.Clone(args)
	slices.SortStableFunc(args, byName)
	return args
}

func appendSortedFields(dst []byte, args []*argumentNode) []byte {
	for _, a := range sortedByName(args) {
		dst = append(append(dst, a.name...), ':')
		dst = appendSorted(dst, a.value)
		dst = append(dst, ',')
	}
	return dst
}

func appendSorted(dst []byte, v *valueNode) []byte {
	switch v.kind {
	case objectValue:
		dst = append(dst, '{')
		return append(appendSortedFields(dst, v.fields), '}')
	case listValue:
		dst = append(dst, '[')
		for _, e := range v.list {
			dst = append(appendSorted(dst, e), ',')
		}
		return append(dst, ']')
	default:
		return appendLiteral(dst, v)
	}
}

// conflict reports two fields, once.
func (o *overlapCheck) conflict(a, b fieldOn, why string) {
	pair := [2]*selectionNode{a.selectionNode, b.selectionNode}
	if b.before(a.pos) {
		pair = [2]*selectionNode{b.selectionNode, a.selectionNode}
	}
	if o.reported[pair] {
		return
	}
	o.reported[pair] = true
	o.add(gqlerr.New(gqlerr.ValidationFailed,
		"Fields %s conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", quote(a.key()), why).
		At(int(pair[0].line), int(pair[0].column)).At(int(pair[1].line), int(pair[1].column)))
}
