package subgraph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// Middleware lets only verified requests through to next, any GraphQL handler, and puts the caller into their context.
// The body is read, bounded, before next is called, and given back intact after a message signature. After an extension signature alone
// variables are in the canonical text that was signed, where numbers are doubles, and what nothing vouches for is taken out:
// extensions.jwt, and members that are none of query, variables, operationName and extensions.
//
// Requests that are refused get a GraphQL error with one of the codes of this package or of package
// signature, with the status 401, 405, 413, 415, 400 or 503.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		verified, err := v.check(w, r) //nolint:contextcheck // the context comes with the request
		if err != nil {
			v.reject(w, r, err)
			return
		}
		next.ServeHTTP(w, verified)
	})
}

// check returns the request as the handler may see it.
func (v *Verifier) check(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	q := &request{verifier: v, w: w, r: r}
	if v.config.Skip != nil && v.config.Skip(r) {
		return q.skipped()
	}
	for _, step := range steps {
		if err := step(q); err != nil {
			return nil, err
		}
	}
	if v.config.OnAccept != nil {
		v.config.OnAccept(r)
	}
	return q.accepted()
}

// steps is the order in which a request is checked: the signature comes before the body, so that nobody makes us read one
// who cannot sign, and the nonce is remembered last, so that nobody can use up nonces of others.
var steps = []func(*request) error{
	(*request).method,
	(*request).mediaType,
	(*request).length,
	(*request).messageSignature,
	(*request).uncovered,
	(*request).readBody,
	(*request).digest,
	(*request).envelopeOf,
	(*request).extensionSignature,
	(*request).nonce,
}

// request is one request on its way through the steps.
type request struct {
	verifier *Verifier
	w        http.ResponseWriter
	r        *http.Request
	body     []byte
	envelope envelope
	message  signature.Verified
	bound    bool // message holds: the signature in the header verified, and binds the whole request
}

func (q *request) method() error {
	if q.r.Method != http.MethodPost {
		return fail(MethodNotAllowed, http.StatusMethodNotAllowed, q.r.Method)
	}
	return nil
}

func (q *request) mediaType() error {
	if len(q.r.Header["Content-Encoding"]) > 0 {
		return fail(RequestUnsupported, http.StatusUnsupportedMediaType, "the body is encoded")
	}
	if types := q.r.Header["Content-Type"]; len(types) != 1 || !isJSON(types[0]) {
		return fail(RequestUnsupported, http.StatusUnsupportedMediaType, "the content type is not application/json")
	}
	return nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/json" {
		return false
	}
	charset, ok := params["charset"]
	return len(params) == 0 || len(params) == 1 && ok && strings.EqualFold(charset, "utf-8")
}

func (q *request) length() error {
	if q.r.ContentLength > q.verifier.config.MaxBody {
		return errTooLarge
	}
	return nil
}

var errTooLarge = fail(RequestTooLarge, http.StatusRequestEntityTooLarge, "the body is longer than MaxBody")

// messageSignature verifies the signature in the header. Where either kind will do, there need not be one, but one that is
// there has to be right.
func (q *request) messageSignature() error {
	v := q.verifier
	if v.message != nil {
		var err error
		q.message, err = v.message.VerifyHeader(signature.FromRequest(q.r))
		if err == nil {
			q.bound = true
			return nil
		}
		if v.config.Require == MessageSignature || !errors.Is(err, signature.Missing) {
			return refused(err)
		}
	}
	return nil
}

// uncovered refuses what the extension signature, where there is no other, does not cover and handlers look at: session headers, and
// a request in the query string, which some handlers take before the one in the body.
func (q *request) uncovered() error {
	if q.bound {
		return nil
	}
	if !q.verifier.config.TrustUnsignedIdentity {
		for name := range q.r.Header {
			if isSession(name, q.verifier.config.SessionPrefix) {
				return fail(signature.Invalid, http.StatusUnauthorized, "a session header is not covered")
			}
		}
	}
	if q.r.URL.RawQuery == "" {
		return nil
	}
	for parameter := range q.r.URL.Query() {
		for _, name := range requestNames {
			if strings.EqualFold(parameter, name) {
				return unsupported(fmt.Errorf("the query string has %s", name))
			}
		}
	}
	return nil
}

// firstRead is how much room the body gets before any of it has come.
const firstRead = 64 << 10

