package gateway

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// maxVariablesBytes is how long the variables of a request may be.
const maxVariablesBytes = 1 << 20

// maxPooled is the largest buffer that is kept for reuse.
const maxPooled = 1 << 20

// exchange is what one request needs while it is handled: buffers that are reused, and what is known of it so far.
type exchange struct {
	params
	summary

	// format is the media type of the answer.
	format format
	pace   pace
	// lease is for the memory of the body.
	lease budget.Lease

	body, scratch, out []byte
}

var exchanges = sync.Pool{New: func() any { return &exchange{} }}

// newExchange returns an exchange for one request.
func newExchange() *exchange {
	x, _ := exchanges.Get().(*exchange)
	return x
}

// release gives x up, with everything that points into its buffers. Long bodies are not kept: the next client, who may be
// slow, would hold their memory.
func (x *exchange) release() {
	const maxBody = budget.Free / 2
	x.lease.Release()
	if cap(x.body) > maxBody {
		x.body = nil
	}
	if max(cap(x.scratch), cap(x.out)) > maxPooled {
		return
	}
	x.params, x.format, x.summary = params{}, formatJSON, summary{}
	exchanges.Put(x)
}

// checkHead refuses what can be refused before anything of the body is read: METHOD_NOT_ALLOWED, NOT_ACCEPTABLE,
// UNSUPPORTED_MEDIA_TYPE, REQUEST_TOO_LARGE, and with preventCSRF CSRF_PREVENTED. It decides on the media type of the answer.
func (x *exchange) checkHead(r *http.Request, maxBody int64, preventCSRF bool) error {
	var acceptable bool
	x.format, acceptable = negotiate(r.Header["Accept"])
	switch {
	case r.Method != http.MethodPost:
		return gqlerr.New(gqlerr.MethodNotAllowed, "GraphQL requests are made by POST")
	case !acceptable:
		return gqlerr.New(gqlerr.NotAcceptable,
			"The answer can be application/graphql-response+json or application/json, and Accept allows neither")
	case r.ContentLength > maxBody:
		return tooLarge(maxBody)
	}
	if preventCSRF {
		if err := checkCSRF(r.Header); err != nil {
			return err
		}
	}
	return checkContentType(r.Header)
}

// tooLarge is the error for a body above the limit.
func tooLarge(limit int64) error {
	return gqlerr.New(gqlerr.RequestTooLarge, "The request body is larger than %d bytes", limit)
}

// checkContentType wants JSON, in UTF-8, not encoded.
func checkContentType(header http.Header) error {
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return gqlerr.New(gqlerr.UnsupportedMediaType, "The request body must not be encoded")
	}
	text := header.Get("Content-Type")
	if text == "application/json" {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(text)
	if err != nil || kind != "application/json" {
		return gqlerr.New(gqlerr.UnsupportedMediaType, "The request body must have the content type application/json")
	}
	if charset, given := parameters["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		return gqlerr.New(gqlerr.UnsupportedMediaType, "The request body must be in UTF-8")
	}
	return nil
}

// read reads the body and takes it apart into x.params, which is valid until x is released. Errors have the code
// BAD_REQUEST, REQUEST_TOO_LARGE or, when no memory is left, SERVICE_UNAVAILABLE.
func (x *exchange) read(r *http.Request, maxBody int64, memory *budget.Budget) error {
	x.lease = memory.Lease()
	if err := x.readBody(r.Body, r.ContentLength, maxBody); err != nil {
		return err
	}
	var err error
	x.params, x.scratch, err = scanParams(x.body, x.scratch)
	if err == nil && len(x.variables) > maxVariablesBytes {
		err = gqlerr.New(gqlerr.RequestTooLarge, "The variables are larger than %d bytes", maxVariablesBytes)
	}
	return err
}

// readBody reads to the end, so that net/http notices when the client goes away afterwards. Room is made as bytes arrive, not as
// they are announced: a client that announces much and sends nothing holds nothing.
func (x *exchange) readBody(body io.Reader, announced, limit int64) error {
	const firstRead = 4 << 10
	if cap(x.body) < firstRead {
		x.body = make([]byte, 0, firstRead)
	}
	x.body = x.body[:0]
	for {
		if len(x.body) == cap(x.body) {
			room := 2 * int64(cap(x.body))
			if announced > int64(cap(x.body)) {
				room = min(room, announced+1) // one more, so that the end is seen without growing
			}
			x.body = append(make([]byte, 0, room), x.body...)
		}
		if !x.lease.Hold(2 * int64(cap(x.body))) { // strings with escapes are copied
			return overloaded()
		}
		n, err := body.Read(x.body[len(x.body):cap(x.body)])
		x.body = x.body[:len(x.body)+n]
		switch {
		case int64(len(x.body)) > limit:
			return tooLarge(limit)
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return gqlerr.New(gqlerr.BadRequest, "The request body could not be read").Wrap(err)
		}
	}
}
