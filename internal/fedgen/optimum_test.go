package fedgen

import (
	"errors"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// optimum finds by exhaustion how few requests answer a query. It knows nothing of how the planner searches: it looks at
// what is known after each wave of requests. A request to a subgraph brings all that the subgraph can say then, at all
// places, so that there is nothing to decide but which subgraphs are asked in which wave.
//
// What can be known are facts: that there is an object of some type at some place, and the value of a leaf of it. There are
// facts for what the client selects, and for the keys and required fields that could help, to some depth. Interface objects
// are in optimum_opaque_test.go.
type optimum struct {
	schema *supergraph.Schema
	root   *spot
	spots  []*spot
	facts  int
	// all is what all subgraphs together can bring, goals what the client must get of it.
	all, goals factSet
	// short: what the client must get takes more hidden fields than are looked at.
	short bool
	// unsearched is what some of the fields have that is not searched; nil for nothing.
	unsearched error
	// direct: no subgraph is asked only for keys of others.
	direct bool
}

// spot is the objects of one type at one place. Places below objects of different types are different ones.
type spot struct {
	typ    *supergraph.Type
	exists int // the fact that they are there, and what they are
	there  int // the fact that they may be there, as what they are or as interface objects
	hidden int // how many hidden fields lead here
	fields []*spotField
	above  *spotField // whose objects these are; nil for the root
	// asks is what the client selects, each where it comes first, typename that it asks what they are.
	asks     []ask
	typename bool
	// typed: the client must get what they are.
	typed bool
}

// spotField is a field of a spot: a leaf with its fact, or objects of several types.
type spotField struct {
	def   *supergraph.Field
	key   string
	value int
	below []*spot
	// seen are those below of types that the client may see.
	seen []*spot
	// opaque is the fact that objects are there as interface objects.
	opaque int
	// wanted by the client or by @requires, and not as part of a key only; helps as part of a key or by @requires.
	wanted, helps bool
}

type factSet []uint64

func (s factSet) has(fact int) bool { return s[fact/64]&(1<<(fact%64)) != 0 }

func (s factSet) add(fact int) { s[fact/64] |= 1 << (fact % 64) }

func (s factSet) addAll(o factSet) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s factSet) hasAll(o factSet) bool {
	for i := range s {
		if o[i]&^s[i] != 0 {
			return false
		}
	}
	return true
}

func (s factSet) text() string {
	b := make([]byte, 0, len(s)*8)
	for _, w := range s {
		for range 8 {
			b = append(b, byte(w))
			w >>= 8
		}
	}
	return string(b)
}

const (
	maxHidden = 5    // fields of keys and requirements below one another
	maxSpots  = 3000 // of one operation
	maxStates = 200_000
)

var (
	errTooLarge = errors.New("too large to be searched")
	errContexts = errors.New("contexts are not searched")
	errBack     = errors.New("what leads back to the root is not searched")
)

func newOptimum(schema *supergraph.Schema, selections []operation.Selection) (*optimum, error) {
	o := &optimum{schema: schema}
	o.root = o.spot(schema.Query, nil, 0)
	o.selected(o.root, selections)
	for i := 0; i < len(o.spots); i++ { //nolint:intrange // it grows
		o.helpful(o.spots[i])
		if len(o.spots) > maxSpots {
			return nil, errTooLarge
		}
	}
	if o.unsearched != nil {
		return nil, o.unsearched
	}
	o.all = o.set()
	for before := ""; before != o.all.text(); {
		before = o.all.text()
		for g := range schema.Subgraphs {
			o.askRoot(g, o.all)
			o.askEntities(g, o.all, o.all)
		}
	}
	o.goals = o.set()
	o.goal(o.root, selections)
	if o.short {
		return nil, errTooLarge
	}
	for i := range o.goals { // what nobody can bring is no goal: objects of types that are not there
		o.goals[i] &= o.all[i]
	}
	return o, nil
}

func (o *optimum) set() factSet { return make(factSet, (o.facts+63)/64) }

