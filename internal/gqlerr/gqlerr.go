// Package gqlerr holds the one error type of the gateway: a code, a message that clients may read, a place in the
// document or in the response, and a wrapped cause that only logs see.
//
// Every stage returns *Error, or List where it reports all errors at once. Public turns whatever arrives at the
// door into what may leave: an error that is not an *Error becomes InternalServerError. AppendJSON writes errors as
// the GraphQL specification (October 2021, section 7.1.2) describes them.
package gqlerr

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// internalMessage is what clients read in place of an error that was not made for them.
const internalMessage = "Internal server error"

// Error is a failure that a client may be told about. An Error is read-only once it is returned; the methods At,
// WithPath, WithExtension and Wrap return changed copies, so an Error may be shared by goroutines.
type Error struct {
	// Code is the kind of failure. Empty means InternalServerError.
	Code Code
	// Message is written to clients: it names nothing that they may not know, no hosts, no causes.
	Message string
	// Locations are the places in the client's document, if the failure is about the document.
	Locations []Location
	// Path is the place in the response, nil if the failure is not about one field.
	Path Path
	// Extensions are written beside the code, in this order.
	Extensions []Extension
	// Err is the cause. It is for logs and errors.Is/As, and is never written to clients.
	Err error
}

// Location is a place in a document. Line and Column start at 1; Column counts characters, not bytes.
type Location struct{ Line, Column int }

// Extension is one member of an error's extensions. Value is valid JSON and is written as it is.
type Extension struct {
	Name  string
	Value []byte
}

// New returns an error whose message is formatted as fmt.Sprintf does. The message is for clients; a cause
// belongs in Wrap.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// At returns a copy of e with one more location. Line and column start at 1.
func (e *Error) At(line, column int) *Error {
	c := *e
	c.Locations = append(slices.Clip(e.Locations), Location{line, column})
	return &c
}

// WithPath returns a copy of e with path as its path. The elements are not copied.
func (e *Error) WithPath(path ...PathElement) *Error {
	c := *e
	c.Path = path
	return &c
}

// WithExtension returns a copy of e with one more member in its extensions. The value must be valid JSON, and the
// name neither "code" nor one that e already has.
func (e *Error) WithExtension(name string, value []byte) *Error {
	c := *e
	c.Extensions = append(slices.Clip(e.Extensions), Extension{name, value})
	return &c
}

// Wrap returns a copy of e with err as its cause.
func (e *Error) Wrap(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Error returns code, message, place and cause in one line. It is for logs: it may hold what clients must not see.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.code()))
	b.WriteString(": ")
	b.WriteString(e.Message)
	for _, l := range e.Locations {
		b.WriteString(" (" + strconv.Itoa(l.Line) + ":" + strconv.Itoa(l.Column) + ")")
	}
	if len(e.Path) > 0 {
		b.WriteString(" at " + e.Path.String())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause, nil if there is none.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the code of e.
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.code()
}

// code returns the code of e, never empty.
func (e *Error) code() Code {
	if e.Code == "" {
		return InternalServerError
	}
	return e.Code
}

// CodeOf returns the code of the first *Error in err, InternalServerError if there is none, and "" if err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.code()
	}
	return InternalServerError
}

// List is several errors in the order in which clients read them. It is an error itself; a stage that collects
// errors returns Err, so that an empty list becomes nil.
type List []*Error

// Err returns l as an error, nil if l is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Error returns all errors, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors, so that errors.Is and errors.As look at each.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// Public returns what clients may be told about err, in order: each *Error found in err as it is, and
// InternalServerError, with the original as its cause, for everything else. Text that was wrapped around an *Error
// with fmt.Errorf is dropped, since nobody vouched for it. It returns nil if err is nil.
func Public(err error) List {
	return appendPublic(nil, err)
}

// appendPublic appends to l what clients may be told about err.
func appendPublic(l List, err error) List {
	if err == nil {
		return l
	}
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		switch inner := inner.(type) { //nolint:errorlint // the loop unwraps, so that text around an *Error is dropped
		case *Error:
			return append(l, inner)
		case List:
			return append(l, inner...)
		case interface{ Unwrap() []error }:
			for _, one := range inner.Unwrap() {
				l = appendPublic(l, one)
			}
			return l
		}
	}
	return append(l, &Error{Code: InternalServerError, Message: internalMessage, Err: err})
}
