package upstream

import (
	"testing"
	"time"
)

// TestBreaker plays calls one after the other, on a clock of its own.
func TestBreaker(t *testing.T) {
	t.Parallel()
	config := DefaultConfig()
	config.CircuitBreaker.MinRequests, config.CircuitBreaker.FailurePercent = 4, 50
	config.CircuitBreaker.Window, config.CircuitBreaker.Cooldown = 10*time.Second, 5*time.Second
	// One letter is one call: a answered, u unavailable, i interrupted, f failing, x abandoned by its caller; - is a call that must be refused.
	// Digits are seconds that pass. [ begins a call; of those the first ends with ] as the letter behind it says.
	for name, script := range map[string]string{
		"opens at half of four":               "aauu----",
		"not before four":                     "uuua5aaa",
		"fewer than half":                     "aaaaauuuuaa",
		"timeouts count":                      "ffff--",
		"not beside an answer":                "fafffffffffff",
		"when no answer is left":              "afff9fff1f-",
		"together with the unavailable":       "ffuu-",
		"a timeout beside the unavailable":    "afuu-",
		"nor what is interrupted":             "aiiiiiii",
		"unless that is all":                  "iiii-",
		"who hangs while others see":          "ffff5[-4-1[-1-]f-]aa", // the second answers after the first has failed
		"not shut again by the next timeout":  "ffff5affffff",
		"callers who give up do not":          "xxxxxxxxuuuu-",
		"failures pass with the window":       "uu9a1uu9a1uua",
		"closed again after the cooldown":     "uuuu4-1aaaaaa",
		"open again when the one call fails":  "uuuu5u-4-1a",
		"only one call to see":                "uuuu5[--]aaa",
		"the one call is given up":            "uuuu5xu-",
		"the one call is given up, and again": "uuuu5xxa",
		"what began before does not count":    "[uuuu5a]uaaa",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(1764000000, 0)
			b := newBreaker(config, func(string) {})
			b.now = func() time.Time { return now }
			outcomes := map[byte]outcome{'a': answered, 'u': unavailable, 'i': interrupted, 'f': failing, 'x': abandoned}
			var held []pass
			for i := 0; i < len(script); i++ {
				letter := script[i]
				if letter >= '0' && letter <= '9' {
					now = now.Add(time.Duration(letter-'0') * time.Second)
					continue
				}
				if letter == ']' {
					i++
					b.record(held[0], outcomes[script[i]])
					held = held[1:]
					continue
				}
				p, ok := b.admit()
				if ok != (letter != '-') {
					t.Fatalf("%s: call %d is admitted: %t", script, i, ok)
				}
				switch {
				case letter == '[':
					held = append(held, p)
				case ok:
					b.record(p, outcomes[letter])
				}
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "3": 3 * time.Second, " 120 ": 2 * time.Minute, "-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": 0,
		"Wed, 25 Nov 2026 12:00:10 GMT": 10 * time.Second, "Wed, 25 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := parseRetryAfter(header, now); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
