package authz

import (
	"fmt"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// Rejection is the response for a caller whose token is missing or not valid. It is pending: it was decided before the
// body was read, and the gateway writes it, or may lift it for operations that need no caller. A Rejection is read-only and
// may be shared.
type Rejection struct {
	// Status is the HTTP status, 401 if it is 0.
	Status int
	// Challenge is the value of the WWW-Authenticate header (RFC 6750, section 3), "" for none.
	Challenge string
	// Code and Message are what clients read in the body, UNAUTHENTICATED and "Unauthenticated" where they are "".
	Code    gqlerr.Code
	Message string
	// Reason is what went wrong, in a word or two from a short list: for metrics and logs.
	Reason string
}

// StatusCode returns the HTTP status of the response.
func (r *Rejection) StatusCode() int {
	if r.Status == 0 {
		return http.StatusUnauthorized
	}
	return r.Status
}

// GraphQLError returns the error of the body.
func (r *Rejection) GraphQLError() *gqlerr.Error {
	e := &gqlerr.Error{Code: r.Code, Message: r.Message}
	if e.Code == "" {
		e.Code = gqlerr.Unauthenticated
	}
	if e.Message == "" {
		e.Message = "Unauthenticated"
	}
	return e
}

// failure is why a token was not accepted. Greater is further on the way: of several providers' failures, the greatest says
// the most.
type failure uint8

// What goes wrong, in the order in which it is looked at. Unavailable wins over all: a provider could not tell.
const (
	accepted failure = iota
	malformed
	critical
	wrongProvider
	wrongAlgorithm
	wrongType
	unknownKey
	wrongSignature
	wrongClaims
	wrongAudience
	notYetValid
	expired
	unavailable
)

// failures says of each failure what Reason says and what the client reads. Neither holds anything of a token or of a
// parser's words.
var failures = [...]struct{ reason, description string }{
	accepted:       {"", ""},
	malformed:      {"malformed", "The token is malformed"},
	critical:       {"critical", "The token needs an extension that is not supported"},
	wrongProvider:  {"issuer", "The issuer of the token is not accepted"},
	wrongAlgorithm: {"algorithm", "The algorithm of the token is not accepted"},
	wrongType:      {"type", "The type of the token is not accepted"},
	unknownKey:     {"key", "The key of the token is not known"},
	wrongSignature: {"signature", "The signature of the token is not valid"},
	wrongClaims:    {"claims", "A claim is missing or not accepted"},
	wrongAudience:  {"audience", "The audience of the token is not accepted"},
	notYetValid:    {"not yet valid", "The token is not valid yet"},
	expired:        {"expired", "The token is expired"},
	unavailable:    {"unavailable", ""},
}

// rejections are the responses that the configuration asks for, nil where the caller goes on as anonymous.
type rejections struct {
	missing *Rejection
	invalid [len(failures)]*Rejection
}

// newRejections compiles the responses.
func newRejections(c Config) rejections {
	var r rejections
	if c.Reject.MissingToken {
		r.missing = &Rejection{Challenge: "Bearer", Reason: "missing"}
	}
	if c.Reject.InvalidToken {
		for f, texts := range failures {
			r.invalid[f] = &Rejection{
				Challenge: fmt.Sprintf(`Bearer error="invalid_token", error_description=%q`, texts.description),
				Reason:    texts.reason,
			}
		}
	}
	return r
}

// Errors that no configuration turns into an anonymous caller.
var (
	errSeveralTokens = gqlerr.New(gqlerr.BadRequest, "The request holds several tokens at one place")
	errTokenTooLong  = gqlerr.New(gqlerr.BadRequest, "The token is longer than %d bytes", maxToken)
	errUnavailable   = gqlerr.New(gqlerr.AuthenticationUnavailable, "Authentication is not available at the moment")
)
