package signature

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// mode says what the canonical text is for.
type mode uint8

const (
	// forSigning reads as JSON.parse does: the last of two members with one name counts, a number beyond a double is null.
	forSigning mode = iota
	// forVerifying refuses both. Parsers differ there, so that what runs could be something else than what was signed.
	forVerifying
)

// maxDepth is how deeply arrays and objects may be nested: no less than the gateway and the helper for subgraphs take, so that
// nobody can send what then cannot be signed.
const maxDepth = 512

var errDepth = errors.New("JSON: nested too deeply")

// AppendCanonical appends the canonical text of one JSON value, which is what JavaScript's JSON.stringify makes of it when
// the members of all objects are sorted by the UTF-16 code units of their names: of two members with one name the last
// counts, and a number beyond a double is null. It fails, and returns dst as it was, when src is not one JSON value, holds a
// lone surrogate or invalid UTF-8, or nests deeper than 512. The canonical text of a canonical text is itself.
func AppendCanonical(dst, src []byte) ([]byte, error) {
	return appendCanonical(dst, src, forSigning)
}

// AppendCanonicalRequest appends what the extension signature signs: the canonical text of {"query", "variables"}. Both are
// JSON; variables is left out when it is empty, null or {}. It fails, and returns dst as it was, where AppendCanonical does,
// and when query is not a string or variables not an object.
//
// Whoever writes both themselves needs no more than the parts: AppendCanonicalString for the query, AppendCanonical for the
// value of each variable, and the names of variables, which are ASCII, in the order of their bytes.
func AppendCanonicalRequest(dst, query, variables []byte) ([]byte, error) {
	return appendRequest(dst, query, variables, forSigning)
}

func appendCanonical(dst, src []byte, mode mode) ([]byte, error) {
	c := canonizers.Get().(*canonizer)
	defer c.release()
	c.src, c.at, c.mode = src, 0, mode
	out, err := c.document(dst)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func appendRequest(dst, query, variables []byte, mode mode) ([]byte, error) {
	if c := firstByte(query); c != '"' {
		return dst, errors.New("JSON: the query is not a string")
	}
	out, err := appendCanonical(append(dst, `{"query":`...), query, mode)
	if err != nil {
		return dst, err
	}
	if len(variables) > 0 {
		const name = `,"variables":`
		mark := len(out)
		out, err = appendCanonical(append(out, name...), variables, mode)
		if err != nil {
			return dst, err
		}
		switch value := out[mark+len(name):]; {
		case string(value) == "null", string(value) == "{}":
			out = out[:mark]
		case value[0] != '{':
			return dst, errors.New("JSON: the variables are not an object")
		}
	}
	return append(out, '}'), nil
}

// AppendCanonicalString appends a string with quotes, as JSON.stringify writes it. It fails, and returns dst as it was, when
// s is not UTF-8.
func AppendCanonicalString(dst []byte, s string) ([]byte, error) {
	return appendString(dst, s)
}

// compareNames orders names as canonical text does: by UTF-16 code units.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		x, y := nextRune(a), nextRune(b)
		if x.value != y.value {
			return compareUnits(x.value, y.value)
		}
		a, b = a[x.size:], b[y.size:]
	}
	return len(a) - len(b)
}

func firstByte(src []byte) byte {
	if i := skipSpace(src, 0); i < len(src) {
		return src[i]
	}
	return 0
}

// canonizer writes the canonical text of one value.
type canonizer struct {
	src     []byte
	at      int
	mode    mode
	depth   int
	members []member // of the objects that are open, the outermost first
	moves   moves
}

// member is a member of an object, as it lies in the output, without its comma. A plain name is in the order of its bytes.
type member struct {
	start, keyEnd, end int
	plain              bool
}

// name returns the name, with quotes, from the output.
func (m *member) name(text []byte) []byte { return text[m.start:m.keyEnd] }

// compare orders two members of one object.
func (m *member) compare(other *member, text []byte) int {
	a, b := m.name(text), other.name(text)
	if m.plain && other.plain {
		// The closing quote must not take part: '!' and ' ' sort before it.
		return bytes.Compare(a[:len(a)-1], b[:len(b)-1])
	}
	return compareNames(unescape(a), unescape(b))
}

var canonizers = sync.Pool{New: func() any { return new(canonizer) }}

func (c *canonizer) release() {
	c.src = nil
	c.members = c.members[:0]
	if cap(c.members) > maxSpare/16 {
		c.members = nil
	}
	c.moves.release()
	canonizers.Put(c)
}

// document appends the one value that src is.
func (c *canonizer) document(dst []byte) ([]byte, error) {
	c.depth = 0
	dst, err := c.value(dst)
	if err != nil {
		return nil, err
	}
	if c.at = skipSpace(c.src, c.at); c.at != len(c.src) {
		return nil, c.fail("something follows the value")
	}
	return c.moves.apply(dst), nil
}

func (c *canonizer) fail(what string) error { return fmt.Errorf("JSON: %s at byte %d", what, c.at) }

