package subgraph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
	"github.com/gatehouse-graphql/gatehouse/signature"
)

// FuzzEnvelope holds the scanner against encoding/json: what is accepted is JSON, and encoding/json, which stands for the
// handlers behind us, reads the same from it.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{a}","operationName":"A","variables":{"a":[1,-2.5e3,null,true]},"extensions":{"jwt":{"payload":{"sub":"1"},"token":{"value":"x","prefix":"Bearer"}},"hmac-signature":"x"}}`,
		`{"query":"{a}","QUERY":"{b}"}`, `{"query":"\u00e9\"","x":{"query":1}}`, `{"query":"{a}"} x`, `[{}]`, `{"qu\u0065ry":"a"}`, "{\"query\":\"\xff\"}",
		`{"query":"","extensions":{"jwt":{"token":{"value":null,"VALUE":"x"}}}}`, `{"query":"a","ſ":1,"S":2}`, `{"query":"a","\ud800":1}`,
	} {
		f.Add([]byte(seed))
	}
	type request struct {
		Query         *string
		OperationName *string
		Variables     json.RawMessage
		Extensions    struct {
			JWT struct {
				Payload json.RawMessage
				Token   struct{ Value, Prefix any }
			}
			MAC string `json:"hmac-signature"`
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := readEnvelope(body, "jwt", "hmac-signature")
		if err != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q is not JSON", body)
		}
		var r request
		if err := json.Unmarshal(body, &r); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		query := text(e.query)
		if r.Query == nil || *r.Query != query || !bytes.Equal(r.Variables, e.variables) {
			t.Fatalf("%q: query %q, variables %s", body, query, e.variables)
		}
		if r.Extensions.MAC != e.mac || string(r.Extensions.JWT.Payload) != string(e.payload) && string(r.Extensions.JWT.Payload) != "null" {
			t.Fatalf("%q: mac %q, payload %s", body, e.mac, e.payload)
		}
		if token, _ := r.Extensions.JWT.Token.Value.(string); token != e.token {
			t.Fatalf("%q: token %q", body, e.token)
		}
		if handed, err := withVerifiedVariables(body); err == nil {
			again, err := readEnvelope(handed, "jwt", "hmac-signature")
			text, _ := signature.AppendCanonicalRequest(nil, e.query, e.variables)
			same, _ := signature.AppendCanonicalRequest(nil, again.query, again.variables)
			if err != nil || !bytes.Equal(again.query, e.query) || !bytes.Equal(same, text) || len(text) > 0 && !bytes.Contains(text, again.variables) && !isNothing(again.variables) {
				t.Fatalf("%q became %q, %v", body, handed, err)
			}
		}
		without, err := withoutIdentity(body, "jwt")
		if err != nil || !json.Valid(without) {
			t.Fatalf("%q became %q, %v", body, without, err)
		}
		if e, err := readEnvelope(without, "jwt", "hmac-signature"); err != nil || e.payload != nil || e.token != "" || e.mac != r.Extensions.MAC {
			t.Fatalf("%q became %q, %v", body, without, err)
		}
	})
}

// isNothing tells whether variables are not in the canonical text.
func isNothing(variables []byte) bool {
	return string(variables) == "null" || string(variables) == "{}"
}

// FuzzScan wants what encoding/json accepts to be accepted, if it is UTF-8.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{`{"a":[0,-1.5E+3,"\u00e9\/",{},[],true,false,null]}`, ` { } `, `{"a":01}`, `{"a":"` + "\x1f" + `"}`, `{"a":1,}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		members, err := scanObject(nil, body, anyNumber)
		trimmed := bytes.TrimLeft(body, " \t\r\n")
		isObject := json.Valid(body) && utf8.Valid(body) && len(trimmed) > 0 && trimmed[0] == '{'
		if err == nil != isObject && !errors.Is(err, jsonscan.TooDeep) {
			t.Fatalf("%q: %v", body, err)
		}
		if err != nil {
			return
		}
		want := map[string]json.RawMessage{}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		got := map[string][]byte{}
		for _, m := range members {
			got[m.name] = m.value
			if !utf8.ValidString(m.name) || !bytes.HasSuffix(body[m.start:m.end], m.value) {
				t.Fatalf("%q: %q", body, m.name)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d members, want %d", body, len(got), len(want))
		}
		for name, value := range want {
			if !bytes.Equal(got[name], value) {
				t.Fatalf("%q: %s is %q, want %q", body, name, got[name], value)
			}
		}
	})
}

