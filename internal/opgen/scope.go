package opgen

// scope is what is selected at one position of the response, by response key, whatever fragments it comes from. What is
// added to a scope must be the same field as what is there, so that everything generated can be merged.
type scope struct{ keys map[string]*entry }

// entry is what a response key stands for.
type entry struct {
	field, args, typ string
	below            *scope
}

func newScope() *scope { return &scope{keys: map[string]*entry{}} }

// allows tells whether the key is free, or stands for exactly this.
func (s *scope) allows(key string, e *entry) bool {
	there := s.keys[key]
	return there == nil || there.field == e.field && there.args == e.args && there.typ == e.typ
}

// put returns the scope below the key, which must be allowed.
func (s *scope) put(key string, e *entry) *scope {
	there := s.keys[key]
	if there == nil {
		there = &entry{field: e.field, args: e.args, typ: e.typ, below: newScope()}
		s.keys[key] = there
	}
	return there.below
}

// accepts tells whether all of t can stand beside what is in s.
func (s *scope) accepts(t *scope) bool {
	for key, e := range t.keys {
		if !s.allows(key, e) {
			return false
		}
		if there := s.keys[key]; there != nil && !there.below.accepts(e.below) {
			return false
		}
	}
	return true
}

// add puts all of t into s.
func (s *scope) add(t *scope) {
	for key, e := range t.keys {
		s.put(key, e).add(e.below)
	}
}
