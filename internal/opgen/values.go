package opgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// variable is a variable of the operation; value is its JSON, "" when the request gives none.
type variable struct {
	name, typ, def, value string
	// origin is what the variable was made for: it is used again only for the same.
	origin string
}

// add adds a variable to the operation and returns its name.
func (g *Generator) add(v *variable) string {
	v.name = fmt.Sprintf("v%d", len(g.variables))
	g.variables = append(g.variables, v)
	return v.name
}

// again returns a variable that was made for the same, "" without one.
func (g *Generator) again(origin string) string {
	for _, v := range g.variables {
		if v.origin == origin && g.percent(60) {
			return v.name
		}
	}
	return ""
}

// flag returns a variable for @skip or @include.
func (g *Generator) flag() string {
	if name := g.again("flag"); name != "" {
		return name
	}
	v := &variable{typ: "Boolean!", value: strconv.FormatBool(g.percent(50)), origin: "flag"}
	if g.percent(25) {
		v.typ, v.def = "Boolean", strconv.FormatBool(g.percent(50))
		if g.percent(50) {
			v.value = ""
		}
	}
	return g.add(v)
}

// arguments returns the arguments of a field with their parentheses; "" for none.
func (g *Generator) arguments(f *supergraph.Field) string {
	var list []string
	for _, i := range g.random.Perm(len(f.Args)) {
		in := f.Args[i]
		if in.Inaccessible || (!in.Type.NonNull || in.Default != nil) && g.percent(50) {
			continue
		}
		coordinate := supergraph.Coordinate(string(f.Coordinate()) + "(" + in.Name + ":)")
		list = append(list, in.Name+": "+g.given(in, coordinate, false))
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// given returns what is given for an argument or input field: a literal or a variable.
func (g *Generator) given(in *supergraph.InputValue, coordinate supergraph.Coordinate, oneOf bool) string {
	ref := in.Type
	if oneOf {
		ref.NonNull = true
	}
	if g.percent(60) {
		return g.value(ref, coordinate, literalForm)
	}
	return "$" + g.variable(ref, coordinate, in.Default != nil && !oneOf, oneOf)
}

// variable returns a variable for a place. Where the place has a default, the variable may be nullable; in a @oneOf object it never is.
func (g *Generator) variable(ref supergraph.TypeRef, coordinate supergraph.Coordinate, hasDefault, oneOf bool) string {
	origin := string(coordinate) + " " + ref.String() + strconv.FormatBool(hasDefault)
	if name := g.again(origin); name != "" {
		return name
	}
	v := &variable{typ: ref.String(), value: g.value(ref, coordinate, jsonForm), origin: origin}
	required := strings.HasSuffix(v.typ, "!")
	switch {
	case required && g.percent(20): // A default makes a nullable variable fit.
		nullable := ref
		nullable.NonNull = oneOf
		v.typ, v.def = nullable.String(), g.value(ref, coordinate, constantForm)
		if g.percent(50) {
			v.value = ""
		}
	case required && hasDefault && g.opts.Nulls && g.percent(30):
		v.typ, v.value = strings.TrimSuffix(v.typ, "!"), ""
	case !required && g.percent(20):
		v.typ += "!"
	case !required && g.opts.Nulls && g.percent(30):
		v.value = pick(g, []string{"", "null"})
	}
	if strings.HasSuffix(v.typ, "!") && v.value == "null" {
		v.value = g.value(supergraph.TypeRef{Named: ref.Named, Elem: ref.Elem, NonNull: true}, coordinate, jsonForm)
	}
	return g.add(v)
}

// form is how a value is written.
type form uint8

const (
	literalForm  form = iota // GraphQL, with variables in it
	constantForm             // GraphQL
	jsonForm
)

// value returns a value of a type.
func (g *Generator) value(ref supergraph.TypeRef, coordinate supergraph.Coordinate, as form) string {
	switch {
	case !ref.NonNull && g.opts.Nulls && g.percent(8):
		return "null"
	case ref.Elem != nil:
		if g.percent(10) && ref.Elem.Elem == nil {
			return g.value(supergraph.TypeRef{Named: ref.Named, NonNull: true}, coordinate, as) // a single value
		}
		elems := make([]string, g.random.IntN(3))
		for i := range elems {
			if as == literalForm && g.percent(10) {
				elems[i] = "$" + g.variable(*ref.Elem, coordinate, false, false)
				continue
			}
			elems[i] = g.value(*ref.Elem, coordinate, as)
		}
		return "[" + strings.Join(elems, ", ") + "]"
	case ref.Named.Kind == supergraph.InputObject:
		return g.object(ref.Named, as)
	case ref.Named.Kind == supergraph.Enum:
		return g.enum(ref.Named, as)
	default:
		return g.scalar(ref.Named, coordinate)
	}
}

// object returns a value of an input object type.
func (g *Generator) object(t *supergraph.Type, as form) string {
	var fields []string
	chosen := g.random.Perm(len(t.InputFields))
	if t.OneOf {
		for t.InputFields[chosen[0]].Inaccessible {
			chosen = chosen[1:]
		}
		chosen = chosen[:1]
	}
	for _, i := range chosen {
		in := t.InputFields[i]
		recursive := in.Type.Named.Kind == supergraph.InputObject && g.percent(70)
		optional := !t.OneOf && (!in.Type.NonNull || in.Default != nil)
		if in.Inaccessible || optional && (recursive || g.percent(50)) {
			continue
		}
		coordinate := supergraph.Coordinate(t.Name + "." + in.Name)
		ref := in.Type
		if t.OneOf {
			ref.NonNull = true
		}
		switch {
		case as == jsonForm:
			fields = append(fields, strconv.Quote(in.Name)+": "+g.value(ref, coordinate, as))
		case as == literalForm && g.percent(40):
			fields = append(fields, in.Name+": "+g.given(in, coordinate, t.OneOf))
		default:
			fields = append(fields, in.Name+": "+g.value(ref, coordinate, as))
		}
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

func (g *Generator) enum(t *supergraph.Type, as form) string {
	var names []string
	for _, v := range t.EnumValues {
		if !v.Inaccessible {
			names = append(names, v.Name)
		}
	}
	name := pick(g, names)
	if as == jsonForm {
		return strconv.Quote(name)
	}
	return name
}

// scalar returns a value from the options, or one that is made up. JSON and GraphQL write all of them alike.
func (g *Generator) scalar(t *supergraph.Type, coordinate supergraph.Coordinate) string {
	for _, c := range []supergraph.Coordinate{coordinate, supergraph.Coordinate(t.Name)} {
		if values := g.opts.Values[c]; len(values) > 0 {
			return pick(g, values)
		}
	}
	switch t.Name {
	case "Int":
		return strconv.Itoa(g.random.IntN(12))
	case "Float":
		return pick(g, []string{"0.5", "2", "1e2", "-3.25"})
	case "Boolean":
		return strconv.FormatBool(g.percent(50))
	case "ID":
		return pick(g, []string{`"1"`, "2", `"3"`})
	case "String":
		return pick(g, []string{`"a"`, `"gräßlich"`, `"x \"y\" \\ z"`, `""`})
	default:
		return pick(g, []string{`"2024-02-29"`, `"x"`})
	}
}
