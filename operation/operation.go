// Package operation is what the client asked: it parses, limits, validates and normalises a GraphQL document into a tree
// of our own with pointers into the supergraph, coerces variables, and filters. It is the only door for request documents.
package operation

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// ResponseKey is the name under which a field appears in the response: its alias, or its name.
type ResponseKey string

// Kind is the kind of an operation.
type Kind uint8

// The kinds of operations.
const (
	Query Kind = iota
	Mutation
	Subscription
)

// String returns the keyword of the kind.
func (k Kind) String() string { return [...]string{"query", "mutation", "subscription"}[k] }

// Operation is a prepared operation: valid against the API schema, fragments inlined, read-only, safe for concurrent use.
type Operation struct {
	Kind Kind
	// Name is "" for an anonymous operation.
	Name string
	// Type is the root type.
	Type *supergraph.Type
	Sub  []Selection
	// Variables in the order of their definitions.
	Variables []*Variable
	// Conditions say what bit i of Bits stands for: the first Conditions of an operation are those of @skip and
	// @include and of override labels; authorization adds its own behind them.
	Conditions []Condition
	// ID is the SHA-256 over document and operation name: the identity of the operation in every cache.
	ID [32]byte

	index        map[string]int // of Variables by name, nil when they are few
	suggests     bool           // errors about variables say what may have been meant
	line, column int            // of the definition, for messages
}

// Selection is a *Field or a *Fragment.
type Selection interface{ selection() }

// Field is a selected field.
type Field struct {
	Key ResponseKey
	// Def is the field on the static type of the selection set it stands in (Def.Parent); it may be a meta field.
	Def *supergraph.Field
	// Args as the client wrote them, in the order of the field's definition; absent ones are absent.
	Args []supergraph.Argument
	// When must hold for the field to be executed.
	When When
	Sub  []Selection
	// Denied is set only in Permitted.Response: the field answers null and is not fetched.
	Denied       bool
	Line, Column int
}

// Fragment is an inline fragment; On is never nil (an inline fragment without a type condition has the enclosing type).
type Fragment struct {
	On   *supergraph.Type
	When When
	Sub  []Selection
}

func (*Field) selection()    {}
func (*Fragment) selection() {}

// When is a conjunction of tests; empty means always.
type When []Test

// Test holds when the bit has the wanted value.
type Test struct {
	Bit  int
	Want bool
}

// Holds tells whether all tests hold.
func (w When) Holds(bits Bits) bool {
	for _, t := range w {
		if bits.Has(t.Bit) != t.Want {
			return false
		}
	}
	return true
}

// MaxConditions is how many conditions one operation may have; more is an error at preparation.
const MaxConditions = 256

// Bits are the outcomes of an operation's conditions for one request. The value is comparable and can key a cache
// together with Operation.ID.
type Bits [MaxConditions / 64]uint64

// Has tells bit i, Set sets it.
func (b *Bits) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Set sets bit i.
func (b *Bits) Set(i int) { b[i/64] |= 1 << (i % 64) }

// Condition is what a bit stands for: a boolean variable of @skip or @include (Variable is its index), or else a
// progressive override label (Variable is -1).
type Condition struct {
	Variable int
	Label    string
}

// Variable is a variable definition.
type Variable struct {
	Name string
	Type supergraph.TypeRef
	// Default is the default value as JSON, nil without one.
	Default []byte

	at      pos    // of the definition, for messages
	literal string // the default as GraphQL text, "" without one
}

// Definition prints the variable as a document defines it, such as $first:Int=5.
func (v *Variable) Definition() string {
	text := "$" + v.Name + ":" + v.Type.String()
	if v.Default != nil {
		text += "=" + v.literal
	}
	return text
}

// Values are the coerced variables of one request, as JSON, by index in Operation.Variables; nil where the request gives
// none and there is no default.
type Values [][]byte

// Permitted is what the planner plans: the selections of an operation that are executed for one outcome of its conditions.
// Only Filter makes one, so that an operation that nobody filtered does not type-check.
type Permitted struct {
	op       *Operation
	bits     Bits
	sub      []Selection
	response []Selection
	denied   bool
	// tooComplex: what is denied has consequences that nobody found out; there are no selections.
	tooComplex bool
}

// Operation returns the operation that was filtered.
func (p Permitted) Operation() *Operation { return p.op }

// Bits returns the outcome of the conditions.
func (p Permitted) Bits() Bits { return p.bits }

// Selections are what is to be fetched: no conditions, nothing denied.
func (p Permitted) Selections() []Selection { return p.sub }

// Response is what is to be answered: no conditions, denied fields marked.
func (p Permitted) Response() []Selection { return p.response }

// TooComplex tells that it would take too long to find out what is null since something is denied. Nothing is permitted then.
func (p Permitted) TooComplex() bool { return p.tooComplex }

// Denies tells whether something of the response is denied: null, and not fetched.
func (p Permitted) Denies() bool { return p.denied }

// LabelOn tells whether the override label is on for this request; an unknown label is off.
func (p Permitted) LabelOn(label string) bool {
	for i, c := range p.op.Conditions {
		if c.Variable < 0 && c.Label == label {
			return p.bits.Has(i)
		}
	}
	return false
}
