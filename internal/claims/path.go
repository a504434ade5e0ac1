package claims

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

const (
	maxSteps = 32
	maxIndex = 9999
)

// Path names one claim. The zero Path finds nothing. A Path is read-only and safe for concurrent use.
type Path struct {
	text  string
	steps []step
}

// step is a member, or an element when the name is "" and element is set. A member may have an empty name, too.
type step struct {
	name      string
	index     int
	isElement bool
}

// ParsePath compiles the name of a claim as configurations give it. A text that starts with "$" is a path: members as
// .name or ["any name"] or ['any name'], elements as [0]. Anything else is the literal name of a top-level claim, dots
// and slashes included, so that "https://hasura.io/jwt/claims" needs no quotes.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return Path{}, errors.New("must not be empty")
	}
	if !utf8.ValidString(text) {
		return Path{}, errors.New("is not UTF-8")
	}
	if text[0] != '$' {
		return Path{text: text, steps: []step{{name: text}}}, nil
	}
	p := Path{text: text}
	for rest := text[1:]; rest != ""; {
		s, after, err := nextStep(rest)
		if err != nil {
			return Path{}, fmt.Errorf("is not a claim path: %w at byte %d", err, len(text)-len(rest))
		}
		if len(p.steps) == maxSteps {
			return Path{}, fmt.Errorf("is not a claim path: more than %d steps", maxSteps)
		}
		p.steps = append(p.steps, s)
		rest = after
	}
	if len(p.steps) == 0 {
		return Path{}, errors.New(`is not a claim path: "$" alone names no claim`)
	}
	return p, nil
}

// nextStep reads the first step of a path.
func nextStep(text string) (step, string, error) {
	switch text[0] {
	case '.':
		end := 1 + strings.IndexFunc(text[1:]+".", func(r rune) bool { return !isNameRune(r) })
		if end == 1 {
			return step{}, "", errors.New("no name after the dot")
		}
		return step{name: text[1:end]}, text[end:], nil
	case '[':
		return bracketStep(text[1:])
	}
	return step{}, "", errors.New(`neither "." nor "["`)
}

// isNameRune tells whether a name may hold the character without quotes.
func isNameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-:/", r)
}

// bracketStep reads what follows an opening bracket.
func bracketStep(text string) (step, string, error) {
	switch {
	case strings.HasPrefix(text, `"`):
		return quotedStep(text)
	case strings.HasPrefix(text, `'`):
		name, rest, ok := strings.Cut(text[1:], `']`)
		if !ok || strings.ContainsAny(name, `'\`) {
			return step{}, "", errors.New("a broken name in quotes")
		}
		return step{name: name}, rest, nil
	}
	digits, rest, ok := strings.Cut(text, "]")
	index, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || index > maxIndex || strconv.FormatUint(index, 10) != digits {
		return step{}, "", fmt.Errorf("the brackets hold neither a name in quotes nor an index up to %d", maxIndex)
	}
	return step{index: int(index), isElement: true}, rest, nil
}

// quotedStep reads a JSON string and the bracket behind it.
func quotedStep(text string) (step, string, error) {
	s := jsonscan.Scanner{Src: []byte(text), Pairs: true}
	ok := s.Text()
	rest, closed := strings.CutPrefix(text[s.At:], "]")
	if !ok || !closed {
		return step{}, "", errors.New("a broken name in quotes")
	}
	name := string(jsonscan.Content(s.Src[:s.At]))
	return step{name: name}, rest, nil
}

// In returns what the path leads to in an object of claims, absent if it leads nowhere. It takes no memory.
func (p Path) In(v Value) Value {
	if len(p.steps) == 0 {
		return Value{}
	}
	for _, s := range p.steps {
		if s.isElement {
			if !v.IsArray() || s.index >= len(v.n.items) {
				return Value{}
			}
			v = Value{&v.n.items[s.index]}
			continue
		}
		v = v.Member(s.name)
	}
	return v
}

// Members returns the names of the members that the path leads through; false if it leads through an element of a list.
func (p Path) Members() ([]string, bool) {
	names := make([]string, len(p.steps))
	for i, s := range p.steps {
		if s.isElement {
			return nil, false
		}
		names[i] = s.name
	}
	return names, len(names) > 0
}

// String returns the path as it was given.
func (p Path) String() string { return p.text }
