package planner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Planner plans operations over one supergraph. It is safe for concurrent use.
type Planner struct {
	schema    *supergraph.Schema
	subgraphs []*supergraph.Subgraph // with the introspection subgraph, by index
}

// New returns a planner for the schema, which it reads and never changes.
func New(schema *supergraph.Schema) *Planner {
	subgraphs := slices.Concat(schema.Subgraphs, []*supergraph.Subgraph{schema.Introspection})
	return &Planner{schema: schema, subgraphs: subgraphs}
}

// planning is the work on one operation.
type planning struct {
	*Planner
	budget

	op       operation.Permitted
	rootType *supergraph.Type
	root     *place
	// offered are the fields that subgraphs are known to resolve of all objects of some types.
	offered map[offer]bool
	// entries of the batch at work, by id.
	entries []*entry
	// resolving are the fields whose @requires are being explored.
	resolving []*supergraph.Field
	// cuts are those of them that stood in the way of something, since it would have needed itself.
	cuts []*supergraph.Field
	// entering are the doors whose keys are being looked for, each for the sake of the one before.
	entering []*door
	// trusted are the reasons to doubt that a field is external for which it is taken for the subgraph's own.
	trusted uint8
	// harms tells of what several want of the same objects whether it does harm (untold.go).
	harms map[string]bool
	// stamp is that of the last count of fields, see way.stamp.
	stamp int
}

// Plan returns the plan of an operation. The same operation gives the same plan, byte for byte. An operation that cannot be
// resolved over the subgraphs, or that takes too much work to plan (QUERY_PLAN_TOO_COMPLEX), is an error. When ctx ends,
// planning soon ends with its error.
func (p *Planner) Plan(ctx context.Context, op operation.Permitted) (plan *Plan, err error) {
	work := newPlanning(p, op, newBudget(ctx))
	defer work.end(&err)
	batches, err := work.batches()
	if err != nil {
		return nil, err
	}
	return work.finish(batches), nil
}

func newPlanning(p *Planner, op operation.Permitted, b budget) *planning {
	work := &planning{
		Planner: p, op: op, rootType: op.Operation().Type, root: newPlace(nil, -1), budget: b,
		offered: map[offer]bool{}, harms: map[string]bool{},
	}
	work.root.types, work.root.visible = work.rootType.Possible, work.rootType.Possible
	return work
}

// batch is a part of the operation that is planned as one: a whole query, or the mutations that one request carries.
type batch struct {
	*choice

	goals []*branch
}

// batches plans the operation up to the fetch graphs. What cannot be planned is planned once more, trusting subgraphs to know
// what they are said not to, as little of it as will do.
func (p *planning) batches() (batches []*batch, err error) {
	if p.op.TooComplex() {
		return nil, errTooComplex
	}
	for n, trusted := range p.schema.Trusts {
		if n > 0 {
			*p = *newPlanning(p.Planner, p.op, p.budget)
		}
		p.trusted = trusted
		planned, failed := p.inBatches()
		if failed == nil {
			return planned, nil
		}
		err = cmp.Or(err, failed)
	}
	return nil, err
}

// inBatches plans a query as a whole, mutations one behind the other.
func (p *planning) inBatches() ([]*batch, error) {
	wants := clientWants(p.op.Selections())
	if p.op.Operation().Kind == operation.Mutation {
		return p.mutations(wants)
	}
	b, err := p.solve(wants, p.subgraphs)
	return []*batch{b}, err
}

// solve plans some root selections as one, of which only the given subgraphs may be asked: it finds the ways of every leaf,
// and chooses among them.
func (p *planning) solve(wants []want, at []*supergraph.Subgraph) (*batch, error) {
	p.entries, p.harms = nil, map[string]bool{} // harms knows selections by their addresses
	goals, err := p.findPaths(wants, at)
	if err != nil {
		return nil, planError(err)
	}
	chosen := p.choose(goals)
	if chosen == nil {
		return nil, planError(errors.New("fields require each other"))
	}
	chosen.count()
	return &batch{goals: goals, choice: chosen}, nil
}

func planError(err error) error {
	return gqlerr.New(gqlerr.InternalServerError, "The operation cannot be planned: %s", err)
}

// finish assembles the batches, so that each waits for all of the one before.
func (p *planning) finish(batches []*batch) *Plan {
	plan := &Plan{Kind: p.op.Operation().Kind, Root: p.root.layout, Op: p.op}
	p.narrow(batches)
	p.root.seal(p.rootType.Field("__typename"))
	var before []int
	for _, b := range batches {
		from := len(plan.Fetches)
		p.assemble(b, plan)
		for _, f := range plan.Fetches[from:] {
			if len(f.Needs) == 0 {
				f.Needs = before
			}
		}
		before = sinks(plan.Fetches[from:])
	}
	return plan
}

// narrow sets the types of every place to what the chosen ways can bring there: while these were looked for, the others counted,
// too.
func (p *planning) narrow(batches []*batch) {
	found := map[*place]typeSet{}
	seen := map[*way]bool{}
	for _, b := range batches {
		for t := range b.activation.taken() {
			for w := t.way; w.from != nil && !seen[w]; w = w.from {
				seen[w] = true
				p.spend(1 + len(w.types)/16)
				found[w.site.place] = found[w.site.place].or(w.types)
			}
		}
	}
	for at, types := range found {
		at.types, at.visible = types, at.visible.and(types)
	}
}

// sinks are the fetches that no other one needs.
func sinks(fetches []*Fetch) []int {
	needed := map[int]bool{}
	for _, f := range fetches {
		for _, id := range f.Needs {
			needed[id] = true
		}
	}
	var ids []int
	for _, f := range fetches {
		if !needed[f.ID] {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// Stage names a stage of planning whose outcome can be printed.
type Stage string

// The stages of Explain.
const (
	StagePaths   Stage = "paths"
	StageFetches Stage = "fetches"
	StagePlan    Stage = "plan"
)

// Stages are the stages of Explain, in their order.
var Stages = []Stage{StagePaths, StageFetches, StagePlan}

// Explain prints the outcome of one stage of planning the operation. Errors are those of Plan.
func (p *Planner) Explain(ctx context.Context, op operation.Permitted, stage Stage) (text string, err error) {
	work := newPlanning(p, op, newBudget(ctx))
	defer work.end(&err)
	batches, err := work.batches()
	if err != nil {
		return "", err
	}
	for _, b := range batches {
		switch stage {
		case StagePaths:
			text += pathsText(b.goals)
		case StageFetches:
			text += b.graph.text()
		case StagePlan:
		default:
			return "", fmt.Errorf("unknown stage %q: there are %v", stage, Stages)
		}
	}
	if stage == StagePlan {
		text = work.finish(batches).String()
	}
	return text, nil
}
