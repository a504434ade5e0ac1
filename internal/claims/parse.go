package claims

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxDepth is how deep values may nest: far more than any issuer needs, and no danger to a stack.
	maxDepth = 64
	// maxValues is how many values a text may hold: each takes far more memory than text, before anything is verified.
	maxValues = 4096
	// fewMembers is up to where comparing every name with every other is cheaper than a map.
	fewMembers = 12
)

// parser is one run over a text.
type parser struct {
	data []byte
	text string // the same, so that strings without escapes need no copy of their own
	at   int
	seen int // values so far
}

// fail returns an error that names the place and nothing of the text.
func (p *parser) fail(problem string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrMalformed, problem, p.at)
}

// document reads the whole text.
func (p *parser) document() (node, error) {
	p.space()
	if p.peek() != '{' {
		return node{}, p.fail("no object")
	}
	var n node
	if err := p.value(&n, 0); err != nil {
		return node{}, err
	}
	p.space()
	if p.at < len(p.text) {
		return node{}, p.fail("something follows the object")
	}
	return n, nil
}

// peek returns the next byte, 0 at the end. A 0 in the text is nowhere valid, so that it needs no telling apart.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// space reads over white space.
func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// value reads the next value into n.
func (p *parser) value(n *node, depth int) error {
	start := p.at
	p.seen++
	var err error
	switch c := p.peek(); {
	case depth >= maxDepth:
		err = p.fail("too deep")
	case p.seen > maxValues:
		err = p.fail("too many values")
	case c == '{':
		err = p.object(n, depth)
	case c == '[':
		err = p.array(n, depth)
	case c == '"':
		n.kind = '"'
		n.text, err = p.str()
	case c == 't':
		err = p.word(n, "true")
	case c == 'f':
		err = p.word(n, "false")
	case c == 'n':
		err = p.word(n, "null")
	default:
		err = p.number(n)
	}
	n.raw = p.data[start:p.at]
	return err
}

// object reads an object.
func (p *parser) object(n *node, depth int) error {
	n.kind = '{'
	p.at++
	p.space()
	if p.peek() == '}' {
		p.at++
		return nil
	}
	if size := min(len(p.text)/32, fewMembers); depth == 0 && size > 0 {
		n.names, n.items = make([]string, 0, size), make([]node, 0, size) // a guess that saves most of the growing
	}
	for {
		if p.peek() != '"' {
			return p.fail("no name of a member")
		}
		name, err := p.str()
		if err != nil {
			return err
		}
		p.space()
		if p.peek() != ':' {
			return p.fail("no colon")
		}
		p.at++
		n.names = append(n.names, name)
		more, err := p.item(n, depth, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if hasDuplicates(n.names) {
		return p.fail("a member occurs twice in the object that ends")
	}
	return nil
}

// array reads an array.
func (p *parser) array(n *node, depth int) error {
	n.kind = '['
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return nil
	}
	for {
		more, err := p.item(n, depth, ']')
		if err != nil || !more {
			return err
		}
	}
}

// item reads one value of an object or array and what separates it from the next.
func (p *parser) item(n *node, depth int, closing byte) (more bool, err error) {
	p.space()
	n.items = append(n.items, node{})
	if err := p.value(&n.items[len(n.items)-1], depth+1); err != nil {
		return false, err
	}
	p.space()
	switch p.peek() {
	case closing:
		p.at++
		return false, nil
	case ',':
		p.at++
		p.space()
		return true, nil
	}
	return false, p.fail("no comma")
}

// word reads true, false or null.
func (p *parser) word(n *node, word string) error {
	if !strings.HasPrefix(p.text[p.at:], word) {
		return p.fail("no value")
	}
	n.kind = word[0]
	p.at += len(word)
	return nil
}

// number reads a number (RFC 8259, section 6).
func (p *parser) number(n *node) error {
	n.kind = '0'
	if p.peek() == '-' {
		p.at++
	}
	switch leading := p.peek(); {
	case leading == '0':
		p.at++
	case p.digits() == 0:
		return p.fail("no value")
	}
	if p.peek() == '.' {
		p.at++
		if p.digits() == 0 {
			return p.fail("no digit")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if sign := p.peek(); sign == '+' || sign == '-' {
			p.at++
		}
		if p.digits() == 0 {
			return p.fail("no digit")
		}
	}
	return nil
}

// digits reads over digits and returns how many there were.
func (p *parser) digits() int {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at - start
}

// str reads a string.
func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			s := p.text[start:p.at]
			p.at++
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.fail("a control character")
		case c < utf8.RuneSelf:
			p.at++
		default:
			if err := p.wide(); err != nil {
				return "", err
			}
		}
	}
	return "", p.fail("no end of a string")
}

// wide reads over a character of more than one byte.
func (p *parser) wide() error {
	r, size := utf8.DecodeRuneInString(p.text[p.at:])
	if r == utf8.RuneError && size == 1 {
		return p.fail("no UTF-8")
	}
	p.at += size
	return nil
}

// escaped reads the rest of a string that has escapes and begins at start.
func (p *parser) escaped(start int) (string, error) {
	out := []byte(p.text[start:p.at])
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(out), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return "", p.fail("a control character")
		default:
			from := p.at
			if err := p.wide(); err != nil {
				return "", err
			}
			out = append(out, p.text[from:p.at]...)
		}
	}
	return "", p.fail("no end of a string")
}

// escapes are the characters that stand behind a backslash, and what they mean.
var escapes = [256]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape sequence, or two that are a pair of surrogates.
func (p *parser) escape() (rune, error) {
	p.at++
	c := p.peek()
	if c != 'u' {
		r := escapes[c]
		if r == 0 {
			return 0, p.fail("an unknown escape")
		}
		p.at++
		return r, nil
	}
	r, ok := p.hex()
	if ok && utf16.IsSurrogate(r) {
		var low rune
		if ok = strings.HasPrefix(p.text[p.at:], `\u`); ok {
			p.at++
			low, ok = p.hex()
		}
		r = utf16.DecodeRune(r, low)
		ok = ok && r != unicode.ReplacementChar
	}
	if !ok {
		return 0, p.fail("a broken escape")
	}
	return r, nil
}

// hex reads "u" and four hexadecimal digits.
func (p *parser) hex() (rune, bool) {
	p.at++
	if p.at+4 > len(p.text) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.text[p.at : p.at+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	p.at += 4
	return r, true
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
