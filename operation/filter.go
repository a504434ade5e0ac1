package operation

import (
	"encoding/binary"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// KeepAll is the keep of Filter that denies nothing.
func KeepAll(*Field) bool { return true }

// Filter returns what is executed of an operation for one outcome of its conditions. Selections whose conditions do not
// hold are gone. Keep says which fields may be executed: the others are gone from Selections, with all below them, and
// marked Denied in Response, where nothing stands below them. It is asked once or more for each field of op that the
// conditions let through and that stands below no denied field, with the nodes of op itself; it must always answer the
// same. It must not be nil: KeepAll says so when nothing is denied.
//
// A field with a composite type stays when all below it is skipped (it answers an empty object) or denied (its own
// nullness shows). Where fields of one response key meet on one object, and some of them are denied, the others answer.
//
// A field whose object is null for certain, since something non-null below it is denied, is treated as denied, too, so that
// nothing is fetched for it and no mutation is executed; likewise all fields of a query whose data is null for certain. The
// elements of a list are null only if there are any, so a list always stays. (Null propagation: GraphQL, section 6.4.4.)
//
// The result is read-only and shares nodes with op; it does not change op.
func Filter(op *Operation, bits Bits, keep func(*Field) bool) Permitted {
	p := Permitted{op: op, bits: bits, sub: op.Sub, response: op.Sub}
	denied := denies(op.Sub, bits, keep)
	if !denied && len(op.Conditions) == 0 {
		return p
	}
	if denied {
		n := newNullFinder(bits, keep)
		if keep = without(keep, n.find(op)); n.spent > maxNullWork {
			return Permitted{op: op, bits: bits, denied: true, tooComplex: true}
		}
	}
	f := filter{bits: bits, keep: keep, mark: true}
	p.response = normalize(f.prune(op.Sub), op.Type)
	p.sub = p.response
	if p.denied = denied; denied {
		f.mark = false
		p.sub = normalize(f.prune(op.Sub), op.Type)
	}
	return p
}

// denies tells whether keep denies anything.
func denies(sub []Selection, bits Bits, keep func(*Field) bool) bool {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if s.When.Holds(bits) && (!keep(s) || denies(s.Sub, bits, keep)) {
				return true
			}
		case *Fragment:
			if s.When.Holds(bits) && denies(s.Sub, bits, keep) {
				return true
			}
		}
	}
	return false
}

// filter is one run over an operation. With mark, denied fields stay and are marked.
type filter struct {
	bits Bits
	keep func(*Field) bool
	mark bool
}

// prune returns a copy of sub without what does not hold.
func (f *filter) prune(sub []Selection) []Selection {
	if len(sub) == 0 {
		return nil
	}
	list := make([]Selection, 0, len(sub))
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if !s.When.Holds(f.bits) {
				continue
			}
			c := *s
			c.When = nil
			switch {
			case f.keep(s):
				c.Sub = f.prune(s.Sub)
			case f.mark:
				c.Denied, c.Sub = true, nil
			default:
				continue
			}
			list = append(list, &c)
		case *Fragment:
			if s.When.Holds(f.bits) {
				list = append(list, &Fragment{On: s.On, Sub: f.prune(s.Sub)})
			}
		}
	}
	return list
}

// without returns keep for all fields but those of a set.
func without(keep func(*Field) bool, nulls map[*Field]bool) func(*Field) bool {
	if len(nulls) == 0 {
		return keep
	}
	return func(f *Field) bool { return !nulls[f] && keep(f) }
}

// nullFinder finds the fields whose objects are null for certain. It looks at what an executor would look at: which fields
// of one response key meet on an object of each run-time type.
type nullFinder struct {
	bits Bits
	keep func(*Field) bool
	// above are the fields that have a denied field below them which may be non-null.
	above map[*Field]bool
	// meetings are those of which something has to be found out, by fields and type.
	meetings map[string]*meeting
	// answered are fields that stand below a meeting with nothing denied below it: there they have an answer of their own.
	answered map[*Field]bool
	ids      map[any]int
	// spent is the work so far. After maxNullWork nothing is found any more, and what was found says nothing.
	spent int
}

