package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// dropUnasked drops errors about fields that the client has not selected for the object at hand. A subgraph that does not
// know the types of objects is asked for all of them what the client wants of some: what fails for the others is nobody's
// concern.
func (r *run) dropUnasked() {
	r.failures.list = slices.DeleteFunc(r.failures.list, func(f failure) bool {
		return f.fetch != ofResponse && r.isUnasked(f.err.Path)
	})
}

// isUnasked tells whether a path leads to a field that is not written for the type of its object, or to an object of a type
// that the client may not see.
func (r *run) isUnasked(path gqlerr.Path) bool {
	t, s, v := &r.tree, r.program.shape, value{kind: object}
	for n := 0; v.kind == object; {
		runtime := t.slab[v.off].len
		selected := s.fields(runtime)
		switch {
		case selected == nil:
			return knownType(runtime)
		case n == len(path):
			return false
		}
		key, _ := path[n].Key()
		at := slices.IndexFunc(selected.fields, func(f fieldShape) bool { return f.key == key })
		if at < 0 {
			return key != ""
		}
		f := &selected.fields[at]
		if f.source != fromSlot || f.sub == nil {
			return false
		}
		s, v = f.sub, t.slab[v.off+1+uint32(f.slot)]
		for n++; n < len(path) && v.kind == list; n++ {
			i, isIndex := path[n].Index()
			if !isIndex || i >= int(v.len) {
				return false
			}
			v = t.slab[v.off+uint32(i)]
		}
	}
	return false
}
