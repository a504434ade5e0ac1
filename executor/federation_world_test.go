package executor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/gatehouse-graphql/gatehouse/internal/reference"
)

// world is the data of a case: what all subgraphs together say. A value says where it comes from, so that a response can
// be read: Product1.price(currency:USD) is that field of the first product, and what @requires computes from other
// values has these in braces. Two entities exist of each type; a list has both of them, of an abstract type one of each
// possible type. What a case wants differently is in its data.json, by the same names:
//
//	{"Query.media": ["Film2", null], "Film2.title": null, "Product1.size": "Small"}
//
// where an object is an entity (Film2) or, by its type, one that has no name of its own.
type world struct {
	parts []*part
	types map[string]*ast.Definition
	// fields of object types, merged from all subgraphs, those of interface objects included; the type is the most
	// nullable and, where some say an object and others an interface or union, the latter.
	fields map[string]map[string]*ast.FieldDefinition
	// possible object types of interfaces and unions.
	possible map[string][]string
	entities map[string]bool
	data     map[string]any
}

// object is a node of the data.
type object struct{ typ, id string }

func newWorld(t *testing.T, dir string) *world {
	t.Helper()
	w := &world{
		types: map[string]*ast.Definition{}, fields: map[string]map[string]*ast.FieldDefinition{},
		possible: map[string][]string{}, entities: map[string]bool{}, data: map[string]any{},
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.subgraph.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		w.parts = append(w.parts, newPart(t, file))
	}
	for _, p := range w.parts {
		w.merge(p)
	}
	for _, p := range w.parts {
		w.mergeFields(p)
	}
	text, err := os.ReadFile(filepath.Join(dir, "data.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return w
	}
	if err == nil {
		err = json.Unmarshal(text, &w.data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// merge notes the types of a subgraph; where one sees an object and another an interface, it is an interface.
func (w *world) merge(p *part) {
	for name, def := range p.schema.Types {
		if def.BuiltIn && def.Kind != ast.Scalar {
			continue
		}
		if old := w.types[name]; old == nil || old.Kind == ast.Object && def.Kind == ast.Interface {
			w.types[name] = def
		}
		if def.Kind == ast.Object && def.Directives.ForName("key") != nil && def.Directives.ForName("interfaceObject") == nil {
			w.entities[name] = true
		}
		if def.Kind != ast.Interface && def.Kind != ast.Union {
			continue
		}
		for _, object := range p.schema.GetPossibleTypes(def) {
			if !slices.Contains(w.possible[name], object.Name) {
				w.possible[name] = append(w.possible[name], object.Name)
			}
		}
		slices.Sort(w.possible[name])
	}
}

func (w *world) mergeFields(p *part) {
	for name, def := range p.schema.Types {
		if def.Kind != ast.Object {
			continue
		}
		for _, object := range w.objects(name) {
			if w.fields[object] == nil {
				w.fields[object] = map[string]*ast.FieldDefinition{}
			}
			for _, f := range def.Fields {
				w.fields[object][f.Name] = w.mergeField(w.fields[object][f.Name], f)
			}
		}
	}
}

func (w *world) mergeField(old, f *ast.FieldDefinition) *ast.FieldDefinition {
	if old == nil {
		return f
	}
	merged := *old
	merged.Type = looser(old.Type, f.Type)
	if inner := innermost(merged.Type); len(w.possible[f.Type.Name()]) > len(w.objects(inner.NamedType)) {
		inner.NamedType = f.Type.Name()
	}
	return &merged
}

func looser(a, b *ast.Type) *ast.Type {
	c := &ast.Type{NamedType: a.NamedType, NonNull: a.NonNull && b.NonNull}
	if a.Elem != nil {
		c.Elem = looser(a.Elem, b.Elem)
	}
	return c
}

func innermost(t *ast.Type) *ast.Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// objects are the object types that a value of a type can have.
func (w *world) objects(name string) []string {
	if t := w.types[name]; t != nil && (t.Kind == ast.Interface || t.Kind == ast.Union) {
		return w.possible[name]
	}
	return []string{name}
}

// is tells whether an object type is, or is one of, another.
func (w *world) is(object, of string) bool {
	return of == "" || object == of || slices.Contains(w.possible[of], object)
}

// value returns a field of an object: nil, a leaf, []any or *object. The arguments are printed; computed is what the field
// was computed from, "" for most.
func (w *world) value(o *object, name, args, computed string) any {
	f := w.fields[o.typ][name]
	id := o.id + "." + name
	v, special := w.data[id+args]
	if !special {
		v, special = w.data[id]
	}
	if special {
		return w.special(f.Type, id+args, v)
	}
	possible := slices.DeleteFunc(slices.Clone(w.objects(f.Type.Name())), func(possible string) bool { return !w.known(o.typ, name, possible) })
	return w.generate(f.Type, possible, id+args+computed)
}

// known tells whether all subgraphs that resolve a field know objects of a type there. Where an abstract type differs,
// several subgraphs may be asked, and only what all of them can say is right.
func (w *world) known(typ, name, possible string) bool {
	for _, p := range w.parts {
		on := p.typeOf(w, typ)
		if on == nil || on.Fields.ForName(name) == nil || p.external(on, on.Fields.ForName(name)) {
			continue
		}
		field := p.schema.Types[on.Fields.ForName(name).Type.Name()]
		if here := p.typeOf(w, possible); here == nil || !slices.Contains(p.schema.GetPossibleTypes(field), here) {
			return false
		}
	}
	return true
}

// special makes a value of what data.json says.
func (w *world) special(t *ast.Type, id string, v any) any {
	if list, ok := v.([]any); ok && t.Elem != nil {
		out := make([]any, len(list))
		for i := range list {
			out[i] = w.special(t.Elem, fmt.Sprintf("%s[%d]", id, i), list[i])
		}
		return out
	}
	def := w.types[t.Name()]
	name, ok := v.(string)
	if !ok || !def.IsCompositeType() {
		return v
	}
	if w.types[name] != nil {
		return &object{name, id}
	}
	return &object{strings.TrimRight(name, "0123456789"), name}
}

var number = regexp.MustCompile(`^[A-Za-z]+(\d+)\.|\[(\d+)\]`)

// turn says which of several possible values it is: that of the entity or, in a list, of the element.
func turn(id string) int {
	all := number.FindAllStringSubmatch(id, -1)
	if len(all) == 0 {
		return 0
	}
	last := all[len(all)-1]
	if last[1] != "" {
		n, _ := strconv.Atoi(last[1])
		return n - 1
	}
	n, _ := strconv.Atoi(last[2])
	return n
}

// generate makes a value that is not in data.json.
func (w *world) generate(t *ast.Type, possible []string, id string) any {
	def := w.types[t.Name()]
	if t.Elem != nil {
		n := 2
		if t.Elem.Elem == nil && def.IsAbstractType() {
			n = len(possible)
		}
		list := make([]any, n)
		for i := range list {
			list[i] = w.generate(t.Elem, possible, fmt.Sprintf("%s[%d]", id, i))
		}
		return list
	}
	if !def.IsCompositeType() {
		return w.leaf(t.Name(), id)
	}
	if len(possible) == 0 {
		return nil
	}
	n := turn(id)
	name := possible[n%len(possible)]
	switch {
	case name == "Query" || name == "Mutation":
		return &object{name, name}
	case w.entities[name]:
		return &object{name, name + strconv.Itoa(n%2+1)}
	default:
		return &object{name, id}
	}
}

// leaf makes a leaf: text says what it is, numbers are at least different.
func (w *world) leaf(name, id string) any {
	h := fnv.New32a()
	h.Write([]byte(id))
	switch n := float64(h.Sum32() % 1000); {
	case w.types[name] != nil && w.types[name].Kind == ast.Enum:
		return w.types[name].EnumValues[0].Name
	case name == "Int":
		return n
	case name == "Float":
		return n + 0.5
	case name == "Boolean":
		return true
	default:
		return id
	}
}

// owner returns a subgraph that resolves a field of an object type, and how it knows the field.
func (w *world) owner(typ, name string) (*part, *ast.FieldDefinition) {
	for _, p := range w.parts {
		on := p.typeOf(w, typ)
		if on == nil {
			continue
		}
		if f := on.Fields.ForName(name); f != nil && !p.external(on, f) && !w.overridden(p, on.Name, name) {
			return p, f
		}
	}
	return nil, nil
}

// overridden tells whether another subgraph takes the field from this one, with a label or without.
func (w *world) overridden(p *part, typ, name string) bool {
	for _, other := range w.parts {
		def := other.schema.Types[typ]
		if other == p || def == nil || def.Fields.ForName(name) == nil {
			continue
		}
		if d := def.Fields.ForName(name).Directives.ForName("override"); d != nil && d.Arguments.ForName("from").Value.Raw == p.name {
			return true
		}
	}
	return false
}

// text prints what a selection of a federation directive has of an object.
func (w *world) text(o *object, set ast.SelectionSet) string {
	return setText(set, func(on string) bool { return w.is(o.typ, on) }, func(f *ast.Field) string {
		return valueText(w.read(o, f), func(v any) string { return w.text(v.(*object), f.SelectionSet) })
	})
}

// read returns a field of a federation directive, computed by what it requires in turn.
func (w *world) read(o *object, f *ast.Field) any {
	args := ""
	computed := ""
	if p, owned := w.owner(o.typ, f.Name); owned != nil {
		args = argumentText(owned, reference.CoerceArguments(p.schema, owned.Arguments, f.Arguments, nil))
		if set := reference.FieldSet(owned.Directives.ForName("requires")); set != nil {
			computed = w.text(o, set)
		}
	}
	return w.value(o, f.Name, args, computed)
}

func setText(set ast.SelectionSet, is func(string) bool, field func(*ast.Field) string) string {
	var parts []string
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if s.Name != "__typename" {
				parts = append(parts, s.Name+":"+field(s))
			}
		case *ast.InlineFragment:
			if is(s.TypeCondition) {
				parts = append(parts, strings.Trim(setText(s.SelectionSet, is, field), "{}"))
			}
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func valueText(v any, object func(any) string) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = valueText(v[i], object)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		return object(v)
	case interface{ isObject() }:
		return object(v)
	default:
		return fmt.Sprint(v)
	}
}

func (*object) isObject() {}

// argumentText prints the arguments that a field has, defaults of the subgraph included: (currency:USD). "" without any.
func argumentText(def *ast.FieldDefinition, values map[string]any) string {
	var parts []string
	for _, a := range def.Arguments {
		if v, ok := values[a.Name]; ok {
			parts = append(parts, a.Name+":"+plainText(v))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func plainText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(text), `"`, "")
}
