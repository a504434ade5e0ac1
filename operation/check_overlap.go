package operation

import (
	"encoding/binary"
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
//
// Both look at each merged selection set once, wherever it comes up, and at each pair of them once: what fragments repeat
// is not compared again. What a document can still make of that is bounded by a number of steps.

// mergedSet are the fields of selection sets that are merged, fragments spread. Sets of the same fields are one set.
type mergedSet struct {
	id     int
	groups []group // in the order of the keys' first fields
	// byKey are the groups of a large set.
	byKey map[string]int
	// shaped and compared tell that shapes and within have been here.
	shaped, compared bool
}

// group are the fields of a set that have one response key.
type group struct {
	fields []*selectionNode
	// below is what they select together; it is made by belowAll.
	below *mergedSet
	made  bool
	// classes are the fields by parent type, abstract the indexes of those with an abstract one, and byType all of many. They are
	// made by classify.
	classes  []class
	abstract []int
	byType   map[*supergraph.Type]int
}

// few is how many groups or classes are looked up one after the other.
const few = 8

// group returns the fields of that response key, or nil.
func (s *mergedSet) group(key string) *group {
	i, ok := s.byKey[key]
	if s.byKey == nil {
		i = slices.IndexFunc(s.groups, func(g group) bool { return g.fields[0].key() == key })
		ok = i >= 0
	}
	if !ok {
		return nil
	}
	return &s.groups[i]
}

// class returns the index of the class on that type, -1 without one.
func (g *group) class(t *supergraph.Type) int {
	if g.byType == nil {
		return slices.IndexFunc(g.classes, func(c class) bool { return c.first.on == t })
	}
	if i, ok := g.byType[t]; ok {
		return i
	}
	return -1
}

// class are the fields of one response key on one parent type.
type class struct {
	first *selectionNode
	below *mergedSet
}

// overlapCheck is the check of all operations of a document.
type overlapCheck struct {
	*checker
	sets  map[string]*mergedSet
	pairs map[[2]int]bool
	// args are the arguments of fields: equal ones have the same number in texts.
	args     map[*selectionNode]int
	texts    map[string]int
	reported map[[2]*selectionNode]bool
	// most is how many steps there may be.
	most    int
	stopped bool
}

// overlaps checks all operations. It stands down once there are other errors: unresolved fields would be compared.
func (c *checker) overlaps() {
	if len(c.errs) > 0 {
		return
	}
	o := overlapCheck{
		checker: c, most: c.limits.totalNodes(),
		sets: map[string]*mergedSet{}, pairs: map[[2]int]bool{}, reported: map[[2]*selectionNode]bool{},
		args: map[*selectionNode]int{}, texts: map[string]int{},
	}
	for _, op := range c.doc.operations {
		set := o.merged([][]*selectionNode{op.sub})
		o.shapes(set)
		o.within(set)
		if o.stopped || c.full {
			break
		}
	}
}

// step counts one step, and tells whether to go on.
func (o *overlapCheck) step() bool {
	if o.stopped || o.full {
		return false
	}
	o.steps++
	switch {
	case o.steps > o.most:
		o.stop(gqlerr.New(gqlerr.QueryFieldLimitExceeded,
			"The fields of the document that are merged cannot be compared in %d steps.", o.most))
	case o.steps%stepsPerLook == 0 && o.ended() != nil:
		o.stopped = true
	}
	return !o.stopped
}

// stop ends the check with an error.
func (o *overlapCheck) stop(err *gqlerr.Error) {
	if !o.stopped {
		o.stopped = true
		o.add(err)
	}
}

// merged returns the set of selection sets that are merged, nil for nothing.
func (o *overlapCheck) merged(subs [][]*selectionNode) *mergedSet {
	if len(subs) == 0 {
		return nil
	}
	c := fieldCollector{overlapCheck: o}
	for _, sub := range subs {
		c.collect(sub)
	}
	if o.stopped {
		return nil
	}
	key := make([]byte, 0, 2*len(c.fields))
	for _, f := range c.fields {
		key = binary.AppendUvarint(key, uint64(f.id))
	}
	set := o.sets[string(key)]
	if set == nil {
		set = newMergedSet(len(o.sets), c.fields)
		o.sets[string(key)] = set
	}
	return set
}

// fieldCollector collects the fields of selection sets. It spreads a fragment once.
type fieldCollector struct {
	*overlapCheck

	fields []*selectionNode
	seen   map[*definition]bool
}

func (c *fieldCollector) collect(sub []*selectionNode) {
	for _, s := range sub {
		if !c.step() {
			break
		}
		switch {
		case s.kind == fieldNode && s.def != nil:
			c.fields = append(c.fields, s)
		case s.kind == inlineNode:
			c.collect(s.sub)
		case s.kind == spreadNode && s.target != nil && !c.seen[s.target]:
			if c.seen == nil {
				c.seen = map[*definition]bool{}
			}
			c.seen[s.target] = true
			c.collect(s.target.sub)
		}
	}
}

// newMergedSet groups fields by response key.
func newMergedSet(id int, fields []*selectionNode) *mergedSet {
	set := &mergedSet{id: id, groups: make([]group, 0, len(fields))}
	if len(fields) > few {
		set.byKey = make(map[string]int, len(fields))
	}
	for i, f := range fields {
		if g := set.group(f.key()); g != nil {
			g.fields = append(g.fields, f)
			continue
		}
		if set.byKey != nil {
			set.byKey[f.key()] = len(set.groups)
		}
		set.groups = append(set.groups, group{fields: fields[i : i+1 : i+1]})
	}
	return set
}

// shapes is SameResponseShape.
func (o *overlapCheck) shapes(set *mergedSet) {
	if set == nil || set.shaped {
		return
	}
	set.shaped = true
	for i := range set.groups {
		g := &set.groups[i]
		first := g.fields[0]
		if len(g.fields) > maxEqualNames {
			o.stop(gqlerr.New(gqlerr.QueryFieldLimitExceeded,
				"The response key %s is selected %d times in one selection set, more than %d.",
				quote(first.key()), len(g.fields), maxEqualNames).At(int(first.line), int(first.column)))
		}
		for _, f := range g.fields {
			if !o.step() {
				return
			}
			if !sameShape(first.def.Type, f.def.Type) {
				o.conflict(first, f, "they return conflicting types "+quote(first.def.Type.String())+" and "+quote(f.def.Type.String()))
			}
		}
		o.shapes(o.belowAll(g))
	}
}

// belowAll returns what the fields of a group select together, nil for nothing.
func (o *overlapCheck) belowAll(g *group) *mergedSet {
	if !g.made {
		g.made = true
		var subs [][]*selectionNode
		for _, f := range g.fields {
			if f.hasSub {
				subs = append(subs, f.sub)
			}
		}
		g.below = o.merged(subs)
	}
	return g.below
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

// classify splits a group by parent type, and reports fields of one parent type that differ.
func (o *overlapCheck) classify(g *group) {
	if g.classes != nil {
		return
	}
	if len(g.fields) > few {
		g.byType = map[*supergraph.Type]int{}
	}
	var subs [][][]*selectionNode
	for _, f := range g.fields {
		i := g.class(f.on)
		if i >= 0 {
			o.same(g.classes[i].first, f)
		} else {
			i = g.add(f)
			subs = append(subs, nil)
		}
		if f.hasSub {
			subs[i] = append(subs[i], f.sub)
		}
	}
	if len(g.classes) == 1 {
		g.classes[0].below = o.belowAll(g)
		return
	}
	for i := range g.classes {
		g.classes[i].below = o.merged(subs[i])
	}
}

// add adds a class with its first field, and returns its index.
func (g *group) add(f *selectionNode) int {
	i := len(g.classes)
	g.classes = append(g.classes, class{first: f})
	if g.byType != nil {
		g.byType[f.on] = i
	}
	if f.on.Kind != supergraph.Object {
		g.abstract = append(g.abstract, i)
	}
	return i
}

// within is FieldsInSetCanMerge for one merged selection set.
func (o *overlapCheck) within(set *mergedSet) {
	if set == nil || set.compared {
		return
	}
	set.compared = true
	for i := range set.groups {
		g := &set.groups[i]
		if !o.step() {
			return
		}
		if len(g.fields) == 1 {
			o.within(o.belowAll(g))
			continue
		}
		o.classify(g)
		for i := range g.classes {
			o.within(g.classes[i].below)
		}
		// Fields of different object types never meet, so one of two has an abstract type.
		for _, i := range g.abstract {
			for j := range g.classes {
				if j < i || g.classes[j].first.on.Kind == supergraph.Object {
					o.meet(g.classes[i], g.classes[j])
				}
			}
		}
	}
}

// between compares the fields of two selection sets that can be merged, each of which is checked by itself.
func (o *overlapCheck) between(a, b *mergedSet) {
	if a == nil || b == nil || a == b {
		return
	}
	pair := [2]int{min(a.id, b.id), max(a.id, b.id)}
	if o.pairs[pair] {
		return
	}
	o.pairs[pair] = true
	for i := range a.groups {
		g := &a.groups[i]
		if !o.step() {
			return
		}
		other := b.group(g.fields[0].key())
		if other == nil {
			continue
		}
		o.classify(g)
		o.classify(other)
		for _, x := range g.classes {
			o.meetAll(x, other)
		}
	}
}

// meetAll compares the fields of a class with those of a group that they can meet on one object: not so when their parents are
// different object types.
func (o *overlapCheck) meetAll(x class, other *group) {
	if x.first.on.Kind != supergraph.Object {
		for _, y := range other.classes {
			o.meet(x, y)
		}
		return
	}
	if i := other.class(x.first.on); i >= 0 {
		o.meet(x, other.classes[i])
	}
	for _, i := range other.abstract {
		o.meet(x, other.classes[i])
	}
}

// meet compares fields that can meet on one object.
func (o *overlapCheck) meet(x, y class) {
	if o.step() && o.same(x.first, y.first) {
		o.between(x.below, y.below)
	}
}

// same reports fields that must be equal and are not.
func (o *overlapCheck) same(a, b *selectionNode) bool {
	switch {
	case a == b:
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

// arguments is a number that stands for the field's arguments: a text may be long, and is read once.
func (o *overlapCheck) arguments(f *selectionNode) int {
	if len(f.args) == 0 {
		return 0
	}
	n, ok := o.args[f]
	if !ok {
		text := canonicalArguments(f.args)
		if n = o.texts[text]; n == 0 {
			n = len(o.texts) + 1
			o.texts[text] = n
		}
		o.args[f] = n
	}
	return n
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
func (o *overlapCheck) conflict(a, b *selectionNode, why string) {
	pair := [2]*selectionNode{a, b}
	if b.before(a.pos) {
		pair = [2]*selectionNode{b, a}
	}
	if o.reported[pair] {
		return
	}
	o.reported[pair] = true
	o.add(gqlerr.New(gqlerr.ValidationFailed,
		"Fields %s conflict because %s. Use different aliases on the fields to fetch both if this was intentional.", quote(a.key()), why).
		At(int(pair[0].line), int(pair[0].column)).At(int(pair[1].line), int(pair[1].column)))
}
