package authz

import (
	"strings"
	"unicode"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// contextTypes are the types that set each context (@context).
func contextTypes(schema *supergraph.Schema) map[string][]*supergraph.Type {
	all := map[string][]*supergraph.Type{}
	for _, t := range schema.Types {
		seen := map[string]bool{}
		for _, in := range t.In {
			if in == nil {
				continue
			}
			for _, name := range in.Contexts {
				if !seen[name] {
					seen[name] = true
					all[name] = append(all[name], t)
				}
			}
		}
	}
	return all
}

// brokenContext tells whether a selection of @fromContext on f, or on the same field of an interface, cannot be understood.
// Then nobody may select f: what it would show is not known.
func (c *requirementCollector) brokenContext(f *supergraph.Field) bool {
	declared := []*supergraph.Field{f}
	for _, i := range f.Parent.Interfaces {
		if field := i.Field(f.Name); field != nil {
			declared = append(declared, field)
		}
	}
	for _, f := range declared {
		for _, in := range f.In {
			if in == nil {
				continue
			}
			for _, arg := range in.ContextArgs {
				if _, ok := contextFields(c.contexts, arg); !ok {
					return true
				}
			}
		}
	}
	return false
}

// contextFields returns the fields that the selection of a @fromContext names, on every type that sets the context, and
// whether all of it was understood.
func contextFields(contexts map[string][]*supergraph.Type, arg supergraph.ContextArg) ([]*supergraph.Field, bool) {
	on := contexts[arg.Context]
	r := contextReader{tokens: contextTokens(arg.Selection)}
	if r.peek() == "{" {
		r.next()
	} else {
		r.tokens = append(r.tokens, "}")
	}
	r.selections(on, len(arg.Selection))
	return r.found, len(on) > 0 && !r.broken && len(r.tokens) == 0 && len(r.found) > 0
}

// contextReader reads a selection set. It is no parser of GraphQL: composition has seen that the text is valid.
type contextReader struct {
	tokens []string
	found  []*supergraph.Field
	broken bool
}

// contextTokens splits a selection into names, braces, parentheses and "...".
func contextTokens(text string) []string {
	for _, mark := range []string{"{", "}", "(", ")", "...", ":"} {
		text = strings.ReplaceAll(text, mark, " "+mark+" ")
	}
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
}

func (r *contextReader) peek() string {
	if len(r.tokens) == 0 {
		return ""
	}
	return r.tokens[0]
}

func (r *contextReader) next() string {
	token := r.peek()
	if token != "" {
		r.tokens = r.tokens[1:]
	}
	return token
}

// selections reads up to the closing brace of a selection set on objects that may be of any of the types.
func (r *contextReader) selections(on []*supergraph.Type, depth int) {
	for depth > 0 {
		switch token := r.next(); token {
		case "}":
			return
		case "...":
			r.fragment(on, depth-1)
		case "", "{", "(", ")", ":":
			r.broken = true
			return
		default:
			r.field(token, on, depth-1)
		}
	}
	r.broken = true
}

// fragment reads what follows "...": a type condition narrows nothing here, since a field with a condition too many is safe.
func (r *contextReader) fragment(on []*supergraph.Type, depth int) {
	if r.peek() == "on" {
		r.next()
		name := r.next()
		on = typesNamed(on, name)
	}
	if r.next() != "{" {
		r.broken = true
		return
	}
	r.selections(on, depth)
}

// typesNamed returns the types of that name among the possible types and interfaces of some types.
func typesNamed(on []*supergraph.Type, name string) []*supergraph.Type {
	seen := map[*supergraph.Type]bool{}
	var found []*supergraph.Type
	for _, t := range on {
		for _, list := range [][]*supergraph.Type{{t}, t.Possible, t.Interfaces} {
			for _, other := range list {
				if other.Name == name && !seen[other] {
					seen[other] = true
					found = append(found, other)
				}
			}
		}
	}
	return found
}

// field reads a field: an alias and arguments may follow, and a selection set.
func (r *contextReader) field(name string, on []*supergraph.Type, depth int) {
	if r.peek() == ":" {
		r.next()
		name = r.next()
	}
	if r.peek() == "(" {
		for token := r.next(); token != ")"; token = r.next() {
			if token == "" {
				r.broken = true
				return
			}
		}
	}
	var below []*supergraph.Type
	known := false
	for _, t := range on {
		f := t.Field(name)
		if f == nil {
			continue
		}
		known = true
		if !f.IsTypename() {
			r.found = append(r.found, f)
			below = append(below, f.Type.Named)
		}
	}
	r.broken = r.broken || !known && len(on) > 0
	if r.peek() == "{" {
		r.next()
		r.selections(below, depth)
	}
}
