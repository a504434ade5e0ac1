package executor

import (
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// Bounds of what is kept of a subgraph's errors.
const (
	// maxMessage is how many bytes a message or code may have; the rest is cut.
	maxMessage = 8 << 10
	// maxPath is how many elements of a path are read: more than operations can nest.
	maxPath = 500
	// maxReported is how many errors of one answer are passed on, and for how many places altogether, if more than one each.
	maxReported = 200
)

// reported is one element of a subgraph's errors.
type reported struct {
	message string
	code    gqlerr.Code
	path    []step
}

// step is one element of a subgraph's path: a key, or an index (key is nil).
type step struct {
	key   []byte
	index int
}

// unaskedMessage is what clients read of an error about a field that the plan needs and they have not selected. They may have no
// right to it: keys are fetched for every caller, and the subgraph's message may hold what it is about.
const unaskedMessage = "The subgraph could not resolve a field that the gateway needs"

// loggedMessage is a subgraph's message that clients do not get, behind its code. It is for logs.
type loggedMessage string

// Error implements error.
func (m loggedMessage) Error() string { return string(m) }

// takeErrors adds the errors of an answer and returns how many there are. Each keeps its message and its code,
// unless it is about something that the client has not selected; its path becomes that of the client's response. What an error
// explains is marked, so that null propagation does not report it again. Of very many errors the first are passed on, and one
// more says how many there were.
func (r *run) takeErrors(i int, text []byte) int {
	s := jsonscan.Scanner{Src: text, Depth: r.exec.options.MaxDepth}
	count, places := 0, 0
	more, ok := s.Open(']')
	for more && ok {
		var e reported
		c, from := s.Peek(), s.At
		if !s.Value() {
			break
		}
		if count < maxReported {
			if c == '{' {
				e = readError(text[from:s.At])
			}
			places = r.takeError(i, e, places)
		}
		count++
		more, ok = s.Next(']')
	}
	if count > maxReported {
		r.fail(i, gqlerr.New(gqlerr.DownstreamServiceError,
			"Subgraph %q reported %d errors, of which only the first are passed on", string(r.program.fetches[i].subgraph.Name), count))
	}
	return count
}

// takeError adds one error of an answer, after errors for so many places, and returns for how many there are now.
func (r *run) takeError(i int, e reported, places int) int {
	f := r.program.fetches[i]
	if e.message == "" {
		e.message = "The subgraph reported an error without a message"
	}
	if e.code == "" {
		e.code = gqlerr.DownstreamServiceError
	}
	var last gqlerr.Path
	located := r.relocate(i, e.path, func(path gqlerr.Path, hidden, null *hiddenSlot) bool {
		if last != nil && slices.Equal(last, path) {
			return true // below something that the client did not select
		}
		last = path
		places++
		failed := failure{i, withService(&gqlerr.Error{Code: e.code, Message: e.message, Path: path}, f), hidden, null, true}
		if hidden != nil {
			failed.hide()
		}
		r.addFailure(failed)
		return places < maxReported && len(r.failures.list) < r.exec.options.MaxErrors
	})
	if !located {
		r.states[i].outcome = failed
	}
	return places
}

// readError reads message, path and extensions.code of an error; what has the wrong type is left out. The text is JSON
// that was scanned before.
func readError(text []byte) reported {
	var out reported
	eachMember(text, func(key string, val []byte) {
		switch {
		case key == "message" && val[0] == '"':
			out.message = shorten(string(jsonscan.Content(val)))
		case key == "path" && val[0] == '[':
			out.path = readPath(val)
		case key == "extensions" && val[0] == '{':
			eachMember(val, func(key string, val []byte) {
				if key == "code" && val[0] == '"' {
					out.code = gqlerr.Code(shorten(string(jsonscan.Content(val))))
				}
			})
		}
	})
	return out
}

// shorten cuts what is longer than maxMessage.
func shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "..."
}

// eachMember calls fn with every member of a JSON object that was scanned before.
func eachMember(text []byte, fn func(key string, val []byte)) {
	s := jsonscan.Scanner{Src: text, Depth: len(text)}
	for more, ok := s.Open('}'); more && ok; more, ok = s.Next('}') {
		name, named := s.Name()
		s.Peek()
		from := s.At
		if !named || !s.Value() {
			return
		}
		fn(string(jsonscan.Content(name)), text[from:s.At])
	}
}

// readPath reads the path of an error, up to the first element that is neither a key nor an index, or is one too many.
func readPath(text []byte) []step {
	var out []step
	s := jsonscan.Scanner{Src: text, Depth: len(text)}
	for more, ok := s.Open(']'); more && ok && len(out) < maxPath; more, ok = s.Next(']') {
		c := s.Peek()
		from := s.At
		if !s.Value() {
			return out
		}
		element := text[from:s.At]
		switch {
		case c == '"':
			out = append(out, step{key: jsonscan.Content(element)})
		case c-'0' <= 9 && len(element) < 10:
			n := 0
			for _, digit := range element {
				n = n*10 + int(digit-'0')
			}
			out = append(out, step{index: n})
		default:
			return out
		}
	}
	return out
}
