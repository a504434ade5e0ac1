package gqlerr

import (
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends e as the object that a response carries in "errors": message, locations, path, and extensions
// with the code first. The cause is not written.
func (e *Error) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"message":`...)
	dst = AppendString(dst, e.Message)
	if len(e.Locations) > 0 {
		dst = append(dst, `,"locations":[`...)
		for i, l := range e.Locations {
			dst = appendComma(dst, i)
			dst = append(dst, `{"line":`...)
			dst = strconv.AppendInt(dst, int64(l.Line), 10)
			dst = append(dst, `,"column":`...)
			dst = strconv.AppendInt(dst, int64(l.Column), 10)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	if len(e.Path) > 0 {
		dst = append(dst, `,"path":`...)
		dst = e.Path.AppendJSON(dst)
	}
	dst = append(dst, `,"extensions":{"code":`...)
	dst = AppendString(dst, string(e.code()))
	for _, x := range e.Extensions {
		dst = append(dst, ',')
		dst = AppendString(dst, x.Name)
		dst = append(dst, ':')
		dst = append(dst, x.Value...)
	}
	return append(dst, `}}`...)
}

// AppendJSON appends l as the array that a response carries in "errors".
func (l List) AppendJSON(dst []byte) []byte {
	dst = append(dst, '[')
	for i, e := range l {
		dst = appendComma(dst, i)
		dst = e.AppendJSON(dst)
	}
	return append(dst, ']')
}

// AppendJSON appends p as an array of strings and numbers.
func (p Path) AppendJSON(dst []byte) []byte {
	dst = append(dst, '[')
	for i, e := range p {
		dst = appendComma(dst, i)
		if key, ok := e.Key(); ok {
			dst = AppendString(dst, key)
			continue
		}
		dst = strconv.AppendInt(dst, int64(e.index), 10)
	}
	return append(dst, ']')
}

// MarshalJSON returns what AppendJSON writes, so that encoding/json cannot reveal the cause.
func (e *Error) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

// appendComma appends a comma unless i is the first index.
func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

// AppendString appends s as a JSON string (RFC 8259, section 7). Bytes that are not UTF-8 become U+FFFD, so that
// the result is always valid; '<', '>' and '&' stay as they are.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0 // s[:done] is written
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				dst = append(dst, s[done:i]...)
				dst = appendEscaped(dst, c)
				done = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[done:i]...)
			dst = append(dst, "\uFFFD"...)
			done = i + 1
		}
		i += size
	}
	dst = append(dst, s[done:]...)
	return append(dst, '"')
}

// appendEscaped appends the escape of c, a character that must not stand in a JSON string as it is.
func appendEscaped(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
}
