package signature

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Message is what of an HTTP request a signature can cover: the components of RFC 9421, section 2, that this package knows.
type Message struct {
	Method    string // @method
	Authority string // @authority: lower case, without the scheme's default port
	Path      string // @path: as it was sent, "/" when empty
	Query     string // @query: as it was sent, without the question mark
	// Header has the fields, under their canonical names, as net/http keeps them.
	Header http.Header
}

// FromRequest returns the message that a server received. It shares the request's headers.
func FromRequest(r *http.Request) Message {
	port := ":80"
	if r.TLS != nil {
		port = ":443"
	}
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	return Message{
		Method:    r.Method,
		Authority: strings.TrimSuffix(strings.ToLower(r.Host), port),
		Path:      path,
		Query:     r.URL.RawQuery,
		Header:    r.Header,
	}
}

// The fields of the message signature.
const (
	signatureField = "Signature"
	inputField     = "Signature-Input"
	digestField    = "Content-Digest"
	subgraphField  = "Graphql-Subgraph"
	typeField      = "Content-Type"
)

// AppendBase appends the signature base (RFC 9421, section 2.5) of a message: what is signed. The input is a member of
// Signature-Input without its label: ("@method" "date");created=1618884473;keyid="k". Whoever signs chooses it, whoever
// verifies takes it from the message. It fails, and returns dst as it was, when input is not well-formed, names a
// component twice, names one that the message does not have, or one that this package does not know: that is
// everything but @method, @authority, @path, @query and fields, and every component with parameters.
func AppendBase(dst []byte, m Message, input string) ([]byte, error) {
	var d dictionary
	if err := d.parse("input=" + input); err != nil {
		return dst, err
	}
	if len(d.entries) != 1 || !d.entries[0].isList {
		return dst, errors.New("the input is not one list of components")
	}
	base, err := appendBase(dst, &m, &d, &d.entries[0])
	if err != nil {
		return dst, err
	}
	return base, nil
}

// appendBase appends the base of one entry, which is a list.
func appendBase(dst []byte, m *Message, d *dictionary, input *entry) ([]byte, error) {
	components := d.items[input.items.from:input.items.to]
	for i, c := range components {
		name := c.value.text
		if c.value.kind != bareString || c.params.from != c.params.to {
			return nil, fmt.Errorf("component %d is not a name without parameters", i)
		}
		for _, other := range components[:i] {
			if other.value.text == name {
				return nil, fmt.Errorf("the component %q is listed twice", name)
			}
		}
		dst = appendSFString(dst, name)
		dst = append(dst, ':', ' ')
		var err error
		if dst, err = m.appendComponent(dst, name); err != nil {
			return nil, err
		}
		dst = append(dst, '\n')
	}
	dst = append(dst, `"@signature-params": `...)
	return d.appendList(dst, input), nil
}

// appendComponent appends the value of one component.
func (m *Message) appendComponent(dst []byte, name string) ([]byte, error) {
	switch name {
	case "@method":
		return append(dst, m.Method...), nil
	case "@authority":
		return append(dst, m.Authority...), nil
	case "@path":
		return append(dst, m.Path...), nil
	case "@query":
		return append(append(dst, '?'), m.Query...), nil
	}
	if !isFieldName(name) {
		return nil, fmt.Errorf("the component %q is not known", name)
	}
	values := m.field(name)
	if len(values) == 0 {
		return nil, fmt.Errorf("the message does not have the field %q", name)
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if !isFieldValue(v) {
			return nil, fmt.Errorf("the field %q has a line end or NUL in it", name)
		}
		dst = append(dst, trimSpace(v)...)
	}
	return dst, nil
}

// field returns the lines of a field. There are none when the name is too long for a field of ours.
func (m *Message) field(name string) []string {
	var room [maxFieldName]byte
	if len(name) > len(room) {
		return nil
	}
	key := room[:len(name)]
	upper := true
	for i := range len(name) {
		c := name[i]
		if upper && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		key[i] = c
		upper = c == '-'
	}
	return m.Header[string(key)] // without a copy of the key, which http.CanonicalHeaderKey would make
}

// maxFieldName is how long the name of a covered field may be.
const maxFieldName = 128

// isFieldName tells whether name is the name of a field in lower case, as components are named.
func isFieldName(name string) bool {
	for i := range len(name) {
		if !fieldChars[name[i]] {
			return false
		}
	}
	return name != ""
}

var fieldChars = class("!#$%&'*+-.^_`|~", "az", "09")

// isFieldValue tells whether v fits one line of the signature base.
func isFieldValue(v string) bool {
	return strings.IndexByte(v, '\n') < 0 && strings.IndexByte(v, '\r') < 0 && strings.IndexByte(v, 0) < 0
}

// trimSpace removes the white space that is not part of a field's value (RFC 9110, section 5.5).
func trimSpace(v string) string { return strings.Trim(v, " \t") }

// isSession tells whether name starts with prefix, whatever the case of ASCII letters. An underscore counts as a dash: many
// servers hand both to their programs as one.
func isSession(name, prefix string) bool {
	dashed := func(s string) string { return strings.ReplaceAll(s, "_", "-") }
	return len(name) >= len(prefix) && strings.EqualFold(dashed(name[:len(prefix)]), dashed(prefix))
}

// required are the components that every message signature covers, in the order in which Signer lists them.
var required = [...]string{"@method", "@query", "content-type", "content-digest", "graphql-subgraph"}

func isRequired(name string) bool { return slices.Contains(required[:], name) }
