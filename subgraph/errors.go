package subgraph

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// Code says why a request was refused: one of the codes of package signature, or one of those below.
type Code = signature.Code

// The codes that are not about a signature.
const (
	// RequestTooLarge: the body is longer than MaxBody. Status 413.
	RequestTooLarge Code = "REQUEST_TOO_LARGE"
	// RequestUnsupported: the request is not one JSON object as application/json without encoding, or could be read in two
	// ways. Status 415 or 400.
	RequestUnsupported Code = "REQUEST_UNSUPPORTED"
	// MethodNotAllowed: not POST. Status 405.
	MethodNotAllowed Code = "METHOD_NOT_ALLOWED"
	// ReplayCacheUnavailable: the nonce could not be remembered. Status 503.
	ReplayCacheUnavailable Code = "REPLAY_CACHE_UNAVAILABLE"
)

// Error is a refused request. Its code is also found by errors.Is.
type Error struct {
	Code   Code
	Status int
	// Err is the cause, for logs. Clients do not see it.
	Err error
}

// Error returns the cause, which names the code.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the code and the cause.
func (e *Error) Unwrap() []error { return []error{e.Code, e.Err} }

// fail returns an *Error.
func fail(code Code, status int, detail string) error {
	return &Error{Code: code, Status: status, Err: &signature.Error{Code: code, Detail: detail}}
}

// unsupported is a body that is not what it should be.
func unsupported(err error) error {
	return &Error{Code: RequestUnsupported, Status: http.StatusBadRequest, Err: err}
}

// refused returns the *Error of an error of package signature.
func refused(err error) error {
	var failure *signature.Error
	if !errors.As(err, &failure) {
		failure = &signature.Error{Code: signature.Invalid, Detail: err.Error()}
	}
	return &Error{Code: failure.Code, Status: http.StatusUnauthorized, Err: failure}
}

// messages are what clients are told. None says which check failed beyond its code.
var messages = map[Code]string{
	signature.Missing:       "The request is not signed",
	signature.Invalid:       "The signature is not valid",
	signature.Expired:       "The signature has expired, or is from the future",
	signature.Replayed:      "The request was accepted before",
	signature.WrongAudience: "The request is for another subgraph",
	signature.UnknownKey:    "The key of the signature is not known",
	RequestTooLarge:         "The request body is too large",
	RequestUnsupported:      "The request is not a GraphQL request in JSON",
	MethodNotAllowed:        "Only POST is supported",
	ReplayCacheUnavailable:  "The request cannot be accepted at the moment",
}

// reject answers a request with what err says.
func (v *Verifier) reject(w http.ResponseWriter, r *http.Request, err error) {
	var failure *Error
	if !errors.As(err, &failure) {
		failure = &Error{Code: signature.Invalid, Status: http.StatusUnauthorized, Err: err}
	}
	if v.config.OnReject != nil {
		v.config.OnReject(r, failure)
	}
	type extensions struct {
		Code Code `json:"code"`
	}
	type problem struct {
		Message    string     `json:"message"`
		Extensions extensions `json:"extensions"`
	}
	body, err := json.Marshal(map[string][]problem{"errors": {{messages[failure.Code], extensions{failure.Code}}}})
	if err != nil {
		body = nil // two strings can always be encoded
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	switch failure.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Signature realm=`+quote(v.config.Name))
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodPost)
	}
	w.WriteHeader(failure.Status)
	_, _ = w.Write(body)
}

// quote returns a quoted-string (RFC 9110, section 5.6.4) of printable ASCII.
func quote(s string) string {
	quoted := []byte{'"'}
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, s[i])
	}
	return string(append(quoted, '"'))
}
