package executor

import "github.com/gatehouse-graphql/gatehouse/internal/gqlerr"

// relocate translates the path of a subgraph's error into a path of the response, and marks the nulls that the error
// explains. An entity's index becomes the place of the first object that it stands for; the nulls of all of them are
// marked. Without a path the fetch's position is returned, and false: it is not known what the error explains.
func (r *run) relocate(i int, path []step) (gqlerr.Path, bool) {
	f, s := r.program.fetches[i], &r.states[i]
	if len(path) == 0 || path[0].key == nil {
		return r.wholePosition(i), false
	}
	if f.root != nil {
		all := s.batches[0].sought
		start := r.pathTo(f.path, all[0].object)
		for n := 0; n < len(all) && r.mayWalk(1); n++ {
			r.explain(f.root, all[n].object, path)
		}
		out, known := translate(f.root, start, path)
		return out, known
	}
	n := f.lookupIndex(path[0].key)
	if n < 0 || len(path) < 2 || path[1].key != nil || path[1].index >= len(s.batches[n].asked) {
		return r.wholePosition(i), false
	}
	l, b := f.lookups[n], &s.batches[n]
	rest := path[2:]
	first := b.sought[b.asked[path[1].index].first]
	for o := first; r.mayWalk(len(l.targets[o.target].selection.members)); o = b.sought[o.next] {
		sel := l.targets[o.target].selection
		r.explainEntity(sel, o.object)
		r.explain(sel, o.object, rest)
		if o.next < 0 {
			break
		}
	}
	t := l.targets[first.target]
	out, _ := translate(t.selection, r.pathTo(t.path, first.object), rest)
	return out, true
}

// wholePosition is the path for an error about all that a fetch brings: exact when that is one object.
func (r *run) wholePosition(i int) gqlerr.Path {
	f, s := r.program.fetches[i], &r.states[i]
	if len(f.lookups) == 1 && len(s.batches) == 1 && len(s.batches[0].sought) == 1 {
		only := s.batches[0].sought[0]
		return r.pathTo(f.lookups[0].targets[only.target].path, only.object)
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
// selected it; false when nothing of it is known.
func translate(sel *selection, path gqlerr.Path, steps []step) (gqlerr.Path, bool) {
	known := false
	for n := 0; n < len(steps) && sel != nil; {
		at := sel.find(steps[n].key, 0)
		if steps[n].key == nil || at < 0 || sel.members[at].slot < 0 {
			break
		}
		m := &sel.members[at]
		known = true
		label := sel.layout.slots[m.slot].label
		if label == "" {
			break
		}
		path = append(path, gqlerr.Key(label))
		n++
		for level := 0; level < m.lists && n < len(steps) && steps[n].key == nil; level++ {
			path = append(path, gqlerr.Index(steps[n].index))
			n++
		}
		sel = m.sub
	}
	return path, known
}

// explain follows a subgraph's path from an object and marks the first null that it meets as explained.
func (r *run) explain(sel *selection, at uint32, steps []step) {
	t := &r.tree
	for n := 0; n < len(steps) && sel != nil; {
		i := sel.find(steps[n].key, 0)
		if steps[n].key == nil || i < 0 || sel.members[i].slot < 0 {
			return
		}
		m := &sel.members[i]
		place := at + 1 + uint32(m.slot)
		n++
		for n < len(steps) && steps[n].key == nil && t.slab[place].kind == list && steps[n].index < int(t.slab[place].len) {
			place = t.slab[place].off + uint32(steps[n].index)
			n++
		}
		switch v := t.slab[place]; v.kind {
		case unset, null, bad:
			t.slab[place] = value{kind: explained}
			return
		case object:
			at, sel = v.off, m.sub
		default:
			return
		}
	}
}

// explainEntity marks what an entity did not get: an error below it may have made all of it null.
func (r *run) explainEntity(sel *selection, at uint32) {
	for i := range sel.members {
		if m := &sel.members[i]; m.slot >= 0 {
			if v := &r.tree.slab[at+1+uint32(m.slot)]; v.kind == unset {
				v.kind = explained
			}
		}
	}
}

// pathTo returns the response path of the object with its header at index at, found by walking the slots of path; it ends at
// the first slot that the client did not select. It is nil when the run has spent too many steps on paths: a subgraph may report many errors about large lists.
func (r *run) pathTo(path []hop, at uint32) gqlerr.Path {
	r.tree.walks++
	f := finder{run: r, tree: &r.tree, at: at}
	if !f.search(value{kind: object}, r.program.root, path) {
		return nil
	}
	return f.path
}

// maxPathSteps is how many objects and elements one run may visit to find paths.
const maxPathSteps = 20_000_000

// finder looks for the path of one object.
type finder struct {
	run  *run
	tree *tree
	at   uint32
	path gqlerr.Path
	// hidden is how many slots of the path so far the client did not select, or lie below such a one.
	hidden int
}

// enter appends an element of the path; leave takes it away.
func (f *finder) enter(e gqlerr.PathElement, hidden bool) {
	if f.hidden > 0 || hidden {
		f.hidden++
		return
	}
	f.path = append(f.path, e)
}

func (f *finder) leave() {
	if f.hidden > 0 {
		f.hidden--
		return
	}
	f.path = f.path[:len(f.path)-1]
}

// search looks behind v, an object or list of a layout; it leaves the path of the object when it finds it.
func (f *finder) search(v value, l *layout, path []hop) bool {
	if !f.run.mayWalk(1) {
		return false
	}
	t := f.tree
	switch v.kind {
	case object:
		if len(path) == 0 {
			return v.off == f.at
		}
		h := &t.slab[v.off]
		if h.off == t.walks {
			return false
		}
		h.off = t.walks
		s := &l.slots[path[0].slot]
		f.enter(gqlerr.Key(s.label), s.label == "")
		if f.search(t.slab[v.off+1+uint32(path[0].slot)], s.below, path[1:]) {
			return true
		}
		f.leave()
	case list:
		for i := range v.len {
			f.enter(gqlerr.Index(int(i)), false)
			if f.search(t.slab[v.off+i], l, path) {
				return true
			}
			f.leave()
		}
	default:
	}
	return false
}
