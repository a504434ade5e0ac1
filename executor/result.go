package executor

import (
	"iter"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Result is the outcome of one execution. It belongs to one goroutine.
type Result struct {
	// Data is the JSON of the response's data: an object or null. It is valid until Release.
	Data []byte
	// Errors are those of subgraphs and calls, in the order of the plan's fetches, then those of null propagation in the
	// order of the response. The caller may add more before AppendJSON.
	Errors gqlerr.List
	// Calls is how many calls to subgraphs were made.
	Calls int

	run *run
}

// AppendJSON appends the response: data first, errors only if there are any.
func (r *Result) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"data":`...)
	dst = append(dst, r.Data...)
	if len(r.Errors) > 0 {
		dst = append(dst, `,"errors":`...)
		dst = r.Errors.AppendJSON(dst)
	}
	return append(dst, '}')
}

// Headers yields the header of every answer that a subgraph gave, in the order of the plan's fetches. Headers are
// read-only. After Release there are none.
func (r *Result) Headers() iter.Seq2[supergraph.SubgraphName, http.Header] {
	return func(yield func(supergraph.SubgraphName, http.Header) bool) {
		if r.run == nil {
			return
		}
		for i := range r.run.states {
			s := &r.run.states[i]
			if s.response != nil && !yield(s.request.Subgraph.Name, s.response.Header) {
				return
			}
		}
	}
}

// Release gives memory back, that of subgraphs' answers too. Data and headers must not be used any more; Errors stay. A
// second call does nothing.
func (r *Result) Release() {
	if r.run == nil {
		return
	}
	run := r.run
	r.run, r.Data = nil, nil
	run.release()
}