func (q *request) readBody() error {
	if q.r.Body == nil {
		return nil
	}
	limit := q.verifier.config.MaxBody
	size := int64(bytes.MinRead)
	if q.r.ContentLength > 0 {
		size = min(q.r.ContentLength+bytes.MinRead, firstRead)
	}
	buffer := bytes.NewBuffer(make([]byte, 0, size))
	_, err := buffer.ReadFrom(http.MaxBytesReader(q.w, q.r.Body, limit))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errTooLarge
	}
	if err != nil {
		return unsupported(err)
	}
	q.body = buffer.Bytes()
	return nil
}

func (q *request) digest() error {
	if !q.bound {
		return nil
	}
	if err := q.message.VerifyBody(q.body); err != nil {
		return refused(err)
	}
	return nil
}

func (q *request) envelopeOf() error {
	var err error
	c := &q.verifier.config
	if q.envelope, err = readEnvelope(q.body, c.ExtensionsFieldName, c.ExtensionName); err != nil {
		return unsupported(err)
	}
	return nil
}

func (q *request) extensionSignature() error {
	if q.bound {
		return nil
	}
	e := &q.envelope
	if string(e.query) == `""` {
		return unsupported(errors.New("the query is empty: what it stands for is not covered"))
	}
	if err := signature.VerifyExtension(q.verifier.extensionKeys, e.query, e.variables, e.mac); err != nil {
		return refused(err)
	}
	return nil
}

// nonce makes sure that the request comes for the first time. The margin is for the second that the expiry ends in and for
// clocks of other verifiers that share the cache.
func (q *request) nonce() error {
	if !q.bound {
		return nil
	}
	c := &q.verifier.config
	until := q.message.Expires.Add(time.Second + c.ClockSkew)
	switch err := c.Replay.Remember(q.r.Context(), q.message.Nonce, until); {
	case err == nil:
		return nil
	case errors.Is(err, ErrReplayed):
		return fail(signature.Replayed, http.StatusUnauthorized, "the nonce was used before")
	default:
		return &Error{Code: ReplayCacheUnavailable, Status: http.StatusServiceUnavailable, Err: err}
	}
}

// accepted returns the request for the handler.
func (q *request) accepted() (*http.Request, error) {
	c := &q.verifier.config
	if !q.bound {
		body, err := withVerifiedVariables(q.body)
		if err != nil {
			return nil, unsupported(err)
		}
		q.body = body
	}
	if q.bound || c.TrustUnsignedIdentity {
		return q.withBody(newCaller(&q.envelope, q.r.Header, c.SessionPrefix)), nil
	}
	if err := q.dropIdentity(); err != nil {
		return nil, err
	}
	return q.withBody(nil), nil
}

// skipped returns a request that needs no signature, without what looks like an identity.
func (q *request) skipped() (*http.Request, error) {
	if q.r.Body != nil && q.r.Body != http.NoBody {
		if len(q.r.Header["Content-Encoding"]) > 0 {
			return nil, fail(RequestUnsupported, http.StatusUnsupportedMediaType, "the body is encoded")
		}
		if err := q.readBody(); err != nil {
			return nil, err
		}
	}
	if first := bytes.TrimLeft(q.body, " \t\r\n"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if err := q.dropIdentity(); err != nil {
			return nil, err
		}
	}
	r := q.withBody(nil)
	r.Header = r.Header.Clone()
	for name := range r.Header {
		if isSession(name, q.verifier.config.SessionPrefix) {
			delete(r.Header, name)
		}
	}
	return r, nil
}

func (q *request) dropIdentity() error {
	body, err := withoutIdentity(q.body, q.verifier.config.ExtensionsFieldName)
	if err != nil {
		return unsupported(err)
	}
	q.body = body
	return nil
}

// withBody returns the request with the body that was read and with the caller, or nobody.
func (q *request) withBody(caller *Caller) *http.Request {
	r := q.r.WithContext(context.WithValue(q.r.Context(), callerKey{}, caller))
	body := new(body)
	body.Reset(q.body)
	r.Body = body
	r.TransferEncoding, r.Trailer = nil, nil // no signature covers what comes behind the body
	if r.ContentLength >= 0 && r.ContentLength != int64(len(q.body)) {
		r.Header = r.Header.Clone()
		r.Header.Set("Content-Length", strconv.Itoa(len(q.body)))
	}
	r.ContentLength = int64(len(q.body))
	return r
}

// body is a request body in memory.
type body struct{ bytes.Reader }

// Close does nothing.
func (*body) Close() error { return nil }
