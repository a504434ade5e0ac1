// Package upstream makes one call to one subgraph: headers, the caller, sharing of identical queries, signatures, timeout,
// HTTP, in the one order that the package's transport list gives.
package upstream

import (
	"context"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
	"github.com/gatehouse-graphql/gatehouse/signature"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Request is one call.
type Request struct {
	Subgraph *supergraph.Subgraph
	// Repeatable marks a call without effects: it may be sent again, such as when a connection turned out to be dead. A call
	// that is not repeatable may change what any subgraph answers.
	Repeatable bool
	// Shareable marks a call that may take the answer of an identical one in flight, which began before it. What reads after
	// its own mutation is repeatable and not shareable.
	Shareable bool
	// Body is the request's JSON object without its closing brace: {"query":"...","variables":{...}
	// The callee completes it. It belongs to the caller and is not kept after Do has returned. But for the values in Foreign it
	// is canonical (see signature.AppendCanonicalRequest), as the extension signature wants it.
	Body []byte
	// Foreign are the values in Body, in order, that may have another spelling than the canonical one: numbers and strings of
	// clients and of other subgraphs.
	Foreign []Span
	// Origin is what outbound rules may know of the client's request.
	Origin *Origin
}

// Span is a part of a body, from the first byte to behind the last.
type Span struct{ From, To int }

// Origin is what of the client's request may influence calls to subgraphs. It is read-only. The zero Origin is an anonymous
// caller without headers.
type Origin struct {
	Caller

	// Header and Host are those of the client's request.
	Header http.Header
	Host   string
	// RemoteAddr is the address of the client or of the last proxy, as in http.Request.
	RemoteAddr string
	// Session are the caller's session variables, sorted by name, without duplicates. They are sent as headers.
	Session []signature.Field
	// GiveWay is called when a call has to wait until others have left a subgraph: what the request holds that others need is given up.
	// Several goroutines may call it, and more than once. It may be nil.
	GiveWay func()
	// Extensions are members for the extensions of the body, such as "a":1,"b":2. None has the name of an extension of ours.
	Extensions []byte
}

// Caller is what subgraphs may be told of who is calling. The zero Caller is nobody.
type Caller struct {
	// Claims is the payload of the caller's token.
	Claims claims.Value
	// Token is the token as the caller sent it behind Prefix.
	Token, Prefix string
	// Admin: the caller speaks for the gateway's operator and has no token that would be forwarded.
	Admin bool
}

// Response is a subgraph's answer: with status 2xx and a body that begins as a JSON object does, or with another status
// and a GraphQL response as its body.
type Response struct {
	Status int
	// Header may be shared with other callers: it is read-only.
	Header http.Header
	// Body is read-only, since it may be shared with other callers, and valid until Release.
	Body []byte
	// Release gives the body's buffer back; it is never nil and must be called once.
	Release func()

	buffer *buffer
}

// Doer makes calls. Client is one; tests have others. An error is a *gqlerr.Error with one of the SUBREQUEST_ codes, or
// the context's error when the caller gave up. It is safe for concurrent use.
type Doer interface {
	Do(ctx context.Context, r *Request) (*Response, error)
}

// DoerFunc makes a function a Doer.
type DoerFunc func(ctx context.Context, r *Request) (*Response, error)

// Do calls the function.
func (f DoerFunc) Do(ctx context.Context, r *Request) (*Response, error) { return f(ctx, r) }
