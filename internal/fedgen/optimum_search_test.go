package fedgen

import (
	"math/bits"
	"slices"
)

// best are the fewest requests that bring all goals, by the number of waves (from 1 on), and who is asked in which wave.
type best struct {
	fewest []int
	asked  []string
}

// search returns how few requests bring all goals; more than bound for none within that.
func (o *optimum) search(bound int) (*best, error) {
	type state struct {
		known factSet
		cost  int
		asked string
	}
	none := bound + 1
	least := map[string]int{}
	states := []state{{known: o.set()}}
	states[0].known.add(o.root.exists)
	states[0].known.add(o.root.there)
	result := &best{fewest: []int{none}, asked: []string{""}}
	if states[0].known.hasAll(o.goals) {
		result.fewest[0] = 0
	}
	for wave := 1; wave <= bound && len(states) > 0; wave++ {
		fewest, how := result.fewest[wave-1], result.asked[wave-1]
		var next []state
		for _, from := range states {
			brings := o.answers(from.known, wave == 1)
			for set := 1; set < 1<<len(brings); set++ {
				cost := from.cost + bits.OnesCount(uint(set))
				if cost > bound || cost >= fewest {
					continue
				}
				known, asked := slices.Clone(from.known), from.asked+";"
				for i, b := range brings {
					if set&(1<<i) != 0 {
						known.addAll(b.brings)
						asked += " " + b.subgraph
					}
				}
				if known.hasAll(o.goals) {
					fewest, how = cost, asked[1:]
					continue
				}
				text := known.text()
				if c, ok := least[text]; ok && c <= cost {
					continue
				}
				least[text] = cost
				if len(least) > maxStates {
					return nil, errTooLarge
				}
				next = append(next, state{known, cost, asked})
			}
		}
		states = next
		result.fewest, result.asked = append(result.fewest, fewest), append(result.asked, how)
	}
	return result, nil
}

// reply is what a subgraph would say.
type reply struct {
	subgraph string
	brings   factSet
}

// answers are what the subgraphs that have something new to say would say.
func (o *optimum) answers(known factSet, roots bool) []reply {
	var all []reply
	for g := range o.schema.Subgraphs {
		brings := o.set()
		if roots {
			o.askRoot(g, brings)
		} else {
			o.askEntities(g, known, brings)
		}
		if !known.hasAll(brings) {
			all = append(all, reply{string(o.schema.Subgraphs[g].Name), brings})
		}
	}
	return all
}