func (c *canonizer) value(dst []byte) ([]byte, error) {
	switch b := c.next(); {
	case b == '"':
		return c.string(dst)
	case b == '{':
		return c.object(dst)
	case b == '[':
		return c.array(dst)
	case b == '-' || b >= '0' && b <= '9':
		return c.number(dst)
	default:
		for _, word := range [...]string{"null", "true", "false"} {
			if bytes.HasPrefix(c.src[min(c.at, len(c.src)):], []byte(word)) {
				c.at += len(word)
				return append(dst, word...), nil
			}
		}
		return nil, c.fail("no value")
	}
}

// next skips white space and returns the byte behind it, 0 at the end.
func (c *canonizer) next() byte {
	c.at = skipSpace(c.src, c.at)
	if c.at < len(c.src) {
		return c.src[c.at]
	}
	return 0
}

func skipSpace(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	return i
}

func (c *canonizer) number(dst []byte) ([]byte, error) {
	end, canonical := scanNumber(c.src, c.at)
	if end == 0 {
		return nil, c.fail("no number")
	}
	text := c.src[c.at:end]
	if canonical {
		c.at = end
		return append(dst, text...), nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil && c.mode == forVerifying {
		return nil, c.fail("a number that is beyond a double")
	}
	c.at = end
	return appendNumber(dst, f), nil
}

func (c *canonizer) array(dst []byte) ([]byte, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	if c.next() == ']' {
		return c.shut(append(dst, ']'))
	}
	for {
		var err error
		if dst, err = c.value(dst); err != nil {
			return nil, err
		}
		switch c.next() {
		case ']':
			return c.shut(append(dst, ']'))
		case ',':
			c.at++
			dst = append(dst, ',')
		default:
			return nil, c.fail("neither comma nor end of array")
		}
	}
}

// open enters an array or an object, shut leaves it.
func (c *canonizer) open() error {
	if c.depth++; c.depth > maxDepth {
		return errDepth
	}
	c.at++
	return nil
}

func (c *canonizer) shut(dst []byte) ([]byte, error) {
	c.depth--
	c.at++
	return dst, nil
}

// object writes the members in the order in which they come, and notes how they have to be moved when that is another one.
func (c *canonizer) object(dst []byte) ([]byte, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	base := len(c.members)
	ordered := true
	dst = append(dst, '{')
	if c.next() == '}' {
		return c.shut(append(dst, '}'))
	}
	for {
		m := member{start: len(dst)}
		var err error
		if dst, err = c.key(dst); err != nil {
			return nil, err
		}
		m.keyEnd = len(dst)
		m.plain = isPlain(dst[m.start:])
		if dst, err = c.value(append(dst, ':')); err != nil {
			return nil, err
		}
		m.end = len(dst)
		if ordered && len(c.members) > base {
			ordered = c.members[len(c.members)-1].compare(&m, dst) < 0
		}
		c.members = append(c.members, m)
		b := c.next()
		if b == '}' {
			break
		}
		if b != ',' {
			return nil, c.fail("neither comma nor end of object")
		}
		c.at++
		dst = append(dst, ',')
	}
	if !ordered {
		if err := c.reorder(dst, c.members[base:]); err != nil {
			return nil, err
		}
	}
	c.members = c.members[:base]
	return c.shut(append(dst, '}'))
}

// key writes a name and goes behind its colon.
func (c *canonizer) key(dst []byte) ([]byte, error) {
	if c.next() != '"' {
		return nil, c.fail("no member name")
	}
	dst, err := c.string(dst)
	if err != nil {
		return nil, err
	}
	if c.next() != ':' {
		return nil, c.fail("no colon")
	}
	c.at++
	return dst, nil
}

// reorder notes how the members, which lie at the end of text, have to be moved.
func (c *canonizer) reorder(text []byte, members []member) error {
	o := object{open: members[0].start - 1, end: len(text), first: len(c.moves.members)}
	slices.SortFunc(members, func(a, b member) int {
		return cmp.Or(a.compare(&b, text), cmp.Compare(a.start, b.start))
	})
	c.moves.members = slices.Grow(c.moves.members, len(members))
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(m.name(text), members[i+1].name(text)) {
			if c.mode == forVerifying {
				return c.fail("two members have one name in the object that ends")
			}
			continue // the last one counts
		}
		c.moves.members = append(c.moves.members, m)
	}
	o.last = len(c.moves.members)
	c.moves.objects = append(c.moves.objects, o)
	return nil
}

// isPlain tells whether the bytes of a name are in the order of its UTF-16 code units: no escapes, and nothing from U+E000
// on, where code points of one unit sort behind those of two.
func isPlain(text []byte) bool {
	for _, b := range text {
		if b == '\\' || b >= 0xEE {
			return false
		}
	}
	return true
}

// unescape returns the name that canonical text with quotes stands for.
func unescape(text []byte) string {
	text = text[1 : len(text)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	var name strings.Builder
	for len(text) > 0 {
		r, size := rune(text[0]), 1
		if r == '\\' {
			r, size = unescapeRune(text)
			name.WriteRune(r)
		} else {
			name.WriteByte(text[0])
		}
		text = text[size:]
	}
	return name.String()
}
