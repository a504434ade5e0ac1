package fedgen

import "slices"

// overrides moves some fields to another subgraph with @override, and adds some of subgraphs that do not exist.
func (g *generator) overrides() {
	labels := some(&g.random, allLabels, g.between(1, 3))
	for range g.n(7) {
		t := pick(&g.random, append([]*typ{g.query}, g.entityTypes...))
		var candidates []*field
		for _, f := range t.fields {
			if g.movable(f) {
				candidates = append(candidates, f)
			}
		}
		if len(candidates) == 0 {
			continue
		}
		f, to := pick(&g.random, candidates), g.n(len(g.names))
		from := pick(&g.random, f.owners())
		if to == from && !g.old[to] {
			f.in[from].override = "ghost"
			continue
		}
		if g.old[to] || to == from || f.in[to] != nil && !f.resolves(to) || !g.mayOwn(to, f) {
			continue
		}
		if !f.resolves(to) {
			g.own(to, f)
		}
		f.in[to].override = g.names[from]
		f.in[from].role = overridden
		if g.chance(70) && !g.isRequired(f) {
			f.in[to].label = pick(&g.random, labels)
			if g.chance(70) {
				g.overrideAgain(f)
			}
		}
	}
}

// allLabels are of fields that move for some requests; those that are not percentages nobody turns on.
var allLabels = []string{"percent(50)", "percent(50)", "percent(25)", "percent(0.5)", "percent(100)", "percent(0)",
	"team-a", "rollout/eu:2.x_y"}

// overrideAgain lets a field with a label that several subgraphs resolve move from another one of them, too, to one that does not
// resolve it.
func (g *generator) overrideAgain(f *field) {
	var from, to []int
	for s := range g.names {
		switch {
		case f.resolves(s) && f.in[s].override == "":
			from = append(from, s)
		case f.in[s] == nil && !g.old[s] && g.mayOwn(s, f):
			to = append(to, s)
		}
	}
	if len(from) == 0 || len(to) == 0 {
		return
	}
	loser, winner := pick(&g.random, from), pick(&g.random, to)
	g.own(winner, f)
	f.in[winner].override, f.in[winner].label = g.names[loser], pick(&g.random, allLabels)
	f.in[loser].role = overridden
}

// movable tells whether another subgraph may take the field. Those that only require it do not matter. A field of an abstract type
// through which its owner provides something stays: the owner would still be asked for it, and might not know the new owner's types.
func (g *generator) movable(f *field) bool {
	owners := f.owners()
	if len(owners) == 0 || f.isKey() || f.common || f.typ.faces != nil || len(owners) > 1 && f.typ.kind.abstract() {
		return false
	}
	for s, in := range f.in {
		switch {
		case in == nil:
		case in.role == overridden || in.role == external && f.in[owners[0]].shareable || in.narrow != nil:
			return false
		case in.override != "" || in.provides != nil || in.requires != nil || f.typ.kind.abstract() && g.mentioned(s)[f]:
			return false
		}
	}
	return true
}

// isRequired tells whether a field stands in any @requires. With a label, it could not: composition finds that half of the
// requests go without it, wherever the other half gets it.
func (g *generator) isRequired(f *field) bool {
	for _, t := range g.composites() {
		for _, other := range t.fields {
			for _, in := range other.in {
				if in != nil && slices.Contains(in.requires.fields(), f) {
					return true
				}
			}
		}
	}
	return false
}

// isLabelled tells whether it depends on a label who answers the field.
func (f *field) isLabelled() bool {
	return slices.ContainsFunc(f.in, func(in *fieldIn) bool { return in != nil && in.label != "" })
}
