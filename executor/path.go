package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// addPlace takes one place of an error, and what the error is about below it that the client has not selected; nil for none. It
// returns false when it wants no more.
type addPlace func(place gqlerr.Path, hidden *hiddenSlot) bool

// addError is the same for an error with the slot where there is null for it, nil when that is not known.
type addError func(place gqlerr.Path, hidden, null *hiddenSlot) bool

// hiddenSlot is a slot that the client has not selected, as a rule.
type hiddenSlot struct {
	of    *layout
	index int
}

// relocate calls add with what the path of a subgraph's error is in the response, and marks the nulls that the error
// explains. An entity's index stands for all places of all objects that were asked for with its representation, and add is
// called for each: every null has its error (GraphQL, section 6.4.4). It ends when add returns false. Without a path it is
// the fetch's position, and it is not known what the error explains: relocate returns false.
func (r *run) relocate(i int, path []step, add addError) bool {
	f, s := r.program.fetches[i], &r.states[i]
	if len(path) == 0 || path[0].key == nil {
		add(r.wholePosition(i), nil, nil)
		return false
	}
	if f.root != nil {
		return r.relocateRoot(i, path, add)
	}
	n := s.lookupIndex(path[0].key)
	if n < 0 || len(path) < 2 || path[1].key != nil || path[1].index >= len(s.batches[n].asked) {
		add(r.wholePosition(i), nil, nil)
		return false
	}
	nulls := r.explainAll(s.lookups[n], &s.batches[n], path[1].index, path[2:])
	r.reportAll(s.lookups[n], &s.batches[n], path[1].index, path[2:], nulls, add)
	return true
}

// explainAll marks the nulls that an error explains, of all objects that one representation stands for. It returns where they are,
// by target.
func (r *run) explainAll(l *lookup, b *batch, index int, rest []step) []*hiddenSlot {
	nulls := make([]*hiddenSlot, len(l.targets))
	for at := b.asked[index].first; at >= 0; at = b.sought[at].next {
		o := b.sought[at]
		sel := l.targets[o.target].selection
		if !r.mayWalk(len(sel.members)) {
			break
		}
		r.vanishBelow(sel, o.object) // the error may have made all of the entity null
		nulls[o.target] = r.explain(sel, o.object, rest)
	}
	return nulls
}

// reportAll calls add for the places of the objects that one representation stands for.
func (r *run) reportAll(l *lookup, b *batch, index int, rest []step, nulls []*hiddenSlot, add addError) {
	for at := b.asked[index].first; at >= 0; {
		target := b.sought[at].target
		var objects []uint32 // the first ones: each has at least one place
		for ; at >= 0 && b.sought[at].target == target; at = b.sought[at].next {
			if len(objects) < maxReported {
				objects = append(objects, b.sought[at].object)
			}
		}
		t := l.targets[target]
		if more, _ := r.report(t.path, objects, t.selection, rest, nulls[target], add); !more {
			return
		}
	}
}

// relocateRoot is relocate for a fetch of root fields.
func (r *run) relocateRoot(i int, path []step, add addError) bool {
	f := r.program.fetches[i]
	var objects []uint32
	var null *hiddenSlot
	for _, o := range r.states[i].batches[0].sought {
		if !r.mayWalk(1) {
			break
		}
		null = r.explain(f.root, o.object, path)
		if len(objects) < maxReported {
			objects = append(objects, o.object)
		}
	}
	_, known := r.report(f.path, objects, f.root, path, null, add)
	return known
}

// report calls add for all places of objects, until add returns false: then it does so, too. It tells whether anything of
// the subgraph's path is known. When the places cannot be found any more, add is called once, without a path.
func (r *run) report(path []hop, objects []uint32, sel *selection, steps []step, null *hiddenSlot, add addError) (more, known bool) {
	var hidden *hiddenSlot
	more = true
	found := r.pathsTo(path, objects, func(place gqlerr.Path, above *hiddenSlot) bool {
		below, isKnown, at := translate(sel, place, steps)
		if known, hidden = isKnown, at; above != nil {
			below, hidden = place, above
		}
		more = add(below, hidden, null)
		return more
	})
	if !found {
		_, known, hidden = translate(sel, nil, steps)
		more = add(nil, hidden, null)
	}
	return more, known
}

// wholePosition is the path for an error about all that a fetch brings: exact when that is one object at one place.
func (r *run) wholePosition(i int) gqlerr.Path {
	f, s := r.program.fetches[i], &r.states[i]
	if len(s.lookups) == 1 && len(s.batches) == 1 && len(s.batches[0].sought) == 1 {
		only := s.batches[0].sought[0]
		return r.pathTo(s.lookups[0].targets[only.target].path, only.object)
	}
	return f.position
}

// mayWalk counts steps to find what errors are about; false when there were too many: an answer may have many errors, and each
// may be about many objects.
func (r *run) mayWalk(steps int) bool {
	r.pathSteps += steps
	return r.pathSteps <= maxPathSteps
}

// translate appends to path the labels of the slots that a subgraph's path names, as far as it is known and the client has
// selected it. It tells whether anything of it is known, and the first slot on it that the client has not selected.
func translate(sel *selection, path gqlerr.Path, steps []step) (place gqlerr.Path, known bool, hidden *hiddenSlot) {
	for n := 0; n < len(steps) && sel != nil; {
		at := sel.find(steps[n].key, 0)
		if steps[n].key == nil || at < 0 || sel.members[at].slot < 0 {
			break
		}
		m := &sel.members[at]
		known = true
		label := sel.layout.slots[m.slot].label
		if label == "" {
			return path, true, &hiddenSlot{sel.layout, m.slot}
		}
		path = append(path, gqlerr.Key(label))
		n++
		for level := 0; level < m.lists && n < len(steps) && steps[n].key == nil; level++ {
			path = append(path, gqlerr.Index(steps[n].index))
			n++
		}
		sel = m.sub
	}
	return path, known, nil
}

