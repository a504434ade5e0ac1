package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// dropUnasked drops errors about fields that the client has not selected for the object at hand. A subgraph that does not
// know the types of objects is asked for all of them what the client wants of some: what fails for the others is nobody's
// concern. Where an object is null, or becomes it, before anybody tells its type, such an error is dropped if another says why; that
// may be any other if nothing is left of the data.
func (r *run) dropUnasked(nothing bool) {
	var doubts []doubt
	r.failures.list = slices.DeleteFunc(r.failures.list, func(f failure) bool {
		if f.fetch == ofResponse {
			return false
		}
		unasked, d := r.isUnasked(f)
		if d.typedBy != nil && !slices.Contains(d.typedBy, f.fetch) {
			d.err = f.err
			if nothing {
				d.depth = 0
			}
			doubts = append(doubts, d)
		}
		return unasked
	})
	if doubts == nil {
		return
	}
	doubtful := make(map[*gqlerr.Error]bool, len(doubts))
	for _, d := range doubts {
		doubtful[d.err] = true
	}
	for _, d := range doubts {
		doubtful[d.err] = slices.ContainsFunc(r.failures.list, func(f failure) bool {
			_, alike := doubtful[f.err]
			return !alike && len(f.err.Path) >= d.depth && slices.Equal(f.err.Path[:d.depth], d.err.Path[:d.depth])
		})
	}
	r.failures.list = slices.DeleteFunc(r.failures.list, func(f failure) bool { return doubtful[f.err] })
}

// doubt is about an error of which nobody knows whether the client has selected what it is about: that depends on the type of an
// object, the first depth elements of its path, and those who could have told the type have not.
type doubt struct {
	err     *gqlerr.Error
	depth   int
	typedBy []int
}

// isUnasked tells whether an error is about a field that is not written for the type of its object, or that only objects of other
// types need, or about an object of a type that the client may not see. The doubt is the zero value where there is none.
func (r *run) isUnasked(about failure) (bool, doubt) {
	path := about.err.Path
	t, s, v := &r.tree, r.program.shape, value{kind: object}
	needed := false // by an object above
	for n := 0; v.kind == object; {
		runtime := t.slab[v.off].len
		selected := s.fields(runtime)
		switch {
		case selected == nil && runtime == typeUnset:
			return false, s.doubt(path, n)
		case selected == nil:
			return knownType(runtime), doubt{}
		case n == len(path):
			return about.isNeedless(s.layout, runtime, needed), doubt{}
		}
		key, _ := path[n].Key()
		at := selected.index(key)
		switch {
		case at >= 0:
		case s.layout.needs(key, runtime, needed):
			about.err.Path = path[:n] // it is selected of others; here it explains what needs it
			about.hide()
			return false, doubt{}
		default:
			return key != "", doubt{}
		}
		f := &selected.fields[at]
		if f.source != fromSlot || f.sub == nil {
			return false, doubt{}
		}
		needed = needed || s.layout.isNeededBy(f.slot, runtime)
		s, v = f.sub, t.slab[v.off+1+uint32(f.slot)]
		for n++; n < len(path) && v.kind == list; n++ {
			i, isIndex := path[n].Index()
			if !isIndex || i >= int(v.len) {
				return false, doubt{}
			}
			v = t.slab[v.off+uint32(i)]
		}
		if v.kind != object && v.kind != list {
			return false, s.doubt(path, n)
		}
	}
	return false, doubt{}
}

// isNeedless tells whether an object of that layout and run-time type needs nothing of what an error is about, nor does one above, so
// that nothing is missing without: it does not need the slot that the client has not selected, or not the one below where there is
// null for the error.
func (f failure) isNeedless(l *layout, runtime uint32, above bool) bool {
	if f.hidden == nil || f.hidden.of != l || f.hidden.index == l.typename {
		return false
	}
	s := &l.slots[f.hidden.index]
	read := s.neededBy == nil && s.neededAbove == nil // for something else than representations
	if !read && !l.isNeededBy(f.hidden.index, runtime) && (!above || s.neededAbove == nil) {
		return true
	}
	if f.null == nil || f.null.of == l || f.null.index == f.null.of.typename {
		return false
	}
	below := &f.null.of.slots[f.null.index]
	return below.neededBy == nil && below.neededAbove != nil && !slices.ContainsFunc(below.neededAbove, func(n need) bool {
		return n.of != l && above || n.of == l && hasType(n.by, runtime)
	})
}

// needs tells whether objects of a run-time type, or those above, need what clients select under a response key of objects of other
// types.
func (l *layout) needs(label string, runtime uint32, above bool) bool {
	for i := range l.slots {
		s := &l.slots[i]
		if label != "" && s.label == label && (l.isNeededBy(i, runtime) || above && s.neededAbove != nil) {
			return true
		}
	}
	return false
}

// doubt is the doubt about a path through an object, its first depth elements, of which the type is not known: there is none where
// the next field is written for every type.
func (s *objectShape) doubt(path gqlerr.Path, depth int) doubt {
	if depth == len(path) {
		return doubt{}
	}
	key, isKey := path[depth].Key()
	if !isKey || !slices.ContainsFunc(s.byType, func(list *fieldList) bool { return list != nil && list.index(key) < 0 }) {
		return doubt{}
	}
	return doubt{depth: depth, typedBy: s.typedBy()}
}

// typedBy are the indexes of the fetches that tell the types of objects; nil where there is nothing to tell.
func (s *objectShape) typedBy() []int {
	if s.layout.typename < 0 {
		return nil
	}
	return s.layout.slots[s.layout.typename].filledBy
}

func (f *fieldList) index(key string) int {
	return slices.IndexFunc(f.fields, func(f fieldShape) bool { return f.key == key })
}
