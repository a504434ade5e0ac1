package authz

import (
	"fmt"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Guard is what one operation requires of its caller: a short list of conditions, each with a bit behind the operation's
// own. It is made once for a prepared operation, read-only, and safe for concurrent use.
type Guard struct {
	op *operation.Operation
	// conditions have first that there is a caller, which decides about the reason in errors; none when nothing is required.
	conditions *conditions
	// whole are the same conditions among those of the whole schema, by index; callerOnly for the first.
	whole []int
	// fields are the operation's fields that require something.
	fields map[*operation.Field]guarded
	waits  bool
	dryRun bool
}

// guarded is a field that requires something.
type guarded struct {
	// def is the field on the narrowest type that is known where it stands.
	def  *supergraph.Field
	bits []int
}

// callerBit is the condition that there is a caller, among a guard's own.
const callerBit = 0

// callerOnly is the index of a condition that needs no looking up.
const callerOnly = -1

// Guard returns the guard of an operation, which must be one of the authorizer's schema. An operation with more conditions
// than Bits has room for is an error.
func (a *Authorizer) Guard(op *operation.Operation) (*Guard, error) {
	b := guardBuilder{
		authorizer: a,
		guard:      &Guard{op: op, fields: map[*operation.Field]guarded{}, dryRun: a.config.DryRun},
		at:         map[int]int{},
	}
	if err := b.selections(op.Sub, op.Type); err != nil {
		return nil, err
	}
	if len(op.Conditions)+len(b.needed) > operation.MaxConditions {
		return nil, gqlerr.New(gqlerr.ValidationFailed, "The operation has more than %d conditions", operation.MaxConditions)
	}
	b.guard.conditions = newConditions(b.needed)
	b.guard.waits = a.waitsFor(b.guard.conditions)
	return b.guard, nil
}

// guardBuilder makes one guard.
type guardBuilder struct {
	authorizer *Authorizer
	guard      *Guard
	needed     []requirement
	at         map[int]int // index in needed by index of requirement
}

// selections adds what is selected where objects are of the type on. A fragment narrows it, and one that says less than what
// is known does not widen it, so that fragments, whatever their conditions, change nothing about what a field requires.
func (b *guardBuilder) selections(selections []operation.Selection, on *supergraph.Type) error {
	for _, s := range selections {
		var err error
		switch s := s.(type) {
		case *operation.Fragment:
			err = b.selections(s.Sub, narrower(on, s.On))
		case *operation.Field:
			err = b.field(s, on)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *guardBuilder) field(s *operation.Field, on *supergraph.Type) error {
	def := s.Def
	if own := on.Field(def.Name); own != nil && !own.Inaccessible && narrower(on, def.Parent) == on {
		def = own
	}
	if def.IsTypename() || def.Parent.Introspection {
		return b.selections(s.Sub, def.Type.Named)
	}
	needs, known := b.authorizer.requirements.fields[def]
	if !known {
		return fmt.Errorf("authorizing: %s is no field of the authorizer's schema", def.Coordinate())
	}
	if len(needs) > 0 {
		b.guard.fields[s] = guarded{def, b.bits(needs)}
	}
	return b.selections(s.Sub, def.Type.Named)
}

// narrower returns on, if everything of type on is of type condition by declaration, or else the condition.
func narrower(on, condition *supergraph.Type) *supergraph.Type {
	if on.Implies(condition) {
		return on
	}
	return condition
}

// bits are the bits of requirements.
func (b *guardBuilder) bits(needs []int) []int {
	if len(b.needed) == 0 {
		b.needed = append(b.needed, requirement{kind: needsCaller, text: "@authenticated"})
		b.guard.whole = append(b.guard.whole, callerOnly)
	}
	bits := make([]int, len(needs))
	for i, n := range needs {
		r := b.authorizer.requirements.all[n]
		if r.kind == needsCaller {
			b.at[n] = callerBit
		}
		c, ok := b.at[n]
		if !ok {
			c = len(b.needed)
			b.at[n] = c
			b.needed = append(b.needed, r)
			b.guard.whole = append(b.guard.whole, n)
		}
		bits[i] = len(b.guard.op.Conditions) + c
	}
	return bits
}

// open tells whether the operation requires nothing of anybody.
func (g *Guard) open() bool { return len(g.conditions.list) == 0 }

// Waits tells whether evaluating the guard may have to wait for somebody: a source of policies that is asked over HTTP, or the
// program.
func (g *Guard) Waits() bool { return g.waits }

// Filter takes out of the operation what the bits, those of the operation and of the guard, do not permit, and says what
// that is. In a dry run nothing is taken out, and the denials are what would be.
func (g *Guard) Filter(bits operation.Bits) (operation.Permitted, []Denial) {
	if g.open() {
		return operation.Filter(g.op, bits, operation.KeepAll), nil
	}
	keep := operation.KeepAll
	if !g.dryRun {
		keep = func(f *operation.Field) bool { return g.permits(f, &bits) }
	}
	return operation.Filter(g.op, bits, keep), g.denials(bits)
}

func (g *Guard) permits(f *operation.Field, bits *operation.Bits) bool {
	for _, bit := range g.fields[f].bits {
		if !bits.Has(bit) {
			return false
		}
	}
	return true
}
