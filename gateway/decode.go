package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"

	"github.com/gatehouse-graphql/gatehouse/internal/secret"
)

// unsupported are keys of features that this version does not have. They are refused like any unknown key, and whoever
// expects the feature should not look for a spelling mistake.
var unsupported = []string{"batching", "cors", "csrf", "tls"}

// decodeStrictly decodes JSON into a struct, on top of what is in it: members that are not in the text keep their value.
// It returns everything that does not fit, in the order of the text.
func decodeStrictly(text []byte, into any) []Problem {
	d := &strictDecoder{text: text, json: json.NewDecoder(bytes.NewReader(text))}
	d.json.UseNumber()
	err := d.value("", reflect.ValueOf(into).Elem())
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		if _, trailing := d.json.Token(); !errors.Is(trailing, io.EOF) {
			err = errors.New("something follows the closing brace")
		}
	}
	if err != nil {
		d.report("", "is not valid JSON%s: %s", d.position(err), strings.TrimPrefix(err.Error(), "json: "))
	}
	return d.problems
}

// strictDecoder is one run. Its methods return errors of syntax only, which end the run; the rest goes to problems.
type strictDecoder struct {
	text     []byte
	json     *json.Decoder
	problems []Problem
	// zero tells that the duration that comes next may be 0: its field says so with the tag config:"zero".
	zero bool
}

// report notes a problem.
func (d *strictDecoder) report(path, format string, args ...any) {
	d.problems = append(d.problems, Problem{Path: path, Text: fmt.Sprintf(format, args...)})
}

// position says where a syntax error is.
func (d *strictDecoder) position(err error) string {
	offset := d.json.InputOffset()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	before := d.text[:min(int(offset), len(d.text))]
	return fmt.Sprintf(" (line %d)", bytes.Count(before, []byte("\n"))+1)
}

// value decodes the next value.
func (d *strictDecoder) value(path string, into reflect.Value) error {
	if into.Type() == reflect.TypeFor[json.RawMessage]() {
		return d.json.Decode(into.Addr().Interface())
	}
	token, err := d.json.Token()
	if err != nil {
		return err
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	into = alternative(into, token)
	switch token {
	case json.Delim('{'):
		switch {
		case into.Kind() == reflect.Struct && hasMembers(into.Type()):
			return d.object(path, func(key string) error { return d.member(path, key, into) })
		case into.Kind() == reflect.Map:
			return d.entries(path, into)
		}
		d.report(path, "must be %s, not an object", kindName(into.Type()))
		return d.skipRest('}')
	case json.Delim('['):
		if into.Kind() == reflect.Slice {
			return d.elements(path, into)
		}
		d.report(path, "must be %s, not a list", kindName(into.Type()))
		return d.skipRest(']')
	}
	d.scalar(path, token, into)
	return nil
}

// object calls member for each key, whose value comes next, and notes keys that stand twice.
func (d *strictDecoder) object(path string, member func(key string) error) error {
	seen := map[string]bool{}
	for d.json.More() {
		token, err := d.json.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if seen[key] {
			d.report(joinPath(path, key), "occurs twice")
			if err := d.skip(); err != nil {
				return err
			}
			continue
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	_, err := d.json.Token()
	return err
}

// member decodes the value of one member of a struct.
func (d *strictDecoder) member(path, key string, into reflect.Value) error {
	fields := map[string]memberField{}
	collectFields(into, fields)
	if field, ok := fields[key]; ok {
		d.zero = field.zero
		return d.value(joinPath(path, key), field.Value)
	}
	switch near := nearest(key, fields); {
	case slices.Contains(unsupported, key):
		d.report(joinPath(path, key), "unknown key: this version does not have that feature yet")
	case near != "":
		d.report(joinPath(path, key), "unknown key; did you mean %q?", near)
	default:
		d.report(joinPath(path, key), "unknown key")
	}
	return d.skip()
}

// entries decodes a map.
func (d *strictDecoder) entries(path string, into reflect.Value) error {
	into.Set(reflect.MakeMap(into.Type()))
	return d.object(path, func(key string) error {
		entry := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(joinPath(path, key), entry); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), entry)
		return nil
	})
}

// elements decodes a list, in place of the default.
func (d *strictDecoder) elements(path string, into reflect.Value) error {
	list := reflect.MakeSlice(into.Type(), 0, 0)
	for d.json.More() {
		element := reflect.New(into.Type().Elem()).Elem()
		if err := d.value(fmt.Sprintf("%s[%d]", path, list.Len()), element); err != nil {
			return err
		}
		list = reflect.Append(list, element)
	}
	into.Set(list)
	_, err := d.json.Token()
	return err
}

// scalar decodes a string, number, bool or null.
func (d *strictDecoder) scalar(path string, token json.Token, into reflect.Value) {
	text, isString := token.(string)
	number, isNumber := token.(json.Number)
	truth, isBool := token.(bool)
	switch {
	case into.Type() == reflect.TypeFor[time.Duration]() && isString:
		duration, err := time.ParseDuration(text)
		switch {
		case err != nil:
			d.report(path, "%q is not a duration such as \"30s\" or \"1m30s\"", text)
		case duration < 0 && d.zero:
			d.report(path, "must not be less than 0")
		case duration <= 0 && !d.zero:
			d.report(path, "must be more than 0")
		default:
			into.SetInt(int64(duration))
		}
	case into.Type() == reflect.TypeFor[time.Duration]():
		d.report(path, "must be %s, not %s", kindName(into.Type()), tokenName(token))
	case into.Kind() == reflect.String && isString:
		into.SetString(text)
	case into.Kind() == reflect.Bool && isBool:
		into.SetBool(truth)
	case into.CanInt() && isNumber:
		n, err := strconv.ParseInt(number.String(), 10, into.Type().Bits())
		if err != nil {
			d.report(path, "%s is not a whole number in range", number)
			return
		}
		into.SetInt(n)
	default:
		d.report(path, "must be %s, not %s", kindName(into.Type()), tokenName(token))
	}
}

// skip reads over the next value.
func (d *strictDecoder) skip() error {
	token, err := d.json.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return d.skipRest('}')
	case json.Delim('['):
		return d.skipRest(']')
	}
	return nil
}

