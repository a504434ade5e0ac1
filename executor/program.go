package executor

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Program is a plan made ready to run: decoders, templates and response shape. It is immutable and safe for concurrent use.
type Program struct {
	root    *layout
	shape   *objectShape
	fetches []*fetch
	// shareable: what is read in a mutation must not be what somebody else read before it.
	shareable bool
	// contextual: some fetch depends on what lies above the objects it is about.
	contextual bool
	// first are the fetches that need no other.
	first []int
	// variables of the operation; Request.Values go with them.
	variables []*operation.Variable
}

// fetch is a compiled planner.Fetch.
type fetch struct {
	subgraph *supergraph.Subgraph
	// service is the subgraph's name as JSON.
	service []byte
	// repeatable: a fetch without effects.
	repeatable bool
	// local: the introspection subgraph, answered from the schema.
	local bool
	// head is the body up to the document's closing quote.
	head []byte
	// needs and then are indexes of fetches: those before and those behind.
	needs, then []int
	inputs      inputs
	// Of a root fetch: what it brings and where.
	root *selection
	path []hop
	// asked is the planner's selection of a local fetch.
	asked *planner.Selection
	// Of an entity fetch.
	lookups []*lookup
	// contextual is set where a lookup has contexts, so that the document is written anew in each run.
	contextual *contextual
	// position is the path for errors of the fetch as a whole, up to the first list.
	position gqlerr.Path
}

// hop is a compiled planner.Step.
type hop struct {
	slot int
	// types from whose objects the hop leads on, by index; nil for all.
	types []bool
}

// leads tells whether the hop leads on from an object of a run-time type. One that nobody has told yet was reached through an
// interface object, where all types have the same.
func (h *hop) leads(runtime uint32) bool {
	return h.types == nil || runtime == typeUnset || knownType(runtime) && h.types[runtime-1]
}

// inputs are the variables of a fetch's document, in the order of their names.
type inputs struct {
	list []input
	// canonical: upstream has to know which of their values are foreign.
	canonical bool
}

// input is a variable of a fetch's document: one of the client's that is passed on, or the representations of a lookup.
type input struct {
	name   string
	prefix []byte // "name": or "name":[
	// lookup is the index of a lookup, -1 for a client's variable, which has this index in the operation.
	lookup, index int
}

// lookup is a compiled planner.Lookup.
type lookup struct {
	alias   string
	targets []*target
	// planned is what the planner says of it.
	planned *planner.Lookup
}

// target is a compiled planner.Target.
type target struct {
	path   []hop
	layout *layout
	// byType are the templates by run-time type; nil: not looked up, and selective tells that this is so of some. untyped is for
	// objects whose type is not known yet.
	byType    []*template
	untyped   *template
	selective bool
	selection *selection
	// contexts are the sources of each context of the lookup, the nearest first.
	contexts [][]contextSource
}

// compiler makes one Program.
type compiler struct {
	exec    *Executor
	plan    *planner.Plan
	vars    []*operation.Variable
	layouts map[*planner.Object]*layout
	// shapes and lists that are made already, by what they are made of; ids number that.
	shapes map[string]*objectShape
	lists  map[string]*fieldList
	ids    map[any]int
	slots  map[slotOf]int
	// work is what was looked at for shapes.
	work int
}

// compilePlan compiles a plan for a response of the given selections. A plan that contradicts itself or the selections is
// an error: a fault of the planner. One that takes too much work has the code QUERY_PLAN_TOO_COMPLEX.
func compilePlan(e *Executor, plan *planner.Plan, vars []*operation.Variable, response []operation.Selection) (*Program, error) {
	if len(plan.Fetches) > math.MaxUint16 {
		return nil, gqlerr.New(gqlerr.QueryPlanTooComplex, "the operation needs more than %d fetches", math.MaxUint16)
	}
	c := &compiler{
		exec: e, plan: plan, vars: vars,
		layouts: map[*planner.Object]*layout{},
		shapes:  map[string]*objectShape{},
		lists:   map[string]*fieldList{},
		ids:     map[any]int{},
		slots:   map[slotOf]int{},
	}
	p := &Program{root: c.layout(plan.Root), variables: vars, shareable: plan.Kind == operation.Query}
	for i, f := range plan.Fetches {
		compiled, err := c.fetch(i, f)
		if err != nil {
			return nil, err
		}
		p.fetches = append(p.fetches, compiled)
		p.contextual = p.contextual || compiled.contextual != nil
	}
	for i, f := range p.fetches {
		if len(f.needs) == 0 {
			p.first = append(p.first, i)
		}
		for _, n := range f.needs {
			p.fetches[n].then = append(p.fetches[n].then, i)
		}
	}
	var err error
	p.shape, err = c.objectShape(below{layout: plan.Root, visible: plan.Root.Visible}, []*operation.Field{{Sub: response}})
	if err != nil {
		return nil, err
	}
	c.needs()
	return p, nil
}

