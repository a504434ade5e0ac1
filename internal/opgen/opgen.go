// Package opgen generates random operations that are valid against the API schema of a supergraph, for tests: with
// aliases, duplicate response names, fragments of all kinds, abstract types, variables, @skip and @include.
//
// The same schema, seed and options give the same operations on every machine, so a seed is all that a failing test has
// to remember.
package opgen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Options say what is generated. The zero value gives queries only.
type Options struct {
	// Values are what leaf arguments and input fields are filled with, as JSON texts (`"p1"`, `3`); by the coordinate of
	// an argument ("Query.product(upc:)"), of an input field ("ReviewInput.upc"), or of a scalar type ("Date"), the first
	// that is there. For lists they are the elements. Without an entry, something plausible is made up.
	Values map[supergraph.Coordinate][]string
	// Exclude are fields ("Query.slow") and types that are not selected.
	Exclude map[supergraph.Coordinate]bool
	// Depth bounds how many fields stand in one another, Fields how many there are, fragments spread. Defaults 6 and 50.
	Depth, Fields int
	// Mutations is how many of a hundred operations are mutations.
	Mutations int
	// Nulls tells to give null, and variables without a value, where a type allows it.
	Nulls bool
}

// Generator makes operations. It is not safe for concurrent use.
type Generator struct {
	schema *supergraph.Schema
	opts   Options
	random *rand.Rand
	types  []*supergraph.Type // that fragments may be on

	// What belongs to the operation that is being made.
	budget    int
	variables []*variable
	fragments []*fragment
}

// New returns a generator.
func New(schema *supergraph.Schema, seed uint64, opts Options) *Generator {
	if opts.Depth <= 0 {
		opts.Depth = 6
	}
	if opts.Fields <= 0 {
		opts.Fields = 50
	}
	g := &Generator{schema: schema, opts: opts}
	g.random = rand.New(rand.NewPCG(seed, 0x9E3779B97F4A7C15)) //nolint:gosec // tests want chance that can be repeated
	for _, t := range schema.Types {
		if t.IsComposite() && g.selectable(t) {
			g.types = append(g.types, t)
		}
	}
	return g
}

// Next returns a document with one operation, and its variables as a JSON object.
func (g *Generator) Next() (document string, variables []byte) {
	g.budget, g.variables, g.fragments = g.opts.Fields, nil, nil
	kind, root := "query", g.schema.Query
	if g.schema.Mutation != nil && g.percent(g.opts.Mutations) {
		kind, root = "mutation", g.schema.Mutation
		g.budget = min(g.budget, 15)
	}
	body := g.selections(place{on: root, scope: newScope(), depth: 1})
	var b strings.Builder
	b.WriteString(g.head(kind))
	b.WriteString(body)
	for _, f := range g.fragments {
		if f.used {
			fmt.Fprintf(&b, "\nfragment %s on %s %s", f.name, f.on.Name, f.body)
		}
	}
	return b.String(), g.values()
}

// head is what stands before the selections of the operation.
func (g *Generator) head(kind string) string {
	if kind == "query" && len(g.variables) == 0 && g.percent(50) {
		return ""
	}
	if g.percent(70) {
		kind += fmt.Sprintf(" Op%d", g.random.IntN(100))
	}
	var definitions []string
	for _, v := range g.variables {
		text := "$" + v.name + ": " + v.typ
		if v.def != "" {
			text += " = " + v.def
		}
		definitions = append(definitions, text)
	}
	if len(definitions) > 0 {
		kind += "(" + strings.Join(definitions, ", ") + ")"
	}
	return kind + " "
}

// values is the JSON object of the variables.
func (g *Generator) values() []byte {
	var members []string
	for _, v := range g.variables {
		if v.value != "" {
			members = append(members, fmt.Sprintf("%q:%s", v.name, v.value))
		}
	}
	return []byte("{" + strings.Join(members, ",") + "}")
}

func (g *Generator) percent(n int) bool { return g.random.IntN(100) < n }

// selectable tells whether clients may select the type.
func (g *Generator) selectable(t *supergraph.Type) bool {
	return !t.Inaccessible && !t.Introspection && !g.opts.Exclude[supergraph.Coordinate(t.Name)]
}

// pick returns one of a list that is not empty.
func pick[T any](g *Generator, list []T) T { return list[g.random.IntN(len(list))] }
