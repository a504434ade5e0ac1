package fedgen

import "strings"

// loosenLists lets some subgraphs say that items of lists may be null, where others say that they may not. Of lists of lists, and of what
// clients give, The Guild's composer takes no such difference; Apollo's does. And of the types that subgraphs say one must be the widest.
func (g *generator) loosenLists() {
	for _, t := range g.objects() {
		for _, f := range t.fields {
			if owners := f.owners(); len(owners) > 1 && f.isLoosable() && g.chance(40) {
				f.in[pick(&g.random, owners)].nullable = nullItems
			}
		}
	}
}

func (f *field) isLoosable() bool {
	for _, in := range f.in {
		if in != nil && (in.narrow != nil || in.nullable != 0) {
			return false
		}
	}
	return strings.HasPrefix(f.wrap, "[%!]") && !f.common && !f.isKey()
}
