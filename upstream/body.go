package upstream

import (
	"bytes"
	"context"
	"io"
)

// spareBody is how much room a call's body has for what the steps append, beside what the origin tells.
const spareBody = 192

// copyBody returns a copy of what the caller wants to send. It is not pooled: net/http may read a body after the call is
// over (when the subgraph answers early), and says so only to body types of our own, for which it would send headers and
// body in two packets.
func copyBody(body []byte, o *Origin) []byte {
	told := len(o.Claims.Raw()) + len(o.Token) + len(o.Extensions)
	return append(make([]byte, 0, len(body)+told+spareBody), body...)
}

// newBody returns a reader of the whole body. It is one of the types that net/http knows to be in memory.
func (c *call) newBody() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(c.body)), nil
}

// extend begins the extensions of the body, or goes on with them.
func (c *call) extend() {
	const both = 2
	if c.braces == both {
		c.body = append(c.body, ',')
		return
	}
	c.body = append(c.body, `,"extensions":{`...)
	c.braces = both
}

// finish completes the JSON object of the body.
func finish(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.body = append(c.body, "}}"[:c.braces]...)
		return next(ctx, c)
	}
}
