package authz

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

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

// denials lists the fields that the bits do not permit: each field that @skip and @include let through, once, but not what
// stands below a denied one. It is independent of data: whether the field's parent exists, and how often, does not matter.
func (g *Guard) denials(bits operation.Bits) []Denial {
	if g.open() {
		return nil
	}
	d := denier{guard: g, bits: bits}
	d.walk(g.op.Sub, false)
	return d.found
}

type denier struct {
	guard *Guard
	bits  operation.Bits
	path  []operation.ResponseKey // of what is being looked at
	found []Denial
}

func (d *denier) walk(selections []operation.Selection, listed bool) {
	for _, s := range selections {
		switch s := s.(type) {
		case *operation.Fragment:
			if s.When.Holds(d.bits) {
				d.walk(s.Sub, listed)
			}
		case *operation.Field:
			if !s.When.Holds(d.bits) {
				continue
			}
			d.path = append(d.path, s.Key)
			if d.guard.permits(s, &d.bits) {
				d.walk(s.Sub, listed || s.Def.Type.Elem != nil)
			} else {
				d.found = append(d.found, d.denial(s, listed))
			}
			d.path = d.path[:len(d.path)-1]
		}
	}
}

func (d *denier) denial(f *operation.Field, listed bool) Denial {
	offset := len(d.guard.op.Conditions)
	denied := d.guard.fields[f]
	denial := Denial{
		Path: slices.Clone(d.path), Listed: listed, Coordinate: denied.def.Coordinate(),
		Anonymous: !d.bits.Has(offset + callerBit),
	}
	for _, bit := range denied.bits {
		if !d.bits.Has(bit) {
			denial.Unmet = append(denial.Unmet, d.guard.conditions.list[bit-offset].text)
		}
	}
	return denial
}

// AffectedPath returns the response keys with dots between them, without indexes of lists.
func (d Denial) AffectedPath() string {
	keys := make([]string, len(d.Path))
	for i, k := range d.Path {
		keys[i] = string(k)
	}
	return strings.Join(keys, ".")
}

// GraphQLError returns the error that clients read. With explain it names the unmet requirements, which discloses the rules.
// Below a list it has no path, since there is no single position (a deviation from GraphQL, section 7.1.2).
func (d Denial) GraphQLError(explain bool) *gqlerr.Error {
	reason := "FORBIDDEN"
	if d.Anonymous {
		reason = "UNAUTHENTICATED"
	}
	e := gqlerr.New(gqlerr.UnauthorizedFieldOrType, "Unauthorized field or type").
		WithExtension("affectedPath", gqlerr.AppendString(nil, d.AffectedPath())).
		WithExtension("reason", []byte(strconv.Quote(reason)))
	if explain {
		e = e.WithExtension("unmet", gqlerr.AppendString(nil, strings.Join(d.Unmet, " ")))
	}
	if d.Listed {
		return e
	}
	path := make([]gqlerr.PathElement, len(d.Path))
	for i, k := range d.Path {
		path[i] = gqlerr.Key(string(k))
	}
	return e.WithPath(path...)
}
