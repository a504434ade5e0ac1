package executor

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// batch is what one lookup asks for in one run: its objects, and which of them have the same representation.
type batch struct {
	// sought are the objects that are looked up, target by target; those of one representation are chained by next, -1 at
	// the end.
	sought []sought
	// asked are the representations in the order in which they are sent.
	asked []asked
	found found
}

// sought is one object that is looked up, and the target it belongs to.
type sought struct {
	object uint32
	next   int32
	target int32
}

// asked is one representation: its bytes in the request's body and the first and last object it stands for.
type asked struct {
	from, to    int
	hash        uint64
	first, last int32
}

// found says what was wrong with the list of entities in an answer.
type found uint8

const (
	// foundNothing: the answer has no such list.
	foundNothing found = iota
	foundNull
	foundList
	// foundUneven: the list has another length than was asked for; foundStranger: an element is neither an object nor null,
	// or the list is none.
	foundUneven
	foundStranger
)

// collector gathers the representations of one lookup. It is reused from lookup to lookup.
type collector struct {
	effort
	search

	seed maphash.Seed
	// table finds representations by hash: index in asked + 1, open addressing, its length a power of two.
	table []int32
	tree  *tree
	batch *batch
	body  []byte
	// foreign are the values in the body that may be spelt in another way than the canonical one.
	foreign foreign
	// vanish marks what an object lacks of a selection as gone; lost tells whether a slot has no value since a fetch failed.
	vanish func(s *selection, at uint32)
	lost   func(l *layout, slot int, v value) bool
	// spoilt are the objects that were left out for a reason that is to be reported.
	spoilt spoilt
	fault  fault // of the representation at hand
	limits collectorLimits
}

// search is who is looked for.
type search struct {
	// target is where objects are collected, at is its index; nil when they are collected without representations.
	target *target
	at     int32
	// gatherer takes what is found in place of the batch; nil without contexts.
	gatherer *gatherer
	// above are the objects on the way to the one at hand, from the root on; steps are the elements of lists so far.
	above []uint32
	steps int
}

// effort is what was done for one request: wasted counts the bytes of representations that were written and not sent, kept
// those of different values of contexts; tooLong: the body has become too long.
type effort struct {
	wasted, kept int
	tooLong      bool
}

// collectorLimits are how many representations a lookup may have, and how many bytes they may have.
type collectorLimits struct{ count, bytes int }

// maxWaste is how many times the bytes that may be sent may be written in vain: objects may be many that are the same, or lack
// the last member of their key, and each may be long.
const maxWaste = 16

// problem says why a lookup cannot be made.
func (c *collector) problem() *gqlerr.Error {
	if c.tooLong {
		return gqlerr.New(gqlerr.RepresentationLimitExceeded, "The entities to be looked up have more than %d bytes", c.limits.bytes)
	}
	return gqlerr.New(gqlerr.RepresentationLimitExceeded, "More than %d entities would have to be looked up at once", c.limits.count)
}

// spoilt are the first and the last object that are not looked up since a value that they need is invalid, or unknown.
type spoilt struct {
	first, last uint32
	by          fault // of the last one
}

// note adds an object.
func (s *spoilt) note(object uint32, by fault) {
	if s.by == faultless {
		s.first = object
	}
	s.last, s.by = object, by
}

// fault is what is invalid in a representation.
type fault uint8

const (
	faultless fault = iota
	faultInKey
	faultInRequired
	// faultUnknown: a value is unknown since something failed, which an error says already.
	faultUnknown
	// faultUnknownRoot: the same, but the error is about another field of the root, and does not explain what is null here.
	faultUnknownRoot
)

// start starts a request.
func (c *collector) start() { c.effort = effort{} }

// begin starts a batch.
func (c *collector) begin(b *batch) {
	b.sought, b.asked, b.found = b.sought[:0], b.asked[:0], foundNothing
	c.batch, c.target, c.gatherer, c.spoilt, c.steps, c.table = b, nil, nil, spoilt{}, 0, c.table[:0]
}

// collect finds the objects of a target, which has this index in its lookup, and appends their representations, without
// brackets, to the body. It returns false when there are too many of them.
func (c *collector) collect(t *target, at int) bool {
	c.aim(t, at)
	return c.find(t.path)
}

// aim makes the objects of a target those that are added.
func (c *collector) aim(t *target, at int) { c.target, c.at, c.spoilt = t, int32(at), spoilt{} }

// find adds the objects at a path to the batch.
func (c *collector) find(path []hop) bool {
	c.tree.walks++
	c.above = c.above[:0]
	return c.walk(value{kind: object}, path)
}

