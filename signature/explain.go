package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Explain tells, line by line, what Verify finds in a message, and goes on where Verify would stop: for people who look at a
// captured request. The error is that of Verify. Where the MAC does not hold, it looks for what would have to be different for
// it to hold, and says so: what was changed on the way, or what the signer did otherwise. It tells values of the message,
// identities included, and no secret; it is slow, and not for what strangers send.
func (v *Verifier) Explain(m Message, body []byte) ([]string, error) {
	_, err := v.Verify(m, body)
	x := &explanation{check: check{verifier: v, message: m}, body: body}
	x.explain()
	return x.lines, err
}

// explanation is one run.
type explanation struct {
	check

	body  []byte
	lines []string
}

func (x *explanation) say(what, format string, args ...any) {
	x.lines = append(x.lines, fmt.Sprintf("%-12s %s", what, fmt.Sprintf(format, args...)))
}

// tell says what a step found.
func (x *explanation) tell(what string, err error, fine string) {
	if err != nil {
		x.say(what, "%v", err)
		return
	}
	x.say(what, "ok: %s", fine)
}

func (x *explanation) explain() {
	if err := x.selectOurs(); err != nil {
		x.tell("signature", err, "")
		return
	}
	x.tell("signature", nil, "one has the tag "+tag+", its label is "+x.input.key)
	if err := x.parameters(); err != nil {
		x.tell("parameters", err, "")
		return
	}
	id := x.verified.KeyID
	created := x.verified.Created.UTC().Format(time.RFC3339)
	x.tell("parameters", nil, fmt.Sprintf("created %s, good for %d s, keyid %q", created, x.expires-x.created, id))
	x.tell("components", x.components(), "all that must be covered are, each once")
	x.tell("audience", x.audience(), x.verifier.config.Subgraph)
	x.tell("time", x.time(), "now is within it")
	x.tell("session", x.session(), "each header with the prefix "+quoteOrNone(x.verifier.config.SessionPrefix)+" is covered")
	x.tell("digest", x.bodyDigest(), "the body has the digest that Content-Digest says")
	x.tell("mac", x.mac(), "the signature is that of the base below, with the key "+string(id))
	x.verified.KeyID = id
	base, err := appendBase(nil, &x.message, &x.inputs, x.input)
	if err != nil {
		x.say("base", "cannot be made: %v", err)
		return
	}
	if key := x.verifier.keys[id]; key == nil || !key.made(x.given, base) {
		x.suppose()
	}
	x.lines = append(x.lines, "", "The signature base of the message as it is, without a line end after the last line:", "")
	x.lines = append(x.lines, strings.Split(string(base), "\n")...)
}

func quoteOrNone(prefix string) string {
	if prefix == "" {
		return "(none)"
	}
	return prefix
}

// bodyDigest compares the body with Content-Digest.
func (x *explanation) bodyDigest() error {
	if err := x.contentDigest(); err != nil {
		return err
	}
	if err := x.verified.VerifyBody(x.body); err != nil {
		digest := sha256.Sum256(x.body)
		return fmt.Errorf("%w: the body, %d bytes, has %s", err, len(x.body), appendDigest(nil, &digest))
	}
	return nil
}

// supposition is something that may have been different when the message was signed.
type supposition struct {
	what  string
	apply func(*Message)
}

// suppositions are those that change something.
func (x *explanation) suppositions() []supposition {
	digest := sha256.Sum256(x.body)
	field := func(name, value string) supposition {
		return supposition{fmt.Sprintf("%s was %q", strings.ToLower(name), value), func(m *Message) { m.Header[name] = []string{value} }}
	}
	all := []supposition{
		{`@method was "POST"`, func(m *Message) { m.Method = http.MethodPost }},
		{`@query was "?"`, func(m *Message) { m.Query = "" }},
		field(typeField, "application/json"),
		field(typeField, "application/json; charset=utf-8"),
		field(digestField, string(appendDigest(nil, &digest))),
		field(subgraphField, x.verifier.config.Subgraph),
	}
	for _, it := range x.inputs.items[x.input.items.from:x.input.items.to] {
		name := http.CanonicalHeaderKey(it.value.text)
		if isRequired(it.value.text) || !isFieldName(it.value.text) {
			continue
		}
		if values := x.message.Header[name]; len(values) > 1 {
			all = append(all, field(name, values[0]), field(name, values[len(values)-1]))
		}
	}
	all = slices.DeleteFunc(all, func(s supposition) bool {
		changed := x.supposed([]supposition{s})
		before, _ := appendBase(nil, &x.message, &x.inputs, x.input)
		after, err := appendBase(nil, &changed, &x.inputs, x.input)
		return err != nil || string(before) == string(after)
	})
	return all[:min(len(all), maxSuppositions)]
}

// maxSuppositions bounds the search, which tries all sets of them.
const maxSuppositions = 10

// supposed returns the message as it would have been.
func (x *explanation) supposed(given []supposition) Message {
	m := x.message
	m.Header = m.Header.Clone()
	for _, s := range given {
		s.apply(&m)
	}
	return m
}

// suppose looks for the fewest suppositions, and the key, with which the MAC holds.
func (x *explanation) suppose() {
	all := x.suppositions()
	subsets := 1 << len(all)
	order := make([]int, subsets)
	for i := range order {
		order[i] = i
	}
	ones := func(n int) (count int) {
		for ; n > 0; n &= n - 1 {
			count++
		}
		return count
	}
	slices.SortStableFunc(order, func(a, b int) int { return ones(a) - ones(b) })
	for _, subset := range order {
		var given []supposition
		for i, s := range all {
			if subset&(1<<i) != 0 {
				given = append(given, s)
			}
		}
		m := x.supposed(given)
		base, err := appendBase(nil, &m, &x.inputs, x.input)
		if err != nil {
			continue
		}
		for id, key := range x.verifier.keys {
			if key.made(x.given, base) {
				x.found(id, given)
				return
			}
		}
	}
	x.say("supposed", "the signature holds neither with other usual values of what is covered nor with another of the keys: something "+
		"else was changed, the base was written in another way than below, or the key is another")
}

// made tells whether the key makes this signature of the base.
func (k *Key) made(signature [sha256.Size]byte, base []byte) bool {
	s := k.get()
	defer k.put(s)
	return hmac.Equal(s.sign(base), signature[:])
}

// found says with what the MAC holds.
func (x *explanation) found(id KeyID, given []supposition) {
	for _, s := range given {
		x.say("differs", "the signature holds if %s when it was made", s.what)
	}
	if id != x.verified.KeyID {
		x.say("differs", "the signature was made with the key that is called %q here, and names %q", id, x.verified.KeyID)
	}
}
