// Package signature signs requests to subgraphs and verifies them, in two formats:
//
// The message signature is an HTTP Message Signature (RFC 9421) with a Content-Digest (RFC 9530). It binds the exact
// body, method, query string, audience, time, nonce, key and session headers of one HTTP request. [Signer] makes it,
// [Verifier] checks it.
//
// The extension signature is the one that other gateways put into a request's extensions: an HMAC over the canonical
// text of query and variables, and over nothing else. [AppendCanonicalRequest] or its parts write the text,
// [Key.AppendMAC] signs it, [VerifyExtension] checks it.
//
// Both are HMAC-SHA-256. docs/signing.md describes them for those who verify in another language.
package signature

import "fmt"

// Code says why a signature was refused. It is an error, so that errors.Is(err, signature.Expired) asks for it.
type Code string

// Error returns the code as it is written to clients.
func (c Code) Error() string { return string(c) }

// The codes of refused signatures.
const (
	// Missing: there is no signature of the kind that is asked for.
	Missing Code = "SIGNATURE_MISSING"
	// Invalid: the signature is malformed, does not cover what it must, or does not match the request.
	Invalid Code = "SIGNATURE_INVALID"
	// Expired: now is not within the time for which the signature was made.
	Expired Code = "SIGNATURE_EXPIRED"
	// Replayed: a request with this nonce was accepted before.
	Replayed Code = "SIGNATURE_REPLAYED"
	// WrongAudience: the request was made for another subgraph.
	WrongAudience Code = "SIGNATURE_WRONG_AUDIENCE"
	// UnknownKey: the verifier has no key with this id.
	UnknownKey Code = "SIGNATURE_UNKNOWN_KEY"
)

// Error is a refused signature. Its text is for logs: what it says of a request helps a forger.
type Error struct {
	Code   Code
	Detail string
}

// Error returns the code and the detail.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Detail }

// Unwrap returns the code.
func (e *Error) Unwrap() error { return e.Code }

// refuse returns an *Error.
func refuse(code Code, format string, args ...any) error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}
