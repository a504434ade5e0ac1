package executor

// spread gives the object with its header at dst what an answer brought to the one at src: both were asked for by one
// representation. What dst does not have yet is shared with src, what both have is merged.
func (t *tree) spread(sel *selection, src, dst uint32) {
	if src == dst {
		return
	}
	if h := t.slab[dst]; h.len == typeUnset {
		h.len = t.slab[src].len
		t.set(dst, h)
	}
	for i := range sel.members {
		m := &sel.members[i]
		if m.slot < 0 {
			continue
		}
		at := dst + 1 + uint32(m.slot)
		old, brought := t.slab[at], t.slab[src+1+uint32(m.slot)]
		if joined := t.join(m, old, brought); joined != old {
			t.set(at, joined)
		}
	}
}

// join returns what a place that holds old holds after it got what an answer brought to another place.
func (t *tree) join(m *member, old, brought value) value {
	switch {
	case !brought.there():
		if old.kind == unset {
			return brought
		}
		return old
	case old.kind != brought.kind || m.sub == nil:
		if old.kind == object || old.kind == list && m.sub != nil {
			return old
		}
		return brought
	case old.off == brought.off:
		return old
	case old.kind == object:
		t.spread(m.sub, brought.off, old.off)
		return old
	}
	for i := range min(old.len, brought.len) {
		at := old.off + i
		t.set(at, t.join(m, t.slab[at], t.slab[brought.off+i]))
	}
	if old.len != brought.len {
		old.buf = uneven
	}
	return old
}
