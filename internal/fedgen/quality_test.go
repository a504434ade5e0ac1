package fedgen

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
)

// quality sums up how plans compare with the best there are.
type quality struct {
	best, large, deeper int
	worse, better       []string
	kinds               map[string]int // of the worse ones
}

// The kinds of plans that are worse than the best, each with its reason.
const (
	// detours are tried where a subgraph cannot be reached otherwise: to try all of them everywhere would multiply the work of
	// every operation by the number of subgraphs.
	kindDetour = "the best asks a subgraph that resolves nothing there for a key, of one that is reached without"
	// The search begins with some greedy plans, and ends at one that no single change makes better. Of few fetches that is hardly ever
	// so; some of these ask a subgraph for types by the key of an interface, which is tried only where nobody else tells them.
	kindLarge = "of five fetches or more, of which the best takes more than one change at once"
	kindSmall = "the same, of four fetches or fewer"
)

// most is how many of 1,000 plans may be of a kind, so that a search that gets worse is noticed.
var most = map[string]int{kindDetour: 2, kindLarge: 3, kindSmall: 1}

// kind is the kind of a plan with so many fetches and waves that is worse than the best.
func (q *quality) kind(o *optimum, fetches, depth int) string {
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
	return fmt.Sprintf("%d plans are the best there are, %d of fewer waves where fewer requests would do, %d not searched, %d worse %v, %d better than found",
		q.best, q.deeper, q.large, len(q.worse), q.kinds, len(q.better))
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
	if plan.Kind != operation.Query || len(plan.Fetches) > 8 {
		q.large++
		return
	}
	o, err := newOptimum(in.schema, plan.Op.Selections())
	if err != nil {
		q.large++
		return
	}
	fetches, depth := len(plan.Fetches), waves(plan)
	found, err := o.search(fetches)
	if errors.Is(err, errTooLarge) {
		q.large++
		return
	}
	fewest := found.fewest
	text := fmt.Sprintf("%s: %d fetches in %d waves, fewest by waves %v:%s\n%s\n%s",
		in.name, fetches, depth, fewest, found.asked[len(found.asked)-1], in.Operations[n], plan)
	last := fewest[len(fewest)-1]
	switch {
	case fewest[min(depth, len(fewest)-1)] > fetches:
		q.better = append(q.better, text)
	case betterThan(fewest, fetches, depth):
		q.worse = append(q.worse, text)
		if q.kinds == nil {
			q.kinds = map[string]int{}
		}
		q.kinds[q.kind(o, fetches, depth)]++
		in.keep(n, "plan", text)
	case last < fetches:
		q.deeper++
	default:
		q.best++
	}
}

// TestOptimum holds the plans of the golden cases and of the corpus against an exhaustive search.
func TestOptimum(t *testing.T) {
	t.Parallel()
	var golden, q quality
	golden.addAll(goldenInputs(t))
	for _, text := range golden.worse {
		t.Error(text)
	}
	golden.report(t)
	for _, in := range corpusInputs(t, 3) {
		q.addAll([]*peerInput{in})
		if worse := q.worse; strings.Contains(in.name, "cases/plan-") && len(worse) > 0 && strings.HasPrefix(worse[len(worse)-1], in.name) {
			t.Error("this was the best once: " + worse[len(worse)-1])
		}
	}
	q.report(t)
}

// report fails when too many plans are worse than the best.
func (q *quality) report(t *testing.T) {
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
	if q.best == 0 {
		t.Error("nothing was searched")
	}
}
