package gateway

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// maxNesting is how many objects and lists of a request's body may stand in one another.
const maxNesting = 512

// params is what a GraphQL request asks. The slices point into the body or the scratch buffer it was scanned with.
type params struct {
	query []byte
	// operationName is empty for none.
	operationName []byte
	// variables and extensions are JSON objects, nil for none.
	variables, extensions []byte
}

// member is a member of a request that means something.
type member uint8

const (
	queryMember member = 1 << iota
	operationNameMember
	variablesMember
	extensionsMember

	unknownMember member = 0
)

// names are the exact names of the members.
var names = map[member]string{
	queryMember: "query", operationNameMember: "operationName", variablesMember: "variables", extensionsMember: "extensions",
}

// memberOf returns the member of that name. Names are compared exactly: encoding/json would take "QUERY", too.
func memberOf(name []byte) member {
	switch string(name) {
	case "query":
		return queryMember
	case "operationName":
		return operationNameMember
	case "variables":
		return variablesMember
	case "extensions":
		return extensionsMember
	}
	return unknownMember
}

// scanParams reads the JSON body of a request: query, a string, is required; operationName, a string, and variables and
// extensions, objects, may be null or absent; other members are ignored; none of the four may stand twice. Everything is
// checked to be JSON (RFC 8259) in UTF-8. Strings with escapes are decoded into scratch, which is returned for reuse. Errors
// are a *gqlerr.Error with code BAD_REQUEST.
func scanParams(body, scratch []byte) (params, []byte, error) {
	s := &scanner{b: body, scratch: scratch[:0]}
	p, err := s.params()
	return p, s.scratch, err
}

// scanner reads JSON. Its bool results say whether the bytes are JSON; at the first that is not, it stands at i.
type scanner struct {
	b       []byte
	i       int
	scratch []byte
	// tooDeep is set when it failed since the nesting is too deep.
	tooDeep bool
}

// params reads the whole body.
func (s *scanner) params() (p params, err error) {
	if !utf8.Valid(s.b) {
		return p, gqlerr.New(gqlerr.BadRequest, "The request body is not UTF-8")
	}
	switch s.peek() {
	case 0:
		return p, gqlerr.New(gqlerr.BadRequest, "The request body is empty")
	case '[':
		return p, gqlerr.New(gqlerr.BadRequest, "Batches of operations are not supported")
	case '{':
	default:
		return p, gqlerr.New(gqlerr.BadRequest, "The request body must be a JSON object")
	}
	s.i++
	var seen member
	for first := true; ; first = false {
		end, ok := s.next(first, '}')
		if !ok {
			return p, s.malformed()
		}
		if end {
			break
		}
		if err := s.member(&p, &seen); err != nil {
			return p, err
		}
	}
	if s.peek() != 0 || s.i < len(s.b) {
		return p, s.malformed()
	}
	if seen&queryMember == 0 {
		return p, gqlerr.New(gqlerr.BadRequest, `The request has no "query"`)
	}
	return p, nil
}

// member reads one name and its value.
func (s *scanner) member(p *params, seen *member) error {
	name, ok := s.text()
	if !ok || !s.take(':') {
		return s.malformed()
	}
	m := memberOf(name)
	if *seen&m != 0 {
		return gqlerr.New(gqlerr.BadRequest, "The request has %q twice", names[m])
	}
	*seen |= m
	first, start := s.peek(), s.i
	switch {
	case first == 0:
		return s.malformed()
	case m == unknownMember:
	case first == 'n' && m != queryMember:
		m = unknownMember // null, as if it were absent
	case m == queryMember || m == operationNameMember:
		if first != '"' {
			return gqlerr.New(gqlerr.BadRequest, "%q must be a string", names[m])
		}
		text, ok := s.text()
		if !ok {
			return s.malformed()
		}
		if m == queryMember {
			p.query = text
		} else {
			p.operationName = text
		}
		return nil
	case first != '{':
		return gqlerr.New(gqlerr.BadRequest, "%q must be an object", names[m])
	}
	if !s.value(maxNesting) {
		return s.malformed()
	}
	switch m {
	case variablesMember:
		p.variables = s.b[start:s.i]
	case extensionsMember:
		p.extensions = s.b[start:s.i]
	default:
	}
	return nil
}

