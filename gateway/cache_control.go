package gateway

import (
	"net/http"
	"strconv"
	"strings"
)

// freshness is what the Cache-Control of one answer allows (RFC 9111, section 5.2), or the most restrictive of several.
// Seconds are never more than maxFreshness.
type freshness struct {
	flags cacheFlags
	// age is for how long any cache may keep the answer, shared for how long a shared one may.
	age, shared int
}

// cacheFlags are directives without a value. A greater restriction is a set bit, so that merging is "or".
type cacheFlags uint8

const (
	noStoreFlag cacheFlags = 1 << iota
	privateFlag
	notPublicFlag // public was not said
	noCacheFlag
	mustRevalidateFlag
	proxyRevalidateFlag
	noTransformFlag
	sharedFlag // s-maxage was said: not a restriction
)

// maxFreshness is the greatest number of seconds: greater ones are read as this (RFC 9111, section 1.2.2).
const maxFreshness = 1 << 31

// readFreshness reads the header of an answer. An answer that says nothing must not be kept, and neither must one whose
// Cache-Control cannot be understood: a directive with a list of names counts as one without.
func readFreshness(header http.Header) freshness {
	lines := header["Cache-Control"]
	f := freshness{flags: notPublicFlag, age: -1, shared: -1}
	if len(lines) == 0 {
		f.flags |= noStoreFlag
	}
	for _, line := range lines {
		for directive := range strings.SplitSeq(line, ",") {
			f.read(strings.Trim(directive, " \t"))
		}
	}
	if f.age < 0 && f.shared < 0 {
		f.age = 0 // a cache would have to guess
	}
	f.age = max(f.age, 0)
	if f.shared < 0 {
		f.shared = f.age
	}
	if past := header["Age"]; len(past) > 0 {
		spent := seconds(past[0], maxFreshness)
		f.age, f.shared = max(f.age-spent, 0), max(f.shared-spent, 0)
	}
	return f
}

// read reads one directive. Of several that contradict each other the most restrictive counts.
func (f *freshness) read(directive string) {
	name, value, _ := strings.Cut(directive, "=")
	switch strings.ToLower(strings.TrimRight(name, " \t")) {
	case "no-store":
		f.flags |= noStoreFlag
	case "private":
		f.flags |= privateFlag
	case "public":
		f.flags &^= notPublicFlag
	case "no-cache":
		f.flags |= noCacheFlag
	case "must-revalidate":
		f.flags |= mustRevalidateFlag
	case "proxy-revalidate":
		f.flags |= proxyRevalidateFlag
	case "no-transform":
		f.flags |= noTransformFlag
	case "max-age":
		f.age = least(f.age, seconds(value, 0))
	case "s-maxage":
		f.flags |= sharedFlag
		f.shared = least(f.shared, seconds(value, 0))
	}
}

// least returns the smaller number, where below 0 is none.
func least(known, n int) int {
	if known < 0 {
		return n
	}
	return min(known, n)
}

// seconds reads a number of seconds, which may be quoted; bad is what something else counts as.
func seconds(text string, bad int) int {
	text = strings.Trim(text, " \t\"")
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return bad
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > maxFreshness {
		return maxFreshness
	}
	return n
}

// merge makes f what both allow.
func (f *freshness) merge(other freshness) {
	f.flags |= other.flags
	f.age, f.shared = min(f.age, other.age), min(f.shared, other.shared)
}

// String returns the value of the header.
func (f *freshness) String() string {
	if f.flags&noStoreFlag != 0 {
		return "no-store"
	}
	var b strings.Builder
	add := func(directive string) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(directive)
	}
	private := f.flags&privateFlag != 0
	switch {
	case private:
		add("private")
	case f.flags&notPublicFlag == 0:
		add("public")
	}
	if f.flags&noCacheFlag != 0 {
		add("no-cache")
	}
	add("max-age=" + strconv.Itoa(f.age))
	if f.flags&sharedFlag != 0 && !private {
		add("s-maxage=" + strconv.Itoa(f.shared))
	}
	for _, d := range []struct {
		flag cacheFlags
		name string
	}{{mustRevalidateFlag, "must-revalidate"}, {proxyRevalidateFlag, "proxy-revalidate"}, {noTransformFlag, "no-transform"}} {
		if f.flags&d.flag != 0 {
			add(d.name)
		}
	}
	return b.String()
}
