package executor

import (
	"bytes"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// decoder scans an answer into slots. Its methods return false when the answer is not JSON or above a limit; what was
// written by then is for the caller to roll back. A value that does not fit its type becomes bad, and scanning goes on.
type decoder struct {
	jsonscan.Scanner
	tree *tree
	buf  uint16
	// known are the names of the graph's object types.
	known map[string]bool
	// hint is the run-time type that was seen last.
	hint int
	// again is how many bytes may be decoded once more, for other places.
	again int
}

// maxAgain is how many times the bytes that a response may have may be decoded for places beside the first, where most of them are
// for the response.
const maxAgain = 4

// object decodes the object that begins at the decoder's place into the one with its header at index at.
func (d *decoder) object(sel *selection, at uint32) bool {
	more, ok := d.Open('}')
	for next := 0; more; {
		var i int
		if i, ok = d.key(sel, next); !ok {
			return false
		}
		if i < 0 || sel.members[i].slot < 0 {
			ok = d.Value()
			next = max(next, i+1)
		} else {
			m := &sel.members[i]
			next = i + 1
			if m.text && d.Peek() == '"' {
				ok = d.textMember(m, at)
			} else {
				ok = d.member(sel, m, at)
			}
		}
		if !ok {
			return false
		}
		more, ok = d.Next('}')
	}
	return ok
}

// textMember decodes a string into the slot of a member that takes any.
func (d *decoder) textMember(m *member, at uint32) bool {
	from := d.At
	ok := d.Text()
	d.tree.set(at+1+uint32(m.slot), value{kind: raw, buf: d.buf, off: uint32(from), len: uint32(d.At - from)})
	return ok
}

// key goes over a key and its colon and returns which member it names, -1 for none.
func (d *decoder) key(sel *selection, next int) (int, bool) {
	if d.Peek() == '"' && next < len(sel.members) {
		q := sel.members[next].quoted
		if len(d.Src)-d.At >= len(q) && string(d.Src[d.At:d.At+len(q)]) == q {
			d.At += len(q)
			return next, true
		}
	}
	key, ok := d.Name()
	if !ok {
		return 0, false
	}
	return sel.find(jsonscan.Content(key), next), true
}

// member decodes the value of a member into its slot.
func (d *decoder) member(sel *selection, m *member, at uint32) bool {
	slot := at + 1 + uint32(m.slot)
	v, ok := d.value(m, m.lists, d.tree.slab[slot])
	if !ok {
		return false
	}
	d.tree.set(slot, v)
	if m.typename && v.kind == raw {
		d.runtimeType(sel.layout, at, v)
	}
	return true
}

// runtimeType notes the run-time type of an object. A type that is possible is not replaced by another.
func (d *decoder) runtimeType(l *layout, at uint32, v value) {
	h := d.tree.slab[at]
	if knownType(h.len) {
		return
	}
	name := d.Src[v.off+1 : v.off+v.len-1]
	switch i := l.typeIndex(name, d.hint); {
	case i >= 0:
		d.hint = i
		h.len = uint32(i) + 1
	case d.known[string(name)]:
		h.len = typeForeign
	default:
		h.len = typeUnknown
	}
	d.tree.set(at, h)
}

// value decodes a value below the given number of lists. Old is what the place holds: objects and lists are merged into,
// null replaces nothing.
func (d *decoder) value(m *member, lists int, old value) (value, bool) {
	c := d.Peek()
	if c == 'n' {
		ok := d.Word("null")
		if old.kind != unset && old.kind != gone {
			return old, ok
		}
		return value{kind: null}, ok
	}
	switch {
	case lists > 0:
		if c == '[' {
			return d.list(m, lists, old)
		}
	case m.sub != nil:
		if c == '{' {
			return d.child(m.sub, old)
		}
	case m.leaf >= leafString && c == '"':
		from := d.At
		ok := d.Text()
		return value{kind: raw, buf: d.buf, off: uint32(from), len: uint32(d.At - from)}, ok
	default:
		return d.scalar(m, c, old)
	}
	return d.misfit(old)
}

// misfit goes over a value that does not fit its type.
func (d *decoder) misfit(old value) (value, bool) {
	from := d.At
	ok := d.Value()
	if old.there() {
		return old, ok
	}
	return value{kind: bad, buf: d.buf, off: uint32(from), len: uint32(d.At - from)}, ok
}

// child decodes an object, into the one that is there or a new one.
func (d *decoder) child(sel *selection, old value) (value, bool) {
	if old.kind != object {
		var ok bool
		if old, ok = d.tree.objectFor(old, sel.layout); !ok {
			return old, false
		}
	}
	return old, d.object(sel, old.off)
}

// list decodes a list. Lists of objects are merged by index into the one that is there; if lengths differ, the first
// answer's counts and the list is marked.
func (d *decoder) list(m *member, lists int, old value) (value, bool) {
	if old.kind == list && m.sub != nil {
		return d.mergeList(m, lists, old)
	}
	t, before := d.tree, value{}
	if old.kind == gone {
		before = old
	}
	mark := len(t.stack)
	more, ok := d.Open(']')
	for more {
		var v value
		if v, ok = d.value(m, lists-1, before); !ok || len(t.stack) == cap(t.stack) && !t.mayGrow(t.stack, 1) {
			return value{}, false
		}
		t.stack = append(t.stack, v)
		more, ok = d.Next(']')
	}
	if !ok {
		return value{}, false
	}
	elements := t.stack[mark:]
	t.stack = t.stack[:mark]
	at, ok := t.alloc(len(elements))
	if ok {
		copy(t.slab[at:], elements)
	}
	return value{kind: list, off: at, len: uint32(len(elements))}, ok
}

// mergeList decodes a list into the elements of the one that is there.
func (d *decoder) mergeList(m *member, lists int, old value) (value, bool) {
	n := uint32(0)
	more, ok := d.Open(']')
	for more {
		if n >= old.len {
			ok = d.Value()
		} else {
			var v value
			v, ok = d.value(m, lists-1, d.tree.slab[old.off+n])
			if ok {
				d.tree.set(old.off+n, v)
			}
		}
		if !ok {
			return value{}, false
		}
		n++
		more, ok = d.Next(']')
	}
	if n != old.len {
		old.buf = uneven
	}
	return old, ok
}

// scalar decodes and checks a scalar that begins with c.
func (d *decoder) scalar(m *member, c byte, old value) (value, bool) {
	from := d.At
	number := c == '-' || c-'0' <= 9
	var integer, ok bool
	if number {
		integer, ok = d.Number()
	} else {
		ok = d.Value()
	}
	if !ok {
		return value{}, false
	}
	text := d.Src[from:d.At]
	v := value{kind: raw, buf: d.buf, off: uint32(from), len: uint32(len(text))}
	fits := true
	switch m.leaf {
	case leafAny:
	case leafInt:
		fits = integer && int32Range(text)
	case leafFloat:
		fits = number && isFinite(text)
	case leafString:
		fits = c == '"'
	case leafBoolean:
		fits = c == 't' || c == 'f'
	case leafID:
		fits = c == '"' || integer
		if integer {
			v.kind = quoted
		}
	case leafEnum:
		v.kind, fits = m.enum.kindOf(text, c)
	}
	switch {
	case fits:
		return v, true
	case old.there():
		return old, true
	}
	v.kind = bad
	return v, true
}

// kindOf tells what the JSON text, which begins with c, is as a value of the enum.
func (e *enum) kindOf(text []byte, c byte) (kind, bool) {
	if c != '"' {
		return bad, false
	}
	visible, known := e.values[string(text[1:len(text)-1])]
	if !visible {
		return hidden, known
	}
	return raw, known
}

// isFinite tells whether a JSON number is in the range of Float, IEEE 754 double precision (GraphQL, section 3.5.2).
func isFinite(text []byte) bool {
	const always = 300 // digits
	if len(text) <= always && bytes.IndexByte(text, 'e') < 0 && bytes.IndexByte(text, 'E') < 0 {
		return true
	}
	_, err := strconv.ParseFloat(string(text), 64)
	return err == nil
}

// int32Range tells whether a JSON integer is in the range of Int (GraphQL, section 3.5.1).
func int32Range(text []byte) bool {
	if len(text) < 10 {
		return true
	}
	if len(text) > 11 {
		return false
	}
	n, digits, limit := int64(0), text, int64(1<<31-1)
	if text[0] == '-' {
		digits, limit = text[1:], 1<<31
	}
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	return n <= limit
}