// fetch compiles the fetch with index i.
func (c *compiler) fetch(i int, f *planner.Fetch) (*fetch, error) {
	out := &fetch{
		subgraph:   f.Subgraph,
		service:    gqlerr.AppendString(nil, string(f.Subgraph.Name)),
		repeatable: f.Kind == operation.Query,
		local:      f.Subgraph == c.exec.schema.Introspection,
		head:       gqlerr.AppendString([]byte(`{"query":`), f.Document),
		path:       c.hops(f.Path),
		inputs:     inputs{canonical: c.exec.options.Canonical != nil && c.exec.options.Canonical(f.Subgraph)},
	}
	for _, id := range f.Needs {
		if id < 1 || id > i {
			return nil, fmt.Errorf("compiling plan: fetch %d needs %d", f.ID, id)
		}
		out.needs = append(out.needs, id-1)
	}
	for _, v := range f.Variables {
		if v < 0 || v >= len(c.vars) {
			return nil, fmt.Errorf("compiling plan: fetch %d uses variable %d of %d", f.ID, v, len(c.vars))
		}
		out.inputs.list = append(out.inputs.list, newInput(c.vars[v].Name, ":", -1, v))
	}
	if f.Root != nil {
		var err error
		if out.root, err = c.selection(i, f.Root); err != nil {
			return nil, err
		}
		out.asked = f.Root
	}
	for n, l := range f.Entities {
		compiled, err := c.lookup(i, l)
		if err != nil {
			return nil, err
		}
		out.lookups = append(out.lookups, compiled)
		if len(l.Contexts) > 0 {
			out.contextual = c.contextual(f)
		}
		out.inputs.list = append(out.inputs.list, newInput(l.Variable, ":[", n, -1))
	}
	slices.SortFunc(out.inputs.list, func(a, b input) int { return strings.Compare(a.name, b.name) })
	out.position = position(c.plan.Root, f)
	return out, nil
}

func newInput(name, opening string, lookup, index int) input {
	return input{name: name, prefix: append(gqlerr.AppendString(nil, name), opening...), lookup: lookup, index: index}
}

// hops compiles a path from the root.
func (c *compiler) hops(path []planner.Step) []hop {
	hops := make([]hop, len(path))
	at := c.plan.Root
	for i, step := range path {
		hops[i] = hop{step.Slot, c.layout(at).typeSet(step.Types)}
		at = at.Slots[step.Slot].Object
	}
	return hops
}

// lookup compiles a lookup of the fetch with index i.
func (c *compiler) lookup(i int, l *planner.Lookup) (*lookup, error) {
	out := &lookup{alias: l.Alias, planned: l}
	for _, t := range l.Targets {
		sel, err := c.selection(i, t.Selection)
		if err != nil {
			return nil, err
		}
		compiled := &target{path: c.hops(t.Path), layout: c.layout(t.Object), selection: sel}
		if sel.layout != compiled.layout {
			return nil, fmt.Errorf("compiling plan: the selection of lookup %q is for other objects", l.Alias)
		}
		c.templates(compiled, t)
		c.contexts(compiled, t)
		out.targets = append(out.targets, compiled)
	}
	return out, nil
}

// position is the response path of what a fetch brings, as far as it is the same for everything: the common part of its
// lookups' paths, up to the first list or the first slot that the client did not select; for a fetch of one root field, that
// field.
func position(root *planner.Object, f *planner.Fetch) gqlerr.Path {
	path := f.Path
	if len(f.Entities) > 0 {
		path = f.Entities[0].Targets[0].Path
		for _, l := range f.Entities {
			for _, t := range l.Targets {
				path = commonPrefix(path, t.Path)
			}
		}
	}
	var out gqlerr.Path
	at := root
	for _, step := range path {
		slot := at.Slots[step.Slot]
		if slot.Key == "" {
			return out
		}
		out = append(out, gqlerr.Key(string(slot.Key)))
		if slot.Type.Elem != nil {
			return out
		}
		at = slot.Object
	}
	if f.Root != nil && len(f.Root.Fields) == 1 && f.Root.Fields[0].Slot >= 0 {
		if key := f.Root.Object.Slots[f.Root.Fields[0].Slot].Key; key != "" {
			out = append(out, gqlerr.Key(string(key)))
		}
	}
	return out
}

func commonPrefix(a, b []planner.Step) []planner.Step {
	n := 0
	for n < len(a) && n < len(b) && a[n].Slot == b[n].Slot {
		n++
	}
	return a[:n]
}
