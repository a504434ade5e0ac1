package planner

import (
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// usedVariables are the client's variables that a document uses, by name, each as it is used first.
type usedVariables map[string]supergraph.VariableUse

// addVariables adds those that are used in a selection set.
func (s *selection) addVariables(uses usedVariables) {
	for _, it := range s.items {
		for _, a := range it.args {
			for _, u := range a.Variables {
				if _, ok := uses[u.Name]; !ok {
					uses[u.Name] = u
				}
			}
		}
		if it.sub != nil {
			it.sub.addVariables(uses)
		}
	}
}

func (p *planning) variableIndexes(uses usedVariables) []int {
	var indexes []int
	for i, v := range p.op.Operation().Variables {
		if _, used := uses[v.Name]; used {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// definition is that of a variable in the documents of a subgraph. One of a type that the subgraph does not know can only stand
// inside values of custom scalars, so it is one of these itself there: its value is sent as one of its own type all the same.
func (p *planning) definition(i int, uses usedVariables, g *supergraph.Subgraph) string {
	v := p.op.Operation().Variables[i]
	if u := uses[v.Name]; u.Inside != nil && !v.Type.Named.IsKnown(g) {
		return "$" + v.Name + ":" + u.Inside.Name
	}
	return v.Definition()
}

// free is a name like the given one that no variable of the client begins with.
func free(name string, taken usedVariables) string {
	for taken.begin(name) {
		name = "_" + name
	}
	return name
}

// begin tells whether the name of a variable begins so.
func (u usedVariables) begin(name string) bool {
	for used := range u {
		if strings.HasPrefix(used, name) {
			return true
		}
	}
	return false
}
