package upstream

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// maxPooled is the largest buffer that is kept for reuse; beyond it one rare answer would hold memory for good.
const maxPooled = 1 << 20

// payload is the body of one call in a pooled buffer. net/http may read a body after the call is over (when the subgraph
// answers early), so the buffer is counted: it is reused when everyone who held it has released it.
type payload struct {
	bytes []byte
	refs  atomic.Int32
	// getBody is p.body, bound once for the life of the buffer.
	getBody func() (io.ReadCloser, error)
}

var payloads sync.Pool

// newPayload returns a copy of b, held once.
func newPayload(b []byte) *payload {
	p, _ := payloads.Get().(*payload)
	if p == nil {
		p = &payload{}
		p.getBody = p.body
	}
	p.bytes = append(p.bytes[:0], b...)
	p.refs.Store(1)
	return p
}

// hold adds a holder.
func (p *payload) hold() { p.refs.Add(1) }

// release gives p up. The caller must not use it afterwards.
func (p *payload) release() {
	if p.refs.Add(-1) == 0 && cap(p.bytes) <= maxPooled {
		payloads.Put(p)
	}
}

// body returns a reader of the bytes that holds p until it is closed.
func (p *payload) body() (io.ReadCloser, error) {
	p.hold()
	return &payloadReader{payload: p}, nil
}

// payloadReader reads a payload. The lock is there since net/http may close a body while it is being read, and once it
// is closed the buffer belongs to another call.
type payloadReader struct {
	mu      sync.Mutex
	payload *payload // nil when closed
	done    int
}

// Read implements io.Reader.
func (r *payloadReader) Read(dst []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	n := copy(dst, r.payload.bytes[r.done:])
	r.done += n
	if n == 0 && len(dst) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close implements io.Closer. It may be called more than once.
func (r *payloadReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.payload != nil {
		r.payload.release()
		r.payload = nil
	}
	return nil
}

// caller adds what the subgraph may know of the caller. Nobody is authenticated yet, so that is nothing.
func caller(next handler) handler { return next }

// finish completes the JSON object of the body.
func finish(next handler) handler {
	return func(ctx context.Context, c *call) (*Response, error) {
		c.body.bytes = append(c.body.bytes, '}')
		return next(ctx, c)
	}
}
