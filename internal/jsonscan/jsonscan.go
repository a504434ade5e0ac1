// Package jsonscan goes over JSON (RFC 8259) from the front to the back and builds nothing: whoever reads a request, an answer,
// variables or claims decides what to keep. It is the one place that knows what JSON is; the readers differ in what they want of
// it, and in how deep it may be.
package jsonscan

// Scanner stands somewhere in a text. A method that goes over something skips the white space in front of it and returns false at
// what is not that; Problem and At then say what is wrong and where, and the Scanner is of no more use. Strings must be UTF-8
// (RFC 8259, section 8.1), so that what is copied from one text into another is always valid.
//
// What a Scanner went over is the text from where it stood to where it stands; the white space in front can be skipped before, by
// Peek.
type Scanner struct {
	// Src is the text. It is only read.
	Src []byte
	// At is the index of the next byte.
	At int
	// Depth is how many objects and arrays may still be opened in one another. Leaving one gives its level back.
	Depth int
	// Pairs refuses half of a surrogate pair in an escape. It is no character, UTF-8 cannot say it, and readers differ about it;
	// RFC 8259 allows it. Without Pairs it stands for U+FFFD.
	Pairs bool
	// Problem is why a method returned false.
	Problem Problem
}

// fail notes a problem.
func (s *Scanner) fail(p Problem) bool {
	s.Problem = p
	return false
}

// Peek skips white space and returns the next byte, 0 at the end. A 0 in the text is nowhere valid.
func (s *Scanner) Peek() byte {
	if s.At < len(s.Src) && s.Src[s.At] > ' ' {
		return s.Src[s.At]
	}
	return s.space()
}

// space is Peek where there may be white space.
func (s *Scanner) space() byte {
	for s.At < len(s.Src) {
		switch c := s.Src[s.At]; c {
		case ' ', '\n', '\r', '\t':
			s.At++
		default:
			return c
		}
	}
	return 0
}

// End tells whether only white space is left.
func (s *Scanner) End() bool {
	return s.Peek() == 0 && s.At >= len(s.Src) || s.fail(Trailing)
}

// Value goes over any value.
func (s *Scanner) Value() bool {
	switch c := s.Peek(); c {
	case '"':
		return s.Text()
	case '{':
		return s.object()
	case '[':
		return s.array()
	case 't':
		return s.Word("true")
	case 'f':
		return s.Word("false")
	case 'n':
		return s.Word("null")
	default:
		if c != '-' && c-'0' > 9 {
			return s.fail(NoValue)
		}
		_, ok := s.Number()
		return ok
	}
}

func (s *Scanner) object() bool {
	more, ok := s.Open('}')
	for more {
		if _, ok = s.Name(); !ok || !s.Value() {
			return false
		}
		more, ok = s.Next('}')
	}
	return ok
}

func (s *Scanner) array() bool {
	more, ok := s.Open(']')
	for more {
		if !s.Value() {
			return false
		}
		more, ok = s.Next(']')
	}
	return ok
}

// Open enters the object or array whose bracket Peek has shown, and tells whether something is in it; closing is the bracket that
// ends it. An empty one it goes over.
//
//	for more, ok := s.Open(']'); more; more, ok = s.Next(']') { … }
func (s *Scanner) Open(closing byte) (more, ok bool) {
	if s.Depth <= 0 {
		return false, s.fail(TooDeep)
	}
	s.Depth--
	s.At++
	if s.Peek() != closing {
		return true, true
	}
	s.At++
	s.Depth++
	return false, true
}

// Next goes on behind a member or element: over a comma, or over the closing bracket and out.
func (s *Scanner) Next(closing byte) (more, ok bool) {
	switch s.Peek() {
	case ',':
		s.At++
		return true, true
	case closing:
		s.At++
		s.Depth++
		return false, true
	}
	return false, s.fail(NoComma)
}

// Name goes over the name of a member and its colon, and returns the name with its quotes.
func (s *Scanner) Name() (quoted []byte, ok bool) {
	if s.Peek() != '"' {
		return nil, s.fail(NoName)
	}
	from := s.At
	if !s.Text() {
		return nil, false
	}
	quoted = s.Src[from:s.At]
	if s.Peek() != ':' {
		return nil, s.fail(NoColon)
	}
	s.At++
	return quoted, true
}

// Word goes over true, false or null, which Peek has shown to begin here.
func (s *Scanner) Word(word string) bool {
	if len(s.Src)-s.At < len(word) || string(s.Src[s.At:s.At+len(word)]) != word {
		return s.fail(NoValue)
	}
	s.At += len(word)
	return true
}

// Number goes over a number, which Peek has shown to begin here, and tells whether it is written as an integer.
func (s *Scanner) Number() (integer, ok bool) {
	s.skip('-', '-')
	if !s.skip('0', '0') && !s.digits() {
		return false, false
	}
	integer = true
	if s.skip('.', '.') {
		integer = false
		if !s.digits() {
			return false, false
		}
	}
	if s.skip('e', 'E') {
		integer = false
		s.skip('+', '-')
		if !s.digits() {
			return false, false
		}
	}
	return integer, true
}

// skip goes over one byte if it is one of two.
func (s *Scanner) skip(one, other byte) bool {
	if s.At < len(s.Src) && (s.Src[s.At] == one || s.Src[s.At] == other) {
		s.At++
		return true
	}
	return false
}

// digits goes over at least one digit.
func (s *Scanner) digits() bool {
	from := s.At
	for s.At < len(s.Src) && s.Src[s.At]-'0' <= 9 {
		s.At++
	}
	return s.At > from || s.fail(NoNumber)
}
