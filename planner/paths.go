package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// anyRound lets a branch use every way of its site.
const anyRound = 1 << 30

// findPaths is the first stage: from the root down, every field of the operation gets the ways in which it can be resolved,
// from the given subgraphs on. It returns the leaves, each with its candidates; a field without any is an error.
func (p *planning) findPaths(wants []want, at []*supergraph.Subgraph) ([]*branch, error) {
	root := newSite(p.root, nil)
	root.types, root.wanted = p.root.types, p.root.types
	uses := slices.DeleteFunc(spread(p.root, wants, root.types), func(u *use) bool { return u.def.IsTypename() })
	for _, g := range at {
		if slices.ContainsFunc(uses, func(u *use) bool { return p.resolves(u.def.In[g.Index]) }) {
			p.openRoot(root, g)
		}
	}
	goals, missing := p.explore(root, uses, anyRound)
	if missing != nil {
		return nil, missing
	}
	return goals, nil
}

// openRoot lets a subgraph be asked for fields of the operation's root.
func (p *planning) openRoot(root *site, g *supergraph.Subgraph) {
	e := p.newEntry(&entry{site: root, subgraph: g, root: true})
	e.way = &way{view: view{subgraph: g}, site: root, static: p.rootType, types: root.types, entry: e}
	root.ways = append(root.ways, e.way)
}

// gap is a use that has no way for some types, or below which something has none.
type gap struct {
	use   *use
	types typeSet
	below *gap
}

// Error names the innermost field.
func (g *gap) Error() string {
	path := []string{string(g.use.key)}
	for g.below != nil {
		g = g.below
		if g.use.key != "" {
			path = append(path, string(g.use.key))
		}
	}
	return fmt.Sprintf("no subgraph can resolve %s (of %s) at %q", g.use.def.Coordinate(), g.types[0].Name, strings.Join(path, "."))
}

// explore finds the branches of uses at a site, and what lies below them. It returns the leaves, or the first gap. Of the ways of
// the site only those up to maxRound count; with anyRound, entries are made for what does not come along with the objects.
func (p *planning) explore(s *site, uses []*use, maxRound int) (leaves []*branch, missing *gap) {
	if s.opaque() {
		p.noteHarm(uses)
	}
	open := slices.DeleteFunc(slices.Clone(uses), func(u *use) bool { return p.comesAlong(s, u) })
	if maxRound == anyRound && len(open) > 0 {
		p.reach(s, open)
	}
	for _, u := range uses {
		rounds := maxRound
		if !slices.Contains(open, u) {
			rounds = 0
		}
		for _, b := range p.branchesOf(s, u, rounds) {
			b.closed = rounds == 0 && maxRound > 0
			below, gapBelow := p.exploreBranch(b)
			leaves = append(leaves, below...)
			if gapBelow != nil || len(b.ways) == 0 {
				return nil, &gap{use: u, types: b.types, below: gapBelow}
			}
		}
	}
	return leaves, nil
}

// branchesOf splits the scope of a use by candidate ways, and by which of the objects that these bring are hidden.
func (p *planning) branchesOf(s *site, u *use, maxRound int) []*branch {
	required := p.requiringWays(s, u, maxRound)
	all := slices.Concat(s.ways, required)
	p.spend(len(all) * len(u.scope) / 4)
	serves := func(i int, t *supergraph.Type) bool {
		if i < len(s.ways) {
			return p.candidate(all[i], t, u, maxRound)
		}
		return all[i].types.has(t) // it was made for this use
	}
	_, groups := groupTypes(u.scope, func(t *supergraph.Type) string {
		key := make([]byte, 0, 16)
		for i, w := range all {
			if serves(i, t) {
				key = append(key, byte(i), byte(i>>8))
				key = append(key, providedText(w, t, u)...)
				key = append(key, p.hiddenBelow(w, t, u.def.Name).names()...)
			}
		}
		return string(key)
	})
	branches := make([]*branch, len(groups))
	for i, types := range groups {
		b := &branch{site: s, use: u, types: types}
		for i, w := range all {
			if serves(i, types[0]) {
				b.ways = append(b.ways, w)
			}
		}
		p.spend(1 + len(b.ways))
		branches[i] = b
	}
	return branches
}

// exploreBranch goes below a branch; a leaf is returned itself, and so is an interface that nothing implements where it can be had:
// there is null, which nobody knows before it is asked for.
func (p *planning) exploreBranch(b *branch) (leaves []*branch, missing *gap) {
	if len(b.ways) == 0 {
		return nil, nil
	}
	if !b.use.def.Type.Named.IsComposite() {
		return []*branch{b}, nil
	}
	child := newSite(b.site.place.children[b.use.slot], b)
	for _, w := range b.ways {
		next := p.follow(w, b)
		next.site = child
		child.types = child.types.or(next.types)
		child.ways = append(child.ways, next)
		p.spend(4)
	}
	if len(child.types) == 0 {
		return []*branch{b}, nil
	}
	child.place.bring(child.types, b.types)
	scope := p.typesBelow(b).and(child.types)
	possible := scope
	if len(possible) == 0 {
		possible = child.types
	}
	if b.use.key == "" {
		scope = possible
	} else {
		scope = scope.filter(func(t *supergraph.Type) bool { return !t.Inaccessible })
		child.place.show(scope, b.types)
	}
	child.wanted = scope
	child.place.want(scope, b.types)
	uses := spread(child.place, b.use.sub, scope)
	if u := p.existence(child, uses, scope, possible); u != nil {
		uses = append(uses, u)
	}
	return p.explore(child, uses, anyRound)
}

// existence is a use of __typename where the other uses do not show by themselves that an object is there and, where it can
// be of several of the visible types in scope, what it is. Nil when they do.
func (p *planning) existence(s *site, uses []*use, scope, possible typeSet) *use {
	if len(scope) == 0 {
		// Nothing visible can be here; that something is, shows all the same.
		return typenameUse(possible)
	}
	shown, uniform := false, len(uses) > 0
	for _, u := range uses {
		everywhere := u.scope.equal(scope)
		if everywhere && u.def.IsTypename() {
			return nil // the client asks itself
		}
		shown, uniform = shown || everywhere, uniform && everywhere
	}
	uniform = uniform && s.opaque() && scope.equal(s.types) && !p.op.Denies() && p.inOneOrder(s.through.use, scope) && p.alike(uses, scope)
	if len(s.types) == 1 && shown || uniform {
		// Nobody has to know the type: no object here is hidden from the client, has a denied field, or fields or an order of its own.
		return nil
	}
	return typenameUse(scope)
}
