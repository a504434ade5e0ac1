package planner

import (
	"context"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// maxWork bounds the work on one operation, whatever the stage: up to 200 ns and 30 bytes for each unit. A query with 1,000
// leaves over 50 subgraphs takes a twentieth of it.
const maxWork = 1 << 23

// workBetweenLooks is how much is done between two looks at whether somebody still waits for the plan.
const workBetweenLooks = 1 << 12

var errTooComplex = gqlerr.New(gqlerr.QueryPlanTooComplex, "The operation is too complex to plan")

// budget is the work that may still be done on an operation.
type budget struct {
	spent, limit, nextLook int
	// canceled returns why nobody waits any more; nil when somebody does.
	canceled func() error
}

func newBudget(ctx context.Context) budget { return budget{limit: maxWork, canceled: ctx.Err} }

// stopped is the panic that ends planning from wherever it is, so that no stage has to hand on an error at every step; Plan and
// Explain return its error.
type stopped struct{ err error }

// spend notes work, and ends planning when there was too much of it or nobody waits any more.
func (b *budget) spend(work int) {
	b.spent += work
	if b.spent < b.nextLook {
		return
	}
	b.nextLook = min(b.spent+workBetweenLooks, max(b.spent, b.limit)+1)
	if b.spent > b.limit {
		panic(stopped{errTooComplex})
	}
	if err := b.canceled(); err != nil {
		panic(stopped{err})
	}
}

// atMost does what may stay undone: it is stopped after that much work, wherever it is.
func (b *budget) atMost(work int, do func()) {
	whole := b.limit
	b.limit = min(whole, b.spent+work)
	b.nextLook = min(b.nextLook, b.limit+1)
	defer func() {
		b.limit = whole
		if p := recover(); p != nil && (p != any(stopped{errTooComplex}) || b.spent > whole) {
			panic(p)
		}
	}()
	do()
}

// end turns the panic of spend into an error; for defer.
func (b *budget) end(err *error) {
	switch p := recover().(type) {
	case nil:
	case stopped:
		*err = p.err
	default:
		panic(p)
	}
}
