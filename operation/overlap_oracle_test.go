package operation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// canMerge is FieldsInSetCanMerge of section 5.3.2, word for word: every pair of fields, and again below each pair.
func canMerge(set []*selectionNode) bool {
	for i, a := range set {
		for _, b := range set[:i] {
			if a.key() != b.key() {
				continue
			}
			if !haveSameShape(a, b) {
				return false
			}
			if a.on != b.on && a.on.Kind == supergraph.Object && b.on.Kind == supergraph.Object {
				continue
			}
			if a.name != b.name || canonicalArguments(a.args) != canonicalArguments(b.args) {
				return false
			}
			if !canMerge(append(spread(nil, a.sub), spread(nil, b.sub)...)) {
				return false
			}
		}
		if !canMerge(spread(nil, a.sub)) {
			return false
		}
	}
	return true
}

// haveSameShape is SameResponseShape.
func haveSameShape(a, b *selectionNode) bool {
	if !sameShape(a.def.Type, b.def.Type) {
		return false
	}
	if !a.hasSub {
		return true
	}
	set := append(spread(nil, a.sub), spread(nil, b.sub)...)
	for i, x := range set {
		for _, y := range set[:i] {
			if x.key() == y.key() && !haveSameShape(x, y) {
				return false
			}
		}
	}
	return true
}

// spread are the fields of a selection set with its fragments.
func spread(dst, sub []*selectionNode) []*selectionNode {
	for _, s := range sub {
		switch s.kind {
		case fieldNode:
			dst = append(dst, s)
		case inlineNode:
			dst = spread(dst, s.sub)
		case spreadNode:
			dst = spread(dst, s.target.sub)
		}
	}
	return dst
}

// TestOverlapOracle: random documents whose fields meet often get the verdict of the specification's own algorithm.
func TestOverlapOracle(t *testing.T) {
	t.Parallel()
	p := zoo(t)
	valid, conflicts := 0, 0
	for seed := range uint64(1500) {
		m := meeter{random: rand.New(rand.NewPCG(seed, 7)), schema: p.schema, deep: seed%2 == 0}
		document := m.document()
		doc, errs := parse(document, p.limits)
		if errs != nil {
			t.Fatalf("%v\n%s", errs, document)
		}
		c := p.newChecker(t.Context(), doc)
		c.link()
		c.definitions()
		if len(c.errs) > 0 {
			t.Fatalf("%v\n%s", c.errs, document)
		}
		c.overlaps()
		want := canMerge(spread(nil, doc.operations[0].sub))
		if got := len(c.errs) == 0; got != want {
			t.Fatalf("seed %d: got %v, want %t\n%s", seed, c.errs, want, document)
		}
		if want {
			valid++
		} else {
			conflicts++
		}
	}
	if valid < 300 || conflicts < 300 {
		t.Errorf("%d valid, %d with conflicts: too one-sided to say much", valid, conflicts)
	}
}

// meeter writes documents with few response keys on many types.
type meeter struct {
	random *rand.Rand
	schema *supergraph.Schema
	// deep: few fields, so that differences show only far below.
	deep bool
	// fragments are on Pet, Dog and Being; each may spread those that follow.
	fragments []string
}

func (m *meeter) document() string {
	types := []string{"Pet", "Dog", "Being"}
	for _, on := range slices.Backward(types) {
		body := m.set(m.schema.Type(on), 2)
		m.fragments = append([]string{fmt.Sprintf("fragment %s on %s %s", on, on, body)}, m.fragments...)
	}
	return "{ pet " + m.set(m.schema.Type("Pet"), 4) + " } " + strings.Join(m.fragments, " ")
}

// set writes a selection set.
func (m *meeter) set(on *supergraph.Type, depth int) string {
	list := []string{}
	for range 2 + m.random.IntN(3) {
		list = append(list, m.selection(on, depth))
	}
	return "{ " + strings.Join(list, " ") + " }"
}

func (m *meeter) selection(on *supergraph.Type, depth int) string {
	switch n := m.random.IntN(8); {
	case n < 2 && depth > 0:
		if to := m.schema.Types[m.random.IntN(len(m.schema.Types))]; to.IsComposite() && !to.Inaccessible && overlaps(on, to) {
			return "... on " + to.Name + " " + m.set(to, depth)
		}
	case n == 2 && len(m.fragments) > 0:
		name := strings.Fields(m.fragments[m.random.IntN(len(m.fragments))])[1]
		if overlaps(on, m.schema.Type(name)) {
			return "..." + name
		}
	}
	if f := m.field(on, depth); f != "" {
		return f
	}
	return "__typename"
}

func (m *meeter) field(on *supergraph.Type, depth int) string {
	names := []string{"name", "nickname", "owner", "mother", "friends", "pets", "dogs", "barkVolume", "volume", "meowVolume", "barks"}
	rare := 3
	if m.deep {
		names, rare = []string{"name", "owner", "owner", "pets", "pets"}, 10
	}
	f := visibleField(on, names[m.random.IntN(len(names))])
	if f == nil || f.Type.Named.IsComposite() && depth == 0 {
		return ""
	}
	text := f.Name
	if !m.deep && m.random.IntN(3) == 0 {
		text = "x: " + text
	}
	if len(f.Args) > 0 && m.random.IntN(rare) == 0 {
		text += "(surname: true)"
	}
	if f.Type.Named.IsComposite() {
		text += " " + m.set(f.Type.Named, depth-1)
	}
	return text
}
