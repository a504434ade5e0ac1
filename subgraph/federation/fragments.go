package federation

import (
	"slices"
	"strings"

	"github.com/graph-gophers/graphql-go/ast"
)

// concreteFragments rewrites a document so that graphql-go (v1.11) can execute it. Where a fragment on an
// interface stands in a selection set of another abstract type and holds a fragment on an object type,
// graphql-go panics ("Film does not implement Book"); gateways send such documents for entity interfaces:
//
//	{ _entities(...) { ... on Media { id ... on Book { pages } } } }
//
// Behind a fragment on each object type that is possible at this place it does the right thing:
//
//	{ _entities(...) { ... on Book { ... on Media { id ... on Book { pages } } } ... on Film { ... on Media { ... } } } }
//
// It also loses a fragment without a type condition inside of one on an interface, so each gets its condition.
// Documents without such fragments, and those that do not parse, are returned as they are.
func concreteFragments(schema *ast.Schema, document string) string {
	if !strings.Contains(document, "...") {
		return document
	}
	r := &rewriter{schema: schema, text: document, tokens: scan(document)}
	rewritten := r.document()
	if r.failed || !r.changed {
		return document
	}
	return rewritten
}

// A document that is nested deeper, or that would grow longer, is left as it is: each level of
// nested fragments can multiply what is inside of it.
const (
	deepest = 200
	longest = 1 << 20
)

// rewriter is one run over one document. After a syntax error it makes no sense of the rest, but ends.
type rewriter struct {
	schema    *ast.Schema
	text      string
	tokens    []token
	fragments map[string]string // type condition by name of fragment
	at        int
	depth     int
	failed    bool
	changed   bool
}

func (r *rewriter) document() string {
	r.fragments = make(map[string]string)
	for i := 0; i+3 < len(r.tokens); i++ {
		if r.tokens[i].text == "fragment" && r.tokens[i+2].text == "on" {
			r.fragments[r.tokens[i+1].text] = r.tokens[i+3].text
		}
	}
	var out strings.Builder
	for r.at < len(r.tokens) && !r.failed {
		start, parent := r.at, r.schema.EntryPointNames["query"]
		switch r.peek() {
		case "query", "mutation", "subscription":
			parent = r.schema.EntryPointNames[r.peek()]
		case "fragment":
			if r.at+3 < len(r.tokens) {
				parent = r.tokens[r.at+3].text
			}
		}
		r.skipTo("{")
		out.WriteString(r.source(start))
		out.WriteString(r.selectionSet(parent))
		out.WriteByte('\n')
	}
	return out.String()
}

func (r *rewriter) selectionSet(parent string) string {
	r.depth++
	defer func() { r.depth-- }()
	r.failed = r.failed || r.depth > deepest
	var out strings.Builder
	r.expect("{")
	out.WriteString("{ ")
	for r.peek() != "}" && !r.failed {
		if r.peek() == "..." {
			out.WriteString(r.fragment(parent))
		} else {
			out.WriteString(r.field(parent))
		}
		out.WriteByte(' ')
	}
	r.expect("}")
	out.WriteByte('}')
	return out.String()
}

func (r *rewriter) field(parent string) string {
	start := r.at
	name := r.next()
	if r.peek() == ":" {
		r.next()
		name = r.next()
	}
	r.arguments()
	r.directives()
	head := r.source(start)
	if r.peek() != "{" {
		return head
	}
	return head + " " + r.selectionSet(r.fieldType(parent, name))
}

// fragment rewrites an inline fragment or a spread.
func (r *rewriter) fragment(parent string) string {
	r.expect("...")
	condition, spread := parent, ""
	switch r.peek() {
	case "on":
		r.next()
		condition = r.next()
	case "@", "{":
		r.changed = r.changed || r.peek() == "@" // else it makes no difference
	default:
		spread = r.next()
		condition = r.fragments[spread]
	}
	start := r.at
	r.directives()
	directives := r.source(start)
	head, selections := "..."+spread, ""
	if spread == "" {
		head, selections = "... on "+condition, r.selectionSet(condition)
	}
	objects := r.between(parent, condition)
	if len(objects) == 0 {
		return head + " " + directives + " " + selections
	}
	r.changed = true
	var out strings.Builder
	for _, object := range objects {
		out.WriteString("... on " + object + " " + directives + " { " + head + " " + selections + " } ")
	}
	r.failed = r.failed || out.Len() > longest
	return out.String()
}

// between returns the object types behind which a fragment must stand; none if it can stand as it is.
func (r *rewriter) between(parent, condition string) []string {
	if parent == condition || !r.abstract(parent) {
		return nil
	}
	if _, ok := r.schema.Types[condition].(*ast.InterfaceTypeDefinition); !ok {
		return nil
	}
	inner := r.possible(condition)
	return slices.DeleteFunc(r.possible(parent), func(name string) bool { return !slices.Contains(inner, name) })
}

func (r *rewriter) abstract(name string) bool {
	definition, ok := r.schema.Types[name]
	return ok && (definition.Kind() == "INTERFACE" || definition.Kind() == "UNION")
}

// possible returns the object types that a value of an abstract type can have.
func (r *rewriter) possible(name string) []string {
	var objects []*ast.ObjectTypeDefinition
	switch definition := r.schema.Types[name].(type) {
	case *ast.InterfaceTypeDefinition:
		objects = definition.PossibleTypes
	case *ast.Union:
		objects = definition.UnionMemberTypes
	}
	names := make([]string, len(objects))
	for i, object := range objects {
		names[i] = object.Name
	}
	return names
}

// fieldType returns the named type of a field, "" if there is none.
func (r *rewriter) fieldType(parent, name string) string {
	var fields ast.FieldsDefinition
	switch definition := r.schema.Types[parent].(type) {
	case *ast.ObjectTypeDefinition:
		fields = definition.Fields
	case *ast.InterfaceTypeDefinition:
		fields = definition.Fields
	}
	field := fields.Get(name)
	if field == nil {
		return ""
	}
	of := field.Type
	for {
		switch wrapped := of.(type) {
		case *ast.NonNull:
			of = wrapped.OfType
		case *ast.List:
			of = wrapped.OfType
		case ast.NamedType:
			return wrapped.TypeName()
		default:
			return ""
		}
	}
}

// The walk over the tokens.

func (r *rewriter) peek() string {
	if r.at < len(r.tokens) {
		return r.tokens[r.at].text
	}
	r.failed = true
	return ""
}

func (r *rewriter) next() string {
	text := r.peek()
	r.at++
	return text
}

func (r *rewriter) expect(text string) {
	if r.next() != text {
		r.failed = true
	}
}

// source returns the text from a token up to the current one.
func (r *rewriter) source(start int) string {
	if r.failed || start >= r.at {
		return ""
	}
	return r.text[r.tokens[start].start : r.tokens[r.at-1].start+len(r.tokens[r.at-1].text)]
}

func (r *rewriter) directives() {
	for !r.failed && r.peek() == "@" {
		r.next()
		r.next()
		r.arguments()
	}
}

// arguments skips what stands in parentheses, if something does.
func (r *rewriter) arguments() {
	if r.peek() != "(" {
		return
	}
	for depth := 0; !r.failed; {
		switch r.next() {
		case "(":
			depth++
		case ")":
			depth--
			if depth == 0 {
				return
			}
		}
	}
}

// skipTo skips to a token outside of parentheses.
func (r *rewriter) skipTo(text string) {
	for !r.failed && r.peek() != text {
		if r.peek() == "(" {
			r.arguments()
		} else {
			r.next()
		}
	}
}
