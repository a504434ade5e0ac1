package fedgen

import (
	"errors"
	"math/bits"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// optimum finds by exhaustion how few requests answer a query. It knows nothing of how the planner searches: it looks at
// what is known after each wave of requests. A request to a subgraph brings all that the subgraph can say then, at all
// places, so that there is nothing to decide but which subgraphs are asked in which wave.
//
// What can be known are facts: that there is an object of some type at some place, and the value of a leaf of it. There are
// facts for what the client selects, and for the keys and required fields that could help, to some depth.
type optimum struct {
	schema *supergraph.Schema
	// resolves tells whether a subgraph resolves a field; labels of overrides are off.
	root  *spot
	spots []*spot
	facts int
	// all is what all subgraphs together can bring, goals what the client must get of it.
	all, goals factSet
	// short: what the client must get takes more hidden fields than are looked at.
	short bool
	// direct: no subgraph is asked only for keys of others.
	direct bool
}

// spot is the objects of one type at one place. Places below objects of different types are different ones.
type spot struct {
	typ    *supergraph.Type
	exists int // the fact that they are there
	hidden int // how many hidden fields lead here
	fields []*spotField
}

// spotField is a field of a spot: a leaf with its fact, or objects of several types.
type spotField struct {
	def   *supergraph.Field
	key   string
	value int
	below []*spot
	// wanted by the client or by @requires, and not as part of a key only.
	wanted bool
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
	errNotHeld  = errors.New("interface objects and contexts are not searched")
)

func newOptimum(schema *supergraph.Schema, selections []operation.Selection) (*optimum, error) {
	o := &optimum{schema: schema}
	for _, t := range schema.Types {
		if slices.ContainsFunc(t.In, func(in *supergraph.TypeIn) bool { return in != nil && in.InterfaceObject }) {
			return nil, errNotHeld
		}
		for _, f := range t.Fields {
			if slices.ContainsFunc(f.In, func(in *supergraph.FieldIn) bool { return in != nil && len(in.ContextArgs) > 0 }) {
				return nil, errNotHeld
			}
		}
	}
	o.root = o.spot(schema.Query, 0)
	o.selected(o.root, selections)
	for i := 0; i < len(o.spots); i++ { //nolint:intrange // it grows
		o.helpful(o.spots[i])
		if len(o.spots) > maxSpots {
			return nil, errTooLarge
		}
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

func (o *optimum) spot(t *supergraph.Type, hidden int) *spot {
	s := &spot{typ: t, exists: o.facts, hidden: hidden}
	o.facts++
	o.spots = append(o.spots, s)
	return s
}

// field returns a field of a spot, made on first use.
func (o *optimum) field(s *spot, name string, args []supergraph.Argument, hidden int) *spotField {
	key := name
	for _, a := range args {
		key += " " + a.Name + ":" + a.Value
	}
	for _, f := range s.fields {
		if f.key == key {
			return f
		}
	}
	f := &spotField{def: s.typ.Field(name), key: key, value: -1}
	if !f.def.Type.Named.IsComposite() {
		f.value = o.facts
		o.facts++
	}
	for _, t := range f.def.Type.Named.Possible {
		f.below = append(f.below, o.spot(t, hidden))
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
			if sel.Def.IsTypename() || s.typ.Field(sel.Def.Name) == nil {
				continue
			}
			f := o.field(s, sel.Def.Name, sel.Args, 0)
			f.wanted = true
			for _, below := range f.below {
				o.selected(below, sel.Sub)
			}
		}
	}
}

// goal collects what the client must get: leaves, and what is there, of types that it may see.
func (o *optimum) goal(s *spot, selections []operation.Selection) {
	o.goals.add(s.exists)
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
				o.short = o.short || o.all.has(s.exists) && !o.all.has(f.value)
			}
			seen := o.seen(s, f)
			shown := slices.ContainsFunc(f.below, func(b *spot) bool { return slices.Contains(seen, b.typ) && o.all.has(b.exists) })
			for _, below := range f.below {
				switch {
				case !shown: // that something is there shows all the same
					o.goals.add(below.exists)
				case slices.Contains(seen, below.typ):
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
				common = common && (known == nil || slices.Contains(known.Possible, t))
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
	for _, in := range s.typ.In {
		if in == nil {
			continue
		}
		for _, k := range in.Keys {
			o.help(s, k.Fields.Selections, false)
		}
	}
	for i := 0; i < len(s.fields); i++ { //nolint:intrange // it grows
		for _, in := range s.fields[i].def.In {
			if ownsField(in) {
				o.help(s, in.Requires.Selections, true)
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
			f.wanted = f.wanted || wanted
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
	return slices.ContainsFunc(s.fields, func(f *spotField) bool { return f.wanted && ownsField(f.def.In[g]) })
}

// askRoot adds what a request for root fields brings.
func (o *optimum) askRoot(g int, brings factSet) {
	if o.root.typ.In[g] != nil {
		o.walk(g, o.root, nil, nil, brings)
	}
}

// askEntities adds what a request for entities brings to those who know something.
func (o *optimum) askEntities(g int, known, brings factSet) {
	for _, s := range o.spots {
		in := s.typ.In[g]
		if in == nil || !known.has(s.exists) || o.direct && !s.wantedOf(g) {
			continue
		}
		if slices.ContainsFunc(in.Keys, func(k *supergraph.Key) bool {
			return k.Resolvable && o.knows(s, k.Fields.Selections, known)
		}) {
			o.walk(g, s, nil, known, brings)
		}
	}
}

// walk adds what a subgraph says of an object and below it. Known is what representations are made of; nil below a field.
func (o *optimum) walk(g int, s *spot, provided []supergraph.FieldSelection, known, brings factSet) {
	for _, f := range s.fields {
		in := f.def.In[g]
		granted := grantedField(provided, s.typ, f.def.Name)
		if in != nil && in.OverrideLabel != "" {
			granted = nil // the label is off: the field is another subgraph's
		}
		own := ownsField(in) && (in.Requires.Empty() || known != nil && o.knows(s, in.Requires.Selections, known))
		if in == nil || !own && granted == nil {
			continue
		}
		if f.value >= 0 {
			brings.add(f.value)
		}
		var below []supergraph.FieldSelection
		if granted != nil {
			below = granted.Sub
		}
		below = append(slices.Clip(below), in.Provides.Selections...)
		common := o.common(s, f)
		for _, b := range f.below {
			if here := in.Type.Named.In[g]; here != nil && slices.Contains(here.Possible, b.typ) && (len(common) == 0 || slices.Contains(common, b.typ)) {
				brings.add(b.exists)
				o.walk(g, b, below, nil, brings)
			}
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

// knows tells whether a representation with these members can be made: of all objects that are there.
func (o *optimum) knows(s *spot, set []supergraph.FieldSelection, known factSet) bool {
	for _, sel := range set {
		if sel.Field == nil {
			if slices.Contains(sel.On.Possible, s.typ) && !o.knows(s, sel.Sub, known) {
				return false
			}
			continue
		}
		if sel.Field.IsTypename() {
			continue
		}
		f := o.find(s, sel)
		if f == nil || f.value >= 0 && !known.has(f.value) {
			return false
		}
		there := f.value >= 0
		for _, b := range f.below {
			if known.has(b.exists) {
				if there = true; !o.knows(b, sel.Sub, known) {
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

func (o *optimum) find(s *spot, sel supergraph.FieldSelection) *spotField {
	key := sel.Field.Name
	for _, a := range sel.Args {
		key += " " + a.Name + ":" + a.Value
	}
	i := slices.IndexFunc(s.fields, func(f *spotField) bool { return f.key == key })
	if i < 0 {
		return nil
	}
	return s.fields[i]
}

// best are the fewest requests that bring all goals, by the number of waves (from 1 on), and who is asked in which wave.
type best struct {
	fewest []int
	asked  []string
}

// search returns how few requests bring all goals; more than bound for none within that.
func (o *optimum) search(bound int) (*best, error) {
	type state struct {
		known factSet
		cost  int
		asked string
	}
	none := bound + 1
	least := map[string]int{}
	states := []state{{known: o.set()}}
	states[0].known.add(o.root.exists)
	result := &best{fewest: []int{none}, asked: []string{""}}
	if states[0].known.hasAll(o.goals) {
		result.fewest[0] = 0
	}
	for wave := 1; wave <= bound && len(states) > 0; wave++ {
		fewest, how := result.fewest[wave-1], result.asked[wave-1]
		var next []state
		for _, from := range states {
			brings := o.answers(from.known, wave == 1)
			for set := 1; set < 1<<len(brings); set++ {
				cost := from.cost + bits.OnesCount(uint(set))
				if cost > bound || cost >= fewest {
					continue
				}
				known, asked := slices.Clone(from.known), from.asked+";"
				for i, b := range brings {
					if set&(1<<i) != 0 {
						known.addAll(b.brings)
						asked += " " + b.subgraph
					}
				}
				if known.hasAll(o.goals) {
					fewest, how = cost, asked[1:]
					continue
				}
				text := known.text()
				if c, ok := least[text]; ok && c <= cost {
					continue
				}
				least[text] = cost
				if len(least) > maxStates {
					return nil, errTooLarge
				}
				next = append(next, state{known, cost, asked})
			}
		}
		states = next
		result.fewest, result.asked = append(result.fewest, fewest), append(result.asked, how)
	}
	return result, nil
}

// reply is what a subgraph would say.
type reply struct {
	subgraph string
	brings   factSet
}

// answers are what the subgraphs that have something new to say would say.
func (o *optimum) answers(known factSet, roots bool) []reply {
	var all []reply
	for g := range o.schema.Subgraphs {
		brings := o.set()
		if roots {
			o.askRoot(g, brings)
		} else {
			o.askEntities(g, known, brings)
		}
		if !known.hasAll(brings) {
			all = append(all, reply{string(o.schema.Subgraphs[g].Name), brings})
		}
	}
	return all
}
