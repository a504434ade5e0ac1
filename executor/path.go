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
		for _, o := range all {
			r.explain(f.root, o.object, path)
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
	for o := first; ; o = b.sought[o.next] {
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

// translate appends to path the labels of the slots that a subgraph's path names, as far as it is known; false when
// nothing of it is.
func translate(sel *selection, path gqlerr.Path, steps []step) (gqlerr.Path, bool) {
	known := false
	for n := 0; n < len(steps) && sel != nil; {
		at := sel.find(steps[n].key, 0)
		if steps[n].key == nil || at < 0 || sel.members[at].slot < 0 {
			break
		}
		m := &sel.members[at]
		path = append(path, gqlerr.Key(sel.layout.slots[m.slot].label))
		known = true
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

// pathTo returns the response path of the object with its header at index at, found by walking the slots of path. It is
// nil when the run has spent too many steps on paths: a subgraph may report many errors about large lists.
func (r *run) pathTo(path []hop, at uint32) gqlerr.Path {
	r.tree.walks++
	f := finder{tree: &r.tree, at: at, steps: &r.pathSteps}
	if !f.search(value{kind: object}, r.program.root, path) {
		return nil
	}
	return f.path
}

// maxPathSteps is how many objects and elements one run may visit to find paths.
const maxPathSteps = 20_000_000

// finder looks for the path of one object.
type finder struct {
	tree  *tree
	at    uint32
	steps *int
	path  gqlerr.Path
}

// search looks behind v, an object or list of a layout; it leaves the path of the object when it finds it.
func (f *finder) search(v value, l *layout, path []hop) bool {
	if *f.steps++; *f.steps > maxPathSteps {
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
		f.path = append(f.path, gqlerr.Key(l.slots[path[0].slot].label))
		if f.search(t.slab[v.off+1+uint32(path[0].slot)], l.slots[path[0].slot].below, path[1:]) {
			return true
		}
		f.path = f.path[:len(f.path)-1]
	case list:
		for i := range v.len {
			f.path = append(f.path, gqlerr.Index(int(i)))
			if f.search(t.slab[v.off+i], l, path) {
				return true
			}
			f.path = f.path[:len(f.path)-1]
		}
	default:
	}
	return false
}
