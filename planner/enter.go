package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// enter makes entries into a subgraph for objects of the target's types, by every key that earlier rounds can provide. It
// tells whether it made any. Types that arrive in the subgraph by every way are left alone, unless it must be entered.
func (p *planning) enter(s *site, g *supergraph.Subgraph, t target, round int) bool {
	types := t.types.filter(func(o *supergraph.Type) bool {
		return slices.ContainsFunc(faces(o, g), func(face *supergraph.Type) bool { return p.mayEnter(s, g, o, face, t.enter) })
	})
	if len(types) == 0 {
		return false
	}
	if len(s.types) == 1 && s.types[0] == p.schema.Query {
		return p.enterRoot(s, g)
	}
	made := false
	for _, d := range p.doors(s, g, types, t.enter, round) {
		made = p.enterBy(s, g, d, t.enter, round) || made
	}
	return made
}

// mayEnter tells whether an entry into the subgraph, to be seen with that face, can be of use.
func (p *planning) mayEnter(s *site, g *supergraph.Subgraph, t, face *supergraph.Type, must bool) bool {
	return !p.hasWay(s, g, t, face, true) && (must || !arrivesOnlyIn(s, g, t, face))
}

// arrivesOnlyIn tells whether objects of the type arrive in this subgraph, seen with that face, and in no other way.
func arrivesOnlyIn(s *site, g *supergraph.Subgraph, t, face *supergraph.Type) bool {
	for _, w := range s.ways {
		if w.round == 0 && w.types.has(t) && (w.subgraph != g || w.iface != face) {
			return false
		}
	}
	return true
}

// door is one key by which objects of some types can enter a subgraph.
type door struct {
	key   []want
	text  string
	iface *supergraph.Type // set when the representation names an interface
	types typeSet
}

// doors lists the keys of a subgraph for the types, equal ones together.
func (p *planning) doors(s *site, g *supergraph.Subgraph, types typeSet, must bool, round int) []*door {
	var found []*door
	for _, t := range types {
		for _, face := range faces(t, g) {
			if face != nil && p.mayEnter(s, g, t, face, must) {
				found = addDoors(found, face.In[g.Index], face, typeSet{t})
			}
		}
		in := t.In[g.Index]
		if in == nil || !p.mayEnter(s, g, t, nil, must) {
			continue
		}
		known := p.knowsType(s, t, round)
		if known {
			found = addDoors(found, in, nil, typeSet{t})
		}
		for _, i := range t.Interfaces {
			if in := i.In[g.Index]; in != nil && (!known || s.opaque()) && typeSet(in.Possible).has(t) {
				found = addDoors(found, in, i, s.toldBy(in, t))
			}
		}
	}
	return found
}

// toldBy are the types of the objects that enter as an interface of which the subgraph knows the members, because one of them
// shall: where types are not known yet, whatever the objects may be.
func (s *site) toldBy(in *supergraph.TypeIn, t *supergraph.Type) typeSet {
	if s.opaque() {
		return s.types.and(in.Possible)
	}
	return typeSet{t}
}

func addDoors(found []*door, in *supergraph.TypeIn, iface *supergraph.Type, types typeSet) []*door {
keys:
	for _, k := range in.Keys {
		if !k.Resolvable {
			continue
		}
		wants := []want{{on: in.Type, sub: fieldSetWants(k.Fields.Selections)}}
		for _, d := range found {
			if d.text == k.Fields.Text && d.iface == iface {
				if iface == nil {
					d.key = append(d.key, wants...)
				}
				d.types = d.types.or(types)
				continue keys
			}
		}
		found = append(found, &door{key: wants, text: k.Fields.Text, iface: iface, types: types})
	}
	return found
}

// knowsType tells whether an earlier round can tell that an object is of the type, which a representation must name. Where
// all objects are of one type nothing has to be told.
func (p *planning) knowsType(s *site, t *supergraph.Type, round int) bool {
	for _, w := range s.ways {
		if w.round < round && w.iface == nil && w.types.has(t) {
			return true
		}
	}
	return false
}

// entering is a key that is being provided for. What it is made of may itself have to be fetched by keys, at the objects
// below.
type entering struct {
	subgraph *supergraph.Subgraph
	iface    *supergraph.Type
	types    typeSet
	key      string
}

