package planner

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// typeSet is a set of object types, sorted by name. It is never changed in place: sets share their arrays.
type typeSet []*supergraph.Type

func compareTypes(a, b *supergraph.Type) int {
	if a == b {
		return 0
	}
	return strings.Compare(a.Name, b.Name)
}

func (s typeSet) has(t *supergraph.Type) bool {
	_, found := slices.BinarySearchFunc(s, t, compareTypes)
	return found
}

// hasAll tells whether o is a subset of s.
func (s typeSet) hasAll(o typeSet) bool {
	for _, t := range o {
		if !s.has(t) {
			return false
		}
	}
	return true
}

func (s typeSet) equal(o typeSet) bool { return slices.Equal(s, o) }

func (s typeSet) and(o typeSet) typeSet {
	if s.equal(o) {
		return s
	}
	return s.filter(o.has)
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
	both := append(slices.Clone(s), o...)
	slices.SortFunc(both, compareTypes)
	return slices.Compact(both)
}

// filter keeps the types for which keep holds; the set itself when that is all.
func (s typeSet) filter(keep func(*supergraph.Type) bool) typeSet {
	for i, t := range s {
		if keep(t) {
			continue
		}
		kept := slices.Clone(s[:i])
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
