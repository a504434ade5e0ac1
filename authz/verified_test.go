package authz

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestVerifiedWeight: an entry weighs at least what it holds, however small its claims are, and not many times as much.
//
//nolint:paralleltest // it looks at the heap of the process
func TestVerifiedWeight(t *testing.T) {
	const total = 16 << 20 // far more than anything else does meanwhile
	for name, claims := range map[string]string{
		"usual":          `{"iss":"https://idp.example","sub":"u1","aud":["api"],"exp":4102444800,"scope":"read:email write:email"}`,
		"small numbers":  `{"a":[0` + strings.Repeat(",0", 4000) + `]}`,
		"small objects":  `{"a":[{}` + strings.Repeat(`,{"a":1}`, 1500) + `]}`,
		"many members":   `{"a":0` + numbered(1200) + `}`,
		"escapes":        `{"a":"` + strings.Repeat(`\\n`, 3900) + `"}`,
		"many scopes":    `{"scope":"` + strings.Repeat("a ", 500) + `b` + strings.Repeat(" a", 5000) + `"}`,
		"distinct words": `{"scope":"` + strings.ReplaceAll(strings.ReplaceAll(numbered(1200), `,"`, " "), `":1`, "") + `"}`,
	} {
		one := entry(t, claims)
		weight := int(one.weight())
		kept := make([]*verified, total/weight)
		before := heap()
		for i := range kept {
			kept[i] = entry(t, claims)
		}
		held := int(heap()-before) / len(kept)
		if held > weight || weight > 4*held {
			t.Errorf("%s: a token of %d bytes holds %d and weighs %d", name, len(one.identity.Token), held, weight)
		}
		runtime.KeepAlive(kept)
	}
}

// entry is what is remembered of a token.
func entry(t *testing.T, claims string) *verified {
	t.Helper()
	raw := hs256(claims)
	parsed, failed := parseToken(raw)
	if failed != accepted {
		t.Fatalf("%v: a token of %d bytes", failures[failed], len(raw))
	}
	scope, err := ParseClaimPath("scope")
	if err != nil {
		t.Fatal(err)
	}
	id := identityOf(parsed.claims, parsed.registered, []ClaimPath{scope})
	id.Token = raw
	return &verified{identity: id}
}

// numbered are n members.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d":1`, i)
	}
	return b.String()
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
