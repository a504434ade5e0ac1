package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"math"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"github.com/gatehouse-graphql/gatehouse/authz"
	"github.com/gatehouse-graphql/gatehouse/internal/footprint"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Bounds of the caches.
const (
	// preparedShare is which part of the memory for caches is for prepared operations: one in so many. Their plans are larger.
	preparedShare = 4
	// entryWeight is what an entry weighs in bytes beside its value.
	entryWeight = 512
	// maxVariants is how many variants of one operation are kept: n boolean variables of a client could make 2^n.
	maxVariants = 64
)

// caches hold what documents were prepared to, and what was planned for them. Errors are not kept: what it costs to find them
// again is bounded, and a client that sends nonsense must not push out what others use. Of callers who miss the same entry at the
// same time one does the work, under its own context; if it goes away while it waits for its turn, another one takes over.
type caches struct {
	prepared *otter.Cache[documentKey, *prepared]
	variants *otter.Cache[variantKey, *variant]
	// busy bounds how many operations are prepared or planned at the same time.
	busy chan struct{}
}

// documentKey stands for a document and an operation name, by SHA-256: a key that can be forged would hand one client the
// operation of another.
type documentKey struct{ document, name [sha256.Size]byte }

// variantKey is a variant of an operation: with the bits of its guard, two callers share one exactly if they may see the same.
type variantKey struct {
	operation [sha256.Size]byte
	bits      operation.Bits
}

// prepared is an operation, what it requires of its caller, and which of its variants are kept.
type prepared struct {
	*operation.Operation
	guard  *authz.Guard
	weight uint32
	// introspects: the operation asks for the schema.
	introspects bool

	mu       sync.Mutex
	variants []keptVariant // in a circle once there are maxVariants, to be looked at from next on
	next     int
}

// keptVariant is a variant that is in the cache, unless it was pushed out by those of other operations.
type keptVariant struct {
	bits operation.Bits
	used *atomic.Bool // the variant's
}

// scale weighs entries. The schema is shared by all operations and weighs nothing.
var scale = footprint.NewMeter(
	reflect.TypeFor[supergraph.Schema](), reflect.TypeFor[supergraph.Subgraph](), reflect.TypeFor[supergraph.Type](),
	reflect.TypeFor[supergraph.Field](),
)

// weigh returns how many bytes the values hold, with the entry that they are in.
func weigh(values ...any) uint32 {
	return uint32(min(entryWeight+scale.Of(values...), math.MaxUint32))
}

// newCaches returns empty caches that hold so many bytes together.
func newCaches(bytes int64) *caches {
	return &caches{
		prepared: otter.Must(&otter.Options[documentKey, *prepared]{
			MaximumWeight: uint64(bytes / preparedShare),
			Weigher:       func(_ documentKey, p *prepared) uint32 { return p.weight },
		}),
		variants: otter.Must(&otter.Options[variantKey, *variant]{
			MaximumWeight: uint64(bytes - bytes/preparedShare),
			Weigher:       func(_ variantKey, v *variant) uint32 { return v.weight },
		}),
		busy: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
	}
}