// walk visits the objects behind v, each once: two objects may share what lies below them.
func (c *collector) walk(v value, path []hop) bool {
	switch v.kind {
	case object:
		h := &c.tree.slab[v.off]
		if h.off == c.tree.walks {
			return true
		}
		h.off = c.tree.walks
		c.above = append(c.above, v.off)
		ok := true
		switch {
		case len(path) == 0 && c.gatherer != nil:
			ok = c.gatherer.take(v.off, h.len)
		case len(path) == 0:
			ok = c.add(v.off, h.len)
		case path[0].leads(h.len):
			ok = c.walk(c.tree.slab[v.off+1+uint32(path[0].slot)], path[1:])
		}
		c.above = c.above[:len(c.above)-1]
		return ok
	case list:
		for i := range v.len {
			if c.steps++; c.steps > c.tree.limit || !c.walk(c.tree.slab[v.off+i], path) {
				return false
			}
		}
	default:
	}
	return true
}

// add notes an object of the given run-time type.
func (c *collector) add(at, runtime uint32) bool {
	b := c.batch
	if c.target == nil {
		b.sought = append(b.sought, sought{object: at, next: -1})
		return true
	}
	t := c.templateFor(at, runtime)
	if t == nil {
		return true
	}
	mark := len(c.body)
	if len(b.asked) > 0 {
		c.body = append(c.body, ',')
	}
	from := len(c.body)
	if !c.represent(t, at) {
		c.leaveOut(at)
		return !c.tooLong && c.takeBack(mark)
	}
	hash := maphash.Bytes(c.seed, c.body[from:])
	place := c.place(hash, c.body[from:])
	if n := c.table[place]; n != 0 {
		same := &b.asked[n-1]
		b.sought[same.last].next = int32(len(b.sought))
		same.last = int32(len(b.sought))
		b.sought = append(b.sought, sought{at, -1, c.at})
		return c.takeBack(mark)
	}
	if len(b.asked) >= c.limits.count {
		return false
	}
	n := int32(len(b.sought))
	b.sought = append(b.sought, sought{at, -1, c.at})
	b.asked = append(b.asked, asked{from, len(c.body), hash, n, n})
	c.table[place] = int32(len(b.asked))
	return true
}

// templateFor returns how an object is represented, nil when it is not looked up.
func (c *collector) templateFor(at, runtime uint32) *template {
	t := c.target.templateFor(runtime)
	if (t == nil || c.target.selective) && runtime == typeUnset && c.typeLost(c.target.layout, at) {
		c.fault = faultUnknown
		c.leaveOut(at)
		return nil
	}
	return t
}

// leaveOut notes that an object is not looked up, by reason of the fault at hand.
func (c *collector) leaveOut(at uint32) {
	if c.fault != faultless && c.fault != faultUnknown {
		c.spoilt.note(at, c.fault)
	}
	c.withhold(at)
}

// withhold notes of the slots that a lookup would have filled that it could not be made for this object. Where that is since
// something failed, an error already says so, also of what lies below objects that others have brought.
func (c *collector) withhold(at uint32) {
	if c.fault == faultUnknown || c.fault == faultUnknownRoot {
		c.vanish(c.target.selection, at)
		return
	}
	for i := range c.target.selection.members {
		if slot := c.target.selection.members[i].slot; slot >= 0 {
			if v := &c.tree.slab[at+1+uint32(slot)]; v.kind == unset {
				*v = value{kind: unset, buf: withheld}
			}
		}
	}
}

// takeBack takes back a representation; false when too much was written in vain.
func (c *collector) takeBack(mark int) bool {
	c.wasted += len(c.body) - mark
	c.body = c.body[:mark]
	c.foreign.takeBack(mark)
	c.tooLong = c.wasted > maxWaste*c.limits.bytes
	return !c.tooLong
}

// place returns where in the table a representation is, or would be. It makes room for one more.
func (c *collector) place(hash uint64, text []byte) int {
	b := c.batch
	if 2*(len(b.asked)+1) > len(c.table) {
		size := max(64, 2*len(c.table))
		c.table = slices.Grow(c.table[:0], size)[:size]
		clear(c.table)
		for i := range b.asked {
			at := int(b.asked[i].hash) & (size - 1)
			for c.table[at] != 0 {
				at = (at + 1) & (size - 1)
			}
			c.table[at] = int32(i) + 1
		}
	}
	mask := len(c.table) - 1
	at := int(hash) & mask
	for c.table[at] != 0 {
		a := &b.asked[c.table[at]-1]
		if a.hash == hash && bytes.Equal(c.body[a.from:a.to], text) {
			break
		}
		at = (at + 1) & mask
	}
	return at
}
