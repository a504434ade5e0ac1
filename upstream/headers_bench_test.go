package upstream

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// BenchmarkHeaders is the header step of one call, with a client's request of 14 headers.
func BenchmarkHeaders(b *testing.B) {
	client := http.Header{
		"Accept": {"*/*"}, "Accept-Encoding": {"gzip, br"}, "Accept-Language": {"de"}, "Authorization": {"Bearer x"}, "Connection": {"keep-alive"},
		"Content-Length": {"100"}, "Content-Type": {"application/json"}, "Cookie": {"a=b"}, "Origin": {"https://a"}, "Sec-Fetch-Mode": {"cors"},
		"User-Agent": {"x"}, "X-App-A": {"1"}, "X-App-B": {"2"}, "X-Request-Id": {"1"},
	}
	session := make([]signature.Field, 5)
	for i := range session {
		session[i] = signature.Field{Name: fmt.Sprintf("x-hasura-%d", i), Value: "value"}
	}
	list := make([]ClientHeader, 10)
	for i := range list {
		list[i].Name = fmt.Sprintf("x-rule-%d", i)
	}
	list[0].Name, list[1].Name, list[2] = "x-request-id", "authorization", ClientHeader{From: "cookie", To: "x-cookie"}
	patterns := append([]ClientHeader{{Name: "x-app-*"}}, list[1:]...)
	for name, c := range map[string]struct {
		headers HeaderConfig
		session []signature.Field
	}{
		"none":           {},
		"10fixed":        {headers: HeaderConfig{Headers: fixedHeaders(10)}},
		"10names":        {headers: HeaderConfig{ForwardClientHeaders: ClientHeaders{List: list}}},
		"10withPattern":  {headers: HeaderConfig{ForwardClientHeaders: ClientHeaders{List: patterns}}},
		"all":            {headers: HeaderConfig{ForwardClientHeaders: ClientHeaders{All: true}}},
		"5session":       {session: session},
		"5session10name": {headers: HeaderConfig{ForwardClientHeaders: ClientHeaders{List: list}}, session: session},
	} {
		b.Run(name, func(b *testing.B) {
			config := DefaultConfig()
			config.Headers = c.headers
			config.Reserved.SessionPrefix = "x-hasura-"
			template, err := newHeaderTemplate(config, SubgraphConfig{})
			if err != nil {
				b.Fatal(err)
			}
			one := call{origin: &Origin{Header: client, Host: "api.example", RemoteAddr: "127.0.0.1:1234", Session: c.session}}
			b.ReportAllocs()
			for b.Loop() {
				template.apply(&one)
			}
		})
	}
}

func fixedHeaders(n int) []Header {
	list := make([]Header, n)
	for i := range list {
		list[i] = Header{Name: fmt.Sprintf("x-fixed-%d", i), Value: HeaderValue{Text: "value"}}
	}
	return list
}

// BenchmarkConnectionOptions is what a client can make of it that fills its headers: thousands of names in Connection beside thousands of
// headers.
func BenchmarkConnectionOptions(b *testing.B) {
	r, err := newClientRules(ClientHeaders{All: true}, Reserved{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	h := http.Header{"Connection": {strings.Repeat("A,", 14000)}}
	for i := range 4000 {
		h[fmt.Sprintf("A%d", i)] = []string{""}
	}
	o := &Origin{Header: h}
	for b.Loop() {
		r.forward(http.Header{}, o)
	}
}
