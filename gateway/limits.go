package gateway

import (
	"time"

	"github.com/gatehouse-graphql/gatehouse/operation"
)

// Limits bound what clients may ask for, and what all of them together may cost.
type Limits struct {
	// Limits are those of the document.
	operation.Limits

	// Fetches is how many requests to subgraphs an operation may need (QUERY_PLAN_TOO_COMPLEX).
	Fetches int `json:"fetches"`
	// BodyBytes is how long the body of a request may be, ResponseBytes how long the data of its response.
	BodyBytes     int64 `json:"bodyBytes"`
	ResponseBytes int   `json:"responseBytes"`
	// RequestTimeout is the time from a request's last byte until its response is begun: waiting, planning, calls.
	RequestTimeout time.Duration `json:"requestTimeout"`
	// ConcurrentRequests is how many requests are executed at the same time, QueuedRequests how many more may wait for that.
	ConcurrentRequests int `json:"concurrentRequests"`
	QueuedRequests     int `json:"queuedRequests"`
	// Connections is how many connections of clients there may be. When there are more, the one is closed that says or reads nothing
	// for the longest time.
	Connections int `json:"connections"`
	// MemoryBytes is how much memory requests in flight may hold together: bodies, answers of subgraphs and responses.
	MemoryBytes int64 `json:"memoryBytes"`
	// CacheBytes is how much memory prepared operations and their plans may hold.
	CacheBytes int64 `json:"cacheBytes"`
}

// defaultLimits returns limits that are on.
func defaultLimits() Limits {
	return Limits{
		Limits:             operation.DefaultLimits(),
		Fetches:            500,
		BodyBytes:          2 << 20,
		ResponseBytes:      64 << 20,
		RequestTimeout:     60 * time.Second,
		ConcurrentRequests: 1024,
		QueuedRequests:     1024,
		Connections:        8192,
		MemoryBytes:        512 << 20,
		CacheBytes:         128 << 20,
	}
}

// forOneSubgraph is how many requests may wait for one of so many subgraphs when nothing is said: three quarters of those that are
// executed at the same time, so that a quarter is left for those that need nothing of a subgraph that hangs. An only subgraph may have
// all, since without it nothing can be answered anyway.
func (l Limits) forOneSubgraph(subgraphs int) int {
	if subgraphs == 1 {
		return l.ConcurrentRequests
	}
	return (3*l.ConcurrentRequests + 3) / 4 //nolint:mnd // see above; rounded up
}

// check calls report for every limit that is not a limit.
func (l Limits) check(report func(path, text string)) {
	for _, limit := range []struct {
		path  string
		value int64
	}{
		{"bodyBytes", l.BodyBytes},
		{"responseBytes", int64(l.ResponseBytes)},
		{"requestTimeout", int64(l.RequestTimeout)},
		{"concurrentRequests", int64(l.ConcurrentRequests)},
		{"connections", int64(l.Connections)},
		{"memoryBytes", l.MemoryBytes},
		{"cacheBytes", l.CacheBytes},
		{"tokens", int64(l.Tokens)},
		{"depth", int64(l.Depth)},
		{"aliases", int64(l.Aliases)},
		{"rootFields", int64(l.RootFields)},
		{"fields", int64(l.Fields)},
		{"fetches", int64(l.Fetches)},
	} {
		if limit.value <= 0 {
			report(limit.path, "must be more than 0")
		}
	}
	if l.QueuedRequests < 0 {
		report("queuedRequests", "must not be less than 0")
	}
}
