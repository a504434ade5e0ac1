package operation_test

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

func nullsSchema(tb testing.TB) (*supergraph.Schema, *operation.Preparer) {
	tb.Helper()
	sdl, err := os.ReadFile("testdata/nulls.graphql")
	if err != nil {
		tb.Fatal(err)
	}
	schema, err := supergraph.Parse(sdl)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := operation.New(schema, operation.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return schema, p
}

// TestStaticNulls: the coordinates that are denied (with @key, only under that response key), the response keys that are answered null without being fetched.
func TestStaticNulls(t *testing.T) {
	t.Parallel()
	_, p := nullsSchema(t)
	for _, tc := range []struct{ name, document, denied, want string }{
		{"nullable below", "{ a { o id } }", "A.o", "a.o"},
		{"non-null below", "{ a { s id } x }", "A.s", "a"},
		{"the nearest nullable field", "{ a { a { s } id } }", "A.s", "a.a"},
		{"through non-null fields", "{ a { n { n { s } id } id } x }", "A.s", "a"},
		{"up to data", "{ n { s } x }", "A.s", "n x"},
		{"a non-null root field", "{ y x __typename }", "Query.y", "y x __typename"},
		{"up to data through a fragment", "{ ... on Query { n { s } } x }", "A.s", "n x"},
		{"a list shows its length", "{ as { s id } }", "A.s", "as.s"},
		{"a list of nullable elements", "{ a { os { s } } }", "A.s", "a.os.s"},
		{"inside of a list", "{ as { a { s id } id } }", "A.s", "as.a"},
		{"a non-null list in a nullable field", "{ a { as { s } } }", "A.s", "a.as.s"},
		{"a denied non-null list", "{ a { as { s } } }", "A.as", "a"},
		{"an alias of it is allowed", "{ a { t: s s id } }", "A.s@t", "a"},
		{"skipped", "query ($f: Boolean = false) { a { s @include(if: $f) id } }", "A.s", ""},
		{"rescued by a sibling", "{ i { id ... on B { id } ... on C { id } d { id } } }", "I.id", "i.id i.d"},
		{"rescued for one type", "{ i { id ... on B { id } } }", "I.id", "i.id"},
		{"rescued for all types", "{ i { id ... on B { id } ... on C { id } } }", "I.id", "i.id"},
		{"all types", "{ i { ... on B { b } ... on C { c } } }", "B.b C.c", "i"},
		{"one of the types", "{ i { ... on B { b } ... on C { c } } }", "B.b", "i.b"},
		{"below what one type lets through", "{ i { ... on B { d { e { s } } } d { e { id } } } }", "A.s", "i.d.e.s"},
		{"non-null on every type only", "{ i { s } }", "I.s", "i.s"},
		{"non-null on the only type", "{ i { i { ... on B { s } } } }", "B.s", "i.i.s"},
		{"non-null on one type", "{ i { ... on C { i { s } } ... on B { b } } }", "B.b B.s", "i"},
		{"a union", "{ u { ... on A { s } ... on B { s } } }", "A.s B.s", "u"},
		{"a member of a union is free", "{ u { ... on A { s } __typename } }", "A.s", "u.s"},
		{"merged fields", "{ i { a { o } ... on C { a { s } } } }", "A.s", "i.a.s"},
		{"merged fields of one type", "{ i { e { o } ... on C { e { s } } id } }", "A.s", "i.e.s"},
		{"merged fields of all types", "{ i { e { o } ... on C { e { s } } ... on B { e { id s } } id } }", "A.s", "i"},
		{"nothing below is rescued", "{ i { e { id } ... on C { e { s } } ... on B { e { s } } } }", "I.e A.s", "i"},
		{"a mutation's field is not executed", "mutation { m { s } x }", "A.s", "m"},
		{"a non-null field of a mutation is not executed", "mutation { n { s } x }", "A.s", "n"},
		{"the others run", "mutation { y x }", "Mutation.y", "y"},
		{"a list of a mutation is executed", "mutation { l { s } x }", "A.s", "l.s"},
		{"a nullable field of a mutation's object", "mutation { m { o } }", "A.o", "m.o"},
		{"one type of a mutation's object", "mutation { i { ... on B { b } id } }", "B.b", "i.b"},
		{"introspection", "{ a { s } __schema { queryType { name } } }", "A.s", "a"},
	} {
		op, err := p.Prepare(t.Context(), []byte(tc.document), "")
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		denied := strings.Fields(tc.denied)
		permitted := operation.Filter(op, operation.Bits{}, func(f *operation.Field) bool {
			c := string(f.Def.Coordinate())
			return !slices.Contains(denied, c) && !slices.Contains(denied, c+"@"+string(f.Key))
		})
		var got []string
		deniedPaths(permitted.Response(), "", func(path string) {
			if !slices.Contains(got, path) {
				got = append(got, path)
			}
		})
		want := strings.Fields(tc.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s without %s: null are %v, want %v", tc.name, tc.document, tc.denied, got, want)
		}
		noDenied(t, permitted.Selections())
	}
}

func deniedPaths(sub []operation.Selection, path string, found func(string)) {
	for _, s := range sub {
		switch s := s.(type) {
		case *operation.Field:
			below := strings.TrimPrefix(path+"."+string(s.Key), ".")
			if s.Denied {
				found(below)
			}
			deniedPaths(s.Sub, below, found)
		case *operation.Fragment:
			deniedPaths(s.Sub, path, found)
		}
	}
}

func noDenied(t *testing.T, sub []operation.Selection) {
	t.Helper()
	deniedPaths(sub, "", func(path string) { t.Errorf("%s is denied and fetched", path) })
}

// TestStaticNullsChangeNothing compares, on random data, what comes of an operation whose denied fields are null one by one
// with what comes of the filtered one: taking fields out early must not change the answer.
func TestStaticNullsChangeNothing(t *testing.T) {
	t.Parallel()
	schema, p := nullsSchema(t)
	g := opgen.New(schema, 1, opgen.Options{Mutations: 20, Depth: 5, Fields: 30, Exclude: map[supergraph.Coordinate]bool{"I.s": true, "I.a": true, "I.i": true}})
	early := 0
	for seed := range 1500 {
		document, variables := g.Next()
		op, err := p.Prepare(t.Context(), []byte(document), "")
		if err != nil {
			t.Fatal(err)
		}
		values, err := op.Coerce(variables)
		if err != nil {
			t.Fatal(err)
		}
		bits := op.Evaluate(values, nil)
		keep := func(f *operation.Field) bool {
			return f.Def.IsTypename() || chance(seed, f.Def.Coordinate())%100 >= 15 // the same for all nodes of a coordinate
		}
		if seed%2 == 0 {
			keep = func(f *operation.Field) bool {
				return f.Def.IsTypename() || chance(seed, f.Line, f.Column, f.Key)%100 >= 12
			}
		}
		permitted := operation.Filter(op, bits, keep)
		for data := range 4 {
			naive := world{data: data, holds: func(w operation.When) bool { return w.Holds(bits) }, keep: keep}
			filtered := world{data: data, holds: func(operation.When) bool { return true }, keep: func(f *operation.Field) bool { return !f.Denied }}
			want := naive.object([][]operation.Selection{op.Sub}, op.Type, "")
			got := filtered.object([][]operation.Selection{permitted.Response()}, op.Type, "")
			if want != got {
				t.Fatalf("seed %d:\n%s\n%s\nwant %s\ngot  %s", seed, document, permitted.Text(), want, got)
			}
			if filtered.calls > naive.calls {
				t.Fatalf("seed %d: more is fetched", seed)
			} else if filtered.calls < naive.calls {
				early++
			}
		}
	}
	t.Logf("%d of 6000 runs fetch less", early)
	if early < 300 {
		t.Error("hardly anything is taken out early")
	}
}

// world is a naive executor over data that it makes up: a function of the path.
type world struct {
	data  int
	holds func(operation.When) bool
	keep  func(*operation.Field) bool
	calls int
}

// object returns the text of an object, "null" when something non-null in it is null.
func (w *world) object(subs [][]operation.Selection, t *supergraph.Type, path string) string {
	var keys []operation.ResponseKey
	fields := map[operation.ResponseKey][]*operation.Field{}
	for _, sub := range subs {
		w.collect(sub, t, &keys, fields)
	}
	text, null := "{", false
	for _, key := range keys {
		def := fields[key][0].Def
		if own := t.Field(def.Name); own != nil {
			def = own
		}
		allowed := slices.DeleteFunc(fields[key], func(f *operation.Field) bool { return !w.keep(f) })
		value := "null"
		if len(allowed) > 0 {
			w.calls++
			value = w.value(allowed, def.Type, t, path+"."+string(key))
		}
		null = null || value == "null" && def.Type.NonNull
		text += string(key) + ":" + value + " "
	}
	if null {
		return "null"
	}
	return text + "}"
}

func (w *world) collect(sub []operation.Selection, t *supergraph.Type, keys *[]operation.ResponseKey, fields map[operation.ResponseKey][]*operation.Field) {
	for _, s := range sub {
		switch s := s.(type) {
		case *operation.Field:
			if !w.holds(s.When) {
				continue
			}
			if fields[s.Key] == nil {
				*keys = append(*keys, s.Key)
			}
			fields[s.Key] = append(fields[s.Key], s)
		case *operation.Fragment:
			if w.holds(s.When) && slices.Contains(s.On.Possible, t) {
				w.collect(s.Sub, t, keys, fields)
			}
		}
	}
}

func (w *world) value(fields []*operation.Field, ref supergraph.TypeRef, parent *supergraph.Type, path string) string {
	n := chance(w.data, path)
	switch {
	case !ref.NonNull && n%7 == 0:
		return "null"
	case ref.Elem != nil:
		text := "["
		for i := range n / 7 % 3 {
			v := w.value(fields, *ref.Elem, parent, fmt.Sprintf("%s.%d", path, i))
			if v == "null" && ref.Elem.NonNull {
				return "null"
			}
			text += v + " "
		}
		return text + "]"
	case fields[0].Def.IsTypename():
		return parent.Name
	case !ref.Named.IsComposite():
		return "v"
	}
	var possible []*supergraph.Type
	for _, t := range ref.Named.Possible {
		if !t.Inaccessible {
			possible = append(possible, t)
		}
	}
	subs := make([][]operation.Selection, len(fields))
	for i, f := range fields {
		subs[i] = f.Sub
	}
	return w.object(subs, possible[n/7%uint64(len(possible))], path)
}

func chance(of ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, of...)
	return h.Sum64() >> 8
}

// BenchmarkFilterNull measures a filter run with a denied field that makes objects null.
func BenchmarkFilterNull(b *testing.B) {
	_, p := nullsSchema(b)
	op, err := p.Prepare(b.Context(), []byte("{ a { n { n { s } id } id a { i { id ... on B { b } ... on C { c a { s } } } } } x as { s id a { s } } }"), "")
	if err != nil {
		b.Fatal(err)
	}
	for _, denied := range []supergraph.Coordinate{"A.o", "A.s"} {
		b.Run(string(denied), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				operation.Filter(op, operation.Bits{}, func(f *operation.Field) bool { return f.Def.Coordinate() != denied })
			}
		})
	}
}
