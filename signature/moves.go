package signature

import (
	"cmp"
	"slices"
)

// moves are how objects of a text have to be put in order. They are noted while the text is written and applied once, when all
// is there: were each object put in order at its end, one that lies in 500 others that are out of order would be copied 500 times.
type moves struct {
	objects []object
	members []member // of the objects, in the order in which they have to be
	spare   []byte   // the text that is put in order, but for its first bytes
	from    int      // how many these are
}

// object is an object that is out of order: where its braces are, and its members among those of the moves.
type object struct{ open, end, first, last int }

func (m *moves) release() {
	m.objects, m.members = m.objects[:0], m.members[:0]
	if cap(m.spare) > maxSpare || cap(m.members) > maxSpare/16 {
		*m = moves{}
	}
}

// apply puts the objects of the text in order, in place, and returns the text, which may be shorter then.
func (m *moves) apply(text []byte) []byte {
	if len(m.objects) == 0 {
		return text
	}
	slices.SortFunc(m.objects, func(a, b object) int { return cmp.Compare(a.open, b.open) })
	m.from = m.objects[0].open
	m.spare = append(m.spare[:0], text[m.from:]...)
	return m.append(text[:m.from], m.from, len(text))
}

// append appends a part of the text, with what is in it in order. Each byte is copied once, however deep it lies.
func (m *moves) append(dst []byte, from, to int) []byte {
	i := m.next(from)
	for i < len(m.objects) && m.objects[i].open < to {
		o := m.objects[i]
		dst = append(dst, m.text(from, o.open+1)...)
		flat := i+1 == len(m.objects) || m.objects[i+1].open >= o.end
		for n, member := range m.members[o.first:o.last] {
			if n > 0 {
				dst = append(dst, ',')
			}
			if flat {
				dst = append(dst, m.text(member.start, member.end)...)
			} else {
				dst = m.append(dst, member.start, member.end)
			}
		}
		if i++; !flat {
			i = m.next(o.end)
		}
		from = o.end
	}
	return append(dst, m.text(from, to)...)
}

// next returns the first object, which is the outermost, that begins at a place or behind it.
func (m *moves) next(at int) int {
	i, _ := slices.BinarySearchFunc(m.objects, at, func(o object, at int) int { return cmp.Compare(o.open, at) })
	return i
}

// text returns a part of the text as it was.
func (m *moves) text(from, to int) []byte { return m.spare[from-m.from : to-m.from] }
