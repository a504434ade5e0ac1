package operation

import (
	"bytes"
	"math"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// mismatch reports a value that is of another kind than wanted, and steps over it.
func (c *coercer) mismatch(want string) {
	c.peek()
	start := c.at
	c.skip()
	c.problem(want + ", found " + clip(string(c.src[start:c.at])))
}

// enum reads the name of an enum value.
func (c *coercer) enum(t *supergraph.Type) {
	if c.peek() != '"' {
		c.mismatch("expected a value of the enum " + quote(t.Name))
		return
	}
	start := c.at
	c.string()
	name := text(c.src[start:c.at])
	for _, v := range t.EnumValues {
		if string(name) == v.Name && !v.Inaccessible {
			c.dst = append(append(append(c.dst, '"'), v.Name...), '"')
			return
		}
	}
	meant := ""
	if len(c.errs) < maxErrors {
		meant = asPart(c.suggest.enum(t, string(name)))
	}
	c.problem("value " + clip(string(c.src[start:c.at])) + " does not exist in the enum " + quote(t.Name) + meant)
}

// scalar reads a value of a scalar type; one of a custom scalar may be anything.
func (c *coercer) scalar(t *supergraph.Type) {
	next := c.peek()
	number := next == '-' || isDigit(next)
	switch t.Name {
	case "Int":
		if !number {
			c.mismatch("Int cannot represent a non-integer value")
			return
		}
		c.int()
	case "Float":
		if !number {
			c.mismatch("Float cannot represent a non numeric value")
			return
		}
		c.float()
	case "String":
		if next != '"' {
			c.mismatch("String cannot represent a non string value")
			return
		}
		c.dst = c.copy(c.dst, true)
	case "Boolean":
		if next != 't' && next != 'f' {
			c.mismatch("Boolean cannot represent a non boolean value")
			return
		}
		c.dst = c.copy(c.dst, true)
	case "ID":
		c.id(next == '"', number)
	default:
		c.dst = c.copy(c.dst, true)
	}
}

// int reads an Int: an integral number in 32 bits, however it is written.
func (c *coercer) int() {
	start := c.at
	integer := c.number()
	raw := c.src[start:c.at]
	if c.bad != "" {
		return
	}
	if integer && len(raw) < 10 && raw[0] != '-' {
		c.dst = append(c.dst, raw...)
		return
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case err != nil || f != math.Trunc(f):
		c.problem("Int cannot represent a non-integer value, found " + clip(string(raw)))
	case f < math.MinInt32 || f > math.MaxInt32:
		c.problem("Int cannot represent a non 32-bit signed integer value, found " + clip(string(raw)))
	default:
		c.dst = strconv.AppendInt(c.dst, int64(f), 10)
	}
}

// float reads a Float: any number that a double can hold.
func (c *coercer) float() {
	start := c.at
	integer := c.number()
	raw := c.src[start:c.at]
	if c.bad != "" {
		return
	}
	// Only an exponent, or hundreds of digits, can lead out of the range.
	if (!integer || len(raw) > 300) && (len(raw) > 300 || bytes.ContainsAny(raw, "eE")) && !isFinite(string(raw)) {
		c.problem("Float cannot represent a number that is not finite, found " + clip(string(raw)))
		return
	}
	c.dst = append(c.dst, raw...)
}

// id reads an ID: a string or an integer, which becomes a string.
func (c *coercer) id(isString, isNumber bool) {
	switch {
	case isString:
		c.dst = c.copy(c.dst, true)
	case isNumber:
		start := c.at
		integer := c.number()
		raw := c.src[start:c.at]
		if !integer && c.bad == "" {
			c.problem("ID cannot represent a non-string and non-integer value, found " + clip(string(raw)))
		}
		c.dst = append(append(append(c.dst, '"'), raw...), '"')
	default:
		c.mismatch("ID cannot represent a non-string and non-integer value")
	}
}
