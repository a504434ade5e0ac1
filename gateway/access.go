package gateway

import (
	"log/slog"
	"net/http"
	"time"
)

// LogConfig is what is logged, and how.
type LogConfig struct {
	// Format is "text" or "json". The program's logger decides where there is one.
	Format string `json:"format"`
	// Access logs a line about every request but those of /health and /ready.
	Access bool `json:"access"`
}

// check calls report for everything that is wrong with c.
func (c LogConfig) check(report func(path, text string)) {
	if c.Format != "text" && c.Format != "json" {
		report("format", `must be "text" or "json"`)
	}
}

// access is what the access log says of a request. It stands in for the response writer, so that it hears the status.
type access struct {
	http.ResponseWriter
	summary

	status int
}

// summary is what is known of an operation when it was answered.
type summary struct {
	operation string
	// calls to subgraphs, fields that were denied, and errors in the response.
	calls, denied, errors int
}

// logAccess logs a line about every request, if that is configured.
func logAccess(g *Gateway, next http.Handler) http.Handler {
	if !g.access {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; path == "/health" || path == "/ready" {
			next.ServeHTTP(w, r)
			return
		}
		begin := time.Now()
		a := &access{ResponseWriter: w}
		defer func() { a.log(g.logger, r, time.Since(begin)) }() // also when the answer is broken off
		next.ServeHTTP(a, r)
	})
}

// log writes the line. Nothing of the document or its variables is in it, nor a header but the request's id.
func (a *access) log(logger *slog.Logger, r *http.Request, duration time.Duration) {
	logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("requestId", requestID(r)), slog.String("method", r.Method), slog.String("path", short(r.URL.Path)),
		slog.String("operation", short(a.operation)), slog.Int("status", a.status),
		slog.Float64("durationMs", float64(duration.Microseconds())/1000),
		slog.Int("subgraphCalls", a.calls), slog.Int("denied", a.denied), slog.Int("errors", a.errors))
}

// short cuts what clients decide about.
func short(text string) string {
	const longest = 100
	return shortened(text, longest)
}

// shortened returns the first bytes of a text.
func shortened(text string, most int) string { return text[:min(len(text), most)] }

// WriteHeader implements http.ResponseWriter.
func (a *access) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *access) Write(text []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(text)
}

// Unwrap is for http.ResponseController.
func (a *access) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// summarise tells the access log, if there is one behind the writer, about an operation.
func summarise(w http.ResponseWriter, s summary) {
	for w != nil {
		if a, ok := w.(*access); ok {
			a.summary = s
			return
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return
		}
		w = wrapper.Unwrap()
	}
}
