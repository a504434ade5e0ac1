package supergraph

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unescape returns the value of a string literal's content (section 2.9.4). Of escapes that do not exist the
// backslash is dropped.
func unescape(raw string) string {
	if !strings.Contains(raw, `\`) {
		return raw
	}
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(raw, `\`)
		b.WriteString(plain)
		if !found || rest == "" {
			return b.String()
		}
		n := 1
		switch c := rest[0]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case '"', '\\', '/':
			b.WriteByte(c)
		case 'u':
			var r rune
			r, n = unicodeEscape(rest)
			b.WriteRune(r)
		default:
			b.WriteString(rest[:1])
		}
		raw = rest[n:]
	}
}

// unicodeEscape reads uXXXX, u{...} or a surrogate pair at the start of s. It returns the character, U+FFFD if it is
// none, and the length of what it read.
func unicodeEscape(s string) (rune, int) {
	if strings.HasPrefix(s, "u{") {
		if end := strings.IndexByte(s, '}'); end > 0 && end < 12 {
			return hexRune(s[2:end]), end + 1
		}
		return utf8.RuneError, 1
	}
	if len(s) < 5 {
		return utf8.RuneError, 1
	}
	high, err := strconv.ParseUint(s[1:5], 16, 32)
	if err != nil {
		return utf8.RuneError, 1
	}
	if high&0xFC00 != 0xD800 || len(s) < 11 || s[5:7] != `\u` {
		return hexRune(s[1:5]), 5
	}
	low, err := strconv.ParseUint(s[7:11], 16, 32)
	if err != nil || low&0xFC00 != 0xDC00 {
		return utf8.RuneError, 5
	}
	return rune(0x10000 + (high&0x3FF)<<10 + low&0x3FF), 11
}

func hexRune(hex string) rune {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return utf8.RuneError
	}
	return rune(n)
}

// dedent returns the value of a block string's content (section 2.9.4, BlockStringValue).
func dedent(raw string) string {
	raw = strings.ReplaceAll(raw, `\"""`, `"""`)
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw), "\n")
	common := -1
	for _, line := range lines[1:] {
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if indent < len(line) && (common < 0 || indent < common) {
			common = indent
		}
	}
	for i, line := range lines {
		if i > 0 && common > 0 {
			lines[i] = line[min(common, len(line)):]
		}
	}
	blank := func(line string) bool { return strings.TrimLeft(line, " \t") == "" }
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// appendQuoted appends s as a string literal.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ' || c == 0x7F:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// isName tells whether s is a name (section 2.1.9).
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
