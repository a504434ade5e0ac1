package opgen

import (
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// scope is what is selected at one position of the response, by response key, whatever fragments it comes from. What is
// added to a scope must go together with what is there (GraphQL, section 5.3.2), so that everything generated can be merged.
type scope struct {
	keys  map[string][]*entry
	shape *shape
}

// entry is a field that a response key stands for.
type entry struct {
	field, args string
	// on is the type that the field is selected on.
	on    *supergraph.Type
	shape string
	below *scope
}

// shape is what all that one response key stands for has in common: how it is wrapped, and what of: a leaf type, or objects, whose
// shape is keys.
type shape struct {
	typ  string
	keys map[string]*shape
}

func newShape(typ string) *shape { return &shape{typ, map[string]*shape{}} }

func newScope() *scope { return &scope{map[string][]*entry{}, newShape("")} }

// shapeOf is how a type appears in a response.
func shapeOf(t supergraph.TypeRef) string {
	if t.Named.IsComposite() {
		return strings.Replace(t.String(), t.Named.Name, "{}", 1)
	}
	return t.String()
}

// same tells whether two are the same field with the same arguments.
func (e *entry) same(other *entry) bool {
	return e.field == other.field && e.args == other.args && e.shape == other.shape
}

// apart tells whether no object has both.
func (e *entry) apart(other *entry) bool {
	return e.on != other.on && e.on.Kind == supergraph.Object && other.on.Kind == supergraph.Object
}

// allows tells whether the key is free, or stands for what this can stand beside.
func (s *scope) allows(key string, e *entry) bool {
	for _, there := range s.keys[key] {
		if !e.same(there) && !e.apart(there) {
			return false
		}
	}
	at := s.shape.keys[key]
	return at == nil || at.typ == e.shape
}

// put returns the scope below the key, which must be allowed. A field has one scope, whatever types it is selected on.
func (s *scope) put(key string, e *entry) *scope {
	at := s.shape.keys[key]
	if at == nil {
		at = newShape(e.shape)
		s.shape.keys[key] = at
	}
	added := &entry{field: e.field, args: e.args, on: e.on, shape: e.shape}
	for _, there := range s.keys[key] {
		if e.same(there) {
			added.below = there.below
		}
	}
	if added.below == nil {
		added.below = &scope{map[string][]*entry{}, at}
	}
	s.keys[key] = append(s.keys[key], added)
	return added.below
}

// accepts tells whether all of t can stand beside what is in s.
func (s *scope) accepts(t *scope) bool { return s.shape.accepts(t.shape) && s.merges(t) }

func (s *shape) accepts(t *shape) bool {
	for key, below := range t.keys {
		if there := s.keys[key]; there != nil && (there.typ != below.typ || !there.accepts(below)) {
			return false
		}
	}
	return true
}

func (s *scope) merges(t *scope) bool {
	for key, entries := range t.keys {
		for _, e := range entries {
			if !s.allows(key, e) {
				return false
			}
			for _, there := range s.keys[key] {
				if e.same(there) && !there.below.merges(e.below) {
					return false
				}
			}
		}
	}
	return true
}

// add puts all of t into s.
func (s *scope) add(t *scope) {
	for key, entries := range t.keys {
		for _, e := range entries {
			s.put(key, e).add(e.below)
		}
	}
}
