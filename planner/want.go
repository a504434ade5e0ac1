package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// want is one selection that has to be resolved: of the client's operation, or of a key or @requires.
type want struct {
	// field is nil for a fragment on the type on.
	field *supergraph.Field
	on    *supergraph.Type
	// key is the client's response key; "" for what the plan itself needs.
	key  operation.ResponseKey
	args []supergraph.Argument
	sub  []want
}

func clientWants(selections []operation.Selection) []want {
	wants := make([]want, 0, len(selections))
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Field:
			wants = append(wants, want{field: s.Def, key: s.Key, args: s.Args, sub: clientWants(s.Sub)})
		case *operation.Fragment:
			wants = append(wants, want{on: s.On, sub: clientWants(s.Sub)})
		}
	}
	return wants
}

// fieldSetWants are the wants of a field set. What a subgraph gets to read of them tells it the types of objects, unless it does not
// know any there; nil is for what no subgraph reads.
func fieldSetWants(selections []supergraph.FieldSelection, reader *supergraph.Subgraph) []want {
	wants := make([]want, 0, len(selections))
	for _, s := range selections {
		w := want{field: s.Field, on: s.On, args: s.Args, sub: fieldSetWants(s.Sub, reader)}
		if f := s.Field; f != nil && reader != nil && f.Type.Named.IsAbstract() && !seesObject(reader, f) {
			w.sub = append(w.sub, want{field: f.Type.Named.Field("__typename")})
		}
		wants = append(wants, w)
	}
	return wants
}

// use is a field that is wanted at a site, for objects of the types in scope, which are some of the site's.
type use struct {
	def   *supergraph.Field
	key   operation.ResponseKey
	args  []supergraph.Argument
	slot  int // -1 for __typename
	scope typeSet
	own   bool // the array of scope, as in growing
	sub   []want
	// harms: what is wanted below can make null what others want under the same name (untold.go).
	harms bool
}

// grow adds to the scope.
func (u *use) grow(o typeSet) {
	scope := growing{u.scope, u.own}
	scope.add(o)
	u.scope, u.own = scope.typeSet, scope.own
}

// typenameUse asks which of some types objects are, or just that they are there.
func typenameUse(types typeSet) *use {
	return &use{def: types[0].Field("__typename"), slot: -1, scope: types}
}

// spread flattens fragments: the fields that are wanted of objects at a place, each with its types. Fields that share slot
// and scope become one, and so do leaves that share a slot.
func spread(at *place, wants []want, scope typeSet) []*use {
	var uses []*use
	var walk func(wants []want, scope typeSet)
	walk = func(wants []want, scope typeSet) {
		for _, w := range wants {
			if w.field == nil {
				if inner := scope.and(w.on.Possible); len(inner) > 0 {
					walk(w.sub, inner)
				}
				continue
			}
			uses = addUse(uses, at, w, scope.and(w.field.Parent.Possible))
		}
	}
	walk(wants, scope)
	return uses
}

func addUse(uses []*use, at *place, w want, scope typeSet) []*use {
	if len(scope) == 0 {
		return uses
	}
	u := &use{def: w.field, key: w.key, args: w.args, slot: -1, scope: scope, sub: w.sub}
	switch {
	case w.field.IsTypename():
	case w.key != "":
		u.slot = at.clientSlot(w.key, w.field, argsText(w.args))
	default:
		u.slot = at.hiddenSlot(w.field, argsText(w.args))
	}
	for _, o := range uses {
		if o.slot == u.slot && (!w.field.Type.Named.IsComposite() || o.scope.equal(scope)) {
			o.grow(scope)
			o.sub = append(slices.Clip(o.sub), w.sub...)
			return uses
		}
	}
	return append(uses, u)
}

// inOneOrder tells whether the client gets the fields below a use in the same order for objects of all types (GraphQL, section 6.3.2):
// a fragment can name a field earlier for objects of its own type.
func (p *planning) inOneOrder(u *use, types typeSet) bool {
	if u.key == "" || !slices.ContainsFunc(u.sub, func(w want) bool { return w.field == nil }) {
		return true
	}
	order := p.keysOf(u.sub, types[0])
	return !slices.ContainsFunc(types[1:], func(t *supergraph.Type) bool { return !slices.Equal(p.keysOf(u.sub, t), order) })
}

// alike tells whether the client's fields are the same for objects of all types: one may promise that a field is not null, or show
// less below it.
func (p *planning) alike(uses []*use, types typeSet) bool {
	return !slices.ContainsFunc(uses, func(u *use) bool {
		if u.key == "" {
			return false
		}
		first := types[0].Field(u.def.Name)
		text, below := first.Type.String(), p.typesOf(types[0], first)
		return slices.ContainsFunc(types[1:], func(t *supergraph.Type) bool {
			p.spend(1 + len(first.In)/4)
			f := t.Field(u.def.Name)
			return f.Type.String() != text || !p.typesOf(t, f).equal(below)
		})
	})
}

// keysOf are the response keys of what is wanted of objects of a type, each where it comes first.
func (p *planning) keysOf(wants []want, t *supergraph.Type) []operation.ResponseKey {
	var keys []operation.ResponseKey
	seen := map[operation.ResponseKey]bool{}
	p.fieldsOf(wants, t, func(w want) {
		if !seen[w.key] {
			seen[w.key] = true
			keys = append(keys, w.key)
		}
	})
	return keys
}

// fieldsOf visits the fields that are wanted of objects of a type.
func (p *planning) fieldsOf(wants []want, t *supergraph.Type, visit func(want)) {
	p.spend(1 + len(wants)/4)
	for _, w := range wants {
		switch {
		case w.field == nil && typeSet(w.on.Possible).has(t):
			p.fieldsOf(w.sub, t, visit)
		case w.field != nil && typeSet(w.field.Parent.Possible).has(t):
			visit(w)
		}
	}
}