// explain marks what an error about an object explains: the first null on its path, and all that the answer did not bring
// below the first field of the path, since the error made something above it null. Of that nobody knows the value. It returns where
// that null is; nil when there is none.
func (r *run) explain(sel *selection, at uint32, steps []step) *hiddenSlot {
	t := &r.tree
	for n := 0; n < len(steps) && sel != nil; {
		i := sel.find(steps[n].key, 0)
		if steps[n].key == nil || i < 0 || sel.members[i].slot < 0 {
			return nil
		}
		m := &sel.members[i]
		place := at + 1 + uint32(m.slot)
		if n == 0 {
			r.vanish(m, place)
		}
		n++
		for n < len(steps) && steps[n].key == nil && t.slab[place].kind == list && steps[n].index < int(t.slab[place].len) {
			place = t.slab[place].off + uint32(steps[n].index)
			n++
		}
		switch v := t.slab[place]; v.kind {
		case null, bad:
			t.slab[place] = value{kind: explained}
			if n < len(steps) {
				t.slab[place].kind = gone
			}
			return &hiddenSlot{sel.layout, m.slot}
		case explained, gone: // another error came first
			return &hiddenSlot{sel.layout, m.slot}
		case object:
			at, sel = v.off, m.sub
		default:
			return nil
		}
	}
	return nil
}

// vanish marks what a member and the objects below it lack, also in objects that others have brought.
func (r *run) vanish(m *member, place uint32) {
	switch v := r.tree.slab[place]; v.kind {
	case unset:
		r.tree.slab[place] = value{kind: gone}
	case object:
		if m.sub != nil {
			r.vanishBelow(m.sub, v.off)
		}
	case list:
		for i := range v.len {
			if m.sub != nil && r.mayWalk(1) {
				r.vanish(m, v.off+i)
			}
		}
	default:
	}
}

func (r *run) vanishBelow(sel *selection, at uint32) {
	for i := range sel.members {
		if m := &sel.members[i]; m.slot >= 0 && r.mayWalk(1) {
			r.vanish(m, at+1+uint32(m.slot))
		}
	}
}

// pathTo returns what the response paths of objects with their headers at these indexes have in common: the path itself for one
// that stands at one place. It is nil when none can be found.
func (r *run) pathTo(path []hop, objects ...uint32) gqlerr.Path {
	var common gqlerr.Path
	r.pathsTo(path, objects, func(place gqlerr.Path, _ *hiddenSlot) bool {
		if common == nil {
			common = place
		}
		n := 0
		for n < min(len(common), len(place)) && common[n] == place[n] {
			n++
		}
		common = common[:n]
		return n > 0
	})
	return common
}

// pathsTo calls add with each response path of the objects with their headers at these indexes, until add returns false: an
// object that was asked for once may stand at several places. They are found by walking the slots of path, and end at the first slot
// that the client did not select, which add gets, too. It returns false when it finds none, or none any more, since the run has
// spent too many steps on paths: a subgraph may report many errors about large lists.
func (r *run) pathsTo(path []hop, objects []uint32, add addPlace) bool {
	r.tree.walks++
	f := finder{run: r, tree: &r.tree, objects: make(map[uint32]bool, len(objects)), add: add}
	for _, at := range objects {
		f.objects[at] = true
	}
	return f.search(value{kind: object}, r.program.root, path)
}

// maxPathSteps is how many objects and elements one run may visit to find paths.
const maxPathSteps = 20_000_000

// finder looks for the paths of objects.
type finder struct {
	run     *run
	tree    *tree
	objects map[uint32]bool
	path    gqlerr.Path
	add     addPlace
	// full: add has enough.
	full bool
	// hidden is the first slot of the path so far that the client did not select, and below how many elements from it on.
	hidden *hiddenSlot
	below  int
}

// enter appends an element of the path, a slot that the client did not select if hidden is set; leave takes it away.
func (f *finder) enter(e gqlerr.PathElement, hidden *hiddenSlot) {
	if f.hidden == nil && hidden == nil {
		f.path = append(f.path, e)
		return
	}
	if f.hidden == nil {
		f.hidden = hidden
	}
	f.below++
}

func (f *finder) leave() {
	switch {
	case f.hidden == nil:
		f.path = f.path[:len(f.path)-1]
	case f.below == 1:
		f.hidden, f.below = nil, 0
	default:
		f.below--
	}
}

// search looks behind v, an object or list of a layout, and tells whether the object is there. An object behind which it is
// not is marked, and not visited again.
func (f *finder) search(v value, l *layout, path []hop) bool {
	if f.full || !f.run.mayWalk(1) {
		return false
	}
	t, found := f.tree, false
	switch v.kind {
	case object:
		if len(path) == 0 {
			if found = f.objects[v.off]; found {
				f.full = !f.add(slices.Clone(f.path), f.hidden)
			}
			return found
		}
		h := &t.slab[v.off]
		if h.off == t.walks {
			return false
		}
		s := &l.slots[path[0].slot]
		if s.label == "" {
			f.enter(gqlerr.PathElement{}, &hiddenSlot{l, path[0].slot})
		} else {
			f.enter(gqlerr.Key(s.label), nil)
		}
		found = f.search(t.slab[v.off+1+uint32(path[0].slot)], s.below, path[1:])
		f.leave()
		if !found {
			h.off = t.walks
		}
	case list:
		for i := range v.len {
			f.enter(gqlerr.Index(int(i)), nil)
			found = f.search(t.slab[v.off+i], l, path) || found
			f.leave()
		}
	default:
	}
	return found
}
