package executor

// spread gives the object with its header at dst what an answer brought to the one at src: both were asked for by one
// representation. What the answer has made is shared, unless the tree is separate; what was there before is merged or
// copied, so that dst gets nothing
// that another answer said of src. It returns false when there are too many values.
func (t *tree) spread(sel *selection, src, dst uint32) bool {
	if src == dst {
		return true
	}
	for i := range sel.members {
		m := &sel.members[i]
		if m.slot < 0 {
			continue
		}
		if h := t.slab[dst]; m.typename && h.len == typeUnset {
			h.len = t.slab[src].len
			t.set(dst, h)
		}
		at := dst + 1 + uint32(m.slot)
		old := t.slab[at]
		joined, ok := t.join(m, old, t.slab[src+1+uint32(m.slot)])
		if !ok {
			return false
		}
		if joined != old {
			t.set(at, joined)
		}
	}
	return true
}

// join returns what a place that holds old holds after it got what an answer brought to another place.
func (t *tree) join(m *member, old, brought value) (value, bool) {
	switch {
	case !brought.there() && (old.kind == unset || old.kind == gone && brought.kind != unset):
		return brought, true
	case !brought.there():
		return old, true
	case m.sub == nil:
		return brought, true
	case old.kind == brought.kind && old.off == brought.off:
		return old, true
	case brought.kind == object:
		return t.joinObject(m, old, brought)
	}
	return t.joinList(m, old, brought)
}

func (t *tree) joinObject(m *member, old, brought value) (value, bool) {
	if old.kind != object {
		if brought.off >= t.mark && old.kind != gone && !t.separate {
			return brought, true
		}
		var ok bool
		if old, ok = t.objectFor(old, m.sub.layout); !ok {
			return old, false
		}
	}
	return old, t.spread(m.sub, brought.off, old.off)
}

func (t *tree) joinList(m *member, old, brought value) (value, bool) {
	if old.kind != list {
		if brought.off >= t.mark && old.kind != gone && !t.separate {
			return brought, true
		}
		at, ok := t.alloc(int(brought.len))
		if !ok {
			return old, false
		}
		for i := range brought.len {
			if old.kind == gone {
				t.slab[at+i] = old
			}
		}
		old = value{kind: list, buf: brought.buf, off: at, len: brought.len}
	}
	if old.len != brought.len {
		old.buf = uneven
	}
	for i := range min(old.len, brought.len) {
		v, ok := t.join(m, t.slab[old.off+i], t.slab[brought.off+i])
		if !ok {
			return old, false
		}
		t.set(old.off+i, v)
	}
	return old, true
}
