package operation

import (
	"bytes"
	"strings"
	"unicode/utf16"
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

// escape steps over an escape. Half of a surrogate pair is none: it is no character (GraphQL, section 2.1), no UTF-8 can say it, and
// the programs behind us would read different things.
func (s *scanner) escape() bool {
	rest := s.src[s.at+1:]
	if len(rest) == 0 {
		return false
	}
	if rest[0] != 'u' {
		s.at += 2
		return strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0
	}
	unit, ok := s.codeUnit()
	if !ok || !utf16.IsSurrogate(unit) {
		return ok
	}
	if low, ok := s.codeUnit(); !ok || utf16.DecodeRune(unit, low) == utf8.RuneError {
		s.fail("half of a surrogate pair in a string")
		return false
	}
	return true
}

// codeUnit steps over \uXXXX and returns which UTF-16 code unit it is.
func (s *scanner) codeUnit() (unit rune, ok bool) {
	const length = 6
	if len(s.src)-s.at < length || s.src[s.at] != '\\' || s.src[s.at+1] != 'u' {
		return 0, false
	}
	if unit, ok = hex(string(s.src[s.at+2 : s.at+length])); !ok {
		return 0, false
	}
	s.at += length
	return unit, true
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
