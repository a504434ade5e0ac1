package signature

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Structured field values (RFC 9651, which contains RFC 8941): dictionaries of items and inner lists. The parser follows
// section 4.2 and is strict where a parser may choose: base64 needs its padding and zero bits in it.

// The sizes that a parser has to support (RFC 9651, sections 3.1 to 3.3) are the sizes that this one does.
const (
	maxField   = 64 << 10
	maxMembers = 1024
	maxItems   = 256
	maxParams  = 256
)

var (
	errField = errors.New("not a structured field")
	errLarge = errors.New("the field is too large")
)

// bareKind is the type of a bare item.
type bareKind uint8

// The types of bare items (RFC 9651, section 3.3).
const (
	bareInteger bareKind = iota
	bareDecimal          // number is thousandths
	bareString
	bareToken
	bareBytes // text is the base64
	bareBoolean
	bareDate
	bareDisplay
)

// bareItem is a value without parameters. Which of text and number counts depends on its kind; a true boolean is 1.
type bareItem struct {
	kind   bareKind
	text   string
	number int64
}

// span is a range of a dictionary's items or parameters.
type span struct{ from, to int }

// parameter is one parameter. Repeated is set when the text has its key more than once, the last of which counts.
type parameter struct {
	key      string
	value    bareItem
	repeated bool
}

// item is an item with its parameters.
type item struct {
	value  bareItem
	params span
}

// entry is a member of a dictionary: an inner list, or one item, with parameters.
type entry struct {
	key      string
	value    bareItem // unless it is a list
	items    span     // if it is one
	params   span
	isList   bool
	repeated bool // see parameter
}

// dictionary is a parsed dictionary. Its strings are parts of what was parsed.
type dictionary struct {
	entries []entry
	items   []item
	params  []parameter
}

// reset lets go of everything but the room for it.
func (d *dictionary) reset() {
	clear(d.entries)
	clear(d.items)
	clear(d.params)
	d.entries, d.items, d.params = d.entries[:0], d.items[:0], d.params[:0]
}

// parse reads a dictionary (section 4.2.2). The field lines of a message are one field, joined with commas.
func (d *dictionary) parse(field string) error {
	d.reset()
	if len(field) > maxField {
		return errLarge
	}
	p := sfParser{in: strings.Trim(field, " "), dict: d}
	for p.in != "" {
		e, err := p.entry()
		if err != nil {
			return err
		}
		if err := d.put(e); err != nil {
			return err
		}
		p.skip(" \t")
		if p.in == "" {
			return nil
		}
		if !p.take(',') {
			return errField
		}
		if p.skip(" \t"); p.in == "" {
			return errField // a trailing comma
		}
	}
	return nil
}

// put adds an entry; one with the same key is replaced where it is.
func (d *dictionary) put(e entry) error {
	for i := range d.entries {
		if d.entries[i].key == e.key {
			e.repeated = true
			d.entries[i] = e
			return nil
		}
	}
	if len(d.entries) == maxMembers {
		return errLarge
	}
	d.entries = append(d.entries, e)
	return nil
}

// get returns the entry with the key, nil if there is none.
func (d *dictionary) get(key string) *entry {
	for i := range d.entries {
		if d.entries[i].key == key {
			return &d.entries[i]
		}
	}
	return nil
}

// param returns the parameter with the key, nil if there is none.
func (d *dictionary) param(params span, key string) *parameter {
	for i := params.from; i < params.to; i++ {
		if d.params[i].key == key {
			return &d.params[i]
		}
	}
	return nil
}

// sfParser takes what it has read from the front of in.
type sfParser struct {
	in   string
	dict *dictionary
}

func (p *sfParser) take(c byte) bool {
	if p.in == "" || p.in[0] != c {
		return false
	}
	p.in = p.in[1:]
	return true
}

func (p *sfParser) skip(chars string) { p.in = strings.TrimLeft(p.in, chars) }

