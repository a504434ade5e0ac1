package signature

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	hexDigits = "0123456789abcdef"
	// ones and highs have the lowest and the highest bit of each byte set.
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainRun returns where in src, from i on, the first quote, backslash or control character is.
func plainRun(src []byte, i int) int {
	for i+8 <= len(src) {
		// A byte whose highest bit is set after the subtraction, but was not before, was smaller than what was subtracted.
		w := binary.LittleEndian.Uint64(src[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		if ((w-ones*' ')&^w|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
			break
		}
		i += 8
	}
	for i < len(src) && src[i] >= ' ' && src[i] != '"' && src[i] != '\\' {
		i++
	}
	return i
}

// string writes the string at c.at.
func (c *canonizer) string(dst []byte) ([]byte, error) {
	dst = append(dst, '"')
	c.at++
	for {
		end := plainRun(c.src, c.at)
		run := c.src[c.at:end]
		if !utf8.Valid(run) {
			return nil, c.fail("invalid UTF-8 in the string")
		}
		dst = append(dst, run...)
		c.at = end
		if end == len(c.src) {
			return nil, c.fail("the string does not end")
		}
		switch c.src[end] {
		case '"':
			c.at++
			return append(dst, '"'), nil
		case '\\':
			r, size := unescapeRune(c.src[end:])
			if size == 0 {
				return nil, c.fail("no escape, or a lone surrogate")
			}
			dst = appendRune(dst, r)
			c.at += size
		default:
			return nil, c.fail("a control character in the string")
		}
	}
}

// appendRune appends a character of a string, escaped where it has to be.
func appendRune(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if r < ' ' {
		return append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	}
	return utf8.AppendRune(dst, r)
}

// unescapeRune returns the character that the escape at the start of text stands for and how long the escape is. A pair
// of surrogates is one character. The length is 0 when there is no escape, or a lone surrogate.
func unescapeRune(text []byte) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	first := unit(text)
	switch {
	case first < 0:
		return 0, 0
	case !utf16.IsSurrogate(first):
		return first, 6
	}
	second := unit(text[6:])
	if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
		return both, 12
	}
	return 0, 0
}

// unit returns the code unit that \uXXXX at the start of text is, -1 when there is none.
func unit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range text[2:6] {
		digit := strings.IndexByte(hexDigits, c|0x20)
		if digit < 0 || c < '0' {
			return -1
		}
		r = r<<4 | rune(digit)
	}
	return r
}

// appendString appends the canonical text of a string.
func appendString(dst []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return dst, errors.New("the string is not UTF-8")
	}
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			dst = append(dst, s[from:i]...)
			dst = appendRune(dst, rune(c))
			from = i + 1
		}
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"'), nil
}

// decoded is a character and how many bytes it took.
type decoded struct {
	value rune
	size  int
}

func nextRune(s string) decoded {
	r, size := utf8.DecodeRuneInString(s)
	return decoded{r, size}
}

// compareUnits orders two different characters by their first UTF-16 code units that differ.
func compareUnits(a, b rune) int {
	const supplementary = 0x10000
	if a >= supplementary != (b >= supplementary) {
		// One is a pair; its first unit lies between U+D800 and U+DBFF.
		if a >= supplementary {
			a, _ = utf16.EncodeRune(a)
		} else {
			b, _ = utf16.EncodeRune(b)
		}
	}
	return int(a - b)
}
