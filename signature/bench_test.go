package signature

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// benchBody is a request body of about n bytes, as an entity fetch has it, and its canonical text's parts.
func benchBody(n int) (body, query, variables []byte) {
	query = []byte(`"query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{id body}}}}"`)
	variables = []byte(`{"representations":[`)
	for i := 0; len(variables)+len(query)+60 < n; i++ {
		if i > 0 {
			variables = append(variables, ',')
		}
		variables = append(variables, `{"__typename":"Product","upc":"`...)
		variables = strconv.AppendInt(variables, int64(i), 10)
		variables = append(variables, `","price":1299.5,"name":"Table \"round\", café"}`...)
	}
	variables = append(variables, `]}`...)
	body = bytes.Join([][]byte{[]byte(`{"query":`), query, []byte(`,"variables":`), variables, []byte(`}`)}, nil)
	return body, query, variables
}

var sizes = []struct {
	name string
	n    int
}{{"1KB", 1 << 10}, {"64KB", 64 << 10}}

func BenchmarkSign(b *testing.B) {
	key := testKey(b, "2026-11", "k")
	signer, err := NewSigner(SignerConfig{Subgraph: "reviews", Key: key})
	if err != nil {
		b.Fatal(err)
	}
	session := []Field{{"x-hasura-user-id", "4711"}, {"x-hasura-role", "user"}}
	for _, size := range sizes {
		body, query, variables := benchBody(size.n)
		b.Run("message/"+size.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := signer.Sign(body, session); err != nil {
					b.Fatal(err)
				}
			}
		})
		text, err := appendRequest(nil, query, variables, forSigning)
		if err != nil {
			b.Fatal(err)
		}
		// The text was written by whoever wrote the body.
		b.Run("extension/"+size.name, func(b *testing.B) {
			var dst []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				dst = key.AppendMAC(dst[:0], text)
			}
		})
		b.Run("extension-foreign/"+size.name, func(b *testing.B) {
			var dst []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				text, err := appendRequest(dst[:0], query, variables, forSigning)
				if err != nil {
					b.Fatal(err)
				}
				dst = key.AppendMAC(text, text)
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	key := testKey(b, "2026-11", "k")
	signer, err := NewSigner(SignerConfig{Subgraph: "reviews", Key: key, Expires: maxExpires, Now: func() time.Time { return moment }})
	if err != nil {
		b.Fatal(err)
	}
	verifier, err := NewVerifier(VerifierConfig{Subgraph: "reviews", Keys: []*Key{key}, SessionPrefix: "x-hasura-", Now: func() time.Time { return moment }})
	if err != nil {
		b.Fatal(err)
	}
	session := []Field{{"x-hasura-user-id", "4711"}, {"x-hasura-role", "user"}}
	for _, size := range sizes {
		body, query, variables := benchBody(size.n)
		b.Run("message/"+size.name, func(b *testing.B) {
			m := Message{Method: "POST", Header: http.Header{
				"Content-Type": {"application/json"}, "Accept": {"application/json"}, "Accept-Encoding": {"gzip"}, "User-Agent": {"gatehouse"},
				"Content-Length": {"1024"}, "Traceparent": {"00-0"}, "X-Hasura-User-Id": {"4711"}, "X-Hasura-Role": {"user"},
			}}
			signed, err := signer.Sign(body, session)
			if err != nil {
				b.Fatal(err)
			}
			signed.Set(m.Header)
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := verifier.Verify(m, body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("extension/"+size.name, func(b *testing.B) {
			text, err := appendRequest(nil, query, variables, forVerifying)
			if err != nil {
				b.Fatal(err)
			}
			mac := string(key.AppendMAC(nil, text))
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if text, err = appendRequest(text[:0], query, variables, forVerifying); err != nil || !key.VerifyMAC(text, mac) {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCanonicalHostile is the worst that a body can do: every object is out of order, all the way down.
func BenchmarkCanonicalHostile(b *testing.B) {
	const open, closing = `{"b":`, `,"a":0}`
	depth := maxDepth - 2
	text := append(bytes.Repeat([]byte(open), depth), '"')
	text = append(append(text, bytes.Repeat([]byte("x"), 8<<20-depth*(len(open)+len(closing)))...), '"')
	text = append(text, bytes.Repeat([]byte(closing), depth)...)
	flat := []byte{'{'}
	for i := 0; len(flat) < 8<<20; i++ {
		flat = append(flat, '"')
		flat = strconv.AppendInt(flat, int64(1<<22-i), 36)
		flat = append(flat, `":0,`...)
	}
	flat[len(flat)-1] = '}'
	for name, text := range map[string][]byte{"deep": text, "flat": flat} {
		b.Run(name, func(b *testing.B) {
			var dst []byte
			for b.Loop() {
				var err error
				if dst, err = appendCanonical(dst[:0], text, forVerifying); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
