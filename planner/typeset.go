package planner

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// typeSet is a set of object types, sorted by name. It is never changed in place: sets share their arrays.
type typeSet []*supergraph.Type

func compareTypes(a, b *supergraph.Type) int {
	return a.Order - b.Order
}

func (s typeSet) has(t *supergraph.Type) bool {
	from, to := 0, len(s)
	for from < to {
		middle := (from + to) / 2
		switch {
		case s[middle] == t:
			return true
		case s[middle].Order < t.Order:
			from = middle + 1
		default:
			to = middle
		}
	}
	return false
}

// hasAll tells whether o is a subset of s. It is quick where they share their array.
func (s typeSet) hasAll(o typeSet) bool {
	if len(o) > len(s) {
		return false
	}
	if len(o) == len(s) && len(o) > 0 && &s[0] == &o[0] {
		return true
	}
	i := 0
	for _, t := range o {
		for i < len(s) && s[i].Order < t.Order {
			i++
		}
		if i == len(s) || s[i] != t {
			return false
		}
	}
	return true
}

// equal is quick where sets share their array, as most do.
func (s typeSet) equal(o typeSet) bool {
	return len(s) == len(o) && (len(s) == 0 || &s[0] == &o[0] || slices.Equal(s, o))
}

func (s typeSet) and(o typeSet) typeSet {
	switch {
	case s.equal(o):
		return s
	case len(s) == 1 && o.has(s[0]):
		return s
	case len(o) == 1 && s.has(o[0]):
		return o
	case len(s) <= 1 || len(o) <= 1:
		return nil
	}
	return s.filter(o.has)
}

// meets tells whether the sets have a type in common.
func (s typeSet) meets(o typeSet) bool {
	for i, j := 0, 0; i < len(s) && j < len(o); {
		switch {
		case s[i] == o[j]:
			return true
		case s[i].Order < o[j].Order:
			i++
		default:
			j++
		}
	}
	return false
}

func (s typeSet) without(o typeSet) typeSet {
	return s.filter(func(t *supergraph.Type) bool { return !o.has(t) })
}

func (s typeSet) or(o typeSet) typeSet {
	switch {
	case len(o) == 0 || s.equal(o):
		return s
	case len(s) == 0:
		return o
	case s.hasAll(o):
		return s
	}
	both := make(typeSet, 0, len(s)+len(o))
	for len(s) > 0 && len(o) > 0 {
		switch c := compareTypes(s[0], o[0]); {
		case c < 0:
			both, s = append(both, s[0]), s[1:]
		case c > 0:
			both, o = append(both, o[0]), o[1:]
		default:
			both, s, o = append(both, s[0]), s[1:], o[1:]
		}
	}
	return append(append(both, s...), o...)
}

// growing is a set that its one owner adds to, in order as a rule, so that a set of a thousand types is not copied a thousand times.
// Whoever has taken a set from it keeps what was in it.
type growing struct {
	typeSet
	own bool // the array: nobody else appends to it
}

func (g *growing) add(o typeSet) {
	switch {
	case len(g.typeSet) == 0:
		g.typeSet, g.own = o, false
	case len(o) > 0 && g.typeSet[len(g.typeSet)-1].Order < o[0].Order:
		if !g.own {
			g.typeSet = slices.Clip(g.typeSet)
		}
		g.typeSet, g.own = append(g.typeSet, o...), true
	case len(o) == 1 && g.has(o[0]):
	default:
		all := g.or(o)
		g.own = g.own && len(all) == len(g.typeSet)
		g.typeSet = all
	}
}

// filter keeps the types for which keep holds; the set itself when that is all.
func (s typeSet) filter(keep func(*supergraph.Type) bool) typeSet {
	for i, t := range s {
		if keep(t) {
			continue
		}
		var kept typeSet
		if i > 0 {
			kept = slices.Clone(s[:i])
		}
		for _, t := range s[i+1:] {
			if keep(t) {
				kept = append(kept, t)
			}
		}
		return kept
	}
	return s
}

// groupTypes splits a set by a key, groups in the order of their first type.
func groupTypes[K comparable](s typeSet, key func(*supergraph.Type) K) (keys []K, groups []typeSet) {
	at := make(map[K]int, 1)
	for _, t := range s {
		k := key(t)
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			keys, groups = append(keys, k), append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	if len(groups) == 1 {
		groups[0] = s
	}
	return keys, groups
}

func (s typeSet) names() string {
	names := make([]string, len(s))
	for i, t := range s {
		names[i] = t.Name
	}
	return strings.Join(names, "|")
}