// maxEntering bounds how many keys are provided for below one another.
const maxEntering = 6

// repeats tells whether the same objects enter by the same key further below. What brings the key there brings it here,
// too, so that this would only go on without end.
func (e entering) repeats(o entering) bool {
	return e.subgraph == o.subgraph && e.iface == o.iface && e.key == o.key && e.types.meets(o.types)
}

// enterBy makes the entry for one door, for those of its types whose key can be provided; unless they must enter, from outside.
func (p *planning) enterBy(s *site, g *supergraph.Subgraph, d *door, must bool, round int) bool {
	at := entering{subgraph: g, iface: d.iface, types: d.types, key: d.text}
	if len(p.entering) >= maxEntering || slices.ContainsFunc(p.entering, at.repeats) {
		return false
	}
	p.entering = append(p.entering, at)
	defer func() { p.entering = p.entering[:len(p.entering)-1] }()
	for types := d.types; len(types) > 0; {
		uses := spread(s.place, d.key, types)
		if d.iface == nil {
			uses = append(uses, p.typenameNeed(s, types)...)
		}
		needs, missing := p.explore(s, uses, round-1)
		if missing == nil && !must && d.iface == nil {
			missing = s.toldInside(g, needs)
		}
		if missing == nil {
			if !s.isNews(g, d.iface, types, round) {
				return false
			}
			p.addEntry(&entry{site: s, subgraph: g, types: types, by: d.text, key: d.key, needs: needs}, d.iface, round)
			return true
		}
		types = types.without(missing.types)
	}
	return false
}

// isNews tells whether an entry for these types is for one that has none from earlier rounds. Those of an interface are for all of
// its members, as long as one may enter, and that one may turn out not to.
func (s *site) isNews(g *supergraph.Subgraph, iface *supergraph.Type, types typeSet, round int) bool {
	if iface != nil && !iface.In[g.Index].InterfaceObject {
		iface = nil // members are seen as what they are
	}
	return slices.ContainsFunc(types, func(t *supergraph.Type) bool {
		return !slices.ContainsFunc(s.ways, func(w *way) bool {
			return w.subgraph == g && w.iface == iface && w.types.has(t) && w.round > 0 && w.round < round
		})
	})
}

// typenameNeed: a representation names the object's type, so some way has to tell it.
func (p *planning) typenameNeed(s *site, types typeSet) []*use {
	for _, w := range s.ways {
		if w.iface != nil && w.round == 0 {
			return []*use{{def: types[0].Field("__typename"), slot: -1, scope: types}}
		}
	}
	return nil
}

func (p *planning) addEntry(e *entry, iface *supergraph.Type, round int) {
	p.newEntry(e)
	w := &way{site: e.site, subgraph: e.subgraph, types: e.types, entry: e, round: round}
	if iface != nil {
		e.typename = iface.Name
		w.static = iface
		if iface.In[e.subgraph.Index].InterfaceObject {
			w.iface = iface
		}
	}
	e.way = w
	e.site.ways = append(e.site.ways, w)
}

func (p *planning) newEntry(e *entry) *entry {
	e.id = len(p.entries)
	p.entries = append(p.entries, e)
	p.spend(4)
	return e
}

// enterRoot enters the query root: that of the response, of which contexts can need more than the client does, or one below
// it, which needs nothing but that the object is there.
func (p *planning) enterRoot(s *site, g *supergraph.Subgraph) bool {
	if s.place.parent == nil {
		if !slices.ContainsFunc(s.ways, func(w *way) bool { return w.subgraph == g }) {
			p.openRoot(s, g)
			return true
		}
		return false
	}
	there := &branch{site: s, types: s.types, use: &use{def: p.schema.Query.Field("__typename"), slot: -1, scope: s.types}}
	for _, w := range s.ways {
		if w.round == 0 {
			there.ways = append(there.ways, w)
		}
	}
	e := p.newEntry(&entry{site: s, subgraph: g, root: true, types: s.types, needs: []*branch{there}})
	e.way = &way{site: s, subgraph: g, static: p.schema.Query, types: s.types, entry: e, round: 1}
	s.ways = append(s.ways, e.way)
	return true
}
