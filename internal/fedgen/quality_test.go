package fedgen

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/operation"
)

// quality sums up how plans compare with the best there are.
type quality struct {
	best, large, deeper int
	worse, better       []string
}

func (q *quality) String() string {
	return fmt.Sprintf("%d plans are the best there are, %d of fewer waves where fewer requests would do, %d not searched, %d worse, %d better than found",
		q.best, q.deeper, q.large, len(q.worse), len(q.better))
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
	for len(fewest) <= depth {
		fewest = append(fewest, last)
	}
	switch {
	case fewest[depth] > fetches:
		q.better = append(q.better, text)
	case fewest[depth] < fetches || depth > 0 && fewest[depth-1] <= fetches:
		q.worse = append(q.worse, text)
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
	q.addAll(corpusInputs(t, 3))
	q.report(t)
}

// report fails when more than one plan of a hundred is not the best: the planner's search is bounded, so that a few may be
// one fetch or one wave off.
func (q *quality) report(t *testing.T) {
	t.Helper()
	t.Log(q)
	for _, text := range q.worse {
		if len(q.worse)*100 > q.best {
			t.Error(text)
		} else {
			t.Log(text)
		}
	}
	for _, text := range q.better {
		t.Error("better than the search, which is wrong: " + text)
	}
	if q.best == 0 {
		t.Error("nothing was searched")
	}
}
