package operation

// Evaluate returns the outcomes of the operation's conditions: of @skip and @include from the variables that Coerce
// returned, of override labels from labelOn, which may be nil when none is on.
func (op *Operation) Evaluate(values Values, labelOn func(label string) bool) Bits {
	var bits Bits
	for i, c := range op.Conditions {
		switch {
		case c.Variable >= 0:
			if string(values[c.Variable]) == "true" {
				bits.Set(i)
			}
		case labelOn != nil && labelOn(c.Label):
			bits.Set(i)
		}
	}
	return bits
}
