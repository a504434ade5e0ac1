package signature

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// maxExpires is the longest time for which a message signature may be made.
	maxExpires = 60 * time.Second
	// defaultExpires is the time for which Signer makes signatures when nothing else is said.
	defaultExpires = 30 * time.Second
	// label is the name of our signature in the dictionaries of a message. Verifiers look at tag instead.
	label = "gatehouse"
	// tag says what a signature is for (RFC 9421, section 2.3).
	tag = "gatehouse"
	// algorithm is what the alg parameter says.
	algorithm = "hmac-sha256"
)

// Field is a header field with one value.
type Field struct {
	Name  string // in lower case
	Value string
}

// SignerConfig says for whom a Signer signs.
type SignerConfig struct {
	// Subgraph is the audience: the name in @join__graph(name:), printable ASCII.
	Subgraph string
	// Key is the subgraph's own key; see Secret.Derive.
	Key *Key
	// ContentType is sent with every request; "application/json" when empty.
	ContentType string
	// Query is the query string of the subgraph's URL, as it is sent, without question mark.
	Query string
	// Expires is for how long a signature is good, in whole seconds; 30s when 0, at most 60s.
	Expires time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Signer signs the requests to one subgraph. It is safe for concurrent use.
type Signer struct {
	subgraph string
	key      *Key
	head     string // of the base: up to the value of content-digest
	audience string // the line of graphql-subgraph
	tail     string // of the parameters: from the nonce's end on
	seconds  int64
	now      func() time.Time
	nonce    func(*[16]byte)
}

// NewSigner returns a Signer. The error names what is wrong with the configuration.
func NewSigner(config SignerConfig) (*Signer, error) {
	if config.ContentType == "" {
		config.ContentType = "application/json"
	}
	if config.Expires == 0 {
		config.Expires = defaultExpires
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	switch {
	case config.Key == nil:
		return nil, errors.New("a signer needs a key")
	case !isAudience(config.Subgraph):
		return nil, fmt.Errorf("the name %q of a subgraph is not printable ASCII", config.Subgraph)
	case config.Expires < time.Second || config.Expires > maxExpires || config.Expires%time.Second != 0:
		return nil, fmt.Errorf("signatures expire after whole seconds, from 1s to %s, and not after %s", maxExpires, config.Expires)
	case !isFieldValue(config.ContentType) || !isFieldValue(config.Query):
		return nil, errors.New("the content type or the query string has a line end in it")
	}
	return &Signer{
		subgraph: config.Subgraph,
		key:      config.Key,
		head: `"@method": POST` + "\n" + `"@query": ?` + config.Query + "\n" +
			`"content-type": ` + trimSpace(config.ContentType) + "\n" + `"content-digest": `,
		audience: "\n" + `"graphql-subgraph": ` + config.Subgraph + "\n",
		tail:     `";keyid=` + string(appendSFString(nil, string(config.Key.id))) + `;alg="` + algorithm + `";tag="` + tag + `"`,
		seconds:  int64(config.Expires / time.Second),
		now:      config.Now,
		nonce:    func(n *[16]byte) { _, _ = rand.Read(n[:]) }, // it never fails
	}, nil
}

// isAudience tells whether name can be the value of a field without being changed on the way.
func isAudience(name string) bool {
	return name != "" && trimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
}

// Signed is what a signed request carries.
type Signed struct {
	ContentDigest   string
	GraphQLSubgraph string
	SignatureInput  string
	Signature       string
}

// Set sets the header fields Content-Digest, Graphql-Subgraph, Signature-Input and Signature.
func (s *Signed) Set(h http.Header) {
	values := [...]string{s.ContentDigest, s.GraphQLSubgraph, s.SignatureInput, s.Signature}
	h[digestField] = values[0:1:1]
	h[subgraphField] = values[1:2:2]
	h[inputField] = values[2:3:3]
	h[signatureField] = values[3:4:4]
}

// Sign signs a POST request with this body and these session headers, with a nonce of its own. The body must not be
// changed any more, and of each session header exactly this value must be sent. White space around values is not
// part of them; other bytes are signed as they are sent. The error is about a session header: a name that is not in lower
// case, is there twice or is one of the signature's own, or a value with CR, LF or NUL.
func (s *Signer) Sign(body []byte, session []Field) (Signed, error) {
	if err := checkSession(session); err != nil {
		return Signed{}, err
	}
	st := s.key.get()
	defer s.key.put(st)
	digest := sha256.Sum256(body)

	base := st.buf[:0]
	base = append(base, s.head...)
	digestAt := len(base)
	base = appendDigest(base, &digest)
	digestEnd := len(base)
	base = append(base, s.audience...)
	for _, f := range session {
		base = append(base, '"')
		base = append(base, f.Name...)
		base = append(base, `": `...)
		base = append(base, trimSpace(f.Value)...)
		base = append(base, '\n')
	}
	base = append(base, `"@signature-params": `...)
	inputAt := len(base)
	base = s.appendInput(base, session, &st.nonce)
	end := len(base)
	mac := st.sign(base)

	// What goes into the header follows the base, and becomes one string.
	base = append(base, base[digestAt:digestEnd]...)
	inputFrom := len(base) - end
	base = append(base, label+"="...)
	base = append(base, base[inputAt:end]...)
	signatureFrom := len(base) - end
	base = append(base, label+"=:"...)
	base = base64.StdEncoding.AppendEncode(base, mac)
	base = append(base, ':')
	st.buf = base
	text := string(base[end:])
	return Signed{
		ContentDigest:   text[:inputFrom],
		GraphQLSubgraph: s.subgraph,
		SignatureInput:  text[inputFrom:signatureFrom],
		Signature:       text[signatureFrom:],
	}, nil
}

// appendInput appends the list of components and the parameters.
func (s *Signer) appendInput(dst []byte, session []Field, nonce *[16]byte) []byte {
	dst = append(dst, `("@method" "@query" "content-type" "content-digest" "graphql-subgraph"`...)
	for _, f := range session {
		dst = append(dst, ` "`...)
		dst = append(dst, f.Name...)
		dst = append(dst, '"')
	}
	created := s.now().Unix()
	dst = append(dst, ");created="...)
	dst = strconv.AppendInt(dst, created, 10)
	dst = append(dst, ";expires="...)
	dst = strconv.AppendInt(dst, created+s.seconds, 10)
	dst = append(dst, `;nonce="`...)
	s.nonce(nonce)
	dst = base64.StdEncoding.AppendEncode(dst, nonce[:])
	return append(dst, s.tail...)
}

// appendDigest appends the value of Content-Digest (RFC 9530, section 2).
func appendDigest(dst []byte, digest *[sha256.Size]byte) []byte {
	dst = append(dst, "sha-256=:"...)
	dst = base64.StdEncoding.AppendEncode(dst, digest[:])
	return append(dst, ':')
}

func checkSession(session []Field) error {
	for i, f := range session {
		if !isFieldName(f.Name) || isRequired(f.Name) {
			return fmt.Errorf("%q is not the name of a session header in lower case", f.Name)
		}
		for _, other := range session[:i] {
			if other.Name == f.Name {
				return fmt.Errorf("the session header %q is there twice", f.Name)
			}
		}
		if !isFieldValue(f.Value) {
			return fmt.Errorf("the session header %q has a line end or NUL in its value", f.Name)
		}
	}
	return nil
}
