package jsonscan

import "fmt"

// Problem is what is wrong with a text. It is an error that tells nothing of the text.
type Problem uint8

// The problems; 0 is none.
const (
	TooDeep Problem = iota + 1
	NotUTF8
	HalfPair
	NoValue
	NoNumber
	NoName
	NoColon
	NoComma
	NoEnd
	BadEscape
	ControlCharacter
	Trailing
)

var problems = [...]string{
	TooDeep:          "nested too deeply",
	NotUTF8:          "invalid UTF-8 in a string",
	HalfPair:         "half of a surrogate pair in a string",
	NoValue:          "invalid value",
	NoNumber:         "invalid number",
	NoName:           "expected the name of a member",
	NoColon:          "expected ':'",
	NoComma:          "expected ',' or the closing bracket",
	NoEnd:            "unterminated string",
	BadEscape:        "invalid escape in a string",
	ControlCharacter: "control character in a string",
	Trailing:         "unexpected text after the value",
}

// Error says what is wrong.
func (p Problem) Error() string { return problems[p] }

// Err is the Problem and where it is, as a byte counted from 1: "expected ':' at byte 7". It must not be called without one.
func (s *Scanner) Err() error { return fmt.Errorf("%w at byte %d", s.Problem, s.At+1) }
