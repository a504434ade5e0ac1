package operation

import (
	"maps"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// labels are the progressive override labels that a field depends on, by field: those of the field in any subgraph, of
// what it requires and takes from contexts there, of the keys of what it returns, by which one may have to get to other subgraphs, for
// a field of an interface also of the same field of the possible types, and for one of an object of that field of its interfaces.
// Nil without labels.
type labels map[*supergraph.Field][]string

// labelsOf collects the labels of a schema.
func labelsOf(s *supergraph.Schema) labels {
	if !hasLabels(s) {
		return nil
	}
	all, ofKeys := labels{}, map[*supergraph.Type]map[string]bool{}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			keys, known := ofKeys[f.Type.Named]
			if !known { // once for all fields of the type
				w := newLabelWalk(map[string]bool{})
				w.keys(f.Type.Named)
				keys = w.found
				ofKeys[f.Type.Named] = keys
			}
			w := newLabelWalk(maps.Clone(keys))
			w.types[f.Type.Named] = true
			w.field(f)
			if len(w.found) > 0 {
				all[f] = slices.Sorted(maps.Keys(w.found))
			}
		}
	}
	return all
}

func hasLabels(s *supergraph.Schema) bool {
	for _, t := range s.Types {
		for _, f := range t.Fields {
			for _, in := range f.In {
				if in != nil && (in.OverrideLabel != "" || in.OverriddenBy != "") {
					return true
				}
			}
		}
	}
	return false
}

// labelWalk adds the labels that something depends on to found. Each field, and the keys of each type, are looked at once.
type labelWalk struct {
	found  map[string]bool
	fields map[*supergraph.Field]bool
	types  map[*supergraph.Type]bool
}

func newLabelWalk(found map[string]bool) *labelWalk {
	return &labelWalk{found, map[*supergraph.Field]bool{}, map[*supergraph.Type]bool{}}
}

// field adds the labels that f depends on.
func (w *labelWalk) field(f *supergraph.Field) {
	if f == nil || w.fields[f] {
		return
	}
	w.fields[f] = true
	w.resolving(f)
	w.keys(f.Type.Named)
	if f.Parent == nil || f.IsTypename() {
		return
	}
	for _, i := range f.Parent.Interfaces { // an interface object may resolve it
		if declared := i.Field(f.Name); declared != nil {
			w.resolving(declared)
		}
	}
	if f.Parent.IsAbstract() {
		for _, t := range f.Parent.Possible {
			w.field(t.Field(f.Name))
		}
	}
}

// resolving adds the labels of a field, and those of what it requires and takes from contexts.
func (w *labelWalk) resolving(f *supergraph.Field) {
	for _, in := range f.In {
		if in == nil {
			continue
		}
		for _, label := range []string{in.OverrideLabel, in.OverriddenBy} {
			if label != "" {
				w.found[label] = true
			}
		}
		w.set(in.Requires.Selections)
		for _, arg := range in.ContextArgs {
			for _, from := range arg.From {
				w.set(from.Fields.Selections)
			}
		}
	}
}

// keys adds the labels of the keys of a type, and of those that its objects may be known by.
func (w *labelWalk) keys(t *supergraph.Type) {
	if t == nil || !t.IsComposite() || w.types[t] {
		return
	}
	w.types[t] = true
	w.ownKeys(t)
	for _, i := range t.Interfaces {
		w.ownKeys(i)
	}
	for _, object := range t.Possible {
		w.keys(object)
	}
}

func (w *labelWalk) ownKeys(t *supergraph.Type) {
	for _, in := range t.In {
		if in == nil {
			continue
		}
		for _, k := range in.Keys {
			w.set(k.Fields.Selections)
		}
	}
}

func (w *labelWalk) set(selections []supergraph.FieldSelection) {
	for _, s := range selections {
		w.field(s.Field)
		w.set(s.Sub)
	}
}

// addLabels adds a condition for each label that the selections depend on, sorted by label.
func (b *builder) addLabels(sub []Selection) *gqlerr.Error {
	if b.labels == nil {
		return nil
	}
	found := map[string]bool{}
	b.labelsIn(sub, found)
	for _, label := range slices.Sorted(maps.Keys(found)) {
		b.op.Conditions = append(b.op.Conditions, Condition{Variable: -1, Label: label})
	}
	return b.countConditions()
}

func (b *builder) labelsIn(sub []Selection, found map[string]bool) {
	for _, s := range sub {
		switch s := s.(type) {
		case *Field:
			for _, label := range b.labels[s.Def] {
				found[label] = true
			}
			b.labelsIn(s.Sub, found)
		case *Fragment:
			b.labelsIn(s.Sub, found)
		}
	}
}

func (b *builder) countConditions() *gqlerr.Error {
	if len(b.op.Conditions) > MaxConditions {
		return gqlerr.New(gqlerr.ValidationFailed,
			"The operation depends on more than %d conditions (variables of @skip and @include, override labels).", MaxConditions)
	}
	return nil
}

// bit returns the condition of a variable of @skip or @include. Those beyond MaxConditions share the last bit: countConditions
// refuses the operation.
func (b *builder) bit(variable string) int {
	i, ok := b.bits[variable]
	if !ok {
		i = min(len(b.op.Conditions), MaxConditions-1)
		b.bits[variable] = i
		b.op.Conditions = append(b.op.Conditions, Condition{Variable: b.variables[variable]})
	}
	return i
}

// when turns @skip and @include into tests, sorted by bit, none twice. It returns false when they can never hold.
func (b *builder) when(directives []*directiveNode) (When, bool) {
	var w When
	for _, d := range directives {
		if d.name != "skip" && d.name != "include" {
			continue
		}
		want := d.name == "include"
		v := d.args[0].value
		if v.kind == boolValue {
			if (v.text == "true") != want {
				return nil, false
			}
			continue
		}
		w = append(w, Test{Bit: b.bit(v.text), Want: want})
	}
	return w.reduced()
}

// reduced sorts tests and removes repetitions. It returns false for a contradiction.
func (w When) reduced() (When, bool) {
	if len(w) < 2 {
		return w, true
	}
	slices.SortFunc(w, func(a, b Test) int { return a.Bit - b.Bit })
	w = slices.Compact(w)
	for i := 1; i < len(w); i++ {
		if w[i].Bit == w[i-1].Bit {
			return nil, false
		}
	}
	return w, true
}

// known are the tests that hold around a place.
type known struct{ on, off Bits }

// with returns what is known where the tests hold, too.
func (k known) with(w When) known {
	for _, t := range w {
		if t.Want {
			k.on.Set(t.Bit)
		} else {
			k.off.Set(t.Bit)
		}
	}
	return k
}

// under returns the tests of w that are not known to hold, and false when one is known not to.
func (w When) under(k known) (When, bool) {
	rest := w[:0]
	for _, t := range w {
		holds, fails := k.on, k.off
		if !t.Want {
			holds, fails = fails, holds
		}
		switch {
		case fails.Has(t.Bit):
			return nil, false
		case !holds.Has(t.Bit):
			rest = append(rest, t)
		}
	}
	return rest, true
}
