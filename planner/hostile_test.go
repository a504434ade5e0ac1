package planner_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/operation"
	"github.com/gatehouse-graphql/gatehouse/planner"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// joinHeader is what a supergraph begins with, for subgraphs G0, G1, and so on.
func joinHeader(subgraphs int) string {
	var b strings.Builder
	b.WriteString(`schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
`)
	for g := range subgraphs {
		fmt.Fprintf(&b, "  G%d @join__graph(name: \"g%d\", url: \"http://127.0.0.1/%d\")\n", g, g, g)
	}
	b.WriteString("}\n")
	return b.String()
}

// each repeats a text for numbers from 0 on, which stand for %[1]d in it.
func each(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// hostile are supergraphs and queries that are there to make planning expensive.
var hostile = []struct {
	name, sdl, query string
	fails            gqlerr.Code // "" when there is a plan
}{
	{
		"every field in 30 subgraphs, 45 objects deep",
		joinHeader(30) + `type Query ` + each(30, "@join__type(graph: G%[1]d) ") + `{ t: T }
type T ` + each(30, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID! link: T " + each(40, "f%[1]d: String ") + "}",
		"{t" + strings.Repeat("{id "+each(40, "f%[1]d ")+"link", 40) + "{id}" + strings.Repeat("}", 41), "",
	},
	{
		"each field of 12 requires all others, in 2 subgraphs each",
		joinHeader(13) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T ` + each(13, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID!\n" + circular(12) + "}",
		"{t{" + each(12, "f%[1]d ") + "}}", gqlerr.InternalServerError,
	},
	{
		"a chain of 20 requirements, each resolved by 3 subgraphs",
		joinHeader(30) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T ` + each(30, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID!\n" + chain(20, 30, 3) + "}",
		"{t{f20}}", "",
	},
	{
		"an interface of 100 types, in 10 subgraphs, 10 deep",
		interfaces(100, 10),
		"{n" + strings.Repeat("{"+each(100, "...on T%[1]d{f%[1]d g}")+" n", 10) + "{id}" + strings.Repeat("}", 11), "",
	},
	{
		"20 kinds of keys in 20 subgraphs, each leads to the next",
		joinHeader(21) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T @join__type(graph: G0, key: "k0") ` + each(20, `@join__type(graph: G%[1]d, key: "k%[1]d") `) + keyed(20),
		"{t{k20 " + each(20, "k%[1]d ") + "}}", "",
	},
	{
		"an interface of 100 types, each with 3 keys in 30 subgraphs, 6 deep",
		keyedInterface(),
		"{n" + strings.Repeat("{"+each(100, "...on T%[1]d{f%[1]d1 f%[1]d7}")+" n", 6) + "{__typename}" + strings.Repeat("}", 7), "",
	},
	{
		"required fields of which each lies below all others",
		joinHeader(10) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T ` + each(10, `@join__type(graph: G%[1]d, key: "id") `) + "{ id: ID! " + each(10, "t%[1]d: T ") + below(10) + "}",
		"{t{" + each(10, "f%[1]d ") + "}}", gqlerr.InternalServerError,
	},
	{
		"fields below one another, each in one of 30 subgraphs, 49 deep",
		joinHeader(30) + "type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }\ntype T " + each(30, `@join__type(graph: G%[1]d, key: "id") @join__type(graph: G%[1]d, key: "u") `) +
			"{ id: ID! u: ID! " + each(30, "f%[1]d: String @join__field(graph: G%[1]d) t%[1]d: T @join__field(graph: G%[1]d) ") + "}",
		"{t{" + deep(46, 60) + "}}", "",
	},
	{
		"keys that lead through a list of themselves",
		joinHeader(12) + `type Query @join__type(graph: G0) { t: T @join__field(graph: G0) }
type T ` + each(12, `@join__type(graph: G%[1]d, key: "id") @join__type(graph: G%[1]d, key: "next { id next { id } }") `) + `{ id: ID! next: [T] ` +
			each(12, "f%[1]d: String @join__field(graph: G%[1]d) ") + "}",
		"{t" + strings.Repeat("{"+each(12, "f%[1]d ")+" next", 20) + "{id}" + strings.Repeat("}", 21), "",
	},
	{
		"an interface of 100 types, each with 3 keys in 30 subgraphs, 20 deep",
		keyedInterface(),
		"{n" + strings.Repeat("{"+each(100, "...on T%[1]d{f%[1]d1 f%[1]d7 f%[1]d8 f%[1]d9}")+" n", 20) + "{__typename}" + strings.Repeat("}", 21), gqlerr.QueryPlanTooComplex,
	},
	{
		"100 fields of an interface that their subgraph does not know, of 300 types",
		joinHeader(3) + "type Query @join__type(graph: G0) { n: N }\ninterface N @join__type(graph: G0) @join__type(graph: G2) { id: ID! " +
			each(100, "f%[1]d: String @join__field(graph: G2) ") + "}\n" +
			strings.ReplaceAll(each(300, `type T%[1]d implements N @join__implements(graph: G0, interface: "N") @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") { id: ID! FIELDS}`),
				"FIELDS", each(100, "f%[1]d: String @join__field(graph: G1) ")),
		"{n{" + each(100, "f%[1]d ") + "}}", "",
	},
	{
		"an interface of 500 types in 10 subgraphs, each of whose types enters each of them, 40 deep",
		wideInterface(500, 10), "{n" + strings.Repeat("{"+each(10, "f%[1]d ")+"n", 40) + "{id}" + strings.Repeat("}", 41), gqlerr.QueryPlanTooComplex,
	},
	{
		"a fragment on all types of an interface but one, of 500, 48 deep",
		nearlyAll(500), "{n" + strings.Repeat("{...on M{"+each(20, "f%[1]d ")+"n", 48) + "{id}" + strings.Repeat("}}", 48) + "}", gqlerr.QueryPlanTooComplex,
	},
	{
		"objects of unknown types, where those of one type want more 10 deep",
		untold(50), "{n{...on T0{n" + strings.Repeat("{n", 10) + "{g}" + strings.Repeat("}", 10) + "}n" + strings.Repeat("{"+each(50, "...on T%[1]d{g}")+"n", 10) + "{id}" + strings.Repeat("}", 12), "",
	},
	{
		"fragments on an interface that the subgraph does not know, which are one for each of 20 types there, 6 deep",
		unknownInterface(20), "{m" + strings.Repeat("{...on K{next", 6) + "{id}" + strings.Repeat("}}", 6) + "}", gqlerr.QueryPlanTooComplex,
	},
}

// untold is an interface of whose types only another subgraph knows.
func untold(types int) string {
	const own = " @join__field(graph: G0) "
	return joinHeader(2) + "type Query @join__type(graph: G0) @join__type(graph: G1) { n: N " + own + "}\n" +
		`interface N @join__type(graph: G0, key: "id", isInterfaceObject: true) @join__type(graph: G1, key: "id") { id: ID! g: String` + own + "n: N" + own + "}\n" +
		each(types, `type T%[1]d implements N @join__implements(graph: G1, interface: "N") @join__type(graph: G1, key: "id") { id: ID! g: String @join__field n: N @join__field }`+"\n")
}

// wideInterface is an interface with a field in each of the subgraphs, all types of which are entities there.
func wideInterface(types, subgraphs int) string {
	fields := "{ id: ID! n: N @join__field(graph: G0) " + each(subgraphs, "f%[1]d: String @join__field(graph: G%[1]d) ") + "}\n"
	return joinHeader(subgraphs) + "type Query " + each(subgraphs, "@join__type(graph: G%[1]d) ") + "{ n: N @join__field(graph: G0) }\ninterface N " +
		each(subgraphs, "@join__type(graph: G%[1]d) ") + fields + strings.NewReplacer("FIELDS", fields,
		"IN", each(subgraphs, `@join__implements(graph: G%[1]d, interface: "N") @join__type(graph: G%[1]d, key: "id") `)).Replace(each(types, "type T%[1]d implements N IN FIELDS"))
}

// nearlyAll has an interface N and an interface M, which all of its types but one have, too.
func nearlyAll(types int) string {
	fields := "{ id: ID n: N " + each(20, "f%[1]d: String ") + "}\n"
	return joinHeader(1) + "type Query @join__type(graph: G0) { n: N }\ninterface N @join__type(graph: G0) " + fields + "interface M @join__type(graph: G0) " + fields +
		`type Other implements N @join__type(graph: G0) @join__implements(graph: G0, interface: "N") ` + fields +
		strings.ReplaceAll(each(types, `type T%[1]d implements N & M @join__type(graph: G0) @join__implements(graph: G0, interface: "N") @join__implements(graph: G0, interface: "M") FIELDS`), "FIELDS", fields)
}

// unknownInterface has an interface M of one subgraph, all types of which but one have an interface K of another subgraph, too.
func unknownInterface(types int) string {
	const member = `@join__type(graph: G1) @join__implements(graph: G1, interface: "M") `
	return joinHeader(2) + "type Query @join__type(graph: G1) @join__type(graph: G0) { m: M @join__field(graph: G1) }\n" +
		"interface M @join__type(graph: G1) { id: ID next: M }\ninterface K @join__type(graph: G0) { id: ID next: M @join__field }\n" +
		"type Other implements M " + member + "{ id: ID next: M }\n" +
		each(types, "type T%[1]d implements M & K "+member+`@join__type(graph: G0) @join__implements(graph: G0, interface: "K") { id: ID next: M @join__field(graph: G1) }`+"\n")
}

// keyedInterface has 100 types, each with 3 keys in 30 subgraphs.
func keyedInterface() string {
	return joinHeader(30) + "type Query @join__type(graph: G0) { n: N @join__field(graph: G0) }\ninterface N " + each(30, "@join__type(graph: G%[1]d) ") + "{ n: N }\n" +
		strings.ReplaceAll(each(100, "type T%[1]d implements N IN { n: N "+fields(30)+" a: ID! @join__field(graph: G0) @join__field(graph: G1) b: ID! @join__field(graph: G1) @join__field(graph: G2) c: ID! }\n"),
			"IN", each(30, `@join__implements(graph: G%[1]d, interface: "N") @join__type(graph: G%[1]d, key: "a") @join__type(graph: G%[1]d, key: "b") @join__type(graph: G%[1]d, key: "c") `))
}

// fields of a type T%[1]d, each in three of the subgraphs.
func fields(subgraphs int) string {
	var b strings.Builder
	for f := range 10 {
		fmt.Fprintf(&b, " f%%[1]d%d: String @join__field(graph: G%d) @join__field(graph: G%d) @join__field(graph: G%d)",
			f, f*3%subgraphs, (f*3+1)%subgraphs, (f*3+2)%subgraphs)
	}
	return b.String()
}

// below are fields of which each requires the others of an object below.
func below(n int) string {
	var b strings.Builder
	for i := range n {
		var others []string
		for o := range n {
			if o != i {
				others = append(others, fmt.Sprintf("t%d{f%d}", i, o))
			}
		}
		fmt.Fprintf(&b, "f%d: String @join__field(graph: G%d, requires: \"%s\")", i, i, strings.Join(others, " "))
		for g := range n {
			if g != i {
				fmt.Fprintf(&b, " @join__field(graph: G%d, external: true)", g)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// deep selects leaves and links that lie in ever other subgraphs.
func deep(depth, leaves int) string {
	text := "id"
	for d := range depth {
		text = fmt.Sprintf("t%d{%s}", d%30, text)
		for l := range leaves {
			text += fmt.Sprintf(" f%d", (d+l)%30)
		}
	}
	return text
}

// circular fields each require all others.
func circular(n int) string {
	var b strings.Builder
	for i := range n {
		var others []string
		for o := range n {
			if o != i {
				others = append(others, fmt.Sprintf("f%d", o))
			}
		}
		fmt.Fprintf(&b, "f%d: String @join__field(graph: G%d, requires: \"%s\") @join__field(graph: G%d, requires: \"%s\")",
			i, i, strings.Join(others, " "), (i+1)%n, strings.Join(others[:len(others)-1], " "))
		for g := range n + 1 {
			if g != i && g != (i+1)%n {
				fmt.Fprintf(&b, " @join__field(graph: G%d, external: true)", g)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// chain is fields of which each requires the one before, and all of which several subgraphs resolve.
func chain(n, subgraphs, owners int) string {
	var b strings.Builder
	for i := range n + 1 {
		fmt.Fprintf(&b, "f%d: String", i)
		for o := range owners {
			requires := ""
			if i > 0 {
				requires = fmt.Sprintf(", requires: \"f%d\"", i-1)
			}
			fmt.Fprintf(&b, " @join__field(graph: G%d%s)", (i*owners+o)%subgraphs, requires)
		}
		for o := range owners {
			fmt.Fprintf(&b, " @join__field(graph: G%d, external: true)", ((i+1)*owners+o)%subgraphs)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func interfaces(types, subgraphs int) string {
	var b strings.Builder
	b.WriteString(joinHeader(subgraphs))
	b.WriteString("type Query @join__type(graph: G0) { n: N @join__field(graph: G0) }\ninterface N " + each(subgraphs, "@join__type(graph: G%[1]d) ") + "{ id: ID! n: N }\n")
	for t := range types {
		fmt.Fprintf(&b, "type T%d implements N ", t)
		b.WriteString(each(subgraphs, `@join__implements(graph: G%[1]d, interface: "N") @join__type(graph: G%[1]d, key: "id") `))
		fmt.Fprintf(&b, "{ id: ID! n: N f%d: String @join__field(graph: G%d) @join__field(graph: G%d) g: String @join__field(graph: G%d) }\n",
			t, t%subgraphs, (t+1)%subgraphs, (t+3)%subgraphs)
	}
	return b.String()
}

func keyed(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `@join__type(graph: G%d, key: "k%d") `, i, i+1)
	}
	fmt.Fprintf(&b, "@join__type(graph: G%d, key: \"k%d\") {", n, n)
	for i := range n + 1 {
		fmt.Fprintf(&b, "k%d: ID! @join__field(graph: G%d)", i, i)
		if i > 0 {
			fmt.Fprintf(&b, " @join__field(graph: G%d)", i-1)
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
	return b.String()
}

// TestHostile plans what is there to make planning expensive: there is a plan, or the reason why there is none, and little
// memory is used for it.
func TestHostile(t *testing.T) {
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			schema, op := hostilePermitted(t, h.sdl, h.query)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			plan, err := planner.New(schema).Plan(context.Background(), op)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			used := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MB", took, used)
			if used > 400 {
				t.Errorf("%d MB", used)
			}
			switch {
			case h.fails != "":
				if code := codeOf(err); code != h.fails {
					t.Errorf("got %v, want %s", err, h.fails)
				}
			case err != nil:
				t.Error(err)
			default:
				if err := planner.Check(plan); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func codeOf(err error) gqlerr.Code {
	if e, ok := errors.AsType[*gqlerr.Error](err); ok {
		return e.Code
	}
	return ""
}

// TestCanceled: planning ends when nobody waits any more.
func TestCanceled(t *testing.T) {
	schema, op := hostilePermitted(t, hostile[0].sdl, hostile[0].query)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := planner.New(schema).Plan(ctx, op); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := planner.New(schema).Explain(ctx, op, planner.StagePlan); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func hostilePermitted(tb testing.TB, sdl, query string) (*supergraph.Schema, operation.Permitted) {
	tb.Helper()
	return permittedWithin(tb, operation.Limits{Tokens: 1 << 20, Depth: 100, Aliases: 1000, RootFields: 1000, Fields: 100_000}, sdl, query)
}

// permittedWithin prepares a query under these limits and permits all of it.
func permittedWithin(tb testing.TB, limits operation.Limits, sdl, query string) (*supergraph.Schema, operation.Permitted) {
	tb.Helper()
	schema, err := supergraph.Parse([]byte(sdl))
	if err != nil {
		tb.Fatal(err)
	}
	preparer, err := operation.New(schema, limits)
	if err != nil {
		tb.Fatal(err)
	}
	op, err := preparer.Prepare(context.Background(), []byte(query), "")
	if err != nil {
		tb.Fatal(err)
	}
	return schema, operation.Filter(op, operation.Bits{}, operation.KeepAll)
}

func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		b.Run(h.name, func(b *testing.B) {
			schema, op := hostilePermitted(b, h.sdl, h.query)
			p := planner.New(schema)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Plan(context.Background(), op)
			}
		})
	}
}
