package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/executor"
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// lengthNeeded is how long a body must be for its length to be set here: net/http finds it out for shorter ones.
const lengthNeeded = 2 << 10

// writeResult answers with the result of an operation that was executed, whatever its errors. What the variant denies is
// added.
func (x *exchange) writeResult(w http.ResponseWriter, r *http.Request, logger *slog.Logger, result *executor.Result, v *variant) {
	x.logFailures(r, logger, result)
	v.logDryRun(r.Context(), logger)
	result.Errors = append(result.Errors, v.errors...)
	x.write(w, r, http.StatusOK, result.TakeJSON(v.extensions))
}

// logFailures logs the calls to subgraphs that failed, and what has a cause that clients do not see; nothing when the client
// itself went away.
//
// Subgraphs decide about their number, and about codes, so the first few stand for all.
func (x *exchange) logFailures(r *http.Request, logger *slog.Logger, result *executor.Result) {
	const most = 20
	logged := 0
	for _, e := range result.Errors {
		// A signature that a subgraph refuses is ours: keys or clocks differ.
		failedCall := strings.HasPrefix(string(e.Code), "SUBREQUEST_") || strings.HasPrefix(string(e.Code), "SIGNATURE_")
		if !failedCall && e.Err == nil || r.Context().Err() != nil {
			continue
		}
		if logged++; logged > most {
			logger.WarnContext(r.Context(), "more of the same request failed", "errors", len(result.Errors), "requestId", requestID(r))
			return
		}
		logger.WarnContext(r.Context(), "fetch failed", "code", short(string(e.Code)), "error", shortened(e.Error(), mostOfError),
			"path", shortened(e.Path.String(), mostOfError), "requestId", requestID(r))
	}
}

// mostOfError is how many bytes of an error, and of its path, are logged: clients decide about the names in it.
const mostOfError = 1 << 10

// writeError answers with errors in place of a result: everything that goes wrong before an operation is executed. What
// clients must not see is logged under the id that they see. It returns what clients see.
func (x *exchange) writeError(w http.ResponseWriter, r *http.Request, logger *slog.Logger, err error) gqlerr.List {
	list := slices.Clone(gqlerr.Public(err))
	for i, e := range list {
		if e.Code == gqlerr.InternalServerError {
			id := requestID(r)
			logger.ErrorContext(r.Context(), "request failed", "requestId", id, "error", err.Error()) // as JSON it hides its cause
			list[i] = e.WithExtension("requestId", gqlerr.AppendString(nil, id))
		}
	}
	x.out = append(x.out[:0], `{"errors":`...)
	x.out = list.AppendJSON(x.out)
	x.out = append(x.out, '}')
	if !x.lease.Hold(int64(2*cap(x.body) + cap(x.out))) { // which a client that does not read would hold
		err = overloaded()
		list = gqlerr.Public(err)
		x.out = append(list.AppendJSON([]byte(`{"errors":`)), '}')
	}
	switch list[0].Code {
	case gqlerr.MethodNotAllowed:
		w.Header()["Allow"] = []string{http.MethodPost}
	case gqlerr.ServiceUnavailable:
		w.Header()["Retry-After"] = []string{"1"}
	default:
	}
	w.Header()["Cache-Control"] = noStore
	status := statusOf(list[0].Code, x.format)
	if refused, ok := errors.AsType[*refusal](err); ok {
		status = refused.rejection.StatusCode()
		if challenge := refused.rejection.Challenge; challenge != "" {
			w.Header()["Www-Authenticate"] = []string{challenge}
		}
	}
	x.write(w, r, status, x.out)
	return list
}

// write sends an answer.
func (x *exchange) write(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	header := w.Header()
	header["Content-Type"] = contentTypes[x.format]
	if len(text) >= lengthNeeded {
		header["Content-Length"] = []string{strconv.Itoa(len(text))}
	}
	w.WriteHeader(status)
	x.pace.write(r.Context(), w, text)
}

// statusOf returns the status of an answer without data. Faults of the HTTP request have one of their own. Faults of the
// document and its variables are 400 only for application/graphql-response+json: a client of application/json takes any
// other status than 200 for a failure of the transport (GraphQL over HTTP, section 6.4).
func statusOf(code gqlerr.Code, f format) int {
	switch code {
	case gqlerr.BadRequest, gqlerr.CSRFPrevented, gqlerr.QueryTokenLimitExceeded:
		return http.StatusBadRequest
	case gqlerr.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case gqlerr.NotAcceptable:
		return http.StatusNotAcceptable
	case gqlerr.UnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case gqlerr.RequestTooLarge:
		return http.StatusRequestEntityTooLarge
	case gqlerr.Unauthenticated:
		return http.StatusUnauthorized
	case gqlerr.ServiceUnavailable, gqlerr.AuthenticationUnavailable:
		return http.StatusServiceUnavailable
	case gqlerr.RequestTimeout:
		return http.StatusGatewayTimeout
	case gqlerr.InternalServerError, "":
		return http.StatusInternalServerError
	default:
	}
	if f == formatGraphQLResponse {
		return http.StatusBadRequest
	}
	return http.StatusOK
}
