// Package claims reads the JSON that a token carries, strictly, and finds claims in it by path.
//
// Readers of JSON disagree about texts that are not quite clean: which of two members of one name counts, whether "EXP"
// is "exp", what a lone surrogate stands for. What the gateway checks is read again by subgraphs, each with a reader of
// its own, so such texts are refused as a whole: everybody who reads what passed here reads the same. The rules are those
// of RFC 8259 and I-JSON (RFC 7493), and names that differ in case only count as the same name.
package claims

import (
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// ErrMalformed is in every error of Parse.
var ErrMalformed = errors.New("not a clean JSON object")

// Value is a JSON value inside a text that was parsed. The zero Value is absent: it has no text, no members and no
// elements. A Value is read-only and safe for concurrent use.
type Value struct{ n *node }

// node is a parsed value.
type node struct {
	raw   []byte // as it stands in the text, without space around it
	kind  byte   // the first byte of raw, '0' for every number
	text  string // the decoded string, if it is one
	names []string
	items []node // elements, or the values of the members in names
}

// Parse reads a JSON object. It keeps a reference to text, which must not change afterwards. The error tells what is
// wrong without repeating anything of the text; errors.Is(err, ErrMalformed) holds.
func Parse(text []byte) (Value, error) {
	p := parser{Scanner: jsonscan.Scanner{Src: text, Depth: maxDepth, Pairs: true}, text: string(text)}
	n, err := p.document()
	if err != nil {
		return Value{}, err
	}
	return Value{&n}, nil
}

// How many bytes a node and a name take, without what they refer to.
var (
	nodeSize = int(reflect.TypeFor[node]().Size())
	nameSize = int(reflect.TypeFor[string]().Size())
)

// Size returns about how many bytes of memory a value that Parse returned holds: small claims take many times their text.
func (v Value) Size() int {
	if v.n == nil {
		return 0
	}
	return 2*len(v.n.raw) + nodeSize + v.n.below() // the text is there twice
}

// below returns how many bytes are held below a node.
func (n *node) below() int {
	size := cap(n.items)*nodeSize + cap(n.names)*nameSize
	for i := range n.items {
		size += n.items[i].below()
	}
	return size
}

// Exists tells whether there is a value, which may be null.
func (v Value) Exists() bool { return v.n != nil }

// Raw returns the value as it stands in the text, byte for byte; nil if it is absent. The caller must not change it.
func (v Value) Raw() json.RawMessage {
	if v.n == nil {
		return nil
	}
	return slices.Clip(v.n.raw)
}

// Text returns a string's content, and whether the value is a string.
func (v Value) Text() (string, bool) {
	if v.n == nil || v.n.kind != '"' {
		return "", false
	}
	return v.n.text, true
}

// Strings returns the content of a string as one element, or that of an array of strings. It is false for everything
// else, also for an array with one element that is no string.
func (v Value) Strings() ([]string, bool) {
	if text, ok := v.Text(); ok {
		return []string{text}, true
	}
	if v.n == nil || v.n.kind != '[' {
		return nil, false
	}
	all := make([]string, len(v.n.items))
	for i := range v.n.items {
		if v.n.items[i].kind != '"' {
			return nil, false
		}
		all[i] = v.n.items[i].text
	}
	return all, true
}

// IsNumber tells whether the value is a number; Raw is its text.
func (v Value) IsNumber() bool { return v.n != nil && v.n.kind == '0' }

// IsNull tells whether the value is there and null.
func (v Value) IsNull() bool { return v.n != nil && v.n.kind == 'n' }

// Len returns how many members or elements an object or array has, 0 for everything else.
func (v Value) Len() int {
	if v.n == nil {
		return 0
	}
	return len(v.n.items)
}

// IsArray tells whether the value is an array.
func (v Value) IsArray() bool { return v.n != nil && v.n.kind == '[' }

// IsObject tells whether the value is an object.
func (v Value) IsObject() bool { return v.n != nil && v.n.kind == '{' }

// Member returns the member of an object, absent if the value is not an object or has no such member. Names compare
// byte for byte.
func (v Value) Member(name string) Value {
	if v.n == nil {
		return Value{}
	}
	for i, n := range v.n.names {
		if n == name {
			return Value{&v.n.items[i]}
		}
	}
	return Value{}
}

// Members are the members of an object in the order of the text, none for everything else.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.n == nil {
			return
		}
		for i, name := range v.n.names {
			if !yield(name, Value{&v.n.items[i]}) {
				return
			}
		}
	}
}

// Elements are the elements of an array in order, none for everything else.
func (v Value) Elements() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		if v.n == nil || v.n.kind != '[' {
			return
		}
		for i := range v.n.items {
			if !yield(i, Value{&v.n.items[i]}) {
				return
			}
		}
	}
}
