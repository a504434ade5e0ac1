package executor

import (
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// introspection is the schema as clients see it (GraphQL, section 4.2): nothing inaccessible, and of the built-in scalars
// those that are used.
type introspection struct {
	schema *supergraph.Schema
	// types in the order of __schema.types, the introspection types last.
	types  []*supergraph.Type
	byName map[string]*supergraph.Type
	// limit is how many bytes the answers to one operation may have together.
	limit int
}

// introspectionTypes are the names of the types that are not among Schema.Types.
var introspectionTypes = []string{
	"__Schema", "__Type", "__TypeKind", "__Field", "__InputValue", "__EnumValue", "__Directive", "__DirectiveLocation",
}

func newIntrospection(schema *supergraph.Schema) *introspection {
	in := &introspection{schema: schema, byName: map[string]*supergraph.Type{}}
	all := visible(schema.Types, func(t *supergraph.Type) bool { return t.Inaccessible })
	for _, name := range introspectionTypes {
		if t := schema.Type(name); t != nil {
			all = append(all, t)
		}
	}
	used := map[string]bool{}
	for _, t := range all {
		for _, f := range visibleFields(t) {
			used[f.Type.Named.Name] = true
			markUsed(used, f.Args)
		}
		markUsed(used, t.InputFields)
	}
	for _, d := range schema.Directives {
		markUsed(used, d.Args)
	}
	for _, t := range all {
		switch t.Name {
		case "Int", "Float", "String", "Boolean", "ID":
			if !used[t.Name] {
				continue
			}
		}
		in.types = append(in.types, t)
		in.byName[t.Name] = t
	}
	in.limit = in.bound()
	return in
}

func markUsed(used map[string]bool, values []*supergraph.InputValue) {
	for _, v := range visibleValues(values) {
		used[v.Type.Named.Name] = true
	}
}

// visible returns what is not hidden; the argument itself when nothing is.
func visible[T any](all []T, hidden func(T) bool) []T {
	for i, one := range all {
		if !hidden(one) {
			continue
		}
		out := append([]T(nil), all[:i]...)
		for _, one := range all[i+1:] {
			if !hidden(one) {
				out = append(out, one)
			}
		}
		return out
	}
	return all
}

func visibleFields(t *supergraph.Type) []*supergraph.Field {
	return visible(t.Fields, func(f *supergraph.Field) bool { return f.Inaccessible })
}

func visibleValues(values []*supergraph.InputValue) []*supergraph.InputValue {
	return visible(values, func(v *supergraph.InputValue) bool { return v.Inaccessible })
}

// introspector writes the answer to one introspection fetch, as a subgraph would.
type introspector struct {
	*introspection
	growth
	dst []byte
	// pause is the length of dst at which it looks whether it may go on.
	pause  int
	values operation.Values
	vars   []*operation.Variable
	// shows is Request.Visible.
	shows func(supergraph.Coordinate) bool
}

// hides tells whether this caller is not shown a type.
func (in *introspector) hides(t *supergraph.Type) bool {
	return t.Inaccessible || in.shows != nil && !in.shows(supergraph.Coordinate(t.Name))
}

// hidesField tells whether this caller is not shown a field.
func (in *introspector) hidesField(f *supergraph.Field) bool {
	return f.Inaccessible || in.shows != nil && !in.shows(f.Coordinate())
}

// answer appends the response of the subgraph that does not exist to dst, unless it ends before.
func (in *introspector) answer(asked *planner.Selection) {
	in.pause = in.first()
	in.dst = append(in.dst, `{"data":`...)
	in.object(asked, in.schema.Query.Name, func(f *planner.SelectionField) {
		switch f.Def.Name {
		case "__schema":
			in.schemaObject(f.Sub)
		case "__type":
			name, _ := in.text(f.Args, "name")
			if t := in.byName[name]; t != nil && !in.hides(t) {
				in.typeObject(f.Sub, supergraph.TypeRef{Named: t})
				return
			}
			in.null()
		default:
			in.null()
		}
	})
	in.dst = append(in.dst, '}')
	in.mayGoOn()
}

// mayGoOn is asked when dst has reached pause, and at the end. Once it has said no it says so at every object.
func (in *introspector) mayGoOn() (ok bool) {
	in.pause, ok = in.look(len(in.dst), cap(in.dst))
	return ok
}

// object writes an object: typename is its type, field writes the value of a field other than __typename.
func (in *introspector) object(asked *planner.Selection, typename string, field func(*planner.SelectionField)) {
	in.dst = append(in.dst, '{')
	for i, f := range asked.Fields {
		if len(in.dst) > in.pause && !in.mayGoOn() {
			return
		}
		if i > 0 {
			in.dst = append(in.dst, ',')
		}
		in.dst = append(gqlerr.AppendString(in.dst, f.Key), ':')
		if f.Def.IsTypename() {
			in.string(typename)
		} else {
			field(f)
		}
	}
	in.dst = append(in.dst, '}')
}

// each writes a list.
func each[T any](in *introspector, all []T, write func(T)) {
	in.dst = append(in.dst, '[')
	for i, one := range all {
		if i > 0 {
			in.dst = append(in.dst, ',')
		}
		write(one)
	}
	in.dst = append(in.dst, ']')
}

func (in *introspector) null()           { in.dst = append(in.dst, "null"...) }
func (in *introspector) string(s string) { in.dst = gqlerr.AppendString(in.dst, s) }

func (in *introspector) bool(b bool) {
	if b {
		in.dst = append(in.dst, "true"...)
		return
	}
	in.dst = append(in.dst, "false"...)
}

// optional writes a string, or null for the empty one.
func (in *introspector) optional(s string) {
	if s == "" {
		in.null()
		return
	}
	in.string(s)
}

// pointer writes the string it points to, or null.
func (in *introspector) pointer(s *string) {
	if s == nil {
		in.null()
		return
	}
	in.string(*s)
}

// argument returns the text of an argument, of the variable's value where it is one; "" when there is none.
func (in *introspector) argument(args []supergraph.Argument, name string) string {
	for _, a := range args {
		if a.Name != name {
			continue
		}
		if len(a.Variables) == 0 {
			return a.Value
		}
		for i, v := range in.vars {
			if v.Name == a.Variables[0].Name && i < len(in.values) {
				return string(in.values[i])
			}
		}
	}
	return ""
}

// text returns an argument that is a string.
func (in *introspector) text(args []supergraph.Argument, name string) (string, bool) {
	s := jsonscan.Scanner{Src: []byte(in.argument(args, name))}
	if s.Peek() != '"' || !s.Text() || s.At < len(s.Src) {
		return "", false
	}
	return string(jsonscan.Content(s.Src)), true
}

// deprecatedToo tells whether includeDeprecated is true.
func (in *introspector) deprecatedToo(f *planner.SelectionField) bool {
	return in.argument(f.Args, "includeDeprecated") == "true"
}