func (o *optimum) fact() int {
	o.facts++
	return o.facts - 1
}

func (o *optimum) spot(t *supergraph.Type, above *spotField, hidden int) *spot {
	s := &spot{typ: t, exists: o.fact(), there: o.fact(), above: above, hidden: hidden}
	o.spots = append(o.spots, s)
	return s
}

// field returns a field of a spot, made on first use.
func (o *optimum) field(s *spot, name string, args []supergraph.Argument, hidden int) *spotField {
	key := fieldKey(name, args)
	if f := s.fieldOf(key); f != nil {
		return f
	}
	f := &spotField{def: s.typ.Field(name), key: key, value: -1, opaque: o.fact()}
	if !f.def.Type.Named.IsComposite() {
		f.value = o.fact()
	}
	seen := o.seen(s, f)
	for _, t := range f.def.Type.Named.Possible {
		below := o.spot(t, f, hidden)
		if f.below = append(f.below, below); slices.Contains(seen, t) {
			f.seen = append(f.seen, below)
		}
	}
	switch {
	case f.def.Type.Named == o.schema.Query:
		o.unsearched = errBack
	case slices.ContainsFunc(f.def.In, func(in *supergraph.FieldIn) bool { return in != nil && len(in.ContextArgs) > 0 }):
		o.unsearched = errContexts
	}
	s.fields = append(s.fields, f)
	return f
}

// selected makes the spots for what the client selects.
func (o *optimum) selected(s *spot, selections []operation.Selection) {
	for _, sel := range selections {
		switch sel := sel.(type) {
		case *operation.Fragment:
			if slices.Contains(sel.On.Possible, s.typ) {
				o.selected(s, sel.Sub)
			}
		case *operation.Field:
			if s.typename = s.typename || sel.Def.IsTypename(); sel.Def.IsTypename() || s.typ.Field(sel.Def.Name) == nil {
				continue
			}
			f := o.field(s, sel.Def.Name, sel.Args, 0)
			f.wanted = true
			if a := (ask{string(sel.Key), f.key}); !slices.Contains(s.asks, a) {
				s.asks = append(s.asks, a)
			}
			for _, below := range f.below {
				o.selected(below, sel.Sub)
			}
		}
	}
}

// goal collects what the client must get: leaves, and what is there, of types that it may see.
func (o *optimum) goal(s *spot, selections []operation.Selection) {
	if s.typed = s.mustBeTyped(); s.typed {
		o.goals.add(s.exists)
	}
	o.goals.add(s.there)
	for _, sel := range selections {
		switch sel := sel.(type) {
		case *operation.Fragment:
			if slices.Contains(sel.On.Possible, s.typ) {
				o.goal(s, sel.Sub)
			}
		case *operation.Field:
			if sel.Def.IsTypename() || s.typ.Field(sel.Def.Name) == nil {
				continue
			}
			f := o.field(s, sel.Def.Name, sel.Args, 0)
			if f.value >= 0 {
				o.goals.add(f.value)
				o.short = o.short || o.all.has(s.there) && !o.all.has(f.value)
			}
			shown := slices.ContainsFunc(f.seen, func(b *spot) bool { return o.all.has(b.there) })
			common := o.common(s, f)
			for _, below := range f.below {
				switch {
				case !slices.Contains(common, below.typ): // there are none
				case !shown: // that something is there shows all the same
					o.goals.add(below.exists)
				case slices.Contains(f.seen, below):
					o.goal(below, sel.Sub)
				}
			}
		}
	}
}

// seen are the types that the client may see below a field.
func (o *optimum) seen(s *spot, f *spotField) []*supergraph.Type {
	return slices.DeleteFunc(o.common(s, f), func(t *supergraph.Type) bool { return t.Inaccessible })
}

