package operation

import "github.com/gatehouse-graphql/gatehouse/supergraph"

// This file holds the nouns of a document as it is written. They live while a document is prepared; what is kept is
// Operation.

// document is a parsed document.
type document struct {
	operations []*definition
	fragments  []*definition
	byName     map[string]*definition // fragments; the first of a name
	// length is how many bytes it has.
	length int
}

// definition is an operation or a fragment definition.
type definition struct {
	pos
	// fragment tells which of the two it is. Kind and variables are an operation's, cond a fragment's.
	fragment   bool
	kind       Kind
	name       string
	namePos    pos
	variables  []*variableNode
	cond       *typeNode
	directives []*directiveNode
	sub        []*selectionNode

	// typ is the root type or the type condition, nil as long as it is unknown or wrong.
	typ *supergraph.Type
	// size is what bounds found.
	size size
	// uses are the variables in the definition, in order; spreads the fragments it spreads.
	uses    []variableUse
	spreads []*selectionNode
}

// variableNode is a variable definition.
type variableNode struct {
	pos
	name       string
	typ        *typeNode
	def        *valueNode // nil without a default
	directives []*directiveNode
	// ref is the resolved type; ref.Named is nil when it is unknown or not an input type.
	ref supergraph.TypeRef
}

// typeNode is a type reference: of elem a list, or else of that name.
type typeNode struct {
	pos
	name    string
	elem    *typeNode
	nonNull bool
}

func (t *typeNode) String() string { return string(t.append(nil)) }

func (t *typeNode) append(dst []byte) []byte {
	if t.elem != nil {
		dst = append(t.elem.append(append(dst, '[')), ']')
	} else {
		dst = append(dst, t.name...)
	}
	if t.nonNull {
		dst = append(dst, '!')
	}
	return dst
}

// selectionKind is the kind of a selection.
type selectionKind uint8

const (
	fieldNode selectionKind = iota
	inlineNode
	spreadNode
)

// selectionNode is a field, an inline fragment or a fragment spread; name is the field's or the fragment's.
type selectionNode struct {
	pos
	kind       selectionKind
	alias      string
	name       string
	args       []*argumentNode
	directives []*directiveNode
	cond       *typeNode // of an inline fragment, may be nil
	sub        []*selectionNode
	hasSub     bool

	// id is the number of the node in its document.
	id int
	// on is the type that a field stands on, def the field there, typ the type that selections below have; nil when unknown.
	on  *supergraph.Type
	def *supergraph.Field
	typ *supergraph.Type
	// target is the fragment that is spread; nil when unknown, or when the spread closes a cycle.
	target *definition
}

// key is the response key of a field.
func (s *selectionNode) key() string {
	if s.alias != "" {
		return s.alias
	}
	return s.name
}

type directiveNode struct {
	pos
	name string
	args []*argumentNode
}

type argumentNode struct {
	pos
	name  string
	value *valueNode
}

// valueKind is the kind of a literal.
type valueKind uint8

const (
	varValue valueKind = iota
	intValue
	floatValue
	stringValue
	boolValue
	nullValue
	enumValue
	listValue
	objectValue
)

// valueNode is a literal or a variable. text is the number, name or string value.
type valueNode struct {
	pos
	kind   valueKind
	text   string
	list   []*valueNode
	fields []*argumentNode
}

// variableUse is a place where a variable stands.
type variableUse struct {
	pos
	name string
	// ref is the type of the place; ref.Named is nil where there is none: in a custom scalar.
	ref supergraph.TypeRef
	// hasDefault tells that the argument or input field has a default; oneOf that it is a field of a @oneOf object.
	hasDefault, oneOf bool
	// owner names the input object of oneOf.
	owner string
}
