package planner

// told tells whether a fetch that is done before this one, at any distance, tells the types of the objects. Where none does,
// nobody can look up only those of some types.
func (f *assembly) told(at *Object) bool {
	seen := map[*assembly]bool{}
	var before func(f *assembly) bool
	before = func(f *assembly) bool {
		for _, need := range f.needs {
			if seen[need] {
				continue
			}
			seen[need] = true
			f.planning.spend(1)
			if need.tellsTypes(at) || before(need) {
				return true
			}
		}
		return false
	}
	return before(f)
}

// tellsTypes tells whether this fetch does so. It must be closed.
func (f *assembly) tellsTypes(at *Object) bool {
	if f.tells == nil {
		f.tells = map[*Object]bool{}
		if f.root != nil {
			f.root.answer.out.noteTypes(f.tells)
		}
		for _, l := range f.lookups {
			l.selection.answer.out.noteTypes(f.tells)
		}
	}
	return f.tells[at]
}

// noteTypes notes the objects of which a selection has the type.
func (s *Selection) noteTypes(tells map[*Object]bool) {
	for _, f := range s.Fields {
		if f.Slot == s.Object.Typename {
			tells[s.Object] = true
		}
		if f.Sub != nil {
			f.Sub.noteTypes(tells)
		}
	}
}