// takeWhile takes the longest run of characters that are in the class.
func (p *sfParser) takeWhile(class *[256]bool) string {
	i := 0
	for i < len(p.in) && class[p.in[i]] {
		i++
	}
	run := p.in[:i]
	p.in = p.in[i:]
	return run
}

// entry reads one member of a dictionary.
func (p *sfParser) entry() (e entry, err error) {
	if e.key, err = p.key(); err != nil {
		return e, err
	}
	switch {
	case !p.take('='):
		e.value = bareItem{kind: bareBoolean, number: 1}
	case p.take('('):
		e.isList = true
		if e.items, err = p.innerList(); err != nil {
			return e, err
		}
	default:
		if e.value, err = p.bareItem(); err != nil {
			return e, err
		}
	}
	e.params, err = p.parameters()
	return e, err
}

// innerList reads from behind the opening parenthesis (section 4.2.1.2).
func (p *sfParser) innerList() (span, error) {
	d := p.dict
	list := span{from: len(d.items)}
	for {
		p.skip(" ")
		if p.take(')') {
			list.to = len(d.items)
			return list, nil
		}
		if len(d.items)-list.from == maxItems {
			return list, errLarge
		}
		var it item
		var err error
		if it.value, err = p.bareItem(); err != nil {
			return list, err
		}
		if it.params, err = p.parameters(); err != nil {
			return list, err
		}
		d.items = append(d.items, it)
		if p.in == "" || p.in[0] != ' ' && p.in[0] != ')' {
			return list, errField
		}
	}
}

// parameters reads what follows an item (section 4.2.3.2).
func (p *sfParser) parameters() (span, error) {
	d := p.dict
	params := span{from: len(d.params)}
next:
	for p.take(';') {
		p.skip(" ")
		key, err := p.key()
		if err != nil {
			return params, err
		}
		value := bareItem{kind: bareBoolean, number: 1}
		if p.take('=') {
			if value, err = p.bareItem(); err != nil {
				return params, err
			}
		}
		for i := params.from; i < len(d.params); i++ {
			if d.params[i].key == key {
				d.params[i].value, d.params[i].repeated = value, true
				continue next
			}
		}
		if len(d.params)-params.from == maxParams {
			return params, errLarge
		}
		d.params = append(d.params, parameter{key: key, value: value})
	}
	params.to = len(d.params)
	return params, nil
}

// key reads a key (section 4.2.3.3).
func (p *sfParser) key() (string, error) {
	if p.in == "" || p.in[0] != '*' && (p.in[0] < 'a' || p.in[0] > 'z') {
		return "", errField
	}
	return p.takeWhile(&keyChars), nil
}

// bareItem reads a value (section 4.2.3.1).
func (p *sfParser) bareItem() (bareItem, error) {
	if p.in == "" {
		return bareItem{}, errField
	}
	switch c := p.in[0]; {
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == '*' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return bareItem{kind: bareToken, text: p.takeWhile(&tokenChars)}, nil
	case c == ':':
		return p.bytes()
	case c == '?':
		return p.boolean()
	case c == '@':
		p.in = p.in[1:]
		date, err := p.number()
		if err != nil || date.kind != bareInteger {
			return date, errField
		}
		date.kind = bareDate
		return date, nil
	case c == '%':
		return p.display()
	}
	return bareItem{}, errField
}

// number reads an integer of up to 15 digits, or a decimal of up to 12 digits, a point and up to 3 (section 4.2.4).
func (p *sfParser) number() (bareItem, error) {
	negative := p.take('-')
	whole := p.takeWhile(&digitChars)
	if whole == "" || len(whole) > 15 {
		return bareItem{}, errField
	}
	n := bareItem{kind: bareInteger, number: decimal(whole)}
	if p.take('.') {
		fraction := p.takeWhile(&digitChars)
		if len(whole) > 12 || fraction == "" || len(fraction) > 3 {
			return bareItem{}, errField
		}
		n.kind = bareDecimal
		n.number = n.number*1000 + decimal((fraction + "00")[:3])
	}
	if negative {
		n.number = -n.number
	}
	return n, nil
}

