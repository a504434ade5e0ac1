package executor

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unquote returns what a scanned JSON string stands for. Surrogates that are not a pair become U+FFFD.
func unquote(text []byte) string {
	text = text[1 : len(text)-1]
	plain := 0
	for plain < len(text) && text[plain] != '\\' {
		plain++
	}
	if plain == len(text) {
		return string(text)
	}
	out := append(make([]byte, 0, len(text)), text[:plain]...)
	for i := plain; i < len(text); i++ {
		c := text[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++
		switch c := text[i]; c {
		case 'u':
			r, size := codePoint(text[i-1:])
			out = utf8.AppendRune(out, r)
			i += size - 2
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// codePoint reads the \u escape, or the pair of them, at the start of text, and returns its size too.
func codePoint(text []byte) (r rune, size int) {
	r = hexRune(text)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
		if pair := utf16.DecodeRune(r, hexRune(text[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hexRune(escape []byte) rune {
	r := rune(0)
	for _, c := range escape[2:6] {
		r = r<<4 | hexDigit(c)
	}
	return r
}
