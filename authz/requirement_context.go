package authz

import (
	"slices"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// brokenContext tells whether it is not known what a @fromContext on f, or on the same field of an interface, takes: then
// nobody may select f, since what it would show is not known.
func brokenContext(f *supergraph.Field) bool {
	declared := []*supergraph.Field{f}
	for _, i := range f.Parent.Interfaces {
		if field := i.Field(f.Name); field != nil {
			declared = append(declared, field)
		}
	}
	for _, f := range declared {
		for _, in := range f.In {
			if in != nil && slices.ContainsFunc(in.ContextArgs, takesNothing) {
				return true
			}
		}
	}
	return false
}

// takesNothing tells whether nobody sets the context, or nothing is selected on a type that does. The name of the type is
// something, although no field of the schema.
func takesNothing(arg supergraph.ContextArg) bool {
	empty := func(from supergraph.ContextSource) bool { return len(from.Fields.Selections) == 0 }
	return len(arg.From) == 0 || slices.ContainsFunc(arg.From, empty)
}

// contextFields returns the fields that a @fromContext selects on the types that set its context: they are those of which
// plans take it. A type condition narrows nothing here, since a field with a condition too many is safe.
func contextFields(arg supergraph.ContextArg) []*supergraph.Field {
	var found []*supergraph.Field
	for _, from := range arg.From {
		found = appendNamed(found, from.Fields.Selections)
	}
	return found
}
