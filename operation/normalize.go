package operation

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// pass is one step of normalisation of a selection set on a type. It may change the nodes it is given.
type pass func(sub []Selection, on *supergraph.Type) []Selection

// passes in their order: what cannot apply goes first, so that it is not looked at again; flattening brings fields
// together that merging then joins.
var passes = []pass{drop, flatten, merge}

// normalize applies all passes. What the client gets, and the order of its keys, is the same before and after.
func normalize(sub []Selection, on *supergraph.Type) []Selection {
	for _, p := range passes {
		sub = p(sub, on)
	}
	return sub
}
