package planner

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// enter makes entries into a subgraph for objects of the target's types, by every key that earlier rounds can bring. It tells
// whether it made any. Types of which all objects arrive in the subgraph anyway are left alone, unless it must be entered.
func (p *planning) enter(s *site, g *supergraph.Subgraph, t target, round int) bool {
	p.spend(len(t.types.typeSet) * (1 + len(s.ways)/4) / 2)
	types := t.types.filter(func(o *supergraph.Type) bool {
		for v := range views(o, g) {
			if s.mayEnter(v, o, t.must) {
				return true
			}
		}
		return false
	})
	if len(types) == 0 {
		return false
	}
	if len(s.types) == 1 && s.types[0] == p.schema.Query {
		return p.enterRoot(s, g)
	}
	made := false
	for _, d := range s.doors(g, types, t.must, round) {
		made = p.enterBy(s, d, t.must, round) || made
	}
	return made
}

// mayEnter tells whether an entry that shows objects of the type to a subgraph in that view can be of use.
func (s *site) mayEnter(v view, t *supergraph.Type, must bool) bool {
	return !s.has(v, t, true) && (must || !s.arriveOnlyIn(v, t))
}

// arriveOnlyIn tells whether objects of the type arrive in this view, and in no other.
func (s *site) arriveOnlyIn(v view, t *supergraph.Type) bool {
	return !slices.ContainsFunc(s.arrivals(), func(w *way) bool { return w.types.has(t) && w.view != v })
}

// door is one key by which objects of some types can enter a subgraph.
type door struct {
	view

	key  []want
	text string
	// named is the interface that the representations name; nil when each names its object's own type.
	named *supergraph.Type
	types growing
}

// doors lists the keys of a subgraph for the types, equal ones together.
func (s *site) doors(g *supergraph.Subgraph, types typeSet, must bool, round int) []*door {
	var found []*door
	for _, t := range types {
		for v := range views(t, g) {
			if v.iface != nil && s.mayEnter(v, t, must) {
				found = addDoors(found, v, v.iface.In[g.Index], v.iface, typeSet{t})
			}
		}
		plain := view{subgraph: g}
		in := t.In[g.Index]
		if in == nil || !s.mayEnter(plain, t, must) {
			continue
		}
		known := s.knows(t, round)
		if known {
			found = addDoors(found, plain, in, nil, typeSet{t})
		}
		for _, i := range t.Interfaces {
			if in := i.In[g.Index]; in != nil && (!known || s.opaque()) && typeSet(in.Possible).has(t) {
				// nobody knows the types yet: whatever the objects may be enters
				found = addDoors(found, plain, in, i, s.types.and(in.Possible))
			}
		}
	}
	return found
}

func addDoors(found []*door, v view, in *supergraph.TypeIn, named *supergraph.Type, types typeSet) []*door {
keys:
	for _, k := range in.Keys {
		if !k.Resolvable {
			continue
		}
		wants := []want{{on: in.Type, sub: fieldSetWants(k.Fields.Selections, v.subgraph)}}
		for _, d := range found {
			if d.text == k.Fields.Text && d.named == named {
				if named == nil {
					d.key = append(d.key, wants...)
				}
				d.types.add(types)
				continue keys
			}
		}
		found = append(found, &door{view: v, key: wants, text: k.Fields.Text, named: named, types: growing{typeSet: types}})
	}
	return found
}

// maxEntering bounds how many keys are looked for, each for the sake of another. What keys are made of may itself have to be
// fetched by keys, at the objects below.
const maxEntering = 6

// repeats tells whether the same objects enter by the same key further below. What brings the key there brings it here,
// too, so that this would only go on without end.
func (d *door) repeats(o *door) bool {
	return d.subgraph == o.subgraph && d.named == o.named && d.text == o.text && d.types.meets(o.types.typeSet)
}

// enterBy makes the entry for one door, for those of its types whose key can be had. A key that only the subgraph itself
// tells opens it to nobody, unless objects must enter that are in it already.
func (p *planning) enterBy(s *site, d *door, must bool, round int) bool {
	if len(p.entering) >= maxEntering || slices.ContainsFunc(p.entering, d.repeats) {
		return false
	}
	p.entering = append(p.entering, d)
	defer func() { p.entering = p.entering[:len(p.entering)-1] }()
	for types := d.types.typeSet; len(types) > 0; {
		uses := spread(s.place, d.key, types)
		if d.named == nil && s.arriveFaceless() {
			// a representation names the type, so some way has to tell it
			uses = append(uses, typenameUse(types))
		}
		needs, missing := p.explore(s, uses, round-1)
		if missing == nil && !must && d.named == nil {
			missing = s.toldInside(d.subgraph, needs)
		}
		if missing == nil {
			if !s.isNews(d.view, types, round) {
				return false
			}
			p.addEntry(s, d, types, needs, round)
			return true
		}
		types = types.without(missing.types)
	}
	return false
}

// isNews tells whether one of the types has no entry from an earlier round. The key of an interface is for all of its members
// where one may enter, and that one may have turned out to be without a key.
func (s *site) isNews(v view, types typeSet, round int) bool {
	return slices.ContainsFunc(types, func(t *supergraph.Type) bool {
		return !slices.ContainsFunc(s.ways, func(w *way) bool {
			return w.view == v && w.types.has(t) && w.round > 0 && w.round < round
		})
	})
}

func (p *planning) addEntry(s *site, d *door, types typeSet, needs []*branch, round int) {
	e := p.newEntry(&entry{site: s, subgraph: d.subgraph, types: types, by: d.text, key: d.key, needs: needs})
	e.way = &way{view: d.view, site: s, static: d.named, types: types, entry: e, round: round}
	s.ways = append(s.ways, e.way)
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
	there := &branch{site: s, use: typenameUse(s.types), types: s.types, ways: s.arrivals()}
	e := p.newEntry(&entry{site: s, subgraph: g, root: true, types: s.types, needs: []*branch{there}})
	e.way = &way{view: view{subgraph: g}, site: s, static: p.schema.Query, types: s.types, entry: e, round: 1}
	s.ways = append(s.ways, e.way)
	return true
}

// toldInside finds a part of a key that only the subgraph itself tells, of objects that it looks at already. Nil when there is none.
func (s *site) toldInside(g *supergraph.Subgraph, needs []*branch) *gap {
	for _, n := range needs {
		outside := func(w *way) bool { return w.subgraph != g || w.iface != nil }
		if n.site == s && !n.use.def.IsTypename() && !slices.ContainsFunc(n.ways, outside) {
			return &gap{use: n.use, types: n.types}
		}
	}
	return nil
}
