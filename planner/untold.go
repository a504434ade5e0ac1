package planner

import (
	"fmt"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// candidate tells whether a way serves a use for objects of a type. What the client wants of some types only must not be
// asked of objects whose types are still unknown, unless it comes along with them and can do no harm to those of other types.
func (p *planning) candidate(w *way, t *supergraph.Type, u *use, maxRound int) bool {
	switch {
	case w.round > maxRound || !w.types.has(t) || !p.takes(w, t, u):
		return false
	case w.iface == nil || u.key == "" || !w.site.mustPick(u.scope):
		return true
	}
	return w.round == 0 && w.isHarmless(t, u)
}

// isHarmless tells whether a field that is wanted of some types can be asked of objects of others, too, and leaves all that is
// wanted of these as it is: where it fails it becomes null itself, or it is part of a key, without which nothing can be had of an
// object anyway. A value that they share is not nulled by what only some want of it.
func (v view) isHarmless(t *supergraph.Type, u *use) bool {
	if isKeyField(v.iface.In[v.subgraph.Index], u.def.Name) {
		return !u.def.Type.Named.IsComposite()
	}
	return !u.harms && !v.fieldOf(t, u.def.Name).Type.NonNull
}

// isKeyField tells whether one of the keys has the field.
func isKeyField(in *supergraph.TypeIn, name string) bool {
	return slices.ContainsFunc(in.Keys, func(k *supergraph.Key) bool {
		return slices.ContainsFunc(k.Fields.Selections, func(s supergraph.FieldSelection) bool {
			return s.Field != nil && s.Field.Name == name
		})
	})
}

// noteHarm notes which uses share a value of which they want different things, so that what is wanted of objects of one type can
// make it null for those of another.
func (p *planning) noteHarm(uses []*use) {
	bySlot := map[int][]*use{}
	for _, u := range uses {
		if u.def.Type.Named.IsComposite() && u.key != "" {
			bySlot[u.slot] = append(bySlot[u.slot], u)
		}
	}
	for _, sharing := range bySlot {
		if len(sharing) > 1 && p.harm(p.wantsByType(sharing), sharing[0].def.Type.Named.Possible) {
			for _, u := range sharing {
				u.harms = true
			}
		}
	}
}

// wanted are the selection sets that somebody wants of the same objects.
type wanted [][]want

// wantsByType are the different things that are wanted below some uses, for objects of different types.
func (p *planning) wantsByType(uses []*use) (several []wanted) {
	var all typeSet
	for _, u := range uses {
		all = all.or(u.scope)
	}
	p.spend(len(all) * len(uses) / 4)
	_, groups := groupTypes(all, func(t *supergraph.Type) string {
		in := make([]byte, len(uses))
		for i, u := range uses {
			if u.scope.has(t) {
				in[i] = 1
			}
		}
		return string(in)
	})
	for _, types := range groups {
		var sets wanted
		for _, u := range uses {
			if u.scope.has(types[0]) {
				sets = append(sets, u.sub)
			}
		}
		several = append(several, sets)
	}
	return several
}

// harm tells whether several want different things of the same objects, and something that not all of them want must not be null:
// where that fails, the object is null for all. That is remembered, since it is asked again below every type of the objects above.
func (p *planning) harm(several []wanted, types typeSet) bool {
	key := p.identity(several)
	harms, known := p.harms[key]
	if !known {
		harms = slices.ContainsFunc(types, func(t *supergraph.Type) bool { return p.harmOf(several, t) })
		p.harms[key] = harms
	}
	return harms
}

// identity is a text that is the same for the same selection sets, and so for objects of the same types.
func (p *planning) identity(several []wanted) string {
	var text []byte
	for _, sets := range several {
		p.spend(1 + len(sets))
		for _, set := range sets {
			if len(set) > 0 {
				text = fmt.Appendf(text, "%p+%d ", &set[0], len(set))
			}
		}
		text = append(text, '|')
	}
	return string(text)
}

func (p *planning) harmOf(several []wanted, t *supergraph.Type) bool {
	var fields []*shared
	for i, sets := range several {
		for _, set := range sets {
			p.fieldsOf(set, t, func(w want) {
				p.spend(1 + len(fields)/8)
				fields = share(fields, w, i)
			})
		}
	}
	return slices.ContainsFunc(fields, func(f *shared) bool {
		if len(f.subs) == len(several) {
			return f.def.Type.Named.IsComposite() && p.harm(f.subs, f.def.Type.Named.Possible)
		}
		return p.mustNotBeNull(t, f.def.Name)
	})
}

// mustNotBeNull tells whether a field of objects of type t is non-null in some subgraph, also in one that takes them for interface
// objects.
func (p *planning) mustNotBeNull(t *supergraph.Type, name string) bool {
	p.spend(len(p.schema.Subgraphs) / 8)
	return slices.ContainsFunc(p.schema.Subgraphs, func(g *supergraph.Subgraph) bool {
		for v := range views(t, g) {
			if in := v.fieldOf(t, name); in != nil && in.Type.NonNull {
				return true
			}
		}
		return false
	})
}

// shared is a field, with what each of those who want it wants below.
type shared struct {
	def  *supergraph.Field
	args []supergraph.Argument
	last int // who came last
	subs []wanted
}

// share notes that somebody wants a field; nobody comes back after another.
func share(fields []*shared, w want, who int) []*shared {
	same := func(a, b supergraph.Argument) bool { return a.Name == b.Name && a.Value == b.Value }
	at := slices.IndexFunc(fields, func(f *shared) bool {
		return f.def.Name == w.field.Name && slices.EqualFunc(f.args, w.args, same)
	})
	switch {
	case at < 0:
		return append(fields, &shared{def: w.field, args: w.args, last: who, subs: []wanted{{w.sub}}})
	case fields[at].last == who:
		last := len(fields[at].subs) - 1
		fields[at].subs[last] = append(fields[at].subs[last], w.sub)
	default:
		fields[at].last = who
		fields[at].subs = append(fields[at].subs, wanted{w.sub})
	}
	return fields
}
