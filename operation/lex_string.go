package operation

import (
	"strings"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// string reads a string or a block string (section 2.9.4); the token's text becomes its value.
func (l *lexer) string(t *token) *gqlerr.Error {
	t.kind = tokString
	if strings.HasPrefix(l.src[l.at:], `"""`) {
		return l.blockString(t)
	}
	l.at++
	start := l.at
	var value []byte // nil as long as the value is src[start:at]
	for l.at < len(l.src) {
		switch l.src[l.at] {
		case '"':
			t.text = l.src[start:l.at]
			if value != nil {
				t.text = string(value)
			}
			l.at++
			return nil
		case '\n', '\r':
			return l.fail(l.here(l.at), "Unterminated string.")
		case '\\':
			if value == nil {
				value = append(make([]byte, 0, 2*(l.at-start)+16), l.src[start:l.at]...)
			}
			r, err := l.escape()
			if err != nil {
				return err
			}
			value = utf8.AppendRune(value, r)
		default:
			from := l.at
			if err := l.character(); err != nil {
				return err
			}
			if value != nil {
				value = append(value, l.src[from:l.at]...)
			}
		}
	}
	return l.fail(l.here(l.at), "Unterminated string.")
}

// character steps over one character of a string: any Unicode scalar value (section 2.1.1), in UTF-8.
func (l *lexer) character() *gqlerr.Error {
	if l.src[l.at] < utf8.RuneSelf {
		l.at++
		return nil
	}
	r, size := utf8.DecodeRuneInString(l.src[l.at:])
	if r == utf8.RuneError && size == 1 {
		return l.fail(l.here(l.at), "The document is not valid UTF-8.")
	}
	l.at += size
	l.wide += size - 1
	return nil
}

// escape reads an escape sequence of a string.
func (l *lexer) escape() (rune, *gqlerr.Error) {
	at := l.here(l.at)
	l.at++
	c := l.peek()
	l.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		if r, ok := l.unicode(); ok {
			return r, nil
		}
		return 0, l.fail(at, "Invalid Unicode escape sequence.")
	}
	return 0, l.fail(at, "Invalid character escape sequence.")
}

// unicode reads what follows \u: four hexadecimal digits, maybe of a surrogate pair, or {digits}.
func (l *lexer) unicode() (rune, bool) {
	if l.peek() == '{' {
		end := strings.IndexByte(l.src[l.at:], '}')
		if end < 2 {
			return 0, false
		}
		r, ok := hex(l.src[l.at+1 : l.at+end])
		l.at += end + 1
		return r, ok && utf8.ValidRune(r)
	}
	r, ok := l.hex4()
	if !ok || utf8.ValidRune(r) {
		return r, ok
	}
	// Only a leading surrogate that a trailing one follows is a character.
	if r >= 0xDC00 || !strings.HasPrefix(l.src[l.at:], `\u`) {
		return 0, false
	}
	l.at += 2
	low, ok := l.hex4()
	if !ok || low < 0xDC00 || low > 0xDFFF {
		return 0, false
	}
	return 0x10000 + (r-0xD800)<<10 + low - 0xDC00, true
}

func (l *lexer) hex4() (rune, bool) {
	if len(l.src)-l.at < 4 {
		return 0, false
	}
	r, ok := hex(l.src[l.at : l.at+4])
	l.at += 4
	return r, ok
}

// hex reads hexadecimal digits, as many as there are.
func hex(digits string) (rune, bool) {
	var r rune
	for i := range len(digits) {
		c := digits[i]
		switch {
		case isDigit(c):
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		if r = r<<4 | rune(c); r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, true
}

// blockString reads a block string; line ends in it count as one \n.
func (l *lexer) blockString(t *token) *gqlerr.Error {
	l.at += 3
	var raw strings.Builder
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == '"' && strings.HasPrefix(l.src[l.at:], `"""`):
			l.at += 3
			t.text = blockValue(raw.String())
			return nil
		case c == '\\' && strings.HasPrefix(l.src[l.at:], `\"""`):
			raw.WriteString(`"""`)
			l.at += 4
		case c == '\n' || c == '\r':
			l.newline(c)
			raw.WriteByte('\n')
		default:
			from := l.at
			if err := l.character(); err != nil {
				return err
			}
			raw.WriteString(l.src[from:l.at])
		}
	}
	return l.fail(l.here(l.at), "Unterminated string.")
}

// blockValue removes the common indentation and the blank lines at both ends (BlockStringValue, section 2.9.4).
func blockValue(raw string) string {
	lines := strings.Split(raw, "\n")
	common, first, last := -1, -1, -1
	for i, line := range lines {
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if indent == len(line) {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		if i > 0 && (common < 0 || indent < common) {
			common = indent
		}
	}
	if first < 0 {
		return ""
	}
	for i := 1; i < len(lines) && common > 0; i++ {
		lines[i] = lines[i][min(common, len(lines[i])):]
	}
	return strings.Join(lines[first:last+1], "\n")
}
