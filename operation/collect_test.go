package operation

import (
	"hash/fnv"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/opgen"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// collector answers an operation with nothing but response keys, field coordinates and arguments, in the order of
// CollectFields (section 6.3.2). Run-time types are drawn by response path, so that every tree of one operation draws alike.
type collector struct {
	values map[string]bool // of @skip and @include
	draw   string
}

// gathered is one response key.
type gathered struct {
	key, field string
	typ        supergraph.TypeRef
	nodes      []*selectionNode // as written
	fields     []*Field         // as prepared
}

// object draws the object type at a path; nil when none is possible.
func (c collector) object(t *supergraph.Type, path string) *supergraph.Type {
	possible := visiblePossible(t)
	if len(possible) == 0 {
		return nil
	}
	h := fnv.New32a()
	h.Write([]byte(c.draw + path))
	return possible[h.Sum32()%uint32(len(possible))]
}

// written answers a selection set as the client wrote it.
func (c collector) written(b *strings.Builder, sets [][]*selectionNode, t *supergraph.Type, path string) {
	var list []*gathered
	seen := map[*definition]bool{}
	for _, set := range sets {
		list = c.collectWritten(list, set, t, seen)
	}
	b.WriteString("{")
	for _, g := range list {
		b.WriteString(g.key + "=" + g.field + " ")
		var below [][]*selectionNode
		for _, n := range g.nodes {
			below = append(below, n.sub)
		}
		if object := c.below(g, path); object != nil {
			c.written(b, below, object, path+"."+g.key)
		}
	}
	b.WriteString("}")
}

func (c collector) below(g *gathered, path string) *supergraph.Type {
	if !g.typ.Named.IsComposite() {
		return nil
	}
	return c.object(g.typ.Named, path+"."+g.key)
}

func (c collector) collectWritten(list []*gathered, set []*selectionNode, t *supergraph.Type, seen map[*definition]bool) []*gathered {
	for _, s := range set {
		if !c.included(s.directives) {
			continue
		}
		switch s.kind {
		case fieldNode:
			def := t.Field(s.name)
			g := find(&list, s.key(), string(def.Coordinate())+printed(s.args), def.Type)
			g.nodes = append(g.nodes, s)
		case inlineNode:
			if s.cond == nil || overlaps(t, s.typ) {
				list = c.collectWritten(list, s.sub, t, seen)
			}
		case spreadNode:
			if !seen[s.target] {
				seen[s.target] = true
				if overlaps(t, s.target.typ) {
					list = c.collectWritten(list, s.target.sub, t, seen)
				}
			}
		}
	}
	return list
}

// included decides @skip and @include.
func (c collector) included(directives []*directiveNode) bool {
	for _, d := range directives {
		if d.name != "skip" && d.name != "include" {
			continue
		}
		v := d.args[0].value
		holds := v.text == "true"
		if v.kind == varValue {
			holds = c.values[v.text]
		}
		if holds != (d.name == "include") {
			return false
		}
	}
	return true
}

// prepared answers a selection set of ours.
func (c collector) prepared(b *strings.Builder, sets [][]Selection, t *supergraph.Type, path string) {
	var list []*gathered
	for _, set := range sets {
		list = collectPrepared(list, set, t)
	}
	b.WriteString("{")
	for _, g := range list {
		b.WriteString(g.key + "=" + g.field + " ")
		var below [][]Selection
		for _, f := range g.fields {
			below = append(below, f.Sub)
		}
		if object := c.below(g, path); object != nil {
			c.prepared(b, below, object, path+"."+g.key)
		}
	}
	b.WriteString("}")
}

func collectPrepared(list []*gathered, set []Selection, t *supergraph.Type) []*gathered {
	for _, s := range set {
		switch s := s.(type) {
		case *Field:
			def := t.Field(s.Def.Name)
			var args []*argumentNode
			for _, a := range s.Args {
				args = append(args, &argumentNode{name: a.Name, value: &valueNode{kind: enumValue, text: a.Value}})
			}
			g := find(&list, string(s.Key), string(def.Coordinate())+printed(args), def.Type)
			g.fields = append(g.fields, s)
		case *Fragment:
			if overlaps(t, s.On) {
				list = collectPrepared(list, s.Sub, t)
			}
		}
	}
	return list
}

// printed are arguments sorted by name, their values as we print them.
func printed(args []*argumentNode) string {
	text := ""
	for _, a := range sortedByName(args) {
		text += a.name + ":" + literal(a.value) + " "
	}
	return text
}

func find(list *[]*gathered, key, field string, typ supergraph.TypeRef) *gathered {
	for _, g := range *list {
		if g.key == key {
			return g
		}
	}
	g := &gathered{key: key, field: field, typ: typ}
	*list = append(*list, g)
	return g
}

// TestSameResponse: what is executed answers what the client wrote, with the keys in the client's order, whatever types
// the objects have at run time.
func TestSameResponse(t *testing.T) {
	t.Parallel()
	for _, p := range []*Preparer{zoo(t), shop(t)} {
		for seed := range uint64(2000) {
			document, variables := opgen.New(p.schema, seed, opgen.Options{Mutations: 10, Fields: 80}).Next()
			op, err := p.Prepare(t.Context(), []byte(document), "")
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, document)
			}
			values, err := op.Coerce(variables)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, document)
			}
			c := collector{values: map[string]bool{}}
			for i, v := range op.Variables {
				c.values[v.Name] = string(values[i]) == "true"
			}
			doc := checked(t, p, document)
			permitted := Filter(op, op.Evaluate(values, nil), KeepAll)
			for _, c.draw = range []string{"a", "b", "c", "d"} {
				var want, got strings.Builder
				c.written(&want, [][]*selectionNode{doc.operations[0].sub}, op.Type, "")
				c.prepared(&got, [][]Selection{permitted.Selections()}, op.Type, "")
				if want.String() != got.String() {
					t.Fatalf("seed %d:\nwant %s\n got %s\n%s\n%s", seed, &want, &got, document, permitted.Text())
				}
			}
		}
	}
}

// checked parses and checks a document that is valid.
func checked(t *testing.T, p *Preparer, text string) *document {
	t.Helper()
	doc, errs := parse(text, p.limits)
	if errs != nil {
		t.Fatal(errs)
	}
	c := p.newChecker(t.Context(), doc)
	c.link()
	if errs := c.check(); len(errs) > 0 {
		t.Fatal(errs)
	}
	return doc
}
