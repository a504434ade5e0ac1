package federation

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	graphql "github.com/graph-gophers/graphql-go"
)

const fragmentsSDL = `
type Query { search: [Result!]! media: Media nodes: [Node!]! books: [Book!]! }
union Result = Book | Film | Product
union Paper = Book
interface Media { id: ID! title(long: Boolean): String! next: Result }
interface Node { id: ID! }
type Book implements Media & Node { id: ID! title(long: Boolean): String! next: Result pages: Int! related: Media }
type Film implements Media { id: ID! title(long: Boolean): String! next: Result minutes: Int! }
type Product implements Node { id: ID! name: String! media: [Media!]! }
`

// thing is an object of any type of fragmentsSDL: a Film, a Product or a Book, by its number.
type thing struct{ n int }

func (t *thing) typeName() string { return []string{"Film", "Product", "Book"}[t.n%3] }

func (t *thing) is(name string) (*thing, bool) { return t, t.typeName() == name }
func (t *thing) ToBook() (*thing, bool)        { return t.is("Book") }
func (t *thing) ToFilm() (*thing, bool)        { return t.is("Film") }
func (t *thing) ToProduct() (*thing, bool)     { return t.is("Product") }
func (t *thing) ID() graphql.ID                { return graphql.ID(fmt.Sprint(t.n)) }
func (t *thing) Title(a struct{ Long *bool }) string {
	return fmt.Sprintf("title %t", a.Long != nil && *a.Long)
}
func (t *thing) Next() *thing    { return &thing{t.n + 1} }
func (t *thing) Related() *thing { return &thing{t.n + 1} } // of a book: a film
func (t *thing) Pages() int32    { return int32(t.n) }
func (t *thing) Minutes() int32  { return int32(t.n) }
func (t *thing) Name() string    { return "name" }
func (t *thing) Media() []*thing { return []*thing{{2}, {3}} }

type fragmentsRoot struct{}

func (*fragmentsRoot) Search() []*thing { return []*thing{{0}, {1}, {2}} }
func (*fragmentsRoot) Media() *thing    { return &thing{2} }
func (*fragmentsRoot) Nodes() []*thing  { return []*thing{{1}, {2}} }
func (*fragmentsRoot) Books() []*thing  { return []*thing{{2}} }

