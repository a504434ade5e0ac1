package executor

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
)

// failures are errors, and how many bytes they have.
type failures struct {
	list  []failure
	bytes int
}

// failure is an error with the index of the fetch it belongs to.
type failure struct {
	fetch int
	err   *gqlerr.Error
	// hidden is what the error is about if the client has not selected it, else nil. null is where there is null for the error;
	// nil when that is not known.
	hidden, null *hiddenSlot
	// reported: the message is the subgraph's.
	reported bool
}

// hide keeps the message and the code of a subgraph from the client, who may have no right to see what they are about.
func (f failure) hide() {
	if _, done := errors.AsType[loggedMessage](f.err.Err); done || !f.reported {
		return
	}
	logged := f.err.Message
	if f.err.Code != gqlerr.DownstreamServiceError {
		logged = string(f.err.Code) + ": " + logged
	}
	f.err.Err, f.err.Message, f.err.Code = loggedMessage(logged), unaskedMessage, gqlerr.DownstreamServiceError
}

// ofResponse stands for the fetch of errors that belong to none.
const ofResponse = math.MaxInt

// add notes an error, unless there are too many already, or they are too long.
func (r *run) add(fetch int, e *gqlerr.Error) { r.addFailure(failure{fetch: fetch, err: e}) }

func (r *run) addFailure(f failure) {
	size := sizeOf(f.err)
	if len(r.failures.list) >= r.exec.options.MaxErrors || r.failures.bytes+size > r.exec.options.MaxErrorBytes {
		return
	}
	r.failures.bytes += size
	r.failures.list = append(r.failures.list, f)
}

// sizeOf returns how many bytes of an error others decide about: subgraphs, and clients by their response keys.
func sizeOf(e *gqlerr.Error) int {
	n := len(e.Message) + len(e.Code)
	if message, ok := errors.AsType[loggedMessage](e.Err); ok {
		n += len(message)
	}
	for _, p := range e.Path {
		key, _ := p.Key()
		n += len(key) + 8
	}
	return n
}

// errors returns all errors in the order of their fetches.
func (r *run) errors() gqlerr.List {
	if len(r.failures.list) == 0 {
		return nil
	}
	slices.SortStableFunc(r.failures.list, func(a, b failure) int { return cmp.Compare(a.fetch, b.fetch) })
	list := make(gqlerr.List, len(r.failures.list))
	for i := range r.failures.list {
		list[i] = r.failures.list[i].err
	}
	return list
}

// malformed is an error about an answer; %q in the format is the name of the subgraph.
func malformed(f *fetch, format string) *gqlerr.Error {
	return gqlerr.New(gqlerr.SubrequestMalformedResponse, format, string(f.subgraph.Name))
}

// fail notes an error about a fetch as a whole: it explains what the fetch leaves null.
func (r *run) fail(i int, e *gqlerr.Error) {
	f := r.program.fetches[i]
	r.states[i].outcome = failed
	if e.Path == nil {
		e = e.WithPath(f.position...)
	}
	r.add(i, withService(e, f))
}

// withService says which subgraph an error is from.
func withService(e *gqlerr.Error, f *fetch) *gqlerr.Error {
	if f.local || slices.ContainsFunc(e.Extensions, func(x gqlerr.Extension) bool { return x.Name == "service" }) {
		return e
	}
	return e.WithExtension("service", f.service)
}

// spoilt reports the objects of the target at hand that are not looked up since a value that they need has the wrong type, or is
// unknown. It walks through the tree, and so must not be called while the collector does.
func (r *run) spoilt(i int) {
	if r.collector.spoilt.by == faultless {
		return
	}
	e := gqlerr.New(gqlerr.InvalidValue, "An entity has an invalid key and cannot be looked up")
	switch r.collector.spoilt.by {
	case faultInRequired:
		e.Message = "An entity has an invalid value in a required field and cannot be looked up"
	case faultUnknownRoot:
		e = gqlerr.New(gqlerr.DownstreamServiceError, "An entity needs a value of the root that is not known, and cannot be looked up")
	default:
	}
	f := r.program.fetches[i]
	r.states[i].outcome = max(r.states[i].outcome, tainted)
	r.add(i, withService(e.WithPath(r.pathTo(r.collector.target.path, r.collector.spoilt.first, r.collector.spoilt.last)...), f))
}

// inspect looks at what an answer has besides data: it takes over its errors, and reports what an answer must not lack.
func (r *run) inspect(i int, a answer) {
	f, s := r.program.fetches[i], &r.states[i]
	reported := 0
	if a.errors != nil {
		reported = r.takeErrors(i, a.errors)
	}
	switch {
	case reported > 0 && a.data != object:
		s.outcome = failed
		return
	case a.data != object:
		r.fail(i, malformed(f, "Subgraph %q gave an answer with neither data nor errors"))
		return
	}
	problem := ""
	for n := range s.lookups {
		switch s.batches[n].found {
		case foundNothing, foundNull:
			if reported == 0 {
				problem = "Subgraph %q gave an answer without a list of entities"
			}
			s.outcome = max(s.outcome, tainted)
		case foundUneven:
			problem = "Subgraph %q gave a list of entities of the wrong length"
		case foundStranger:
			problem = "Subgraph %q gave a list of entities with something that is no entity"
		case foundList:
		}
	}
	if problem != "" {
		r.fail(i, malformed(f, problem))
	}
}
