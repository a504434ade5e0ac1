package subgraph

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// maxDepth is how deeply the arrays and objects of a body may be nested.
const maxDepth = 512

var (
	errDepth    = errors.New("JSON: nested too deeply")
	errNoObject = errors.New("JSON: not one object")
	errMembers  = errors.New("JSON: too many members")
)

// member is a member of an object.
type member struct {
	name       string
	escaped    bool   // the name has escapes
	value      []byte // without white space around it
	start, end int    // in the object's text: from the name to the end of the value
}

// anyNumber of members: for objects of which somebody trustworthy wrote every member.
const anyNumber = math.MaxInt

// scanObject appends the members of the one JSON object that src is, in their order, which may have duplicates. All of
// src is checked to be JSON. An object with more than most members is an error that is found at the first one beyond: what is
// known of a member takes more memory than the shortest members do themselves.
func scanObject(dst []member, src []byte, most int) ([]member, error) {
	s := scanner{src: src}
	if s.next() != '{' {
		return nil, errNoObject
	}
	dst, err := s.object(dst, most)
	if err != nil {
		return nil, err
	}
	if s.next() != 0 || s.at != len(src) {
		return nil, s.fail("something follows the object")
	}
	return dst, nil
}

// scanner reads JSON (RFC 8259) from the front to the back.
type scanner struct {
	src   []byte
	at    int
	depth int
}

func (s *scanner) fail(what string) error { return fmt.Errorf("JSON: %s at byte %d", what, s.at) }

// next skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) next() byte {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; c {
		case ' ', '\n', '\t', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// value skips one value.
func (s *scanner) value() error {
	switch c := s.next(); {
	case c == '"':
		_, err := s.string()
		return err
	case c == '{':
		_, err := s.object(nil, 0)
		return err
	case c == '[':
		return s.array()
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.fail("no value")
}

func (s *scanner) word(word string) error {
	if end := s.at + len(word); end > len(s.src) || string(s.src[s.at:end]) != word {
		return s.fail("no value")
	}
	s.at += len(word)
	return nil
}

// object skips an object. Unless most is 0 it appends the members to dst, until there are so many.
func (s *scanner) object(dst []member, most int) ([]member, error) {
	if s.depth++; s.depth > maxDepth {
		return nil, errDepth
	}
	defer func() { s.depth-- }()
	s.at++
	if s.next() == '}' {
		s.at++
		return dst, nil
	}
	for {
		var m member
		switch {
		case s.next() != '"':
			return nil, s.fail("no member name")
		case most > 0 && len(dst) == most:
			return nil, errMembers
		}
		m.start = s.at
		escaped, err := s.string()
		if err != nil {
			return nil, err
		}
		name := s.src[m.start:s.at]
		if s.next() != ':' {
			return nil, s.fail("no colon")
		}
		s.at++
		s.next()
		from := s.at
		if err := s.value(); err != nil {
			return nil, err
		}
		if most > 0 {
			if m.name, err = unquote(name); err != nil {
				return nil, err
			}
			m.escaped, m.value, m.end = escaped, s.src[from:s.at], s.at
			dst = append(dst, m)
		}
		switch s.next() {
		case '}':
			s.at++
			return dst, nil
		case ',':
			s.at++
		default:
			return nil, s.fail("neither comma nor end of object")
		}
	}
}

func (s *scanner) array() error {
	if s.depth++; s.depth > maxDepth {
		return errDepth
	}
	defer func() { s.depth-- }()
	s.at++
	if s.next() == ']' {
		s.at++
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		switch s.next() {
		case ']':
			s.at++
			return nil
		case ',':
			s.at++
		default:
			return s.fail("neither comma nor end of array")
		}
	}
}

func (s *scanner) number() error {
	if s.src[s.at] == '-' {
		s.at++
	}
	first := s.at
	if n := s.digits(); n == 0 || n > 1 && s.src[first] == '0' {
		return s.fail("no number")
	}
	if s.is(".") {
		s.at++
		if s.digits() == 0 {
			return s.fail("no number")
		}
	}
	if s.is("eE") {
		s.at++
		if s.is("+-") {
			s.at++
		}
		if s.digits() == 0 {
			return s.fail("no number")
		}
	}
	return nil
}

// is tells whether the next byte is one of some.
func (s *scanner) is(some string) bool {
	return s.at < len(s.src) && strings.IndexByte(some, s.src[s.at]) >= 0
}

func (s *scanner) digits() int {
	from := s.at
	for s.at < len(s.src) && s.src[s.at] >= '0' && s.src[s.at] <= '9' {
		s.at++
	}
	return s.at - from
}

const (
	// ones and highs have the lowest and the highest bit of each byte set.
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// string skips a string and tells whether it has escapes.
func (s *scanner) string() (escaped bool, err error) {
	s.at++
	for {
		for s.at+8 <= len(s.src) {
			// Eight bytes without quote, backslash and control character: a byte gets its highest bit by the subtraction when
			// it is smaller than what is subtracted.
			w := binary.LittleEndian.Uint64(s.src[s.at:])
			quote, slash := w^(ones*'"'), w^(ones*'\\')
			if ((w-ones*' ')&^w|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
				break
			}
			s.at += 8
		}
		if s.at >= len(s.src) {
			return escaped, s.fail("the string does not end")
		}
		switch c := s.src[s.at]; {
		case c == '"':
			s.at++
			return escaped, nil
		case c < ' ':
			return escaped, s.fail("a control character in the string")
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return escaped, err
			}
		default:
			s.at++
		}
	}
}

func (s *scanner) escape() error {
	s.at++
	switch {
	case s.is(`"\/bfnrt`):
		s.at++
		return nil
	case !s.is("u"):
		return s.fail("no escape")
	}
	s.at++
	for range 4 {
		if !s.is("0123456789abcdefABCDEF") {
			return s.fail("no escape")
		}
		s.at++
	}
	return nil
}

// unquote returns what a JSON string stands for.
func unquote(text []byte) (string, error) {
	body := text[1 : len(text)-1]
	for _, c := range body {
		if c == '\\' || c >= 0x80 {
			var s string
			err := json.Unmarshal(text, &s) // as handlers do, with U+FFFD for what is no UTF-8
			return s, err
		}
	}
	return string(body), nil
}
