package executor

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gatehouse-graphql/gatehouse/upstream"
)

// canned answers each subgraph's requests with the same bytes.
type canned map[string]*upstream.Response

func (c canned) Do(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
	return c[string(r.Subgraph.Name)], nil
}

func cannedAnswers(bodies map[string]string) canned {
	c := canned{}
	for name, body := range bodies {
		c[name] = &upstream.Response{Status: 200, Body: []byte(body), Release: func() {}}
	}
	return c
}

func benchmark(b *testing.B, query string, doer upstream.Doer) {
	b.Helper()
	e := New(small().schema, doer, Options{})
	program, err := e.Compile(small().plan(b, query))
	if err != nil {
		b.Fatal(err)
	}
	request := &Request{Origin: &upstream.Origin{}}
	result := e.Execute(context.Background(), program, request)
	if len(result.Errors) > 0 {
		b.Fatal(result.Errors)
	}
	size := len(result.Data)
	result.Release()
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		e.Execute(context.Background(), program, request).Release()
	}
	b.ReportMetric(float64(size), "B/response")
}

// items repeats a template, %[1]d being the number of the item.
func items(n int, template string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, template, i)
	}
	return b.String()
}

// BenchmarkOneFetch: one small call.
func BenchmarkOneFetch(b *testing.B) {
	benchmark(b, `{ me { id name email role } }`, cannedAnswers(map[string]string{
		"accounts": `{"data":{"me":{"id":"1","name":"Ada Lovelace","email":"ada@example.com","role":"ADMIN"}}}`,
	}))
}

// BenchmarkDecode90KB: one call with a large answer, decoded and written.
func BenchmarkDecode90KB(b *testing.B) {
	benchmark(b, `{ users { id name email role friends { id name } } }`, cannedAnswers(map[string]string{
		"accounts": `{"data":{"users":[` + items(490,
			`{"id":"user-%[1]d","name":"A name of some length %[1]d","email":"user-%[1]d@example.com","role":"GUEST","friends":[{"id":"a%[1]d","name":"First Friend"},{"id":"b%[1]d","name":"Second Friend"}]}`) + `]}}`,
	}))
}

// BenchmarkEntities: representations for 1,000 entities and their answers.
func BenchmarkEntities(b *testing.B) {
	benchmark(b, `{ users { name score } }`, cannedAnswers(map[string]string{
		"accounts": `{"data":{"users":[` + items(1000, `{"name":"n%[1]d","id":"user-%[1]d"}`) + `]}}`,
		"reviews":  `{"data":{"_entities":[` + items(1000, `{"score":%[1]d}`) + `]}}`,
	}))
}

// BenchmarkEntitiesShared: 1,000 objects that stand for 10 entities.
func BenchmarkEntitiesShared(b *testing.B) {
	var users strings.Builder
	for i := range 1000 {
		if i > 0 {
			users.WriteByte(',')
		}
		fmt.Fprintf(&users, `{"name":"n%d","id":"user-%d"}`, i, i%10)
	}
	benchmark(b, `{ users { name score reviews { body } } }`, cannedAnswers(map[string]string{
		"accounts": `{"data":{"users":[` + users.String() + `]}}`,
		"reviews":  `{"data":{"_entities":[` + items(10, `{"score":%[1]d,"reviews":[{"body":"b%[1]d"}]}`) + `]}}`,
	}))
}

// BenchmarkLarge: users with reviews of products, whose authors and products are looked up again.
func BenchmarkLarge(b *testing.B) {
	const (
		users = 30
		each  = 8
	)
	var entities strings.Builder
	for i := range users {
		if i > 0 {
			entities.WriteByte(',')
		}
		fmt.Fprintf(&entities, `{"score":%d,"reviews":[`, i)
		for n := range each {
			if n > 0 {
				entities.WriteByte(',')
			}
			fmt.Fprintf(&entities, `{"id":"%[1]d-%[2]d","body":"A review that says a few things about product %[2]d, for good measure.","product":{"upc":"p%[2]d"},"author":{"id":"user-%[3]d"}}`, i, n, (i+n)%users)
		}
		entities.WriteString(`]}`)
	}
	// one answer to both kinds of lookups: by user and by product
	names := items(users, `{"name":"n%[1]d","email":"user-%[1]d@example.com"}`)
	products := items(each, `{"name":"product %[1]d","price":%[1]d.5,"weight":100,"secret":null}`)
	first := `{"data":{"users":[` + items(users, `{"id":"user-%[1]d","name":"A name of some length %[1]d"}`) + `],` +
		`"topProducts":[` + items(5, `{"upc":"p%[1]d","name":"product %[1]d","price":10.5}`) + `]}}`
	benchmarkScript(b, `{
		users { name score reviews { id body product { name price shipping } author { name email } } }
		topProducts { name price }
	}`, map[string]string{
		"accounts 1": first, "products 1": first,
		"reviews 1":  `{"data":{"_entities":[` + entities.String() + `]}}`,
		"accounts 2": `{"data":{"_entities":[` + names + `]}}`,
		"products 2": `{"data":{"_entities":[` + products + `]}}`,
		"reviews 2":  `{"data":{"_entities":[` + items(each, `{"shipping":%[1]d}`) + `]}}`,
	})
}

// benchmarkScript runs a query whose subgraphs answer differently to what is asked first (root fields, or users) and later.
func benchmarkScript(b *testing.B, query string, bodies map[string]string) {
	b.Helper()
	answers := cannedAnswers(bodies)
	name := map[string][2]string{}
	for _, s := range small().schema.Subgraphs {
		name[string(s.Name)] = [2]string{string(s.Name) + " 1", string(s.Name) + " 2"}
	}
	benchmark(b, query, upstream.DoerFunc(func(_ context.Context, r *upstream.Request) (*upstream.Response, error) {
		nth := 0
		if head := r.Body[:min(len(r.Body), 200)]; bytes.Contains(head, []byte("representations")) &&
			(r.Subgraph.Name != "reviews" || bytes.Contains(head, []byte("shipping"))) {
			nth = 1
		}
		return answers[name[string(r.Subgraph.Name)][nth]], nil
	}))
}

// BenchmarkCompile: from plan to program.
func BenchmarkCompile(b *testing.B) {
	e := New(small().schema, nil, Options{})
	plan := small().plan(b, `{ users { name score reviews { id body product { name price shipping } author { name email } } } media { ... on Book { pages } ... on Film { minutes } } }`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Compile(plan); err != nil {
			b.Fatal(err)
		}
	}
}
