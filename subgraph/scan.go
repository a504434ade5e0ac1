package subgraph

import (
	"errors"
	"fmt"
	"math"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// maxDepth is how deeply the arrays and objects of a body may be nested.
const maxDepth = 512

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
	s := jsonscan.Scanner{Src: src, Depth: maxDepth}
	if s.Peek() != '{' {
		return nil, errors.New("JSON: not one object")
	}
	more, ok := s.Open('}')
	for more {
		if len(dst) == most {
			return nil, errMembers
		}
		m, err := scanMember(&s)
		if err != nil {
			return nil, err
		}
		dst = append(dst, m)
		more, ok = s.Next('}')
	}
	if !ok || !s.End() {
		return nil, mistake(&s)
	}
	return dst, nil
}

var errMembers = errors.New("JSON: too many members")

// mistake is the error for what is no JSON.
func mistake(s *jsonscan.Scanner) error { return fmt.Errorf("JSON: %w", s.Err()) }

func scanMember(s *jsonscan.Scanner) (m member, err error) {
	s.Peek()
	m.start = s.At
	name, ok := s.Name()
	if !ok {
		return m, mistake(s)
	}
	s.Peek()
	from := s.At
	if !s.Value() {
		return m, mistake(s)
	}
	m.name, m.escaped = string(jsonscan.Content(name)), !jsonscan.IsPlain(name)
	m.value, m.end = s.Src[from:s.At], s.At
	return m, nil
}
