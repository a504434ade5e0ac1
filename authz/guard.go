package authz

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Guard is what one operation requires of its caller: a short list of conditions, each with a bit behind the operation's
// own. It is made once for a prepared operation, read-only, and safe for concurrent use.
type Guard struct {
	op *operation.Operation
	// requirements by condition; the first is that there is a caller, which decides about the reason in errors.
	requirements []requirement
	// fields are the conditions of the operation's fields that have some, as bits.
	fields map[*operation.Field][]int
	// policies are the names of all policies that the conditions ask about, sorted.
	policies []string
}

// callerBit is the condition that there is a caller, among a guard's own.
const callerBit = 0

// Guard returns the guard of an operation. An operation with more conditions than Bits has room for is an error.
func (a *Authorizer) Guard(op *operation.Operation) (*Guard, error) {
	g := &Guard{op: op, fields: map[*operation.Field][]int{}}
	at := map[int]int{} // condition by index of requirement
	a.guard(g, op.Sub, at)
	if len(op.Conditions)+len(g.requirements) > operation.MaxConditions {
		return nil, gqlerr.New(gqlerr.ValidationFailed, "The operation has more than %d conditions", operation.MaxConditions)
	}
	slices.Sort(g.policies)
	g.policies = slices.Compact(g.policies)
	return g, nil
}

func (a *Authorizer) guard(g *Guard, selections []operation.Selection, at map[int]int) {
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Fragment:
			a.guard(g, s.Sub, at)
		case *operation.Field:
			if needs := a.needs(s.Def); len(needs) > 0 {
				g.fields[s] = a.conditions(g, needs, at)
			}
			a.guard(g, s.Sub, at)
		}
	}
}

// needs are the requirements of a field; __typename is free wherever its parent is.
func (a *Authorizer) needs(f *supergraph.Field) []int {
	if f.IsTypename() {
		return nil
	}
	return a.requirements.fields[f]
}

// conditions are the bits of requirements.
func (a *Authorizer) conditions(g *Guard, needs []int, at map[int]int) []int {
	if len(g.requirements) == 0 {
		g.requirements = append(g.requirements, requirement{kind: needsCaller, text: "@authenticated"})
	}
	bits := make([]int, len(needs))
	for i, n := range needs {
		r := a.requirements.all[n]
		if r.kind == needsCaller {
			at[n] = callerBit
		}
		c, ok := at[n]
		if !ok {
			c = len(g.requirements)
			at[n] = c
			g.requirements = append(g.requirements, r)
			g.addPolicies(r)
		}
		bits[i] = len(g.op.Conditions) + c
	}
	return bits
}

func (g *Guard) addPolicies(r requirement) {
	if r.kind == needsPolicies {
		for _, names := range r.anyOf {
			g.policies = append(g.policies, names...)
		}
	}
}

// Open tells whether the operation requires nothing of anybody.
func (g *Guard) Open() bool { return len(g.requirements) == 0 }

// Filter takes out of the operation what the bits, those of the operation and of the guard, do not permit, and says what
// that is.
func (g *Guard) Filter(bits operation.Bits) (operation.Permitted, []Denial) {
	if g.Open() {
		return operation.Filter(g.op, bits, operation.KeepAll), nil
	}
	keep := func(f *operation.Field) bool { return g.permits(f, bits) }
	return operation.Filter(g.op, bits, keep), g.Denials(bits)
}

func (g *Guard) permits(f *operation.Field, bits operation.Bits) bool {
	for _, bit := range g.fields[f] {
		if !bits.Has(bit) {
			return false
		}
	}
	return true
}

// Denial is one field of an operation that its caller may not see.
type Denial struct {
	// Path are the response keys down to the field. Listed tells that a list is on the way, so that the field has no single
	// place in the response.
	Path   []operation.ResponseKey
	Listed bool
	// Coordinate is the field on the type that it was selected on.
	Coordinate supergraph.Coordinate
	// Anonymous: there is no caller. Unmet are the requirements that do not hold, as a schema would write them.
	Anonymous bool
	Unmet     []string
}

// Denials lists the fields that the bits do not permit: each field that @skip and @include let through, once, but not what
// stands below a denied one.
func (g *Guard) Denials(bits operation.Bits) []Denial {
	d := denier{guard: g, bits: bits}
	d.walk(g.op.Sub, nil, false)
	return d.found
}

type denier struct {
	guard *Guard
	bits  operation.Bits
	found []Denial
}

func (d *denier) walk(selections []operation.Selection, path []operation.ResponseKey, listed bool) {
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Fragment:
			if s.When.Holds(d.bits) {
				d.walk(s.Sub, path, listed)
			}
		case *operation.Field:
			if !s.When.Holds(d.bits) {
				continue
			}
			below := append(path[:len(path):len(path)], s.Key)
			if d.guard.permits(s, d.bits) {
				d.walk(s.Sub, below, listed || s.Def.Type.Elem != nil)
				continue
			}
			d.found = append(d.found, d.denial(s, below, listed))
		}
	}
}

func (d *denier) denial(f *operation.Field, path []operation.ResponseKey, listed bool) Denial {
	offset := len(d.guard.op.Conditions)
	denial := Denial{
		Path: path, Listed: listed, Coordinate: f.Def.Coordinate(),
		Anonymous: !d.bits.Has(offset + callerBit),
	}
	for _, bit := range d.guard.fields[f] {
		if !d.bits.Has(bit) {
			denial.Unmet = append(denial.Unmet, d.guard.requirements[bit-offset].text)
		}
	}
	return denial
}

// GraphQLError returns the error that clients read. With explain it names the unmet requirements, which discloses the rules.
func (d Denial) GraphQLError(explain bool) *gqlerr.Error {
	keys := make([]string, len(d.Path))
	for i, k := range d.Path {
		keys[i] = string(k)
	}
	reason := "FORBIDDEN"
	if d.Anonymous {
		reason = "UNAUTHENTICATED"
	}
	e := gqlerr.New(gqlerr.UnauthorizedFieldOrType, "Unauthorized field or type").
		WithExtension("affectedPath", gqlerr.AppendString(nil, strings.Join(keys, "."))).
		WithExtension("reason", []byte(strconv.Quote(reason)))
	if explain {
		e = e.WithExtension("unmet", gqlerr.AppendString(nil, strings.Join(d.Unmet, " ")))
	}
	if d.Listed {
		return e
	}
	path := make([]gqlerr.PathElement, len(keys))
	for i, k := range keys {
		path[i] = gqlerr.Key(k)
	}
	return e.WithPath(path...)
}
