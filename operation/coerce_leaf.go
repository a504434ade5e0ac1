package operation

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// mismatch reports a value that is of another kind than wanted, and steps over it.
func (c *coercer) mismatch(want string) {
	c.Peek()
	start := c.At
	c.Value()
	c.problem(want + ", found " + clip(string(c.Src[start:c.At])))
}

// enum reads the name of an enum value.
func (c *coercer) enum(t *supergraph.Type) {
	if c.Peek() != '"' {
		c.mismatch("expected a value of the enum " + quote(t.Name))
		return
	}
	start := c.At
	if !c.Text() {
		return
	}
	name := jsonscan.Content(c.Src[start:c.At])
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
	c.problem("value " + clip(string(c.Src[start:c.At])) + " does not exist in the enum " + quote(t.Name) + meant)
}

// scalar reads a value of a scalar type; one of a custom scalar may be anything.
func (c *coercer) scalar(t *supergraph.Type) {
	next := c.Peek()
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
		c.keep()
	case "Boolean":
		if next != 't' && next != 'f' {
			c.mismatch("Boolean cannot represent a non boolean value")
			return
		}
		c.keep()
	case "ID":
		c.id(next == '"', number)
	default:
		c.keep()
	}
}

// keep reads a value and appends it, without the white space between its tokens.
func (c *coercer) keep() {
	first, start := c.Peek(), c.At
	if !c.Value() {
		return
	}
	raw := c.Src[start:c.At]
	if first != '{' && first != '[' {
		c.dst = append(c.dst, raw...)
		return
	}
	compact := bytes.NewBuffer(c.dst)
	_ = json.Compact(compact, raw) // it was gone over, so it is JSON
	c.dst = compact.Bytes()
}

// int reads an Int: an integral number in 32 bits, however it is written.
func (c *coercer) int() {
	start := c.At
	integer, ok := c.Number()
	if !ok {
		return
	}
	raw := c.Src[start:c.At]
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
	start := c.At
	integer, ok := c.Number()
	if !ok {
		return
	}
	raw := c.Src[start:c.At]
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
		c.keep()
	case isNumber:
		start := c.At
		integer, ok := c.Number()
		raw := c.Src[start:c.At]
		if ok && !integer {
			c.problem("ID cannot represent a non-string and non-integer value, found " + clip(string(raw)))
		}
		c.dst = append(append(append(c.dst, '"'), raw...), '"')
	default:
		c.mismatch("ID cannot represent a non-string and non-integer value")
	}
}
