package fedgen

import "strings"

// differExternal lets subgraphs to which a field is external say other arguments of it than its owners: more, and such that may be null
// where the owners' may not. None may be missing, and defaults are the same. The Guild's composer wants one more of all to which the
// field is external, or of none.
func (g *generator) differExternal(f *field, more bool) {
	if f.common || f.isContextual() || len(f.owners()) == 0 {
		return
	}
	externals := 0
	for _, in := range f.in {
		if in != nil && in.role == external {
			externals++
		}
	}
	for s, in := range f.in {
		if in == nil || in.role != external {
			continue
		}
		for _, a := range f.args {
			if strings.HasSuffix(a.wrap, "!") && g.chance(50) {
				g.bySubgraph(g.differences.nullable, a)[s] = true
			}
		}
		if more && externals == 1 && g.chance(20) {
			if g.differences.more[f] == nil {
				g.differences.more[f] = make([]*arg, len(g.names))
			}
			g.differences.more[f][s] = &arg{name: "more", typ: g.scalar("Int"), wrap: pick(&g.random, []string{"%", "[%]"})}
		}
	}
}

// bySubgraph is what a map has of an argument.
func (g *generator) bySubgraph(m map[*arg][]bool, a *arg) []bool {
	if m[a] == nil {
		m[a] = make([]bool, len(g.names))
	}
	return m[a]
}
