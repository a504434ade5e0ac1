package executor

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// writer writes the data of a response. It writes as if there were no null where none may be, and cuts back to the nearest
// place that may be null when it meets one (GraphQL, section 6.4.4).
//
// Entities that were looked up once are shared, so that a small tree can be a huge text, which may be cut back as it grows.
// So the limit is for all that is written, what is cut included.
type writer struct {
	growth
	run  *run
	tree *tree
	dst  []byte
	path gqlerr.Path
	// pause is the length of dst at which the writer looks whether it may go on; cut is how many bytes were cut so far.
	pause, cut int
}

// newWriter returns a writer that appends to dst, which is that of out, and gives up when done is closed.
func newWriter(r *run, dst []byte, out *output, done <-chan struct{}) *writer {
	w := &writer{growth: growth{limit: r.exec.options.MaxResponse, holder: out, done: done}, run: r, tree: &r.tree, dst: dst}
	w.pause = w.first()
	return w
}

// data writes the whole response and returns it; null when the writer gave up.
func (w *writer) data(s *objectShape) []byte {
	fields := w.fields(s, 0)
	if ok := fields != nil && w.object(fields, s.layout, 0); !ok || w.end != goesOn {
		w.dst = append(w.dst[:len(responseHead)], "null"...)
	}
	return w.dst
}

// mayGoOn is asked when dst has reached pause. Once it has said no it says so at every object and list.
func (w *writer) mayGoOn() bool {
	next, ok := w.look(len(w.dst)+w.cut, cap(w.dst))
	w.pause = next - w.cut
	return ok
}

// cutBack takes back what was written behind mark.
func (w *writer) cutBack(mark int) {
	n := len(w.dst) - mark
	w.cut += n
	w.pause -= n
	w.dst = w.dst[:mark]
}

// fields returns the fields of an object; nil when the client may not see it, or its type is not known.
func (w *writer) fields(s *objectShape, at uint32) *fieldList { return s.fields(w.tree.slab[at].len) }

// object writes an object; false when it is null instead.
func (w *writer) object(list *fieldList, l *layout, at uint32) bool {
	if len(w.dst) > w.pause && !w.mayGoOn() {
		return false
	}
	w.dst = append(w.dst, '{')
	for i := range list.fields {
		f := &list.fields[i]
		w.dst = append(w.dst, f.prefix...)
		v := value{kind: explained}
		switch f.source {
		case fromSlot:
			v = w.tree.slab[at+1+uint32(f.slot)]
			if v.kind == raw {
				w.dst = append(w.dst, w.tree.bufs[v.buf][v.off:v.off+v.len]...)
				continue
			}
		case fromType:
			if runtime := w.tree.slab[at].len; runtime != typeUnset {
				w.dst = append(w.dst, l.types[runtime-1].quoted...)
				continue
			}
		case fromNowhere:
		}
		w.path = append(w.path, gqlerr.Key(f.key))
		ok := w.value(f, l, v, 0)
		w.path = w.path[:len(w.path)-1]
		if !ok {
			return false
		}
	}
	w.dst = append(w.dst, '}')
	return true
}

// value writes the value of a field below the given number of lists; false when it is null and must not be.
func (w *writer) value(f *fieldShape, l *layout, v value, level int) bool {
	switch v.kind {
	case raw:
		w.dst = append(w.dst, w.tree.bytes(v)...)
		return true
	case quoted:
		w.dst = append(w.dst, '"')
		w.dst = append(w.dst, w.tree.bytes(v)...)
		w.dst = append(w.dst, '"')
		return true
	case object:
		fields := w.fields(f.sub, v.off)
		if fields == nil {
			return w.null(f, l, w.typeless(f, v), level)
		}
		mark := len(w.dst)
		if w.object(fields, f.sub.layout, v.off) {
			return true
		}
		w.cutBack(mark)
		return w.null(f, l, value{kind: explained}, level)
	case list:
		mark := len(w.dst)
		if w.list(f, l, v, level) {
			return true
		}
		w.cutBack(mark)
		return w.null(f, l, value{kind: explained}, level)
	default:
		return w.null(f, l, v, level)
	}
}

// list writes a list; false when it is null instead.
func (w *writer) list(f *fieldShape, l *layout, v value, level int) bool {
	if v.buf == uneven {
		w.report(gqlerr.SubrequestMalformedResponse, "Subgraphs disagree about the length of %s", f)
	}
	w.dst = append(w.dst, '[')
	w.path = append(w.path, gqlerr.Index(0))
	ok := true
	for i := range v.len {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		if len(w.dst) > w.pause && !w.mayGoOn() {
			ok = false
			break
		}
		w.path[len(w.path)-1] = gqlerr.Index(int(i))
		if ok = w.value(f, l, w.tree.slab[v.off+i], level+1); !ok {
			break
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.dst = append(w.dst, ']')
	return ok
}

// null writes null in place of v, and reports what is not reported yet; false when null is not allowed here.
func (w *writer) null(f *fieldShape, l *layout, v value, level int) bool {
	nonNull := f.nonNull&(1<<level) != 0
	switch v.kind {
	case bad, hidden:
		w.report(gqlerr.InvalidValue, "A subgraph gave an invalid value for %s", f)
	case unset, null:
		if nonNull && !w.known(f, l, v) {
			w.report(gqlerr.NullValue, "Cannot return null for non-nullable field %s", f)
		}
	default:
	}
	if nonNull {
		return false
	}
	w.dst = append(w.dst, "null"...)
	return true
}

// known tells whether the failure of a fetch, which has been reported, explains a null.
func (w *writer) known(f *fieldShape, l *layout, v value) bool {
	if f.source != fromSlot {
		return true
	}
	for _, i := range l.slots[f.slot].filledBy {
		if o := w.run.states[i].outcome; o == failed || o == tainted && v.kind == unset && v.buf != nobody {
			return true
		}
	}
	return false
}

// typeless returns the null that an object without a visible type becomes. A name that is no type of the graph is an error.
func (w *writer) typeless(f *fieldShape, v value) value {
	l := f.sub.layout
	switch w.tree.slab[v.off].len {
	case typeUnknown:
		w.report(gqlerr.InvalidValue, "A subgraph gave an unknown type for %s", f)
		return value{kind: explained}
	case typeUnset:
		if w.run.collector.typeLost(l, v.off) {
			return value{kind: explained}
		}
		w.report(gqlerr.InvalidValue, "No subgraph gave the type of %s", f)
		return value{kind: explained}
	}
	return value{kind: null}
}

// report adds an error at the current path; %s in the message is the field.
func (w *writer) report(code gqlerr.Code, message string, f *fieldShape) {
	if len(w.run.failures.list) >= w.run.exec.options.MaxErrors {
		return
	}
	w.run.add(ofResponse, gqlerr.New(code, message, f.def.Coordinate()).WithPath(slices.Clone(w.path)...))
}
