package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// requiringWays are the ways to a field that needs more than a key: required fields and contexts go into the representation
// or before it, and so does the knowledge of what the objects are, where only some of them may be asked. There is one for
// each plain entry into a subgraph that resolves the field so.
func (p *planning) requiringWays(s *site, u *use, maxRound int) []*way {
	if u.def.IsTypename() {
		return nil
	}
	name := u.def.Name
	untold := u.key != "" && s.mustPick(u.scope)
	var ways []*way
	for _, plain := range s.ways {
		if plain.round == 0 || plain.round > maxRound || plain.entry.root {
			continue
		}
		types := u.scope.and(plain.types).filter(func(t *supergraph.Type) bool { return p.resolvesUse(plain.view, t, u) })
		demands, groups := groupTypes(types, func(t *supergraph.Type) string { return demand(plain.fieldOf(t, name)) })
		typed := untold && plain.iface != nil
		for i, what := range demands {
			if what == "" && !typed {
				continue // the plain entry does
			}
			if w := p.requiringWay(s, plain, name, groups[i], typed || plain.byInterface()); w != nil {
				ways = append(ways, w)
			}
		}
	}
	return ways
}

// neededFor are those of the needs of a plain entry into a site, at the site and below, that are about objects of some types.
func neededFor(needs []*branch, s *site, types typeSet) []*branch {
	var list []*branch
	for _, need := range needs {
		b := need
		for b.site != s {
			b = b.site.through
		}
		if b.types.meets(types) {
			list = append(list, need)
		}
	}
	return list
}

// byInterface tells whether the entry's representations name an interface of which the subgraph knows the members: it is
// asked for the real types. What a member requires goes with the member's own name, by the same key.
func (w *way) byInterface() bool { return w.static != nil && w.iface == nil }

// requiringWay is what a plain way becomes when what a field demands must be there first and, when typed, the types of the
// objects, too; nil when that cannot be had. A field that would need itself ends the search for what it demands: what fails so
// is remembered with the fields that were being resolved, since from elsewhere it may well succeed.
func (p *planning) requiringWay(s *site, plain *way, field string, types typeSet, typed bool) *way {
	f := types[0].Field(field)
	if slices.Contains(p.resolving, f) {
		p.cuts = withField(p.cuts, f)
		return nil // it would need itself
	}
	id := fmt.Sprint(plain.entry.id, " ", demand(plain.fieldOf(types[0], field)), " ", types.names(), " ", typed)
	if w := s.requiring[id]; w != nil {
		return w
	}
	if cuts, known := s.failed(id, p.resolving); known {
		p.cuts = withField(p.cuts, cuts...)
		return nil
	}
	before := p.cuts
	p.cuts, p.resolving = nil, append(p.resolving, f)
	w := p.newRequiringWay(s, plain, field, types, typed)
	p.resolving = p.resolving[:len(p.resolving)-1]
	if w == nil {
		cuts := slices.DeleteFunc(p.cuts, func(c *supergraph.Field) bool { return c == f })
		s.failures[id] = append(s.failures[id], cuts)
		p.cuts = withField(before, cuts...)
		return nil
	}
	p.cuts = before // what was cut on the way did not matter
	s.requiring[id] = w
	return w
}

// newRequiringWay finds what the field demands, and makes an entry that has it besides what the plain one has.
func (p *planning) newRequiringWay(s *site, plain *way, field string, types typeSet, typed bool) *way {
	in := plain.fieldOf(types[0], field)
	wants := requiredWants(plain, field, types)
	uses := spread(s.place, wants, types)
	if typed {
		uses = append(uses, typenameUse(types))
	}
	needs, missing := p.explore(s, uses, anyRound)
	contexts, above, ok := p.contextuals(s, in)
	if missing != nil || !ok {
		return nil
	}
	e, w := *plain.entry, *plain
	e.requires, e.types, e.by = wants, types, strings.TrimSpace(e.by+" "+demand(in))
	e.contexts = contexts
	e.needs = slices.Concat(neededFor(e.needs, s, types), needs, above)
	e.byWays = nil
	if e.way, w.types = &w, types; plain.byInterface() {
		w.static = nil
	}
	if slices.ContainsFunc(types, func(t *supergraph.Type) bool { return represent(&e, t, nil) == nil }) {
		return nil // it demands one field with two lists of arguments
	}
	w.entry = p.newEntry(&e)
	return &w
}

// failed tells whether a way could not be had before for reasons that hold again: because of fields that were, and are,
// being explored.
func (s *site) failed(id string, resolving []*supergraph.Field) (cuts []*supergraph.Field, known bool) {
	for _, cuts := range s.failures[id] {
		if !slices.ContainsFunc(cuts, func(f *supergraph.Field) bool { return !slices.Contains(resolving, f) }) {
			return cuts, true
		}
	}
	return nil, false
}

// withField adds fields to a list without repetition.
func withField(list []*supergraph.Field, fields ...*supergraph.Field) []*supergraph.Field {
	for _, f := range fields {
		if !slices.Contains(list, f) {
			list = append(slices.Clip(list), f)
		}
	}
	return list
}

// requiredWants are the @requires selections of a field, for each type that objects can have.
func requiredWants(w *way, field string, types typeSet) []want {
	if w.iface != nil {
		return []want{{on: w.iface, sub: fieldSetWants(w.fieldOf(types[0], field).Requires.Selections, w.subgraph)}}
	}
	wants := make([]want, len(types))
	for i, t := range types {
		wants[i] = want{on: t, sub: fieldSetWants(w.fieldOf(t, field).Requires.Selections, w.subgraph)}
	}
	return wants
}
