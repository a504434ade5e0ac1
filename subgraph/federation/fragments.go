package federation

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
	"github.com/graph-gophers/graphql-go/ast"
)

// longest is how many bytes a document may be rewritten to.
const longest = 1 << 20

var (
	// errTooLong is about a document whose fragments apply to too many types at too many places.
	errTooLong = errors.New("the fragments of the document are too many to be executed")
	// errUnknown is about a name that the schema does not know.
	errUnknown = errors.New("unknown name")
)

// concreteFragments rewrites a document so that graphql-go (v1.11) can execute it. Where the type condition of a fragment is an
// abstract type other than that of the selection set it stands in, graphql-go panics ("Film does not implement Book"), or
// loses what the fragment holds; gateways send such documents for entity interfaces:
//
//	{ _entities(...) { ... on Media { id ... on Book { pages } } } }
//
// What it executes rightly is a fragment on an object type. So each fragment is written once for each object type that is possible at
// its place, with what applies to that type:
//
//	{ _entities(...) { ... on Book { id pages } ... on Film { id } } }
//
// A selection set that comes up for several types becomes a named fragment, so that the text does not multiply with each level.
//
// A document without such fragments, and one that is not valid, is returned as it is: its errors are about the text that the client
// sent. Of another, the operation to execute and what it needs is left. The error is errTooLong.
func concreteFragments(schema *graphql.Schema, text, operation string, variables map[string]any) (string, error) {
	if !strings.Contains(text, "...") {
		return text, nil
	}
	d, ok := readDocument(text)
	if !ok {
		return text, nil
	}
	r := &rewriter{
		schema: schema.AST(), document: d,
		possible: map[pair][]string{}, named: map[named]string{}, used: map[string]bool{},
	}
	op := d.operation(operation)
	if op == nil || !r.mustRewrite() || len(schema.ValidateWithVariables(text, variables)) > 0 {
		return text, nil
	}
	rewritten := r.rewrite(op)
	if errors.Is(r.err, errUnknown) {
		return text, nil
	}
	return rewritten, r.err
}

// operation returns the operation of that name, or the only one; nil when there is none.
func (d *document) operation(name string) *definition {
	if name == "" && len(d.operations) == 1 {
		return d.operations[0]
	}
	i := slices.IndexFunc(d.operations, func(op *definition) bool { return name != "" && op.name == name })
	if i < 0 {
		return nil
	}
	return d.operations[i]
}

// rewriter is one run over one document.
type rewriter struct {
	*document

	schema *ast.Schema
	out    []byte
	// size is how much was written, into out and into definitions.
	size int
	// several: what is being written comes up for more than one type.
	several bool
	// possible are the results of types, named the names of written fragments ("" for an empty one).
	possible    map[pair][]string
	named       map[named]string
	definitions []string
	used        map[string]bool // variables
	// err ends the run.
	err error
}

// pair is a fragment's condition and the type of the selection set that it stands in.
type pair struct{ parent, condition string }

// named is a fragment that was written for a type: selections below a field (of is the *selection) or a named fragment of
// the document (of is the *definition).
type named struct {
	of   any
	name string
}

// mustRewrite tells whether the document has fragments that graphql-go cannot execute.
func (r *rewriter) mustRewrite() bool {
	for _, op := range r.operations {
		if r.mustRewriteSet(op.selections, r.schema.EntryPointNames[op.keyword]) {
			return true
		}
	}
	for _, f := range r.fragments {
		if r.mustRewriteSet(f.selections, f.condition) {
			return true
		}
	}
	return false
}

func (r *rewriter) mustRewriteSet(set []*selection, parent string) bool {
	return slices.ContainsFunc(set, func(s *selection) bool {
		if s.kind == field {
			return s.nested && r.mustRewriteSet(s.selections, r.fieldType(parent, s.name))
		}
		condition := r.conditionOf(s, parent)
		return condition != parent && r.isAbstract(condition) || r.mustRewriteSet(s.selections, condition)
	})
}

// conditionOf is the type condition of a fragment; that of its place when it has none.
func (r *rewriter) conditionOf(s *selection, parent string) string {
	switch {
	case s.kind == inline && s.condition == "":
		return parent
	case s.kind == inline:
		return s.condition
	case r.fragments[s.name] == nil:
		return ""
	default:
		return r.fragments[s.name].condition
	}
}

// rewrite returns a document of the operation alone.
func (r *rewriter) rewrite(op *definition) string {
	r.write("{ ")
	r.selections(op.selections, r.schema.EntryPointNames[op.keyword])
	r.write("}")
	r.use(op.directives)
	var head strings.Builder
	head.WriteString(op.keyword + " " + op.name)
	open := "("
	for _, v := range op.variables {
		if r.used[v.name] { // else all that used it applies to nothing
			head.WriteString(open + v.text)
			open = " "
		}
	}
	if open == " " {
		head.WriteString(")")
	}
	return head.String() + " " + op.directives.text + " " + string(r.out) + strings.Join(r.definitions, "")
}

