package operation

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxJSONNesting is how many arrays and objects may stand in one another in variables.
const maxJSONNesting = 250

// scanner reads JSON (RFC 8259) in one pass, without building anything. A method that finds a mistake sets bad to what is
// wrong and does not move on from there.
type scanner struct {
	src     []byte
	at      int
	nesting int
	bad     string
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// fail notes the first mistake.
func (s *scanner) fail(what string) {
	if s.bad == "" {
		s.bad = what
	}
}

// expect steps over one byte.
func (s *scanner) expect(c byte) bool {
	if s.bad != "" || s.peek() != c {
		s.fail("expected '" + string(rune(c)) + "'")
		return false
	}
	s.at++
	return true
}

// open steps over an opening bracket; it returns false on a mistake, or when the closing one follows, which it steps over.
func (s *scanner) open(opening, closing byte) bool {
	if !s.expect(opening) {
		return false
	}
	if s.nesting++; s.nesting > maxJSONNesting {
		s.fail("nested too deeply")
		return false
	}
	if s.peek() == closing {
		s.at++
		s.nesting--
		return false
	}
	return true
}

// more steps over a comma, or over the closing bracket, for which it returns false.
func (s *scanner) more(closing byte) bool {
	if s.bad != "" {
		return false
	}
	switch s.peek() {
	case ',':
		s.at++
		return true
	case closing:
		s.at++
		s.nesting--
	default:
		s.fail("expected ',' or '" + string(rune(closing)) + "'")
	}
	return false
}

// key reads a member's name and the colon, and returns the name's text with its quotes.
func (s *scanner) key() []byte {
	s.peek()
	start := s.at
	s.string()
	end := s.at
	s.expect(':')
	if s.bad != "" {
		return nil
	}
	return s.src[start:end]
}

// string steps over a string.
func (s *scanner) string() {
	if !s.expect('"') {
		return
	}
	for s.at < len(s.src) {
		switch c := s.src[s.at]; {
		case c == '"':
			s.at++
			return
		case c == '\\':
			if !s.escape() {
				s.fail("invalid escape in a string")
				return
			}
		case c < ' ':
			s.fail("control character in a string")
			return
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, size := utf8.DecodeRune(s.src[s.at:])
			if r == utf8.RuneError && size == 1 {
				s.fail("invalid UTF-8 in a string")
				return
			}
			s.at += size
		}
	}
	s.fail("unterminated string")
}

// escape steps over an escape.
func (s *scanner) escape() bool {
	rest := s.src[s.at+1:]
	if len(rest) == 0 {
		return false
	}
	s.at += 2
	if rest[0] != 'u' {
		return strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0
	}
	if len(rest) < 5 {
		return false
	}
	s.at += 4
	for _, c := range rest[1:5] {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// number steps over a number, and tells whether it is written as an integer.
func (s *scanner) number() (integer bool) {
	if s.peek() == '-' {
		s.at++
	}
	if s.at < len(s.src) && s.src[s.at] == '0' {
		s.at++
	} else if !s.digits() {
		return false
	}
	integer = true
	if s.at < len(s.src) && s.src[s.at] == '.' {
		integer = false
		s.at++
		if !s.digits() {
			return false
		}
	}
	if s.at < len(s.src) && s.src[s.at]|0x20 == 'e' {
		integer = false
		s.at++
		if s.at < len(s.src) && (s.src[s.at] == '+' || s.src[s.at] == '-') {
			s.at++
		}
		s.digits()
	}
	return integer
}

// digits steps over one digit or more.
func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.src) && isDigit(s.src[s.at]) {
		s.at++
	}
	if s.at == start {
		s.fail("invalid number")
	}
	return s.at > start
}

// word steps over true, false or null.
func (s *scanner) word(w string) {
	if !bytes.HasPrefix(s.src[s.at:], []byte(w)) {
		s.fail("invalid value")
		return
	}
	s.at += len(w)
}

// skip steps over any value.
func (s *scanner) skip() { s.copy(nil, false) }

// copy appends any value to dst, without the white space between its tokens, if keep says so.
func (s *scanner) copy(dst []byte, keep bool) []byte {
	if s.bad != "" {
		return dst
	}
	c := s.peek()
	start := s.at
	switch {
	case c == '{':
		return s.copyAll(dst, keep, '{', '}')
	case c == '[':
		return s.copyAll(dst, keep, '[', ']')
	case c == '"':
		s.string()
	case c == '-' || isDigit(c):
		s.number()
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.fail("invalid value")
	}
	if keep && s.bad == "" {
		dst = append(dst, s.src[start:s.at]...)
	}
	return dst
}

// copyAll copies an array or object.
func (s *scanner) copyAll(dst []byte, keep bool, opening, closing byte) []byte {
	add := func(text ...byte) {
		if keep {
			dst = append(dst, text...)
		}
	}
	add(opening)
	if s.open(opening, closing) {
		for {
			if opening == '{' {
				add(s.key()...)
				add(':')
			}
			dst = s.copy(dst, keep)
			if !s.more(closing) {
				break
			}
			add(',')
		}
	}
	add(closing)
	return dst
}
