package supergraph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors is how many problems are reported at most: who has that many looks at the first ones only.
const maxErrors = 50

// LoadError is one problem of a supergraph. It is for the operator, never for clients.
type LoadError struct {
	// Line and Column of the text, from 1; Column counts characters. Both are 0 when the problem has no place.
	Line, Column int
	// Coordinate of the element that is wrong; "" when there is none.
	Coordinate Coordinate
	Message    string
}

// Error returns place, coordinate and message in one line: "12:3: Product.upc: ...".
func (e *LoadError) Error() string {
	text := ""
	if e.Line > 0 {
		text = fmt.Sprintf("%d:%d: ", e.Line, e.Column)
	}
	if e.Coordinate != "" {
		text += string(e.Coordinate) + ": "
	}
	return text + e.Message
}

// LoadErrors are the problems that Parse found, in the order of the text: the first 50, and one that says how many more there are.
// It is never empty.
type LoadErrors []*LoadError

// Error returns one problem per line.
func (l LoadErrors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems, so that errors.As finds a *LoadError.
func (l LoadErrors) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// problems collects what is wrong while loading goes on.
type problems struct {
	src  *source
	list []problem
	more int
}

type problem struct {
	at   uint32
	coor Coordinate
	text string
}

// add notes a problem at an offset of the text; noPlace stands for none.
func (p *problems) add(at uint32, coor Coordinate, format string, args ...any) {
	if len(p.list) == maxErrors {
		p.more++
		return
	}
	p.list = append(p.list, problem{at, coor, fmt.Sprintf(format, args...)})
}

// noPlace is the offset of a problem that has no place in the text.
const noPlace = ^uint32(0)

// err returns the problems as an error, nil without any.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.coor, b.coor))
	})
	var list LoadErrors
	for _, one := range p.list {
		e := &LoadError{Coordinate: one.coor, Message: one.text}
		if one.at != noPlace {
			e.Line, e.Column = p.src.position(one.at)
		}
		list = append(list, e)
	}
	if p.more > 0 {
		list = append(list, &LoadError{Message: fmt.Sprintf("and %d more problems", p.more)})
	}
	return list
}