// malformed is the error for what is not JSON at the place reached.
func (s *scanner) malformed() error {
	if s.tooDeep {
		return gqlerr.New(gqlerr.BadRequest, "The request body is nested more than %d levels deep", maxNesting)
	}
	return gqlerr.New(gqlerr.BadRequest, "The request body is not valid JSON at byte %d", s.i+1)
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// take skips white space and one given byte.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.i++
	return true
}

// next goes on to the next element of an object or list, and tells when the closing bracket came instead.
func (s *scanner) next(first bool, closing byte) (end, ok bool) {
	switch c := s.peek(); {
	case c == closing:
		s.i++
		return true, true
	case first:
		return false, true
	case c != ',':
		return false, false
	}
	s.i++
	return false, s.peek() != closing // no comma before the bracket
}

// value skips one value; depth is how many levels it may have.
func (s *scanner) value(depth int) bool {
	switch c := s.peek(); c {
	case '{', '[':
		if depth == 0 {
			s.tooDeep = true
			return false
		}
		return s.nested(c, depth-1)
	case '"':
		_, _, ok := s.string()
		return ok
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.number()
}

// nested skips an object or list.
func (s *scanner) nested(opening byte, depth int) bool {
	closing := opening + 2 // '{' '}' and '[' ']' are two apart
	s.i++
	for first := true; ; first = false {
		end, ok := s.next(first, closing)
		if end || !ok {
			return ok
		}
		if opening == '{' {
			if s.peek() != '"' {
				return false
			}
			if _, _, ok := s.string(); !ok || !s.take(':') {
				return false
			}
		}
		if !s.value(depth) {
			return false
		}
	}
}

// word skips a literal.
func (s *scanner) word(word string) bool {
	if !bytes.HasPrefix(s.b[s.i:], []byte(word)) {
		return false
	}
	s.i += len(word)
	return true
}

// number skips a number.
func (s *scanner) number() bool {
	s.accept('-')
	switch {
	case s.accept('0'):
	case !s.digits():
		return false
	}
	if s.accept('.') && !s.digits() {
		return false
	}
	if s.accept('e') || s.accept('E') {
		if !s.accept('+') {
			s.accept('-')
		}
		return s.digits()
	}
	return true
}

// accept skips one byte if it is c.
func (s *scanner) accept(c byte) bool {
	if s.i < len(s.b) && s.b[s.i] == c {
		s.i++
		return true
	}
	return false
}

// digits skips digits, at least one.
func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i]-'0' <= 9 {
		s.i++
	}
	return s.i > start
}

// text reads a string and decodes its escapes.
func (s *scanner) text() ([]byte, bool) {
	if s.peek() != '"' {
		return nil, false
	}
	raw, escaped, ok := s.string()
	if !ok || !escaped {
		return raw, ok
	}
	start := len(s.scratch)
	s.scratch = appendUnescaped(s.scratch, raw)
	return s.scratch[start:len(s.scratch):len(s.scratch)], true
}

// string skips a string at its quote and returns what is between the quotes.
func (s *scanner) string() (raw []byte, escaped, ok bool) {
	s.i++
	for start := s.i; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			raw = s.b[start:s.i]
			s.i++
			return raw, escaped, true
		case c < ' ':
			return nil, false, false
		case c == '\\':
			escaped = true
			s.i++
			if !s.escape() {
				return nil, false, false
			}
		}
	}
	return nil, false, false
}

// escape checks the escape behind a backslash and stands at its last byte afterwards.
func (s *scanner) escape() bool {
	if s.i >= len(s.b) {
		return false
	}
	switch s.b[s.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			s.i++
			if s.i >= len(s.b) || unhex(s.b[s.i]) < 0 {
				return false
			}
		}
		return true
	}
	return false
}

// unhex returns the value of a hexadecimal digit, or -1.
func unhex(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return rune(c - 'A' + 10)
	}
	return -1
}

// appendUnescaped decodes the escapes of a string that was checked. A surrogate without its other half becomes U+FFFD.
func appendUnescaped(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r := codeUnit(raw)
			raw = raw[4:]
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
					low = codeUnit(raw[2:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					raw = raw[6:]
				}
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
}

// codeUnit reads four hexadecimal digits.
func codeUnit(digits []byte) rune {
	var r rune
	for _, c := range digits[:4] {
		r = r<<4 | unhex(c)
	}
	return r
}
