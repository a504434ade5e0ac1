package upstream

import (
	"bytes"
	"context"
	"io"
)

// spareBody is how much room a call's body has for what the steps append.
const spareBody = 64

// copyBody returns a copy of what the caller wants to send. It is not pooled: net/http may read a body after the call is
// over (when the subgraph answers early), and says so only to body types of our own, for which it would send headers and
// body in two packets.
func copyBody(body []byte) []byte {
	return append(make([]byte, 0, len(body)+spareBody), body...)
}

// newBody returns a reader of the whole body. It is one of the types that net/http knows to be in memory.
func (c *call) newBody() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(c.body)), nil
}

// caller adds what the subgraph may know of the caller. Nobody is authenticated yet, so that is nothing.
func caller(next handler) handler { return next }

// finish completes the JSON object of the body.
func finish(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.body = append(c.body, '}')
		return next(ctx, c)
	}
}
