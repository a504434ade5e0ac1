package gateway

import (
	"github.com/gatehouse-graphql/gatehouse/internal/gqlerr"
	"github.com/gatehouse-graphql/gatehouse/internal/jsonscan"
)

// maxNesting is how many objects and lists of a request's body may stand in one another.
const maxNesting = 512

// params is what a GraphQL request asks. The slices point into the body or the scratch buffer it was scanned with.
type params struct {
	query []byte
	// operationName is empty for none.
	operationName []byte
	// variables and extensions are JSON objects, nil for none.
	variables, extensions []byte
}

// member is a member of a request that means something.
type member uint8

const (
	queryMember member = 1 << iota
	operationNameMember
	variablesMember
	extensionsMember

	unknownMember member = 0
)

// names are the exact names of the members.
var names = map[member]string{
	queryMember: "query", operationNameMember: "operationName", variablesMember: "variables", extensionsMember: "extensions",
}

// memberOf returns the member of that name. Names are compared exactly: encoding/json would take "QUERY", too.
func memberOf(name []byte) member {
	switch string(name) {
	case "query":
		return queryMember
	case "operationName":
		return operationNameMember
	case "variables":
		return variablesMember
	case "extensions":
		return extensionsMember
	}
	return unknownMember
}

// scanParams reads the JSON body of a request: query, a string, is required; operationName, a string, and variables and
// extensions, objects, may be null or absent; other members are ignored; none of the four may stand twice. Everything is
// checked to be JSON (RFC 8259) in UTF-8. Strings with escapes are decoded into scratch, which is returned for reuse. Errors
// are a *gqlerr.Error with code BAD_REQUEST.
func scanParams(body, scratch []byte) (params, []byte, error) {
	s := &paramsScanner{Scanner: jsonscan.Scanner{Src: body, Depth: maxNesting + 1}, scratch: scratch[:0]}
	p, err := s.params()
	return p, s.scratch, err
}

// paramsScanner reads the body of a request.
type paramsScanner struct {
	jsonscan.Scanner
	scratch []byte
}

// params reads the whole body.
func (s *paramsScanner) params() (p params, err error) {
	switch s.Peek() {
	case 0:
		return p, gqlerr.New(gqlerr.BadRequest, "The request body is empty")
	case '[':
		return p, gqlerr.New(gqlerr.BadRequest, "Batches of operations are not supported")
	case '{':
	default:
		return p, gqlerr.New(gqlerr.BadRequest, "The request body must be a JSON object")
	}
	var seen member
	more, ok := s.Open('}')
	for more {
		if err := s.member(&p, &seen); err != nil {
			return p, err
		}
		more, ok = s.Next('}')
	}
	if !ok || !s.End() {
		return p, s.malformed()
	}
	if seen&queryMember == 0 {
		return p, gqlerr.New(gqlerr.BadRequest, `The request has no "query"`)
	}
	return p, nil
}

// member reads one name and its value.
func (s *paramsScanner) member(p *params, seen *member) error {
	name, ok := s.Name()
	if !ok {
		return s.malformed()
	}
	m := memberOf(s.content(name))
	if *seen&m != 0 {
		return gqlerr.New(gqlerr.BadRequest, "The request has %q twice", names[m])
	}
	*seen |= m
	first, start := s.Peek(), s.At
	if !s.Value() {
		return s.malformed()
	}
	value := s.Src[start:s.At]
	isText := m == queryMember || m == operationNameMember
	switch {
	case m == unknownMember:
	case first == 'n' && m != queryMember: // null, as if it were absent
	case isText && first != '"':
		return gqlerr.New(gqlerr.BadRequest, "%q must be a string", names[m])
	case !isText && first != '{':
		return gqlerr.New(gqlerr.BadRequest, "%q must be an object", names[m])
	case m == queryMember:
		p.query = s.content(value)
	case m == operationNameMember:
		p.operationName = s.content(value)
	case m == variablesMember:
		p.variables = value
	case m == extensionsMember:
		p.extensions = value
	}
	return nil
}

// content returns what a string stands for, in the body or in scratch.
func (s *paramsScanner) content(quoted []byte) []byte {
	if jsonscan.IsPlain(quoted) {
		return jsonscan.Content(quoted)
	}
	start := len(s.scratch)
	s.scratch = jsonscan.AppendContent(s.scratch, quoted)
	return s.scratch[start:len(s.scratch):len(s.scratch)]
}

// malformed is the error for what is not JSON at the place reached.
func (s *paramsScanner) malformed() error {
	switch s.Problem {
	case jsonscan.TooDeep:
		return gqlerr.New(gqlerr.BadRequest, "The request body is nested more than %d levels deep", maxNesting)
	case jsonscan.NotUTF8:
		return gqlerr.New(gqlerr.BadRequest, "The request body is not UTF-8")
	default:
		return gqlerr.New(gqlerr.BadRequest, "The request body is not valid JSON: %s", s.Err())
	}
}
