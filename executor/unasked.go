package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// dropUnasked drops errors about fields that the client has not selected for the object at hand. A subgraph that does not
// know the types of objects is asked for all of them what the client wants of some: what fails for the others is nobody's
// concern. Where the type of an object could not be found out, so that it is null, such an error is dropped if another says why.
func (r *run) dropUnasked() {
	unsure := make([]doubt, 0, 1)
	r.failures.list = slices.DeleteFunc(r.failures.list, func(f failure) bool {
		if f.fetch == ofResponse {
			return false
		}
		unasked, d := r.isUnasked(f.err.Path)
		if d.typedBy != nil && !slices.Contains(d.typedBy, f.fetch) {
			d.err = f.err
			unsure = append(unsure, d)
		}
		return unasked
	})
	for _, d := range unsure {
		object := d.err.Path[:d.depth]
		if slices.ContainsFunc(r.failures.list, func(f failure) bool {
			return (f.fetch == ofResponse || slices.Contains(d.typedBy, f.fetch)) &&
				len(f.err.Path) >= d.depth && slices.Equal(f.err.Path[:d.depth], object)
		}) {
			r.failures.list = slices.DeleteFunc(r.failures.list, func(f failure) bool { return f.err == d.err })
		}
	}
}

// doubt is about an error of which nobody knows whether the client has selected what it is about: that depends on the type of an
// object, the first depth elements of its path, and the fetches that could have told the type have not.
type doubt struct {
	err     *gqlerr.Error
	depth   int
	typedBy []int
}

// isUnasked tells whether a path leads to a field that is not written for the type of its object, or to an object of a type
// that the client may not see. The doubt is the zero value where there is none.
func (r *run) isUnasked(path gqlerr.Path) (bool, doubt) {
	t, s, v := &r.tree, r.program.shape, value{kind: object}
	for n := 0; v.kind == object; {
		runtime := t.slab[v.off].len
		selected := s.fields(runtime)
		switch {
		case selected == nil && runtime == typeUnset && n < len(path) && !s.allHave(path[n]):
			return false, doubt{depth: n, typedBy: s.typedBy()}
		case selected == nil:
			return knownType(runtime), doubt{}
		case n == len(path):
			return false, doubt{}
		}
		key, _ := path[n].Key()
		at := selected.index(key)
		if at < 0 {
			return key != "", doubt{}
		}
		f := &selected.fields[at]
		if f.source != fromSlot || f.sub == nil {
			return false, doubt{}
		}
		s, v = f.sub, t.slab[v.off+1+uint32(f.slot)]
		for n++; n < len(path) && v.kind == list; n++ {
			i, isIndex := path[n].Index()
			if !isIndex || i >= int(v.len) {
				return false, doubt{}
			}
			v = t.slab[v.off+uint32(i)]
		}
	}
	return false, doubt{}
}

// allHave tells whether a field is written for every type that an object may have.
func (s *objectShape) allHave(e gqlerr.PathElement) bool {
	key, _ := e.Key()
	return !slices.ContainsFunc(s.byType, func(list *fieldList) bool { return list != nil && list.index(key) < 0 })
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
