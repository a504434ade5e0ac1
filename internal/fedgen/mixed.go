package fedgen

// mix places a field of which one subgraph knows an interface with its types, and another one an object (@interfaceObject):
// the types have to come from the first, or from the subgraph that has a key of the interface. It tells whether it did.
func (g *generator) mix(f *field) bool {
	if len(f.typ.opaque) == 0 || !g.chance(50) {
		return false
	}
	var objects, others []int
	for s := range g.names {
		switch {
		case !g.mayOwn(s, f):
		case f.typ.opaque[s]:
			objects = append(objects, s)
		default:
			others = append(others, s)
		}
	}
	if len(objects) == 0 || len(others) == 0 {
		return false
	}
	g.own(pick(&g.random, objects), f)
	if s := pick(&g.random, others); g.mayOwn(s, f) {
		g.own(s, f)
	}
	return true
}
