package authz

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// freshness returns how long an answer counts as fresh (RFC 9111, section 4.2), less than 0 if it does not say. What it says
// in a way that nobody understands is 0.
func freshness(h http.Header, now time.Time) time.Duration {
	fresh, said := maxAge(h)
	if !said {
		if fresh, said = untilExpires(h, now); !said {
			return -1
		}
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		fresh -= time.Duration(age) * time.Second
	}
	return max(fresh, 0)
}

// maxAge returns what Cache-Control says; of contradictions the least.
func maxAge(h http.Header) (fresh time.Duration, said bool) {
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		var d time.Duration
		switch strings.ToLower(name) {
		case "no-store", "no-cache":
		case "max-age":
			d = seconds(strings.Trim(value, `"`))
		default:
			continue
		}
		if !said || d < fresh {
			fresh = d
		}
		said = true
	}
	return fresh, said
}

// seconds reads delta-seconds (RFC 9111, section 1.2.2): too many are very many, nonsense is none.
func seconds(text string) time.Duration {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		n = 1 << 31
	}
	return time.Duration(n) * time.Second
}

// untilExpires returns what Expires says, on the clock of the server if it tells its time.
func untilExpires(h http.Header, now time.Time) (fresh time.Duration, said bool) {
	text := h.Get("Expires")
	if text == "" {
		return 0, false
	}
	expires, err := http.ParseTime(text)
	if err != nil {
		return 0, true
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return expires.Sub(now), true
}