func decimal(digits string) (n int64) {
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n
}

// string reads a string (section 4.2.5).
func (p *sfParser) string() (bareItem, error) {
	p.in = p.in[1:]
	from := p.in
	var text []byte // from the first escape on
	for i := 0; i < len(from); i++ {
		switch c := from[i]; {
		case c == '"':
			p.in = from[i+1:]
			if text == nil {
				return bareItem{kind: bareString, text: from[:i]}, nil
			}
			return bareItem{kind: bareString, text: string(text)}, nil
		case c == '\\':
			if text == nil {
				text = append(make([]byte, 0, len(from)), from[:i]...)
			}
			if i++; i == len(from) || from[i] != '"' && from[i] != '\\' {
				return bareItem{}, errField
			}
			text = append(text, from[i])
		case c < ' ' || c > '~':
			return bareItem{}, errField
		case text != nil:
			text = append(text, c)
		}
	}
	return bareItem{}, errField
}

// bytes reads a byte sequence (section 4.2.7).
func (p *sfParser) bytes() (bareItem, error) {
	p.in = p.in[1:]
	text := p.takeWhile(&base64Chars)
	if !p.take(':') || len(text)%4 != 0 || !isBase64(text) {
		return bareItem{}, errField
	}
	return bareItem{kind: bareBytes, text: text}, nil
}

// isBase64 tells whether text, of characters of base64, has its padding at the end and zero bits there.
func isBase64(text string) bool {
	body := strings.TrimRight(text, "=")
	pad := len(text) - len(body)
	if pad > 2 || strings.IndexByte(body, '=') >= 0 {
		return false
	}
	if pad == 0 {
		return true
	}
	var room [3]byte
	_, err := strictBase64.Decode(room[:], []byte(text[len(text)-4:]))
	return err == nil
}

func (p *sfParser) boolean() (bareItem, error) {
	p.in = p.in[1:]
	switch {
	case p.take('1'):
		return bareItem{kind: bareBoolean, number: 1}, nil
	case p.take('0'):
		return bareItem{kind: bareBoolean}, nil
	}
	return bareItem{}, errField
}

// display reads a display string (RFC 9651, section 4.2.10).
func (p *sfParser) display() (bareItem, error) {
	if !strings.HasPrefix(p.in, `%"`) {
		return bareItem{}, errField
	}
	from := p.in[2:]
	var text []byte
	for i := 0; i < len(from); i++ {
		switch c := from[i]; {
		case c == '"':
			if !utf8.Valid(text) {
				return bareItem{}, errField
			}
			p.in = from[i+1:]
			return bareItem{kind: bareDisplay, text: string(text)}, nil
		case c == '%':
			if i+2 >= len(from) {
				return bareItem{}, errField
			}
			high, low := strings.IndexByte(hexDigits, from[i+1]), strings.IndexByte(hexDigits, from[i+2])
			if high < 0 || low < 0 {
				return bareItem{}, errField
			}
			text = append(text, byte(high<<4|low))
			i += 2
		case c < ' ' || c > '~':
			return bareItem{}, errField
		default:
			text = append(text, c)
		}
	}
	return bareItem{}, errField
}

// The classes of characters.
var (
	digitChars  = class("", "09")
	keyChars    = class("_-.*", "az", "09")
	tokenChars  = class("!#$%&'*+-.^_`|~:/", "az", "AZ", "09")
	base64Chars = class("+/=", "az", "AZ", "09")
)

// class returns the class of some characters and of ranges.
func class(chars string, ranges ...string) (c [256]bool) {
	for i := range len(chars) {
		c[chars[i]] = true
	}
	for _, r := range ranges {
		for b := r[0]; b <= r[1]; b++ {
			c[b] = true
		}
	}
	return c
}
