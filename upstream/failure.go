package upstream

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// failedStatus is the cause of an error about a status.
type failedStatus struct {
	status     int
	retryAfter string // the header
}

// Error implements error.
func (f *failedStatus) Error() string { return http.StatusText(f.status) }

// outcome is what one try says about the subgraph.
type outcome uint8

const (
	// answered: the subgraph is there, whatever it says.
	answered outcome = iota
	// abandoned: the caller gave up, which says nothing about the subgraph.
	abandoned
	// unavailable: there was no connection, or the subgraph (or what stands before it) says that it cannot answer now: 502, 503.
	unavailable
	// interrupted: the call was begun and came to nothing: the connection broke, or what stands before the subgraph waited in
	// vain (504).
	interrupted
	// failing: it did not answer in time, or with another status from 500 on and nothing of GraphQL.
	failing
)

// mayBeRepeated tells whether the same call may fare better in a moment.
func (o outcome) mayBeRepeated() bool { return o == unavailable || o == interrupted }

// fails tells whether a try failed; which is not to say through whose fault.
func (o outcome) fails() bool { return o == unavailable || o == interrupted || o == failing }

// judge tells the outcome of a try, and how long the subgraph wants to be left alone, as it says.
func judge(ctx context.Context, response *Response, err error) (o outcome, retryAfter string) {
	if err == nil {
		switch response.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable:
			return unavailable, response.Header.Get("Retry-After")
		case http.StatusGatewayTimeout:
			return interrupted, response.Header.Get("Retry-After")
		}
		return answered, "" // with errors perhaps, which are the operation's
	}
	if ctx.Err() != nil {
		return abandoned, ""
	}
	if e, ok := errors.AsType[*failedStatus](err); ok {
		switch {
		case e.status == http.StatusBadGateway || e.status == http.StatusServiceUnavailable:
			return unavailable, e.retryAfter
		case e.status == http.StatusGatewayTimeout:
			return interrupted, e.retryAfter
		case e.status >= http.StatusInternalServerError:
			return failing, ""
		}
		return answered, ""
	}
	e, _ := errors.AsType[*gqlerr.Error](err)
	switch {
	case e != nil && e.Code == gqlerr.SubrequestHTTPError && isDial(err):
		return unavailable, ""
	case e != nil && e.Code == gqlerr.SubrequestHTTPError:
		return interrupted, ""
	case e != nil && e.Code == gqlerr.SubrequestTimeout:
		return failing, ""
	}
	return answered, ""
}

// headersTooLong tells whether a request was not sent since its headers are longer than the subgraph, in HTTP/2, says it takes. That
// is the client's doing, as with status 431, and must not open the circuit breaker for others. net/http has no name for the error.
func headersTooLong(err error) bool {
	return strings.Contains(err.Error(), "request header list larger than peer's advertised limit")
}

// isBroken tells whether an unavailable subgraph was not heard at all.
func isBroken(err error) bool {
	_, ok := errors.AsType[*failedStatus](err)
	return err != nil && !ok
}

// isDial tells whether there was no connection that could have broken.
func isDial(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "dial"
}
