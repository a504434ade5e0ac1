package executor

import (
	"math"
	"slices"
)

// kind says what a value is. The order matters: from raw on there is a value.
type kind uint8

const (
	// unset: no answer had the slot.
	unset kind = iota
	// null: a subgraph answered null.
	null
	// explained: null, and an error in the response already says why.
	explained
	// gone: the same, but it is not known what the value would be: something else at or below it failed and took it along.
	gone
	// bad: null, since the answer does not fit the type; reported when the client's response is written.
	bad
	// raw: the bytes of a scalar, checked, as JSON.
	raw
	// quoted: the digits of an ID that arrived as a number; the client gets a string.
	quoted
	// hidden: an enum value that clients must not see; representations may have it.
	hidden
	// object: off is the object's header in the slab.
	object
	// list: off is the first of len elements in the slab.
	list
	// header stands before the slots of an object: len is its run-time type, off the last walk that visited it.
	header
)

// there tells whether a value is more than a kind of null.
func (v value) there() bool { return v.kind >= raw }

// value is one slot, element or header. Scalars (and bad values) are bytes [off, off+len) of buffer buf.
//
// It has four fields, since a struct of more is not kept in registers.
type value struct {
	kind kind
	// buf is the index of the buffer of a scalar; of a list it is uneven, of an unset slot
	// withheld, nobody, or 0.
	buf uint16
	off uint32
	len uint32
}

// uneven marks a list that two answers gave with different lengths, withheld an unset slot of an object that could not be
// looked up, nobody that of one of which an answer says that there is no such entity.
const (
	uneven   = 1
	withheld = 1
	nobody   = 2
)

// Run-time types in headers: 0 while unknown, index in the layout's types + 1, or one of these.
const (
	typeUnset = 0
	// typeForeign: an object type of the graph that is not possible at this position for all who could answer.
	typeForeign = math.MaxUint32 - 1
	// typeUnknown: no object type of the graph.
	typeUnknown = math.MaxUint32
)

// knownType tells whether the run-time type in a header is one of the layout's.
func knownType(runtime uint32) bool { return runtime != typeUnset && runtime < typeForeign }

// tree holds the values of one run. It can take back everything that was written since mark.
type tree struct {
	slab []value
	bufs [][]byte
	// stack holds the elements of lists that are being decoded.
	stack []value
	// mark is where the slab ended when the current answer began; undo has the old values below it.
	mark uint32
	undo []change
	// buf is the index of the buffer of the current answer.
	buf uint16
	// limit is how many values there may be; room tells whether so many bytes more may be held, and shortage why the tree could
	// not grow.
	limit    int
	room     func(more int64) bool
	shortage shortage
	// walks counts walks, so that each visits an object once.
	walks uint32
	// separate: no two objects share what lies below them, since what is fetched there depends on what lies above.
	separate bool
}

// shortage is why a tree cannot grow.
type shortage uint8

const (
	noShortage shortage = iota
	tooManyValues
	noMemory
)

// Bytes of a value and of a change.
const (
	valueSize  = 12
	changeSize = 16
)

// size is how much memory the tree holds.
func (t *tree) size() int64 {
	return valueSize*int64(cap(t.slab)+cap(t.stack)) + changeSize*int64(cap(t.undo))
}

// mayGrow asks for memory before values grows by n elements; it will be doubled as a rule.
func (t *tree) mayGrow(values []value, n int) bool {
	switch {
	case len(t.slab)+len(t.stack)+n > t.limit:
		t.shortage = tooManyValues
	case !t.room(valueSize * int64(max(n, cap(values)))):
		t.shortage = noMemory
	default:
		return true
	}
	return false
}

// change is an overwritten value.
type change struct {
	at  uint32
	old value
}

// begin starts a transaction for the answer in a buffer: rollback takes back what is written from here on.
func (t *tree) begin(buf uint16) {
	t.mark, t.buf = uint32(len(t.slab)), buf
	t.undo, t.shortage = t.undo[:0], noShortage
}

// rollback takes back what was written since begin.
func (t *tree) rollback() {
	for _, c := range slices.Backward(t.undo) {
		t.slab[c.at] = c.old
	}
	t.undo = t.undo[:0]
	t.stack = t.stack[:0]
	t.slab = t.slab[:t.mark]
}

// set overwrites the value at an index of the slab. What the answer itself has written is not worth a note: it may say a thing a
// million times.
func (t *tree) set(at uint32, v value) {
	if at < t.mark {
		if old := t.slab[at]; old != v && !t.isNew(old) {
			t.undo = append(t.undo, change{at, old})
		}
	}
	t.slab[at] = v
}

// isNew tells whether the current answer has written a value.
func (t *tree) isNew(v value) bool {
	switch v.kind {
	case bad, raw, quoted, hidden:
		return v.buf == t.buf
	case object, list:
		return v.off >= t.mark
	default:
		return false
	}
}

// alloc adds n unset values and returns the index of the first; false when the limit is reached.
func (t *tree) alloc(n int) (uint32, bool) {
	at := len(t.slab)
	end := at + n
	if end+len(t.stack) > t.limit {
		t.shortage = tooManyValues
		return 0, false
	}
	if end > cap(t.slab) {
		if !t.mayGrow(t.slab, n) {
			return 0, false
		}
		t.slab = append(t.slab, make([]value, n)...)
		return uint32(at), true
	}
	t.slab = t.slab[:end]
	clear(t.slab[at:])
	return uint32(at), true
}

// objectFor adds an object where there was another value. In place of what is gone, it lacks for the same reason whatever it
// does not get.
func (t *tree) objectFor(old value, l *layout) (value, bool) {
	v, ok := t.object(l)
	if ok && old.kind == gone {
		for i := range l.slots {
			t.slab[v.off+1+uint32(i)] = old
		}
	}
	return v, ok
}

// object adds an object of a layout, all its slots unset.
func (t *tree) object(l *layout) (value, bool) {
	at, ok := t.alloc(1 + len(l.slots))
	if !ok {
		return value{}, false
	}
	h := value{kind: header}
	if l.typename < 0 {
		h.len = 1
	}
	t.slab[at] = h
	return value{kind: object, off: at}, true
}

// bytes returns the JSON of a scalar, without the quotes that a quoted one gets.
func (t *tree) bytes(v value) []byte { return t.bufs[v.buf][v.off : v.off+v.len] }

// reset empties the tree and keeps its memory, unless that has become very large.
func (t *tree) reset() {
	const keep = 1 << 20 / 12 // values in 1 MiB
	if cap(t.slab) > keep {
		t.slab = nil
	}
	if cap(t.stack) > keep {
		t.stack = nil
	}
	if cap(t.undo) > keep {
		t.undo = nil
	}
	clear(t.bufs)
	t.walks, t.shortage = 0, noShortage
	t.slab, t.stack, t.undo, t.bufs = t.slab[:0], t.stack[:0], t.undo[:0], t.bufs[:0]
}
