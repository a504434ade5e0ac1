package fedgen

import (
	"fmt"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
)

// quality sums up how plans compare with the best there are.
type quality struct {
	best, unsearched int
	worse, better    []string
	kinds            map[string]int // of the worse ones
}

// The kinds of plans that are worse than the best, each with its reason.
const (
	// A subgraph is asked for keys of others only where these cannot be reached otherwise: to try that everywhere would multiply the
	// work of every operation by the number of subgraphs.
	kindDetour = "the best asks a subgraph that resolves nothing there for a key, of one that is reached without"
	// The search begins with some greedy plans, and ends at one that no single change makes better. Of few fetches that is hardly ever
	// so. Some of these ask for types by the key of an interface, which is tried only where nobody else tells them.
	kindLarge = "of five fetches or more, of which the best takes more than one change at once"
	kindSmall = "the same, of four fetches or fewer"
	// For the same reasons. These are answered as soon as the best, or sooner.
	kindWide = "with more fetches than there are with more waves"
)

// most is how many of 1,000 plans may be of a kind, so that a search that gets worse is noticed.
var most = map[string]int{kindDetour: 2, kindLarge: 3, kindSmall: 1, kindWide: 3}

// kindOf is the kind of a plan with so many fetches and waves that is worse than the best in as many waves.
func kindOf(o *optimum, fetches, depth int) string {
	o.direct = true
	found, err := o.search(fetches)
	switch {
	case err == nil && !betterThan(found.fewest, fetches, depth):
		return kindDetour
	case fetches > 4:
		return kindLarge
	}
	return kindSmall
}

// betterThan tells whether there are fewer fetches in as many waves, or as many fetches in fewer waves.
func betterThan(fewest []int, fetches, depth int) bool {
	return fewest[min(depth, len(fewest)-1)] < fetches || depth > 0 && fewest[min(depth, len(fewest))-1] <= fetches
}

func (q *quality) String() string {
	return fmt.Sprintf("%d plans are the best there are, %d not searched, %d worse %v, %d better than found",
		q.best, q.unsearched, len(q.worse), q.kinds, len(q.better))
}

func (q *quality) addAll(inputs []*peerInput) {
	for _, in := range inputs {
		for n := range in.plans {
			q.add(in, n)
		}
	}
}

// add holds the plan of a query against the best.
func (q *quality) add(in *peerInput, n int) {
	plan := in.plans[n]
	fetches, depth := len(plan.Fetches), waves(plan)
	if plan.Kind != operation.Query || fetches > 8 {
		q.unsearched++
		return
	}
	o, err := newOptimum(in.schema, plan.Op.Selections())
	if err != nil {
		q.unsearched++
		return
	}
	found, err := o.search(fetches)
	if err != nil {
		q.unsearched++
		return
	}
	fewest := found.fewest
	text := fmt.Sprintf("%s: %d fetches in %d waves, fewest by waves %v:%s\n%s\n%s",
		in.name, fetches, depth, fewest, found.asked[len(found.asked)-1], in.Operations[n], plan)
	switch {
	case fewest[min(depth, len(fewest)-1)] > fetches:
		q.better = append(q.better, text)
	case betterThan(fewest, fetches, depth):
		q.addWorse(kindOf(o, fetches, depth), text)
		in.keep(n, "plan", text)
	case fewest[len(fewest)-1] < fetches:
		q.addWorse(kindWide, text)
		in.keep(n, "plan", text)
	default:
		q.best++
	}
}

func (q *quality) addWorse(kind, text string) {
	if q.kinds == nil {
		q.kinds = map[string]int{}
	}
	q.kinds[kind]++
	q.worse = append(q.worse, kind+": "+text)
}

// TestOptimum holds the plans of the golden cases and of the corpus against an exhaustive search. Those of the golden cases are the
// best, and so are those that were not once: the search must get through all of these.
func TestOptimum(t *testing.T) {
	t.Parallel()
	var golden, mended, random quality
	golden.addAll(goldenInputs(t))
	golden.report(t, nil)
	mended.addAll(fileInputs(t, "cases/plan-*", 0))
	if mended.report(t, nil); mended.unsearched > 0 {
		t.Errorf("%d of the plans that were not the best once are not searched", mended.unsearched)
	}
	random.addAll(fileInputs(t, "c*/*", 3))
	random.report(t, most)
}

// report fails when too many of 1,000 plans are worse than the best, or hardly any could be searched.
func (q *quality) report(t *testing.T, most map[string]int) {
	t.Helper()
	t.Log(q)
	for _, text := range q.worse {
		t.Log(text)
	}
	for _, text := range q.better {
		t.Error("better than the search, which is wrong: " + text)
	}
	for kind, n := range q.kinds {
		if n*1000 > most[kind]*max(1000, q.best) {
			t.Errorf("of %d plans, %d are worse: %s", q.best, n, kind)
		}
	}
	if q.best == 0 || q.unsearched*4 > q.best {
		t.Errorf("%d plans are not searched, besides %d that are", q.unsearched, q.best)
	}
}
