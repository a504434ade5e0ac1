package fedgen

import (
	"slices"
	"testing"
)

// TestSound: the generator makes nothing that the composer takes though it is not valid: there may be no plan for it.
func TestSound(t *testing.T) {
	t.Parallel()
	for _, seed := range seeds(1, 500) {
		g := generate(seed)
		for _, x := range slices.Concat(g.abstractTypes, g.entityTypes, g.valueTypes) {
			for s, name := range g.names {
				// INTERFACE_OBJECT_USAGE_ERROR in Apollo's composition.
				for _, m := range x.members {
					if x.opaque[s] && x.in[s] != nil && m.in[s] != nil {
						t.Errorf("seed %d: %s is an object to %s, which knows %s", seed, x.name, name, m.name)
					}
				}
			}
			for _, f := range x.fields {
				if f.needs(f, map[*field]bool{}) {
					t.Errorf("seed %d: %s.%s needs itself", seed, x.name, f.name)
				}
			}
		}
	}
}

// needs tells whether another field must be there before the field, at any distance.
func (f *field) needs(other *field, seen map[*field]bool) bool {
	owners := f.owners()
	if seen[f] || len(owners) != 1 { // of several subgraphs, some may need nothing
		return false
	}
	seen[f] = true
	needed := selection{{sub: f.in[owners[0]].requires}}
	for _, sel := range f.contextual() {
		needed = append(needed, sel...)
	}
	return slices.ContainsFunc(needed.fields(), func(n *field) bool { return n == other || n.needs(other, seen) })
}
