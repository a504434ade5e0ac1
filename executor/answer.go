package executor

import "github.com/gatehouse-graphql/gatehouse/internal/jsonscan"

// answer is what the top level of a subgraph's response has.
type answer struct {
	// data is unset when there is none, null, or object.
	data kind
	// errors is the JSON of the errors, nil when there are none.
	errors []byte
}

// response decodes a whole response for a fetch. False means that it is not a GraphQL response.
func (d *decoder) response(f *fetch, s *state) (answer, bool) {
	var out answer
	if d.Peek() != '{' {
		return out, false
	}
	more, ok := d.Open('}')
	for more {
		var key []byte
		if key, ok = d.Name(); !ok {
			return out, false
		}
		c := d.Peek()
		from := d.At
		switch string(jsonscan.Content(key)) {
		case "data":
			ok = d.data(f, s, c, &out)
		case "errors":
			ok = (c == '[' || c == 'n') && d.Value()
			if c == '[' {
				out.errors = d.Src[from:d.At]
			}
		default:
			ok = d.Value()
		}
		if !ok {
			return out, false
		}
		more, ok = d.Next('}')
	}
	return out, ok && d.End()
}

// data decodes the member data, which begins with c.
func (d *decoder) data(f *fetch, s *state, c byte, out *answer) bool {
	switch {
	case c == 'n' && out.data == unset:
		out.data = null
		return d.Word("null")
	case c != '{' || out.data != unset:
		return false
	}
	out.data = object
	if f.root == nil {
		return d.lookups(s)
	}
	all := s.batches[0].sought
	if !d.object(f.root, all[0].object) {
		return false
	}
	for _, o := range all[1:] {
		if !d.tree.spread(f.root, all[0].object, o.object) {
			return false
		}
	}
	return true
}

// lookups decodes the data of an entity fetch. An answer that has one of the lists twice is none: each list is given to all
// objects that were asked for.
func (d *decoder) lookups(s *state) bool {
	find := s.lookupIndex
	if len(s.lookups) > manyMembers { // with contexts there may be thousands
		byAlias := make(map[string]int, len(s.lookups))
		for i, l := range s.lookups {
			byAlias[l.alias] = i + 1
		}
		find = func(alias []byte) int { return byAlias[string(alias)] - 1 }
	}
	more, ok := d.Open('}')
	for more {
		var key []byte
		if key, ok = d.Name(); !ok {
			return false
		}
		switch i := find(jsonscan.Content(key)); {
		case i < 0:
			ok = d.Value()
		case s.batches[i].found != foundNothing:
			return false
		default:
			ok = d.entities(s.lookups[i], &s.batches[i])
		}
		if !ok {
			return false
		}
		more, ok = d.Next('}')
	}
	return ok
}

// lookupIndex returns the index of the lookup with that alias, -1 for none.
func (s *state) lookupIndex(alias []byte) int {
	for i, l := range s.lookups {
		if l.alias == string(alias) {
			return i
		}
	}
	return -1
}

// entities decodes a list of entities into the objects that were asked for.
func (d *decoder) entities(l *lookup, b *batch) bool {
	switch d.Peek() {
	case 'n':
		b.found = foundNull
		return d.Word("null")
	case '[':
		b.found = foundList
	default:
		b.found = foundStranger
		return d.Value()
	}
	n := 0
	more, ok := d.Open(']')
	for more {
		switch c := d.Peek(); {
		case n >= len(b.asked):
			ok = d.Value()
		case c == '{':
			ok = d.entity(l, b, &b.asked[n])
		case c == 'n':
			ok = d.Word("null")
			d.nobody(l, b, &b.asked[n])
		default:
			b.found = foundStranger
			ok = d.Value()
		}
		if !ok {
			return false
		}
		n++
		more, ok = d.Next(']')
	}
	if n != len(b.asked) && b.found == foundList {
		b.found = foundUneven
	}
	return ok && b.scatter(d.tree, l)
}

// nobody notes that there is no such entity: what is unset, or was gone since it failed for objects of other types, is not there.
func (d *decoder) nobody(l *lookup, b *batch, a *asked) {
	for n := a.first; n >= 0; n = b.sought[n].next {
		o := b.sought[n]
		for i := range l.targets[o.target].selection.members {
			slot := l.targets[o.target].selection.members[i].slot
			if slot < 0 {
				continue
			}
			at := o.object + 1 + uint32(slot)
			if k := d.tree.slab[at].kind; k == gone || k == unset {
				d.tree.set(at, value{kind: unset, buf: nobody})
			}
		}
	}
}

// entity decodes one entity into the first object that it was asked for; once more into the first of each further target,
// whose slots are others.
func (d *decoder) entity(l *lookup, b *batch, a *asked) bool {
	from := d.At
	first := b.sought[a.first]
	if !d.object(l.targets[first.target].selection, first.object) {
		return false
	}
	for n, target := first.next, first.target; n >= 0; n = b.sought[n].next {
		o := b.sought[n]
		if o.target == target {
			continue
		}
		if d.again -= d.At - from; d.again < 0 {
			d.tree.shortage = tooManyValues
			return false
		}
		target, d.At = o.target, from
		if !d.object(l.targets[target].selection, o.object) {
			return false
		}
	}
	return true
}

// scatter gives what the first object of each representation and target got to the others; false when there are too many
// values.
func (b *batch) scatter(t *tree, l *lookup) bool {
	for i := range b.asked {
		first := b.sought[b.asked[i].first]
		for n := first.next; n >= 0; n = b.sought[n].next {
			o := b.sought[n]
			if o.target != first.target {
				first = o
				continue
			}
			if !t.spread(l.targets[o.target].selection, first.object, o.object) {
				return false
			}
		}
	}
	return true
}
