package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// ones and highs have the lowest and the highest bit of each byte set.
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// stops marks, in the high bit of each byte of w, quotes, backslashes and control characters: a byte gets it by the subtraction
// when it is smaller than what is subtracted. Only the lowest mark is certain, which is the one that is used.
func stops(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
}

// Text goes over a string, whose first quote Peek has shown.
func (s *Scanner) Text() bool {
	b, i := s.Src, s.At+1
	high := uint64(0)
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			high |= w & highs
			if m := stops(w); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
			high |= uint64(b[i] & utf8.RuneSelf)
			i++
		}
		switch {
		case i >= len(b):
			s.At = len(b)
			return s.fail(NoEnd)
		case b[i] == '\\':
			size, problem := s.escape(b[i:])
			if problem != 0 {
				s.At = i
				return s.fail(problem)
			}
			i += size
			continue
		case b[i] < ' ':
			s.At = i
			return s.fail(ControlCharacter)
		}
		if high != 0 && !utf8.Valid(b[s.At:i]) {
			return s.notUTF8()
		}
		s.At = i + 1
		return true
	}
}

// notUTF8 goes to the first byte that is not UTF-8.
func (s *Scanner) notUTF8() bool {
	for {
		r, size := utf8.DecodeRune(s.Src[s.At:])
		if r == utf8.RuneError && size <= 1 {
			return s.fail(NotUTF8)
		}
		s.At += size
	}
}

// escape checks the escape at the start of text and returns its size.
func (s *Scanner) escape(text []byte) (size int, p Problem) {
	if len(text) < 2 {
		return 0, BadEscape
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, 0
	case 'u':
	default:
		return 0, BadEscape
	}
	switch unit := codeUnit(text); {
	case unit < 0:
		return 0, BadEscape
	case !s.Pairs:
		return escapeSize, 0
	}
	_, size, half := codePoint(text)
	if half {
		return 0, HalfPair
	}
	return size, 0
}

// escapeSize is how long \u and its digits are.
const escapeSize = len(`\u0000`)

// codeUnit returns which UTF-16 code unit the \u escape at the start of text is, -1 where there is none.
func codeUnit(text []byte) rune {
	if len(text) < escapeSize || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	r := rune(0)
	for _, c := range text[2:escapeSize] {
		digit := unhex(c)
		if digit < 0 {
			return -1
		}
		r = r<<4 | digit
	}
	return r
}

// unhex returns the value of a hexadecimal digit, -1 for another character.
func unhex(c byte) rune {
	switch {
	case c-'0' <= 9:
		return rune(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10
	}
	return -1
}

// codePoint returns what the \u escape at the start of text, or the pair of them, stands for, and its size. Half of a pair stands
// for U+FFFD.
func codePoint(text []byte) (r rune, size int, half bool) {
	r = codeUnit(text)
	if !utf16.IsSurrogate(r) {
		return r, escapeSize, false
	}
	r = utf16.DecodeRune(r, codeUnit(text[escapeSize:]))
	if r == utf8.RuneError {
		return r, escapeSize, true
	}
	return r, 2 * escapeSize, false
}

// IsUnicode tells whether the strings in a text that was gone over have characters only: no half of a surrogate pair. Such a half
// has no canonical text that could be signed.
func IsUnicode(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return true
		}
		text = text[i:]
		size := len(`\n`)
		if text[1] == 'u' {
			var half bool
			if _, size, half = codePoint(text); half {
				return false
			}
		}
		text = text[size:]
	}
}

// IsPlain tells whether a string that was gone over is what stands between its quotes: it has no escapes.
func IsPlain(quoted []byte) bool { return bytes.IndexByte(quoted, '\\') < 0 }

// Content returns what a string that was gone over stands for: a part of quoted, which has its quotes, if the string is plain.
func Content(quoted []byte) []byte {
	if IsPlain(quoted) {
		return quoted[1 : len(quoted)-1]
	}
	return AppendContent(make([]byte, 0, len(quoted)), quoted)
}

// AppendContent appends what Content returns.
func AppendContent(dst, quoted []byte) []byte {
	text := quoted[1 : len(quoted)-1]
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		size := len(`\n`)
		switch c := text[1]; c {
		case 'u':
			var r rune
			r, size, _ = codePoint(text)
			dst = utf8.AppendRune(dst, r)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		default:
			dst = append(dst, c)
		}
		text = text[size:]
	}
}