func (r *rewriter) write(text string) {
	r.size += len(text)
	if r.size > longest {
		r.err = errTooLong
		return
	}
	r.out = append(r.out, text...)
}

// use notes that what uses these variables is written.
func (r *rewriter) use(c clause) {
	for _, name := range c.uses {
		r.used[name] = true
	}
}

// selections writes what a selection set of a type has.
func (r *rewriter) selections(set []*selection, parent string) {
	for _, s := range set {
		switch {
		case r.err != nil:
			return
		case s.kind == field:
			r.field(s, parent)
		case s.kind == inline:
			r.inline(s, parent)
		default:
			r.spread(s, parent)
		}
	}
}

// nothing is a selection set that selects nothing.
const nothing = "__typename @skip(if: true) "

func (r *rewriter) field(s *selection, parent string) {
	r.write(s.clause.text + " ")
	r.use(s.clause)
	if !s.nested {
		return
	}
	of := r.fieldType(parent, s.name)
	if of == "" {
		r.err = errUnknown
	}
	r.write("{ ")
	before := len(r.out)
	if r.several {
		if name := r.fragment(named{s, of}, s.selections, false); name != "" {
			r.write("..." + name + " ")
		}
	} else {
		r.selections(s.selections, of)
	}
	if len(r.out) == before {
		r.write(nothing)
	}
	r.write("} ")
}

// inline writes an inline fragment, for each type to which it applies.
func (r *rewriter) inline(s *selection, parent string) {
	types, several := r.types(parent, r.conditionOf(s, parent)), r.several
	if s.clause.text == "" && len(types) == 1 && types[0] == parent {
		r.selections(s.selections, parent)
		return
	}
	r.several = several || len(types) > 1
	for _, t := range types {
		before := len(r.out)
		r.write("... on " + t + " " + s.clause.text + " { ")
		start := len(r.out)
		r.selections(s.selections, t)
		if len(r.out) == start {
			r.out = r.out[:before] // nothing of it applies
			continue
		}
		r.write("} ")
		r.use(s.clause)
	}
	r.several = several
}

// spread writes the spread of a named fragment, for each type to which it applies.
func (r *rewriter) spread(s *selection, parent string) {
	f := r.fragments[s.name]
	if f == nil {
		r.err = errUnknown
		return
	}
	for _, t := range r.types(parent, f.condition) {
		if name := r.fragment(named{f, t}, f.selections, true); name != "" {
			r.write("..." + name + " " + s.clause.text + " ")
			r.use(s.clause)
		}
	}
}

// fragment returns the name of a fragment on a type, which it writes the first time; "" when nothing is in it. Several: its
// selections may come up for other types, too.
func (r *rewriter) fragment(key named, set []*selection, several bool) string {
	if name, ok := r.named[key]; ok {
		return name
	}
	r.named[key] = ""
	name := "F" + strconv.Itoa(len(r.named))
	outer, outerSeveral := r.out, r.several
	r.out, r.several = nil, several
	r.selections(set, key.name)
	if len(r.out) > 0 && r.err == nil {
		r.named[key] = name
		r.size += len(key.name) + len(name)
		r.definitions = append(r.definitions, "\nfragment "+name+" on "+key.name+" { "+string(r.out)+"}")
	}
	r.out, r.several = outer, outerSeveral
	return r.named[key]
}

// types returns the types for which a fragment is written where it stands in a selection set of the parent type: none to which
// it never applies.
func (r *rewriter) types(parent, condition string) []string {
	key := pair{parent, condition}
	list, ok := r.possible[key]
	if ok {
		return list
	}
	if list = []string{parent}; parent != condition {
		inner := r.objects(condition)
		list = slices.DeleteFunc(r.objects(parent), func(name string) bool { return !slices.Contains(inner, name) })
	}
	r.possible[key] = list
	return list
}

func (r *rewriter) isAbstract(name string) bool {
	definition, ok := r.schema.Types[name]
	return ok && (definition.Kind() == "INTERFACE" || definition.Kind() == "UNION")
}

// objects returns the object types that a value of a type can have.
func (r *rewriter) objects(name string) []string {
	var objects []*ast.ObjectTypeDefinition
	switch definition := r.schema.Types[name].(type) {
	case *ast.InterfaceTypeDefinition:
		objects = definition.PossibleTypes
	case *ast.Union:
		objects = definition.UnionMemberTypes
	default:
		return []string{name}
	}
	names := make([]string, len(objects))
	for i, object := range objects {
		names[i] = object.Name
	}
	return names
}

// fieldType returns the named type of a field, "" if there is none.
func (r *rewriter) fieldType(parent, name string) string {
	switch name {
	case "__schema":
		return "__Schema"
	case "__type":
		return "__Type"
	}
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
