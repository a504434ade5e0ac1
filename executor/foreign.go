package executor

import (
	"bytes"

	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// foreign are the values in a body that others spelt. They are noted only where it matters.
type foreign struct {
	spans []upstream.Span
	noted bool
}

// takeBack forgets those from a place in the body on.
func (f *foreign) takeBack(mark int) {
	n := len(f.spans)
	for n > 0 && f.spans[n-1].From >= mark {
		n--
	}
	f.spans = f.spans[:n]
}

// foreignValue appends a value that somebody else wrote, as it is, and notes where unless it is certainly canonical.
func (c *collector) foreignValue(text []byte) {
	if c.foreign.noted && !isCanonical(text) {
		c.foreign.spans = append(c.foreign.spans, upstream.Span{From: len(c.body), To: len(c.body) + len(text)})
	}
	c.body = append(c.body, text...)
}

// isCanonical tells whether a JSON value is certainly spelt as JSON.stringify would: a word, a string without escapes, or a
// number in plain digits that no double rounds. Objects and lists would have to be read.
func isCanonical(text []byte) bool {
	switch text[0] {
	case '"':
		return bytes.IndexByte(text, '\\') < 0
	case 't', 'f', 'n':
		return true
	case '{', '[':
		return false
	}
	if text[0] == '-' {
		if text = text[1:]; string(text) == "0" {
			return false // -0 becomes 0
		}
	}
	return isPlainNumber(text)
}

// isPlainNumber tells whether digits, perhaps with a fraction, are how JavaScript prints the double that they stand for. So many
// digits always come back from a double as they were, if none of them is a zero at the end of a fraction; what is below 0.000001
// gets an exponent.
func isPlainNumber(digits []byte) bool {
	const safeDigits = 15
	point := -1
	for i, b := range digits {
		switch {
		case b == '.':
			point = i
		case b < '0' || b > '9':
			return false
		}
	}
	switch {
	case len(digits) > safeDigits:
		return false
	case point < 0:
		return true
	case digits[len(digits)-1] == '0':
		return false
	}
	return !bytes.HasPrefix(digits, []byte("0.000000"))
}