func fragmentsSchema(tb testing.TB) *graphql.Schema {
	tb.Helper()
	schema, err := graphql.ParseSchema(fragmentsSDL, &fragmentsRoot{}, graphql.MaxParallelism(1), graphql.OverlapValidationLimit(overlapPairs))
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// answer executes a document as Handler does.
func answer(tb testing.TB, schema *graphql.Schema, document string, variables map[string]any) string {
	tb.Helper()
	rewritten, err := concreteFragments(schema, document, "", variables)
	if err != nil {
		return err.Error()
	}
	text, err := json.Marshal(schema.Exec(tb.Context(), rewritten, "", variables))
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestConcreteFragments(t *testing.T) {
	schema := fragmentsSchema(t)
	for _, test := range []struct {
		name, document, want string
		same                 bool // the document stays as it is
	}{
		{"nothing to do", `{media{id ...on Book{pages}}}`, `{"data":{"media":{"id":"2","pages":2}}}`, true},
		{"object types in a union", `{search{...on Book{pages} ... on Product{name}}}`, `{"data":{"search":[{},{"name":"name"},{"pages":2}]}}`, true},
		{"the same type", `{media{...on Media{...{id} ...F}}} fragment F on Media{title}`, `{"data":{"media":{"id":"2","title":"title false"}}}`, true},
		{"interface in a union", `{search{...on Media{id ...on Book{pages}}}}`, `{"data":{"search":[{"id":"0"},{},{"id":"2","pages":2}]}}`, false},
		{"interface in another interface", `{nodes{...on Media@skip(if:false){id}}}`, `{"data":{"nodes":[{},{"id":"2"}]}}`, false},
		{"union in an interface", `{media{...on Result{...on Book{id}}}}`, `{"data":{"media":{"id":"2"}}}`, false},
		{"union in an interface in it", `{media{...on Media{...on Result{...on Book{id}}}}}`, `{"data":{"media":{"id":"2"}}}`, false},
		{"interface in an object type", `{books{...on Node{id ...on Media{title ...on Result{...on Book{pages}}}}}}`, `{"data":{"books":[{"id":"2","title":"title false","pages":2}]}}`, false},
		{"no type condition in an interface", `{books{...on Media{...@include(if:true){id}...{title}}}}`, `{"data":{"books":[{"id":"2","title":"title false"}]}}`, false},
		{"nothing is left", `{media{...on Result{...on Product{id}}}}`, `{"data":{"media":{}}}`, false},
		{"what uses a variable never applies", `query($l:Boolean $m:Boolean=true){media{...on Result{...on Film{title(long:$l)} ...on Book{title(long:$m)}}}}`, `{"data":{"media":{"title":"title true"}}}`, false},
		{"directives", `query Q($a:Boolean!){search{...M @include(if:$a) ...on Media @skip(if:$a){id}}} fragment M on Media{title(long:true)}`, `{"data":{"search":[{"title":"title true"},{},{"title":"title true"}]}}`, false},
		{"below a field", `{media{x:next@skip(if:false){...on Node{id ...on Product{media{...on Node{id}}}}}}}`, `{"data":{"media":{"x":{}}}}`, false},
		{"the order stays", `{media{title ...on Result{...on Book{pages id}} ...on Node{id}}}`, `{"data":{"media":{"title":"title false","pages":2,"id":"2"}}}`, false},
		{"strings and comments", "{search{...on Media{title # } \"\n title(long:true) t:title(long:false)}}}", `{"errors":[{"message":"Fields \"title\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.","locations":[{"line":1,"column":21},{"line":2,"column":2}]}]}`, true},
		{"introspection", `{__schema{queryType{...{name}}} media{...on Result{__typename}}}`, `{"data":{"__schema":{"queryType":{"name":"Query"}},"media":{"__typename":"Book"}}}`, false},
		{"syntax error", `{search{...on Media{id}}`, `{"errors":[{"message":"syntax error: unexpected \"\", expecting Ident","locations":[{"line":1,"column":25}]}]}`, true},
		{"never possible", `{media{...on Node{id} ...on Product{id}}}`, `{"errors":[{"message":"Fragment cannot be spread here as objects of type \"Media\" can never be of type \"Product\".","locations":[{"line":1,"column":23}]}]}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			rewritten, err := concreteFragments(schema, test.document, "", map[string]any{"a": true})
			if err != nil || (rewritten == test.document) != test.same {
				t.Errorf("rewritten to %s, %v", rewritten, err)
			}
			if got := answer(t, schema, test.document, map[string]any{"a": true}); got != test.want {
				t.Errorf("got  %s\nwant %s\n(%s)", got, test.want, rewritten)
			}
		})
	}
}

// TestOperations: of several operations the one that is asked for is left.
func TestOperations(t *testing.T) {
	schema := fragmentsSchema(t)
	const document = `query A{media{...F}} query B($s:Boolean!){books{...F @skip(if:$s)}} fragment F on Result{...on Book{pages}}`
	for operation, want := range map[string]string{
		"A": `{"data":{"media":{"pages":2}}}`,
		"B": `{"data":{"books":[{"pages":2}]}}`,
		"C": `{"errors":[{"message":"no operation with name \"C\""}]}`,
		"":  `{"errors":[{"message":"more than one operation in query document and no operation name given"}]}`,
	} {
		rewritten, err := concreteFragments(schema, document, operation, map[string]any{"s": false})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := json.Marshal(schema.Exec(t.Context(), rewritten, operation, map[string]any{"s": false}))
		if string(got) != want {
			t.Errorf("%q: got %s, want %s (%s)", operation, got, want, rewritten)
		}
	}
}

// TestMany: fragments in one another cost no more than their number, or are refused. Work is counted, not timed.
func TestMany(t *testing.T) {
	schema := fragmentsSchema(t)
	nest := func(n int, open, inner string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat("}", n*(strings.Count(open, "{")-strings.Count(open, "}")))
	}
	var doubled, types strings.Builder
	for i := range 25 {
		fmt.Fprintf(&doubled, "fragment F%d on Media{...on Result{...F%d ...F%d}}", i, i+1, i+1)
	}
	for i := range 40 {
		fmt.Fprintf(&types, "a%d:title ", i)
	}
	for name, document := range map[string]string{
		"in one another":       "{search{" + nest(90, "...on Media{...on Result{", "...on Book{id}") + "}}",
		"in fields":            "{search{" + nest(40, "...on Media{next{", "...on Book{id}") + "}}",
		"in fields of all":     "{search{" + nest(20, "...on Media{id ...on Node{id} next{", "...on Book{id}") + "}}",
		"named":                "{media{...F0}}" + doubled.String() + "fragment F25 on Media{id}",
		"many fields":          "{search{" + nest(60, "...on Media{"+types.String()+" next{", "...on Book{id}") + "}}",
		"many conditions":      "{search{" + strings.Repeat("...on Media@skip(if:false){...on Node@skip(if:false){id}}", 500) + "}}",
		"deeper than is read":  "{search{" + nest(300, "...on Media{", "id") + "}}",
		"a long list of names": "{search{...on Media{" + strings.Repeat("id ", 20_000) + "}}}",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rewritten, err := concreteFragments(schema, document, "", nil)
		answered := answer(t, schema, document, nil)
		runtime.ReadMemStats(&after)
		if err != nil && !errors.Is(err, errTooLong) {
			t.Errorf("%s: %v", name, err)
		}
		mb := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%-22s %7d bytes became %7d, %3d MB allocated: %.200s", name, len(document), len(rewritten), mb, answered)
		if len(rewritten) > 2*longest || mb > 250 {
			t.Errorf("%s: %d bytes became %d, %d MB allocated", name, len(document), len(rewritten), mb)
		}
	}
}

// TestRandomFragments: random documents get the answer of a naive executor.
func TestRandomFragments(t *testing.T) {
	schema := fragmentsSchema(t)
	rewritten := 0
	for seed := range uint64(600) {
		w := &writer{random: rand.New(rand.NewPCG(seed, 3))}
		root := w.document()
		document := root.text() + w.definitions()
		if errs := schema.Validate(document); len(errs) > 0 {
			continue // as good as always since fields conflict
		}
		if now, _ := concreteFragments(schema, document, "", nil); now != document {
			rewritten++
		}
		want := `{"data":` + w.object(root, "Query", &thing{}) + `}`
		if got := answer(t, schema, document, nil); got != want {
			now, _ := concreteFragments(schema, document, "", nil)
			t.Fatalf("seed %d: %s\ngot  %s\nwant %s\n(%s)", seed, document, got, want, now)
		}
	}
	if rewritten < 300 {
		t.Errorf("%d documents were rewritten", rewritten)
	}
}

// tree is a random selection set of a type.
type tree struct {
	parent string
	nodes  []branch
}

// branch is a field (with the type of its selections, if it has some), a fragment on a type or a spread.
type branch struct {
	field, on, spread string
	off               bool // @skip(if: true)
	sub               *tree
}

type writer struct {
	random    *rand.Rand
	fragments []*tree // by number; each spreads those before it
}

func (w *writer) document() *tree {
	for _, on := range []string{"Media", "Result", "Node", "Book"} {
		w.fragments = append(w.fragments, w.tree(on, 2))
	}
	search := w.tree("Result", 4)
	for i := range w.fragments {
		search.nodes = append(search.nodes, branch{spread: fmt.Sprint(i)}) // each is used
	}
	return &tree{"Query", []branch{
		{field: "search", sub: search}, {field: "media", sub: w.tree("Media", 4)}, {field: "nodes", sub: w.tree("Node", 4)}, {field: "books", sub: w.tree("Book", 4)},
	}}
}

func (w *writer) definitions() string {
	var b strings.Builder
	for i, f := range w.fragments {
		fmt.Fprintf(&b, " fragment F%d on %s%s", i, f.parent, f.text())
	}
	return b.String()
}

var (
	fieldsOf = map[string][]string{
		"Media": {"id", "title", "next"}, "Node": {"id"}, "Result": {}, "Paper": {},
		"Book": {"id", "title", "next", "pages", "related"}, "Film": {"id", "title", "next", "minutes"}, "Product": {"id", "name", "media"},
	}
	objectsOf = map[string][]string{
		"Media": {"Book", "Film"}, "Node": {"Book", "Product"}, "Result": {"Book", "Film", "Product"}, "Paper": {"Book"},
		"Book": {"Book"}, "Film": {"Film"}, "Product": {"Product"},
	}
	typeOf = map[string]string{"next": "Result", "related": "Media", "media": "Media"}
)

func meet(a, b string) bool {
	return slices.ContainsFunc(objectsOf[a], func(o string) bool { return slices.Contains(objectsOf[b], o) })
}

func (w *writer) tree(parent string, depth int) *tree {
	t := &tree{parent: parent}
	for range 1 + w.random.IntN(3) {
		t.nodes = append(t.nodes, w.branch(parent, depth))
	}
	return t
}

func (w *writer) branch(parent string, depth int) branch {
	off := w.random.IntN(8) == 0
	if fields := fieldsOf[parent]; len(fields) > 0 && w.random.IntN(2) == 0 {
		b := branch{field: fields[w.random.IntN(len(fields))], off: off}
		if of := typeOf[b.field]; of == "" {
			return b
		} else if depth > 0 {
			b.sub = w.tree(of, depth-1)
			return b
		}
	}
	if depth > 0 {
		names := []string{"", "Media", "Node", "Result", "Paper", "Book", "Film", "Product"}
		if on := names[w.random.IntN(len(names))]; on == "" || meet(parent, on) {
			b := branch{on: on, off: off}
			if on == "" {
				on = parent
			}
			b.sub = w.tree(on, depth-1)
			return b
		}
		if i := w.random.IntN(len(w.fragments) + 1); i < len(w.fragments) && meet(parent, w.fragments[i].parent) {
			return branch{spread: fmt.Sprint(i), off: off}
		}
	}
	return branch{field: "__typename", off: off}
}

func (t *tree) text() string {
	var b strings.Builder
	b.WriteString("{")
	for _, n := range t.nodes {
		switch {
		case n.field != "":
			b.WriteString(" " + n.field)
		case n.spread != "":
			b.WriteString(" ...F" + n.spread)
		case n.on != "":
			b.WriteString(" ...on " + n.on)
		default:
			b.WriteString(" ...")
		}
		if n.off {
			b.WriteString(" @skip(if:true)")
		}
		if n.sub != nil {
			b.WriteString(n.sub.text())
		}
	}
	b.WriteString("}")
	return b.String()
}

// object executes a selection set on an object, as section 6.3 of the specification says.
func (w *writer) object(t *tree, name string, of *thing) string {
	var keys []string
	subs := map[string]*tree{}
	w.collect(t, name, &keys, subs)
	var b strings.Builder
	for i, key := range keys {
		b.WriteString([]string{"{", ","}[min(i, 1)] + `"` + key + `":` + w.value(key, subs[key], of, name))
	}
	if len(keys) == 0 {
		return "{}"
	}
	return b.String() + "}"
}

func (w *writer) collect(t *tree, name string, keys *[]string, subs map[string]*tree) {
	for _, n := range t.nodes {
		switch {
		case n.off:
		case n.field != "":
			if subs[n.field] == nil {
				*keys = append(*keys, n.field)
				subs[n.field] = &tree{}
			}
			if n.sub != nil {
				subs[n.field].nodes = append(subs[n.field].nodes, n.sub.nodes...)
			}
		case n.spread != "":
			var i int
			_, _ = fmt.Sscan(n.spread, &i)
			if slices.Contains(objectsOf[w.fragments[i].parent], name) {
				w.collect(w.fragments[i], name, keys, subs)
			}
		case n.on == "" || slices.Contains(objectsOf[n.on], name):
			w.collect(n.sub, name, keys, subs)
		}
	}
}

func (w *writer) value(key string, sub *tree, of *thing, name string) string {
	var list []*thing
	switch key {
	case "__typename":
		return `"` + name + `"`
	case "id":
		return fmt.Sprintf(`"%d"`, of.n)
	case "title":
		return `"title false"`
	case "name":
		return `"name"`
	case "pages", "minutes":
		return fmt.Sprint(of.n)
	case "next", "related":
		return w.object(sub, of.Next().typeName(), of.Next())
	case "search":
		list = (&fragmentsRoot{}).Search()
	case "nodes":
		list = (&fragmentsRoot{}).Nodes()
	case "books":
		list = (&fragmentsRoot{}).Books()
	case "media":
		if name == "Query" {
			return w.object(sub, "Book", &thing{2})
		}
		list = of.Media()
	}
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = w.object(sub, e.typeName(), e)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func FuzzConcreteFragments(f *testing.F) {
	schema := fragmentsSchema(f)
	f.Add(`query Q($a:Int=1){search{...on Media@skip(if:true){id ...on Book{pages}}...F}} fragment F on Media{title(long:"\"")}`)
	f.Add("{media{...{id} # }\n next{...on Node{id}}}}")
	f.Add("{media{...on Result{...on Product{id}...F}}}fragment F on Node{...on Result{__typename}}")
	f.Fuzz(func(t *testing.T, document string) {
		rewritten, err := concreteFragments(schema, document, "", nil)
		if err != nil {
			return
		}
		// What is rewritten is as valid as it was.
		if before, after := schema.Validate(document), schema.Validate(rewritten); (len(before) == 0) != (len(after) == 0) {
			t.Errorf("%q (%v) became %q (%v)", document, before, rewritten, after)
		}
	})
}
