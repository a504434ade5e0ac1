package upstream

import (
	"context"
	"net/http"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// send makes the HTTP request and reads the whole answer.
func send(transport http.RoundTripper) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		body, _ := c.newBody()
		request := http.Request{
			Method:        http.MethodPost,
			URL:           c.target.url,
			Proto:         "HTTP/1.1",
			ProtoMajor:    1,
			ProtoMinor:    1,
			Header:        c.header,
			Body:          body,
			GetBody:       c.newBody,
			ContentLength: int64(len(c.body)),
		}
		answer, err := transport.RoundTrip(request.WithContext(ctx)) //nolint:bodyclose // receive closes it
		if err != nil && headersTooLong(err) {
			return nil, statusError(c.target, &http.Response{StatusCode: http.StatusRequestHeaderFieldsTooLarge})
		}
		if err != nil {
			return nil, gqlerr.New(gqlerr.SubrequestHTTPError, "Subgraph %q could not be reached", c.target.name).Wrap(err)
		}
		return receive(c.target, answer)
	}
}

// receive reads an answer and closes it.
func receive(t *target, answer *http.Response) (*Response, error) {
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode == http.StatusSwitchingProtocols { // net/http hands out the connection, which no context ends
		return nil, statusError(t, answer)
	}
	b, err := readBody(t, answer)
	if err != nil {
		return nil, err
	}
	if err := accept(t, answer, b.bytes); err != nil {
		b.release()
		return nil, err
	}
	return &Response{Status: answer.StatusCode, Header: answer.Header, Body: b.bytes, Release: b.releaseFunc, buffer: b}, nil
}

// accept tells why an answer cannot be a GraphQL response, or nil. A subgraph that labels its JSON as something else is
// understood; what does not begin as an object is not.
func accept(t *target, answer *http.Response, body []byte) error {
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		if isGraphQLResponse(body) {
			return nil
		}
		return statusError(t, answer)
	}
	if first := firstByte(body); first == '{' {
		return nil
	} else if first == 0 {
		return gqlerr.New(gqlerr.SubrequestMalformedResponse, "Subgraph %q sent an empty response", t.name)
	}
	if kind := mediaType(answer.Header.Get("Content-Type")); kind != "" && !isJSON(kind) {
		return gqlerr.New(gqlerr.SubrequestMalformedResponse,
			"Subgraph %q answered with content type %q instead of a GraphQL response", t.name, kind)
	}
	return gqlerr.New(gqlerr.SubrequestMalformedResponse, "Subgraph %q did not answer with a GraphQL response", t.name)
}

// firstByte returns the first byte of b that is no JSON white space, or 0.
func firstByte(b []byte) byte {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
	}
	return 0
}

// mediaType returns the type of a Content-Type header without its parameters, in lower case. It is for messages, so what
// is implausibly long is cut.
func mediaType(header string) string {
	kind, _, _ := strings.Cut(header, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	const longest = 100
	return kind[:min(len(kind), longest)]
}

// isJSON tells whether a media type is JSON.
func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}