// maxNullWork bounds the work of a nullFinder, up to half a microsecond for each unit: where many types meet many fragments on
// interfaces, different fields may meet on every path of types, and with a few levels there are millions of paths.
const (
	maxNullWork = 1 << 19
	objectWork  = 16 // of a meeting on one type, besides its fields
)

// meeting is where allowed fields of one response key meet on objects of some type.
type meeting struct {
	fields []*Field
	// null: the objects there are null for certain.
	null bool
}

func newNullFinder(bits Bits, keep func(*Field) bool) *nullFinder {
	return &nullFinder{
		bits: bits, keep: keep, above: map[*Field]bool{}, answered: map[*Field]bool{},
		meetings: map[string]*meeting{}, ids: map[any]int{},
	}
}

// find returns the fields of op that are null for certain wherever they stand.
func (n *nullFinder) find(op *Operation) map[*Field]bool {
	if !n.search(op.Sub) {
		return nil
	}
	nulls := map[*Field]bool{}
	if n.object([][]Selection{op.Sub}, op.Type) && op.Kind != Mutation {
		n.markAll(op.Sub, nulls)
		return nulls
	}
	n.settle(nulls)
	return nulls
}

// search fills in above, and tells whether sub has a denied field that may be non-null.
func (n *nullFinder) search(sub []Selection) bool {
	found := false
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			switch {
			case !s.When.Holds(n.bits):
			case !n.keep(s):
				found = found || mayBeNonNull(s.Def)
			case n.search(s.Sub):
				n.above[s], found = true, true
			}
		case *Fragment:
			if s.When.Holds(n.bits) && n.search(s.Sub) {
				found = true
			}
		}
	}
	return found
}

// mayBeNonNull tells whether the field is non-null on some possible type.
func mayBeNonNull(f *supergraph.Field) bool {
	return f.Type.NonNull || f.Parent.IsAbstract() && slices.ContainsFunc(f.Parent.Possible, func(t *supergraph.Type) bool {
		own := t.Field(f.Name)
		return own != nil && own.Type.NonNull
	})
}

// object tells whether objects of type t with these selections are null for certain. It looks at all of their fields, since
// it is how meetings are found.
func (n *nullFinder) object(subs [][]Selection, t *supergraph.Type) bool {
	if n.spent += objectWork; n.spent > maxNullWork {
		return false
	}
	var order []ResponseKey
	byKey := map[ResponseKey][]*Field{}
	for _, sub := range subs {
		order = n.collect(order, byKey, sub, t)
	}
	null := false
	n.spent += len(order)
	for _, key := range order {
		def := byKey[key][0].Def
		if own := t.Field(def.Name); own != nil {
			def = own
		}
		allowed := slices.DeleteFunc(byKey[key], func(f *Field) bool { return !n.keep(f) })
		if def.Type.NonNull && len(allowed) == 0 || n.meet(allowed, def) && def.Type.NonNull {
			null = true
		}
	}
	return null
}

// collect adds the fields that contribute to objects of type t, by response key, and keys that are new (CollectFields,
// section 6.3.2).
func (n *nullFinder) collect(order []ResponseKey, byKey map[ResponseKey][]*Field, sub []Selection, t *supergraph.Type) []ResponseKey {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if s.When.Holds(n.bits) {
				if byKey[s.Key] == nil {
					order = append(order, s.Key)
				}
				byKey[s.Key] = append(byKey[s.Key], s)
			}
		case *Fragment:
			if s.When.Holds(n.bits) && (s.On == t || s.On.Has(t)) {
				order = n.collect(order, byKey, s.Sub, t)
			}
		}
	}
	return order
}

