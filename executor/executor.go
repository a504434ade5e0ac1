package executor

import (
	"context"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// Options are an executor's limits. Zero means the default.
type Options struct {
	// MaxRepresentations is how many representations one fetch may send: 10,000.
	MaxRepresentations int
	// MaxErrors is how many errors one response may have; further ones are dropped: 1,000.
	MaxErrors int
	// MaxDepth is how many objects and lists may be nested in a subgraph's answer: 500.
	MaxDepth int
	// MaxValues is how many values (slots of objects, elements of lists; 12 bytes each) all answers to one operation may have
	// together: 8,000,000.
	MaxValues int
	// MaxResponse is how many bytes the data of a response may have, what null propagation takes back included: 64 MiB.
	MaxResponse int
	// MaxBody is how many bytes the request of an entity fetch may have, apart from the client's variables: 16 MiB.
	MaxBody int
	// MaxErrorBytes is how many bytes the messages, codes and paths of all errors of a response may have together; further
	// errors are dropped: 1 MiB.
	MaxErrorBytes int
	// Canonical tells for which subgraphs upstream.Request.Foreign matters; nil: for none.
	Canonical func(*supergraph.Subgraph) bool
	// Memory is what all executions together may hold, apart from what is small; nil is endless. An answer or response for
	// which nothing is left is an error with the code SERVICE_UNAVAILABLE.
	Memory *budget.Budget
}

func (o Options) withDefaults() Options {
	set := func(n *int, def int) {
		if *n <= 0 {
			*n = def
		}
	}
	set(&o.MaxRepresentations, 10_000)
	set(&o.MaxErrors, 1_000)
	set(&o.MaxDepth, 500)
	set(&o.MaxValues, 8_000_000)
	set(&o.MaxResponse, 64<<20)
	set(&o.MaxBody, 16<<20)
	set(&o.MaxErrorBytes, 1<<20)
	return o
}

// Executor runs programs over one schema. It is safe for concurrent use.
type Executor struct {
	schema  *supergraph.Schema
	doer    upstream.Doer
	options Options
	// objects are the names of the schema's object types, enums its enum types.
	objects       map[string]bool
	enums         map[*supergraph.Type]*enum
	introspection *introspection
	runs, outputs sync.Pool
}

// New returns an executor that makes its calls with doer.
func New(schema *supergraph.Schema, doer upstream.Doer, options Options) *Executor {
	e := &Executor{
		schema: schema, doer: doer, options: options.withDefaults(),
		objects: map[string]bool{}, enums: map[*supergraph.Type]*enum{},
		introspection: newIntrospection(schema),
	}
	for _, t := range schema.Types {
		e.addType(t)
	}
	for _, name := range introspectionTypes {
		if t := schema.Type(name); t != nil {
			e.addType(t)
		}
	}
	return e
}

func (e *Executor) addType(t *supergraph.Type) {
	switch t.Kind {
	case supergraph.Object:
		e.objects[t.Name] = true
	case supergraph.Enum:
		values := make(map[string]bool, len(t.EnumValues))
		for _, v := range t.EnumValues {
			values[v.Name] = !v.Inaccessible
		}
		e.enums[t] = &enum{values}
	default:
	}
}

// Compile makes a plan ready to run. An error means that the plan contradicts itself or its operation, or that it takes too much
// work (QUERY_PLAN_TOO_COMPLEX).
func (e *Executor) Compile(plan *planner.Plan) (*Program, error) {
	return compilePlan(e, plan, plan.Op.Operation().Variables, plan.Op.Response())
}

// Request is what one execution has of the client's request.
type Request struct {
	// Values are the coerced variables of the operation that was compiled.
	Values operation.Values
	// Origin is handed to upstream as it is.
	Origin *upstream.Origin
	// Visible tells which types and fields introspection shows; nil shows all that clients may see.
	Visible func(supergraph.Coordinate) bool
}

// Execute runs a program, which this executor compiled, and returns when every call that it made has returned. Whatever
// goes wrong is among the result's errors: it never fails as a whole. When ctx ends, running calls are cancelled, no new
// ones are made, and the result says so in one error. The caller must Release the result.
func (e *Executor) Execute(ctx context.Context, p *Program, req *Request) *Result {
	r := e.newRun(p, req)
	defer r.giveUp()
	r.fetch(ctx)
	return r.finish(ctx)
}
