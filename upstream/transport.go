package upstream

import (
	"context"
	"net"
	"net/http"
	"slices"
	"time"
)

// handler makes one call, or the rest of it.
type handler func(ctx context.Context, c *call) (*Response, error)

// step does its part of a call and leaves the rest to next.
type step func(next handler) handler

// steps returns the order of one call. The HTTP request itself comes behind the last step.
func steps(config Config) []step {
	return []step{
		headers,  // first, since what is sent decides what may be shared
		caller,   // the body is complete but for signatures: identity is part of what must be equal to be shared
		bulkhead, // before what is shared, since who shares waits, too
		share(config.Share),
		circuitBreaker(config), // a shared call counts once, and all its tries together
		retry(config),          // around all that must be fresh for each try
		signExtension,          // in the body, so before its digest
		finish,                 // nothing changes the body from here on
		signMessage,            // the digest of the final body, and what binds it to headers, audience and time
		timeout,                // of one try, not of all
	}
}

// chain puts the steps around the last handler, the first one outermost.
func chain(steps []step, last handler) handler {
	for _, s := range slices.Backward(steps) {
		last = s(last)
	}
	return last
}

// Connections of one client.
const (
	dialTimeout = 10 * time.Second
	idleTimeout = 90 * time.Second
	// bufferSize holds a usual request or answer with its headers, so that it takes one system call.
	bufferSize = 16 << 10
	// maxHeaderBytes is how long the headers of an answer may be.
	maxHeaderBytes = 256 << 10
)

// newTransport returns the connection pool. Its RoundTrip is called without an http.Client around it, so redirects are
// never followed: Go would repeat body and headers to wherever they point.
func newTransport(config Config) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               nil, // proxy variables of the environment are ignored
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: dialTimeout,
		// An idle pool below what the load needs redials all the time.
		MaxIdleConns:           0,
		MaxIdleConnsPerHost:    config.MaxConnections,
		MaxConnsPerHost:        config.MaxConnections,
		IdleConnTimeout:        idleTimeout,
		DisableCompression:     true, // send decodes gzip itself, within the size limit
		MaxResponseHeaderBytes: maxHeaderBytes,
		WriteBufferSize:        bufferSize,
		ReadBufferSize:         bufferSize,
	}
}
