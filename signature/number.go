package signature

import (
	"math"
	"strconv"
)

// appendNumber appends a number as JSON.stringify prints it: Number::toString of ECMA-262 (section 6.1.6.1.20),
// null for NaN and the infinities.
func appendNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == 0:
		return append(dst, '0') // -0 as well
	case f < 0:
		dst, f = append(dst, '-'), -f
	}
	// The shortest digits that read back as f, as d.ddde±xx; value = 0.digits * 10^point.
	var room [32]byte
	text := strconv.AppendFloat(room[:0], f, 'e', -1, 64)
	digits, exponent := splitExponent(text)
	point := exponent + 1
	switch k := len(digits); {
	case k <= point && point <= 21:
		dst = append(dst, digits...)
		return appendZeros(dst, point-k)
	case 0 < point && point <= 21:
		dst = append(dst, digits[:point]...)
		dst = append(dst, '.')
		return append(dst, digits[point:]...)
	case -6 < point && point <= 0:
		dst = append(dst, "0."...)
		dst = appendZeros(dst, -point)
		return append(dst, digits...)
	default:
		dst = append(dst, digits[0])
		if k > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		dst = append(dst, 'e')
		if exponent > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, int64(exponent), 10)
	}
}

// splitExponent returns the digits of d.ddde±xx, in place, and the exponent.
func splitExponent(text []byte) (digits []byte, exponent int) {
	digits = text[:0]
	for i, c := range text {
		if c == 'e' {
			negative := text[i+1] == '-'
			for _, d := range text[i+2:] {
				exponent = exponent*10 + int(d-'0')
			}
			if negative {
				exponent = -exponent
			}
			break
		}
		if c != '.' {
			digits = append(digits, c)
		}
	}
	return digits, exponent
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// safeDigits is how many digits a whole number may have so that no double rounds it.
const safeDigits = 15

// scanNumber returns where the number at src[i:] ends, and whether it is already canonical: a whole number without
// exponent that fits a double. The end is 0 when there is no number.
func scanNumber(src []byte, i int) (end int, canonical bool) {
	start := i
	if i < len(src) && src[i] == '-' {
		i++
	}
	first := i
	i = scanDigits(src, i)
	if i == first || src[first] == '0' && i > first+1 {
		return 0, false
	}
	canonical = i-first <= safeDigits && (src[first] != '0' || start == first)
	if i < len(src) && src[i] == '.' {
		canonical = false
		from := i + 1
		if i = scanDigits(src, from); i == from {
			return 0, false
		}
	}
	if i < len(src) && (src[i] == 'e' || src[i] == 'E') {
		canonical = false
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		from := i
		if i = scanDigits(src, from); i == from {
			return 0, false
		}
	}
	return i, canonical
}

func scanDigits(src []byte, i int) int {
	for i < len(src) && src[i] >= '0' && src[i] <= '9' {
		i++
	}
	return i
}
