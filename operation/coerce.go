package operation

import (
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Coerce checks the variables of a request against their definitions (GraphQL, September 2025, sections 6.1.2 and 3.5 to
// 3.12) and returns their values. Variables is the JSON text of the request's member "variables"; nil, empty and null
// are no variables. It is not retained. Variables that the operation does not define are ignored.
//
// The values are compact JSON: numbers and strings keep their text (but 5.0 for Int becomes 5, and 5 for ID becomes "5"),
// single values become lists where lists are wanted, members keep the client's order. Defaults of input fields are not
// filled in: they are the subgraph's. A variable that @skip or @include tests must not be null.
//
// Errors are a gqlerr.List with the code BAD_USER_INPUT, each with the place of the variable's definition; all problems are
// reported, up to 100. Text that is not a JSON object is BAD_REQUEST.
func (op *Operation) Coerce(variables []byte) (Values, error) {
	c := coercer{
		Scanner: jsonscan.Scanner{Src: variables, Depth: maxNesting, Pairs: true},
		op:      op, suggest: newSuggester(op.suggests),
	}
	if len(op.Variables) > 0 {
		c.values = make(Values, len(op.Variables))
		c.ranges = make([][2]int, len(op.Variables))
		c.dst = make([]byte, 0, len(variables)+16)
	}
	switch ok := c.object(); {
	case c.Problem != 0:
		return nil, gqlerr.List{gqlerr.New(gqlerr.BadRequest, "The variables are not valid JSON: %s.", c.Err())}
	case !ok:
		return nil, gqlerr.List{gqlerr.New(gqlerr.BadRequest, "The variables are not a JSON object.")}
	}
	c.assemble()
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return c.values, nil
}

// coercer coerces the variables of one request.
type coercer struct {
	jsonscan.Scanner
	op     *Operation
	values Values
	// dst holds the values, ranges says where; an end of 0 means that a variable is not given.
	dst     []byte
	ranges  [][2]int
	errs    gqlerr.List
	suggest suggester
	// variable is the one that is being coerced, path the place in its value.
	variable *Variable
	path     []step
}

// step is a part of a path: an input field, or an index when the field is "".
type step struct {
	field string
	index int
}

// maxNesting is how many arrays and objects may stand in one another in variables.
const maxNesting = 250

// object reads the object of all variables. It returns false for what is none, and sets Problem for what is no JSON.
func (c *coercer) object() bool {
	switch c.Peek() {
	case 0:
	case 'n':
		c.Word("null")
	case '{':
		for more := c.open('}'); more; more = c.more('}') {
			c.member()
		}
	default:
		return false
	}
	return c.Problem == 0 && c.End()
}

// open and more are Open and Next for loops that go on until there is no more, or a problem.
func (c *coercer) open(closing byte) bool {
	more, _ := c.Open(closing)
	return more
}

func (c *coercer) more(closing byte) bool {
	if c.Problem != 0 {
		return false
	}
	more, _ := c.Next(closing)
	return more
}

// member reads one variable.
func (c *coercer) member() {
	name, ok := c.Name()
	if !ok {
		return
	}
	i := c.op.variable(jsonscan.Content(name))
	if i < 0 {
		c.Value()
		return
	}
	c.variable = c.op.Variables[i]
	if c.ranges[i][1] > 0 {
		c.problem("it is given twice")
		c.Value()
		return
	}
	start := len(c.dst)
	c.value(c.variable.Type)
	c.ranges[i] = [2]int{start, max(1, len(c.dst))}
}

// assemble fills in defaults and reports what is missing.
func (c *coercer) assemble() {
	for i, v := range c.op.Variables {
		if r := c.ranges[i]; r[1] > 0 {
			c.values[i] = c.dst[r[0]:r[1]:r[1]]
			continue
		}
		c.values[i] = v.Default
		if v.Default == nil && v.Type.NonNull {
			c.add("Variable %s of required type %s was not provided.", v, variableName(v.Name), quote(v.Type.String()))
		}
	}
	if len(c.errs) > 0 {
		return
	}
	for _, cond := range c.op.Conditions {
		if cond.Variable >= 0 && !isBoolean(c.values[cond.Variable]) {
			v := c.op.Variables[cond.Variable]
			c.add("Variable %s must not be null: @skip or @include tests it.", v, variableName(v.Name))
		}
	}
}

func isBoolean(value []byte) bool { return string(value) == "true" || string(value) == "false" }

// add reports an error about a variable.
func (c *coercer) add(format string, v *Variable, args ...any) {
	if len(c.errs) < maxErrors {
		c.errs = append(c.errs, gqlerr.New(gqlerr.BadUserInput, format, args...).At(int(v.at.line), int(v.at.column)))
	}
}

// problem reports what is wrong with the value that is being read.
func (c *coercer) problem(what string) {
	if len(c.errs) >= maxErrors || c.Problem != 0 {
		return
	}
	where := ""
	if len(c.path) > 0 {
		where = " at " + quote(c.variable.Name+c.pathText())
	}
	c.add("Variable %s got an invalid value%s: %s.", c.variable, variableName(c.variable.Name), where, what)
}

func (c *coercer) pathText() string {
	var b []byte
	for _, s := range c.path {
		if s.field != "" {
			b = append(append(b, '.'), s.field...)
			continue
		}
		b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
	}
	return string(b)
}

// value reads a value of a type and appends it to dst.
func (c *coercer) value(ref supergraph.TypeRef) {
	if c.Problem != 0 {
		return
	}
	next := c.Peek()
	switch {
	case next == 'n':
		c.Word("null")
		if ref.NonNull {
			c.problem("expected a value of type " + quote(ref.String()) + ", found null")
		}
		c.dst = append(c.dst, "null"...)
	case ref.Elem != nil && next == '[':
		c.list(*ref.Elem)
	case ref.Elem != nil:
		c.dst = append(c.dst, '[')
		c.value(*ref.Elem)
		c.dst = append(c.dst, ']')
	case ref.Named.Kind == supergraph.InputObject:
		c.inputObject(ref.Named)
	case ref.Named.Kind == supergraph.Enum:
		c.enum(ref.Named)
	default:
		c.scalar(ref.Named)
	}
}

func (c *coercer) list(elem supergraph.TypeRef) {
	c.dst = append(c.dst, '[')
	c.path = append(c.path, step{})
	for more := c.open(']'); more; more = c.more(']') {
		if i := &c.path[len(c.path)-1].index; *i > 0 {
			c.dst = append(c.dst, ',')
		}
		c.value(elem)
		c.path[len(c.path)-1].index++
	}
	c.path = c.path[:len(c.path)-1]
	c.dst = append(c.dst, ']')
}

// inputObject reads an object of an input type.
func (c *coercer) inputObject(t *supergraph.Type) {
	if c.Peek() != '{' {
		c.mismatch("expected an object of type " + quote(t.Name))
		return
	}
	var small [4]uint64
	given := small[:]
	if len(t.InputFields) > 64*len(small) {
		given = make([]uint64, len(t.InputFields)/64+1)
	}
	c.dst = append(c.dst, '{')
	count, written := 0, false
	for more := c.open('}'); more; more = c.more('}') {
		if c.inputField(t, given, written) {
			written = true
		}
		count++
	}
	c.dst = append(c.dst, '}')
	for i, def := range t.InputFields {
		if isRequired(def) && given[i/64]&(1<<(i%64)) == 0 {
			c.problem("field " + quote(def.Name) + " of required type " + quote(def.Type.String()) + " was not provided")
		}
	}
	if t.OneOf && count != 1 {
		c.problem("exactly one field must be given for the @oneOf type " + quote(t.Name))
	}
}

// inputField reads one field of an input object, and tells whether it wrote it.
func (c *coercer) inputField(t *supergraph.Type, given []uint64, comma bool) bool {
	quoted, ok := c.Name()
	if !ok {
		return false
	}
	name := jsonscan.Content(quoted)
	i := inputIndex(t, name)
	if i < 0 {
		c.problem("field " + clip(string(quoted)) + " is not defined by type " + quote(t.Name) + c.meantInput(t, name))
		c.Value()
		return false
	}
	def := t.InputFields[i]
	if given[i/64]&(1<<(i%64)) != 0 {
		c.problem("field " + quote(def.Name) + " is given twice")
	}
	given[i/64] |= 1 << (i % 64)
	if comma {
		c.dst = append(c.dst, ',')
	}
	c.dst = append(append(append(c.dst, '"'), def.Name...), '"', ':')
	c.path = append(c.path, step{field: def.Name})
	if t.OneOf && c.Peek() == 'n' {
		c.problem("it must not be null in the @oneOf type " + quote(t.Name))
	}
	c.value(def.Type)
	c.path = c.path[:len(c.path)-1]
	return true
}

// meantInput is a suggestion in the middle of a message; it costs nothing when there are too many errors.
func (c *coercer) meantInput(t *supergraph.Type, name []byte) string {
	if len(c.errs) >= maxErrors {
		return ""
	}
	return asPart(c.suggest.input(t.InputFields, string(name)))
}

// asPart puts a suggestion into a sentence.
func asPart(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return " (d" + strings.TrimPrefix(suggestion, " D") + ")"
}

// inputIndex is the index of a visible input field, -1 when there is none.
func inputIndex(t *supergraph.Type, name []byte) int {
	for i, f := range t.InputFields {
		if string(name) == f.Name && !f.Inaccessible {
			return i
		}
	}
	return -1
}

// variable returns the index of a variable, -1 when there is none of that name.
func (op *Operation) variable(name []byte) int {
	if op.index != nil {
		if i, ok := op.index[string(name)]; ok {
			return i
		}
		return -1
	}
	for i, v := range op.Variables {
		if string(name) == v.Name {
			return i
		}
	}
	return -1
}