// enter waits for a place among the busy; leave gives it back.
func (c *caches) enter(ctx context.Context) error {
	select {
	case c.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *caches) leave() { <-c.busy }

// keyOf returns the key of the request's operation.
func keyOf(p *params) documentKey {
	return documentKey{document: sha256.Sum256(p.query), name: sha256.Sum256(p.operationName)}
}

// prepare returns the prepared operation of the request, and makes it when it is not kept.
func (s *state) prepare(ctx context.Context, p *params) (*prepared, error) {
	key := keyOf(p)
	if found, ok := s.caches.prepared.GetIfPresent(key); ok {
		return found, nil
	}
	document, name := bytes.Clone(p.query), string(p.operationName)
	return s.caches.prepared.Get(ctx, key, otter.LoaderFunc[documentKey, *prepared](
		func(ctx context.Context, _ documentKey) (*prepared, error) {
			if err := s.caches.enter(ctx); err != nil {
				return nil, err
			}
			defer s.caches.leave()
			op, err := s.preparer.Prepare(ctx, document, name)
			if err != nil {
				return nil, err
			}
			if err := checkKind(op); err != nil {
				return nil, err
			}
			if err := s.rules.checkIntrospection(op); err != nil {
				return nil, err
			}
			guard, err := s.rules.Guard(op)
			if err != nil {
				return nil, err
			}
			return &prepared{Operation: op, guard: guard, introspects: introspects(op.Sub), weight: weigh(op, guard)}, nil
		}))
}

// keptVariant returns what the bits, those of the guard included, select of the operation, if that is kept.
func (c *caches) keptVariant(op *prepared, bits operation.Bits) (*variant, bool) {
	found, ok := c.variants.GetIfPresent(variantKey{operation: op.ID, bits: bits})
	if ok && !found.used.Load() { // a write on each request would be felt by all processors
		found.used.Store(true)
	}
	return found, ok
}

// variant returns what the bits select of the operation, and plans it when that is not kept.
func (s *state) variant(ctx context.Context, op *prepared, bits operation.Bits) (*variant, error) {
	if found, ok := s.caches.keptVariant(op, bits); ok {
		return found, nil
	}
	key := variantKey{operation: op.ID, bits: bits}
	made, err := s.caches.variants.Get(ctx, key, otter.LoaderFunc[variantKey, *variant](
		func(ctx context.Context, _ variantKey) (*variant, error) {
			if err := s.caches.enter(ctx); err != nil {
				return nil, err
			}
			defer s.caches.leave()
			return s.plan(ctx, op, bits)
		}))
	if err != nil {
		return nil, err
	}
	if unused, full := op.remember(bits, made); full {
		s.caches.variants.Invalidate(variantKey{operation: op.ID, bits: unused})
	}
	return made, nil
}

// plan takes out of the operation what is denied, and plans and compiles the rest, unless it is always refused as a whole.
func (s *state) plan(ctx context.Context, op *prepared, bits operation.Bits) (*variant, error) {
	permitted, denials := op.guard.Filter(bits)
	v := s.rules.newVariant(denials)
	v.weight = weigh(v)
	defer s.rules.addCounters(v) // which are shared: they weigh nothing
	if s.rules.Refuse(denials, "") != nil {
		return v, nil
	}
	plan, err := s.planner.Plan(ctx, permitted)
	if err != nil {
		return nil, err
	}
	if err := s.checkFetches(plan); err != nil {
		return nil, err
	}
	if v.program, err = s.executor.Compile(plan); err != nil {
		return nil, err
	}
	v.weight = weigh(v)
	return v, nil
}

// checkFetches refuses a plan with too many requests to subgraphs. Introspection is none, but at each further place counts like one.
func (s *state) checkFetches(plan *planner.Plan) error {
	n := len(plan.Fetches)
	if slices.ContainsFunc(plan.Fetches, func(f *planner.Fetch) bool { return f.Subgraph == s.schema.Introspection }) {
		n--
	}
	if n > s.limits.Fetches {
		return gqlerr.New(gqlerr.QueryPlanTooComplex, "The operation needs %d requests to subgraphs, more than %d", n, s.limits.Fetches)
	}
	return nil
}

// remember notes that a variant is kept. When there are too many it returns one that is to be given up: the oldest that was
// not used since it was last looked at (the clock algorithm), so that a client who runs through the variants of a document
// does not push out those that others use.
func (p *prepared) remember(bits operation.Bits, v *variant) (unused operation.Bits, full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.variants, func(k keptVariant) bool { return k.bits == bits }); i >= 0 {
		p.variants[i].used = v.used
		return unused, false
	}
	if len(p.variants) < maxVariants {
		p.variants = append(p.variants, keptVariant{bits, v.used})
		return unused, false
	}
	for p.variants[p.next].used.Swap(false) {
		p.next = (p.next + 1) % maxVariants
	}
	unused = p.variants[p.next].bits
	p.variants[p.next] = keptVariant{bits, v.used}
	p.next = (p.next + 1) % maxVariants
	return unused, true
}
