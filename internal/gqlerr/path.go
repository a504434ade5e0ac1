package gqlerr

import (
	"strconv"
	"strings"
)

// Path is a place in a response: response keys and list indexes from the root down.
type Path []PathElement

// PathElement is one step of a Path, made by Key or Index. The zero value is index 0.
type PathElement struct {
	key   string // empty for an index, since a response key is never empty
	index int
}

// Key returns the step into an object. The key is the response key: the alias, if the field has one. It must not
// be empty.
func Key(responseKey string) PathElement { return PathElement{key: responseKey} }

// Index returns the step into a list, counting from 0.
func Index(i int) PathElement { return PathElement{index: i} }

// Key returns the response key, and false if p is a list index.
func (p PathElement) Key() (string, bool) { return p.key, p.key != "" }

// Index returns the list index, and false if p is a response key.
func (p PathElement) Index() (int, bool) { return p.index, p.key == "" }

// String returns the path with dots between its elements, such as "topProducts.0.name".
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		if i > 0 {
			b.WriteByte('.')
		}
		if key, ok := e.Key(); ok {
			b.WriteString(key)
			continue
		}
		b.WriteString(strconv.Itoa(e.index))
	}
	return b.String()
}
