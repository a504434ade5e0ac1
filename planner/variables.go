package planner

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// variables adds the client's variables that are used, each once.
func (s *selection) variables(uses []supergraph.VariableUse) []supergraph.VariableUse {
	for _, it := range s.items {
		for _, a := range it.args {
			for _, u := range a.Variables {
				if indexOf(uses, u.Name) < 0 {
					uses = append(uses, u)
				}
			}
		}
		if it.sub != nil {
			uses = it.sub.variables(uses)
		}
	}
	return uses
}

// indexOf is the index of the use of a variable, -1 without one.
func indexOf(uses []supergraph.VariableUse, name string) int {
	return slices.IndexFunc(uses, func(u supergraph.VariableUse) bool { return u.Name == name })
}

func (p *planning) variableIndexes(uses []supergraph.VariableUse) []int {
	var indexes []int
	for i, v := range p.op.Operation().Variables {
		if indexOf(uses, v.Name) >= 0 {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// definition is that of a variable in the documents of a subgraph. One of a type that the subgraph does not know can only stand
// inside values of custom scalars, so it is one of these itself there: its value is sent as one of its own type all the same.
func (p *planning) definition(i int, uses []supergraph.VariableUse, g *supergraph.Subgraph) string {
	v := p.op.Operation().Variables[i]
	if u := uses[indexOf(uses, v.Name)]; u.Inside != nil && !v.Type.Named.IsKnown(g) {
		return "$" + v.Name + ":" + u.Inside.Name
	}
	return v.Definition()
}

// free is a name like the given one that no variable of the client begins with.
func free(name string, taken []supergraph.VariableUse) string {
	for slices.ContainsFunc(taken, func(u supergraph.VariableUse) bool { return strings.HasPrefix(u.Name, name) }) {
		name = "_" + name
	}
	return name
}
