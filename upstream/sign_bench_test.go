package upstream

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/internal/secret"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// BenchmarkSteps is what a call costs up to its HTTP request: headers, caller, signatures; the copy of the body is in it. Of the
// representations one number in each has another spelling than the canonical one ("foreign"), or none has.
func BenchmarkSteps(b *testing.B) {
	file := filepath.Join(b.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a secret that signs calls in benchmarks"), 0o600); err != nil {
		b.Fatal(err)
	}
	payload, err := claims.Parse([]byte(`{"sub":"123","iss":"https://idp.example","aud":"api","exp":4102444800,"scope":"read:user write:user","org":{"id":7}}`))
	if err != nil {
		b.Fatal(err)
	}
	origin := &Origin{Caller: Caller{Claims: payload, Token: "x", Prefix: "Bearer"}}
	answer := &Response{Status: 200, Release: func() {}, buffer: newBuffer(nil)}
	for _, mode := range []string{"unsigned", "message", "extension"} {
		for _, size := range []int{1 << 10, 64 << 10} {
			for _, foreign := range []bool{false, true} {
				if foreign && mode != "extension" {
					continue
				}
				name := mode + "/" + strconv.Itoa(size>>10) + "KB"
				if foreign {
					name += "/foreign"
				}
				b.Run(name, func(b *testing.B) {
					config := DefaultConfig()
					config.Forward, config.Share = DefaultForward(), false
					if mode != "unsigned" {
						config.Signing = &Signing{Keys: []SigningKey{{ID: "bench", Secret: secret.Source{File: file}}}}
						config.Signing.Message.Enabled = new(mode == "message")
						config.Signing.Extension.Enabled = mode == "extension"
					}
					s := &supergraph.Subgraph{Name: "reviews", URL: "http://reviews.example/graphql"}
					client, err := New([]*supergraph.Subgraph{s}, config, nil)
					if err != nil {
						b.Fatal(err)
					}
					client.do = chain(steps(config), func(context.Context, *call) (*Response, error) { return answer, nil })
					request := &Request{Subgraph: s, Repeatable: true, Origin: origin}
					request.Body, request.Foreign = benchBody(size, foreign)
					b.ReportAllocs()
					b.SetBytes(int64(len(request.Body)))
					for b.Loop() {
						if _, err := client.Do(b.Context(), request); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// benchBody is a body of about a size, as an entity fetch has it.
func benchBody(size int, foreign bool) ([]byte, []Span) {
	body := []byte(`{"query":"query($representations:[_Any!]!){_entities(representations:$representations){...on Product{reviews{id body}}}}","variables":{"representations":[`)
	var spans []Span
	for i := 0; len(body) < size; i++ {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, `{"__typename":"Product","name":"Table, round","price":`...)
		if foreign {
			spans = append(spans, Span{len(body), len(body) + len("1299.50")})
			body = append(body, "1299.50"...)
		} else {
			body = append(body, "1299"...)
		}
		body = append(body, `,"upc":"`...)
		body = append(strconv.AppendInt(body, int64(i), 10), `"}`...)
	}
	return append(body, `]}`...), spans
}
