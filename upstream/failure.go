package upstream

import (
	"context"
	"errors"
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
	// unavailable: there was no connection, it broke, or the subgraph (or what stands before it) says that it cannot answer
	// now: 502, 503, 504.
	unavailable
	// failing: it did not answer in time, or with another status from 500 on and nothing of GraphQL.
	failing
)

// judge tells the outcome of a try, and how long the subgraph wants to be left alone, as it says.
func judge(ctx context.Context, response *Response, err error) (o outcome, retryAfter string) {
	if err == nil {
		if isUnavailable(response.Status) {
			return unavailable, response.Header.Get("Retry-After")
		}
		return answered, "" // with errors perhaps, which are the operation's
	}
	if ctx.Err() != nil {
		return abandoned, ""
	}
	if e, ok := errors.AsType[*failedStatus](err); ok {
		switch {
		case isUnavailable(e.status):
			return unavailable, e.retryAfter
		case e.status >= http.StatusInternalServerError:
			return failing, ""
		}
		return answered, ""
	}
	e, _ := errors.AsType[*gqlerr.Error](err)
	switch {
	case e != nil && e.Code == gqlerr.SubrequestHTTPError:
		return unavailable, ""
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

// isUnavailable tells whether a status says that the same request may be answered a little later.
func isUnavailable(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
