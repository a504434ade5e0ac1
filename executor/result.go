package executor

import (
	"iter"
	"net/http"

	"github.com/gatehouse-graphql/gatehouse/internal/budget"
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

	run  *run
	out  *output
	exec *Executor
}

// output is the text of a response. It outlives the run that wrote it.
type output struct {
	text  []byte
	lease budget.Lease
}

// mayHold tells whether the output may hold so many bytes.
func (o *output) mayHold(bytes int64) bool { return o.lease.Hold(bytes) }

// responseHead is how every response begins.
const responseHead = `{"data":`

// newOutput returns an empty output.
func (e *Executor) newOutput() *output {
	if o, ok := e.outputs.Get().(*output); ok {
		return o
	}
	return &output{lease: e.options.Memory.Lease()}
}

// keepOutput puts an output back for the next response.
func (e *Executor) keepOutput(o *output) {
	const keep = 1 << 20
	o.lease.Release()
	if cap(o.text) <= keep {
		e.outputs.Put(o)
	}
}

// AppendJSON appends the response: data first, errors only if there are any.
func (r *Result) AppendJSON(dst []byte) []byte {
	dst = append(dst, responseHead...)
	return append(r.appendErrors(append(dst, r.Data...)), '}')
}

func (r *Result) appendErrors(dst []byte) []byte {
	if len(r.Errors) == 0 {
		return dst
	}
	return r.Errors.AppendJSON(append(dst, `,"errors":`...))
}

// TakeJSON returns the response as AppendJSON does, with extensions, a JSON object, if there are any, and gives back
// everything else, such as the subgraphs' answers: data and headers must not be used any more, and a slow client holds no
// more than the text. Where no memory is left for errors and extensions, one error stands for them all. The text is valid until
// Release, which must be called after it, and may be called once.
func (r *Result) TakeJSON(extensions []byte) []byte {
	out := r.out
	text := r.appendErrors(out.text)
	if len(extensions) > 0 {
		text = append(text, `,"extensions":`...)
		text = append(text, extensions...)
	}
	text = append(text, '}')
	r.releaseRun() // whose memory is not held any more
	if out.lease.Hold(int64(cap(text))) {
		out.text = text
		return text
	}
	r.Errors = gqlerr.List{gqlerr.New(gqlerr.ServiceUnavailable, "No memory is left for the errors of the response")}
	out.text = append(r.appendErrors(out.text), '}')
	return out.text
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

// Release gives memory back, that of subgraphs' answers too. Data, headers and the text that TakeJSON returned must not be
// used any more; Errors stay. A second call does nothing.
func (r *Result) Release() {
	r.releaseRun()
	if r.out != nil {
		r.exec.keepOutput(r.out)
		r.out = nil
	}
}

func (r *Result) releaseRun() {
	if r.run == nil {
		return
	}
	run := r.run
	r.run, r.Data = nil, nil
	run.release()
}