func TestScanDepth(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]error{maxDepth - 1: nil, maxDepth: jsonscan.TooDeep, 1 << 20: jsonscan.TooDeep} {
		for _, nest := range []struct{ open, inner, end string }{{"[", "1", "]"}, {`{"a":`, "1", "}"}} {
			body := `{"a":` + strings.Repeat(nest.open, depth) + nest.inner + strings.Repeat(nest.end, depth) + `}`
			if _, err := scanObject(nil, []byte(body), anyNumber); !errors.Is(err, want) {
				t.Errorf("%d levels of %s: %v", depth, nest.open, err)
			}
		}
	}
}

// TestScanMembers: the first member beyond ends the scan, so that nobody pays for those behind it, and members of members are
// no members.
func TestScanMembers(t *testing.T) {
	t.Parallel()
	of := func(n int) string { return strings.Repeat(`"":{"a":1,"b":2,"c":3},`, n) }
	for body, want := range map[string]error{
		`{` + of(2) + `"x":1}`:              nil,
		`{` + of(3) + `"x":1}`:              errMembers,
		`{` + of(3) + `"this is no JSON`:    errMembers,
		`{` + of(1) + `"x":[` + `{}` + `]}`: nil,
	} {
		members, err := scanObject(make([]member, 0, 3), []byte(body), 3)
		if !errors.Is(err, want) || cap(members) > 3 {
			t.Errorf("%s: %d members, %v", body, len(members), err)
		}
	}
	if _, err := readEnvelope([]byte(`{`+strings.Repeat(`"":1,`, maxNames+1)+`this is no JSON`), "jwt", "hmac-signature"); !errors.Is(err, errMembers) {
		t.Error(err)
	}
	for length, refused := range map[int]bool{maxName: false, maxName + 1: true} {
		if _, err := readEnvelope([]byte(`{"query":"{a}","`+strings.Repeat("x", length)+`":1}`), "jwt", "hmac-signature"); err != nil != refused {
			t.Errorf("a name of %d bytes: %v", length, err)
		}
	}
}

func TestNonceCache(t *testing.T) {
	t.Parallel()
	now := time.Unix(1764000000, 0)
	c, ok := NewNonceCache(3).(*nonceCache)
	if !ok {
		t.Fatal("another type")
	}
	c.now = func() time.Time { return now }
	store := func(name byte, in time.Duration, want error) {
		t.Helper()
		if err := c.Remember(context.Background(), [16]byte{name}, now.Add(in)); !errors.Is(err, want) {
			t.Errorf("%c: got %v, want %v", name, err, want)
		}
	}
	store('a', 10*time.Second, nil)
	store('a', 10*time.Second, ErrReplayed)
	store('b', 500*time.Millisecond, nil)
	store('c', 36*time.Second, nil)
	store('d', time.Second, errCacheFull)
	store('a', time.Second, ErrReplayed)
	now = now.Add(time.Second) // b may be asked for until this second has begun
	store('d', time.Second, errCacheFull)
	now = now.Add(time.Second)
	store('d', 121*time.Second, nil)
	store('b', time.Second, errCacheFull)
	store('a', time.Second, ErrReplayed)
	now = now.Add(-time.Hour) // a clock that goes back
	store('a', time.Second, ErrReplayed)
	now = now.Add(time.Hour + 40*time.Second)
	store('a', time.Second, nil)
	store('c', -time.Hour, nil)
	store('d', time.Second, ErrReplayed)
	store('e', horizon*time.Second, errTooLong)
	now = now.Add(3 * time.Second)
	store('e', (horizon-1)*time.Second, nil)
	now = now.Add(24 * time.Hour)
	store('d', time.Second, nil)
	store('e', time.Second, nil)
	if len(c.seen) != 2 {
		t.Errorf("%d nonces are left", len(c.seen))
	}
}

func BenchmarkEnvelope(b *testing.B) {
	body := []byte(`{"query":"query($r:[_Any!]!){_entities(representations:$r){__typename}}","variables":{"r":[`)
	for len(body) < 64<<10 {
		body = append(body, `{"__typename":"Product","upc":"12345","name":"Table"},`...)
	}
	body = append(body, `null]},"extensions":{"jwt":{"payload":{"sub":"123"}}}}`...)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := readEnvelope(body, "jwt", "hmac-signature"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNonceCache(b *testing.B) {
	c := NewNonceCache(0)
	var nonce [16]byte
	b.ReportAllocs()
	for b.Loop() {
		for i := range nonce {
			if nonce[i]++; nonce[i] != 0 {
				break
			}
		}
		if err := c.Remember(context.Background(), nonce, time.Now().Add(time.Second)); err != nil && !errors.Is(err, errCacheFull) {
			b.Fatal(err)
		}
	}
}
