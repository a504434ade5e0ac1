package fedgen

import (
	"fmt"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// world is the uncut schema with its data.
type world struct {
	worldOptions

	seed  uint64
	parts []*part
	types map[string]*worldType
	// schema is all of it, public what clients see: without what is @inaccessible.
	schema, public *ast.Schema
	varying        []string        // labels that are on for some requests and off for others
	hidden         map[string]bool // @inaccessible, by coordinate
	contexts       []*worldContext
	pools          map[string][]*object // of entities
	// failed counts required fields that failed.
	failed atomic.Int64

	mu    sync.Mutex
	noted map[string]bool // what was exercised, see coverage_test.go
	above above           // what arguments from contexts may be, see context_test.go
}

type worldType struct {
	name   string
	kind   ast.DefinitionKind
	fields map[string]*worldField
	order  []string
	// possible are the object types of an abstract type in the supergraph, sorted.
	possible []string
	values   []string // of an enum
	parents  []string // interfaces
	entity   bool
	number   int // tells types apart
	// keyless: one entity more has no key. ignorant are the subgraphs that do not know the last of the others, and what they
	// answer for it.
	keyless  bool
	ignorant map[string]string
}

type worldField struct {
	coordinate string
	def        *ast.FieldDefinition
	// typ is the merged type: as nullable as any subgraph says. strict is what data keeps to: as non-null as any.
	typ, strict *ast.Type
	// requires of the subgraph that resolves the field.
	requires ast.SelectionSet
	contexts []*worldContext
	// possible object types of values: those that all subgraphs know that resolve the field.
	possible []string
	values   []string // of an enum, that all of these know
	// unique: as part of a key, values tell objects apart. -1: no; 0: alone; 1, 2..: with others.
	unique int
	// owners are the subgraphs that resolve the field.
	owners []*part
	// provided: some @provides mentions it. mayFail: it fails on some objects.
	provided, mayFail bool
}

// worldOptions: the zero value is a world in which no label is on that need not be.
type worldOptions struct {
	labels turned
	// whole: there are no gaps (gaps_test.go).
	whole bool
}

func newWorld(seed uint64, subgraphs []Subgraph, o worldOptions) (*world, error) {
	w := &world{seed: seed, worldOptions: o, types: map[string]*worldType{}, pools: map[string][]*object{}, noted: map[string]bool{}, hidden: map[string]bool{}}
	for _, s := range subgraphs {
		p, err := newPart(s)
		if err != nil {
			return nil, err
		}
		w.parts = append(w.parts, p)
	}
	w.findLabels()
	w.override()
	for _, p := range w.parts {
		w.mergeTypes(p)
	}
	w.mergeInputs()
	w.widen()
	for _, p := range w.parts {
		w.spreadOpaque(p)
		w.findHidden(p)
		w.findProvided(p)
	}
	for i, name := range sortedKeys(w.types) {
		t := w.types[name]
		t.number = 10 + i
		sort.Strings(t.possible)
		for _, f := range t.fields {
			w.settle(t, f)
		}
	}
	w.markKeys()
	w.findGaps()
	var err error
	if w.schema, err = w.load(false); err != nil {
		return nil, err
	}
	if w.public, err = w.load(true); err != nil {
		return nil, err
	}
	return w, w.fill()
}

func (w *world) load(public bool) (*ast.Schema, error) {
	sdl := w.sdl(public)
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "uncut", Input: sdl})
	if err != nil {
		return nil, fmt.Errorf("uncut: %w\n%s", err, sdl)
	}
	return schema, nil
}

// override takes fields from the subgraphs that @override names.
func (w *world) override() {
	for _, p := range w.parts {
		for name, t := range p.types {
			for fieldName, f := range t.fields {
				for _, other := range w.parts {
					if other.name == f.overrideFrom && other != p && other.types[name] != nil && other.types[name].fields[fieldName] != nil {
						loser := other.types[name].fields[fieldName]
						if f.label != "" && !w.labelOn(f.label) {
							loser = f
						}
						loser.overridden, loser.elsewhere = true, f.label != ""
					}
				}
			}
		}
	}
}

func (w *world) mergeTypes(p *part) {
	for _, name := range sortedKeys(p.types) {
		pt := p.types[name]
		t := w.types[name]
		if t == nil {
			t = &worldType{name: name, kind: pt.def.Kind, fields: map[string]*worldField{}}
			w.types[name] = t
		}
		if pt.opaque {
			t.kind = ast.Interface
		} else {
			t.entity = t.entity || len(pt.keys) > 0 && pt.def.Kind == ast.Object
			addAll(&t.possible, pt.possible)
		}
		addAll(&t.parents, pt.def.Interfaces)
		for _, v := range pt.def.EnumValues {
			addAll(&t.values, []string{v.Name})
		}
		for _, def := range pt.def.Fields {
			t.merge(def)
		}
	}
}

