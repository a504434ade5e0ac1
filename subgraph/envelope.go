package subgraph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehouse-graphql/gatehouse/signature"
)

// envelope is what the verifier reads of a request's body. Its bytes are parts of the body.
type envelope struct {
	query     []byte // a JSON string
	variables []byte // a JSON object or null, or nil
	mac       string // the extension signature
	payload   []byte // the claims, a JSON object, or nil
	token     string
	prefix    string
}

const (
	// maxNames is how many members the objects that are looked into may have, and maxName how long their names may be: each is
	// compared with each.
	maxNames = 64
	maxName  = 1 << 10
)

// The members of a request (GraphQL over HTTP, section 5.1) and of the identity.
var (
	requestNames  = []string{"query", "operationName", "variables", "extensions"}
	identityNames = []string{"payload", "token"}
	tokenNames    = []string{"value", "prefix"}
)

// readEnvelope reads a GraphQL request. What it accepts has one meaning, also to parsers that match names without case or
// take the first or the last of two.
func readEnvelope(body []byte, identity, mac string) (e envelope, err error) {
	var room [8]member
	members, err := namedMembers(room[:0], body, requestNames)
	if err != nil {
		return e, err
	}
	for _, m := range members {
		switch kind := m.value[0]; m.name {
		case "query":
			if kind != '"' {
				return e, errors.New("query is not a string")
			}
			e.query = m.value
		case "operationName":
			if kind != '"' && kind != 'n' {
				return e, errors.New("operationName is not a string")
			}
		case "variables":
			if kind != '{' && kind != 'n' {
				return e, errors.New("variables is not an object")
			}
			e.variables = m.value
		case "extensions":
			if kind == 'n' {
				continue
			}
			if err := e.readExtensions(m.value, identity, mac); err != nil {
				return e, err
			}
		}
	}
	if e.query == nil {
		return e, errors.New("there is no query")
	}
	return e, nil
}

func (e *envelope) readExtensions(value []byte, identity, mac string) error {
	var room [8]member
	members, err := namedMembers(room[:0], value, []string{identity, mac})
	if err != nil {
		return fmt.Errorf("extensions: %w", err)
	}
	for _, m := range members {
		switch m.name {
		case identity:
			if err := e.readIdentity(m.value); err != nil {
				return fmt.Errorf("extensions.%s: %w", identity, err)
			}
		case mac:
			if m.value[0] != '"' {
				return fmt.Errorf("extensions.%s is not a string", mac)
			}
			e.mac = text(m.value)
		}
	}
	return nil
}

func (e *envelope) readIdentity(value []byte) error {
	if value[0] == 'n' {
		return nil
	}
	var room [4]member
	members, err := namedMembers(room[:0], value, identityNames)
	if err != nil {
		return err
	}
	for _, m := range members {
		switch {
		case m.value[0] == 'n':
		case m.name == "payload":
			if m.value[0] != '{' {
				return errors.New("payload is not an object")
			}
			e.payload = m.value
		case m.name == "token":
			if err := e.readToken(m.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *envelope) readToken(value []byte) error {
	var room [4]member
	members, err := namedMembers(room[:0], value, tokenNames)
	if err != nil {
		return err
	}
	for _, m := range members {
		switch m.name {
		case "value":
			e.token = text(m.value)
		case "prefix":
			e.prefix = text(m.value)
		}
	}
	return nil
}

// namedMembers returns the members of the one object that src is. No two of its names are equal without case, and none
// of the known names is spelt in another way.
func namedMembers(dst []member, src []byte, known []string) ([]member, error) {
	members, err := scanObject(dst, src, maxNames)
	if err != nil {
		return nil, err
	}
	for i, m := range members {
		if len(m.name) > maxName {
			return nil, errors.New("a member has a long name")
		}
		for _, other := range members[:i] {
			if strings.EqualFold(m.name, other.name) {
				return nil, errors.New("a member is there twice")
			}
		}
		for _, name := range known {
			if strings.EqualFold(m.name, name) && (m.name != name || m.escaped) {
				return nil, fmt.Errorf("the member %s is spelt in another way", name)
			}
		}
	}
	return members, nil
}

// withVerifiedVariables returns body, which is a request, with its variables as the extension signature covers them, and without
// members that are not those of a request: a server may know what is called "id" or "documentId" and run that. The signature does not
// tell members of variables in one order from those in another, nor numbers that are one double, and handlers do: they keep the digits
// of a number, or take the last of "id" and "Id".
func withVerifiedVariables(body []byte) ([]byte, error) {
	var room [8]member
	members, err := namedMembers(room[:0], body, requestNames)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(body)+len(body)/8), '{')
	for _, m := range members {
		if !slices.Contains(requestNames, m.name) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		if m.name != "variables" {
			out = append(out, body[m.start:m.end]...)
			continue
		}
		out = append(out, `"variables":`...)
		if out, err = signature.AppendCanonical(out, m.value); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// withoutIdentity returns body, an object, without the identity in its extensions.
func withoutIdentity(body []byte, identity string) ([]byte, error) {
	members, err := namedMembers(nil, body, requestNames)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		if m.name != "extensions" || m.value[0] != '{' {
			continue
		}
		inner, err := namedMembers(nil, m.value, []string{identity})
		if err != nil {
			return nil, err
		}
		from := m.end - len(m.value)
		out := append(make([]byte, 0, len(body)), body[:from]...)
		out = append(out, '{')
		first := len(out)
		for _, member := range inner {
			if member.name == identity {
				continue
			}
			if len(out) > first {
				out = append(out, ',')
			}
			out = append(out, m.value[member.start:member.end]...)
		}
		out = append(out, '}')
		return append(out, body[m.end:]...), nil
	}
	return body, nil
}