// common are the types of objects below a field: below a field of an entity that several subgraphs resolve, those that all
// of them know.
func (o *optimum) common(s *spot, f *spotField) []*supergraph.Type {
	entity := slices.ContainsFunc(s.typ.In, func(in *supergraph.TypeIn) bool { return in != nil && len(in.Keys) > 0 })
	var types []*supergraph.Type
	for _, t := range f.def.Type.Named.Possible {
		common := true
		for g := range o.schema.Subgraphs {
			if in := f.def.In[g]; entity && f.def.Type.Named.IsAbstract() && ownsField(in) {
				known := in.Type.Named.In[g]
				common = common && (known == nil || known.InterfaceObject || slices.Contains(known.Possible, t))
			}
		}
		if common {
			types = append(types, t)
		}
	}
	return types
}

// helpful makes the fields of a spot that could help: of its keys, and what fields require.
func (o *optimum) helpful(s *spot) {
	if s.hidden >= maxHidden {
		return
	}
	for _, t := range append([]*supergraph.Type{s.typ}, s.typ.Interfaces...) {
		for _, in := range t.In {
			if in == nil {
				continue
			}
			for _, k := range in.Keys {
				o.help(s, k.Fields.Selections, false)
			}
		}
		for i := 0; i < len(s.fields); i++ { //nolint:intrange // it grows
			f := t.Field(s.fields[i].def.Name)
			if f == nil {
				continue
			}
			for _, in := range f.In {
				if ownsField(in) {
					o.help(s, in.Requires.Selections, true)
				}
			}
		}
	}
}

func (o *optimum) help(s *spot, set []supergraph.FieldSelection, wanted bool) {
	for _, sel := range set {
		switch {
		case sel.Field == nil:
			if slices.Contains(sel.On.Possible, s.typ) {
				o.help(s, sel.Sub, wanted)
			}
		case !sel.Field.IsTypename():
			f := o.field(s, sel.Field.Name, sel.Args, s.hidden+1)
			f.wanted, f.helps = f.wanted || wanted, true
			for _, below := range f.below {
				o.help(below, sel.Sub, wanted)
			}
		}
	}
}

func ownsField(in *supergraph.FieldIn) bool {
	return in != nil && !in.External && in.OverrideLabel == ""
}

// wantedOf tells whether a subgraph resolves something that is wanted there, and is not there for keys of others only.
func (s *spot) wantedOf(g int) bool {
	return slices.ContainsFunc(s.fields, func(f *spotField) bool {
		return f.wanted && slices.ContainsFunc(s.faces(g), func(face *supergraph.Type) bool { return ownsField(faceField(s, f, face, g)) })
	})
}

// askRoot adds what a request for root fields brings.
func (o *optimum) askRoot(g int, brings factSet) {
	if o.root.typ.In[g] != nil {
		o.walk(arrival{subgraph: g, typed: true}, o.root, nil, brings)
	}
}

// askEntities adds what a request for entities brings to those who know something.
func (o *optimum) askEntities(g int, known, brings factSet) {
	for _, s := range o.spots {
		tells := s.typed && s.typ.In[g] != nil && !known.has(s.exists)
		if !known.has(s.exists) && !known.hasOpaque(s) || o.direct && !tells && !s.wantedOf(g) {
			continue
		}
		o.askKnown(g, s, known, brings)
		o.askInterfaces(g, s, known, brings)
	}
}

// askKnown asks for objects as what they are.
func (o *optimum) askKnown(g int, s *spot, known, brings factSet) {
	if in := s.typ.In[g]; in != nil && known.has(s.exists) && o.enters(s, in, known) {
		o.walk(arrival{subgraph: g, typed: true, known: known}, s, nil, brings)
	}
}

// enters tells whether a representation with one of the keys can be made.
func (o *optimum) enters(s *spot, in *supergraph.TypeIn, known factSet) bool {
	return slices.ContainsFunc(in.Keys, func(k *supergraph.Key) bool {
		return k.Resolvable && o.knows(in.Subgraph, s, k.Fields.Selections, known)
	})
}

