package claims

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

const (
	// maxDepth is how deep objects and arrays may nest: far more than any issuer needs, and no danger to a stack.
	maxDepth = 64
	// maxValues is how many values a text may hold: each takes far more memory than text, before anything is verified.
	maxValues = 4096
	// fewMembers is up to where comparing every name with every other is cheaper than a map.
	fewMembers = 12
)

// parser is one run over a text.
type parser struct {
	jsonscan.Scanner
	text string // Src, so that strings without escapes need no copy of their own
	seen int    // values so far
}

// fail returns an error that names the place and nothing of the text.
func (p *parser) fail(problem string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrMalformed, problem, p.At+1)
}

// mistake is the error for what is no JSON.
func (p *parser) mistake() error { return fmt.Errorf("%w: %w", ErrMalformed, p.Err()) }

// document reads the whole text.
func (p *parser) document() (n node, err error) {
	if p.Peek() != '{' {
		return node{}, p.fail("no object")
	}
	if err := p.value(&n); err != nil {
		return node{}, err
	}
	if !p.End() {
		return node{}, p.mistake()
	}
	return n, nil
}

// value reads the next value into n.
func (p *parser) value(n *node) (err error) {
	n.kind = p.Peek()
	start := p.At
	if p.seen++; p.seen > maxValues {
		return p.fail("too many values")
	}
	switch n.kind {
	case '{':
		err = p.object(n)
	case '[':
		err = p.array(n)
	default:
		err = p.leaf(n)
	}
	n.raw = p.Src[start:p.At]
	return err
}

// leaf reads a string, a number or a word.
func (p *parser) leaf(n *node) error {
	start := p.At
	if !p.Value() {
		return p.mistake()
	}
	switch n.kind {
	case '"':
		n.text = p.content(start, p.At)
	case 't', 'f', 'n':
	default:
		n.kind = '0'
	}
	return nil
}

// content returns what the string between two places stands for.
func (p *parser) content(start, end int) string {
	if quoted := p.Src[start:end]; !jsonscan.IsPlain(quoted) {
		return string(jsonscan.Content(quoted))
	}
	return p.text[start+1 : end-1]
}

// object reads an object.
func (p *parser) object(n *node) error {
	if size := min(len(p.text)/32, fewMembers); p.seen == 1 && size > 0 {
		n.names, n.items = make([]string, 0, size), make([]node, 0, size) // a guess that saves most of the growing
	}
	more, ok := p.Open('}')
	for more {
		p.Peek()
		start := p.At
		name, named := p.Name()
		if !named {
			return p.mistake()
		}
		n.names = append(n.names, p.content(start, start+len(name)))
		if err := p.item(n); err != nil {
			return err
		}
		more, ok = p.Next('}')
	}
	if !ok {
		return p.mistake()
	}
	if hasDuplicates(n.names) {
		return p.fail("a member occurs twice in the object that ends")
	}
	return nil
}

// array reads an array.
func (p *parser) array(n *node) error {
	more, ok := p.Open(']')
	for more {
		if err := p.item(n); err != nil {
			return err
		}
		more, ok = p.Next(']')
	}
	if !ok {
		return p.mistake()
	}
	return nil
}

// item reads one value of an object or array.
func (p *parser) item(n *node) error {
	n.items = append(n.items, node{})
	return p.value(&n.items[len(n.items)-1])
}

// hasDuplicates tells whether two names are equal but for their case. It takes linear time for many names, since it runs
// before any signature is checked.
func hasDuplicates(names []string) bool {
	if len(names) > fewMembers {
		seen := make(map[string]bool, len(names))
		for _, name := range names {
			folded := fold(name)
			if seen[folded] {
				return true
			}
			seen[folded] = true
		}
		return false
	}
	for i, name := range names {
		for _, other := range names[:i] {
			if strings.EqualFold(name, other) {
				return true
			}
		}
	}
	return false
}

// fold returns the same text for all names that strings.EqualFold finds equal.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, name)
}
