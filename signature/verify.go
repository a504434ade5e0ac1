package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// VerifierConfig says what a Verifier accepts.
type VerifierConfig struct {
	// Subgraph is the audience: requests to others are refused.
	Subgraph string
	// Keys are the subgraph's own keys; see Secret.Derive. Their ids differ.
	Keys []*Key
	// SessionPrefix is what names of session headers start with: each that a message has must be covered. None when empty.
	SessionPrefix string
	// ClockSkew is how far in the future a signature may have been made.
	ClockSkew time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Verifier checks the message signatures of one subgraph's requests. It is safe for concurrent use. It does not know which
// nonces were used; whoever calls it must remember them.
type Verifier struct {
	config VerifierConfig
	keys   map[KeyID]*Key
}

// Verified is a message whose signature holds.
type Verified struct {
	KeyID KeyID
	// Nonce makes the signature good for one request.
	Nonce [16]byte
	// The signature is good from Created until the end of the second Expires.
	Created, Expires time.Time
	digest           [sha256.Size]byte
}

// NewVerifier returns a Verifier. The error names what is wrong with the configuration.
func NewVerifier(config VerifierConfig) (*Verifier, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	v := &Verifier{config: config, keys: map[KeyID]*Key{}}
	if !isAudience(config.Subgraph) {
		return nil, fmt.Errorf("the name %q of a subgraph is not printable ASCII", config.Subgraph)
	}
	if len(config.Keys) == 0 {
		return nil, errors.New("a verifier needs a key")
	}
	if config.ClockSkew < 0 || config.ClockSkew > maxExpires {
		return nil, fmt.Errorf("a clock skew of %s is not between 0s and %s", config.ClockSkew, maxExpires)
	}
	for _, k := range config.Keys {
		if v.keys[k.id] != nil {
			return nil, fmt.Errorf("two keys have the id %q", k.id)
		}
		v.keys[k.id] = k
	}
	return v, nil
}

// Verify checks a message with its body: VerifyHeader and VerifyBody.
func (v *Verifier) Verify(m Message, body []byte) (Verified, error) {
	verified, err := v.VerifyHeader(m)
	if err != nil {
		return Verified{}, err
	}
	return verified, verified.VerifyBody(body)
}

// VerifyHeader checks all but the body, which need not have been read yet. Errors are *Error with Missing when the message has
// no signature with our tag, or with Invalid, Expired (not yet valid, too), WrongAudience or UnknownKey.
func (v *Verifier) VerifyHeader(m Message) (Verified, error) {
	c := checks.Get().(*check)
	defer c.release()
	c.verifier, c.message = v, m
	for _, step := range checkSteps {
		if err := step(c); err != nil {
			return Verified{}, err
		}
	}
	return c.verified, nil
}

// VerifyBody checks that body is what was signed. The error is an *Error with Invalid.
func (s *Verified) VerifyBody(body []byte) error {
	digest := sha256.Sum256(body)
	if !hmac.Equal(digest[:], s.digest[:]) {
		return refuse(Invalid, "the body has another digest than Content-Digest says")
	}
	return nil
}

// checkSteps is the order in which a message is checked: what needs no hashing comes first, and nothing is believed
// before the last step.
var checkSteps = []func(*check) error{
	(*check).selectOurs,    // exactly one signature has our tag
	(*check).parameters,    // what it says about itself
	(*check).components,    // it covers what it must, each once
	(*check).audience,      // before the key: the same key id stands for another key at another subgraph
	(*check).time,          // before the key: cheaper than hashing
	(*check).session,       // nothing that looks like identity is uncovered
	(*check).contentDigest, // what the body must be
	(*check).mac,
}

// check is one verification.
type check struct {
	verifier *Verifier
	message  Message
	verified Verified

	inputs, signatures, digest dictionary

	input   *entry // ours, of inputs
	given   [sha256.Size]byte
	created int64
	expires int64
	base    []byte
}

var checks = sync.Pool{New: func() any { return new(check) }}

func (c *check) release() {
	c.inputs.reset()
	c.signatures.reset()
	c.digest.reset()
	c.verifier, c.message, c.input, c.verified = nil, Message{}, nil, Verified{}
	if cap(c.base) > maxSpare {
		c.base = nil
	}
	checks.Put(c)
}

// selectOurs finds the signature with our tag.
func (c *check) selectOurs() error {
	lines := c.message.Header[inputField]
	if len(lines) == 0 {
		return refuse(Missing, "there is no Signature-Input")
	}
	if err := c.inputs.parse(strings.Join(lines, ", ")); err != nil {
		return refuse(Invalid, "Signature-Input: %v", err)
	}
	for i := range c.inputs.entries {
		e := &c.inputs.entries[i]
		p := c.inputs.param(e.params, "tag")
		if p == nil || p.value.kind != bareString || p.value.text != tag {
			continue
		}
		if c.input != nil {
			return refuse(Invalid, "two signatures have the tag %s", tag)
		}
		c.input = e
	}
	if c.input == nil {
		return refuse(Missing, "no signature has the tag %s", tag)
	}
	if err := c.signatures.parse(strings.Join(c.message.Header[signatureField], ", ")); err != nil {
		return refuse(Invalid, "Signature: %v", err)
	}
	value := c.signatures.get(c.input.key)
	if value == nil || value.isList || value.value.kind != bareBytes {
		return refuse(Invalid, "Signature has no bytes for %s", c.input.key)
	}
	if c.input.repeated || value.repeated || !c.input.isList {
		return refuse(Invalid, "%s is there twice, or is no list of components", c.input.key)
	}
	var ok bool
	if c.given, ok = decodeSum(value.value.text); !ok {
		return refuse(Invalid, "the signature is not 32 bytes")
	}
	return nil
}

// parameters reads what the signature says about itself. The algorithm is ours, whatever it says.
func (c *check) parameters() error {
	for _, p := range c.inputs.params[c.input.params.from:c.input.params.to] {
		if p.repeated {
			return refuse(Invalid, "the parameter %s is there twice", p.key)
		}
	}
	created, hasCreated := c.number("created")
	expires, hasExpires := c.number("expires")
	keyID, hasKey := c.text("keyid")
	nonce, hasNonce := c.text("nonce")
	if !hasCreated || !hasExpires || !hasKey || !hasNonce {
		return refuse(Invalid, "created, expires, keyid or nonce is missing, or of another type")
	}
	if alg := c.inputs.param(c.input.params, "alg"); alg != nil && (alg.value.kind != bareString || alg.value.text != algorithm) {
		return refuse(Invalid, "alg is not %s", algorithm)
	}
	c.created, c.expires = created, expires
	c.verified.KeyID = KeyID(keyID)
	c.verified.Created, c.verified.Expires = time.Unix(created, 0), time.Unix(expires, 0)
	if !decodeNonce(&c.verified.Nonce, nonce) {
		return refuse(Invalid, "the nonce is not the base64 of 16 bytes")
	}
	return nil
}

func (c *check) number(name string) (int64, bool) {
	p := c.inputs.param(c.input.params, name)
	if p == nil || p.value.kind != bareInteger {
		return 0, false
	}
	return p.value.number, true
}

func (c *check) text(name string) (string, bool) {
	p := c.inputs.param(c.input.params, name)
	if p == nil || p.value.kind != bareString {
		return "", false
	}
	return p.value.text, true
}

// encodedNonce is how long the base64 of a nonce is.
const encodedNonce = 24

func decodeNonce(n *[16]byte, text string) bool {
	var from [encodedNonce]byte
	var room [encodedNonce]byte
	if len(text) != encodedNonce {
		return false
	}
	copy(from[:], text)
	size, err := strictBase64.Decode(room[:], from[:])
	copy(n[:], room[:])
	return err == nil && size == len(n)
}

// components checks what the signature covers. A field that is covered has one line: where it had two, taking
// the first, as most programs do, would be another value than the one that was signed.
func (c *check) components() error {
	seen := 0
	for _, it := range c.inputs.items[c.input.items.from:c.input.items.to] {
		name := it.value.text
		if isRequired(name) && it.value.kind == bareString {
			seen++ // twice is an error of the base
		}
		if !isFieldName(name) {
			continue
		}
		if len(c.message.field(name)) != 1 {
			return refuse(Invalid, "the message does not have exactly one line of %q", name)
		}
	}
	if seen < len(required) {
		return refuse(Invalid, "not all of %q are covered", required)
	}
	return nil
}

func (c *check) audience() error {
	if name := trimSpace(c.message.Header.Get(subgraphField)); name != c.verifier.config.Subgraph {
		return refuse(WrongAudience, "the request is for %q", name)
	}
	return nil
}

// time checks the window. Seconds are what the signature counts in.
func (c *check) time() error {
	if window := c.expires - c.created; window <= 0 || window > int64(maxExpires/time.Second) {
		return refuse(Invalid, "the signature is made for %d seconds", window)
	}
	now := c.verifier.config.Now()
	switch {
	case now.Unix() > c.expires:
		return refuse(Expired, "it expired %s ago", now.Sub(c.verified.Expires))
	case c.verified.Created.After(now.Add(c.verifier.config.ClockSkew)):
		return refuse(Expired, "it was made %s in the future", c.verified.Created.Sub(now))
	}
	return nil
}

// session checks that each session header of the message is covered.
func (c *check) session() error {
	prefix := c.verifier.config.SessionPrefix
	if prefix == "" {
		return nil
	}
	for name := range c.message.Header {
		if isSession(name, prefix) && (name != http.CanonicalHeaderKey(name) || !c.covers(name)) {
			return refuse(Invalid, "the session header %s is not covered", name)
		}
	}
	return nil
}

func (c *check) covers(name string) bool {
	for _, it := range c.inputs.items[c.input.items.from:c.input.items.to] {
		if strings.EqualFold(it.value.text, name) {
			return true
		}
	}
	return false
}

// contentDigest reads Content-Digest: one SHA-256, since the meaning of other algorithms could not be checked.
func (c *check) contentDigest() error {
	if err := c.digest.parse(c.message.Header.Get(digestField)); err != nil {
		return refuse(Invalid, "Content-Digest: %v", err)
	}
	e := c.digest.get("sha-256")
	if e == nil || len(c.digest.entries) != 1 || e.repeated || e.isList || e.value.kind != bareBytes {
		return refuse(Invalid, "Content-Digest is not one sha-256")
	}
	var ok bool
	if c.verified.digest, ok = decodeSum(e.value.text); !ok {
		return refuse(Invalid, "the digest is not 32 bytes")
	}
	return nil
}

// mac makes everything before it true.
func (c *check) mac() error {
	key := c.verifier.keys[c.verified.KeyID]
	if key == nil {
		return refuse(UnknownKey, "there is no key %q", c.verified.KeyID)
	}
	base, err := appendBase(c.base[:0], &c.message, &c.inputs, c.input)
	if err != nil {
		return refuse(Invalid, "%v", err)
	}
	c.base = base
	c.verified.KeyID = key.id // not a part of the request's header
	s := key.get()
	defer key.put(s)
	if !hmac.Equal(s.sign(base), c.given[:]) {
		return refuse(Invalid, "the signature does not match") // the base has session values in it: not for logs
	}
	return nil
}
