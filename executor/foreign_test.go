package executor

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// TestIsCanonical: what counts as canonical is so, and what is usual counts.
func TestIsCanonical(t *testing.T) {
	t.Parallel()
	usual := []string{"0", "7", "-7", "123456789012345", "1299.5", "-0.25", "0.1", "12.99", "0.000001", `""`, `"a"`, `"é 😀"`, "true", "false", "null"}
	for _, text := range usual {
		if !isCanonical([]byte(text)) {
			t.Errorf("%s takes the long way", text)
		}
	}
	texts := append([]string(nil), usual...)
	texts = append(texts,
		"-0", "-0.0", "0.0", "1.0", "1.50", "1e3", "1E3", "-1e-7", "0.0000001", "0.00000012345", "1234567890123456", "9007199254740993", "0.1234567890123456789",
		"100000000000000000000", "12345678901234.5", "1234567.12345678", `"\u00e9"`, `"\/"`, `"\n"`, "{}", "[1]", `{"b":1,"a":2}`)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		digits := strconv.FormatUint(random.Uint64N(1<<random.UintN(63)+1), 10)
		switch random.IntN(4) {
		case 0:
			digits = "-" + digits
		case 1:
			digits += "." + strconv.FormatUint(random.Uint64N(1<<random.UintN(40)+1), 10)
		case 2:
			digits = "0." + "0000000"[:random.IntN(8)] + digits
		default:
		}
		texts = append(texts, digits)
	}
	for _, text := range texts {
		canonical, err := signature.AppendCanonical(nil, []byte(text))
		if err != nil {
			t.Fatal(text, err)
		}
		if isCanonical([]byte(text)) && string(canonical) != text {
			t.Errorf("%s counts as canonical, and is %s", text, canonical)
		}
	}
}