// arrival is how a subgraph comes to look at objects.
type arrival struct {
	subgraph int
	// face is the interface as whose object it sees them, nil where it sees them as what they are.
	face *supergraph.Type
	// typed: it is known what they are.
	typed bool
	// known is what their representations are made of; nil below a field.
	known factSet
	// same are the spots where the objects may be, if nobody knows what those above are.
	same []*spot
}

// walk adds what a subgraph says of an object and below it.
func (o *optimum) walk(a arrival, s *spot, provided []supergraph.FieldSelection, brings factSet) {
	for _, f := range s.fields {
		in := faceField(s, f, a.face, a.subgraph)
		if in == nil || !a.mayAsk(s, f, in) {
			continue
		}
		granted := grantedField(provided, s.typ, f.def.Name)
		if in.OverrideLabel != "" {
			granted = nil // the label is off: the field is another subgraph's
		}
		own := ownsField(in) && (in.Requires.Empty() || a.known != nil && o.knows(in.Subgraph, s, in.Requires.Selections, a.known))
		if !own && granted == nil {
			continue
		}
		if f.value >= 0 {
			brings.add(f.value)
		}
		var below []supergraph.FieldSelection
		if granted != nil {
			below = granted.Sub
		}
		o.walkBelow(a, s, f, in, append(slices.Clip(below), in.Provides.Selections...), brings)
	}
}

// walkBelow adds what a subgraph says of the objects of a field.
func (o *optimum) walkBelow(a arrival, s *spot, f *spotField, in *supergraph.FieldIn, provided []supergraph.FieldSelection, brings factSet) {
	g, alike := a.subgraph, a.alike(s, f)
	here := in.Type.Named.In[g]
	if here == nil {
		return
	}
	common := o.common(s, f)
	for i, b := range f.below {
		var same []*spot
		for _, o := range alike {
			same = append(same, o.below[i])
		}
		switch {
		case !slices.Contains(common, b.typ): // there are none
		case here.InterfaceObject:
			brings.add(f.opaque)
			brings.add(b.there)
			o.walk(arrival{subgraph: g, face: here.Type, same: same}, b, provided, brings)
		case slices.Contains(here.Possible, b.typ):
			brings.add(b.exists)
			brings.add(b.there)
			o.walk(arrival{subgraph: g, typed: true, same: same}, b, provided, brings)
		}
	}
}

func grantedField(provided []supergraph.FieldSelection, t *supergraph.Type, name string) *supergraph.FieldSelection {
	for i, s := range provided {
		switch {
		case s.Field != nil && s.Field.Name == name:
			return &provided[i]
		case s.Field == nil && slices.Contains(s.On.Possible, t):
			if found := grantedField(s.Sub, t, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// knows tells whether a representation with these members can be made for a subgraph: of all objects that are there. Where it knows
// types, it must be told them.
func (o *optimum) knows(g *supergraph.Subgraph, s *spot, set []supergraph.FieldSelection, known factSet) bool {
	for _, sel := range set {
		if sel.Field == nil {
			if slices.Contains(sel.On.Possible, s.typ) && !o.knows(g, s, sel.Sub, known) {
				return false
			}
			continue
		}
		if sel.Field.IsTypename() {
			continue
		}
		f := s.fieldOf(fieldKey(sel.Field.Name, sel.Args))
		if f == nil || f.value >= 0 && !known.has(f.value) {
			return false
		}
		there := f.value >= 0
		for _, b := range f.below {
			if known.has(b.exists) || known.hasOpaque(b) {
				if there = true; !known.has(b.exists) && readsTypes(g, f.def) || !o.knows(g, b, sel.Sub, known) {
					return false
				}
			}
		}
		if !there {
			return false
		}
	}
	return true
}

func fieldKey(name string, args []supergraph.Argument) string {
	for _, a := range args {
		name += " " + a.Name + ":" + a.Value
	}
	return name
}

func (s *spot) fieldOf(key string) *spotField {
	i := slices.IndexFunc(s.fields, func(f *spotField) bool { return f.key == key })
	if i < 0 {
		return nil
	}
	return s.fields[i]
}
