package operation

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
// The result is read-only and shares nodes with op; it does not change op.
func Filter(op *Operation, bits Bits, keep func(*Field) bool) Permitted {
	p := Permitted{op: op, bits: bits, sub: op.Sub, response: op.Sub}
	denied := denies(op.Sub, bits, keep)
	if !denied && len(op.Conditions) == 0 {
		return p
	}
	f := filter{bits: bits, keep: keep, mark: true}
	p.response = normalize(f.prune(op.Sub), op.Type)
	p.sub = p.response
	if denied {
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