// skipRest reads up to the bracket that closes what was just opened.
func (d *strictDecoder) skipRest(closing json.Delim) error {
	for d.json.More() {
		if err := d.skip(); err != nil {
			return err
		}
	}
	token, err := d.json.Token()
	if err == nil && token != closing {
		err = fmt.Errorf("%v where %v was expected", token, closing)
	}
	return err
}

// memberField is a field of a struct, and whether 0 is among its durations.
type memberField struct {
	reflect.Value

	zero bool
}

// collectFields lists the fields of a struct by the name that they have in the file: that of the json tag, or else the
// Go name with a small first letter. Fields of embedded structs count as its own.
func collectFields(into reflect.Value, fields map[string]memberField) {
	for i := range into.NumField() {
		field := into.Type().Field(i)
		name := field.Tag.Get("json")
		switch {
		case name == "-" || isAlternative(field):
			continue
		case field.Anonymous:
			collectFields(into.Field(i), fields)
			continue
		case name == "":
			name = strings.ToLower(field.Name[:1]) + field.Name[1:]
		}
		fields[name] = memberField{Value: into.Field(i), zero: field.Tag.Get("config") == "zero"}
	}
}

// isAlternative tells whether a field stands for its whole struct: with the tag config:"alternative", a value of the
// field's kind may stand in the file where the struct is expected.
func isAlternative(field reflect.StructField) bool { return field.Tag.Get("config") == "alternative" }

// alternative returns where the value that begins with token goes: a field of into that stands for the whole and has the
// right kind, or into itself.
func alternative(into reflect.Value, token json.Token) reflect.Value {
	if into.Kind() != reflect.Struct {
		return into
	}
	for i := range into.NumField() {
		if !isAlternative(into.Type().Field(i)) {
			continue
		}
		fits := false
		switch token.(type) {
		case string:
			fits = into.Field(i).Kind() == reflect.String
		case bool:
			fits = into.Field(i).Kind() == reflect.Bool
		case json.Delim:
			fits = token == json.Delim('[') && into.Field(i).Kind() == reflect.Slice
		}
		if fits {
			return into.Field(i)
		}
	}
	return into
}

// hasMembers tells whether a struct may be an object in the file.
func hasMembers(t reflect.Type) bool {
	fields := map[string]memberField{}
	collectFields(reflect.New(t).Elem(), fields)
	return len(fields) > 0
}

// nearest returns the name that key was probably meant to be, or "".
func nearest[V any](key string, names map[string]V) string {
	best, distance := "", len(key)/3+2 // a third of the letters may be wrong, and one in short names
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		if d := levenshtein.ComputeDistance(strings.ToLower(key), strings.ToLower(name)); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// kindName says what a value of the type looks like in the file.
func kindName(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[secret.Source]():
		return `{"env": "NAME"} or {"file": "path"}`
	case t.Kind() == reflect.Struct:
		return structName(t)
	case t == reflect.TypeFor[time.Duration]():
		return `a duration such as "30s"`
	case t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Map:
		return "an object"
	case t.Kind() == reflect.Slice:
		return "a list"
	}
	return "a whole number"
}

// structName says what may stand in the file for a struct.
func structName(t reflect.Type) string {
	var kinds []string
	for field := range t.Fields() {
		if isAlternative(field) {
			kinds = append(kinds, kindName(field.Type))
		}
	}
	if hasMembers(t) {
		kinds = append(kinds, "an object")
	}
	last := len(kinds) - 1
	if last < 1 {
		return "an object"
	}
	return strings.Join(kinds[:last], ", ") + " or " + kinds[last]
}

// tokenName says what stands in the file.
func tokenName(token json.Token) string {
	switch token.(type) {
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	return "null"
}

var plainKey = regexp.MustCompile(`^[A-Za-z_$][\w$-]*$`)

// joinPath appends one key to a JSON path.
func joinPath(path, key string) string {
	switch {
	case key == "":
		return path
	case path == "":
		return key
	case !plainKey.MatchString(key) && !strings.Contains(key, "."):
		return path + "[" + strconv.Quote(key) + "]"
	}
	return path + "." + key
}
