package signature

import (
	"strconv"
)

// appendList appends an inner list with its parameters in the one way to write it (RFC 9651, section 4.1.1.1).
func (d *dictionary) appendList(dst []byte, e *entry) []byte {
	dst = append(dst, '(')
	for i := e.items.from; i < e.items.to; i++ {
		if i > e.items.from {
			dst = append(dst, ' ')
		}
		dst = appendBare(dst, d.items[i].value)
		dst = d.appendParams(dst, d.items[i].params)
	}
	dst = append(dst, ')')
	return d.appendParams(dst, e.params)
}

func (d *dictionary) appendParams(dst []byte, params span) []byte {
	for _, p := range d.params[params.from:params.to] {
		dst = append(dst, ';')
		dst = append(dst, p.key...)
		if p.value.kind == bareBoolean && p.value.number == 1 {
			continue
		}
		dst = append(dst, '=')
		dst = appendBare(dst, p.value)
	}
	return dst
}

// appendBare appends a value (section 4.1.3.1).
func appendBare(dst []byte, v bareItem) []byte {
	switch v.kind {
	case bareInteger:
		return strconv.AppendInt(dst, v.number, 10)
	case bareDecimal:
		return appendDecimal(dst, v.number)
	case bareString:
		return appendSFString(dst, v.text)
	case bareToken:
		return append(dst, v.text...)
	case bareBytes:
		dst = append(dst, ':')
		dst = append(dst, v.text...)
		return append(dst, ':')
	case bareBoolean:
		return append(dst, '?', '0'+byte(v.number))
	case bareDate:
		return strconv.AppendInt(append(dst, '@'), v.number, 10)
	default:
		return appendDisplay(dst, v.text)
	}
}

func appendDecimal(dst []byte, thousandths int64) []byte {
	if thousandths < 0 {
		dst, thousandths = append(dst, '-'), -thousandths
	}
	dst = strconv.AppendInt(dst, thousandths/1000, 10)
	rest := thousandths % 1000
	dst = append(dst, '.', '0'+byte(rest/100))
	if rest%100 != 0 {
		dst = append(dst, '0'+byte(rest/10%10))
	}
	if rest%10 != 0 {
		dst = append(dst, '0'+byte(rest%10))
	}
	return dst
}

func appendSFString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

func appendDisplay(dst []byte, s string) []byte {
	dst = append(dst, '%', '"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '%' {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
