package operation

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// What clients see of the supergraph. An inaccessible element does not exist for them; whoever asks for one gets the
// same answer as for a name that nobody defined.

// visibleType returns the type of that name, or nil.
func visibleType(s *supergraph.Schema, name string) *supergraph.Type {
	if t := s.Type(name); t != nil && !t.Inaccessible {
		return t
	}
	return nil
}

// visibleField returns the field of that name, or nil.
func visibleField(t *supergraph.Type, name string) *supergraph.Field {
	if f := t.Field(name); f != nil && !f.Inaccessible && (f.Type.Named == nil || !f.Type.Named.Inaccessible) {
		return f
	}
	return nil
}

// visibleInput returns the argument or input field of that name, or nil.
func visibleInput(list []*supergraph.InputValue, name string) *supergraph.InputValue {
	for _, in := range list {
		if in.Name == name && !in.Inaccessible {
			return in
		}
	}
	return nil
}

// visibleEnum tells whether the enum has that value.
func visibleEnum(t *supergraph.Type, name string) bool {
	for _, v := range t.EnumValues {
		if v.Name == name {
			return !v.Inaccessible
		}
	}
	return false
}

// isRequired tells whether an argument or input field must be given.
func isRequired(in *supergraph.InputValue) bool {
	return in.Type.NonNull && in.Default == nil && !in.Inaccessible
}

// isInput tells whether values of the type can be given by clients.
func isInput(t *supergraph.Type) bool {
	return t.Kind == supergraph.Scalar || t.Kind == supergraph.Enum || t.Kind == supergraph.InputObject
}

// overlaps tells whether a visible object type is possible for both types.
func overlaps(a, b *supergraph.Type) bool {
	if a == b {
		return true
	}
	// Both lists are sorted by name.
	x, y := a.Possible, b.Possible
	for len(x) > 0 && len(y) > 0 {
		switch {
		case x[0] == y[0]:
			if !x[0].Inaccessible {
				return true
			}
			x, y = x[1:], y[1:]
		case x[0].Name < y[0].Name:
			x = x[1:]
		default:
			y = y[1:]
		}
	}
	return false
}
