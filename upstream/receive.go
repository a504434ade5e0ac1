package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	memory "github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// maxPooled is the largest buffer that is kept for reuse; beyond it one rare answer would hold memory for good.
const maxPooled = 1 << 20

// buffer holds the body of one answer. It is counted, since callers that share a request share its answer.
type buffer struct {
	bytes []byte
	refs  atomic.Int32
	// lease is for what the buffer holds, until it is released.
	lease memory.Lease
	// releaseFunc is b.release, bound once for the life of the buffer.
	releaseFunc func()
}

var buffers sync.Pool

// newBuffer returns an empty buffer, held once, whose memory is from the budget.
func newBuffer(from *memory.Budget) *buffer {
	b, _ := buffers.Get().(*buffer)
	if b == nil {
		b = &buffer{}
		b.releaseFunc = b.release
	}
	b.bytes = b.bytes[:0]
	b.lease = from.Lease()
	b.refs.Store(1)
	return b
}

// release gives b up. The caller must not use it afterwards.
func (b *buffer) release() {
	if b.refs.Add(-1) > 0 {
		return
	}
	b.lease.Release()
	if cap(b.bytes) <= maxPooled {
		buffers.Put(b)
	}
}

// How much room an answer of unknown length gets first, and how much one may ask for by announcing its length.
const (
	firstRead   = 8 << 10
	maxPrealloc = 1 << 20
)

var (
	errTooLong  = errors.New("answer too long")
	errNoMemory = errors.New("no memory left")
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
)

// readBody reads the body of an answer into a buffer that the caller must release.
func readBody(t *target, answer *http.Response) (*buffer, error) {
	b := newBuffer(t.memory)
	err := readEncoded(t, answer, b)
	if err == nil {
		return b, nil
	}
	b.release()
	switch {
	case errors.Is(err, errTooLong):
		return nil, gqlerr.New(gqlerr.SubrequestMalformedResponse,
			"Subgraph %q answered with a response larger than %d bytes", t.name, t.maxBytes)
	case errors.Is(err, errNoMemory):
		return nil, gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the answer of subgraph %q", t.name)
	case errors.As(err, new(*gqlerr.Error)):
		return nil, err
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		return nil, statusError(t, answer)
	}
	return nil, gqlerr.New(gqlerr.SubrequestHTTPError, "Subgraph %q broke off its response", t.name).Wrap(err)
}

// readEncoded reads the body of an answer into b and undoes its content encoding.
func readEncoded(t *target, answer *http.Response, b *buffer) error {
	switch encoding := answer.Header.Get("Content-Encoding"); {
	case encoding == "" || strings.EqualFold(encoding, "identity"):
		if answer.ContentLength > t.maxBytes {
			return errTooLong
		}
		return b.readFrom(answer.Body, answer.ContentLength, t.maxBytes)
	case strings.EqualFold(encoding, "gzip"):
		return readGzip(t, answer.Body, b)
	}
	return gqlerr.New(gqlerr.SubrequestMalformedResponse, "Subgraph %q answered with a content encoding that it was not offered", t.name)
}

// readGzip reads gzip'd data into b.
func readGzip(t *target, body io.Reader, b *buffer) error {
	source := &trackedReader{Reader: body}
	z, _ := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(z)
	err := z.Reset(source)
	if err == nil {
		err = b.readFrom(z, -1, t.maxBytes)
	}
	// Data that is no gzip is a fault of the answer; a connection that broke is one of the connection.
	if err == nil || errors.Is(err, errTooLong) || errors.Is(err, errNoMemory) || source.err != nil {
		return err
	}
	return gqlerr.New(gqlerr.SubrequestMalformedResponse, "Subgraph %q answered with damaged gzip data", t.name).Wrap(err)
}

// trackedReader remembers the error of the reader below, the end aside.
type trackedReader struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *trackedReader) Read(dst []byte) (int, error) {
	n, err := r.Reader.Read(dst)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// readFrom appends all of r, or fails with errTooLong when that is more than limit bytes, and with errNoMemory when the budget
// does not have them. size is the length that was
// announced, or -1.
func (b *buffer) readFrom(r io.Reader, size, limit int64) error {
	room := int64(firstRead)
	if size >= 0 {
		room = min(size, maxPrealloc) + 1 // one more, so that the end is seen without growing
	}
	if int64(cap(b.bytes)) < room {
		b.bytes = make([]byte, 0, room)
	}
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = append(b.bytes, 0)[:len(b.bytes)]
		}
		if !b.lease.Hold(int64(cap(b.bytes))) {
			return errNoMemory
		}
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > limit:
			return errTooLong
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// statusError is the error of an answer whose status is not 2xx and whose body says nothing.
func statusError(t *target, answer *http.Response) error {
	status := answer.StatusCode
	text := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	return gqlerr.New(gqlerr.SubrequestHTTPError, "Subgraph %q answered with status %s", t.name, text).
		WithExtension("http", []byte(`{"status":`+strconv.Itoa(status)+`}`)).
		Wrap(&failedStatus{status: status, retryAfter: answer.Header.Get("Retry-After")})
}

// isGraphQLResponse tells whether a body is JSON with data or a list of errors.
func isGraphQLResponse(body []byte) bool {
	if firstByte(body) != '{' {
		return false
	}
	// Raw, since a list of very many errors would take many times its length.
	var response struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &response) != nil {
		return false
	}
	inList, isList := bytes.CutPrefix(response.Errors, []byte("["))
	return response.Data != nil || isList && firstByte(inList) != ']'
}