func (t *worldType) merge(def *ast.FieldDefinition) {
	f := t.fields[def.Name]
	if f == nil {
		own := *def
		f = &worldField{coordinate: t.name + "." + def.Name, def: &own, typ: def.Type, unique: -1}
		t.fields[def.Name] = f
		t.order = append(t.order, def.Name)
	}
	f.def.Arguments = mergeArguments(f.def.Arguments, def.Arguments)
	if t.kind == ast.InputObject {
		f.typ = stricter(f.typ, def.Type)
		return
	}
	f.typ = looser(f.typ, def.Type)
}

// spreadOpaque gives the members of an interface what a subgraph adds to it as an object type.
func (w *world) spreadOpaque(p *part) {
	for _, name := range sortedKeys(p.types) {
		if !p.types[name].opaque {
			continue
		}
		for _, member := range w.types[name].possible {
			for _, def := range p.types[name].def.Fields {
				// What it only requires members may promise more of, and what they have themselves is theirs.
				if p.types[name].fields[def.Name].resolves() && !w.isDeclared(member, def.Name) {
					w.types[member].merge(def)
				}
			}
		}
	}
}

// known are the types by which a subgraph knows objects of a type: as itself, or as interfaces that are objects to it.
func (w *world) known(p *part, name string) []*partType {
	var list []*partType
	if t := p.types[name]; t != nil {
		list = append(list, t)
	}
	for _, parent := range w.types[name].parents {
		if t := p.types[parent]; t != nil && t.opaque {
			list = append(list, t)
		}
	}
	return list
}

// possibleIn are the object types of values of a type in a subgraph. Where an interface is an object, what stands behind it
// can be anything: the real type is asked of a subgraph that has a key of the interface, and that one knows all of them.
func (w *world) possibleIn(p *part, name string) []string {
	t := p.types[name]
	switch {
	case t == nil:
		return nil
	case t.opaque:
		return w.types[name].possible
	}
	return t.possible
}

func addAll(list *[]string, more []string) {
	for _, s := range more {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
}

// looser is the more nullable of two types.
func looser(a, b *ast.Type) *ast.Type {
	c := &ast.Type{NamedType: a.NamedType, NonNull: a.NonNull && b.NonNull}
	if a.Elem != nil {
		c.Elem = looser(a.Elem, b.Elem)
	}
	return c
}

func stricter(a, b *ast.Type) *ast.Type {
	c := &ast.Type{NamedType: a.NamedType, NonNull: a.NonNull || b.NonNull}
	if a.Elem != nil {
		c.Elem = stricter(a.Elem, b.Elem)
	}
	return c
}

// settle finds out what values of a field may be.
func (w *world) settle(t *worldType, f *worldField) {
	first := true
	f.strict = f.typ
	for _, p := range w.parts {
		for _, pt := range w.known(p, t.name) {
			pf := pt.fields[f.def.Name]
			if !pf.resolves() {
				continue
			}
			f.owners = append(f.owners, p)
			f.strict = stricter(f.strict, pf.def.Type)
			if len(pf.requires) > 0 {
				f.requires = pf.requires
			}
			for _, c := range pf.contexts {
				f.contexts = append(f.contexts, &worldContext{c, p})
				w.contexts = append(w.contexts, &worldContext{c, p})
			}
			here := w.possibleIn(p, pf.def.Type.Name())
			if first {
				f.possible = append(f.possible, here...)
			}
			f.possible = slices.DeleteFunc(f.possible, func(n string) bool { return !slices.Contains(here, n) })
			first = false
		}
	}
	sort.Strings(f.possible)
	f.values = w.returnable(t, f)
}

// markKeys marks the leaves of keys.
func (w *world) markKeys() {
	for _, p := range w.parts {
		for _, name := range sortedKeys(p.types) {
			for _, k := range p.types[name].keys {
				w.markKey(name, k.sel)
			}
		}
	}
}

func (w *world) markKey(on string, sel ast.SelectionSet) {
	if w.types[on].kind == ast.Interface {
		for _, member := range w.types[on].possible {
			w.markKey(member, sel)
		}
	}
	sel = withoutTypename(sel)
	for i, s := range sel {
		f := w.types[on].fields[s.(*ast.Field).Name]
		if sub := s.(*ast.Field).SelectionSet; len(sub) > 0 {
			f.unique = 0
			w.markKey(f.typ.Name(), sub)
			continue
		}
		if len(sel) == 1 {
			f.unique = 0
		} else if f.unique < 0 {
			f.unique = i + 1
		}
	}
}

func defaultSDL(v *ast.Value) string {
	if v == nil {
		return ""
	}
	return " = " + v.String()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
