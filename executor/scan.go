package executor

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// scanner reads JSON (RFC 8259). Its methods return false at the first byte that is not JSON, where i then stands, and
// when more than depth levels are open. Strings must be UTF-8, so that what is copied into a response is always valid.
type scanner struct {
	b []byte
	i int
	// depth is how many levels may still be opened.
	depth int
}

// space skips whitespace.
func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\n', '\r', '\t':
			s.i++
		default:
			return
		}
	}
}

// peek skips whitespace and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.i < len(s.b) && s.b[s.i] > ' ' {
		return s.b[s.i]
	}
	s.space()
	if s.i < len(s.b) {
		return s.b[s.i]
	}
	return 0
}

// take skips whitespace and one given byte.
func (s *scanner) take(c byte) bool {
	if s.peek() != c || s.i >= len(s.b) {
		return false
	}
	s.i++
	return true
}

// open enters an object or list at its bracket; it tells whether something is in it.
func (s *scanner) open(closing byte) (more, ok bool) {
	if s.depth == 0 {
		return false, false
	}
	s.depth--
	s.i++
	if s.peek() == closing {
		s.i++
		s.depth++
		return false, true
	}
	return true, true
}

// next goes on behind a member or element: over a comma, or over the closing bracket and out.
func (s *scanner) next(closing byte) (more, ok bool) {
	switch s.peek() {
	case ',':
		s.i++
		return true, true
	case closing:
		s.i++
		s.depth++
		return false, true
	}
	return false, false
}

// skip goes over one value.
func (s *scanner) skip() bool {
	switch c := s.peek(); c {
	case '"':
		return s.text()
	case '{':
		return s.skipObject()
	case '[':
		return s.skipList()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		_, ok := s.number()
		return ok
	}
}

func (s *scanner) skipObject() bool {
	more, ok := s.open('}')
	for more {
		if s.peek() != '"' || !s.text() || !s.take(':') || !s.skip() {
			return false
		}
		more, ok = s.next('}')
	}
	return ok
}

func (s *scanner) skipList() bool {
	more, ok := s.open(']')
	for more {
		if !s.skip() {
			return false
		}
		more, ok = s.next(']')
	}
	return ok
}

// literal goes over true, false or null.
func (s *scanner) literal(word string) bool {
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return false
	}
	s.i += len(word)
	return true
}

// number goes over a number and tells whether it is written as an integer.
func (s *scanner) number() (integer, ok bool) {
	if s.i < len(s.b) && s.b[s.i] == '-' {
		s.i++
	}
	if s.i < len(s.b) && s.b[s.i] == '0' {
		s.i++
	} else if !s.digits() {
		return false, false
	}
	integer = true
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		integer = false
		if !s.digits() {
			return false, false
		}
	}
	if s.i < len(s.b) && s.b[s.i]|0x20 == 'e' {
		s.i++
		integer = false
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return false, false
		}
	}
	return integer, true
}

// digits goes over at least one digit.
func (s *scanner) digits() bool {
	from := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i > from
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks, in the high bit of each byte of w, quotes, backslashes and control characters. Only the lowest mark is
// certain, which is the one that is used.
func stops(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
}

// text goes over a string, from its first quote.
func (s *scanner) text() bool {
	b, i := s.b, s.i+1
	high := uint64(0)
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			high |= w & highs
			if m := stops(w); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
			high |= uint64(b[i] & utf8.RuneSelf)
			i++
		}
		if i >= len(b) || b[i] < ' ' {
			s.i = min(i, len(b))
			return false
		}
		if b[i] == '"' {
			break
		}
		if i = escape(b, i); i < 0 {
			s.i = len(b)
			return false
		}
	}
	if high != 0 && !utf8.Valid(b[s.i:i]) {
		return false
	}
	s.i = i + 1
	return true
}

// escape returns the index behind the escape sequence at i, -1 for what is none.
func escape(b []byte, i int) int {
	if i+1 >= len(b) {
		return -1
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 > len(b) {
			return -1
		}
		for _, c := range b[i+2 : i+6] {
			if hexDigit(c) < 0 {
				return -1
			}
		}
		return i + 6
	}
	return -1
}

// hexDigit returns the value of a hexadecimal digit, -1 for another character.
func hexDigit(c byte) rune {
	switch {
	case c-'0' <= 9:
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}
