//go:build unix

package interop

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf16"
)

// randomJSON returns a JSON value that any parser reads alike: no duplicate names, no number beyond a double.
func randomJSON(random *rand.Rand, depth int) string {
	kind := random.IntN(8)
	if depth == 0 {
		kind = random.IntN(5)
	}
	switch kind {
	case 0:
		return []string{"null", "true", "false"}[random.IntN(3)]
	case 1, 2:
		return randomString(random)
	case 3, 4:
		return randomNumber(random)
	case 5:
		elements := make([]string, random.IntN(5))
		for i := range elements {
			elements[i] = randomJSON(random, depth-1)
		}
		return "[" + strings.Join(elements, " , ") + "]"
	default:
		return randomObject(random, depth, func() string { return randomString(random) })
	}
}

// randomObject returns an object with different names.
func randomObject(random *rand.Rand, depth int, name func() string) string {
	var members []string
	seen := map[string]bool{}
	for range random.IntN(7) {
		text := name()
		var decoded string
		if err := json.Unmarshal([]byte(text), &decoded); err != nil || seen[decoded] {
			continue
		}
		seen[decoded] = true
		members = append(members, text+": "+randomJSON(random, depth-1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// randomString returns a short string with quotes, with what is escaped or sorted differently by different programs.
func randomString(random *rand.Rand) string {
	pool := []rune("aabZ01_$ !\"\\/<>&'\x00\x1f\b\f\n\r\t\x7f\u0085é\u2028\u2029\ufeff\u65e5\ud7ff\ue000\uffef\ufffd\uffff😀\U0001F601\U0010FFFF")
	var b strings.Builder
	b.WriteByte('"')
	for range random.IntN(6) {
		switch r := pool[random.IntN(len(pool))]; {
		case r < ' ' || r == '"' || r == '\\' || random.IntN(5) == 0:
			if i := strings.IndexRune("\b\f\n\r\t\"\\/", r); i >= 0 && random.IntN(2) == 0 {
				b.WriteByte('\\')
				b.WriteByte(`bfnrt"\/`[i])
				continue
			}
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, []string{`\u%04x`, `\u%04X`}[random.IntN(2)], unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// randomNumber returns a number of any magnitude within a double, in any spelling.
func randomNumber(random *rand.Rand) string {
	switch random.IntN(5) {
	case 0:
		return strconv.Itoa(random.IntN(2000) - 1000)
	case 1:
		return strconv.FormatInt(int64(random.Uint64()), 10)
	case 2:
		for {
			if f := math.Float64frombits(random.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
				return strconv.FormatFloat(f, "eg"[random.IntN(2)], -1, 64)
			}
		}
	case 3:
		return strconv.FormatFloat(random.NormFloat64()*math.Pow10(random.IntN(50)-25), 'f', random.IntN(30), 64)
	default:
		return []string{"-0", "0", "0.0", "-0.0", "1.0", "1e21", "1E-7", "1e+20", "9007199254740993", "5e-324", "-1e-400", "0.1", "1e23", "1.7976931348623157e308"}[random.IntN(14)]
	}
}
