package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"sync"

	"github.com/maypok86/otter/v2"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/operation"
)

// Bounds of the caches, in bytes of text: what is made of a text is in proportion to it.
const (
	preparedWeight = 16 << 20
	programsWeight = 32 << 20
	// entryWeight is what an entry weighs beside its text.
	entryWeight = 1 << 10
	// maxVariants is how many variants of one operation are kept: n boolean variables of a client could make 2^n.
	maxVariants = 64
)

// caches hold what documents were prepared to, and what was planned for them. Errors are not kept: they are cheap to find
// again, and a client that sends nonsense must not push out what others use. Of callers who miss the same entry at the
// same time one does the work.
type caches struct {
	prepared *otter.Cache[documentKey, *prepared]
	programs *otter.Cache[programKey, *program]
	// busy bounds how many operations are prepared or planned at the same time.
	busy chan struct{}
}

// documentKey stands for a document and an operation name, by SHA-256: a key that can be forged would hand one client the
// operation of another.
type documentKey struct{ document, name [sha256.Size]byte }

// programKey is a variant of an operation.
type programKey struct {
	operation [sha256.Size]byte
	bits      operation.Bits
}

// prepared is an operation and which of its variants are kept.
type prepared struct {
	*operation.Operation
	weight uint32

	mu       sync.Mutex
	variants []operation.Bits // the oldest at next once there are maxVariants
	next     int
}

// program is a compiled plan.
type program struct {
	*executor.Program
	weight uint32
}

// newCaches returns empty caches.
func newCaches() *caches {
	return &caches{
		prepared: otter.Must(&otter.Options[documentKey, *prepared]{
			MaximumWeight: preparedWeight,
			Weigher:       func(_ documentKey, p *prepared) uint32 { return p.weight },
		}),
		programs: otter.Must(&otter.Options[programKey, *program]{
			MaximumWeight: programsWeight,
			Weigher:       func(_ programKey, p *program) uint32 { return p.weight },
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

// prepare returns the prepared operation of the request.
func (s *state) prepare(ctx context.Context, p *params) (*prepared, error) {
	key := documentKey{document: sha256.Sum256(p.query), name: sha256.Sum256(p.operationName)}
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
			op, err := s.preparer.Prepare(document, name)
			if err != nil {
				return nil, err
			}
			return &prepared{Operation: op, weight: uint32(entryWeight + len(document))}, nil
		}))
}

// program returns the compiled plan of the variant that the bits select.
func (s *state) program(ctx context.Context, op *prepared, bits operation.Bits) (*executor.Program, error) {
	key := programKey{operation: op.ID, bits: bits}
	if found, ok := s.caches.programs.GetIfPresent(key); ok {
		return found.Program, nil
	}
	made, err := s.caches.programs.Get(ctx, key, otter.LoaderFunc[programKey, *program](
		func(ctx context.Context, _ programKey) (*program, error) {
			if err := s.caches.enter(ctx); err != nil {
				return nil, err
			}
			defer s.caches.leave()
			return s.plan(op.Operation, bits)
		}))
	if err != nil {
		return nil, err
	}
	if oldest, full := op.remember(bits); full {
		s.caches.programs.Invalidate(programKey{operation: op.ID, bits: oldest})
	}
	return made.Program, nil
}

// plan plans and compiles one variant of an operation.
func (s *state) plan(op *operation.Operation, bits operation.Bits) (*program, error) {
	plan, err := s.planner.Plan(operation.Filter(op, bits, operation.KeepAll))
	if err != nil {
		return nil, err
	}
	compiled, err := s.executor.Compile(plan)
	if err != nil {
		return nil, err
	}
	weight := entryWeight
	for _, f := range plan.Fetches {
		weight += len(f.Document)
	}
	return &program{Program: compiled, weight: uint32(weight)}, nil
}

// remember notes that a variant is kept. When there are too many it returns the oldest, which is to be given up.
func (p *prepared) remember(bits operation.Bits) (oldest operation.Bits, full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.variants, bits) {
		return oldest, false
	}
	if len(p.variants) < maxVariants {
		p.variants = append(p.variants, bits)
		return oldest, false
	}
	oldest = p.variants[p.next]
	p.variants[p.next] = bits
	p.next = (p.next + 1) % maxVariants
	return oldest, true
}