// meet tells whether what allowed fields answer together, with the definition that holds there, is null for certain.
func (n *nullFinder) meet(fields []*Field, def *supergraph.Field) bool {
	if len(fields) == 0 || !def.Type.Named.IsComposite() {
		return false
	}
	key := n.key(fields, def)
	if m := n.meetings[key]; m != nil {
		return m.null
	}
	m := &meeting{fields: fields}
	n.meetings[key] = m
	if !slices.ContainsFunc(fields, func(f *Field) bool { return n.above[f] }) {
		for _, f := range fields {
			n.answer(f.Sub)
		}
		return false
	}
	subs := make([][]Selection, len(fields))
	for i, f := range fields {
		subs[i] = f.Sub
	}
	possible := visiblePossible(def.Type.Named)
	m.null = def.Type.Elem == nil && len(possible) > 0
	// Types of which these selections say the same have the same outcome; an interface may have a thousand.
	var v view
	for _, sub := range subs {
		v.look(sub, n.bits)
	}
	seen := map[string]bool{}
	var text []byte
	for _, t := range possible {
		n.spent++
		if text = n.viewed(text[:0], v, t); seen[string(text)] {
			continue
		}
		seen[string(text)] = true
		if !n.object(subs, t) {
			m.null = false
		}
	}
	return m.null
}

// view is what of a type counts for selections: which fragments apply, and what its fields are.
type view struct {
	types []*supergraph.Type
	names []string
}

// look adds what counts for a selection set.
func (v *view) look(sub []Selection, bits Bits) {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if s.When.Holds(bits) && !slices.Contains(v.names, s.Def.Name) {
				v.names = append(v.names, s.Def.Name)
			}
		case *Fragment:
			if s.When.Holds(bits) {
				if !slices.Contains(v.types, s.On) {
					v.types = append(v.types, s.On)
				}
				v.look(s.Sub, bits)
			}
		}
	}
}

// viewed appends what counts of one type.
func (n *nullFinder) viewed(dst []byte, v view, t *supergraph.Type) []byte {
	for _, of := range v.types {
		applies := byte('-')
		if of == t || of.Has(t) {
			applies = '+'
		}
		dst = append(dst, applies)
	}
	for _, name := range v.names {
		own := t.Field(name)
		if own == nil {
			dst = append(dst, '?')
			continue
		}
		kind := byte('a')
		if own.Type.NonNull {
			kind |= 2
		}
		if own.Type.Elem != nil {
			kind |= 4
		}
		dst = binary.AppendUvarint(append(dst, kind), uint64(n.id(own.Type.Named)))
	}
	return dst
}

// key returns a text that is the same for the same fields and type.
func (n *nullFinder) key(fields []*Field, def *supergraph.Field) string {
	key := binary.AppendUvarint(nil, uint64(n.id(def.Type.Named)))
	if def.Type.Elem != nil {
		key = append(key, '[')
	}
	key = append(key, ':')
	for _, f := range fields {
		key = binary.AppendUvarint(key, uint64(n.id(f)))
	}
	return string(key)
}

func (n *nullFinder) id(of any) int {
	id, ok := n.ids[of]
	if !ok {
		id = len(n.ids) + 1
		n.ids[of] = id
	}
	return id
}

// answer notes the fields of a selection set, and those below them.
func (n *nullFinder) answer(sub []Selection) {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			if !n.answered[s] {
				n.answered[s] = true
				n.answer(s.Sub)
			}
		case *Fragment:
			n.answer(s.Sub)
		}
	}
}

// settle adds the fields that are null in every meeting. A field is either taken out with all that it ever meets or not at
// all, since those that stayed would not answer null without it.
func (n *nullFinder) settle(nulls map[*Field]bool) {
	alive := n.answered
	for changed := true; changed; {
		changed = false
		for _, m := range n.meetings {
			if m.null && !slices.ContainsFunc(m.fields, func(f *Field) bool { return alive[f] }) {
				continue
			}
			for _, f := range m.fields {
				changed = changed || !alive[f]
				alive[f] = true
			}
		}
	}
	for _, m := range n.meetings {
		for _, f := range m.fields {
			if !alive[f] {
				nulls[f] = true
			}
		}
	}
}

// markAll adds all fields of a selection set.
func (n *nullFinder) markAll(sub []Selection, nulls map[*Field]bool) {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			nulls[s] = true
		case *Fragment:
			n.markAll(s.Sub, nulls)
		}
	}
}
